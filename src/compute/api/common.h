/* SPDX-License-Identifier: Apache-2.0 */
/* What several resources of compute do alike. */
#pragma once

#include "compute/compute.h"

/* "/v2.1/PATH" under the URL that the client used. */
const char *own_url(struct request *rq, const char *path);

/* "links": [{"rel": "self", …/v2.1/PATH}, {"rel": "bookmark", …/PATH}] */
void write_links(struct request *rq, struct jw *w, const char *path);
void write_bookmark(struct request *rq, struct jw *w, const char *path);

/* True when the caller administers the cloud. */
bool is_admin(struct request *rq);

/* A body's member that must be an object whose values are text within bounds
 * (metadata, extra specs).  What is not text is 400. */
int check_string_map(struct request *rq, const char *name, const json_t *o, size_t key_max, size_t value_max,
                     struct err *err);

/* JSON text of the service as a value; an empty object for null. */
json_t *json_of(const char *text);

/* Writes 'text', a JSON value of the service, or 'otherwise'. */
void write_json(struct jw *w, const char *name, const char *text, const char *otherwise);

/* "limit=0" asks for no rows at all. */
bool wants_none(struct request *rq);

/* Rows of 'res' as the query string asks, with 'before' adding conditions;
 * 400 for an unknown marker, as compute has it. */
int list_rows(struct request *rq, const struct resource *res,
              int (*before)(struct request *rq, struct query *q, struct err *err), struct list *ret,
              struct err *err);

/* The member of the list's answer that leads to the next page. */
void write_next(struct request *rq, struct jw *w, const char *name, const struct resource *res,
                const struct list *l);

/* For field.check: an address of either version, or of one. */
const char *check_address(const char *v);
const char *check_ipv4(const char *v);
const char *check_ipv6(const char *v);

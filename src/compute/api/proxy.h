/* SPDX-License-Identifier: Apache-2.0 */
/* What compute still answers for the image and the network service, to clients of old
 * microversions: each call is made there with the caller's own token. */
#pragma once

#include "client/service_call.h"
#include "compute/api/common.h"

/* One call to 'service' as the caller.  'ret' may be null.  The answer's errors are
 * the other service's, with 409 as 400 and an exceeded quota as 403. */
int proxy_call(struct request *rq, const char *service, enum http_method method, char *path,
               const json_t *body, json_t **ret, struct err *err);

/* GET of a list of the network service: "/v2.0/PLURAL?QUERY" (null: no query); '*ret' is the
 * list under 'key'. */
int proxy_list(struct request *rq, const char *plural, const char *key, const char *query, json_t **ret,
               struct err *err);

/* "NAME=VALUE" with the value escaped. */
const char *query_pair(struct arena *a, const char *name, const char *value);

/* A group of the network service as compute shows it: 'name' is null in a list.  'known' are
 * groups, for the names of those that rules let in. */
void write_security_group(struct jw *w, const char *name, const json_t *group, const json_t *known);

/* One of its rules; false and nothing written when the group that it lets in is not known. */
bool write_security_group_rule(struct jw *w, const char *name, const json_t *rule, const json_t *known);

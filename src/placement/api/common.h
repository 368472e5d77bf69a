/* SPDX-License-Identifier: Apache-2.0 */
/* What the handlers of placement have in common. */
#pragma once

#include "placement/placement.h"
#include "placement/store/names.h"

/* 415 unless the body came as JSON, 400 when there is none. */
int body_required(struct request *rq, struct err *err);

/* Reads the body (or 'o') by 'fields'; what no row names is refused. */
int body_read(struct request *rq, const struct field *fields, const json_t *o, void *ret, struct err *err);

/* 400 "JSON does not validate: …", with the word of JSON schema that is not met;
 * the same for parameters of the query. */
int body_refuse(struct err *err, const char *keyword, const char *fmt, ...) attr_printf(3, 4);
int query_refuse(struct err *err, const char *keyword, const char *fmt, ...) attr_printf(3, 4);

/* 406 when the client takes anything but JSON. */
int accept_json(struct request *rq, struct err *err);

/* Ends an answer; from 1.15 on with its age.  0: now. */
int reply_aged(struct request *rq, int status, int64_t modified_us);
int reply_aged_empty(struct request *rq, int status, int64_t modified_us);

/* Location: 'path' on this server. */
void reply_location(struct request *rq, const char *path);

/* The provider in the path, for a client that takes JSON.  404 with the API's words. */
int read_provider(struct request *rq, struct txn **ret_txn, struct provider *ret, struct err *err);

/* The same, locked until the transaction ends; change_provider() also wants a
 * body, as body_required() does. */
int lock_provider(struct request *rq, struct txn **ret_txn, struct provider *ret, struct err *err);
int change_provider(struct request *rq, struct txn **ret_txn, struct provider *ret, struct err *err);

/* 400 unless every parameter of the query is one of 'names' (ended by null). */
int query_allows(struct request *rq, const char *const *names, struct err *err);

/* "CUSTOM_" and capitals, digits, underscores. */
bool is_custom_name(const char *s);

/* Capitals, digits, underscores. */
bool is_class_name(const char *s);

/* 36 characters of hex digits and dashes. */
bool is_uuid_key(const char *s);

/* 409 "… generation already changed". */
int generation_conflict(struct err *err, const char *words);

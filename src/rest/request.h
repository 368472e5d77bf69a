/* SPDX-License-Identifier: Apache-2.0 */
/* A request on its way through a service, and what a handler may do with it. */
#pragma once

#include "data/table.h"
#include "rest/resource.h"
#include "rest/route.h"
#include "rest/token.h"
#include "wire/json.h"
#include "wire/url.h"

struct server;
struct route_set;

#define PATH_PARAMS_MAX 6

struct request {
    struct arena *arena;
    struct http_request *http;
    struct server *server;
    void *state; /* server->state: what the service keeps. */
    const struct route *route;
    const char *request_id;                         /* "req-…", in every answer and log line. */
    const char *global_request_id;                  /* From the client, or null. */
    const struct token *token;                      /* Null on open routes without a token. */
    bool legacy;                                    /* Came below service->legacy_prefix. */
    unsigned version;                               /* Minor microversion; 0 in services without. */
    struct query_param params[PATH_PARAMS_MAX + 1]; /* Of the path. */
    struct query_param *query;                      /* Of the query string, ended by a null name. */
    size_t n_query;
    json_t *json;    /* The body; null without one. */
    json_t *in;      /* The object inside its envelope. */
    void *body;      /* 'in' read by the route's rows. */
    uint64_t given;  /* Which rows were in it. */
    void *object;    /* What route.load found. */
    struct txn *txn; /* Null until rq_txn(). */
    bool txn_write;
    int status;                       /* Of the reply; 0 until there is one. */
    const struct field *shown_fields; /* Cache of fields_shown(). */
    uint64_t shown;
    bool committed; /* Something was committed already: the request may not be run again. */
    bool checked_token;
    const struct route_set *routes; /* What the path may mean, until the action is known. */
    const char *path_project;       /* Project named in the path of a service that allows it, or null. */
    struct strbuf out;              /* The answer being written. */
    struct jw jw;
    void (*after_commit)(struct request *rq, void *ctx); /* See rq_after_commit(). */
    void *after_commit_ctx;
};

/* A {name} of the path; never null for a name in the route. */
const char *rq_param(const struct request *rq, const char *name);

/* The first 'name=' of the query string, or null. */
const char *rq_query(const struct request *rq, const char *name);
bool rq_query_has(const struct request *rq, const char *name);

/* A header, or null. */
const char *rq_header(const struct request *rq, const char *name);

/* True when the body had the member at 'offset' of the structure read. */
bool rq_given(const struct request *rq, size_t offset);
#define RQ_GIVEN(rq, s, member) rq_given((rq), offsetof(struct s, member))

/* The request's transaction, begun at first use: reading for GET and HEAD,
 * writing otherwise.  It is committed when the handler returned >= 0, before
 * the answer goes out, and rolled back when it failed. */
int rq_txn(struct request *rq, struct txn **ret, struct err *err);

/* The same, always writing. */
int rq_txn_write(struct request *rq, struct txn **ret, struct err *err);

/* Commits now, before something slow; a later rq_txn() begins a new one. */
int rq_commit(struct request *rq, struct err *err);

/* Runs 'fn' once after the commit (kick a worker, publish a change). */
void rq_after_commit(struct request *rq, void (*fn)(struct request *rq, void *ctx), void *ctx);

/* Adds a condition to a query being built. */
void rq_cond(struct request *rq, struct query *q, struct cond c);

/* Asks policy with attributes from 'fields' of 'obj' (may be null; then the
 * token's own project_id and user_id are the target).  0 or -EACCES in the
 * dialect's words. */
int rq_authorize(struct request *rq, const char *rule, const struct field *fields, const void *obj,
                 struct err *err);
int rq_authorize_target(struct request *rq, const char *rule, const struct policy_target *target,
                        struct err *err);
bool rq_can(struct request *rq, const char *rule);
bool rq_can_target(struct request *rq, const char *rule, const struct policy_target *target);

/* --- Answers ---------------------------------------------------------------*/

/* Starts a JSON answer; write to the result, then reply_end(). */
struct jw *reply_begin(struct request *rq);
int reply_end(struct request *rq, int status);

/* {"KEY": {rows of obj}} ; key null: without envelope. */
int reply_object(struct request *rq, const char *key, const struct field *fields, const void *obj,
                 int status);
int reply_empty(struct request *rq, int status);
int reply_text(struct request *rq, int status, const char *content_type, const char *text, size_t n);
void reply_header(struct request *rq, const char *name, const char *value);

/* The base URL that the client used: "http://host:port" (Host header, or
 * X-Forwarded-* when configured). */
const char *rq_base_url(struct request *rq);

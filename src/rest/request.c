/* SPDX-License-Identifier: Apache-2.0 */
#include "rest/request.h"

#include "base/str.h"
#include "rest/dialect.h"
#include "rest/server.h"

const char *rq_param(const struct request *rq, const char *name)
{
    for (const struct query_param *p = rq->params; p->name; p++)
        if (strcmp(p->name, name) == 0)
            return p->value;
    return NULL;
}

const char *rq_query(const struct request *rq, const char *name)
{
    for (size_t i = 0; i < rq->n_query; i++)
        if (strcmp(rq->query[i].name, name) == 0)
            return rq->query[i].value;
    return NULL;
}

bool rq_query_has(const struct request *rq, const char *name)
{
    return rq_query(rq, name) != NULL;
}

const char *rq_header(const struct request *rq, const char *name)
{
    return http_header_get(rq->http, name);
}

bool rq_given(const struct request *rq, size_t offset)
{
    const struct field *f = rq->route->in         ? rq->route->in
                            : rq->route->resource ? rq->route->resource->fields
                                                  : NULL;

    for (unsigned i = 0; f && f[i].name; i++)
        if (f[i].offset == offset && (rq->given & UINT64_C(1) << i))
            return true;
    return false;
}

static int begin(struct request *rq, bool write, struct txn **ret, struct err *err)
{
    int r;

    if (rq->txn && write && !rq->txn_write)
        txn_rollback(&rq->txn); /* It only read; what it read is read again by who relies on it. */
    if (!rq->txn) {
        r = txn_begin(rq->server->db, write, &rq->txn, err);
        if (r < 0)
            return r;
        rq->txn_write = write;
    }
    *ret = rq->txn;
    return 0;
}

int rq_txn(struct request *rq, struct txn **ret, struct err *err)
{
    bool write = rq->http->method != HTTP_GET && rq->http->method != HTTP_HEAD;

    return begin(rq, rq->txn ? rq->txn_write : write, ret, err);
}

int rq_txn_write(struct request *rq, struct txn **ret, struct err *err)
{
    return begin(rq, true, ret, err);
}

int rq_commit(struct request *rq, struct err *err)
{
    const struct service *svc = rq->server->service;
    int r = 0;

    if (!rq->txn)
        return 0;
    if (rq->txn_write && svc->committing)
        r = svc->committing(rq, err);
    if (r >= 0)
        r = txn_commit(&rq->txn, err);
    if (r < 0)
        return r;
    rq->committed = rq->committed || rq->txn_write;
    return 0;
}

void rq_after_commit(struct request *rq, void (*fn)(struct request *rq, void *ctx), void *ctx)
{
    rq->after_commit = fn;
    rq->after_commit_ctx = ctx;
}

void rq_cond(struct request *rq, struct query *q, struct cond c)
{
    struct cond *all = arena_array(rq->arena, struct cond, q->n_conds + 1);

    if (q->n_conds)
        memcpy(all, q->conds, q->n_conds * sizeof(*all));
    all[q->n_conds++] = c;
    q->conds = all;
}

/* --- policy ---------------------------------------------------------------- */

struct object_target {
    const struct request *rq;
    const struct field *fields;
    const void *obj;
    const char *prefix;
};

/* Attributes are the object's members; without an object, and for names that it
 * lacks, the path's parameters and the token's own project and user. */
static const char *object_attr(const void *ctx, struct arena *a, const char *name)
{
    const struct object_target *t = ctx;
    const struct field *f;
    const char *v;

    if (t->obj) {
        size_t n = t->prefix ? strlen(t->prefix) : 0;

        if (n && strncmp(name, t->prefix, n) == 0 && name[n] == '.')
            name += n + 1;
        f = field_named(t->fields, name);
        if (!f && (strcmp(name, "project_id") == 0 || strcmp(name, "tenant_id") == 0))
            f = field_named(t->fields, name[0] == 'p' ? "tenant_id" : "project_id");
        if (!f)
            return rq_param(t->rq, name);
        v = field_text(a, f, t->obj);
        return !v && f->type == FIELD_STRING ? POLICY_NONE : v; /* It has it, with the value null. */
    }
    v = rq_param(t->rq, name);
    if (v)
        return v;
    if (!t->rq->token)
        return NULL;
    if (strcmp(name, "project_id") == 0 || strcmp(name, "tenant_id") == 0)
        return t->rq->token->project_id;
    return strcmp(name, "user_id") == 0 ? t->rq->token->user_id : NULL;
}

/* The same for a rule that asks another server: the whole object, as it is
 * shown, and what the path names. */
static const char *object_json(const void *ctx, struct arena *a)
{
    const struct object_target *t = ctx;
    struct strbuf b;
    struct jw w;

    strbuf_init(&b, a);
    jw_init(&w, &b);
    jw_object(&w, NULL);
    if (t->obj)
        fields_write((struct request *) t->rq, &w, t->fields, t->obj);
    for (const struct query_param *p = t->rq->params; p->name; p++)
        if (!t->obj || !field_named(t->fields, p->name))
            jw_str(&w, p->name, p->value);
    jw_end_object(&w);
    return strbuf_str(&b);
}

bool rq_can_target(struct request *rq, const char *rule, const struct policy_target *target)
{
    return rq->token && policy_allows(rq->server->policy, rq->arena, rule, rq->token, target);
}

bool rq_can(struct request *rq, const char *rule)
{
    struct object_target t = { rq, NULL, NULL, NULL };

    return rq_can_target(rq, rule, &(struct policy_target){ object_attr, &t, object_json });
}

int rq_authorize_target(struct request *rq, const char *rule, const struct policy_target *target,
                        struct err *err)
{
    if (rq_can_target(rq, rule, target))
        return 0;
    return rq->server->service->dialect->forbidden(rq, err, rule);
}

int rq_authorize(struct request *rq, const char *rule, const struct field *fields, const void *obj,
                 struct err *err)
{
    struct object_target t = { rq, fields, obj, rq->route->target_prefix };

    return rq_authorize_target(rq, rule, &(struct policy_target){ object_attr, &t, object_json }, err);
}

/* --- answers --------------------------------------------------------------- */

struct jw *reply_begin(struct request *rq)
{
    strbuf_init(&rq->out, rq->arena);
    jw_init(&rq->jw, &rq->out);
    return &rq->jw;
}

int reply_end(struct request *rq, int status)
{
    rq->status = status;
    http_reply(rq->http, status, "application/json", strbuf_str(&rq->out), rq->out.len);
    return 0;
}

int reply_object(struct request *rq, const char *key, const struct field *fields, const void *obj, int status)
{
    struct jw *w = reply_begin(rq);

    jw_object(w, NULL);
    if (key)
        jw_object(w, key);
    fields_write(rq, w, fields, obj);
    if (key)
        jw_end_object(w);
    jw_end_object(w);
    return reply_end(rq, status);
}

int reply_empty(struct request *rq, int status)
{
    rq->status = status;
    http_reply(rq->http, status, NULL, NULL, 0);
    return 0;
}

int reply_text(struct request *rq, int status, const char *content_type, const char *text, size_t n)
{
    rq->status = status;
    http_reply(rq->http, status, content_type, text, n);
    return 0;
}

void reply_header(struct request *rq, const char *name, const char *value)
{
    http_reply_header(rq->http, name, value);
}

const char *rq_base_url(struct request *rq)
{
    const struct server_options *o = &rq->server->opt;
    const char *host = rq_header(rq, "Host"), *proto = "http";

    if (!str_empty(o->public_endpoint))
        return o->public_endpoint;
    if (o->trust_forwarded) {
        const char *h = rq_header(rq, "X-Forwarded-Host"), *p = rq_header(rq, "X-Forwarded-Proto");

        host = h ? h : host;
        proto = p && strcmp(p, "https") == 0 ? "https" : proto;
    }
    if (!host)
        host = arena_printf(rq->arena, "%s:%u", o->bind_host, server_port(rq->server));
    return arena_printf(rq->arena, "%s://%s", proto, host);
}

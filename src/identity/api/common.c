/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/api/common.h"

#include "base/str.h"
#include "identity/store/groups.h"
#include "identity/store/projects.h"
#include "identity/store/roles.h"
#include "identity/store/users.h"
#include "rest/dialect.h"

int own_domain(struct request *rq, const char **domain_id, struct err *err)
{
    if (!*domain_id)
        *domain_id = rq->token && rq->token->domain_id ? rq->token->domain_id : IDENTITY_DEFAULT_DOMAIN;
    return 0;
}

/* 404 in Keystone's words. */
static int not_found(struct err *err, const char *what, const char *id)
{
    return err_http(err, 404, NULL, "Could not find %s: %.255s.", what, id);
}

static int need(struct request *rq, const struct table *table, const char *what, const char *id, void *ret,
                struct err *err)
{
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    if (r >= 0)
        r = table_get(t, rq->arena, table, id, ret, err);
    return r == -ENOENT ? not_found(err, what, id) : r;
}

int need_user(struct request *rq, const char *id, struct user *ret, struct err *err)
{
    return need(rq, &user_table, "user", id, ret, err);
}

int need_group(struct request *rq, const char *id, struct group *ret, struct err *err)
{
    return need(rq, &group_table, "group", id, ret, err);
}

int need_role(struct request *rq, const char *id, struct role *ret, struct err *err)
{
    return need(rq, &role_table, "role", id, ret, err);
}

int need_project(struct request *rq, const char *id, struct project *ret, struct err *err)
{
    return need(rq, &project_table, "project", id, ret, err);
}

int need_domain(struct request *rq, const char *id, struct project *ret, struct err *err)
{
    int r = need(rq, &project_table, "domain", id, ret, err);

    return r >= 0 && !ret->is_domain ? not_found(err, "domain", id) : r;
}

int require_domain(struct request *rq, const char *domain_id, struct err *err)
{
    struct project p = { 0 };

    return need_domain(rq, domain_id, &p, err);
}

int reply_ids(struct request *rq, const struct resource *res, const char *const *ids, struct err *err)
{
    struct query q = { 0 };
    struct list objs;
    struct txn *t;
    int r;

    r = resource_query(rq, res, &q, err);
    rq_cond(rq, &q, (struct cond){ .column = res->table->key, .op = COND_IN, .list = ids });
    if (r >= 0)
        r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = table_list(t, rq->arena, res->table, &q, &objs, err);
    return r < 0 ? r : reply_resources(rq, res, &objs);
}

int extra_of(struct request *rq, const struct field *fields, const char *old, const char **ret,
             struct err *err)
{
    auto_json json_t *all = NULL;
    const char *name;
    json_t *v;
    int r;

    if (old) {
        r = json_read(old, strlen(old), &all, err);
        if (r < 0)
            return r;
    } else {
        all = json_object();
    }
    json_object_foreach (rq->in, name, v) {
        if (!field_named(fields, name) && strcmp(name, "links") != 0)
            json_object_set(all, name, v);
    }
    *ret = json_object_size(all) ? json_text(rq->arena, all) : NULL;
    return 0;
}

int merge_options(struct request *rq, const char *old, const char **options, struct err *err)
{
    auto_json json_t *all = NULL, *new = NULL;
    const char *name;
    json_t *v;
    int r;

    if (!old || !*options || old == *options)
        return 0;
    r = json_read(old, strlen(old), &all, err);
    if (r >= 0)
        r = json_read(*options, strlen(*options), &new, err);
    if (r < 0)
        return r;
    json_object_foreach (new, name, v) {
        if (json_is_null(v))
            json_object_del(all, name);
        else
            json_object_set(all, name, v);
    }
    *options = json_text(rq->arena, all);
    return 0;
}

static bool is_immutable(const char *options)
{
    auto_json json_t *o = NULL;

    return options && json_read(options, strlen(options), &o, NULL) >= 0 && json_truth(o, "immutable", false);
}

int refuse_immutable(const char *kind, const char *id, const char *options, const char *new_options,
                     struct err *err)
{
    if (!is_immutable(options) || (new_options && !is_immutable(new_options)))
        return 0;
    return err_http(err, 403, NULL, "Cannot change or delete the %s %s: it is immutable.", kind, id);
}

void write_extra(struct jw *w, const char *extra)
{
    size_t n = extra ? strlen(extra) : 0;

    if (n <= 2)
        return;
    if (w->comma)
        strbuf_putc(w->out, ',');
    strbuf_add(w->out, extra + 1, n - 2);
    w->comma = true;
}

void write_self(struct request *rq, struct jw *w, const char *plural, const char *id)
{
    jw_object(w, "links");
    jw_printf(w, "self", "%s/v3/%s/%s", rq_base_url(rq), plural, id);
    jw_end_object(w);
}

int limit_to_own_domain(struct request *rq, struct query *q, struct err *err)
{
    const struct token *t = rq->token;

    if (t->domain_id && !rq_query(rq, "domain_id"))
        rq_cond(rq, q,
                (struct cond){ .column = "domain_id", .op = COND_EQ, .value = val_text(t->domain_id) });
    return 0;
}

struct new_target {
    const char *domain_id;
};

const struct field domain_target[] = { FIELD(FIELD_STRING, new_target, domain_id), { 0 } };

int load_new_target(struct request *rq, struct err *err)
{
    struct new_target *n = arena_new(rq->arena, struct new_target);
    const char *key = rq->route->resource->singular;

    n->domain_id = json_str(json_obj(rq->json, key), "domain_id");
    rq->object = n;
    return own_domain(rq, &n->domain_id, err);
}

const struct field no_fields[] = { { 0 } };

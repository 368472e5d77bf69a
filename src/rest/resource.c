/* SPDX-License-Identifier: Apache-2.0 */
#include "rest/resource.h"

#include "base/str.h"
#include "base/uuid.h"
#include "rest/dialect.h"
#include "rest/request.h"
#include "rest/server.h"

#define SEVERAL_MAX 1000 /* Rows made by one request. */

static const struct column *column_named(const struct table *t, const char *name)
{
    for (const struct column *c = t->columns; c->name; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

static const char **string_at(const struct table *t, const char *column, const void *obj)
{
    const struct column *c = column ? column_named(t, column) : NULL;

    return c && c->type == FIELD_STRING ? (const char **) ((char *) obj + c->offset) : NULL;
}

static void stamp(const struct table *t, const char *column, void *obj, int64_t now_us)
{
    const struct column *c = column_named(t, column);

    if (c && c->type == FIELD_TIME)
        *(int64_t *) ((char *) obj + c->offset) = now_us;
}

static bool sees_all(struct request *rq, const struct resource *res)
{
    return !res->owner || (res->any_owner && rq_can(rq, res->any_owner));
}

static int expand_one(struct request *rq, const struct resource *res, void *obj, struct err *err)
{
    struct list l = { obj, 1, res->table->size, false };

    return res->expand ? res->expand(rq, &l, err) : 0;
}

int resource_get(struct request *rq, const struct resource *res, const char *id, void **ret, struct err *err)
{
    void *obj = arena_alloc(rq->arena, res->table->size);
    const char **owner;
    struct txn *t;
    int r;

    r = rq_txn(rq, &t, err);
    if (r < 0)
        return r;
    r = table_get(t, rq->arena, res->table, id, obj, err);
    owner = string_at(res->table, res->owner, obj);
    if (r >= 0 && owner && !str_eq(*owner, rq->token->project_id) && !sees_all(rq, res))
        r = -ENOENT;
    if (r == -ENOENT)
        return rq->server->service->dialect->not_found(rq, err, res, id);
    if (r < 0)
        return r;
    r = expand_one(rq, res, obj, err);
    if (r < 0)
        return r;
    *ret = obj;
    return 0;
}

int resource_load(struct request *rq, struct err *err)
{
    const struct resource *res = rq->route->resource;

    return resource_get(rq, res, rq_param(rq, res->id_param ? res->id_param : "id"), &rq->object, err);
}

static void write_item(struct request *rq, struct jw *w, const struct resource *res, const void *obj)
{
    fields_write(rq, w, res->fields, obj);
    if (res->present)
        res->present(rq, w, obj);
}

int reply_resource(struct request *rq, const struct resource *res, const void *obj, int status)
{
    struct jw *w = reply_begin(rq);

    jw_object(w, NULL);
    jw_object(w, res->singular);
    write_item(rq, w, res, obj);
    jw_end_object(w);
    jw_end_object(w);
    return reply_end(rq, status);
}

int reply_resources(struct request *rq, const struct resource *res, const struct list *objs)
{
    const struct dialect *d = rq->server->service->dialect;
    struct jw *w = reply_begin(rq);

    jw_object(w, NULL);
    jw_array(w, res->plural);
    for (size_t i = 0; i < objs->count; i++) {
        jw_object(w, NULL);
        write_item(rq, w, res, list_at(objs, i));
        jw_end_object(w);
    }
    jw_end_array(w);
    if (d->list_links)
        d->list_links(rq, w, res, objs);
    jw_end_object(w);
    return reply_end(rq, rq->route->status ? rq->route->status : 200);
}

int resource_list(struct request *rq, struct err *err)
{
    const struct resource *res = rq->route->resource;
    struct query q = { 0 };
    struct list objs;
    struct txn *t;
    int r;

    r = resource_query(rq, res, &q, err);
    if (r >= 0 && !sees_all(rq, res))
        rq_cond(
            rq, &q,
            (struct cond){ .column = res->owner, .op = COND_EQ, .value = val_text(rq->token->project_id) });
    if (r >= 0 && res->before_list)
        r = res->before_list(rq, &q, err);
    if (r >= 0)
        r = rq_txn(rq, &t, err);
    if (r >= 0) {
        r = table_list(t, rq->arena, res->table, &q, &objs, err);
        if (r == -ENOENT && q.marker)
            r = rq->server->service->dialect->not_found(rq, err, res, q.marker);
    }
    if (r >= 0 && res->expand && objs.count)
        r = res->expand(rq, &objs, err);
    return r < 0 ? r : reply_resources(rq, res, &objs);
}

/* What a new row has without anybody saying so. */
static void fill_new(struct request *rq, const struct resource *res, void *obj)
{
    const char **key = string_at(res->table, res->table->key, obj);
    const char **owner = string_at(res->table, res->owner, obj);
    int64_t now_us = server_now_us(rq->server);

    if (key && str_empty(*key))
        *key = rq->server->service->dialect->hex_ids ? uuid_new_hex(rq->arena) : uuid_new(rq->arena);
    if (owner && str_empty(*owner))
        *owner = rq->token->project_id;
    stamp(res->table, "created_at", obj, now_us);
    stamp(res->table, "updated_at", obj, now_us);
}

static int insert(struct request *rq, const struct resource *res, void *obj, struct err *err)
{
    struct txn *t;
    int r;

    r = rq_txn(rq, &t, err);
    if (r < 0)
        return r;
    r = table_insert(t, rq->arena, res->table, obj, err);
    if (r == -EEXIST)
        return res->refuse_duplicate ? res->refuse_duplicate(rq, obj, err)
                                     : rq->server->service->dialect->duplicate(rq, err, res, obj);
    return r;
}

int resource_create_several(struct request *rq, const struct resource *res,
                            int (*settle)(struct request *rq, void *obj, struct err *err), struct list *ret,
                            struct err *err)
{
    const json_t *all = json_arr(rq->json, res->plural), *v;
    size_t n = json_array_size(all), i;
    struct txn *t;
    int r;

    if (!n || n > SEVERAL_MAX)
        return err_http(err, 400, NULL, "'%s' is a required property and a list of at least one",
                        res->plural);
    *ret = (struct list){ arena_calloc(rq->arena, n, res->table->size), n, res->table->size, false };
    r = rq_txn(rq, &t, err);
    json_array_foreach ((json_t *) all, i, v) {
        void *obj = list_at(ret, i);
        uint64_t given;

        if (r >= 0)
            r = fields_read(rq, res->fields, ON_CREATE, UNKNOWN_REFUSE, v, obj, &given, err);
        if (r >= 0)
            fill_new(rq, res, obj);
        if (r >= 0)
            r = settle(rq, obj, err);
        if (r >= 0)
            r = insert(rq, res, obj, err);
    }
    return r;
}

int resource_create(struct request *rq, struct err *err)
{
    const struct resource *res = rq->route->resource;
    void *obj = rq->body;
    int r = 0;

    fill_new(rq, res, obj);
    if (res->before_create)
        r = res->before_create(rq, obj, err);
    if (r >= 0)
        r = insert(rq, res, obj, err);
    if (r >= 0 && res->after_create)
        r = res->after_create(rq, obj, err);
    if (r >= 0)
        r = expand_one(rq, res, obj, err);
    return r < 0 ? r : reply_resource(rq, res, obj, rq->route->status ? rq->route->status : 201);
}

int resource_show(struct request *rq, struct err *err)
{
    return reply_resource(rq, rq->route->resource, rq->object, rq->route->status ? rq->route->status : 200);
}

static bool same_column(const struct column *c, const void *a, const void *b)
{
    const char *x = (const char *) a + c->offset, *y = (const char *) b + c->offset;

    switch (c->type) {
    case FIELD_STRING:
    case FIELD_JSON:
    case FIELD_SECRET:
        return str_eq(*(const char *const *) x, *(const char *const *) y);
    case FIELD_BOOL:
        return *(const bool *) x == *(const bool *) y;
    case FIELD_STRV:
        return *(const void *const *) x == *(const void *const *) y;
    default:
        return memcmp(x, y, sizeof(int64_t)) == 0;
    }
}

/* Writes the columns in which 'obj' differs from 'old'. */
static int write_changes(struct request *rq, const struct resource *res, const void *old, void *obj,
                         struct err *err)
{
    const char **changed = NULL;
    struct txn *t;
    int r;

    for (const struct column *c = res->table->columns; c->name; c++)
        if (!same_column(c, old, obj))
            changed = strv_add(rq->arena, changed, c->name);
    if (!changed)
        return 0;
    if (column_named(res->table, "updated_at")) {
        stamp(res->table, "updated_at", obj, server_now_us(rq->server));
        changed = strv_add(rq->arena, changed, "updated_at");
    }
    r = rq_txn(rq, &t, err);
    if (r < 0)
        return r;
    r = table_update(t, rq->arena, res->table, obj, changed, err);
    if (r == -EEXIST)
        return res->refuse_duplicate ? res->refuse_duplicate(rq, obj, err)
                                     : rq->server->service->dialect->duplicate(rq, err, res, obj);
    if (r == -ENOENT)
        return rq->server->service->dialect->not_found(rq, err, res,
                                                       *string_at(res->table, res->table->key, obj));
    return r;
}

int resource_update(struct request *rq, struct err *err)
{
    const struct resource *res = rq->route->resource;
    const struct dialect *d = rq->server->service->dialect;
    int r = 0;

    if (d->check_update)
        r = d->check_update(rq, *string_at(res->table, res->table->key, rq->object), err);
    if (r >= 0 && res->before_update)
        r = res->before_update(rq, rq->object, rq->body, err);
    if (r >= 0)
        r = write_changes(rq, res, rq->object, rq->body, err);
    if (r >= 0 && res->after_update)
        r = res->after_update(rq, rq->object, rq->body, err);
    if (r >= 0)
        r = expand_one(rq, res, rq->body, err);
    return r < 0 ? r : reply_resource(rq, res, rq->body, rq->route->status ? rq->route->status : 200);
}

int resource_delete(struct request *rq, struct err *err)
{
    const struct resource *res = rq->route->resource;
    struct txn *t;
    int r = 0;

    if (res->before_delete)
        r = res->before_delete(rq, rq->object, err);
    if (r >= 0)
        r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = table_delete(t, res->table, *string_at(res->table, res->table->key, rq->object), err);
    if (r >= 0 && res->after_delete)
        r = res->after_delete(rq, rq->object, err);
    return r < 0 ? r : reply_empty(rq, rq->route->status ? rq->route->status : 204);
}

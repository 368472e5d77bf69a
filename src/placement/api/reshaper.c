/* SPDX-License-Identifier: Apache-2.0 */
/* /reshaper: inventories and allocations move together. */
#include "base/str.h"
#include "placement/api/allocations.h"
#include "placement/api/common.h"
#include "placement/api/inventories.h"
#include "placement/api/routes.h"
#include "placement/model/stock.h"
#include "placement/store/providers.h"

struct reshape_body {
    const char *inventories, *allocations;
};

static const struct field fields[] = {
    FIELD(FIELD_JSON, reshape_body, inventories, .use = ON_CREATE, .required = true, .json = "object"),
    FIELD(FIELD_JSON, reshape_body, allocations, .use = ON_CREATE, .required = true, .json = "object"),
    { 0 },
};

struct stock_body {
    const char *inventories;
    int64_t resource_provider_generation;
};

static const struct field stock_fields[] = {
    FIELD(FIELD_JSON, stock_body, inventories, .use = ON_CREATE, .required = true, .json = "object"),
    FIELD(FIELD_INT, stock_body, resource_provider_generation, .use = ON_CREATE, .required = true),
    { 0 },
};

/* What one provider shall have in the end. */
struct shape {
    struct provider p;
    struct inventories wanted;
};

static int read_shape(struct request *rq, struct txn *t, const struct names *classes, const char *uuid,
                      const json_t *o, struct shape *s, struct err *err)
{
    struct stock_body in = { 0 };
    int r;

    if (!is_uuid_key(uuid))
        return body_refuse(err, "additionalProperties",
                           "'%.100s' does not match any of the regexes: '^[0-9a-fA-F-]{36}$'", uuid);
    r = body_read(rq, stock_fields, o, &in, err);
    if (r >= 0)
        r = inventories_read(rq, json_object_get(o, "inventories"), &s->wanted, err);
    if (r < 0)
        return r;
    r = provider_lock(t, rq->arena, uuid, &s->p, err);
    if (r == -ENOENT)
        return err_http(
            err, 400, "placement.resource_provider.not_found",
            "Resource provider %s in inventories not found: No resource provider with uuid %s found", uuid,
            uuid);
    if (r < 0)
        return r;
    if (s->p.generation != in.resource_provider_generation)
        return generation_conflict(
            err,
            arena_printf(rq->arena,
                         "resource provider generation conflict for provider %s: actual: %lld, given: %lld",
                         uuid, (long long) s->p.generation, (long long) in.resource_provider_generation));
    return inventories_resolve(rq, classes, uuid, "malformed reshaper data: ", &s->wanted, err);
}

static int by_uuid(const void *x, const void *y)
{
    const char *const *a = x, *const *b = y;

    return strcmp(*a, *b);
}

/* In the order of the uuids, as everybody locks providers. */
static int read_shapes(struct request *rq, struct txn *t, const json_t *o, struct shape **ret, size_t *ret_n,
                       struct err *err)
{
    size_t n = json_object_size(o), i = 0;
    const char **uuids = arena_array(rq->arena, const char *, n + 1), *uuid;
    struct shape *all = arena_array(rq->arena, struct shape, n + 1);
    struct names classes;
    json_t *v;
    int r;

    if (!n)
        return body_refuse(err, "minProperties", "{} does not have enough properties");
    json_object_foreach ((json_t *) o, uuid, v)
        uuids[i++] = uuid;
    qsort(uuids, n, sizeof(*uuids), by_uuid);
    r = names_load(t, rq->arena, NAMES_CLASSES, &classes, err);
    for (i = 0; r >= 0 && i < n; i++)
        r = read_shape(rq, t, &classes, uuids[i], json_object_get(o, uuids[i]), &all[i], err);
    *ret = all;
    *ret_n = n;
    return r;
}

/* What it shall have, and what it has beyond that: nothing may go that is still
 * used, and nothing be given that is not there. */
static int widen(struct request *rq, struct txn *t, struct shape *s, int64_t now_us, struct err *err)
{
    struct inventories have, both;
    int r;

    if (!s->wanted.count)
        return 0;
    r = inventory_list(t, rq->arena, s->p.id, &have, err);
    if (r < 0)
        return r;
    both.items = arena_array(rq->arena, struct inventory, have.count + s->wanted.count + 1);
    memcpy(both.items, s->wanted.items, s->wanted.count * sizeof(*both.items));
    both.count = s->wanted.count;
    for (size_t i = 0; i < have.count; i++)
        if (!inventory_find(&s->wanted, have.items[i].class_id))
            both.items[both.count++] = have.items[i];
    return stock_set(t, rq->arena, &s->p, &both, now_us, "update conflict: ", err);
}

/* The claims counted its generation up. */
static int narrow(struct request *rq, struct txn *t, struct shape *s, int64_t now_us, struct err *err)
{
    int r = provider_get(t, rq->arena, s->p.uuid, &s->p, err);

    return r < 0 ? r : stock_set(t, rq->arena, &s->p, &s->wanted, now_us, "update conflict: ", err);
}

static int reshape(struct request *rq, struct err *err)
{
    int64_t now_us = server_now_us(rq->server);
    struct reshape_body in = { 0 };
    struct claim *claims = NULL;
    struct shape *shapes = NULL;
    size_t n_claims = 0, n = 0;
    struct txn *t;
    int r;

    r = body_required(rq, err);
    if (r >= 0)
        r = body_read(rq, fields, NULL, &in, err);
    if (r >= 0)
        r = claims_read(rq, json_object_get(rq->json, "allocations"), &claims, &n_claims, err);
    if (r >= 0)
        r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = read_shapes(rq, t, json_object_get(rq->json, "inventories"), &shapes, &n, err);
    for (size_t i = 0; r >= 0 && i < n; i++)
        r = widen(rq, t, &shapes[i], now_us, err);
    if (r >= 0)
        r = claims_set(t, rq->arena, claims, n_claims, now_us, "malformed reshaper data: ", err);
    for (size_t i = 0; r >= 0 && i < n; i++)
        r = narrow(rq, t, &shapes[i], now_us, err);
    return r < 0 ? r : reply_empty(rq, 204);
}

const struct route reshaper_routes[] = {
    { HTTP_POST, "/reshaper", "placement:reshaper:reshape", reshape, .since = 30 },
    { 0 },
};

/* SPDX-License-Identifier: Apache-2.0 */
/* /v3/registered_limits: what everybody has when nothing else is said. */
#include "base/str.h"
#include "identity/api/common.h"
#include "identity/api/need.h"
#include "identity/api/replies.h"
#include "identity/api/routes.h"
#include "identity/store/limits.h"

#define L(type, member, uses, ...) FIELD(type, registered_limit, member, .use = (uses), __VA_ARGS__)

static const struct field fields[] = {
    L(FIELD_STRING, id, ON_SHOW | ON_SORT),
    L(FIELD_STRING, service_id, ON_ALL, .required = true, .min = 1, .max = 64, .check = check_id),
    L(FIELD_STRING, region_id, ON_ALL, .nullable = true, .max = 255),
    L(FIELD_STRING, resource_name, ON_ALL, .required = true, .min = 1, .max = 255),
    L(FIELD_INT, default_limit, ON_IN | ON_SHOW, .required = true, .min = -1, .max = INT32_MAX),
    L(FIELD_STRING, description, ON_IN | ON_SHOW, .nullable = true, .max = 4096),
    { 0 },
};

static void present(struct request *rq, struct jw *w, const void *obj)
{
    const struct registered_limit *l = obj;

    write_self(rq, w, "registered_limits", l->id);
}

static int check_refs(struct request *rq, const struct registered_limit *l, struct err *err)
{
    struct catalog_service s = { 0 };
    struct region g = { 0 };
    int r = need_service(rq, l->service_id, &s, NULL);

    if (r == -ENOENT)
        return expecting(err, "service_id", "registered_limit");
    if (r >= 0 && !str_empty(l->region_id))
        r = need_region(rq, l->region_id, &g, NULL);
    return r == -ENOENT ? expecting(err, "region_id", "registered_limit") : r;
}

static int refuse_twice(struct request *rq, const struct registered_limit *l, struct err *err)
{
    struct registered_limit have = { 0 };
    int r =
        registered_limit_find(rq->txn, rq->arena, l->service_id, l->region_id, l->resource_name, &have, err);

    if (r == -ENOENT || (r >= 0 && str_eq(have.id, l->id)))
        return 0;
    return r < 0 ? r
                 : err_http(err, 409, NULL,
                            "Conflict occurred attempting to store registered_limit - Duplicate entry.");
}

/* What limits rest on stays as it is, but for its words and its number. */
static int refuse_used(struct request *rq, const struct registered_limit *l, struct err *err)
{
    int64_t n;
    int r = registered_limit_uses(rq->txn, l, &n, err);

    return r < 0 ? r
           : n   ? err_http(
                       err, 403, NULL,
                       "Unable to update or delete registered limit %s because there are project limits associated "
                         "with it.",
                       l->id)
               : 0;
}

static int before_update(struct request *rq, const void *old, void *obj, struct err *err)
{
    const struct registered_limit *was = old;
    struct registered_limit *l = obj;
    bool moved = !str_eq(was->service_id, l->service_id) || !str_eq(was->region_id, l->region_id) ||
                 !str_eq(was->resource_name, l->resource_name);
    int r = check_refs(rq, l, err);

    if (r >= 0 && moved)
        r = refuse_used(rq, was, err);
    return r < 0 ? r : refuse_twice(rq, l, err);
}

static int before_delete(struct request *rq, void *obj, struct err *err)
{
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    return r < 0 ? r : refuse_used(rq, obj, err);
}

static const struct resource resource = {
    .singular = "registered_limit",
    .plural = "registered_limits",
    .label = "registered limit for",
    .table = &registered_limit_table,
    .fields = fields,
    .default_sort = "id",
    .id_param = "registered_limit_id",
    .before_update = before_update,
    .before_delete = before_delete,
    .present = present,
};

static int settle(struct request *rq, void *obj, struct err *err)
{
    int r = check_refs(rq, obj, err);

    return r < 0 ? r : refuse_twice(rq, obj, err);
}

static int create(struct request *rq, struct err *err)
{
    struct list all;
    int r = resource_create_several(rq, &resource, settle, &all, err);

    return r < 0 ? r : reply_created(rq, &resource, &all);
}

#define LIMITS "/v3/registered_limits"
#define LIMIT  LIMITS "/{registered_limit_id}"

/* clang-format off */
const struct route registered_limit_routes[] = {
    { HTTP_GET,    LIMITS, "identity:list_registered_limits",   resource_list,   &resource },
    { HTTP_POST,   LIMITS, "identity:create_registered_limits", create,          .in = no_fields },
    { HTTP_GET,    LIMIT,  "identity:get_registered_limit",     resource_show,   &resource },
    { HTTP_PATCH,  LIMIT,  "identity:update_registered_limit",  resource_update, &resource },
    { HTTP_DELETE, LIMIT,  "identity:delete_registered_limit",  resource_delete, &resource },
    { 0 },
};
/* clang-format on */

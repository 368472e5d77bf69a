/* SPDX-License-Identifier: Apache-2.0 */
/* /v3/regions: a tree whose ids the client may choose. */
#include "identity/store/regions.h"

#include "base/str.h"
#include "identity/api/common.h"
#include "identity/api/routes.h"

#define R(type, member, uses, ...) FIELD(type, region, member, .use = (uses), __VA_ARGS__)

static const struct field fields[] = {
    R(FIELD_STRING, id, ON_CREATE | ON_SHOW | ON_SORT, .max = 255),
    R(FIELD_STRING, parent_region_id, ON_ALL, .nullable = true, .max = 255),
    R(FIELD_STRING, description, ON_IN | ON_SHOW, .nullable = true, .max = 4096, .value = ""),
    { 0 },
};

static void present(struct request *rq, struct jw *w, const void *obj)
{
    const struct region *region = obj;

    write_extra(w, region->extra);
    write_self(rq, w, "regions", region->id);
}

#define DEPTH_MAX 64

/* Null is as good as not given. */
static void settle_description(struct region *region)
{
    if (!region->description)
        region->description = "";
}

/* 'old' is null for one that is not there yet, and so can be nobody's parent. */
static int check_parent(struct request *rq, const void *old, const struct region *region, struct err *err)
{
    const char *id = region->parent_region_id;
    struct region up;
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    for (int i = 0; r >= 0 && id && i < DEPTH_MAX; i++) {
        if (old && str_eq(id, region->id))
            return err_http(err, 400, NULL,
                            "The specified parent region %s would create a circular region hierarchy.",
                            region->id);
        up = (struct region){ 0 };
        r = table_get(t, rq->arena, &region_table, id, &up, err);
        if (r == -ENOENT)
            return err_http(err, 404, NULL, "Could not find region: %s.", id);
        id = up.parent_region_id;
    }
    return r;
}

static int before_create(struct request *rq, void *obj, struct err *err)
{
    struct region *region = obj;
    int r = check_parent(rq, NULL, region, err);

    settle_description(region);
    return r < 0 ? r : extra_of(rq, fields, NULL, &region->extra, err);
}

static int before_update(struct request *rq, const void *old, void *obj, struct err *err)
{
    const struct region *was = old;
    struct region *region = obj;
    int r = check_parent(rq, old, region, err);

    settle_description(region);
    return r < 0 ? r : extra_of(rq, fields, was->extra, &region->extra, err);
}

/* A region takes those below along, unless an endpoint is in one of them. */
static int before_delete(struct request *rq, void *obj, struct err *err)
{
    const struct region *region = obj;
    struct txn *t;
    int64_t n;
    int r = rq_txn(rq, &t, err);

    if (r >= 0)
        r = region_endpoints(t, region->id, &n, err);
    if (r >= 0 && n)
        return err_http(
            err, 403, NULL,
            "Unable to delete region %s because it or its child regions have associated endpoints.",
            region->id);
    return r < 0 ? r : region_delete_below(t, rq->arena, region->id, err);
}

static const struct resource resource = {
    .singular = "region",
    .plural = "regions",
    .table = &region_table,
    .fields = fields,
    .default_sort = "id",
    .id_param = "region_id",
    .before_create = before_create,
    .before_update = before_update,
    .before_delete = before_delete,
    .present = present,
};

/* PUT /v3/regions/{id}: creation with the id in the path. */
static int create_named(struct request *rq, struct err *err)
{
    struct region *region = rq->body;
    const char *id = rq_param(rq, "region_id");

    if (region->id && !str_eq(region->id, id))
        return err_http(err, 400, NULL, "Conflicting region IDs specified: \"%.255s\" != \"%.255s\"", id,
                        region->id);
    region->id = id;
    return resource_create(rq, err);
}

const struct route region_routes[] = {
    { HTTP_GET, "/v3/regions", "identity:list_regions", resource_list, &resource },
    { HTTP_POST, "/v3/regions", "identity:create_region", resource_create, &resource,
      .flags = ROUTE_IGNORE_UNKNOWN | ROUTE_ENVELOPE },
    { HTTP_PUT, "/v3/regions/{region_id}", "identity:create_region", create_named, &resource,
      .use = ON_CREATE, .status = 201, .flags = ROUTE_IGNORE_UNKNOWN | ROUTE_ENVELOPE },
    { HTTP_GET, "/v3/regions/{region_id}", "identity:get_region", resource_show, &resource },
    { HTTP_PATCH, "/v3/regions/{region_id}", "identity:update_region", resource_update, &resource,
      .flags = ROUTE_IGNORE_UNKNOWN | ROUTE_ENVELOPE },
    { HTTP_DELETE, "/v3/regions/{region_id}", "identity:delete_region", resource_delete, &resource },
    { 0 },
};

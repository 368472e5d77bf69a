/* SPDX-License-Identifier: Apache-2.0 */
/* /v3/endpoints */
#include "identity/store/endpoints.h"

#include <ctype.h>

#include "base/str.h"
#include "identity/api/common.h"
#include "identity/api/replies.h"
#include "identity/api/routes.h"
#include "identity/model/catalog.h"
#include "identity/store/endpoint_filter.h"
#include "identity/store/regions.h"
#include "identity/store/services.h"

#define E(type, member, uses, ...) FIELD(type, endpoint, member, .use = (uses), __VA_ARGS__)

/* Of an URL only the scheme is looked at: templates stand where others have hosts and ports. */
static const char *check_scheme(const char *v)
{
    const char *p = v;

    while (isalnum((unsigned char) *p) || (*p && strchr("+.-", *p)))
        p++;
    return p > v && p[0] == ':' && p[1] ? NULL : "does not match '^[a-zA-Z0-9+.-]+:.+'";
}

static const struct field fields[] = {
    E(FIELD_STRING, id, ON_SHOW | ON_SORT),
    E(FIELD_STRING, interface, ON_ALL, .required = true, .choices = "admin|internal|public"),
    E(FIELD_STRING, service_id, ON_ALL, .required = true, .max = 64),
    E(FIELD_STRING, region_id, ON_ALL, .max = 255),
    E(FIELD_STRING, url, ON_IN | ON_SHOW | ON_SORT, .required = true, .max = 225, .check = check_scheme),
    E(FIELD_STRING, name, ON_IN, .nullable = true, .max = 255),
    E(FIELD_STRING, description, ON_IN, .nullable = true, .max = 4096),
    E(FIELD_BOOL, enabled, ON_IN | ON_SHOW, .value = "true"),
    { 0 },
};

static void present(struct request *rq, struct jw *w, const void *obj)
{
    const struct endpoint *e = obj;

    jw_str(w, "region", e->region_id);
    if (e->name)
        jw_str(w, "name", e->name);
    if (e->description)
        jw_str(w, "description", e->description);
    write_extra(w, e->extra);
    write_self(rq, w, "endpoints", e->id);
}

static int check_service(struct request *rq, const struct endpoint *e, struct err *err)
{
    struct catalog_service s = { 0 };
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    if (r >= 0)
        r = table_get(t, rq->arena, &catalog_service_table, e->service_id, &s, err);
    return r == -ENOENT ? expecting(err, "endpoint service_id", "service table") : r;
}

/* The old name of region_id; it makes the region, as Keystone does. */
static int take_region(struct request *rq, struct endpoint *e, struct err *err)
{
    const char *old_name = json_str(rq->in, "region");
    struct region region = { 0 };
    const json_t *given = json_object_get(rq->in, "region");
    int r;

    if (given && !old_name)
        return bad_value(rq, "region", given, "is not of type 'string'", err);
    if (old_name && strlen(old_name) > 255)
        return bad_value(rq, "region", given, "is too long", err);
    if (!RQ_GIVEN(rq, endpoint, region_id) && !str_empty(old_name))
        e->region_id = arena_strdup(rq->arena, old_name);
    if (!e->region_id)
        return 0;
    r = table_get(rq->txn, rq->arena, &region_table, e->region_id, &region, err);
    if (r != -ENOENT)
        return r;
    if (!old_name)
        return expecting(err, "endpoint region_id", "region table");
    region = (struct region){ .id = e->region_id, .description = "" };
    return table_insert(rq->txn, rq->arena, &region_table, &region, err);
}

static int settle(struct request *rq, struct endpoint *e, const char *old_extra, struct err *err)
{
    static const char *const nullable[] = { "name", "description", NULL };
    int r;

    if (!catalog_can_fill(e->url))
        return err_http(err, 400, NULL, "Cannot create an endpoint with an invalid URL: %s.", e->url);
    r = check_service(rq, e, err);
    if (r >= 0)
        r = take_region(rq, e, err);
    if (r < 0)
        return r;
    json_object_del(rq->in, "region");
    json_object_del(rq->in, "legacy_endpoint_id"); /* Of API version 2, and never shown. */
    r = extra_of(rq, fields, old_extra, &e->extra, err);
    return r < 0 ? r : extra_keep_nulls(rq, nullable, &e->extra, err);
}

static int before_create(struct request *rq, void *obj, struct err *err)
{
    return settle(rq, obj, NULL, err);
}

static int before_update(struct request *rq, const void *old, void *obj, struct err *err)
{
    const struct endpoint *was = old;

    return settle(rq, obj, was->extra, err);
}

static int before_delete(struct request *rq, void *obj, struct err *err)
{
    const struct endpoint *e = obj;
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    return r < 0 ? r : endpoint_forget(t, e->id, err);
}

const struct resource endpoint_resource = {
    .singular = "endpoint",
    .plural = "endpoints",
    .table = &endpoint_table,
    .fields = fields,
    .default_sort = "id",
    .id_param = "endpoint_id",
    .before_create = before_create,
    .before_update = before_update,
    .before_delete = before_delete,
    .present = present,
};

const struct route endpoint_routes[] = {
    { HTTP_GET, "/v3/endpoints", "identity:list_endpoints", resource_list, &endpoint_resource },
    { HTTP_POST, "/v3/endpoints", "identity:create_endpoint", resource_create, &endpoint_resource,
      .flags = ROUTE_IGNORE_UNKNOWN | ROUTE_ENVELOPE },
    { HTTP_GET, "/v3/endpoints/{endpoint_id}", "identity:get_endpoint", resource_show, &endpoint_resource,
      .flags = ROUTE_FOUND_FIRST },
    { HTTP_PATCH, "/v3/endpoints/{endpoint_id}", "identity:update_endpoint", resource_update,
      &endpoint_resource, .flags = ROUTE_IGNORE_UNKNOWN | ROUTE_ENVELOPE | ROUTE_FOUND_FIRST },
    { HTTP_DELETE, "/v3/endpoints/{endpoint_id}", "identity:delete_endpoint", resource_delete,
      &endpoint_resource, .flags = ROUTE_FOUND_FIRST },
    { 0 },
};

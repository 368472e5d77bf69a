/* SPDX-License-Identifier: Apache-2.0 */
/* /v3/services */
#include "identity/store/services.h"

#include "identity/api/common.h"
#include "identity/api/routes.h"
#include "identity/store/endpoint_filter.h"

#define S(type, member, uses, ...) FIELD(type, catalog_service, member, .use = (uses), __VA_ARGS__)

static const struct field fields[] = {
    S(FIELD_STRING, id, ON_SHOW | ON_SORT),
    S(FIELD_STRING, type, ON_ALL, .required = true, .min = 1, .max = 255),
    S(FIELD_STRING, name, ON_IN | ON_FILTER | ON_SORT, .min = 1, .max = 255, .value = "",
      .check = check_not_blank),
    S(FIELD_STRING, description, ON_IN, .nullable = true, .max = 4096),
    S(FIELD_BOOL, enabled, ON_IN | ON_SHOW, .value = "true"),
    { 0 },
};

static void present(struct request *rq, struct jw *w, const void *obj)
{
    const struct catalog_service *s = obj;

    jw_str(w, "name", s->name ? s->name : "");
    if (s->description)
        jw_str(w, "description", s->description);
    write_extra(w, s->extra);
    write_self(rq, w, "services", s->id);
}

/* The description has a row, but is not asked to be anything. */
static int take_extra(struct request *rq, const char *old, const char **ret, struct err *err)
{
    static const char *const nullable[] = { "description", NULL };
    int r = extra_of(rq, fields, old, ret, err);

    return r < 0 ? r : extra_keep_nulls(rq, nullable, ret, err);
}

static int before_create(struct request *rq, void *obj, struct err *err)
{
    struct catalog_service *s = obj;

    return take_extra(rq, NULL, &s->extra, err);
}

static int before_update(struct request *rq, const void *old, void *obj, struct err *err)
{
    const struct catalog_service *was = old;
    struct catalog_service *s = obj;

    return take_extra(rq, was->extra, &s->extra, err);
}

/* A service takes its endpoints along. */
static int before_delete(struct request *rq, void *obj, struct err *err)
{
    const struct catalog_service *s = obj;
    struct txn *t;
    int r = rq_txn(rq, &t, err);
    return r < 0 ? r : service_forget(t, s->id, err);
}

static const struct resource resource = {
    .singular = "service",
    .plural = "services",
    .table = &catalog_service_table,
    .fields = fields,
    .default_sort = "type",
    .id_param = "service_id",
    .before_create = before_create,
    .before_update = before_update,
    .before_delete = before_delete,
    .present = present,
};

const struct route service_routes[] = {
    { HTTP_GET, "/v3/services", "identity:list_services", resource_list, &resource },
    { HTTP_POST, "/v3/services", "identity:create_service", resource_create, &resource,
      .flags = ROUTE_IGNORE_UNKNOWN | ROUTE_ENVELOPE },
    { HTTP_GET, "/v3/services/{service_id}", "identity:get_service", resource_show, &resource },
    { HTTP_PATCH, "/v3/services/{service_id}", "identity:update_service", resource_update, &resource,
      .flags = ROUTE_IGNORE_UNKNOWN | ROUTE_ENVELOPE },
    { HTTP_DELETE, "/v3/services/{service_id}", "identity:delete_service", resource_delete, &resource },
    { 0 },
};

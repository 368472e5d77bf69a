/* SPDX-License-Identifier: Apache-2.0 */
/* /v2.0/routers */
#include "network/model/routers.h"

#include "base/str.h"
#include "base/uuid.h"
#include "network/api/common.h"
#include "network/api/routes.h"
#include "network/store/ports.h"
#include "network/store/routers.h"

#define L(type, member, uses, ...) FIELD(type, l3_router, member, .use = (uses), __VA_ARGS__)

static const struct field fields[] = {
    OWNER_FIELDS(l3_router),
    NAME_FIELDS(l3_router),
    L(FIELD_STRING, status, ON_SHOW | ON_FILTER | ON_SORT),
    L(FIELD_BOOL, admin_state_up, ON_ALL, .lax = true, .value = "true"),
    L(FIELD_JSON, external_gateway_info, ON_IN | ON_SHOW, .json = "object", .nullable = true),
    L(FIELD_JSON, routes, ON_UPDATE | ON_SHOW, .json = "array", .nullable = true),
    L(FIELD_STRV, availability_zone_hints, ON_CREATE | ON_SHOW, .max = 16),
    L(FIELD_STRV, availability_zones, ON_SHOW),
    L(FIELD_STRING, flavor_id, ON_SHOW),
    L(FIELD_STRV, tags, ON_SHOW),
    STANDARD_FIELDS(l3_router),
    { 0 },
};

static const struct net_resource resource = {
    .rest = { .singular = "router",
              .plural = "routers",
              .not_found = "RouterNotFound",
              .table = &l3_router_table,
              .fields = fields,
              .before_list = limit_to_project,
              NET_HOOKS },
    .name = "router",
    .quota = "router",
    .create = l3_router_create,
    .update = l3_router_update,
    .updated = l3_router_updated,
    .remove = l3_router_delete,
    .fill = l3_routers_fill,
    .revision = offsetof(struct l3_router, revision_number),
};

/* --- interfaces -------------------------------------------------------------------------- */

static int reply_interface(struct request *rq, struct net_ctx *c, const struct l3_router *l,
                           const struct port *p, struct err *err)
{
    auto_json json_t *fixed = NULL;
    struct jw *w;
    int r = json_read(p->fixed_ips, strlen(p->fixed_ips), &fixed, err);

    if (r >= 0)
        r = net_finish(rq, err);
    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_str(w, "id", l->id);
    jw_str(w, "tenant_id", l->project_id);
    jw_str(w, "project_id", l->project_id);
    jw_str(w, "port_id", p->id);
    jw_str(w, "network_id", p->network_id);
    jw_str(w, "subnet_id", json_str(json_array_get(fixed, 0), "subnet_id"));
    jw_array(w, "subnet_ids");
    for (size_t i = 0; i < json_array_size(fixed); i++)
        jw_str(w, NULL, json_str(json_array_get(fixed, i), "subnet_id"));
    jw_end_array(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int read_uuid(struct request *rq, const char *name, const char **ret, struct err *err)
{
    const json_t *v = json_object_get(rq->json, name);

    *ret = json_string_value(v);
    if (v && !json_is_null(v) && (!*ret || !uuid_is_valid(*ret)))
        return rq->server->service->dialect->bad_field(rq, err, name, v, "is not a valid UUID");
    return 0;
}

static int interface(struct request *rq, bool add, struct err *err)
{
    const char *subnet_id, *port_id;
    struct l3_router *l = rq->object;
    struct port p = { 0 };
    struct net_ctx *c;
    int r = net_begin(rq, &c, err);

    if (r >= 0)
        r = read_uuid(rq, "subnet_id", &subnet_id, err);
    if (r >= 0)
        r = read_uuid(rq, "port_id", &port_id, err);
    if (r >= 0)
        r = add ? l3_router_add_interface(c, l, subnet_id, port_id, &p, err)
                : l3_router_remove_interface(c, l, subnet_id, port_id, &p, err);
    return r < 0 ? r : reply_interface(rq, c, l, &p, err);
}

static int add_interface(struct request *rq, struct err *err)
{
    return interface(rq, true, err);
}

static int remove_interface(struct request *rq, struct err *err)
{
    return interface(rq, false, err);
}

/* --- single routes ------------------------------------------------------------------------- */

static bool same_route(const json_t *a, const json_t *b)
{
    return str_eq(json_str(a, "destination"), json_str(b, "destination")) &&
           str_eq(json_str(a, "nexthop"), json_str(b, "nexthop"));
}

/* 'all' with or without each of 'some'. */
static void change_routes(json_t *all, const json_t *some, bool add)
{
    for (size_t i = 0; i < json_array_size(some); i++) {
        size_t at = 0;

        while (at < json_array_size(all) && !same_route(json_array_get(all, at), json_array_get(some, i)))
            at++;
        if (add && at == json_array_size(all))
            json_array_append(all, json_array_get(some, i));
        else if (!add && at < json_array_size(all))
            json_array_remove(all, at);
    }
}

static int extra_routes(struct request *rq, bool add, struct err *err)
{
    static const char *const only[] = { "routes", NULL };
    const json_t *some = json_arr(json_obj(rq->json, "router"), "routes");
    struct l3_router *l = rq->object;
    auto_json json_t *all = NULL;
    struct list one = { l, 1, sizeof(*l), false };
    struct net_ctx *c;
    int r = net_begin(rq, &c, err);

    if (!some)
        return rq->server->service->dialect->missing_field(rq, err, "routes");
    if (r >= 0)
        r = json_read(l->routes ? l->routes : "[]", strlen(l->routes ? l->routes : "[]"), &all, err);
    if (r >= 0) {
        change_routes(all, some, add);
        r = l3_router_check_routes(c, l, all, &l->routes, err);
    }
    if (r >= 0)
        r = l3_router_write(c, l, only, err);
    if (r >= 0)
        r = l3_router_ensure(c, l, err);
    if (r >= 0)
        r = net_finish(rq, err);
    if (r >= 0)
        r = l3_routers_fill(c, &one, err);
    return r < 0 ? r : reply_resource(rq, &resource.rest, l, 200);
}

static int add_extraroutes(struct request *rq, struct err *err)
{
    return extra_routes(rq, true, err);
}

static int remove_extraroutes(struct request *rq, struct err *err)
{
    return extra_routes(rq, false, err);
}

/* clang-format off */
#define ACTS .load = net_load, .in = net_no_fields, .in_size = 1, .flags = ROUTE_IGNORE_UNKNOWN, .target = fields

const struct route l3_router_routes[] = {
    { HTTP_GET,    "/v2.0/routers",      "-token-",       resource_list,   &resource.rest },
    { HTTP_POST,   "/v2.0/routers",      "-own-",         net_create,      &resource.rest, CREATES },
    { HTTP_GET,    "/v2.0/routers/{id}", "get_router",    resource_show,   &resource.rest, .load = net_load },
    { HTTP_PUT,    "/v2.0/routers/{id}", "update_router", resource_update, &resource.rest, .load = net_load },
    { HTTP_DELETE, "/v2.0/routers/{id}", "delete_router", resource_delete, &resource.rest, .load = net_load },
    { HTTP_PUT, "/v2.0/routers/{id}/add_router_interface",    "add_router_interface",    add_interface,      &resource.rest, ACTS },
    { HTTP_PUT, "/v2.0/routers/{id}/remove_router_interface", "remove_router_interface", remove_interface,   &resource.rest, ACTS },
    { HTTP_PUT, "/v2.0/routers/{id}/add_extraroutes",         "add_extraroutes",         add_extraroutes,    &resource.rest, ACTS },
    { HTTP_PUT, "/v2.0/routers/{id}/remove_extraroutes",      "remove_extraroutes",      remove_extraroutes, &resource.rest, ACTS },
    { 0 },
};
/* clang-format on */

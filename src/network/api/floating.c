/* SPDX-License-Identifier: Apache-2.0 */
/* /v2.0/floatingips */
#include "network/model/floating.h"

#include "base/str.h"
#include "network/api/common.h"
#include "network/api/routes.h"
#include "network/store/routers.h"

#define F(type, member, uses, ...) FIELD(type, floating_ip, member, .use = (uses), __VA_ARGS__)

static const struct field fields[] = {
    OWNER_FIELDS(floating_ip),
    F(FIELD_STRING, description, ON_ALL, .max = 255, .value = "", .nullable = true),
    F(FIELD_STRING, status, ON_SHOW | ON_FILTER | ON_SORT),
    F(FIELD_STRING, floating_network_id, ON_CREATE | ON_SHOW | ON_FILTER | ON_SORT, .required = true,
      .check = check_uuid),
    F(FIELD_STRING, floating_ip_address, ON_CREATE | ON_SHOW | ON_FILTER | ON_SORT, .nullable = true,
      .max = 64),
    F(FIELD_STRING, subnet_id, ON_CREATE, .nullable = true, .check = check_uuid),
    F(FIELD_STRING, port_id, ON_ALL, .nullable = true, .check = check_uuid),
    F(FIELD_STRING, fixed_ip_address, ON_ALL, .nullable = true, .max = 64),
    F(FIELD_STRING, router_id, ON_SHOW | ON_FILTER | ON_SORT),
    F(FIELD_JSON, port_details, ON_SHOW),
    F(FIELD_STRV, tags, ON_SHOW),
    STANDARD_FIELDS(floating_ip),
    { 0 },
};

static int refuse_duplicate(struct request *rq, const void *obj, struct err *err)
{
    return err_http(err, 409, "FloatingIPPortAlreadyAssociated", "The fixed IP already has a floating IP.");
}

static const struct net_resource resource = {
    .rest = { .singular = "floatingip",
              .plural = "floatingips",
              .label = "floating IP",
              .not_found = "FloatingIPNotFound",
              .table = &floating_ip_table,
              .fields = fields,
              .before_list = limit_to_project,
              .refuse_duplicate = refuse_duplicate,
              NET_HOOKS },
    .name = "floatingip",
    .quota = "floatingip",
    .parents = floating_ip_parents,
    .create = floating_ip_create,
    .update = floating_ip_update,
    .updated = floating_ip_updated,
    .remove = floating_ip_delete,
    .fill = floating_ips_fill,
    .revision = offsetof(struct floating_ip, revision_number),
};

/* clang-format off */
const struct route floating_ip_routes[] = {
    { HTTP_GET,    "/v2.0/floatingips",      "-token-",           resource_list,   &resource.rest },
    { HTTP_POST,   "/v2.0/floatingips",      "-own-",             net_create,      &resource.rest, CREATES },
    { HTTP_GET,    "/v2.0/floatingips/{id}", "get_floatingip",    resource_show,   &resource.rest, .load = net_load },
    { HTTP_PUT,    "/v2.0/floatingips/{id}", "update_floatingip", resource_update, &resource.rest, .load = net_load },
    { HTTP_DELETE, "/v2.0/floatingips/{id}", "delete_floatingip", resource_delete, &resource.rest, .load = net_load },
    { 0 },
};
/* clang-format on */

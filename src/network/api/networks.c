/* SPDX-License-Identifier: Apache-2.0 */
/* /v2.0/networks */
#include "network/store/networks.h"

#include "base/str.h"
#include "network/api/common.h"
#include "network/api/routes.h"
#include "network/model/networks.h"

#define N(type, member, uses, ...)          FIELD(type, network, member, .use = (uses), __VA_ARGS__)
#define N_AS(name, type, member, uses, ...) FIELD_AS(name, type, network, member, .use = (uses), __VA_ARGS__)

static const struct field fields[] = {
    OWNER_FIELDS(network),
    NAME_FIELDS(network),
    N(FIELD_STRING, status, ON_SHOW | ON_FILTER | ON_SORT),
    N(FIELD_BOOL, admin_state_up, ON_ALL, .lax = true, .value = "true"),
    N(FIELD_BOOL, shared, ON_ALL, .lax = true, .value = "false"),
    N_AS("router:external", FIELD_BOOL, external, ON_ALL, .lax = true, .value = "false",
         .column = "external"),
    N(FIELD_BOOL, is_default, ON_ALL, .lax = true, .value = "false"),
    N(FIELD_BOOL, port_security_enabled, ON_IN | ON_SHOW | ON_FILTER, .lax = true, .value = "true"),
    N(FIELD_INT, mtu, ON_ALL, .lax = true, .value = "0", .max = 65535),
    N(FIELD_STRV, availability_zone_hints, ON_CREATE | ON_SHOW, .max = 16),
    N(FIELD_STRV, availability_zones, ON_SHOW),
    N_AS("provider:network_type", FIELD_STRING, network_type, ON_CREATE | ON_SHOW | ON_FILTER | ON_SORT,
         .nullable = true, .max = 32, .column = "network_type",
         .policy = "get_network:provider:network_type"),
    N_AS("provider:physical_network", FIELD_STRING, physical_network,
         ON_CREATE | ON_SHOW | ON_FILTER | ON_SORT, .nullable = true, .max = 64, .column = "physical_network",
         .policy = "get_network:provider:physical_network"),
    N_AS("provider:segmentation_id", FIELD_INT, segmentation_id, ON_CREATE | ON_SHOW | ON_FILTER | ON_SORT,
         .nullable = true, .lax = true, .column = "segmentation_id",
         .policy = "get_network:provider:segmentation_id"),
    N(FIELD_STRV, subnets, ON_SHOW),
    N_AS("ipv4_address_scope", FIELD_INT, ipv4_scope, ON_SHOW),
    N_AS("ipv6_address_scope", FIELD_INT, ipv6_scope, ON_SHOW),
    N(FIELD_STRV, tags, ON_SHOW),
    STANDARD_FIELDS(network),
    { 0 },
};

/* Own networks, shared ones and external ones. */
static int before_list(struct request *rq, struct query *q, struct err *err)
{
    filter_tags(rq, q);
    list_visible(rq, q, "(project_id = ? OR shared = 1 OR external = 1)");
    return 0;
}

static const struct net_resource resource = {
    .rest = { .singular = "network",
              .plural = "networks",
              .not_found = "NetworkNotFound",
              .table = &network_table,
              .fields = fields,
              .before_list = before_list,
              NET_HOOKS },
    .name = "network",
    .quota = "network",
    .create = network_create,
    .update = network_update,
    .updated = network_updated,
    .remove = network_delete,
    .fill = networks_fill,
    .revision = offsetof(struct network, revision_number),
};

/* clang-format off */
const struct route network_routes[] = {
    { HTTP_GET,    "/v2.0/networks",      "-token-",        resource_list,   &resource.rest },
    { HTTP_POST,   "/v2.0/networks",      "-own-",          net_create,      &resource.rest, CREATES },
    { HTTP_GET,    "/v2.0/networks/{id}", "get_network",    resource_show,   &resource.rest, .load = net_load },
    { HTTP_PUT,    "/v2.0/networks/{id}", "update_network", resource_update, &resource.rest, .load = net_load },
    { HTTP_DELETE, "/v2.0/networks/{id}", "delete_network", resource_delete, &resource.rest, .load = net_load },
    { 0 },
};
/* clang-format on */

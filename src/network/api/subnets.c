/* SPDX-License-Identifier: Apache-2.0 */
/* /v2.0/subnets */
#include "network/model/subnets.h"
#include "base/str.h"
#include "network/api/common.h"
#include "network/api/routes.h"
#include "network/store/networks.h"

#define S(type, member, uses, ...) FIELD(type, subnet, member, .use = (uses), __VA_ARGS__)

#define MODES                      "slaac|dhcpv6-stateful|dhcpv6-stateless"

static const struct field fields[] = {
    OWNER_FIELDS(subnet),
    NAME_FIELDS(subnet),
    S(FIELD_STRING, network_id, ON_CREATE | ON_SHOW | ON_FILTER | ON_SORT, .required = true,
      .check = check_uuid),
    S(FIELD_INT, ip_version, ON_CREATE | ON_SHOW | ON_FILTER | ON_SORT, .required = true, .lax = true),
    S(FIELD_STRING, cidr, ON_CREATE | ON_SHOW | ON_FILTER | ON_SORT, .max = 64),
    S(FIELD_INT, prefixlen, ON_CREATE, .lax = true),
    S(FIELD_STRING, gateway_ip, ON_IN | ON_SHOW | ON_FILTER | ON_SORT, .nullable = true, .max = 64),
    S(FIELD_BOOL, enable_dhcp, ON_ALL, .lax = true, .value = "true"),
    S(FIELD_STRING, ipv6_ra_mode, ON_CREATE | ON_SHOW | ON_FILTER | ON_SORT, .choices = MODES),
    S(FIELD_STRING, ipv6_address_mode, ON_CREATE | ON_SHOW | ON_FILTER | ON_SORT, .choices = MODES),
    S(FIELD_STRING, subnetpool_id, ON_CREATE | ON_SHOW | ON_FILTER | ON_SORT, .nullable = true),
    S(FIELD_BOOL, use_default_subnetpool, ON_CREATE, .lax = true, .value = "false"),
    S(FIELD_STRV, dns_nameservers, ON_IN | ON_SHOW),
    S(FIELD_JSON, host_routes, ON_IN | ON_SHOW, .json = "array", .nullable = true),
    S(FIELD_JSON, allocation_pools, ON_IN | ON_SHOW, .json = "array"),
    S(FIELD_STRV, service_types, ON_SHOW),
    S(FIELD_STRV, tags, ON_SHOW),
    STANDARD_FIELDS(subnet),
    FIELD_AS("network:project_id", FIELD_STRING, subnet, network_project_id),
    FIELD_AS("ext_parent:project_id", FIELD_STRING, subnet, network_project_id),
    FIELD_AS("shared", FIELD_BOOL, subnet, network_shared),
    FIELD_AS("networks:shared", FIELD_BOOL, subnet, network_shared),
    FIELD_AS("router:external", FIELD_BOOL, subnet, network_external),
    { 0 },
};

/* Own subnets, and those of networks that are own or shared.  That a network is
 * external does not show how it is numbered. */
static int before_list(struct request *rq, struct query *q, struct err *err)
{
    struct val *own = arena_array(rq->arena, struct val, 2);

    filter_tags(rq, q);
    if (sees_all_projects(rq))
        return 0;
    own[0] = own[1] = val_text(rq->token->project_id ? rq->token->project_id : "");
    rq_cond(rq, q,
            (struct cond){ .column = "(project_id = ? OR network_id IN (SELECT n.id FROM networks n WHERE "
                                     "n.project_id = ? OR n.shared = 1))",
                           .op = COND_SQL,
                           .vals = own,
                           .n_vals = 2 });
    return 0;
}

static const struct net_resource resource = {
    .rest = { .singular = "subnet",
              .plural = "subnets",
              .not_found = "SubnetNotFound",
              .table = &subnet_table,
              .fields = fields,
              .before_list = before_list,
              NET_HOOKS },
    .name = "subnet",
    .quota = "subnet",
    .parents = subnet_parents,
    .create = subnet_create,
    .update = subnet_update,
    .updated = subnet_updated,
    .remove = subnet_delete,
    .fill = subnets_fill,
    .revision = offsetof(struct subnet, revision_number),
};

/* clang-format off */
const struct route subnet_routes[] = {
    { HTTP_GET,    "/v2.0/subnets",      "-token-",       resource_list,   &resource.rest },
    { HTTP_POST,   "/v2.0/subnets",      "-own-",         net_create,      &resource.rest, CREATES },
    { HTTP_GET,    "/v2.0/subnets/{id}", "get_subnet",    resource_show,   &resource.rest, .load = net_load },
    { HTTP_PUT,    "/v2.0/subnets/{id}", "update_subnet", resource_update, &resource.rest, .load = net_load },
    { HTTP_DELETE, "/v2.0/subnets/{id}", "delete_subnet", resource_delete, &resource.rest, .load = net_load },
    { 0 },
};
/* clang-format on */

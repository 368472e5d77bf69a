/* SPDX-License-Identifier: Apache-2.0 */
/* /v2.0/subnetpools, and which services speak for what (/v2.0/service-providers). */
#include "network/model/subnet_pools.h"
#include "base/str.h"
#include "network/api/common.h"
#include "network/api/routes.h"
#include "network/store/subnet_pools.h"

#define P(type, member, uses, ...) FIELD(type, subnet_pool, member, .use = (uses), __VA_ARGS__)
#define LENGTH(member)             P(FIELD_INT, member, ON_ALL, .lax = true, .min = 1, .max = 128)

static const struct field fields[] = {
    OWNER_FIELDS(subnet_pool),
    NAME_FIELDS(subnet_pool),
    P(FIELD_INT, ip_version, ON_SHOW | ON_FILTER | ON_SORT),
    P(FIELD_STRV, prefixes, ON_IN | ON_SHOW, .required = true),
    LENGTH(min_prefixlen),
    LENGTH(max_prefixlen),
    LENGTH(default_prefixlen),
    P(FIELD_INT, default_quota, ON_ALL, .lax = true, .nullable = true, .max = INT32_MAX, .value = NULL),
    P(FIELD_STRING, address_scope_id, ON_SHOW),
    P(FIELD_BOOL, shared, ON_CREATE | ON_SHOW | ON_FILTER | ON_SORT, .lax = true, .value = "false"),
    P(FIELD_BOOL, is_default, ON_ALL, .lax = true, .value = "false"),
    P(FIELD_STRV, tags, ON_SHOW),
    STANDARD_FIELDS(subnet_pool),
    { 0 },
};

/* Own pools and those that are shared. */
static int before_list(struct request *rq, struct query *q, struct err *err)
{
    filter_tags(rq, q);
    list_visible(rq, q, "(project_id = ? OR shared = 1)");
    return 0;
}

static const struct net_resource resource = {
    .rest = { .singular = "subnetpool",
              .plural = "subnetpools",
              .label = "Subnet pool",
              .not_found = "SubnetPoolNotFound",
              .table = &subnet_pool_table,
              .fields = fields,
              .before_list = before_list,
              NET_HOOKS },
    .name = "subnetpool",
    .quota = "subnetpool",
    .create = subnet_pool_create,
    .update = subnet_pool_update,
    .remove = subnet_pool_delete,
    .revision = offsetof(struct subnet_pool, revision_number),
};

/* One way to make a router is there: on one node. */
static int list_providers(struct request *rq, struct err *err)
{
    struct jw *w = reply_begin(rq);

    jw_object(w, NULL);
    jw_array(w, "service_providers");
    jw_object(w, NULL);
    jw_str(w, "service_type", "L3_ROUTER_NAT");
    jw_str(w, "name", "single_node");
    jw_bool(w, "default", true);
    jw_end_object(w);
    jw_end_array(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

/* clang-format off */
const struct route subnet_pool_routes[] = {
    { HTTP_GET,    "/v2.0/subnetpools",      "-token-",           resource_list,   &resource.rest },
    { HTTP_POST,   "/v2.0/subnetpools",      "-own-",             net_create,      &resource.rest, CREATES },
    { HTTP_GET,    "/v2.0/subnetpools/{id}", "get_subnetpool",    resource_show,   &resource.rest, .load = net_load },
    { HTTP_PUT,    "/v2.0/subnetpools/{id}", "update_subnetpool", resource_update, &resource.rest, .load = net_load },
    { HTTP_DELETE, "/v2.0/subnetpools/{id}", "delete_subnetpool", resource_delete, &resource.rest, .load = net_load },
    { HTTP_GET,    "/v2.0/service-providers", "-token-", list_providers },
    { 0 },
};
/* clang-format on */

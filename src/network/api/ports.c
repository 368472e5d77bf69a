/* SPDX-License-Identifier: Apache-2.0 */
/* /v2.0/ports */
#include "network/store/ports.h"

#include "base/str.h"
#include "network/api/common.h"
#include "network/api/routes.h"
#include "network/model/ports.h"

#define P(type, member, uses, ...)          FIELD(type, port, member, .use = (uses), __VA_ARGS__)
#define P_AS(name, type, member, uses, ...) FIELD_AS(name, type, port, member, .use = (uses), __VA_ARGS__)

#define VNIC_TYPES \
    "normal|direct|macvtap|baremetal|direct-physical|virtio-forwarder|smart-nic|vdpa|accelerator-direct|remote-managed"

static const struct field fields[] = {
    OWNER_FIELDS(port),
    NAME_FIELDS(port),
    P(FIELD_STRING, network_id, ON_CREATE | ON_SHOW | ON_FILTER | ON_SORT, .required = true,
      .check = check_uuid),
    P(FIELD_STRING, mac_address, ON_ALL, .max = 32),
    P(FIELD_STRING, status, ON_SHOW | ON_FILTER | ON_SORT),
    P(FIELD_BOOL, admin_state_up, ON_ALL, .lax = true, .value = "true"),
    P(FIELD_STRING, device_id, ON_ALL, .max = 255, .nullable = true, .value = ""),
    P(FIELD_STRING, device_owner, ON_ALL, .max = 255, .nullable = true, .value = ""),
    P(FIELD_JSON, fixed_ips, ON_IN | ON_SHOW, .json = "array", .nullable = true),
    P(FIELD_STRV, security_groups, ON_IN | ON_SHOW, .nullable = true),
    P(FIELD_BOOL, port_security_enabled, ON_IN | ON_SHOW | ON_FILTER, .lax = true),
    P(FIELD_JSON, allowed_address_pairs, ON_IN | ON_SHOW, .json = "array", .nullable = true),
    P(FIELD_JSON, extra_dhcp_opts, ON_IN | ON_SHOW, .json = "array", .nullable = true),
    P_AS("binding:host_id", FIELD_STRING, host_id, ON_IN | ON_SHOW | ON_FILTER, .max = 255, .nullable = true,
         .value = "", .column = "host_id", .policy = "get_port:binding:host_id"),
    P_AS("binding:vnic_type", FIELD_STRING, vnic_type, ON_IN | ON_SHOW | ON_FILTER, .value = "normal",
         .choices = VNIC_TYPES, .column = "vnic_type"),
    P_AS("binding:vif_type", FIELD_STRING, vif_type, ON_SHOW | ON_FILTER, .column = "vif_type",
         .policy = "get_port:binding:vif_type"),
    P_AS("binding:vif_details", FIELD_JSON, vif_details, ON_SHOW, .policy = "get_port:binding:vif_details"),
    P_AS("binding:profile", FIELD_JSON, profile, ON_IN | ON_SHOW, .json = "object", .nullable = true,
         .value = "{}", .policy = "get_port:binding:profile"),
    P(FIELD_STRV, tags, ON_SHOW),
    STANDARD_FIELDS(port),
    P_AS("network:project_id", FIELD_STRING, network_project_id, 0),
    P_AS("ext_parent:project_id", FIELD_STRING, network_project_id, 0),
    P_AS("networks:shared", FIELD_BOOL, network_shared, 0),
    { 0 },
};

/* fixed_ips=ip_address=…&fixed_ips=subnet_id=…: one address must meet each. */
static void filter_addresses(struct request *rq, struct query *q)
{
    for (size_t i = 0; i < rq->n_query; i++) {
        const char *v = rq->query[i].value, *eq = strchr(v, '=');
        static const struct {
            const char *name, *sql;
            bool part;
        } kinds[] = {
            { "ip_address=", "id IN (SELECT a.port_id FROM ip_allocations a WHERE a.ip_address = ?)", false },
            { "subnet_id=", "id IN (SELECT a.port_id FROM ip_allocations a WHERE a.subnet_id = ?)", false },
            { "ip_address_substr=",
              "id IN (SELECT a.port_id FROM ip_allocations a WHERE a.ip_address LIKE ?)", true },
        };

        if (!eq || !str_eq(rq->query[i].name, "fixed_ips"))
            continue;
        for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
            struct val *val = arena_new(rq->arena, struct val);

            if (!str_has_prefix(v, kinds[k].name))
                continue;
            *val = val_text(kinds[k].part ? arena_printf(rq->arena, "%%%s%%", eq + 1) : eq + 1);
            rq_cond(rq, q, (struct cond){ .column = kinds[k].sql, .op = COND_SQL, .vals = val, .n_vals = 1 });
        }
    }
}

static void filter_groups(struct request *rq, struct query *q)
{
    const char *v = rq_query(rq, "security_groups");
    struct val *val = arena_new(rq->arena, struct val);

    if (!v)
        return;
    *val = val_text(v);
    rq_cond(rq, q,
            (struct cond){ .column = "id IN (SELECT g.port_id FROM port_security_groups g WHERE "
                                     "g.security_group_id = ?)",
                           .op = COND_SQL,
                           .vals = val,
                           .n_vals = 1 });
}

/* Own ports, and those on own networks. */
static int before_list(struct request *rq, struct query *q, struct err *err)
{
    struct val *own = arena_array(rq->arena, struct val, 2);

    filter_tags(rq, q);
    filter_addresses(rq, q);
    filter_groups(rq, q);
    if (sees_all_projects(rq))
        return 0;
    own[0] = own[1] = val_text(rq->token->project_id ? rq->token->project_id : "-");
    rq_cond(rq, q,
            (struct cond){ .column = "(project_id = ? OR network_id IN "
                                     "(SELECT n.id FROM networks n WHERE n.project_id = ?))",
                           .op = COND_SQL,
                           .vals = own,
                           .n_vals = 2 });
    return 0;
}

static int refuse_duplicate(struct request *rq, const void *obj, struct err *err)
{
    const struct port *p = obj;

    return err_http(err, 409, "MacAddressInUse",
                    "Unable to complete operation for network %s. The mac address %s is in use.",
                    p->network_id, p->mac_address);
}

static const struct net_resource resource = {
    .rest = { .singular = "port",
              .plural = "ports",
              .not_found = "PortNotFound",
              .table = &port_table,
              .fields = fields,
              .before_list = before_list,
              .refuse_duplicate = refuse_duplicate,
              NET_HOOKS },
    .name = "port",
    .quota = "port",
    .parents = port_parents,
    .create = port_create,
    .update = port_update,
    .updated = port_updated,
    .remove = port_delete,
    .fill = ports_fill,
    .revision = offsetof(struct port, revision_number),
};

/* clang-format off */
const struct route port_routes[] = {
    { HTTP_GET,    "/v2.0/ports",      "-token-",     resource_list,   &resource.rest },
    { HTTP_POST,   "/v2.0/ports",      "-own-",       net_create,      &resource.rest, CREATES },
    { HTTP_GET,    "/v2.0/ports/{id}", "get_port",    resource_show,   &resource.rest, .load = net_load },
    { HTTP_PUT,    "/v2.0/ports/{id}", "update_port", resource_update, &resource.rest, .load = net_load },
    { HTTP_DELETE, "/v2.0/ports/{id}", "delete_port", resource_delete, &resource.rest, .load = net_load },
    { 0 },
};
/* clang-format on */

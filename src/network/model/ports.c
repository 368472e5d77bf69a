/* SPDX-License-Identifier: Apache-2.0 */
#include "network/model/ports.h"

#include "base/str.h"
#include "base/uuid.h"
#include "network/ipnum.h"
#include "network/model/binding.h"
#include "network/model/change.h"
#include "network/model/dhcp.h"
#include "network/model/events.h"
#include "network/model/floating.h"
#include "network/model/groups.h"
#include "network/model/ipam.h"
#include "network/store/networks.h"
#include "network/store/ports.h"
#include "network/store/routers.h"

static bool is_networks_own(const struct port *p)
{
    return str_has_prefix(p->device_owner, "network:");
}

/* Whether who asks may know of the network; services ask for its owner. */
static bool sees_network(const struct net_ctx *c, const struct network *n, const struct port *p)
{
    return c->admin || n->shared || n->external || str_eq(n->project_id, c->project_id) ||
           str_eq(n->project_id, p->project_id);
}

int port_parents(struct net_ctx *c, void *obj, struct err *err)
{
    struct port *p = obj;
    struct network n;
    int r = network_get(c, p->network_id, &n, err);

    if (r < 0)
        return r;
    if (!sees_network(c, &n, p))
        return err_http(err, 404, "NetworkNotFound", "Network %.255s could not be found.", p->network_id);
    p->network_project_id = n.project_id;
    p->network_shared = n.shared;
    if (!GIVEN(c, port, port_security_enabled))
        p->port_security_enabled = n.port_security_enabled && !is_networks_own(p);
    return 0;
}

/* --- what a user gives ---------------------------------------------------------------- */

static int bad_input(struct err *err, const char *name, const char *why)
{
    return err_http(err, 400, "HTTPBadRequest", "Invalid input for %s. Reason: %s.", name, why);
}

static int check_mac(struct net_ctx *c, struct port *p, struct err *err)
{
    unsigned char mac[6];

    if (macnum_parse(p->mac_address, mac) < 0 || (mac[0] & 1))
        return bad_input(err, "mac_address",
                         arena_printf(c->a, "'%.64s' is not a valid MAC address", p->mac_address));
    p->mac_address = macnum_text(c->a, mac);
    return 0;
}

static int check_fixed_ips(struct net_ctx *c, const json_t *wanted, struct err *err)
{
    for (size_t i = 0; i < json_array_size(wanted); i++) {
        const json_t *w = json_array_get(wanted, i);
        const char *ip = json_str(w, "ip_address"), *subnet = json_str(w, "subnet_id"), *name;
        struct ipnum num;
        json_t *v;

        if (!json_is_object(w))
            return bad_input(err, "fixed_ips", "each must be an object");
        json_object_foreach ((json_t *) w, name, v) {
            if (strcmp(name, "ip_address") != 0 && strcmp(name, "subnet_id") != 0)
                return bad_input(err, "fixed_ips",
                                 arena_printf(c->a, "'%.64s' is no attribute of a fixed IP", name));
        }
        if (json_object_get(w, "ip_address") && ipnum_parse(ip, &num) < 0)
            return bad_input(err, "fixed_ips",
                             arena_printf(c->a, "'%.64s' is not a valid IP address", ip ? ip : "None"));
        if (subnet && !uuid_is_valid(subnet))
            return bad_input(err, "fixed_ips", arena_printf(c->a, "'%.64s' is not a valid UUID", subnet));
        for (size_t j = 0; j < i; j++)
            if (ip && str_eq(ip, json_str(json_array_get(wanted, j), "ip_address")))
                return bad_input(err, "fixed_ips", arena_printf(c->a, "Duplicate IP address '%s'", ip));
    }
    return 0;
}

/* In canonical form, with the port's MAC where none is given. */
static int check_pairs(struct net_ctx *c, struct port *p, struct err *err)
{
    auto_json json_t *in = NULL, *out = json_array();

    if (!p->allowed_address_pairs) {
        p->allowed_address_pairs = "[]";
        return 0;
    }
    if (json_read(p->allowed_address_pairs, strlen(p->allowed_address_pairs), &in, err) < 0)
        return -EINVAL;
    if ((int64_t) json_array_size(in) > c->n->opt->max_address_pairs)
        return err_http(err, 400, "AllowedAddressPairExhausted",
                        "The number of allowed address pair exceeds the maximum %lld.",
                        (long long) c->n->opt->max_address_pairs);
    for (size_t i = 0; i < json_array_size(in); i++) {
        const json_t *pair = json_array_get(in, i);
        const char *ip = json_str(pair, "ip_address"), *mac = json_str(pair, "mac_address");
        unsigned char bytes[6];
        struct ipnet net;
        const char *name;
        json_t *v;

        json_object_foreach ((json_t *) pair, name, v) {
            if (!str_eq(name, "ip_address") && !str_eq(name, "mac_address"))
                return bad_input(err, "allowed_address_pairs",
                                 arena_printf(c->a, "'%.64s' is no attribute of an address pair", name));
        }
        if (!json_is_object(pair) || !json_object_get(pair, "ip_address"))
            return err_http(err, 400, "AllowedAddressPairsMissingIP",
                            "AllowedAddressPair must contain ip_address");
        if (ipnet_parse(ip, &net, NULL) < 0)
            return bad_input(
                err, "allowed_address_pairs",
                arena_printf(c->a, "'%.64s' is not a valid IP address or subnet", ip ? ip : "None"));
        if (mac && (macnum_parse(mac, bytes) < 0 || (bytes[0] & 1)))
            return bad_input(err, "allowed_address_pairs",
                             arena_printf(c->a, "'%.64s' is not a valid MAC address", mac));
        json_array_append_new(
            out, json_pack("{s:s, s:s}", "mac_address", mac ? mac : p->mac_address, "ip_address", ip));
        for (size_t j = 0; j < i; j++)
            if (json_equal(json_array_get(out, i), json_array_get(out, j)))
                return err_http(err, 400, "DuplicateAddressPairInRequest",
                                "Request contains duplicate address pair: mac_address %s ip_address %s.",
                                mac ? mac : p->mac_address, ip);
    }
    p->allowed_address_pairs = json_text(c->a, out);
    return 0;
}

/* What option names are made of: they end in a file, a line each. */
#define OPT_NAME "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."

static int check_dhcp_opts(struct net_ctx *c, struct port *p, const char *before, struct err *err)
{
    auto_json json_t *in = NULL, *out = NULL;

    if (before && json_read(before, strlen(before), &out, err) < 0)
        return -EINVAL;
    if (!out)
        out = json_array();
    if (p->extra_dhcp_opts && json_read(p->extra_dhcp_opts, strlen(p->extra_dhcp_opts), &in, err) < 0)
        return -EINVAL;
    for (size_t i = 0; i < json_array_size(in); i++) {
        const json_t *o = json_array_get(in, i);
        const char *name = json_str(o, "opt_name");
        int64_t version = json_int(o, "ip_version", 4);
        const json_t *value = json_object_get(o, "opt_value");

        if (str_empty(name) || strlen(name) > 64 || name[strspn(name, OPT_NAME)] || !value ||
            (!json_is_null(value) && !json_is_string(value)))
            return bad_input(err, "extra_dhcp_opts", "each needs opt_name and opt_value");
        if (json_is_string(json_object_get(o, "ip_version")))
            version = str_eq(json_str(o, "ip_version"), "6") ? 6 : 4;
        for (size_t j = 0; j < json_array_size(out); j++) /* The new one takes the old one's place. */
            if (str_eq(json_str(json_array_get(out, j), "opt_name"), name) &&
                json_int(json_array_get(out, j), "ip_version", 4) == version)
                json_array_remove(out, j--);
        if (!json_is_null(value))
            json_array_append_new(out,
                                  json_pack("{s:s, s:s, s:I}", "opt_name", name, "opt_value",
                                            json_string_value(value), "ip_version", (json_int_t) version));
    }
    p->extra_dhcp_opts = json_text(c->a, out);
    return 0;
}

/* Groups need the port security that enforces them. */
static int check_security(struct net_ctx *c, const struct port *p, bool has_groups, struct err *err)
{
    if (p->port_security_enabled)
        return 0;
    if (has_groups)
        return err_http(
            err, 409, "PortSecurityPortHasSecurityGroup",
            "Port has security group associated. Cannot disable port security or IP address until "
            "security group is removed.");
    if (p->allowed_address_pairs && strcmp(p->allowed_address_pairs, "[]") != 0)
        return err_http(err, 409, "AddressPairAndPortSecurityRequired",
                        "Port Security must be enabled in order to have allowed address pairs on a port.");
    return 0;
}

/* --- making ------------------------------------------------------------------------------ */

static void fill_port(struct net_ctx *c, struct port *p)
{
    if (!p->id)
        p->id = uuid_new(c->a);
    if (!p->created_at)
        p->created_at = p->updated_at = c->now_us;
    p->device_id = p->device_id ? p->device_id : "";
    p->device_owner = p->device_owner ? p->device_owner : "";
    p->host_id = p->host_id ? p->host_id : "";
    p->vnic_type = p->vnic_type ? p->vnic_type : "normal";
    p->profile = p->profile ? p->profile : "{}";
    p->name = p->name ? p->name : "";
    p->description = p->description ? p->description : "";
    p->dns_name = p->dns_name ? p->dns_name : "";
    p->project_id = p->project_id ? p->project_id : "";
    p->allowed_address_pairs = p->allowed_address_pairs ? p->allowed_address_pairs : "[]";
    p->extra_dhcp_opts = p->extra_dhcp_opts ? p->extra_dhcp_opts : "[]";
}

int port_make(struct net_ctx *c, struct port *p, const json_t *wanted, const char *const *groups,
              struct err *err)
{
    bool mac_given = p->mac_address;
    int r = 0;

    fill_port(c, p);
    if (!mac_given)
        r = mac_generate(c, p->network_id, &p->mac_address, err);
    if (r >= 0)
        r = port_bind(c, p, err);
    if (r >= 0)
        r = table_insert(c->t, c->a, &port_table, p, err);
    if (r == -EEXIST)
        return err_http(err, mac_given ? 409 : 503, "MacAddressInUse",
                        "Unable to complete operation for network %s. The mac address %s is in use.",
                        p->network_id, p->mac_address);
    if (r >= 0)
        r = ipam_allocate(c, p, wanted, err);
    if (r >= 0 && groups)
        r = port_set_groups(c, p->id, groups, err);
    if (r >= 0)
        r = change_network(c, p->network_id, err);
    return r < 0 ? r : change_groups(c, groups, err);
}

/* The groups a new port is in: as given, else the project's default one. */
static int groups_of_new(struct net_ctx *c, struct port *p, const char ***ret, struct err *err)
{
    const char *id = NULL;
    int r;

    if (GIVEN(c, port, security_groups) && !json_is_null(json_object_get(c->in, "security_groups"))) {
        *ret = p->security_groups;
        if (strv_len(p->security_groups) && !p->port_security_enabled)
            return err_http(err, 400, "PortSecurityAndIPRequiredForSecurityGroups",
                            "Port security must be enabled and port must have an IP address in order to use "
                            "security groups.");
        return security_groups_check(c, p->project_id, p->security_groups, err);
    }
    if (!p->port_security_enabled || is_networks_own(p))
        return 0;
    r = default_group_ensure(c, p->project_id, &id, err);
    if (r >= 0 && id)
        *ret = strv_add(c->a, NULL, id);
    return r;
}

/* A port of a router's own is not made for somebody else's router. */
static int check_router_of(struct net_ctx *c, const struct port *p, struct err *err)
{
    struct l3_router router;
    int r;

    if (c->admin || str_empty(p->device_id) || !str_has_prefix(p->device_owner, "network:router_"))
        return 0;
    r = table_get(c->t, c->a, &l3_router_table, p->device_id, &router, err);
    if (r < 0)
        return r == -ENOENT ? 0 : r;
    return str_eq(router.project_id, p->project_id)
               ? 0
               : err_http(err, 409, "DeviceIDNotOwnedByTenant",
                          "The following device_id %s is not owned by your tenant or matches another tenants "
                          "router.",
                          p->device_id);
}

int port_create(struct net_ctx *c, void *obj, struct err *err)
{
    const json_t *wanted = json_object_get(c->in, "fixed_ips");
    const char **groups = NULL;
    struct port *p = obj;
    int r = 0;

    if (json_is_null(wanted))
        wanted = NULL;
    if (p->mac_address)
        r = check_mac(c, p, err);
    else
        r = mac_generate(c, p->network_id, &p->mac_address, err);
    if (r >= 0)
        r = check_router_of(c, p, err);
    if (r >= 0)
        r = check_fixed_ips(c, wanted, err);
    if (r >= 0)
        r = check_pairs(c, p, err);
    if (r >= 0)
        r = check_dhcp_opts(c, p, NULL, err);
    if (r >= 0)
        r = groups_of_new(c, p, &groups, err);
    if (r >= 0)
        r = check_security(c, p, false, err);
    if (r >= 0)
        r = port_make(c, p, wanted, groups, err);
    if (r >= 0)
        r = dhcp_ensure(c, p->network_id, err);
    if (r >= 0 && str_eq(p->status, STATUS_ACTIVE))
        r = event_send(c, p, EVENT_PLUGGED, false, err);
    return r;
}

/* --- changing --------------------------------------------------------------------------- */

static int check_device(const struct port *old, const struct port *p, struct err *err)
{
    bool was_router = str_has_prefix(old->device_owner, "network:router_");

    if (was_router && (!str_eq(old->device_id, p->device_id) || !str_eq(old->device_owner, p->device_owner)))
        return err_http(
            err, 409, "PortInUse",
            "Unable to complete operation on port %s for network %s. Port already has an attached "
            "device %s.",
            p->id, p->network_id, old->device_id);
    return 0;
}

static int change_groups_of(struct net_ctx *c, const struct port *old, struct port *p, struct err *err)
{
    int r = 0;

    if (!GIVEN(c, port, security_groups)) {
        p->security_groups = old->security_groups;
        return check_security(c, p, strv_len(old->security_groups) > 0, err);
    }
    if (strv_len(p->security_groups) && !p->port_security_enabled)
        return check_security(c, p, true, err);
    r = check_security(c, p, false, err);
    if (r >= 0)
        r = security_groups_check(c, p->project_id, p->security_groups, err);
    if (r >= 0)
        r = port_set_groups(c, p->id, (const char *const *) p->security_groups, err);
    return r;
}

static int change_addresses(struct net_ctx *c, const struct port *old, struct port *p, struct err *err)
{
    const json_t *wanted = json_object_get(c->in, "fixed_ips");
    int r;

    if (!GIVEN(c, port, fixed_ips) || json_is_null(wanted))
        return 0;
    r = check_fixed_ips(c, wanted, err);
    if (r >= 0)
        r = floating_ips_check_kept(c, p, wanted, err);
    return r < 0 ? r : ipam_change(c, p, wanted, err);
}

/* What of a binding must be decided anew. */
static bool must_rebind(const struct port *old, const struct port *p)
{
    return !str_eq(old->host_id, p->host_id) || !str_eq(old->vnic_type, p->vnic_type) ||
           (!str_empty(p->host_id) && str_eq(old->vif_type, "binding_failed"));
}

static void decide_status(struct net_ctx *c, const struct port *old, struct port *p)
{
    if (old->admin_state_up != p->admin_state_up)
        p->status = p->admin_state_up && p->l2_up ? STATUS_ACTIVE : STATUS_DOWN;
}

int port_update(struct net_ctx *c, const void *was, void *obj, struct err *err)
{
    const struct port *old = was;
    struct port *p = obj;
    int r;

    p->device_id = p->device_id ? p->device_id : "";
    p->device_owner = p->device_owner ? p->device_owner : "";
    p->host_id = p->host_id ? p->host_id : "";
    p->profile = p->profile ? p->profile : "{}";
    r = check_device(old, p, err);
    if (r >= 0 && (GIVEN(c, port, device_id) || GIVEN(c, port, device_owner)))
        r = check_router_of(c, p, err);
    if (r >= 0 && !str_eq(old->mac_address, p->mac_address))
        r = check_mac(c, p, err);
    if (r >= 0 && GIVEN(c, port, allowed_address_pairs))
        r = check_pairs(c, p, err);
    if (r >= 0 && GIVEN(c, port, extra_dhcp_opts))
        r = check_dhcp_opts(c, p, old->extra_dhcp_opts, err);
    /* Before the change: who loses it must hear of it too. */
    if (r >= 0)
        r = change_network(c, p->network_id, err);
    if (r >= 0)
        r = change_groups(c, old->security_groups, err);
    if (r >= 0)
        r = change_groups_of(c, old, p, err);
    if (r >= 0)
        r = change_addresses(c, old, p, err);
    if (r >= 0 && must_rebind(old, p))
        r = port_bind(c, p, err);
    else
        decide_status(c, old, p);
    return r;
}

/* Compute hears when the port's state changed for the server that has it. */
static int tell_compute(struct net_ctx *c, const struct port *old, const struct port *p, struct err *err)
{
    bool was = str_eq(old->status, STATUS_ACTIVE), is = str_eq(p->status, STATUS_ACTIVE);

    if (is && (!was || !str_eq(old->device_id, p->device_id) || !str_eq(old->host_id, p->host_id)))
        return event_send(c, p, EVENT_PLUGGED, false, err);
    if (was && !is)
        return event_send(c, old, EVENT_UNPLUGGED, false, err);
    if (GIVEN(c, port, fixed_ips))
        return event_send(c, p, EVENT_CHANGED, false, err);
    return 0;
}

int port_updated(struct net_ctx *c, const void *old, void *obj, struct err *err)
{
    struct port *p = obj;
    int r = port_fill(c, p, err);

    if (r >= 0)
        r = change_network(c, p->network_id, err);
    if (r >= 0)
        r = change_groups(c, (const char *const *) p->security_groups, err);
    if (r >= 0)
        r = dhcp_ensure(c, p->network_id, err);
    return r < 0 ? r : tell_compute(c, old, p, err);
}

int port_move(struct net_ctx *c, struct port *p, const char *host, struct err *err)
{
    static const char *const only[] = { "host_id", "vif_type", "vif_details", "status",
                                        "l2_up",   "dhcp_up",  "wiring",      NULL };
    int r = change_network(c, p->network_id, err);

    p->host_id = host ? host : "";
    if (r >= 0)
        r = port_bind(c, p, err);
    if (r >= 0)
        r = port_write(c, p, only, err);
    return r < 0 ? r : change_network(c, p->network_id, err);
}

/* --- removing ------------------------------------------------------------------------------ */

int port_unmake(struct net_ctx *c, const struct port *p, struct err *err)
{
    int r = change_network(c, p->network_id, err);

    if (r >= 0)
        r = change_groups(c, (const char *const *) p->security_groups, err);
    if (r >= 0)
        r = floating_ips_let_go(c, p->id, err);
    return r < 0 ? r : port_remove(c, p->id, err);
}

int port_delete(struct net_ctx *c, void *obj, struct err *err)
{
    const struct port *p = obj;
    int r;

    if (str_has_prefix(p->device_owner, "network:router_") || str_eq(p->device_owner, OWNER_FLOATING_IP))
        return err_http(err, 409, "ServicePortInUse",
                        "Port %s cannot be deleted directly via the port API: has device owner %s.", p->id,
                        p->device_owner);
    r = event_send(c, p, EVENT_DELETED, false, err);
    return r < 0 ? r : port_unmake(c, p, err);
}

int ports_join_auto_subnet(struct net_ctx *c, const struct subnet *s, struct err *err)
{
    const struct cond cond = { .column = "network_id", .op = COND_EQ, .value = val_text(s->network_id) };
    auto_json json_t *wanted = json_array();
    struct list ports;
    int r = ports_find(c, &cond, 1, &ports, err);

    json_array_append_new(wanted, json_pack("{s:s}", "subnet_id", s->id));
    for (size_t i = 0; r >= 0 && i < ports.count; i++) {
        const struct port *p = list_at(&ports, i);

        if (!is_networks_own(p))
            r = ipam_allocate(c, p, wanted, err);
    }
    return r;
}

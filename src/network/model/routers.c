/* SPDX-License-Identifier: Apache-2.0 */
#include "network/model/routers.h"

#include "agent/network_wishes.h"
#include "base/str.h"
#include "network/ipnum.h"
#include "network/model/change.h"
#include "network/model/ports.h"
#include "network/model/schedule.h"
#include "network/store/networks.h"
#include "network/store/ports.h"
#include "network/store/routers.h"

static int bad_request(struct err *err, const char *words)
{
    return err_http(err, 400, "BadRequest", "Bad router request: %s.", words);
}

/* --- where it runs --------------------------------------------------------------------- */

static int run_on(struct net_ctx *c, struct l3_router *l, const struct list *ports, const char *host,
                  struct err *err)
{
    static const char *const only[] = { "host", NULL };
    int r = 0;

    change_host(c, l->host);
    change_host(c, host);
    if (!str_eq(l->host, host)) {
        l->host = host;
        r = l3_router_write(c, l, only, err);
    }
    for (size_t i = 0; r >= 0 && i < ports->count; i++) {
        struct port *p = list_at(ports, i);

        if (!str_eq(p->host_id, host ? host : ""))
            r = port_move(c, p, host, err);
    }
    return r;
}

int l3_router_ensure(struct net_ctx *c, struct l3_router *l, struct err *err)
{
    const char *host = NULL;
    struct list ports;
    int r = l3_router_ports(c, l->id, NULL, &ports, err);

    if (r >= 0 && ports.count)
        r = schedule_host(c, NETWORK_AGENT_L3, l->host, &host, err);
    if (r < 0 || (ports.count && !host))
        return r; /* Nobody can run it now; housekeeping looks again. */
    return run_on(c, l, &ports, host, err);
}

/* Nobody serves them, until the next host says that it does. */
static int floating_ips_down(struct net_ctx *c, const char *router_id, struct err *err)
{
    static const char *const only[] = { "status", NULL };
    struct list fips;
    int r = floating_ips_find(c, "router_id", router_id, &fips, err);

    for (size_t i = 0; r >= 0 && i < fips.count; i++) {
        struct floating_ip *f = list_at(&fips, i);

        if (str_eq(f->status, STATUS_DOWN))
            continue;
        f->status = STATUS_DOWN;
        r = floating_ip_write(c, f, only, err);
    }
    return r;
}

int l3_router_move(struct net_ctx *c, struct l3_router *l, const char *host, struct err *err)
{
    struct list ports;
    int r = l3_router_ports(c, l->id, NULL, &ports, err);

    if (r >= 0 && !str_eq(l->host, host))
        r = floating_ips_down(c, l->id, err);
    return r < 0 ? r : run_on(c, l, &ports, host, err);
}

/* --- the subnets it is on ---------------------------------------------------------------- */

/* No two legs may lead to the same addresses. */
static int check_leg(struct net_ctx *c, const struct l3_router *l, const struct subnet *s, struct err *err)
{
    struct list ports;
    struct ipnet net;
    int r = l3_router_ports(c, l->id, NULL, &ports, err);

    if (r < 0 || ipnet_parse(s->cidr, &net, NULL) < 0)
        return r;
    for (size_t i = 0; i < ports.count; i++) {
        const struct port *p = list_at(&ports, i);
        struct allocation *all;
        size_t n;

        r = allocations_of_port(c, p->id, &all, &n, err);
        for (size_t j = 0; r >= 0 && j < n; j++) {
            struct subnet other;
            struct ipnet theirs;

            if (str_eq(all[j].subnet_id, s->id))
                return bad_request(err, arena_printf(c->a, "Router already has a port on subnet %s", s->id));
            r = subnet_get(c, all[j].subnet_id, &other, err);
            if (r >= 0 && ipnet_parse(other.cidr, &theirs, NULL) == 0 && ipnet_overlaps(&net, &theirs))
                return bad_request(
                    err, arena_printf(c->a, "Cidr %s of subnet %s overlaps with cidr %s of subnet %s",
                                      s->cidr, s->id, other.cidr, other.id));
        }
        if (r < 0)
            return r;
    }
    return 0;
}

static int leg_by_subnet(struct net_ctx *c, const struct l3_router *l, const char *subnet_id,
                         struct port *ret, struct err *err)
{
    auto_json json_t *wanted = NULL;
    struct port p = { .device_owner = OWNER_ROUTER_INTERFACE, .device_id = l->id, .admin_state_up = true };
    struct list one = { .count = 1, .size = sizeof(struct subnet) };
    struct subnet s = { 0 };
    int r = subnet_get(c, subnet_id, &s, err);

    one.items = &s;
    if (r >= 0)
        r = subnets_fill(c, &one, err);
    if (r >= 0 && !c->admin && !str_eq(s.project_id, c->project_id) && !s.network_shared)
        return err_http(err, 404, "SubnetNotFound", "Subnet %.255s could not be found.", subnet_id);
    if (r >= 0 && !s.gateway_ip)
        return bad_request(err, "Subnet for router interface must have a gateway IP");
    if (r >= 0)
        r = check_leg(c, l, &s, err);
    if (r < 0)
        return r;
    wanted = json_pack("[{s:s, s:s}]", "subnet_id", s.id, "ip_address", s.gateway_ip);
    p.network_id = s.network_id;
    p.project_id = l->project_id;
    p.host_id = l->host;
    r = port_make(c, &p, wanted, NULL, err);
    if (r >= 0)
        r = port_fill(c, &p, err);
    *ret = p;
    return r;
}

static int leg_by_port(struct net_ctx *c, const struct l3_router *l, const char *port_id, struct port *ret,
                       struct err *err)
{
    static const char *const only[] = { "device_id", "device_owner", "port_security_enabled", NULL };
    struct allocation *all;
    struct port p = { 0 };
    struct subnet s;
    size_t n;
    int r = port_get(c, port_id, &p, err);

    if (r >= 0 && !c->admin && !str_eq(p.project_id, c->project_id))
        return err_http(err, 404, "PortNotFound", "Port %.255s could not be found.", port_id);
    if (r >= 0 && !str_empty(p.device_id))
        return err_http(
            err, 409, "PortInUse",
            "Unable to complete operation on port %s for network %s. Port already has an attached "
            "device %s.",
            p.id, p.network_id, p.device_id);
    if (r >= 0)
        r = allocations_of_port(c, p.id, &all, &n, err);
    if (r >= 0 && !n)
        return bad_request(err, arena_printf(c->a, "Router port must have at least one fixed IP"));
    for (size_t i = 0; r >= 0 && i < n; i++) {
        r = subnet_get(c, all[i].subnet_id, &s, err);
        if (r >= 0)
            r = check_leg(c, l, &s, err);
    }
    if (r < 0)
        return r;
    p.device_id = l->id;
    p.device_owner = OWNER_ROUTER_INTERFACE;
    p.port_security_enabled = false;
    r = port_write(c, &p, only, err);
    if (r >= 0)
        r = port_set_groups(c, p.id, NULL, err);
    *ret = p;
    return r;
}

int l3_router_add_interface(struct net_ctx *c, struct l3_router *l, const char *subnet_id,
                            const char *port_id, struct port *ret, struct err *err)
{
    int r;

    if (!subnet_id == !port_id)
        return bad_request(err, subnet_id ? "Cannot specify both subnet-id and port-id"
                                          : "Either subnet_id or port_id must be specified");
    r = subnet_id ? leg_by_subnet(c, l, subnet_id, ret, err) : leg_by_port(c, l, port_id, ret, err);
    if (r >= 0)
        r = l3_router_ensure(c, l, err);
    return r < 0 ? r : change_network(c, ret->network_id, err);
}

static int find_leg(struct net_ctx *c, const struct l3_router *l, const char *subnet_id, const char *port_id,
                    struct port *ret, struct err *err)
{
    const char *on_subnet = NULL;
    struct list ports;
    bool by_port;
    int r = l3_router_ports(c, l->id, OWNER_ROUTER_INTERFACE, &ports, err);

    for (size_t i = 0; r >= 0 && i < ports.count; i++) {
        const struct port *p = list_at(&ports, i);
        struct allocation *all;
        size_t n = 0, j;

        by_port = port_id && str_eq(p->id, port_id);
        r = allocations_of_port(c, p->id, &all, &n, err);
        for (j = 0; r >= 0 && j < n; j++)
            if (str_eq(all[j].subnet_id, subnet_id))
                on_subnet = p->id;
        if (r >= 0 && by_port && subnet_id && !str_eq(on_subnet, p->id))
            return err_http(err, 409, "SubnetMismatchForPort",
                            "Subnet on port %s does not match the requested subnet %s.", port_id, subnet_id);
        if (r >= 0 && (by_port || (!port_id && str_eq(on_subnet, p->id)))) {
            *ret = *p;
            return 0;
        }
    }
    if (r < 0)
        return r;
    if (port_id)
        return err_http(err, 404, "RouterInterfaceNotFound",
                        "Router %s does not have an interface with id %.64s", l->id, port_id);
    return err_http(err, 404, "RouterInterfaceNotFoundForSubnet",
                    "Router %s has no interface on subnet %.64s", l->id, subnet_id);
}

/* Neither floating IPs nor routes may need the leg. */
static int check_leg_unused(struct net_ctx *c, const struct l3_router *l, const struct port *p,
                            struct err *err)
{
    auto_json json_t *routes = NULL;
    struct allocation *all;
    size_t n;
    int r = allocations_of_port(c, p->id, &all, &n, err);

    if (r >= 0 && l->routes)
        r = json_read(l->routes, strlen(l->routes), &routes, err);
    for (size_t i = 0; r >= 0 && i < n; i++) {
        struct subnet s = { 0 };
        struct ipnet net;
        struct ipnum via;
        int64_t used = 0;

        r = subnet_get(c, all[i].subnet_id, &s, err);
        if (r >= 0)
            r = floating_ips_through(c, l->id, s.id, &used, err);
        if (r >= 0 && used)
            return err_http(
                err, 409, "RouterInterfaceInUseByFloatingIP",
                "Router interface for subnet %s on router %s cannot be deleted, as it is required by "
                "one or more floating IPs.",
                s.id, l->id);
        for (size_t j = 0; r >= 0 && j < json_array_size(routes); j++)
            if (ipnet_parse(s.cidr, &net, NULL) == 0 &&
                ipnum_parse(json_str(json_array_get(routes, j), "nexthop"), &via) == 0 &&
                ipnet_contains(&net, via))
                return err_http(
                    err, 409, "RouterInterfaceInUseByRoute",
                    "Router interface for subnet %s on router %s cannot be deleted, as it is required "
                    "by one or more routes.",
                    s.id, l->id);
    }
    return r;
}

int l3_router_remove_interface(struct net_ctx *c, struct l3_router *l, const char *subnet_id,
                               const char *port_id, struct port *ret, struct err *err)
{
    int r;

    if (!subnet_id && !port_id)
        return bad_request(err, "Either subnet_id or port_id must be specified");
    r = find_leg(c, l, subnet_id, port_id, ret, err);
    if (r >= 0)
        r = check_leg_unused(c, l, ret, err);
    if (r >= 0)
        r = port_unmake(c, ret, err);
    return r < 0 ? r : l3_router_ensure(c, l, err);
}

/* --- the gateway -------------------------------------------------------------------------- */

static int drop_gateway(struct net_ctx *c, struct l3_router *l, struct err *err)
{
    struct list fips;
    struct port p = { 0 };
    int r;

    if (!l->gw_port_id)
        return 0;
    r = floating_ips_find(c, "router_id", l->id, &fips, err);
    if (r >= 0 && fips.count)
        return err_http(err, 409, "RouterExternalGatewayInUseByFloatingIp",
                        "Gateway cannot be updated for router %s, since a gateway to external network %s is "
                        "required by one or more floating IPs.",
                        l->id, l->gw_network_id);
    if (r >= 0)
        r = port_get(c, l->gw_port_id, &p, err);
    if (r >= 0)
        r = port_unmake(c, &p, err);
    l->gw_port_id = l->gw_network_id = NULL;
    return r;
}

static int check_gateway(struct net_ctx *c, const struct l3_router *l, const struct network *n,
                         struct err *err)
{
    struct list subnets;
    int r;

    if (!n->external)
        return bad_request(err, arena_printf(c->a, "Network %s is not an external network", n->id));
    r = subnets_of_network(c, n->id, &subnets, err);
    for (size_t i = 0; r >= 0 && i < subnets.count; i++)
        r = check_leg(c, l, list_at(&subnets, i), err);
    return r;
}

static int make_gateway(struct net_ctx *c, struct l3_router *l, const char *network_id, const json_t *wanted,
                        struct err *err)
{
    struct port p = { .network_id = network_id,
                      .device_owner = OWNER_ROUTER_GATEWAY,
                      .device_id = l->id,
                      .host_id = l->host,
                      .admin_state_up = true };
    struct network n;
    int r = network_get(c, network_id, &n, err);

    if (r >= 0)
        r = check_gateway(c, l, &n, err);
    if (r >= 0)
        r = port_make(c, &p, json_array_size(wanted) ? wanted : NULL, NULL, err);
    if (r < 0)
        return r;
    l->gw_port_id = p.id;
    l->gw_network_id = network_id;
    return 0;
}

static bool same_addresses(const json_t *wanted, const char *has)
{
    auto_json json_t *now = NULL;
    size_t same = 0;

    if (json_read(has, strlen(has), &now, NULL) < 0 || json_array_size(now) != json_array_size(wanted))
        return false;
    for (size_t i = 0; i < json_array_size(wanted); i++)
        for (size_t j = 0; j < json_array_size(now); j++) {
            const json_t *w = json_array_get(wanted, i), *h = json_array_get(now, j);
            const char *ip = json_str(w, "ip_address"), *subnet = json_str(w, "subnet_id");

            if ((!ip || str_eq(ip, json_str(h, "ip_address"))) &&
                (!subnet || str_eq(subnet, json_str(h, "subnet_id")))) {
                same++;
                break;
            }
        }
    return same == json_array_size(wanted);
}

/* Brings the gateway to what external_gateway_info says. */
static int set_gateway(struct net_ctx *c, struct l3_router *l, const json_t *info, struct err *err)
{
    const char *network_id = json_str(info, "network_id");
    const json_t *fixed = json_arr(info, "external_fixed_ips"), *snat = json_object_get(info, "enable_snat");
    struct port gw = { 0 };
    bool changed;
    int r = 0;

    if (!json_object_size(info)) {
        l->enable_snat = true;
        return drop_gateway(c, l, err);
    }
    if (!network_id)
        return err_http(err, 400, "HTTPBadRequest",
                        "Invalid input for external_gateway_info. Reason: network_id is required.");
    if (snat && !json_is_boolean(snat))
        return err_http(err, 400, "HTTPBadRequest",
                        "Invalid input for external_gateway_info. Reason: enable_snat is not a boolean.");
    if (snat)
        l->enable_snat = json_is_true(snat);
    if (l->gw_port_id)
        r = port_get(c, l->gw_port_id, &gw, err);
    changed = !str_eq(network_id, l->gw_network_id) || (fixed && !same_addresses(fixed, gw.fixed_ips));
    if (r < 0 || !changed)
        return r;
    r = drop_gateway(c, l, err);
    return r < 0 ? r : make_gateway(c, l, network_id, fixed, err);
}

static int read_gateway(struct net_ctx *c, struct l3_router *l, struct err *err)
{
    const json_t *info = json_object_get(c->in, "external_gateway_info");

    if (!info)
        return 0;
    if (!json_is_null(info) && !json_is_object(info))
        return err_http(err, 400, "HTTPBadRequest",
                        "Invalid input for external_gateway_info. Reason: it is not an object.");
    return set_gateway(c, l, info, err);
}

/* --- routes --------------------------------------------------------------------------------- */

static int invalid_routes(struct err *err, const json_t *routes, const char *why)
{
    auto_free char *text = json_dumps(routes, JSON_COMPACT);

    return err_http(err, 400, "InvalidRoutes", "Invalid format for routes: %.256s, %s", text ? text : "",
                    why);
}

static int is_connected(struct net_ctx *c, const struct list *ports, struct ipnum via, bool *own, bool *near,
                        struct err *err)
{
    *own = *near = false;
    for (size_t i = 0; i < ports->count; i++) {
        struct allocation *all;
        size_t n = 0;
        int r = allocations_of_port(c, ((struct port *) list_at(ports, i))->id, &all, &n, err);

        for (size_t j = 0; r >= 0 && j < n; j++) {
            struct subnet s;
            struct ipnet net;
            struct ipnum ip;

            r = subnet_get(c, all[j].subnet_id, &s, err);
            if (r >= 0 && ipnet_parse(s.cidr, &net, NULL) == 0 && ipnet_contains(&net, via))
                *near = true;
            if (ipnum_parse(all[j].ip_address, &ip) == 0 && ip.version == via.version && ip.v == via.v)
                *own = true;
        }
        if (r < 0)
            return r;
    }
    return 0;
}

int l3_router_check_routes(struct net_ctx *c, const struct l3_router *l, const json_t *routes,
                           const char **ret, struct err *err)
{
    auto_json json_t *out = json_array();
    struct list ports;
    int r = l3_router_ports(c, l->id, NULL, &ports, err);

    if (r >= 0 && (int64_t) json_array_size(routes) > c->n->opt->max_routes)
        return err_http(err, 400, "RoutesExhausted",
                        "Unable to complete operation for %s. The number of routes exceeds the maximum %lld.",
                        l->id, (long long) c->n->opt->max_routes);
    for (size_t i = 0; r >= 0 && i < json_array_size(routes); i++) {
        const json_t *route = json_array_get(routes, i);
        bool own, near;
        struct ipnet to;
        struct ipnum via;
        json_t *tidy;

        if (json_object_size(route) != 2 || ipnet_parse(json_str(route, "destination"), &to, NULL) < 0 ||
            ipnum_parse(json_str(route, "nexthop"), &via) < 0 || via.version != to.net.version)
            return err_http(
                err, 400, "HTTPBadRequest",
                "Invalid input for routes. Reason: each needs a valid 'destination' and 'nexthop'.");
        r = is_connected(c, &ports, via, &own, &near, err);
        if (r >= 0 && !near)
            return invalid_routes(err, routes, "the nexthop is not connected with router");
        if (r >= 0 && own)
            return invalid_routes(err, routes, "the nexthop is used by router");
        tidy =
            json_pack("{s:s, s:s}", "destination", ipnet_text(c->a, &to), "nexthop", ipnum_text(c->a, via));
        for (size_t j = 0; j < json_array_size(out); j++)
            if (json_equal(json_array_get(out, j), tidy)) {
                json_decref(tidy);
                return err_http(err, 400, "HTTPBadRequest",
                                "Invalid input for routes. Reason: Duplicate route.");
            }
        json_array_append_new(out, tidy);
    }
    if (r >= 0)
        *ret = json_text(c->a, out);
    return r;
}

/* --- making, changing, removing --------------------------------------------------------------- */

int l3_router_create(struct net_ctx *c, void *obj, struct err *err)
{
    struct l3_router *l = obj;
    int r;

    l->status = STATUS_ACTIVE;
    l->routes = "[]";
    l->enable_snat = true;
    r = read_gateway(c, l, err);
    if (r >= 0)
        r = table_insert(c->t, c->a, &l3_router_table, l, err);
    return r < 0 || !l->gw_port_id ? r : l3_router_ensure(c, l, err);
}

int l3_router_update(struct net_ctx *c, const void *was, void *obj, struct err *err)
{
    struct l3_router *l = obj;
    const json_t *routes = json_object_get(c->in, "routes");
    int r = read_gateway(c, l, err);

    if (r < 0 || !routes)
        return r;
    return l3_router_check_routes(c, l, routes, &l->routes, err);
}

int l3_router_updated(struct net_ctx *c, const void *old, void *obj, struct err *err)
{
    return l3_router_ensure(c, obj, err);
}

int l3_router_delete(struct net_ctx *c, void *obj, struct err *err)
{
    struct l3_router *l = obj;
    struct list ports;
    int r = l3_router_ports(c, l->id, OWNER_ROUTER_INTERFACE, &ports, err);

    if (r >= 0 && ports.count)
        return err_http(err, 409, "RouterInUse", "Router %s still has ports", l->id);
    if (r >= 0)
        r = drop_gateway(c, l, err);
    change_host(c, l->host);
    return r;
}

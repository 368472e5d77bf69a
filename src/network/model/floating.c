/* SPDX-License-Identifier: Apache-2.0 */
#include "network/model/floating.h"

#include "base/str.h"
#include "network/ipnum.h"
#include "network/model/change.h"
#include "network/model/events.h"
#include "network/model/ports.h"
#include "network/store/networks.h"
#include "network/store/ports.h"
#include "network/store/routers.h"

static int bad_request(struct err *err, const char *words)
{
    return err_http(err, 400, "BadRequest", "Bad floatingip request: %s.", words);
}

int floating_ip_parents(struct net_ctx *c, void *obj, struct err *err)
{
    struct floating_ip *f = obj;
    struct network n;
    int r = network_get(c, f->floating_network_id, &n, err);

    if (r < 0)
        return r;
    if (!n.external)
        return bad_request(
            err, arena_printf(c->a, "Network %s is not a valid external network", f->floating_network_id));
    return 0;
}

/* --- association -------------------------------------------------------------------- */

/* The port's IPv4 address that the floating IP leads to. */
static int pick_address(struct net_ctx *c, const struct port *p, const char *wanted, struct allocation *ret,
                        struct err *err)
{
    const struct allocation *found = NULL;
    struct allocation *all;
    struct ipnum ip;
    size_t n;
    int r = allocations_of_port(c, p->id, &all, &n, err);

    for (size_t i = 0; r >= 0 && i < n; i++) {
        if (wanted ? !str_eq(all[i].ip_address, wanted)
                   : ipnum_parse(all[i].ip_address, &ip) < 0 || ip.version != 4)
            continue;
        if (found)
            return bad_request(err, arena_printf(c->a,
                                                 "Port %s has multiple fixed IPv4 addresses. Must provide a "
                                                 "specific IPv4 address when assigning a floating IP",
                                                 p->id));
        found = &all[i];
    }
    if (r < 0)
        return r;
    if (!found && wanted)
        return bad_request(err, arena_printf(c->a, "Port %s does not have fixed ip %.64s", p->id, wanted));
    if (!found)
        return bad_request(
            err,
            arena_printf(c->a, "Cannot add floating IP to port %s that has no fixed IPv4 addresses", p->id));
    *ret = *found;
    return 0;
}

static int find_router(struct net_ctx *c, struct floating_ip *f, const struct allocation *al, struct err *err)
{
    int r = router_between(c, al->subnet_id, f->floating_network_id, &f->router_id, err);

    if (r >= 0 && !f->router_id)
        return err_http(
            err, 404, "ExternalGatewayForFloatingIPNotFound",
            "External network %s is not reachable from subnet %s.  Therefore, cannot associate Port "
            "%s with a Floating IP.",
            f->floating_network_id, al->subnet_id, f->port_id);
    return r;
}

static int refuse_second(struct net_ctx *c, const struct floating_ip *f, struct err *err)
{
    struct list others;
    int r = floating_ips_find(c, "port_id", f->port_id, &others, err);

    for (size_t i = 0; r >= 0 && i < others.count; i++) {
        const struct floating_ip *o = list_at(&others, i);

        if (!str_eq(o->id, f->id) && str_eq(o->fixed_ip_address, f->fixed_ip_address) &&
            str_eq(o->floating_network_id, f->floating_network_id))
            return err_http(
                err, 409, "FloatingIPPortAlreadyAssociated",
                "Cannot associate floating IP %s (%s) with port %s using fixed IP %s, as that fixed "
                "IP already has a floating IP on external network %s.",
                f->floating_ip_address, f->id, f->port_id, f->fixed_ip_address, f->floating_network_id);
    }
    return r;
}

/* Fills where the floating IP leads from port_id and fixed_ip_address. */
static int associate(struct net_ctx *c, struct floating_ip *f, const char *wanted_ip, struct err *err)
{
    struct port p = { 0 };
    struct allocation al = { 0 };
    int r;

    f->status = STATUS_DOWN;
    f->router_id = f->fixed_ip_address = NULL;
    if (!f->port_id)
        return 0;
    r = port_get(c, f->port_id, &p, err);
    if (r >= 0 && !c->admin && !str_eq(p.project_id, c->project_id) &&
        !str_eq(p.network_project_id, c->project_id))
        return err_http(err, 404, "PortNotFound", "Port %.255s could not be found.", f->port_id);
    if (r >= 0)
        r = pick_address(c, &p, wanted_ip, &al, err);
    if (r < 0)
        return r;
    f->fixed_ip_address = al.ip_address;
    r = find_router(c, f, &al, err);
    return r < 0 ? r : refuse_second(c, f, err);
}

static int change_router(struct net_ctx *c, const char *router_id, struct err *err)
{
    struct l3_router l = { 0 };
    int r = router_id ? l3_router_get(c, router_id, &l, err) : 0;

    if (r == -ENOENT) {
        err_clear(err);
        return 0;
    }
    change_host(c, l.host);
    return r;
}

static int tell_server(struct net_ctx *c, const char *port_id, struct err *err)
{
    struct port p = { 0 };
    int r = port_id ? port_get(c, port_id, &p, err) : -ENOENT;

    if (r == -ENOENT) {
        err_clear(err);
        return 0;
    }
    return r < 0 ? r : event_send(c, &p, EVENT_CHANGED, false, err);
}

/* --- making -------------------------------------------------------------------------- */

static json_t *wanted_address(const struct floating_ip *f)
{
    if (f->floating_ip_address && f->subnet_id)
        return json_pack("[{s:s, s:s}]", "ip_address", f->floating_ip_address, "subnet_id", f->subnet_id);
    if (f->floating_ip_address)
        return json_pack("[{s:s}]", "ip_address", f->floating_ip_address);
    return f->subnet_id ? json_pack("[{s:s}]", "subnet_id", f->subnet_id) : NULL;
}

static int take_address(struct net_ctx *c, struct floating_ip *f, struct err *err)
{
    auto_json json_t *wanted = wanted_address(f);
    struct port p = { .network_id = f->floating_network_id,
                      .device_owner = OWNER_FLOATING_IP,
                      .device_id = f->id,
                      .admin_state_up = true };
    struct allocation *all;
    struct ipnum ip;
    size_t n;
    int r = port_make(c, &p, wanted, NULL, err);

    if (r >= 0)
        r = allocations_of_port(c, p.id, &all, &n, err);
    if (r < 0)
        return r;
    f->floating_port_id = p.id;
    f->floating_ip_address = NULL;
    for (size_t i = 0; i < n; i++)
        if (ipnum_parse(all[i].ip_address, &ip) == 0 && ip.version == 4)
            f->floating_ip_address = all[i].ip_address;
    if (!f->floating_ip_address)
        return err_http(err, 400, "ExternalIpAddressExhausted",
                        "Unable to find any IP address on external network %s.", f->floating_network_id);
    for (size_t i = 0; r >= 0 && i < n; i++) /* The rest is not needed. */
        if (!str_eq(all[i].ip_address, f->floating_ip_address))
            r = allocation_release(c, p.id, all[i].subnet_id, all[i].ip_address, err);
    return r;
}

int floating_ip_create(struct net_ctx *c, void *obj, struct err *err)
{
    struct floating_ip *f = obj;
    const char *wanted = f->fixed_ip_address;
    int r;

    if (wanted && !f->port_id)
        return bad_request(err, "fixed_ip_address cannot be specified without a port_id");
    r = take_address(c, f, err);
    if (r >= 0)
        r = associate(c, f, wanted, err);
    if (r >= 0)
        r = table_insert(c->t, c->a, &floating_ip_table, f, err);
    if (r == -EEXIST)
        return err_http(err, 409, "FloatingIPPortAlreadyAssociated",
                        "The fixed IP already has a floating IP.");
    if (r >= 0)
        r = change_router(c, f->router_id, err);
    return r < 0 ? r : tell_server(c, f->port_id, err);
}

int floating_ip_update(struct net_ctx *c, const void *was, void *obj, struct err *err)
{
    const struct floating_ip *old = was;
    struct floating_ip *f = obj;
    const char *wanted = GIVEN(c, floating_ip, fixed_ip_address) ? f->fixed_ip_address : NULL;
    int r;

    if (!GIVEN(c, floating_ip, port_id) && !GIVEN(c, floating_ip, fixed_ip_address))
        return 0;
    if (wanted && !f->port_id)
        return bad_request(err, "fixed_ip_address cannot be specified without a port_id");
    r = change_router(c, old->router_id, err);
    return r < 0 ? r : associate(c, f, wanted, err);
}

int floating_ip_updated(struct net_ctx *c, const void *was, void *obj, struct err *err)
{
    const struct floating_ip *old = was, *f = obj;
    int r;

    if (str_eq(old->port_id, f->port_id) && str_eq(old->fixed_ip_address, f->fixed_ip_address))
        return 0;
    r = change_router(c, f->router_id, err);
    if (r >= 0 && old->port_id)
        r = tell_server(c, old->port_id, err);
    return r < 0 || !f->port_id || str_eq(old->port_id, f->port_id) ? r : tell_server(c, f->port_id, err);
}

int floating_ip_delete(struct net_ctx *c, void *obj, struct err *err)
{
    const struct floating_ip *f = obj;
    int r = change_router(c, f->router_id, err);

    if (r >= 0)
        r = port_remove(c, f->floating_port_id, err);
    return r < 0 ? r : tell_server(c, f->port_id, err);
}

static int let_go(struct net_ctx *c, struct floating_ip *f, struct err *err)
{
    static const char *const only[] = { "port_id", "fixed_ip_address", "router_id", "status", NULL };
    int r = change_router(c, f->router_id, err);

    f->port_id = f->fixed_ip_address = f->router_id = NULL;
    f->status = STATUS_DOWN;
    return r < 0 ? r : floating_ip_write(c, f, only, err);
}

int floating_ips_let_go(struct net_ctx *c, const char *port_id, struct err *err)
{
    struct list all;
    int r = floating_ips_find(c, "port_id", port_id, &all, err);

    for (size_t i = 0; r >= 0 && i < all.count; i++)
        r = let_go(c, list_at(&all, i), err);
    return r;
}

int floating_ips_check_kept(struct net_ctx *c, const struct port *p, const json_t *wanted, struct err *err)
{
    struct list all;
    int r = floating_ips_find(c, "port_id", p->id, &all, err);

    for (size_t i = 0; r >= 0 && i < all.count; i++) {
        struct floating_ip *f = list_at(&all, i);
        bool kept = false;

        for (size_t j = 0; j < json_array_size(wanted) && !kept; j++)
            kept = str_eq(json_str(json_array_get(wanted, j), "ip_address"), f->fixed_ip_address);
        if (!kept)
            r = let_go(c, f, err);
    }
    return r;
}

int floating_ip_drop_unused(struct net_ctx *c, const char *id, struct err *err)
{
    struct floating_ip f = { 0 };
    int r = floating_ip_get(c, id, &f, err);
    int64_t n;

    if (r == -ENOENT) {
        err_clear(err);
        return 1; /* Only its port was left. */
    }
    if (r < 0 || f.port_id)
        return r;
    n = table_delete(c->t, &floating_ip_table, id, err);
    return n < 0 ? (int) n : 1;
}

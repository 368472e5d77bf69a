/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/l3.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "agent/l2.h"
#include "agent/network_wishes.h"
#include "base/str.h"
#include "host/addr.h"
#include "host/conntrack.h"
#include "host/neigh.h"
#include "host/netns.h"
#include "host/nft.h"
#include "host/purge.h"

#define NAT_TABLE "stackd_router"

const char *router_device(struct arena *a, const char *kind, const char *port_id)
{
    return arena_printf(a, "%s%.*s", kind, NETWORK_NAME_ID_CHARS, port_id);
}

const char *router_netns(struct arena *a, const char *id)
{
    return arena_printf(a, "qrouter-%s", id);
}

/* --- The packet filter. ----------------------------------------------------- */

static const struct ip *gateway_ip(const struct wish_leg *leg, int family)
{
    for (size_t i = 0; leg && i < leg->n_ips; i++)
        if (leg->ips[i].ip.family == family)
            return &leg->ips[i].ip;
    return NULL;
}

static void put_dnat(struct strbuf *b, const struct wish_router *w, const char *hook)
{
    char to[IP_TEXT_MAX], from[IP_TEXT_MAX];

    strbuf_printf(b, "chain %s {\ntype nat hook %s priority -100; policy accept;\n", hook, hook);
    for (size_t i = 0; w->gateway && i < w->n_floating_ips; i++)
        strbuf_printf(b, "ip daddr %s dnat to %s\n", ip_text(&w->floating_ips[i].floating, from),
                      ip_text(&w->floating_ips[i].fixed, to));
    if (str_eq(hook, "prerouting"))
        strbuf_puts(b, "iifname \"qr-*\" ip daddr 169.254.169.254 tcp dport 80 redirect to :9697\n");
    strbuf_puts(b, "}\n");
}

static void put_snat(struct strbuf *b, const char *gateway, const struct wish_router *w)
{
    const struct ip *own = gateway_ip(w->gateway, AF_INET);
    char from[IP_TEXT_MAX], to[IP_TEXT_MAX];

    strbuf_puts(b, "chain postrouting {\ntype nat hook postrouting priority srcnat; policy accept;\n");
    if (w->gateway) {
        /* Between inner networks nothing is rewritten, but for who reaches an
         * inner guest by its floating address: the answer must come back here. */
        strbuf_printf(b, "oifname != \"%s\" ct status and dnat != dnat accept\n", gateway);
        for (size_t i = 0; i < w->n_floating_ips; i++)
            strbuf_printf(b, "oifname \"%s\" ip saddr %s snat to %s\n", gateway,
                          ip_text(&w->floating_ips[i].fixed, from),
                          ip_text(&w->floating_ips[i].floating, to));
        if (own && w->enable_snat)
            strbuf_printf(b, "oifname \"%s\" ip saddr != %s snat to %s\n", gateway, ip_text(own, from),
                          ip_text(own, to));
        if (own)
            strbuf_printf(b, "iifname \"qr-*\" oifname \"qr-*\" ct status and dnat == dnat snat to %s\n",
                          ip_text(own, to));
    }
    strbuf_puts(b, "}\n");
}

char *router_nat_table(struct arena *a, const struct wish_router *w)
{
    const char *gateway = w->gateway ? router_device(a, "qg-", w->gateway->port_id) : "none";
    struct strbuf b;

    strbuf_init(&b, a);
    put_dnat(&b, w, "prerouting");
    put_dnat(&b, w, "output");
    put_snat(&b, gateway, w);
    /* What was redirected may be asked from inside only. */
    strbuf_puts(&b, "chain input {\ntype filter hook input priority filter; policy accept;\n"
                    "iifname \"qg-*\" tcp dport 9697 drop\n}\n");
    return arena_strdup(a, strbuf_str(&b));
}

/* --- Advertisements. -------------------------------------------------------- */

bool router_advert(const struct wishes *w, const struct wish_leg *leg, struct ra_spec *ret)
{
    const struct wish_network *n = wishes_network(w, leg->network_id);
    struct ra_spec spec = { .mtu = n ? n->mtu : 0, .lifetime_s = 1800 };

    for (size_t i = 0; n && !leg->bad && i < leg->n_ips && spec.n < ARRAY_SIZE(spec.prefixes); i++) {
        const struct wish_subnet *s = wish_network_subnet(n, leg->ips[i].subnet_id);

        if (!s || s->cidr.family != AF_INET6 || str_empty(s->ra_mode))
            continue;
        spec.prefixes[spec.n++] =
            (struct ra_prefix){ ip_network(&s->cidr), !str_eq(s->ra_mode, "dhcpv6-stateful") };
        spec.managed = spec.managed || str_eq(s->ra_mode, "dhcpv6-stateful");
        spec.other = spec.other || !str_eq(s->ra_mode, "slaac");
    }
    *ret = spec;
    return spec.n > 0;
}

/* --- One router. ------------------------------------------------------------ */

struct router {
    struct round *r;
    const struct wish_router *w;
    struct router_outcome *outcome;
    const char *name, *netns;
    struct nl *nl; /* Inside. */
};

static int forward(const struct router *x, struct err *err)
{
    static const char *const quiet[][2] = {
        { "net/ipv6/conf/default/accept_ra", "0" },
        { "net/ipv6/conf/all/forwarding", "1" },
        { "net/ipv6/conf/default/accept_dad", "0" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(quiet); i++)
        sysctl_ensure(x->netns, quiet[i][0], quiet[i][1], NULL); /* Absent where the kernel has no IPv6. */
    sysctl_ensure(x->netns, "net/ipv4/conf/all/arp_announce", "2", NULL);
    sysctl_ensure(x->netns, "net/ipv4/conf/all/arp_ignore", "1", NULL);
    return sysctl_ensure(x->netns, "net/ipv4/ip_forward", x->w->admin_state_up ? "1" : "0", err);
}

static void announce(const struct router *x, const char *device, const struct ip *added, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct err err = { 0 };

        /* A host route says: an address for others; and announcing costs nothing. */
        if (neigh_announce(x->netns, device, &added[i], &err) < 0)
            log_warning(x->r->config->log, "cannot announce an address", "router", x->w->id, "error",
                        err.msg);
    }
}

/* A cable and its addresses; 'extra' are floating addresses. */
static int converge_leg(const struct router *x, const struct wish_leg *leg, const char *kind,
                        const struct ip *extra, size_t n_extra, struct err *err)
{
    const char *device = router_device(x->r->arena, kind, leg->port_id);
    struct ip *ips = arena_array(x->r->arena, struct ip, leg->n_ips + n_extra + 1);
    struct ip *added = arena_array(x->r->arena, struct ip, leg->n_ips + n_extra + 1);
    int i = round_network(x->r, leg->network_id), res;
    size_t n = 0, n_added = 0;

    if (leg->bad)
        return err_set(err, -EINVAL, "%s", leg->bad);
    if (i < 0)
        return err_set(err, -ENOENT, "The network of the port '%s' is not among the wishes", leg->port_id);
    if (str_eq(x->r->networks[i].status, NETWORK_STATUS_ERROR))
        return err_set(err, -ENETDOWN, "%s", x->r->networks[i].reason);
    for (size_t k = 0; k < leg->n_ips; k++)
        ips[n++] = leg->ips[k].ip;
    for (size_t k = 0; k < n_extra; k++)
        ips[n++] = extra[k];
    res = l2_plug(x->r, &x->r->wishes->networks[i], leg, x->netns, device, "l3", err);
    if (res >= 0)
        res = addr_converge(x->nl, device, ips, n, added, &n_added, err);
    announce(x, device, added, n_added);
    return res;
}

static void converge_interfaces(const struct router *x)
{
    for (size_t i = 0; i < x->w->n_interfaces; i++) {
        struct err err = { 0 };

        if (converge_leg(x, &x->w->interfaces[i], "qr-", NULL, 0, &err) < 0)
            outcome_fail(x->r, &x->outcome->interfaces[i], err.msg);
        else
            outcome_good(&x->outcome->interfaces[i], x->w->admin_state_up);
    }
}

/* Floating addresses are the gateway device's own, so that it answers for them. */
static void converge_gateway(const struct router *x)
{
    const struct wish_router *w = x->w;
    struct ip *floating = arena_array(x->r->arena, struct ip, w->n_floating_ips + 1);
    struct err err = { 0 };
    int res;

    for (size_t i = 0; i < w->n_floating_ips; i++) {
        floating[i] = w->floating_ips[i].floating;
        floating[i].prefixlen = 32;
    }
    if (!w->gateway)
        return;
    res = converge_leg(x, w->gateway, "qg-", floating, w->n_floating_ips, &err);
    if (res < 0)
        outcome_fail(x->r, &x->outcome->gateway, err.msg);
    else
        outcome_good(&x->outcome->gateway, w->admin_state_up);
}

static int converge_routes(const struct router *x, struct err *err)
{
    const struct wish_router *w = x->w;
    const struct wish_network *n = w->gateway ? wishes_network(x->r->wishes, w->gateway->network_id) : NULL;
    struct route *routes =
        arena_array(x->r->arena, struct route, w->n_routes + 2 * (n ? n->n_subnets : 0) + 1);
    size_t k = 0;

    for (size_t i = 0; n && i < w->gateway->n_ips; i++) {
        const struct wish_subnet *s = wish_network_subnet(n, w->gateway->ips[i].subnet_id);

        if (!s || !s->gateway.family)
            continue;
        /* A gateway outside its subnet is reached directly on the wire. */
        if (!ip_in(&s->gateway, &s->cidr)) {
            routes[k].to = s->gateway;
            memcpy(routes[k++].device, router_device(x->r->arena, "qg-", w->gateway->port_id),
                   strlen("qg-") + NETWORK_NAME_ID_CHARS);
        }
        routes[k].to.family = s->gateway.family;
        routes[k++].via = s->gateway;
    }
    for (size_t i = 0; i < w->n_routes; i++)
        routes[k++] = (struct route){ .to = w->routes[i].to, .via = w->routes[i].via };
    return route_converge(x->nl, routes, k, err);
}

/* Devices of legs that are no longer wished, by what is there. */
static void unplug_old(const struct router *x)
{
    const char **keep = NULL;
    struct link *links;
    size_t n;

    for (size_t i = 0; i < x->w->n_interfaces; i++)
        keep = strv_add(x->r->arena, keep, router_device(x->r->arena, "qr-", x->w->interfaces[i].port_id));
    if (x->w->gateway)
        keep = strv_add(x->r->arena, keep, router_device(x->r->arena, "qg-", x->w->gateway->port_id));
    if (link_list(x->r->arena, x->nl, &links, &n, NULL) < 0)
        return;
    for (size_t i = 0; i < n; i++)
        if ((str_has_prefix(links[i].name, "qr-") || str_has_prefix(links[i].name, "qg-")) &&
            !strv_contains(keep, links[i].name))
            link_delete(x->nl, links[i].name, NULL);
}

static int converge_nat(const struct router *x, struct err *err)
{
    int res = nft_table_ensure(x->netns, "ip", NAT_TABLE, router_nat_table(x->r->arena, x->w), err);

    /* What was translated by rules that are gone must not go on. */
    if (res == 1)
        conntrack_flush(x->netns, &(struct conntrack_filter){ .translated = true }, NULL);
    if (res < 0)
        outcome_fail(x->r, &x->outcome->router, err->msg);
    return res;
}

/* 'nat_error' is null when the rules are in place. */
static void tell_floating_ips(const struct router *x, const char *nat_error)
{
    for (size_t i = 0; i < x->w->n_floating_ips; i++) {
        if (nat_error)
            outcome_fail(x->r, &x->outcome->floating_ips[i], nat_error);
        else if (!x->w->gateway)
            outcome_fail(x->r, &x->outcome->floating_ips[i], "The router has no gateway");
        else if (str_eq(x->outcome->gateway.status, NETWORK_STATUS_ERROR))
            outcome_fail(x->r, &x->outcome->floating_ips[i], x->outcome->gateway.reason);
        else
            outcome_good(&x->outcome->floating_ips[i], x->w->admin_state_up);
    }
}

static void converge_router(struct router *x)
{
    struct outcome *o = &x->outcome->router;
    struct err err = { 0 }, nat_err = { 0 };
    int res = 0;

    if (x->w->bad) {
        outcome_fail(x->r, o, x->w->bad);
        return;
    }
    res = netns_ensure(x->r->options->netns_dir, x->name, &err);
    if (res >= 0)
        res = nl_open(x->netns, NETLINK_ROUTE, &x->nl, &err);
    if (res >= 0)
        res = netns_mark(x->nl, round_mark(x->r, "l3"), &err);
    if (res >= 0)
        res = forward(x, &err);
    if (res < 0) {
        outcome_fail(x->r, o, err.msg);
        return;
    }
    unplug_old(x);
    /* The rules first: an address that is announced is asked at once, and a
     * connection that meets no rule would stay with the router for its life. */
    res = converge_nat(x, &nat_err);
    converge_interfaces(x);
    converge_gateway(x);
    tell_floating_ips(x, res < 0 ? nat_err.msg : NULL);
    if (converge_routes(x, &err) < 0)
        outcome_fail(x->r, o, err.msg);
    else
        outcome_good(o, x->w->admin_state_up);
}

/* --- All of them. ----------------------------------------------------------- */

static void remove_old(struct round *r)
{
    const char *dir = r->options->netns_dir, **names = NULL, **taps = NULL;

    for (size_t i = 0; i < r->wishes->n_routers; i++) {
        const struct wish_router *w = &r->wishes->routers[i];

        names = strv_add(r->arena, names, router_netns(r->arena, w->id));
        for (size_t k = 0; k < w->n_interfaces; k++)
            taps = strv_add(r->arena, taps, router_device(r->arena, "tap", w->interfaces[k].port_id));
        if (w->gateway && w->gateway->port_id)
            taps = strv_add(r->arena, taps, router_device(r->arena, "tap", w->gateway->port_id));
    }
    l2_sweep(r, round_mark(r, "l3"), taps);
    strv_foreach (name, netns_list(r->arena, dir, "qrouter-")) {
        struct err err = { 0 };

        if (strv_contains(names, *name) || !netns_has_mark(dir, *name, round_mark(r, "l3")))
            continue;
        if (netns_delete(dir, *name, &err) < 0)
            log_warning(r->config->log, "cannot remove a router", "namespace", *name, "error", err.msg);
        else
            log_info(r->config->log, "removed a router that no wish needs", "namespace", *name);
    }
}

void l3_converge(struct round *r)
{
    for (size_t i = 0; i < r->wishes->n_routers; i++) {
        struct router x = { .r = r, .w = &r->wishes->routers[i], .outcome = &r->routers[i] };

        x.name = router_netns(r->arena, x.w->id);
        x.netns = round_netns(r, x.name);
        converge_router(&x);
        if (x.nl)
            nl_close(x.nl);
    }
    remove_old(r);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "network/model/ipam.h"

#include "base/hash.h"
#include "base/str.h"
#include "base/uuid.h"
#include "network/ipnum.h"
#include "network/model/pools.h"
#include "network/store/networks.h"
#include "network/store/ports.h"

#define RANDOM_TRIES 8 /* Before the taken addresses are looked through. */
#define SCAN_MAX     65536

bool subnet_is_auto(const struct subnet *s)
{
    return s->ip_version == 6 &&
           (str_eq(s->ipv6_address_mode, "slaac") || str_eq(s->ipv6_address_mode, "dhcpv6-stateless"));
}

static bool is_router_port(const struct port *p)
{
    return str_has_prefix(p->device_owner, "network:router_");
}

static int exhausted(const char *network_id, struct err *err)
{
    return err_http(err, 409, "IpAddressGenerationFailure", "No more IP addresses available on network %s.",
                    network_id);
}

static ipval random_below(ipval n)
{
    ipval v;

    random_bytes(&v, sizeof(v));
    return v % n;
}

/* Tries some addresses of a range by chance. */
static int take_random(struct net_ctx *c, const struct port *p, const struct subnet *s,
                       const struct iprange *range, struct err *err)
{
    ipval n = range->last.v - range->first.v + 1;

    for (int i = 0; i < RANDOM_TRIES; i++) {
        const struct ipnum ip = { range->first.version, range->first.v + (n ? random_below(n) : 0) };
        int r = allocation_take(c, p, s->id, ipnum_text(c->a, ip), err);

        if (r != -EEXIST)
            return r;
    }
    return -EEXIST;
}

/* The first free address of the ranges. */
static int take_scanning(struct net_ctx *c, const struct port *p, const struct subnet *s,
                         const struct iprange *ranges, size_t n, struct err *err)
{
    const char **taken;
    struct hash set;
    int r;

    r = allocations_of_subnet(c, s->id, &taken, err);
    if (r < 0)
        return r;
    hash_init(&set);
    strv_foreach (ip, taken)
        hash_put(&set, *ip, (void *) 1);
    r = -ENOSPC;
    for (size_t i = 0; r == -ENOSPC && i < n; i++) {
        ipval left = ranges[i].last.v - ranges[i].first.v;

        for (ipval at = 0; r == -ENOSPC && at <= left && at < SCAN_MAX; at++) {
            const struct ipnum ip = { ranges[i].first.version, ranges[i].first.v + at };
            const char *text = ipnum_text(c->a, ip);

            if (hash_get(&set, text))
                continue;
            r = allocation_take(c, p, s->id, text, err);
            if (r == -EEXIST)
                r = -ENOSPC; /* Somebody was faster. */
        }
    }
    hash_done(&set);
    return r;
}

/* Any address of the subnet's pools; for a DHCP server the first that is free, as people expect.
 * -ENOSPC when they are full. */
static int take_any(struct net_ctx *c, const struct port *p, const struct subnet *s, struct err *err)
{
    bool any = !str_eq(p->device_owner, OWNER_DHCP);
    struct iprange *ranges;
    size_t n;
    int r = pools_read(c->a, s->allocation_pools, &ranges, &n);

    if (r < 0)
        return err_set(err, r, "the allocation pools of subnet %s cannot be read", s->id);
    for (size_t i = 0; any && i < n; i++) {
        r = take_random(c, p, s, &ranges[i], err);
        if (r != -EEXIST)
            return r;
    }
    return n ? take_scanning(c, p, s, ranges, n, err) : -ENOSPC;
}

static int take_eui64(struct net_ctx *c, const struct port *p, const struct subnet *s, struct err *err)
{
    struct ipnet net;
    struct ipnum ip;
    const char *text;
    int r;

    if (ipnet_parse(s->cidr, &net, NULL) < 0 || ipnum_eui64(&net, p->mac_address, &ip) < 0)
        return err_http(err, 400, "InvalidInput",
                        "Invalid input for operation: no address can be made from %s in subnet %s.",
                        p->mac_address, s->cidr);
    text = ipnum_text(c->a, ip);
    r = allocation_take(c, p, s->id, text, err);
    if (r == -EEXIST)
        return err_http(err, 409, "IpAddressAlreadyAllocated", "IP address %s already allocated in subnet %s",
                        text, s->id);
    return r;
}

static int take_one_version(struct net_ctx *c, const struct port *p, const struct list *subnets, int version,
                            struct err *err)
{
    bool any = false;

    for (size_t i = 0; i < subnets->count; i++) {
        const struct subnet *s = list_at(subnets, i);
        int r;

        if (s->ip_version != version || (subnet_is_auto(s) && !is_router_port(p)) || s->service_types)
            continue;
        any = true;
        r = take_any(c, p, s, err);
        if (r != -ENOSPC)
            return r;
    }
    return any ? exhausted(p->network_id, err) : 0;
}

static int take_defaults(struct net_ctx *c, const struct port *p, const struct list *subnets, struct err *err)
{
    int r = take_one_version(c, p, subnets, 4, err);

    if (r >= 0)
        r = take_one_version(c, p, subnets, 6, err);
    for (size_t i = 0; r >= 0 && i < subnets->count && !is_router_port(p); i++)
        if (subnet_is_auto(list_at(subnets, i)))
            r = take_eui64(c, p, list_at(subnets, i), err);
    return r;
}

/* --- wanted addresses --------------------------------------------------------------- */

static const struct subnet *subnet_named(const struct list *subnets, const char *id)
{
    for (size_t i = 0; i < subnets->count; i++) {
        const struct subnet *s = list_at(subnets, i);

        if (str_eq(s->id, id))
            return s;
    }
    return NULL;
}

static const struct subnet *subnet_with(const struct list *subnets, struct ipnum ip)
{
    for (size_t i = 0; i < subnets->count; i++) {
        const struct subnet *s = list_at(subnets, i);
        struct ipnet net;

        if (ipnet_parse(s->cidr, &net, NULL) == 0 && ipnet_contains(&net, ip))
            return s;
    }
    return NULL;
}

static int take_address(struct net_ctx *c, const struct port *p, const struct list *subnets,
                        const char *subnet_id, const char *text, struct err *err)
{
    const struct subnet *s = subnet_id ? subnet_named(subnets, subnet_id) : NULL;
    struct ipnet net;
    struct iprange hosts;
    struct ipnum ip;
    int r;

    if (ipnum_parse(text, &ip) < 0)
        return err_http(err, 400, "HTTPBadRequest",
                        "Invalid input for fixed_ips. Reason: '%.64s' is not a valid IP address.", text);
    if (!subnet_id)
        s = subnet_with(subnets, ip);
    if (!s)
        return err_http(err, 400, "InvalidIpForNetwork",
                        "IP address %s is not a valid IP for any of the subnets on the specified network.",
                        text);
    if (ipnet_parse(s->cidr, &net, NULL) < 0)
        return err_set(err, -EINVAL, "subnet %s has no readable cidr", s->id);
    hosts = ipnet_hosts(&net);
    if (s->ip_version == 6)
        hosts.first = net.net; /* The router's anycast address may be asked for. */
    if (!iprange_contains(&hosts, ip))
        return err_http(err, 400, "InvalidIpForSubnet",
                        "IP address %s is not a valid IP for the specified subnet.", text);
    if (subnet_is_auto(s) && !is_router_port(p)) {
        struct ipnum own;

        if (ipnum_eui64(&net, p->mac_address, &own) < 0 || own.v != ip.v)
            return err_http(err, 400, "AllocationOnAutoAddressSubnet",
                            "IPv6 address %s cannot be directly assigned to a port on subnet %s as the "
                            "subnet is configured for automatic addresses",
                            text, s->id);
    }
    text = ipnum_text(c->a, ip);
    r = allocation_take(c, p, s->id, text, err);
    if (r == -EEXIST)
        return err_http(err, 409, "IpAddressAlreadyAllocated", "IP address %s already allocated in subnet %s",
                        text, s->id);
    return r;
}

static int take_in_subnet(struct net_ctx *c, const struct port *p, const struct list *subnets,
                          const char *subnet_id, struct err *err)
{
    const struct subnet *s = subnet_named(subnets, subnet_id);
    struct subnet other;
    int r;

    if (!s) {
        r = subnet_get(c, subnet_id, &other, err);
        return r < 0 ? r
                     : err_http(err, 400, "InvalidInput",
                                "Invalid input for operation: Failed to create port on network %s, because "
                                "fixed_ips included invalid subnet %s.",
                                p->network_id, subnet_id);
    }
    if (subnet_is_auto(s) && !is_router_port(p))
        return take_eui64(c, p, s, err);
    r = take_any(c, p, s, err);
    return r == -ENOSPC ? exhausted(p->network_id, err) : r;
}

static int take_wanted(struct net_ctx *c, const struct port *p, const struct list *subnets,
                       const json_t *wanted, struct err *err)
{
    int r = 0;

    if ((int64_t) json_array_size(wanted) > c->n->opt->max_fixed_ips)
        return err_http(err, 400, "InvalidInput",
                        "Invalid input for operation: Exceeded maximum amount of fixed ips per port.");
    /* Given addresses first, so that none is taken by chance for another. */
    for (size_t pass = 0; pass < 2; pass++) {
        for (size_t i = 0; r >= 0 && i < json_array_size(wanted); i++) {
            const json_t *w = json_array_get(wanted, i);
            const char *subnet = json_str(w, "subnet_id"), *ip = json_str(w, "ip_address");

            if (ip && pass == 0)
                r = take_address(c, p, subnets, subnet, ip, err);
            else if (!ip && pass == 1 && subnet)
                r = take_in_subnet(c, p, subnets, subnet, err);
            else if (!ip && !subnet)
                r = err_http(err, 400, "InvalidInput",
                             "Invalid input for operation: IP allocation requires subnet_id or ip_address.");
        }
    }
    return r;
}

/* A port with addresses of some stateful subnet also makes those of the automatic ones. */
static int take_auto_too(struct net_ctx *c, const struct port *p, const struct list *subnets,
                         const json_t *wanted, struct err *err)
{
    int r = 0;

    if (is_router_port(p) || !json_array_size(wanted))
        return 0;
    for (size_t i = 0; r >= 0 && i < subnets->count; i++) {
        const struct subnet *s = list_at(subnets, i);
        struct allocation *all;
        size_t n = 0, j;

        if (!subnet_is_auto(s))
            continue;
        r = allocations_of_port(c, p->id, &all, &n, err);
        for (j = 0; r >= 0 && j < n; j++)
            if (str_eq(all[j].subnet_id, s->id))
                break;
        if (r >= 0 && j == n)
            r = take_eui64(c, p, s, err);
    }
    return r;
}

int ipam_allocate(struct net_ctx *c, const struct port *p, const json_t *wanted, struct err *err)
{
    struct list subnets;
    int r = subnets_of_network(c, p->network_id, &subnets, err);

    if (r < 0)
        return r;
    if (!wanted)
        return take_defaults(c, p, &subnets, err);
    r = take_wanted(c, p, &subnets, wanted, err);
    return r < 0 ? r : take_auto_too(c, p, &subnets, wanted, err);
}

/* True, and the entry is taken out, when 'wanted' has the address. */
static bool wants(json_t *wanted, const struct allocation *al)
{
    for (size_t i = 0; i < json_array_size(wanted); i++) {
        const json_t *w = json_array_get(wanted, i);
        const char *subnet = json_str(w, "subnet_id"), *ip = json_str(w, "ip_address");
        struct ipnum a, b;

        if (subnet && !str_eq(subnet, al->subnet_id))
            continue;
        if (ip && (ipnum_parse(ip, &a) < 0 || ipnum_parse(al->ip_address, &b) < 0 || a.v != b.v))
            continue;
        json_array_remove(wanted, i);
        return true;
    }
    return false;
}

int ipam_change(struct net_ctx *c, const struct port *p, const json_t *wanted, struct err *err)
{
    auto_json json_t *rest = json_copy((json_t *) wanted);
    struct allocation *all;
    struct list subnets;
    size_t n;
    int r;

    if ((int64_t) json_array_size(wanted) > c->n->opt->max_fixed_ips)
        return err_http(err, 400, "InvalidInput",
                        "Invalid input for operation: Exceeded maximum amount of fixed ips per port.");
    r = subnets_of_network(c, p->network_id, &subnets, err);
    if (r >= 0)
        r = allocations_of_port(c, p->id, &all, &n, err);
    for (size_t i = 0; r >= 0 && i < n; i++)
        if (!wants(rest, &all[i]))
            r = allocation_release(c, p->id, all[i].subnet_id, all[i].ip_address, err);
    if (r >= 0)
        r = take_wanted(c, p, &subnets, rest, err);
    return r < 0 ? r : take_auto_too(c, p, &subnets, wanted, err);
}

/* --- MAC addresses -------------------------------------------------------------------- */

int mac_generate(struct net_ctx *c, const char *network_id, const char **ret, struct err *err)
{
    unsigned char base[6], mac[6];

    if (macnum_parse(c->n->opt->base_mac, base) < 0)
        return err_set(err, -EINVAL, "base_mac '%s' is no MAC address", c->n->opt->base_mac);
    for (int i = 0; i < 16; i++) {
        const char *text;
        bool taken = false;
        int r;

        random_bytes(mac, sizeof(mac));
        memcpy(mac, base, base[3] ? 4 : 3);
        text = macnum_text(c->a, mac);
        r = mac_is_taken(c, network_id, text, &taken, err);
        if (r < 0)
            return r;
        if (!taken) {
            *ret = text;
            return 0;
        }
    }
    return err_http(err, 503, "MacAddressGenerationFailure", "Unable to generate unique mac on network %s.",
                    network_id);
}

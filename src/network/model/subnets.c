/* SPDX-License-Identifier: Apache-2.0 */
#include "network/model/subnets.h"

#include <stdio.h>

#include "base/str.h"
#include "network/ipnum.h"
#include "network/model/change.h"
#include "network/model/dhcp.h"
#include "network/model/ipam.h"
#include "network/model/pools.h"
#include "network/model/ports.h"
#include "network/model/subnet_pools.h"
#include "network/store/networks.h"
#include "network/store/ports.h"

static int invalid(struct err *err, const char *fmt, const char *a, const char *b)
{
    char words[512];

    snprintf(words, sizeof(words), fmt, a, b);
    return err_http(err, 400, "InvalidInput", "Invalid input for operation: %s", words);
}

int subnet_parents(struct net_ctx *c, void *obj, struct err *err)
{
    struct list l = { obj, 1, sizeof(struct subnet), false };
    struct subnet *s = obj;
    struct network n;
    int r = network_get(c, s->network_id, &n, err);

    return r < 0 ? r : subnets_fill(c, &l, err);
}

/* --- the prefix ------------------------------------------------------------------- */

static int read_cidr(struct net_ctx *c, struct subnet *s, struct ipnet *ret, struct err *err)
{
    bool host;

    if (str_empty(s->cidr))
        return err_http(err, 400, "BadRequest",
                        "Bad subnets request: a subnetpool must be specified in the "
                        "absence of a cidr.");
    if (!strchr(s->cidr, '/') || ipnet_parse(s->cidr, ret, &host) < 0)
        return err_http(err, 400, "HTTPBadRequest",
                        "Invalid input for cidr. Reason: '%.64s' is not a valid IP subnet.", s->cidr);
    if (ret->net.version != (int) s->ip_version)
        return invalid(err, "cidr '%s' does not match the ip_version '%s'", s->cidr,
                       s->ip_version == 4 ? "4" : "6");
    if (!ret->prefixlen)
        return invalid(err, "0 is not allowed as CIDR prefix length%s%s", "", "");
    if (s->ip_version == 4 && (ret->net.v >> 28) == 14)
        return invalid(err, "Multicast IP subnet is not supported: %s.%s", s->cidr, "");
    s->cidr = ipnet_text(c->a, ret);
    return 0;
}

static int check_overlap(struct net_ctx *c, const struct subnet *s, const struct ipnet *net, struct err *err)
{
    struct list all;
    int r = subnets_of_network(c, s->network_id, &all, err);

    for (size_t i = 0; r >= 0 && i < all.count; i++) {
        const struct subnet *other = list_at(&all, i);
        struct ipnet theirs;

        if (str_eq(other->id, s->id) || ipnet_parse(other->cidr, &theirs, NULL) < 0)
            continue;
        if (ipnet_overlaps(net, &theirs))
            return invalid(err,
                           "Requested subnet with cidr: %s for network: %s overlaps with another subnet.",
                           s->cidr, s->network_id);
    }
    return r;
}

/* --- what hangs on it ----------------------------------------------------------------- */

static int check_modes(struct net_ctx *c, const struct subnet *s, const struct ipnet *net, struct err *err)
{
    bool any = s->ipv6_ra_mode || s->ipv6_address_mode;

    if (any && s->ip_version == 4)
        return invalid(err, "ipv6_ra_mode or ipv6_address_mode cannot be set when ip_version is 4%s%s", "",
                       "");
    if (any && !s->enable_dhcp)
        return invalid(err,
                       "ipv6_ra_mode or ipv6_address_mode cannot be set when enable_dhcp is set to False%s%s",
                       "", "");
    if (s->ipv6_ra_mode && s->ipv6_address_mode && !str_eq(s->ipv6_ra_mode, s->ipv6_address_mode))
        return invalid(err,
                       "ipv6_ra_mode set to '%s' with ipv6_address_mode set to '%s' is not valid. If both "
                       "attributes are set, they must be the same value",
                       s->ipv6_ra_mode, s->ipv6_address_mode);
    if (subnet_is_auto(s) && net->prefixlen != 64)
        return invalid(err,
                       "Invalid CIDR %s for IPv6 address mode. OpenStack uses the EUI-64 address format, "
                       "which requires the prefix to be /64%s",
                       s->cidr, "");
    return 0;
}

static int fill_gateway(struct net_ctx *c, struct subnet *s, const struct ipnet *net, bool given,
                        struct err *err)
{
    struct iprange hosts = ipnet_hosts(net);
    struct ipnum gw;

    if (!given) {
        if (hosts.first.v <= hosts.last.v)
            s->gateway_ip = ipnum_text(c->a, hosts.first);
        return 0;
    }
    if (!s->gateway_ip)
        return 0;
    if (ipnum_parse(s->gateway_ip, &gw) < 0 || gw.version != net->net.version)
        return err_http(err, 400, "HTTPBadRequest",
                        "Invalid input for gateway_ip. Reason: '%.64s' is not a valid IP address.",
                        s->gateway_ip);
    if (net->net.version == 6)
        hosts.first = net->net;
    if (ipnet_contains(net, gw) && !iprange_contains(&hosts, gw))
        return invalid(err, "Gateway is not valid on subnet%s%s", "", "");
    s->gateway_ip = ipnum_text(c->a, gw);
    return 0;
}

static int check_nameservers(struct net_ctx *c, const struct subnet *s, struct err *err)
{
    struct ipnum ip;

    if ((int64_t) strv_len(s->dns_nameservers) > c->n->opt->max_dns_nameservers)
        return err_http(
            err, 400, "DNSNameServersExhausted",
            "Unable to complete operation for %s. The number of DNS nameservers exceeds the limit "
            "%lld.",
            s->id, (long long) c->n->opt->max_dns_nameservers);
    strv_foreach (n, s->dns_nameservers) {
        if (ipnum_parse(*n, &ip) < 0)
            return err_http(err, 400, "HTTPBadRequest",
                            "Invalid input for dns_nameservers. Reason: '%.64s' is not a valid nameserver.",
                            *n);
        for (const char *const *m = n + 1; *m; m++)
            if (strcmp(*m, *n) == 0)
                return err_http(err, 400, "HTTPBadRequest",
                                "Invalid input for dns_nameservers. Reason: Duplicate nameserver '%s'.", *n);
    }
    return 0;
}

static int check_routes(struct net_ctx *c, const struct subnet *s, struct err *err)
{
    auto_json json_t *j = NULL;
    struct ipnet to;
    struct ipnum via;

    if (!s->host_routes)
        return 0;
    if (json_read(s->host_routes, strlen(s->host_routes), &j, err) < 0)
        return -EINVAL;
    if ((int64_t) json_array_size(j) > c->n->opt->max_host_routes)
        return err_http(
            err, 400, "HostRoutesExhausted",
            "Unable to complete operation for %s. The number of host routes exceeds the limit %lld.", s->id,
            (long long) c->n->opt->max_host_routes);
    for (size_t i = 0; i < json_array_size(j); i++) {
        const json_t *r = json_array_get(j, i);

        if (json_object_size(r) != 2 || ipnet_parse(json_str(r, "destination"), &to, NULL) < 0 ||
            ipnum_parse(json_str(r, "nexthop"), &via) < 0 || via.version != to.net.version ||
            to.net.version != (int) s->ip_version)
            return err_http(err, 400, "HTTPBadRequest",
                            "Invalid input for host_routes. Reason: each needs a valid 'destination' and "
                            "'nexthop' of the subnet's IP version.");
    }
    return 0;
}

/* Keys of routes in a fixed order, and the lists never null. */
static void tidy(struct subnet *s)
{
    if (!s->host_routes)
        s->host_routes = "[]";
    if (!s->allocation_pools)
        s->allocation_pools = "[]";
}

int subnet_create(struct net_ctx *c, void *obj, struct err *err)
{
    struct subnet *s = obj;
    struct ipnet net;
    int r;

    if (s->subnetpool_id || s->use_default_subnetpool) {
        r = subnet_pool_cut(c, s, err);
        if (r < 0)
            return r;
    }
    r = read_cidr(c, s, &net, err);
    if (r >= 0)
        r = check_overlap(c, s, &net, err);
    if (r >= 0)
        r = check_modes(c, s, &net, err);
    if (r >= 0)
        r = fill_gateway(c, s, &net, GIVEN(c, subnet, gateway_ip), err);
    if (r >= 0)
        r = check_nameservers(c, s, err);
    if (r >= 0)
        r = check_routes(c, s, err);
    if (r >= 0 && s->allocation_pools && strcmp(s->allocation_pools, "[]") != 0) {
        r = pools_check(c->a, s->allocation_pools, &net, &s->allocation_pools, err);
        if (r >= 0)
            r = pools_check_gateway(c->a, s->allocation_pools, s->gateway_ip, err);
    } else if (r >= 0) {
        s->allocation_pools = pools_default(c->a, &net, s->gateway_ip);
    }
    if (r < 0)
        return r;
    tidy(s);
    r = table_insert(c->t, c->a, &subnet_table, s, err);
    if (r >= 0 && subnet_is_auto(s))
        r = ports_join_auto_subnet(c, s, err);
    if (r >= 0)
        r = dhcp_ensure(c, s->network_id, err);
    return r < 0 ? r : change_network(c, s->network_id, err);
}

static int check_gateway_free(struct net_ctx *c, const struct subnet *old, struct err *err)
{
    const char *owner = NULL;
    struct port p;
    int r;

    if (!old->gateway_ip)
        return 0;
    r = allocation_owner(c, old->id, old->gateway_ip, &owner, err);
    if (r < 0 || !owner)
        return r;
    r = port_get(c, owner, &p, err);
    if (r >= 0 && str_eq(p.device_owner, OWNER_ROUTER_INTERFACE))
        return err_http(err, 409, "GatewayIpInUse",
                        "Current gateway ip %s already in use by port %s. Unable to update.", old->gateway_ip,
                        owner);
    return r;
}

int subnet_update(struct net_ctx *c, const void *was, void *obj, struct err *err)
{
    const struct subnet *old = was;
    struct subnet *s = obj;
    struct ipnet net;
    int r = 0;

    if (ipnet_parse(s->cidr, &net, NULL) < 0)
        return err_set(err, -EINVAL, "subnet %s has no readable cidr", s->id);
    if (!str_eq(s->gateway_ip, old->gateway_ip)) {
        r = fill_gateway(c, s, &net, true, err);
        if (r >= 0 && !str_eq(s->gateway_ip, old->gateway_ip))
            r = check_gateway_free(c, old, err);
    }
    if (r >= 0)
        r = check_nameservers(c, s, err);
    if (r >= 0)
        r = check_routes(c, s, err);
    if (r >= 0 && GIVEN(c, subnet, allocation_pools))
        r = pools_check(c->a, s->allocation_pools ? s->allocation_pools : "[]", &net, &s->allocation_pools,
                        err);
    if (r >= 0 && (GIVEN(c, subnet, allocation_pools) || GIVEN(c, subnet, gateway_ip)))
        r = pools_check_gateway(c->a, s->allocation_pools, s->gateway_ip, err);
    if (r >= 0)
        r = check_modes(c, s, &net, err);
    tidy(s);
    return r;
}

int subnet_updated(struct net_ctx *c, const void *old, void *obj, struct err *err)
{
    const struct subnet *s = obj;
    int r = dhcp_ensure(c, s->network_id, err);

    return r < 0 ? r : change_network(c, s->network_id, err);
}

/* Addresses that go with the subnet: of the network's own DHCP servers, and
 * those that hosts made themselves. */
static bool goes_along(const struct subnet *s, const struct port *p)
{
    if (str_eq(p->device_owner, OWNER_DHCP))
        return true;
    return subnet_is_auto(s) && !str_has_prefix(p->device_owner, "network:router_");
}

int subnet_delete(struct net_ctx *c, void *obj, struct err *err)
{
    const struct subnet *s = obj;
    const char **ids;
    int r = ports_in_subnet(c, s->id, &ids, err);

    strv_foreach (id, ids) {
        struct port p;

        if (r >= 0)
            r = port_get(c, *id, &p, err);
        if (r >= 0 && !goes_along(s, &p))
            r = err_http(err, 409, "SubnetInUse",
                         "Unable to complete operation on subnet %s: One or more ports have an IP allocation "
                         "from this subnet.",
                         s->id);
        if (r < 0)
            return r;
    }
    if (r >= 0)
        r = change_network(c, s->network_id, err);
    if (r >= 0)
        r = allocations_drop_subnet(c, s->id, err);
    return r < 0 ? r : dhcp_ensure_without(c, s->network_id, s->id, err);
}

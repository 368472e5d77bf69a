/* SPDX-License-Identifier: Apache-2.0 */
#include "host/addr.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "base/str.h"

/* --- Addresses. ------------------------------------------------------------ */

struct ip_array {
    struct arena *arena;
    int index;
    struct ip *items;
    size_t n;
};

static int take_addr(void *ctx, const struct nlmsghdr *h)
{
    const struct ifaddrmsg *m = NLMSG_DATA(h);
    const struct nlattr *t[IFA_MAX + 1], *a;
    struct ip_array *all = ctx;
    struct ip ip = { .family = m->ifa_family, .prefixlen = m->ifa_prefixlen };

    if (h->nlmsg_type != RTM_NEWADDR || (int) m->ifa_index != all->index)
        return 0;
    nl_attrs(h, sizeof(*m), t, IFA_MAX);
    a = t[IFA_LOCAL] ? t[IFA_LOCAL] : t[IFA_ADDRESS];
    if (!a || nl_len(a) != ip_len(ip.family))
        return 0;
    memcpy(ip.bytes, nl_data(a), nl_len(a));
    all->items = arena_grow(all->arena, all->items, all->n * sizeof(ip), (all->n + 1) * sizeof(ip));
    all->items[all->n++] = ip;
    return 0;
}

static int list_addrs(struct nl *nl, struct ip_array *all, struct err *err)
{
    struct ifaddrmsg m = { 0 };
    struct nl_request rq;

    nl_begin(&rq, RTM_GETADDR, NLM_F_DUMP, &m, sizeof(m));
    return nl_dump(nl, &rq, take_addr, all, err);
}

int addr_list(struct arena *a, struct nl *nl, const char *name, struct ip **ret, size_t *ret_n,
              struct err *err)
{
    struct ip_array all = { .arena = a };
    struct link l;
    int r;

    r = link_get(nl, name, &l, err);
    if (r < 0)
        return r;
    all.index = l.index;
    r = list_addrs(nl, &all, err);
    if (r < 0)
        return r;
    *ret = all.items;
    *ret_n = all.n;
    return 0;
}

static int change_addr(struct nl *nl, int index, const struct ip *ip, bool add, struct err *err)
{
    /* No duplicate detection: the service gives each address once, and a router must answer at once. */
    struct ifaddrmsg m = { .ifa_family = (uint8_t) ip->family,
                           .ifa_prefixlen = ip->prefixlen,
                           .ifa_flags = ip->family == AF_INET6 ? IFA_F_NODAD : 0,
                           .ifa_index = (uint32_t) index };
    struct nl_request rq;
    char text[IP_TEXT_MAX];
    int r;

    nl_begin(&rq, add ? RTM_NEWADDR : RTM_DELADDR, add ? NLM_F_CREATE | NLM_F_REPLACE : 0, &m, sizeof(m));
    nl_put(&rq, IFA_LOCAL, ip->bytes, ip_len(ip->family));
    nl_put(&rq, IFA_ADDRESS, ip->bytes, ip_len(ip->family));
    if (add && ip->family == AF_INET && ip->prefixlen < 31) {
        struct ip last = *ip;

        for (unsigned bit = ip->prefixlen; bit < 32; bit++)
            last.bytes[bit / 8] |= (uint8_t) (0x80 >> (bit % 8));
        nl_put(&rq, IFA_BROADCAST, last.bytes, 4);
    }
    r = nl_call(nl, &rq, err);
    if (!add && r == -EADDRNOTAVAIL) {
        err_clear(err);
        return 0;
    }
    return r < 0 ? err_prefix(err, r, "Address %s", ip_text_net(ip, text)) : 0;
}

static bool has_ip(const struct ip *list, size_t n, const struct ip *ip)
{
    for (size_t i = 0; i < n; i++)
        if (ip_eq(&list[i], ip))
            return true;
    return false;
}

int addr_converge(struct nl *nl, const char *name, const struct ip *want, size_t n, struct ip *added,
                  size_t *ret_added, struct err *err)
{
    auto_arena struct arena a = { 0 };
    struct ip_array have = { .arena = &a };
    size_t fresh = 0;
    struct link l;
    int r;

    r = link_get(nl, name, &l, err);
    if (r < 0)
        return r;
    have.index = l.index;
    r = list_addrs(nl, &have, err);
    for (size_t i = 0; r >= 0 && i < have.n; i++)
        if (!has_ip(want, n, &have.items[i]) && !ip_is_link_local(&have.items[i]))
            r = change_addr(nl, l.index, &have.items[i], false, err);
    /* Removing a first address takes its network's others along, so look again. */
    have.n = 0;
    have.items = NULL;
    if (r >= 0)
        r = list_addrs(nl, &have, err);
    for (size_t i = 0; r >= 0 && i < n; i++)
        if (!has_ip(have.items, have.n, &want[i])) {
            r = change_addr(nl, l.index, &want[i], true, err);
            if (r >= 0 && added)
                added[fresh++] = want[i];
        }
    if (ret_added)
        *ret_added = fresh;
    return r < 0 ? err_prefix(err, r, "Cannot set addresses of '%s'", name) : 0;
}

/* --- Routes. --------------------------------------------------------------- */

struct route_array {
    struct arena *arena;
    struct nl_route {
        struct ip to, via;
        int index;
    } * items;
    size_t n;
};

static void take_ip(struct ip *ip, int family, const struct nlattr *a, unsigned prefixlen)
{
    ip->family = family;
    ip->prefixlen = (uint8_t) prefixlen;
    if (a && nl_len(a) == ip_len(family))
        memcpy(ip->bytes, nl_data(a), nl_len(a));
}

static int take_route(void *ctx, const struct nlmsghdr *h)
{
    const struct rtmsg *m = NLMSG_DATA(h);
    const struct nlattr *t[RTA_MAX + 1];
    struct route_array *all = ctx;
    struct nl_route r = { 0 };

    if (h->nlmsg_type != RTM_NEWROUTE || m->rtm_protocol != ROUTE_PROTOCOL || m->rtm_table != RT_TABLE_MAIN)
        return 0;
    nl_attrs(h, sizeof(*m), t, RTA_MAX);
    take_ip(&r.to, m->rtm_family, t[RTA_DST], m->rtm_dst_len);
    if (t[RTA_GATEWAY])
        take_ip(&r.via, m->rtm_family, t[RTA_GATEWAY], ip_bits(m->rtm_family));
    r.index = (int) nl_u32(t[RTA_OIF]);
    all->items = arena_grow(all->arena, all->items, all->n * sizeof(r), (all->n + 1) * sizeof(r));
    all->items[all->n++] = r;
    return 0;
}

static int list_routes(struct nl *nl, struct route_array *all, struct err *err)
{
    struct rtmsg m = { 0 };
    struct nl_request rq;

    nl_begin(&rq, RTM_GETROUTE, NLM_F_DUMP, &m, sizeof(m));
    return nl_dump(nl, &rq, take_route, all, err);
}

static int change_route(struct nl *nl, const struct nl_route *route, bool add, struct err *err)
{
    int family = route->to.family;
    struct rtmsg m = { .rtm_family = (uint8_t) family,
                       .rtm_dst_len = route->to.prefixlen,
                       .rtm_table = RT_TABLE_MAIN,
                       .rtm_protocol = ROUTE_PROTOCOL,
                       .rtm_scope = route->via.family ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK,
                       .rtm_type = RTN_UNICAST };
    struct nl_request rq;

    if (!add)
        m.rtm_scope = RT_SCOPE_NOWHERE;
    nl_begin(&rq, add ? RTM_NEWROUTE : RTM_DELROUTE, add ? NLM_F_CREATE | NLM_F_REPLACE : 0, &m, sizeof(m));
    if (route->to.prefixlen)
        nl_put(&rq, RTA_DST, route->to.bytes, ip_len(family));
    if (route->via.family)
        nl_put(&rq, RTA_GATEWAY, route->via.bytes, ip_len(family));
    if (route->index)
        nl_put_u32(&rq, RTA_OIF, (uint32_t) route->index);
    return nl_call(nl, &rq, err);
}

static bool same_route(const struct nl_route *a, const struct nl_route *b)
{
    /* A wish without a device is the same as the route the kernel found a device for. */
    return ip_eq(&a->to, &b->to) && a->via.family == b->via.family &&
           (!a->via.family || ip_eq_addr(&a->via, &b->via)) &&
           (!a->index || !b->index || a->index == b->index);
}

static bool has_route(const struct nl_route *list, size_t n, const struct nl_route *r)
{
    for (size_t i = 0; i < n; i++)
        if (same_route(&list[i], r))
            return true;
    return false;
}

/* Adds what is missing.  The first refusal is kept in 'err'; the rest is set all the same. */
static int add_routes(struct nl *nl, const struct nl_route *want, size_t n, const struct route_array *have,
                      struct err *err)
{
    char to[IP_TEXT_MAX], via[IP_TEXT_MAX];
    int first = 0;

    for (size_t i = 0; i < n; i++) {
        struct err e = { 0 };
        int r = 0;

        if (!has_route(have->items, have->n, &want[i]))
            r = change_route(nl, &want[i], true, &e);
        if (r < 0 && first == 0)
            first = err_set(err, r, "Cannot set the route to %s via %s: %s", ip_text_net(&want[i].to, to),
                            ip_text(&want[i].via, via), e.msg);
    }
    return first;
}

int route_converge(struct nl *nl, const struct route *want, size_t n, struct err *err)
{
    auto_arena struct arena a = { 0 };
    struct route_array have = { .arena = &a };
    struct nl_route *resolved = arena_array(&a, struct nl_route, n + 1);
    int r;

    for (size_t i = 0; i < n; i++) {
        struct link l = { 0 };

        if (want[i].device[0]) {
            r = link_get(nl, want[i].device, &l, err);
            if (r < 0)
                return r;
        }
        resolved[i] =
            (struct nl_route){ .to = ip_network(&want[i].to), .via = want[i].via, .index = l.index };
    }
    r = list_routes(nl, &have, err);
    for (size_t i = 0; r >= 0 && i < have.n; i++)
        if (!has_route(resolved, n, &have.items[i])) {
            r = change_route(nl, &have.items[i], false, err);
            r = r == -ESRCH ? 0 : r;
        }
    if (r < 0)
        return err_prefix(err, r, "Cannot remove an old route");
    return add_routes(nl, resolved, n, &have, err);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "host/conntrack.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <string.h>
#include <sys/socket.h>

#include "base/arena.h"
#include "host/nl.h"

/* What names one connection to the kernel: its first tuple, its zone and id. */
struct connection {
    uint8_t family;
    const struct nlattr *tuple, *zone, *id;
};

struct list {
    struct arena *arena;
    const struct conntrack_filter *filter;
    struct connection *items;
    size_t n;
};

static const struct nlattr *keep(struct arena *a, const struct nlattr *at)
{
    return at ? arena_memdup(a, at, at->nla_len) : NULL;
}

static uint32_t big_endian(const struct nlattr *a)
{
    return ntohl(nl_u32(a));
}

static bool is_end(const struct nlattr *tuple, const struct ip *ip)
{
    static const uint16_t ends[2][2] = { { CTA_IP_V4_SRC, CTA_IP_V4_DST }, { CTA_IP_V6_SRC, CTA_IP_V6_DST } };
    const struct nlattr *t[CTA_TUPLE_MAX + 1], *at[CTA_IP_MAX + 1];

    if (!tuple)
        return false;
    nl_attrs_nested(tuple, t, CTA_TUPLE_MAX);
    if (!t[CTA_TUPLE_IP])
        return false;
    nl_attrs_nested(t[CTA_TUPLE_IP], at, CTA_IP_MAX);
    for (size_t i = 0; i < 2; i++) {
        const struct nlattr *a = at[ends[ip->family == AF_INET6][i]];

        if (a && nl_len(a) == ip_len(ip->family) && memcmp(nl_data(a), ip->bytes, nl_len(a)) == 0)
            return true;
    }
    return false;
}

static bool is_meant(const struct conntrack_filter *f, const struct nlattr *const *t)
{
    uint16_t zone = 0;
    bool end = f->ips == NULL;

    if (t[CTA_ZONE])
        memcpy(&zone, nl_data(t[CTA_ZONE]), sizeof(zone));
    if (f->zone && ntohs(zone) != f->zone)
        return false;
    if (f->translated && !(big_endian(t[CTA_STATUS]) & (IPS_SRC_NAT | IPS_DST_NAT)))
        return false;
    for (size_t i = 0; i < f->n_ips && !end; i++)
        end = is_end(t[CTA_TUPLE_ORIG], &f->ips[i]) || is_end(t[CTA_TUPLE_REPLY], &f->ips[i]);
    return end;
}

static int take(void *ctx, const struct nlmsghdr *h)
{
    const struct nfgenmsg *nf = NLMSG_DATA(h);
    const struct nlattr *t[CTA_MAX + 1];
    struct list *all = ctx;

    nl_attrs(h, sizeof(*nf), t, CTA_MAX);
    if (!t[CTA_TUPLE_ORIG] || !is_meant(all->filter, t))
        return 0;
    all->items =
        arena_grow(all->arena, all->items, all->n * sizeof(*all->items), (all->n + 1) * sizeof(*all->items));
    all->items[all->n++] = (struct connection){ nf->nfgen_family, keep(all->arena, t[CTA_TUPLE_ORIG]),
                                                keep(all->arena, t[CTA_ZONE]), keep(all->arena, t[CTA_ID]) };
    return 0;
}

static void put_again(struct nl_request *rq, const struct nlattr *a)
{
    if (a)
        nl_append(rq, a, a->nla_len);
}

int conntrack_flush(const char *netns, const struct conntrack_filter *filter, struct err *err)
{
    auto_arena struct arena a = { 0 };
    auto_cleanup(nl_close) struct nl *nl = NULL;
    struct nfgenmsg nf = { .nfgen_family = AF_UNSPEC, .version = NFNETLINK_V0 };
    struct list all = { .arena = &a, .filter = filter };
    struct nl_request rq;
    int r;

    r = nl_open(netns, NETLINK_NETFILTER, &nl, err);
    if (r < 0)
        return r;
    nl_begin(&rq, NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET, NLM_F_DUMP, &nf, sizeof(nf));
    r = nl_dump(nl, &rq, take, &all, err);
    for (size_t i = 0; r >= 0 && i < all.n; i++) {
        nf.nfgen_family = all.items[i].family;
        nl_begin(&rq, NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_DELETE, 0, &nf, sizeof(nf));
        put_again(&rq, all.items[i].tuple);
        put_again(&rq, all.items[i].zone);
        put_again(&rq, all.items[i].id);
        r = nl_call(nl, &rq, err);
        r = r == -ENOENT ? 0 : r;
    }
    return r;
}

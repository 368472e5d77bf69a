/* SPDX-License-Identifier: Apache-2.0 */
#include "host/conntrack.h"

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
    struct connection *items;
    size_t n;
};

static const struct nlattr *keep(struct arena *a, const struct nlattr *at)
{
    return at ? arena_memdup(a, at, at->nla_len) : NULL;
}

static int take(void *ctx, const struct nlmsghdr *h)
{
    const struct nfgenmsg *nf = NLMSG_DATA(h);
    const struct nlattr *t[CTA_MAX + 1];
    struct list *all = ctx;
    uint32_t status;

    nl_attrs(h, sizeof(*nf), t, CTA_MAX);
    status = __builtin_bswap32(nl_u32(t[CTA_STATUS]));
    if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
        status = nl_u32(t[CTA_STATUS]);
    if (!t[CTA_TUPLE_ORIG] || !(status & (IPS_SRC_NAT | IPS_DST_NAT)))
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

int conntrack_flush_nat(const char *netns, struct err *err)
{
    auto_arena struct arena a = { 0 };
    auto_cleanup(nl_close) struct nl *nl = NULL;
    struct nfgenmsg nf = { .nfgen_family = AF_INET, .version = NFNETLINK_V0 };
    struct list all = { .arena = &a };
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

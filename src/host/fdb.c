/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "host/link.h"

static bool same(const struct fdb_entry *a, const struct fdb_entry *b)
{
    return memcmp(a->mac, b->mac, MAC_LEN) == 0 && ip_eq_addr(&a->remote, &b->remote);
}

static bool among(const struct fdb_entry *list, size_t n, const struct fdb_entry *e)
{
    for (size_t i = 0; i < n; i++)
        if (same(&list[i], e))
            return true;
    return false;
}

struct fdb_array {
    struct arena *arena;
    int index;
    struct fdb_entry *items;
    size_t n;
};

static int take_entry(void *ctx, const struct nlmsghdr *h)
{
    const struct ndmsg *nd = NLMSG_DATA(h);
    const struct nlattr *t[NDA_MAX + 1];
    struct fdb_array *all = ctx;
    struct fdb_entry e = { 0 };
    size_t len;

    nl_attrs(h, sizeof(*nd), t, NDA_MAX);
    if (h->nlmsg_type != RTM_NEWNEIGH || nd->ndm_ifindex != all->index || !t[NDA_LLADDR] || !t[NDA_DST])
        return 0;
    len = nl_len(t[NDA_DST]);
    e.remote.family = len == 16 ? AF_INET6 : AF_INET;
    e.remote.prefixlen = (uint8_t) (len * 8);
    memcpy(e.remote.bytes, nl_data(t[NDA_DST]), len > 16 ? 16 : len);
    memcpy(e.mac, nl_data(t[NDA_LLADDR]), MAC_LEN);
    all->items = arena_grow(all->arena, all->items, all->n * sizeof(e), (all->n + 1) * sizeof(e));
    all->items[all->n++] = e;
    return 0;
}

static int list_entries(struct nl *nl, struct fdb_array *all, struct err *err)
{
    struct ifinfomsg info = { .ifi_family = AF_BRIDGE, .ifi_index = all->index };
    struct nl_request rq;

    nl_begin(&rq, RTM_GETNEIGH, NLM_F_DUMP, &info, sizeof(info));
    return nl_dump(nl, &rq, take_entry, all, err);
}

static int change_entry(struct nl *nl, int index, const struct fdb_entry *e, bool add, struct err *err)
{
    static const uint8_t zero[MAC_LEN];
    struct ndmsg nd = { .ndm_family = AF_BRIDGE,
                        .ndm_ifindex = index,
                        .ndm_state = NUD_NOARP | NUD_PERMANENT,
                        .ndm_flags = NTF_SELF };
    /* Broadcasts go to every remote, a known address to one. */
    uint16_t how = memcmp(e->mac, zero, MAC_LEN) == 0 ? NLM_F_APPEND : NLM_F_REPLACE;
    struct nl_request rq;

    nl_begin(&rq, add ? RTM_NEWNEIGH : RTM_DELNEIGH, add ? NLM_F_CREATE | how : 0, &nd, sizeof(nd));
    nl_put(&rq, NDA_LLADDR, e->mac, MAC_LEN);
    nl_put(&rq, NDA_DST, e->remote.bytes, ip_len(e->remote.family));
    return nl_call(nl, &rq, err);
}

int fdb_converge(struct nl *nl, const char *name, const struct fdb_entry *want, size_t n, struct err *err)
{
    auto_arena struct arena a = { 0 };
    struct fdb_array have = { .arena = &a };
    struct link l;
    int r;

    r = link_get(nl, name, &l, err);
    if (r < 0)
        return r;
    have.index = l.index;
    r = list_entries(nl, &have, err);
    /* Old entries first: a known address that moved must not have two places. */
    for (size_t i = 0; r >= 0 && i < have.n; i++)
        if (!among(want, n, &have.items[i])) {
            r = change_entry(nl, l.index, &have.items[i], false, err);
            r = r == -ENOENT ? 0 : r;
        }
    for (size_t i = 0; r >= 0 && i < n; i++)
        if (!among(have.items, have.n, &want[i]))
            r = change_entry(nl, l.index, &want[i], true, err);
    return r < 0 ? err_prefix(err, r, "Cannot set forwarding entries of '%s'", name) : 0;
}

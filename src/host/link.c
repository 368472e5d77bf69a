/* SPDX-License-Identifier: Apache-2.0 */
#include "host/link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/str.h"

static void copy_text(char *to, size_t room, const struct nlattr *a)
{
    if (a)
        snprintf(to, room, "%.*s", (int) nl_len(a), (const char *) nl_data(a));
}

static void read_vxlan(const struct nlattr *data, struct link *l)
{
    const struct nlattr *t[IFLA_VXLAN_MAX + 1];
    uint16_t port;

    nl_attrs_nested(data, t, IFLA_VXLAN_MAX);
    l->tag = nl_u32(t[IFLA_VXLAN_ID]);
    if (t[IFLA_VXLAN_PORT]) {
        memcpy(&port, nl_data(t[IFLA_VXLAN_PORT]), sizeof(port));
        l->port = ntohs(port);
    }
    if (t[IFLA_VXLAN_LOCAL] || t[IFLA_VXLAN_LOCAL6]) {
        const struct nlattr *a = t[IFLA_VXLAN_LOCAL] ? t[IFLA_VXLAN_LOCAL] : t[IFLA_VXLAN_LOCAL6];

        l->local.family = t[IFLA_VXLAN_LOCAL] ? AF_INET : AF_INET6;
        l->local.prefixlen = (uint8_t) ip_bits(l->local.family);
        memcpy(l->local.bytes, nl_data(a), ip_len(l->local.family));
    }
}

static void read_kind(const struct nlattr *info, struct link *l)
{
    const struct nlattr *t[IFLA_INFO_MAX + 1], *v[IFLA_VLAN_MAX + 1];

    nl_attrs_nested(info, t, IFLA_INFO_MAX);
    copy_text(l->kind, sizeof(l->kind), t[IFLA_INFO_KIND]);
    if (str_eq(l->kind, "vxlan") && t[IFLA_INFO_DATA])
        read_vxlan(t[IFLA_INFO_DATA], l);
    if (str_eq(l->kind, "vlan") && t[IFLA_INFO_DATA]) {
        nl_attrs_nested(t[IFLA_INFO_DATA], v, IFLA_VLAN_MAX);
        if (v[IFLA_VLAN_ID])
            l->tag = *(const uint16_t *) nl_data(v[IFLA_VLAN_ID]);
    }
}

static void read_link(const struct nlmsghdr *h, struct link *l)
{
    const struct ifinfomsg *info = NLMSG_DATA(h);
    const struct nlattr *t[IFLA_MAX + 1];

    nl_attrs(h, sizeof(*info), t, IFLA_MAX);
    *l = (struct link){ .index = info->ifi_index, .up = info->ifi_flags & IFF_UP };
    copy_text(l->name, sizeof(l->name), t[IFLA_IFNAME]);
    copy_text(l->alias, sizeof(l->alias), t[IFLA_IFALIAS]);
    l->master = (int) nl_u32(t[IFLA_MASTER]);
    l->peer = (int) nl_u32(t[IFLA_LINK]);
    l->mtu = nl_u32(t[IFLA_MTU]);
    if (t[IFLA_ADDRESS] && nl_len(t[IFLA_ADDRESS]) == MAC_LEN)
        memcpy(l->mac, nl_data(t[IFLA_ADDRESS]), MAC_LEN);
    if (t[IFLA_LINKINFO])
        read_kind(t[IFLA_LINKINFO], l);
}

static int take_one(void *ctx, const struct nlmsghdr *h)
{
    if (h->nlmsg_type == RTM_NEWLINK)
        read_link(h, ctx);
    return 0;
}

int link_get(struct nl *nl, const char *name, struct link *ret, struct err *err)
{
    struct ifinfomsg info = { 0 };
    struct nl_request rq;
    struct link l = { 0 };
    int r;

    if (strlen(name) >= IFNAMSIZ)
        return err_set(err, -EINVAL, "The device name '%s' is too long", name);
    nl_begin(&rq, RTM_GETLINK, 0, &info, sizeof(info));
    nl_put_str(&rq, IFLA_IFNAME, name);
    r = nl_dump(nl, &rq, take_one, &l, err);
    if (r < 0)
        return err_prefix(err, r, "Device '%s'", name);
    *ret = l;
    return 0;
}

bool link_exists(struct nl *nl, const char *name)
{
    struct link l;

    return link_get(nl, name, &l, NULL) == 0;
}

struct link_array {
    struct arena *arena;
    struct link *items;
    size_t n;
};

static int take_each(void *ctx, const struct nlmsghdr *h)
{
    struct link_array *all = ctx;

    if (h->nlmsg_type != RTM_NEWLINK)
        return 0;
    all->items =
        arena_grow(all->arena, all->items, all->n * sizeof(*all->items), (all->n + 1) * sizeof(*all->items));
    read_link(h, &all->items[all->n++]);
    return 0;
}

int link_list(struct arena *a, struct nl *nl, struct link **ret, size_t *ret_n, struct err *err)
{
    struct link_array all = { .arena = a };
    struct ifinfomsg info = { 0 };
    struct nl_request rq;
    int r;

    nl_begin(&rq, RTM_GETLINK, NLM_F_DUMP, &info, sizeof(info));
    r = nl_dump(nl, &rq, take_each, &all, err);
    if (r < 0)
        return err_prefix(err, r, "Cannot list network devices");
    *ret = all.items;
    *ret_n = all.n;
    return 0;
}

int link_delete(struct nl *nl, const char *name, struct err *err)
{
    struct ifinfomsg info = { 0 };
    struct nl_request rq;
    int r;

    nl_begin(&rq, RTM_DELLINK, 0, &info, sizeof(info));
    nl_put_str(&rq, IFLA_IFNAME, name);
    r = nl_call(nl, &rq, err);
    if (r == -ENODEV) {
        err_clear(err);
        return 0;
    }
    return r < 0 ? err_prefix(err, r, "Cannot remove the device '%s'", name) : 0;
}

/* The index of the bridge that 'want' asks for; -1: leave as it is. */
static int wanted_master(struct nl *nl, const struct link_want *want, int *ret, struct err *err)
{
    struct link m;
    int r;

    *ret = want->no_master ? 0 : -1;
    if (!want->master)
        return 0;
    r = link_get(nl, want->master, &m, err);
    if (r == 0)
        *ret = m.index;
    return r;
}

int link_set(struct nl *nl, const char *name, const struct link_want *want, struct err *err)
{
    struct ifinfomsg info = { 0 };
    struct nl_request rq;
    struct link now;
    int r, master = -1;
    size_t empty;

    r = link_get(nl, name, &now, err);
    if (r == 0)
        r = wanted_master(nl, want, &master, err);
    if (r < 0)
        return r;

    info.ifi_index = now.index;
    if ((want->up && !now.up) || (want->down && now.up)) {
        info.ifi_change = IFF_UP;
        info.ifi_flags = want->up ? IFF_UP : 0;
    }
    nl_begin(&rq, RTM_NEWLINK, 0, &info, sizeof(info));
    empty = rq.h.nlmsg_len;
    if (want->alias && !str_eq(want->alias, now.alias))
        nl_put(&rq, IFLA_IFALIAS, want->alias, strlen(want->alias));
    if (want->mac && memcmp(want->mac, now.mac, MAC_LEN) != 0)
        nl_put(&rq, IFLA_ADDRESS, want->mac, MAC_LEN);
    if (want->mtu && want->mtu != now.mtu)
        nl_put_u32(&rq, IFLA_MTU, want->mtu);
    if (master >= 0 && master != now.master)
        nl_put_u32(&rq, IFLA_MASTER, (uint32_t) master);
    if (rq.h.nlmsg_len == empty && !info.ifi_change)
        return 0;
    r = nl_call(nl, &rq, err);
    return r < 0 ? err_prefix(err, r, "Cannot change the device '%s'", name) : 0;
}

/* --- Making devices. ------------------------------------------------------- */

/* Whether to make 'name': 1 yes, 0 it is there with this kind (then '*ret'), or -EEXIST. */
static int should_make(struct nl *nl, const char *name, const char *kind, struct link *ret, struct err *err)
{
    int r = link_get(nl, name, ret, err);

    if (r == -ENODEV) {
        err_clear(err);
        return 1;
    }
    if (r < 0)
        return r;
    if (!str_eq(ret->kind, kind))
        return err_set(err, -EEXIST, "The device '%s' is there, but of kind '%s' and not '%s'", name,
                       ret->kind[0] ? ret->kind : "physical", kind);
    return 0;
}

/* Starts RTM_NEWLINK up to the kind's data; returns the two nests to end. */
struct new_link {
    struct nl_request rq;
    size_t info, data;
};

static void new_link_begin(struct new_link *n, const char *name, const char *kind, uint32_t parent)
{
    struct ifinfomsg info = { 0 };

    nl_begin(&n->rq, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &info, sizeof(info));
    nl_put_str(&n->rq, IFLA_IFNAME, name);
    if (parent)
        nl_put_u32(&n->rq, IFLA_LINK, parent);
    n->info = nl_nest(&n->rq, IFLA_LINKINFO);
    nl_put_str(&n->rq, IFLA_INFO_KIND, kind);
    n->data = nl_nest(&n->rq, IFLA_INFO_DATA);
}

/* Sends it and gives the device its alias (which the kernel takes only from a
 * change, not from a birth). */
static int new_link_finish(struct nl *nl, struct new_link *n, const char *name, const char *kind,
                           const char *alias, struct err *err)
{
    struct link_want mark = { .alias = alias };
    int r;

    nl_nest_end(&n->rq, n->data);
    nl_nest_end(&n->rq, n->info);
    r = nl_call(nl, &n->rq, err);
    if (r < 0)
        return err_prefix(err, r, "Cannot make the %s device '%s'", kind, name);
    return link_set(nl, name, &mark, err);
}

int bridge_ensure(struct nl *nl, const char *name, const char *alias, struct err *err)
{
    struct link_want want = { .alias = alias, .up = true };
    struct new_link n;
    struct link now;
    int r = should_make(nl, name, "bridge", &now, err);

    if (r < 0)
        return r;
    if (r > 0) {
        new_link_begin(&n, name, "bridge", 0);
        nl_put_u32(&n.rq, IFLA_BR_FORWARD_DELAY, 0);
        nl_put_u32(&n.rq, IFLA_BR_STP_STATE, 0);
        nl_put_u8(&n.rq, IFLA_BR_MCAST_SNOOPING, 0);
        r = new_link_finish(nl, &n, name, "bridge", alias, err);
        if (r < 0)
            return r;
    }
    return link_set(nl, name, &want, err);
}

static int veth_make(struct nl *nl, const char *name, const char *peer, const char *peer_netns,
                     const char *alias, struct err *err)
{
    struct ifinfomsg info = { 0 };
    auto_close int fd = -1;
    struct new_link n;
    size_t nest;

    if (peer_netns) {
        fd = open(peer_netns, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
            return err_set(err, -errno, "Cannot open the network namespace '%s': %s", peer_netns,
                           strerror(errno));
    }
    new_link_begin(&n, name, "veth", 0);
    nest = nl_nest(&n.rq, VETH_INFO_PEER);
    nl_append(&n.rq, &info, sizeof(info));
    nl_put_str(&n.rq, IFLA_IFNAME, peer);
    if (fd >= 0)
        nl_put_u32(&n.rq, IFLA_NET_NS_FD, (uint32_t) fd);
    nl_nest_end(&n.rq, nest);
    return new_link_finish(nl, &n, name, "veth", alias, err);
}

int veth_ensure(struct nl *nl, const char *name, const char *peer, const char *peer_netns, const char *alias,
                struct err *err)
{
    auto_cleanup(nl_close) struct nl *other = NULL;
    struct link here, there;
    int r = should_make(nl, name, "veth", &here, err);

    if (r < 0)
        return r;
    if (peer_netns) {
        int r2 = nl_open(peer_netns, NETLINK_ROUTE, &other, err);

        if (r2 < 0)
            return r2;
    }
    if (r == 0 && link_get(other ? other : nl, peer, &there, NULL) == 0 && there.index == here.peer)
        return 0;
    if (r == 0)
        r = link_delete(nl, name, err);
    if (r >= 0)
        r = link_delete(other ? other : nl, peer, err);
    return r < 0 ? r : veth_make(nl, name, peer, peer_netns, alias, err);
}

int vxlan_ensure(struct nl *nl, const char *name, const struct vxlan_spec *spec, const char *alias,
                 struct err *err)
{
    uint16_t port = htons(spec->port);
    struct new_link n;
    struct link now;
    int r = should_make(nl, name, "vxlan", &now, err);

    if (r == 0 && now.tag == spec->vni && now.port == spec->port && ip_eq_addr(&now.local, &spec->local))
        return 0;
    if (r == 0)
        r = link_delete(nl, name, err);
    if (r < 0)
        return r;
    new_link_begin(&n, name, "vxlan", 0);
    nl_put_u32(&n.rq, IFLA_VXLAN_ID, spec->vni);
    nl_put(&n.rq, spec->local.family == AF_INET6 ? IFLA_VXLAN_LOCAL6 : IFLA_VXLAN_LOCAL, spec->local.bytes,
           ip_len(spec->local.family));
    nl_put(&n.rq, IFLA_VXLAN_PORT, &port, sizeof(port));
    nl_put_u8(&n.rq, IFLA_VXLAN_LEARNING, 0);
    return new_link_finish(nl, &n, name, "vxlan", alias, err);
}

int vlan_ensure(struct nl *nl, const char *name, const char *parent, uint16_t id, const char *alias,
                struct err *err)
{
    struct link_want up = { .up = true };
    struct link now, below;
    struct new_link n;
    int r = link_get(nl, parent, &below, err);

    if (r < 0)
        return r;
    r = should_make(nl, name, "vlan", &now, err);
    if (r == 0 && (now.tag != id || now.peer != below.index)) {
        r = link_delete(nl, name, err);
        r = r < 0 ? r : 1;
    }
    if (r < 0)
        return r;
    if (r > 0) {
        new_link_begin(&n, name, "vlan", (uint32_t) below.index);
        nl_put_u16(&n.rq, IFLA_VLAN_ID, id);
        r = new_link_finish(nl, &n, name, "vlan", alias, err);
        if (r < 0)
            return r;
    }
    return link_set(nl, name, &up, err);
}

int tap_ensure(const char *name, struct err *err)
{
    struct ifreq rq = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };
    auto_close int fd = -1;

    if (strlen(name) >= IFNAMSIZ)
        return err_set(err, -EINVAL, "The device name '%s' is too long", name);
    if (if_nametoindex(name) != 0)
        return 0;
    fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return err_set(err, -errno, "Cannot open /dev/net/tun: %s", strerror(errno));
    memcpy(rq.ifr_name, name, strlen(name) + 1);
    if (ioctl(fd, TUNSETIFF, &rq) < 0 || ioctl(fd, TUNSETPERSIST, 1) < 0)
        return err_set(err, -errno, "Cannot make the tap device '%s': %s", name, strerror(errno));
    return 0;
}

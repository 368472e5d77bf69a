/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/l2.h"

#include <errno.h>
#include <string.h>

#include "agent/edge.h"
#include "agent/firewall.h"
#include "agent/network_wishes.h"
#include "base/str.h"
#include "host/conntrack.h"
#include "host/link.h"
#include "host/netns.h"
#include "host/nft.h"
#include "io/proc.h"

static const char *device_of(const struct round *r, const char *kind, const char *id)
{
    return arena_printf(r->arena, "%s%.*s", kind, NETWORK_NAME_ID_CHARS, id);
}

const char *l2_bridge(const struct round *r, const struct wish_network *n)
{
    const char *mapped = NULL;

    if (str_eq(n->type, "flat") &&
        !mapping_get(r->arena, r->options->interface_mappings, n->physical_network))
        mapped = mapping_get(r->arena, r->options->bridge_mappings, n->physical_network);
    return mapped ? mapped : device_of(r, NETWORK_BRIDGE_PREFIX, n->id);
}

static bool is_own_bridge(const struct round *r, const struct wish_network *n)
{
    return str_eq(l2_bridge(r, n), device_of(r, NETWORK_BRIDGE_PREFIX, n->id));
}

/* The host itself has no business on a project's wire: no address of its own. */
static void keep_host_off(const char *device)
{
    char key[96];

    snprintf(key, sizeof(key), "net/ipv6/conf/%s/disable_ipv6", device);
    sysctl_ensure(NULL, key, "1", NULL); /* Not there: the kernel has no IPv6. */
}

/* --- Networks. ------------------------------------------------------------- */

static int plug_tunnel(const struct round *r, const struct wish_network *n, const char *bridge,
                       struct err *err)
{
    const char *name = device_of(r, "vx", n->id);
    struct vxlan_spec spec = { .vni = n->segmentation_id, .port = (uint16_t) r->options->vxlan_port };
    struct fdb_entry *fdb = arena_array(r->arena, struct fdb_entry, n->n_remotes + n->n_fdb + 1);
    struct link_want want = { .mtu = n->mtu, .master = bridge, .up = true };
    size_t k = 0;
    int res;

    if (!r->options->local_ip || n->n_remotes == 0)
        return link_delete(r->nl, name, err);
    if (ip_parse(r->options->local_ip, &spec.local) < 0)
        return err_set(err, -EINVAL, "'%s' (local_ip) is no address", r->options->local_ip);
    for (size_t i = 0; i < n->n_remotes; i++)
        fdb[k++] = (struct fdb_entry){ .remote = n->remotes[i] };
    for (size_t i = 0; i < n->n_fdb; i++) {
        fdb[k].remote = n->fdb[i].remote;
        memcpy(fdb[k++].mac, n->fdb[i].mac, MAC_LEN);
    }
    res = vxlan_ensure(r->nl, name, &spec, round_mark(r, "l2"), err);
    if (res >= 0) {
        keep_host_off(name);
        res = fdb_converge(r->nl, name, fdb, k, err);
    }
    return res < 0 ? res : link_set(r->nl, name, &want, err);
}

static int plug_physical(const struct round *r, const struct wish_network *n, const char *bridge,
                         struct err *err)
{
    const char *parent = mapping_get(r->arena, r->options->interface_mappings, n->physical_network);
    struct link_want want = { .master = bridge, .up = true };
    const char *name;
    int res;

    if (!parent)
        return err_set(err, -ENODEV, "Host '%s' has no interface for the physical network '%s'",
                       r->config->host, n->physical_network);
    if (str_eq(n->type, "flat"))
        return link_set(r->nl, parent, &want, err);
    name = device_of(r, "vl", n->id);
    res = vlan_ensure(r->nl, name, parent, (uint16_t) n->segmentation_id, round_mark(r, "l2"), err);
    if (res < 0)
        return res;
    keep_host_off(name);
    return link_set(r->nl, name, &want, err);
}

static int converge_network(const struct round *r, const struct wish_network *n, struct err *err)
{
    const char *bridge = l2_bridge(r, n);
    struct link l;
    int res;

    if (!is_own_bridge(r, n)) {
        res = link_get(r->nl, bridge, &l, err);
        if (res >= 0 && !str_eq(l.kind, "bridge"))
            res = err_set(err, -EINVAL, "'%s' is mapped to '%s', which is no bridge", n->physical_network,
                          bridge);
        return res;
    }
    res = bridge_ensure(r->nl, bridge, round_mark(r, "l2"), err);
    if (res < 0)
        return res;
    keep_host_off(bridge);
    if (str_eq(n->type, "vxlan"))
        return plug_tunnel(r, n, bridge, err);
    return str_eq(n->type, "local") ? 0 : plug_physical(r, n, bridge, err);
}

static void converge_networks(struct round *r)
{
    for (size_t i = 0; i < r->wishes->n_networks; i++) {
        const struct wish_network *n = &r->wishes->networks[i];
        struct err err = { 0 };

        if (n->bad)
            outcome_fail(r, &r->networks[i], n->bad);
        else if (converge_network(r, n, &err) < 0)
            outcome_fail(r, &r->networks[i], err.msg);
        else
            outcome_good(&r->networks[i], n->admin_state_up);
    }
}

/* --- Cables. --------------------------------------------------------------- */

/* A bridge takes the lowest MAC of its ports: ours are high, so that a bridge
 * with an address of the host keeps its own. */
static void far_mac(const uint8_t mac[static MAC_LEN], uint8_t ret[static MAC_LEN])
{
    memcpy(ret, mac, MAC_LEN);
    ret[0] = 0xfe;
}

int l2_plug(const struct round *r, const struct wish_network *n, const struct wish_leg *leg,
            const char *netns, const char *far, const char *role, struct err *err)
{
    auto_cleanup(nl_close) struct nl *inside = NULL;
    const char *near = tap_name(r->arena, leg->port_id);
    uint8_t mac[MAC_LEN];
    struct link_want far_want = { .mac = leg->mac, .mtu = n->mtu, .up = true };
    struct link_want near_want = { .mac = mac, .mtu = n->mtu, .master = l2_bridge(r, n), .up = true };
    int res = nl_open(netns, NETLINK_ROUTE, &inside, err);

    far_mac(leg->mac, mac);
    if (res >= 0)
        res = veth_ensure(r->nl, near, far, netns, round_mark(r, role), err);
    if (res >= 0)
        res = link_set(inside, far, &far_want, err);
    if (res < 0)
        return res;
    keep_host_off(near);
    return link_set(r->nl, near, &near_want, err);
}

/* --- Ports. ---------------------------------------------------------------- */

/* The network of a port, or words why the port cannot be. */
static const char *port_trouble(const struct round *r, const struct wish_port *p)
{
    int i = round_network(r, p->network_id);

    if (p->bad)
        return p->bad;
    if (i < 0)
        return "The port's network is not among the wishes";
    return r->networks[i].status && str_eq(r->networks[i].status, NETWORK_STATUS_ERROR)
               ? r->networks[i].reason
               : NULL;
}

static void make_taps(struct round *r)
{
    for (size_t i = 0; i < r->wishes->n_ports; i++) {
        const struct wish_port *p = &r->wishes->ports[i];
        const char *name = tap_name(r->arena, p->id), *words = port_trouble(r, p);
        struct link_want want = { .alias = round_mark(r, "l2") };
        struct err err = { 0 };

        if (words)
            outcome_fail(r, &r->ports[i], words);
        else if (tap_ensure(name, &err) < 0 || link_set(r->nl, name, &want, &err) < 0)
            outcome_fail(r, &r->ports[i], err.msg);
        else
            keep_host_off(name);
    }
}

/* Only with its rules in force does a port reach the bridge. */
static void plug_taps(struct round *r)
{
    for (size_t i = 0; i < r->wishes->n_ports; i++) {
        const struct wish_port *p = &r->wishes->ports[i];
        int network = round_network(r, p->network_id);
        const struct wish_network *n = network < 0 ? NULL : &r->wishes->networks[network];
        struct link_want want = { 0 };
        struct err err = { 0 };
        uint8_t mac[MAC_LEN];

        if (r->ports[i].status)
            continue;
        far_mac(p->mac, mac);
        want.mac = mac;
        want.mtu = n->mtu;
        want.master = l2_bridge(r, n);
        want.up = p->admin_state_up && n->admin_state_up;
        want.down = !want.up;
        if (link_set(r->nl, tap_name(r->arena, p->id), &want, &err) < 0)
            outcome_fail(r, &r->ports[i], err.msg);
        else
            outcome_good(&r->ports[i], want.up);
    }
}

/* --- Rules. ---------------------------------------------------------------- */

/* Connections of bridged packets are known only with br_netfilter. */
static int watch_bridges(const struct round *r, struct err *err)
{
    static const char *const keys[] = { "net/bridge/bridge-nf-call-iptables",
                                        "net/bridge/bridge-nf-call-ip6tables" };
    static const char *const load[] = { "modprobe", "br_netfilter", NULL };
    struct proc_result ignored;

    if (sysctl_ensure(NULL, keys[0], "1", NULL) == -ENOENT)
        proc_run(r->arena, load, NULL, 5000, &ignored, NULL);
    for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
        int res = sysctl_ensure(NULL, keys[i], "1", err);

        if (res < 0)
            return err_prefix(err, res, "Security groups need br_netfilter");
    }
    return 0;
}

/* The tracking zone of a network.  The index is the device's own as long as it
 * lives, so the zone does not change under a connection. */
static unsigned zone_of(const struct round *r, const struct wish_network *n, const struct link *bridge)
{
    return is_own_bridge(r, n) ? ((unsigned) bridge->index & 0x7fff) | 0x8000 : 0;
}

static size_t tracked_bridges(const struct round *r, struct firewall_bridge *ret)
{
    size_t n = 0;

    for (size_t i = 0; i < r->wishes->n_networks; i++) {
        const struct wish_network *net = &r->wishes->networks[i];
        struct link l;
        const char *name;
        bool twice = false;

        if (net->bad)
            continue;
        name = l2_bridge(r, net);
        for (size_t k = 0; k < n; k++)
            twice = twice || str_eq(ret[k].name, name);
        if (twice || link_get(r->nl, name, &l, NULL) < 0)
            continue;
        /* The index is the device's own as long as it lives, so the zone does
         * not change under a connection. */
        ret[n++] =
            (struct firewall_bridge){ name,
                                      is_own_bridge(r, net) ? ((unsigned) l.index & 0x7fff) | 0x8000 : 0 };
    }
    return n;
}

/* Connections of ports that lost a rule are forgotten, so that the rules that
 * are left decide on their next packets. */
static void judge_anew(const struct round *r, const bool *lost)
{
    for (size_t i = 0; i < r->wishes->n_ports; i++) {
        const struct wish_port *p = &r->wishes->ports[i];
        const struct wish_network *n = wishes_network(r->wishes, p->network_id);
        struct conntrack_filter filter = { .n_ips = p->n_ips };
        struct ip *ips = arena_array(r->arena, struct ip, p->n_ips + 1);
        struct err err = { 0 };
        struct link l;

        if (!lost[i] || !n || n->bad || link_get(r->nl, l2_bridge(r, n), &l, NULL) < 0)
            continue;
        for (size_t k = 0; k < p->n_ips; k++)
            ips[k] = p->ips[k].ip;
        filter.ips = ips;
        filter.zone = zone_of(r, n, &l);
        if (conntrack_flush(NULL, &filter, &err) < 0)
            log_warning(r->config->log, "cannot forget connections", "port", p->id, "error", err.msg);
    }
}

static int converge_bridge_table(const struct round *r, const char *name, struct err *err)
{
    const char *body = firewall_bridge_table(r->arena, r->wishes);
    char *before = NULL;
    const char *shut;
    int res;

    if (nft_table_is(NULL, "bridge", name, body))
        return 0;
    shut = nft_find_shut_forward(r->arena, NULL);
    if (shut)
        log_warning(r->config->log,
                    "another packet filter drops what guests send each other; let the bridges pass it",
                    "filter", shut);
    nft_run(r->arena, NULL, "list chains bridge\n", &before, NULL);
    res = nft_table_ensure(NULL, "bridge", name, body, err);
    if (res >= 0 && before)
        judge_anew(r, firewall_ports_that_lost(r->arena, r->wishes, before));
    return res;
}

static int converge_rules(const struct round *r, struct err *err)
{
    struct firewall_bridge *bridges =
        arena_array(r->arena, struct firewall_bridge, r->wishes->n_networks + 1);
    const char *name = arena_printf(r->arena, "stackd_%s", r->config->prefix);
    int res = 0;

    if (r->wishes->n_ports == 0) {
        nft_table_delete(NULL, "bridge", name, NULL);
        return nft_table_delete(NULL, "inet", name, err);
    }
    res = watch_bridges(r, err);
    if (res >= 0)
        res = nft_table_ensure(NULL, "inet", name,
                               firewall_inet_table(r->arena, bridges, tracked_bridges(r, bridges)), err);
    if (res >= 0)
        res = converge_bridge_table(r, name, err);
    return res;
}

/* --- What no wish needs. --------------------------------------------------- */

void l2_sweep(const struct round *r, const char *mark, const char *const *keep)
{
    struct link *links;
    struct err err = { 0 };
    size_t n;

    if (link_list(r->arena, r->nl, &links, &n, &err) < 0) {
        log_warning(r->config->log, "cannot look for old devices", "error", err.msg);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        if (!str_eq(links[i].alias, mark) || strv_contains(keep, links[i].name))
            continue;
        if (link_delete(r->nl, links[i].name, &err) < 0)
            log_warning(r->config->log, "cannot remove an old device", "device", links[i].name, "error",
                        err.msg);
        else
            log_info(r->config->log, "removed a device that no wish needs", "device", links[i].name);
    }
}

static const char **wanted_devices(const struct round *r)
{
    static const char *const kinds[] = { NETWORK_BRIDGE_PREFIX, "vx", "vl" };
    const char **keep = NULL;

    for (size_t i = 0; i < r->wishes->n_networks; i++)
        for (size_t k = 0; k < ARRAY_SIZE(kinds); k++)
            keep = strv_add(r->arena, keep, device_of(r, kinds[k], r->wishes->networks[i].id));
    for (size_t i = 0; i < r->wishes->n_ports; i++)
        keep = strv_add(r->arena, keep, tap_name(r->arena, r->wishes->ports[i].id));
    return keep;
}

void l2_converge(struct round *r)
{
    struct err err = { 0 };

    edge_converge(r);
    converge_networks(r);
    make_taps(r);
    if (converge_rules(r, &err) < 0)
        for (size_t i = 0; i < r->wishes->n_ports; i++)
            outcome_fail(r, &r->ports[i], err.msg);
    plug_taps(r);
    l2_sweep(r, round_mark(r, "l2"), wanted_devices(r));
}

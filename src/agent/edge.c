/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/edge.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/hash.h"
#include "base/str.h"
#include "host/addr.h"
#include "host/netns.h"
#include "host/nft.h"
#include "host/purge.h"

/* "br-ex:172.24.4.1/24": several entries may name one bridge. */
static int read_entry(struct arena *a, const char *entry, const char **ret_bridge, struct ip *ret,
                      struct err *err)
{
    const char *colon = strchr(entry, ':');

    if (!colon || ip_parse(colon + 1, ret) < 0)
        return err_set(err, -EINVAL, "'%s' of edge_bridges is not bridge:address/prefix", entry);
    *ret_bridge = arena_strndup(a, entry, (size_t) (colon - entry));
    return 0;
}

/* Neighbours remember the gateway's MAC, so it must not follow the ports. */
static void steady_mac(const char *prefix, const char *bridge, uint8_t mac[static MAC_LEN])
{
    uint64_t h =
        siphash13(strlen(prefix), 1, prefix, strlen(prefix)) ^ siphash13(2, 3, bridge, strlen(bridge));

    memcpy(mac, &h, MAC_LEN);
    mac[0] = 0x02;
}

static int converge_bridge(const struct round *r, const char *bridge, struct err *err)
{
    size_t n = 0, room = strv_len((const char *const *) r->options->edge_bridges);
    struct ip *ips = arena_array(r->arena, struct ip, room + 1);
    struct link_want want = { 0 };
    uint8_t mac[MAC_LEN];
    struct link l;
    int res = 0;

    strv_foreach (entry, r->options->edge_bridges) {
        const char *name;

        res = read_entry(r->arena, *entry, &name, &ips[n], err);
        if (res < 0)
            return res;
        n += str_eq(name, bridge);
    }
    if (link_get(r->nl, bridge, &l, NULL) == 0 && !str_eq(l.alias, round_mark(r, "edge")))
        return err_set(err, -EEXIST, "The device '%s' is there and not ours; name it in bridge_mappings only",
                       bridge);
    res = bridge_ensure(r->nl, bridge, round_mark(r, "edge"), err);
    steady_mac(r->config->prefix, bridge, mac);
    want.mac = mac;
    if (res >= 0)
        res = link_set(r->nl, bridge, &want, err);
    return res < 0 ? res : addr_converge(r->nl, bridge, ips, n, NULL, NULL, err);
}

static void put_masquerade(const struct round *r, struct strbuf *b, const char *entry)
{
    char text[IP_TEXT_MAX];
    const char *bridge;
    struct ip ip;

    if (read_entry(r->arena, entry, &bridge, &ip, NULL) < 0 || ip.family != AF_INET)
        return;
    ip = ip_network(&ip);
    /* Only what came over this bridge: a project may use the same addresses on a bridge of its own. */
    strbuf_printf(b, "iifname \"%s\" oifname != \"%s\" ip saddr %s masquerade\n", bridge, bridge,
                  ip_text_net(&ip, text));
}

static int converge_masquerade(const struct round *r, struct err *err)
{
    const char *name = arena_printf(r->arena, "stackd_%s_edge", r->config->prefix);
    auto_strbuf struct strbuf b = { 0 };
    int res;

    res = host_forwarding_on(err);
    if (res < 0)
        return res;
    strbuf_puts(&b, "chain out {\ntype nat hook postrouting priority srcnat; policy accept;\n");
    strv_foreach (entry, r->options->edge_bridges)
        put_masquerade(r, &b, *entry);
    strbuf_puts(&b, "}\n");
    return nft_table_ensure(NULL, "ip", name, strbuf_str(&b), err);
}

void edge_converge(struct round *r)
{
    struct err err = { 0 };

    strv_foreach (entry, r->options->edge_bridges) {
        const char *bridge = NULL;
        struct ip ip;

        if (read_entry(r->arena, *entry, &bridge, &ip, &err) < 0 || converge_bridge(r, bridge, &err) < 0)
            log_warning(r->config->log, "cannot make an edge bridge", "entry", *entry, "error", err.msg);
    }
    if (strv_len((const char *const *) r->options->edge_bridges) && converge_masquerade(r, &err) < 0)
        log_warning(r->config->log, "cannot let the edge bridges out", "error", err.msg);
}

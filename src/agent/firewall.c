/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/firewall.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "agent/network_wishes.h"
#include "base/hash.h"
#include "base/str.h"
#include "base/strbuf.h"

/* The packet belongs to a connection that was let through; to none that can be. */
#define MARK_KNOWN   "0x10000000"
#define MARK_INVALID "0x20000000"

char *tap_name(struct arena *a, const char *port_id)
{
    return arena_printf(a, NETWORK_TAP_PREFIX "%.*s", NETWORK_NAME_ID_CHARS, port_id);
}

/* --- Sets of addresses. ---------------------------------------------------- */

struct ip_set {
    struct ip *items;
    size_t n;
};

/* nft refuses overlapping elements, so what lies in another network is left out. */
static void set_add(struct arena *a, struct ip_set *s, const struct ip *ip)
{
    struct ip net = ip_network(ip);
    size_t kept = 0;

    for (size_t i = 0; i < s->n; i++)
        if (s->items[i].prefixlen <= net.prefixlen && ip_in(&net, &s->items[i]))
            return;
    for (size_t i = 0; i < s->n; i++)
        if (!(net.prefixlen <= s->items[i].prefixlen && ip_in(&s->items[i], &net)))
            s->items[kept++] = s->items[i];
    s->n = kept;
    s->items = arena_grow(a, s->items, s->n * sizeof(net), (s->n + 1) * sizeof(net));
    s->items[s->n++] = net;
}

static void put_net(struct strbuf *b, const struct ip *ip)
{
    char text[IP_TEXT_MAX];

    strbuf_puts(b, ip->prefixlen == ip_bits(ip->family) ? ip_text(ip, text) : ip_text_net(ip, text));
}

static void put_set(struct strbuf *b, const struct ip_set *s)
{
    strbuf_puts(b, "{ ");
    for (size_t i = 0; i < s->n; i++) {
        strbuf_puts(b, i ? ", " : "");
        put_net(b, &s->items[i]);
    }
    strbuf_puts(b, " }");
}

/* --- Anti-spoofing: what may come out of a guest. --------------------------- */

/* One MAC of a port and the addresses it may use. */
struct identity {
    uint8_t mac[MAC_LEN];
    struct ip_set v4, v6;
    bool any_v4, any_v6; /* A pair of the whole address space. */
};

static struct identity *identity_of(struct arena *a, struct identity **list, size_t *n,
                                    const uint8_t mac[static MAC_LEN])
{
    for (size_t i = 0; i < *n; i++)
        if (memcmp((*list)[i].mac, mac, MAC_LEN) == 0)
            return &(*list)[i];
    *list = arena_grow(a, *list, *n * sizeof(**list), (*n + 1) * sizeof(**list));
    (*list)[*n] = (struct identity){ 0 };
    memcpy((*list)[*n].mac, mac, MAC_LEN);
    return &(*list)[(*n)++];
}

static void identity_allow(struct arena *a, struct identity *id, const struct ip *ip)
{
    bool *any = ip->family == AF_INET ? &id->any_v4 : &id->any_v6;

    if (ip->prefixlen == 0)
        *any = true;
    set_add(a, ip->family == AF_INET ? &id->v4 : &id->v6, ip);
}

static struct identity *port_identities(struct arena *a, const struct wish_port *p, size_t *ret_n)
{
    struct identity *list = NULL, *own = identity_of(a, &list, ret_n, p->mac);
    struct ip ll = ip_link_local_of(p->mac);

    ll.prefixlen = 128;
    identity_allow(a, own, &ll);
    for (size_t i = 0; i < p->n_ips; i++) {
        struct ip ip = p->ips[i].ip;

        ip.prefixlen = (uint8_t) ip_bits(ip.family);
        identity_allow(a, own, &ip);
    }
    for (size_t i = 0; i < p->n_pairs; i++) {
        struct identity *id = identity_of(a, &list, ret_n, p->pairs[i].mac);

        ll = ip_link_local_of(p->pairs[i].mac);
        ll.prefixlen = 128;
        identity_allow(a, id, &ll);
        identity_allow(a, id, &p->pairs[i].ip);
    }
    return list;
}

static void put_arp(struct strbuf *b, const struct identity *id, const char *mac)
{
    if (id->any_v4) {
        strbuf_printf(b, "arp saddr ether %s accept\n", mac);
        return;
    }
    /* Probes (RFC 5227) ask from no address. */
    strbuf_printf(b, "arp saddr ether %s arp saddr ip 0.0.0.0 accept\n", mac);
    if (id->v4.n) {
        strbuf_printf(b, "arp saddr ether %s arp saddr ip ", mac);
        put_set(b, &id->v4);
        strbuf_puts(b, " accept\n");
    }
}

static void put_sources(struct strbuf *b, const char *proto, const char *mac, const struct ip_set *s,
                        bool any)
{
    if (any) {
        strbuf_printf(b, "ether saddr %s meta protocol %s accept\n", mac, proto);
    } else if (s->n) {
        strbuf_printf(b, "ether saddr %s %s saddr ", mac, proto);
        put_set(b, s);
        strbuf_puts(b, " accept\n");
    }
}

/* Who answers for an address must have it: the target of an advertisement is
 * compared by its first bits. */
static void put_advert(struct strbuf *b, const struct identity *id, const char *mac)
{
    if (id->any_v6) {
        strbuf_printf(b, "ether saddr %s return\n", mac);
        return;
    }
    for (size_t i = 0; i < id->v6.n; i++) {
        const struct ip *ip = &id->v6.items[i];
        unsigned bytes = ip->prefixlen / 8;

        strbuf_printf(b, "ether saddr %s @th,64,%u 0x", mac, bytes * 8);
        for (unsigned k = 0; k < bytes; k++)
            strbuf_printf(b, "%02x", ip->bytes[k]);
        strbuf_puts(b, " return\n");
    }
}

static void put_spoof_chains(struct arena *a, struct strbuf *b, const struct wish_port *p)
{
    char mac[MAC_TEXT_MAX];
    size_t n = 0;
    struct identity *ids = port_identities(a, p, &n);

    strbuf_printf(b, "chain advert_%s {\n", p->id);
    for (size_t i = 0; i < n; i++)
        put_advert(b, &ids[i], mac_text(ids[i].mac, mac));
    strbuf_printf(b, "drop\n}\nchain spoof_%s {\nether saddr != { ", p->id);
    for (size_t i = 0; i < n; i++)
        strbuf_printf(b, "%s%s", i ? ", " : "", mac_text(ids[i].mac, mac));
    strbuf_puts(b, " } drop\n");
    for (size_t i = 0; i < n; i++)
        put_arp(b, &ids[i], mac_text(ids[i].mac, mac));
    strbuf_puts(b, "meta protocol arp drop\n"
                   "ip saddr 0.0.0.0 ip daddr 255.255.255.255 udp sport 68 udp dport 67 accept\n");
    for (size_t i = 0; i < n; i++)
        put_sources(b, "ip", mac_text(ids[i].mac, mac), &ids[i].v4, ids[i].any_v4);
    /* From no address yet: duplicate detection, listening to groups, asking for routers. */
    strbuf_printf(b,
                  "ip6 saddr :: icmpv6 type { 131, 133, 135, 143 } accept\n"
                  "icmpv6 type 136 jump advert_%s\n",
                  p->id);
    for (size_t i = 0; i < n; i++)
        put_sources(b, "ip6", mac_text(ids[i].mac, mac), &ids[i].v6, ids[i].any_v6);
    strbuf_puts(b, "drop\n}\n");
}

/* --- Security groups. ------------------------------------------------------ */

static void put_remote(struct strbuf *b, const struct wish_rule *r)
{
    const char *ip = r->family == AF_INET6 ? "ip6" : "ip", *end = r->ingress ? "saddr" : "daddr";

    strbuf_printf(b, "meta protocol %s ", ip);
    if (r->prefix.family && r->prefix.prefixlen) {
        struct ip net = ip_network(&r->prefix);

        strbuf_printf(b, "%s %s ", ip, end);
        put_net(b, &net);
        strbuf_putc(b, ' ');
    }
    if (r->remote_group)
        strbuf_printf(b, "%s %s @members_%s_%s ", ip, end, r->remote_group, ip);
}

static void put_rule(struct strbuf *b, const struct wish_rule *r)
{
    bool types = r->protocol == IPPROTO_ICMP || r->protocol == IPPROTO_ICMPV6;

    put_remote(b, r);
    if (r->protocol >= 0)
        strbuf_printf(b, "meta l4proto %d ", r->protocol);
    /* The bytes are the same under all protocols with ports, so one form serves all. */
    if (types && r->min >= 0)
        strbuf_printf(b, "@th,0,8 %d ", r->min);
    if (types && r->max >= 0)
        strbuf_printf(b, "@th,8,8 %d ", r->max);
    if (!types && r->min >= 0)
        strbuf_printf(b, "th dport %d-%d ", r->min, r->max);
    strbuf_puts(b, "accept\n");
}

static void put_group(struct strbuf *b, const struct wish_group *g)
{
    static const char *const ways[] = { "out", "in" };

    for (int ingress = 0; ingress < 2; ingress++) {
        strbuf_printf(b, "chain group_%s_%s {\n", g->id, ways[ingress]);
        for (size_t i = 0; i < g->n_rules && !g->bad; i++)
            if (g->rules[i].ingress == ingress)
                put_rule(b, &g->rules[i]);
        strbuf_puts(b, "}\n");
    }
}

static void put_members(struct arena *a, struct strbuf *b, const char *id, const struct wish_group *g)
{
    struct ip_set sets[2] = { 0 };

    for (size_t i = 0; g && i < g->n_members; i++)
        set_add(a, &sets[g->members[i].family == AF_INET6], &g->members[i]);
    for (int six = 0; six < 2; six++) {
        strbuf_printf(b, "set members_%s_%s {\ntype %s\nflags interval\n", id, six ? "ip6" : "ip",
                      six ? "ipv6_addr" : "ipv4_addr");
        if (sets[six].n) {
            strbuf_puts(b, "elements = ");
            put_set(b, &sets[six]);
            strbuf_putc(b, '\n');
        }
        strbuf_puts(b, "}\n");
    }
}

/* A set for every group that a rule names, also for one that is not in the
 * answer: nobody is in it. */
static void put_all_members(struct arena *a, struct strbuf *b, const struct wishes *w)
{
    const char **done = NULL;

    for (size_t i = 0; i < w->n_groups; i++)
        for (size_t k = 0; k < w->groups[i].n_rules; k++) {
            const char *id = w->groups[i].rules[k].remote_group;

            if (!id || strv_contains(done, id))
                continue;
            done = strv_add(a, done, id);
            put_members(a, b, id, wishes_group(w, id));
        }
}

static void put_group_jumps(struct strbuf *b, const struct wishes *w, const struct wish_port *p,
                            const char *way)
{
    strv_foreach (id, p->groups)
        if (wishes_group(w, *id))
            strbuf_printf(b, "jump group_%s_%s\n", *id, way);
}

static void put_out_chain(struct strbuf *b, const struct wishes *w, const struct wish_port *p)
{
    /* A guest is no DHCP server and no router; it may always ask for both. */
    strbuf_printf(b,
                  "chain out_%s {\n"
                  "udp sport 67 udp dport 68 drop\n"
                  "udp sport 547 udp dport 546 drop\n"
                  "icmpv6 type { 134, 137 } drop\n"
                  "meta protocol arp accept\n"
                  "meta protocol ip udp sport 68 udp dport 67 accept\n"
                  "meta protocol ip6 udp sport 546 udp dport 547 accept\n"
                  "icmpv6 type { 130, 131, 132, 133, 135, 136, 143 } accept\n"
                  "meta mark and " MARK_KNOWN " == " MARK_KNOWN " accept\n"
                  "meta mark and " MARK_INVALID " == " MARK_INVALID " drop\n",
                  p->id);
    put_group_jumps(b, w, p, "out");
    strbuf_puts(b, "drop\n}\n");
}

/* Answers of the network's own DHCP servers. */
static void put_dhcp_answers(struct arena *a, struct strbuf *b, const struct wish_network *n)
{
    struct ip_set sets[2] = { 0 };

    for (size_t i = 0; n && i < n->n_dhcp_servers; i++) {
        struct ip ll = ip_link_local_of(n->dhcp_servers[i].mac);

        ll.prefixlen = 128;
        set_add(a, &sets[1], &ll);
        for (size_t k = 0; k < n->dhcp_servers[i].n_ips; k++)
            if (n->dhcp_servers[i].ips[k].family == AF_INET)
                set_add(a, &sets[0], &n->dhcp_servers[i].ips[k]);
    }
    for (int six = 0; six < 2; six++)
        if (sets[six].n) {
            strbuf_printf(b, "%s saddr ", six ? "ip6" : "ip");
            put_set(b, &sets[six]);
            strbuf_puts(b, six ? " udp sport 547 udp dport 546 accept\n"
                               : " udp sport 67 udp dport 68 accept\n");
        }
}

static void put_in_chain(struct arena *a, struct strbuf *b, const struct wishes *w, const struct wish_port *p)
{
    strbuf_printf(b, "chain in_%s {\nmeta protocol arp accept\n", p->id);
    put_dhcp_answers(a, b, wishes_network(w, p->network_id));
    strbuf_puts(b, "icmpv6 type { 130, 131, 132, 134, 135, 136 } accept\n"
                   "meta mark and " MARK_KNOWN " == " MARK_KNOWN " accept\n"
                   "meta mark and " MARK_INVALID " == " MARK_INVALID " drop\n");
    put_group_jumps(b, w, p, "in");
    strbuf_puts(b, "drop\n}\n");
}

/* --- What a later round must know of this one. ------------------------------- */

/* Empty chains whose names say which rules there are and which port has which
 * group: whoever comes later, also in another life, sees what was taken away. */
static const char **seals(struct arena *a, const struct wishes *w)
{
    const char **names = NULL;

    for (size_t i = 0; i < w->n_groups; i++)
        for (size_t k = 0; k < w->groups[i].n_rules; k++) {
            struct strbuf b;
            const char *name;

            strbuf_init(&b, a);
            put_rule(&b, &w->groups[i].rules[k]);
            name = arena_printf(a, "rule_%s_%d_%016" PRIx64, w->groups[i].id, w->groups[i].rules[k].ingress,
                                siphash13(5, 6, strbuf_str(&b), b.len));
            if (!strv_contains(names, name))
                names = strv_add(a, names, name);
        }
    for (size_t i = 0; i < w->n_ports; i++)
        strv_foreach (id, w->ports[i].groups)
            if (wishes_group(w, *id))
                names = strv_add(a, names, arena_printf(a, "joins_%s_%s", w->ports[i].id, *id));
    return names;
}

/* 'seal' begins with the prefix, the id and '_'. */
static bool is_seal_of(const char *seal, const char *prefix, const char *id)
{
    size_t n = strlen(prefix);

    return strncmp(seal, prefix, n) == 0 && strncmp(seal + n, id, strlen(id)) == 0 &&
           seal[n + strlen(id)] == '_';
}

static bool lost_something(const struct wishes *w, const struct wish_port *p, const char **lost)
{
    strv_foreach (seal, lost) {
        if (is_seal_of(*seal, "joins_", p->id))
            return true;
        strv_foreach (id, p->groups)
            if (is_seal_of(*seal, "rule_", *id))
                return true;
    }
    return false;
}

bool *firewall_ports_that_lost(struct arena *a, const struct wishes *w, const char *chains)
{
    bool *ret = arena_array(a, bool, w->n_ports + 1);
    const char **now = seals(a, w), **lost = NULL;

    strv_foreach (line, str_split(a, chains, '\n')) {
        const char *text = str_trim(a, *line), *name;

        if (!str_has_prefix(text, "chain rule_") && !str_has_prefix(text, "chain joins_"))
            continue;
        name = arena_strndup(a, text + strlen("chain "), strcspn(text + strlen("chain "), " {"));
        if (!strv_contains(now, name))
            lost = strv_add(a, lost, name);
    }
    for (size_t i = 0; lost && i < w->n_ports; i++)
        ret[i] = lost_something(w, &w->ports[i], lost);
    return ret;
}

/* A port whose wish cannot be read is shut, not open. */
static void put_shut_port(struct strbuf *b, const struct wish_port *p)
{
    static const char *const chains[] = { "spoof", "out", "in" };

    for (size_t i = 0; i < ARRAY_SIZE(chains); i++)
        strbuf_printf(b, "chain %s_%s {\ndrop\n}\n", chains[i], p->id);
}

/* "iifname vmap { "tap1" : jump out_1, ... }"; nothing when no port is guarded. */
static void put_dispatch(struct arena *a, struct strbuf *b, const struct wishes *w, const char *field,
                         const char *chain)
{
    bool first = true;

    for (size_t i = 0; i < w->n_ports; i++) {
        const struct wish_port *p = &w->ports[i];

        if (!p->bad && !p->port_security)
            continue;
        if (first)
            strbuf_printf(b, "%s vmap { ", field);
        strbuf_printf(b, "%s\"%s\" : jump %s_%s", first ? "" : ", ", tap_name(a, p->id), chain, p->id);
        first = false;
    }
    strbuf_puts(b, first ? "" : " }\n");
}

char *firewall_bridge_table(struct arena *a, const struct wishes *w)
{
    /* Bridged packets pass 'forward'; those from and to the host itself, where
     * it has an address on the bridge, 'input' and 'output'.  A verdict ends
     * one chain only, so a packet between two guests here passes both. */
    static const struct {
        const char *name, *hook, *field, *chain;
        int priority;
    } hooks[] = {
        { "spoof", "prerouting", "iifname", "spoof", -300 },
        { "from_guests", "forward", "iifname", "out", -200 },
        { "to_guests", "forward", "oifname", "in", -190 },
        { "to_host", "input", "iifname", "out", -200 },
        { "from_host", "output", "oifname", "in", -190 },
    };
    struct strbuf b;

    strbuf_init(&b, a);
    strv_foreach (seal, seals(a, w))
        strbuf_printf(&b, "chain %s {\n}\n", *seal);
    put_all_members(a, &b, w);
    for (size_t i = 0; i < w->n_groups; i++)
        put_group(&b, &w->groups[i]);
    for (size_t i = 0; i < w->n_ports; i++) {
        const struct wish_port *p = &w->ports[i];

        if (p->bad) {
            put_shut_port(&b, p);
        } else if (p->port_security) {
            put_spoof_chains(a, &b, p);
            put_out_chain(&b, w, p);
            put_in_chain(a, &b, w, p);
        }
    }
    for (size_t i = 0; i < ARRAY_SIZE(hooks); i++) {
        strbuf_printf(&b, "chain %s {\ntype filter hook %s priority %d; policy accept;\n", hooks[i].name,
                      hooks[i].hook, hooks[i].priority);
        put_dispatch(a, &b, w, hooks[i].field, hooks[i].chain);
        strbuf_puts(&b, "}\n");
    }
    return arena_strdup(a, strbuf_str(&b));
}

static void put_names(struct strbuf *b, const struct firewall_bridge *bridges, size_t n)
{
    strbuf_puts(b, "{ ");
    for (size_t i = 0; i < n; i++)
        strbuf_printf(b, "%s\"%s\"", i ? ", " : "", bridges[i].name);
    strbuf_puts(b, " }");
}

static void put_zones(struct strbuf *b, const struct firewall_bridge *bridges, size_t n)
{
    bool first = true;

    strbuf_puts(b, "chain zones {\ntype filter hook prerouting priority -300; policy accept;\n");
    for (size_t i = 0; i < n; i++)
        if (bridges[i].zone) {
            strbuf_printf(b, "%s\"%s\" : %u", first ? "ct zone set iifname map { " : ", ", bridges[i].name,
                          bridges[i].zone);
            first = false;
        }
    strbuf_puts(b, first ? "}\n" : " }\n}\n");
}

char *firewall_inet_table(struct arena *a, const struct firewall_bridge *bridges, size_t n)
{
    static const struct {
        const char *hook, *field;
    } hooks[] = { { "prerouting", "iifname" }, { "forward", "oifname" }, { "output", "oifname" } };
    struct strbuf b;

    strbuf_init(&b, a);
    put_zones(&b, bridges, n);
    for (size_t i = 0; n && i < ARRAY_SIZE(hooks); i++) {
        /* Behind the connection tracking (-200) and before destination NAT. */
        strbuf_printf(&b, "chain state_%s {\ntype filter hook %s priority -150; policy accept;\n%s != ",
                      hooks[i].hook, hooks[i].hook, hooks[i].field);
        put_names(&b, bridges, n);
        strbuf_puts(&b, " accept\n"
                        "ct state established,related meta mark set meta mark or " MARK_KNOWN "\n"
                        "ct state invalid meta mark set meta mark or " MARK_INVALID "\n}\n");
    }
    return arena_strdup(a, strbuf_str(&b));
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/wishes.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/str.h"
#include "wire/json.h"

/* Reading one answer.  A reader of an item returns the words of what is wrong
 * with it, or null; everything it returns lives in the arena. */
struct reader {
    struct arena *a;
};

typedef const char *(*item_reader)(struct reader *rd, const json_t *j, void *item);

/* Reads every member of the array o[name] by 'fn' into items of 'size' bytes.
 * Returns the first item's complaint. */
static const char *read_items(struct reader *rd, const json_t *o, const char *name, size_t size,
                              item_reader fn, void *ret, size_t *ret_n)
{
    json_t *list = json_arr(o, name), *j;
    size_t n = json_array_size(list), i;
    char *items = arena_calloc(rd->a, n + 1, size);
    const char *bad = NULL;

    json_array_foreach (list, i, j) {
        const char *words =
            json_is_object(j) || json_is_string(j) ? fn(rd, j, items + i * size) : "an item is not an object";

        if (words && !bad)
            bad = arena_printf(rd->a, "%s: %s", name, words);
    }
    *(void **) ret = items;
    *ret_n = n;
    return bad;
}

static const char *copy(struct reader *rd, const json_t *o, const char *name)
{
    return arena_strdup(rd->a, json_str(o, name));
}

/* Names travel into files of other programs: nothing there that they could
 * take for an end, a list, a comment or a switch. */
static bool is_plain(const char *s)
{
    if (str_empty(s) || strlen(s) > 255 || *s == '-')
        return false;
    for (; *s; s++)
        if ((unsigned char) *s <= ' ' || *s == 0x7f || strchr(",/\"#;\\[]", *s))
            return false;
    return true;
}

/* Ids travel into names of devices, files and packet filter chains. */
static bool is_id(const char *s)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

    return !str_empty(s) && strlen(s) <= 64 && strspn(s, allowed) == strlen(s);
}

static const char *copy_id(struct reader *rd, const json_t *o, const char *name, const char **ret)
{
    *ret = copy(rd, o, name);
    return is_id(*ret) ? NULL : arena_printf(rd->a, "'%s' is missing or no id", name);
}

static const char *read_ip(struct reader *rd, const json_t *o, const char *name, bool optional,
                           struct ip *ret)
{
    const char *s = json_str(o, name);

    if (!s && optional)
        return NULL;
    return ip_parse(s, ret) < 0 ? arena_printf(rd->a, "'%s' of '%s' is no address", s ? s : "", name) : NULL;
}

static const char *read_mac(struct reader *rd, const json_t *o, const char *name, uint8_t ret[static MAC_LEN])
{
    const char *s = json_str(o, name);

    return mac_parse(s, ret) < 0 ? arena_printf(rd->a, "'%s' is no MAC address", s ? s : "") : NULL;
}

static const char *read_ip_text(struct reader *rd, const json_t *j, void *item)
{
    const char *s = json_string_value(j);

    return ip_parse(s, item) < 0 ? arena_printf(rd->a, "'%s' is no address", s ? s : "") : NULL;
}

static const char *read_fixed_ip(struct reader *rd, const json_t *j, void *item)
{
    struct wish_fixed_ip *f = item;
    const char *bad = read_ip(rd, j, "ip_address", false, &f->ip);
    int64_t prefix = json_int(j, "prefixlen", f->ip.prefixlen);

    f->subnet_id = copy(rd, j, "subnet_id");
    if (!bad && (prefix < 0 || prefix > ip_bits(f->ip.family)))
        bad = "'prefixlen' is out of range";
    if (!bad)
        f->ip.prefixlen = (uint8_t) prefix;
    return bad;
}

static const char *read_route(struct reader *rd, const json_t *j, void *item)
{
    struct wish_route *r = item;
    const char *bad = read_ip(rd, j, "destination", false, &r->to);

    if (!bad)
        bad = read_ip(rd, j, "nexthop", false, &r->via);
    return !bad && r->to.family != r->via.family ? "a route mixes IPv4 and IPv6" : bad;
}

static const char *read_leg_into(struct reader *rd, const json_t *j, struct wish_leg *leg)
{
    const char *bad = copy_id(rd, j, "port_id", &leg->port_id), *words;

    leg->network_id = copy(rd, j, "network_id");
    words = read_mac(rd, j, "mac_address", leg->mac);
    bad = bad ? bad : words;
    words = read_items(rd, j, "fixed_ips", sizeof(*leg->ips), read_fixed_ip, &leg->ips, &leg->n_ips);
    return bad ? bad : words;
}

/* A bad leg is kept with its words, so that the other legs are served. */
static const char *read_leg(struct reader *rd, const json_t *j, void *item)
{
    struct wish_leg *leg = item;

    leg->bad = read_leg_into(rd, j, leg);
    return str_empty(leg->port_id) ? leg->bad : NULL;
}

static struct wish_leg *read_optional_leg(struct reader *rd, const json_t *o, const char *name)
{
    json_t *j = json_obj(o, name);
    struct wish_leg *leg;

    if (!j)
        return NULL;
    leg = arena_new(rd->a, struct wish_leg);
    leg->bad = read_leg_into(rd, j, leg);
    return leg;
}

/* --- Networks. ------------------------------------------------------------- */

static const char *read_subnet(struct reader *rd, const json_t *j, void *item)
{
    struct wish_subnet *s = item;
    const char *bad = copy_id(rd, j, "id", &s->id), *words;

    words = read_ip(rd, j, "cidr", false, &s->cidr);
    bad = bad ? bad : words;
    words = read_ip(rd, j, "gateway_ip", true, &s->gateway);
    bad = bad ? bad : words;
    s->enable_dhcp = json_truth(j, "enable_dhcp", false);
    s->isolated = json_truth(j, "isolated", false);
    s->dns_nameservers = json_strv(rd->a, json_arr(j, "dns_nameservers"));
    strv_foreach (dns, s->dns_nameservers) {
        struct ip ip;

        if (ip_parse(*dns, &ip) < 0 && !bad)
            bad = "a DNS server is no address";
    }
    words = read_items(rd, j, "host_routes", sizeof(*s->host_routes), read_route, &s->host_routes,
                       &s->n_host_routes);
    s->ra_mode = copy(rd, j, "ipv6_ra_mode");
    s->address_mode = copy(rd, j, "ipv6_address_mode");
    return bad ? bad : words;
}

static const char *read_option(struct reader *rd, const json_t *j, void *item)
{
    struct wish_option *o = item;
    const char *p;

    o->name = copy(rd, j, "opt_name");
    o->value = copy(rd, j, "opt_value");
    o->ip_version = (int) json_int(j, "ip_version", 4);
    for (p = o->value; p && *p; p++)
        if ((unsigned char) *p < ' ')
            return "a DHCP option holds control characters";
    return is_plain(o->name) && o->value ? NULL : "a DHCP option has no name or no value";
}

static const char *read_host(struct reader *rd, const json_t *j, void *item)
{
    struct wish_host *h = item;
    const char *bad = copy_id(rd, j, "port_id", &h->port_id), *words;
    uint8_t mac[MAC_LEN];
    char text[MAC_TEXT_MAX];

    words = read_mac(rd, j, "mac_address", mac);
    bad = bad ? bad : words;
    h->mac = words ? NULL : arena_strdup(rd->a, mac_text(mac, text));
    words = read_items(rd, j, "fixed_ips", sizeof(*h->ips), read_fixed_ip, &h->ips, &h->n_ips);
    bad = bad ? bad : words;
    words =
        read_items(rd, j, "extra_dhcp_opts", sizeof(*h->options), read_option, &h->options, &h->n_options);
    bad = bad ? bad : words;
    h->hostname = copy(rd, j, "hostname");
    h->instance_id = copy(rd, j, "instance_id");
    h->project_id = copy(rd, j, "project_id");
    if (!bad && h->hostname && !is_plain(h->hostname))
        bad = "a host's name is no name";
    /* One odd guest must not cost the others their addresses: it gets none. */
    if (bad)
        h->n_ips = h->n_options = 0;
    return NULL;
}

static const char *read_fdb(struct reader *rd, const json_t *j, void *item)
{
    struct wish_fdb *f = item;
    const char *bad = read_mac(rd, j, "mac_address", f->mac);

    return bad ? bad : read_ip(rd, j, "remote", false, &f->remote);
}

static const char *read_dhcp_server(struct reader *rd, const json_t *j, void *item)
{
    struct wish_dhcp_server *d = item;
    const char *bad = read_mac(rd, j, "mac_address", d->mac);

    return bad ? bad : read_items(rd, j, "ip_addresses", sizeof(*d->ips), read_ip_text, &d->ips, &d->n_ips);
}

static const char *check_network(const struct wish_network *n)
{
    static const char *const types[] = { "local", "flat", "vlan", "vxlan", NULL };
    bool physical = str_eq(n->type, "flat") || str_eq(n->type, "vlan");

    if (!strv_contains(types, n->type))
        return "the network's type is not known here";
    if (physical && str_empty(n->physical_network))
        return "the network names no physical network";
    if (str_eq(n->type, "vlan") && (n->segmentation_id < 1 || n->segmentation_id > 4094))
        return "the VLAN is out of range";
    if (str_eq(n->type, "vxlan") && (n->segmentation_id < 1 || n->segmentation_id > 0xffffff))
        return "the VNI is out of range";
    return n->mtu > 65535 ? "the MTU is out of range" : NULL;
}

static const char *read_network(struct reader *rd, const json_t *j, void *item)
{
    struct wish_network *n = item;
    const char *words[8];
    json_t *dhcp = json_obj(j, "dhcp");

    words[0] = copy_id(rd, j, "id", &n->id);
    n->type = copy(rd, j, "network_type");
    n->physical_network = copy(rd, j, "physical_network");
    n->dns_domain = copy(rd, j, "dns_domain");
    n->segmentation_id = (uint32_t) json_int(j, "segmentation_id", 0);
    n->mtu = (uint32_t) json_int(j, "mtu", 0);
    n->admin_state_up = json_truth(j, "admin_state_up", true);
    n->lease_s = (uint32_t) json_int(dhcp, "lease_s", 86400);
    n->dhcp = read_optional_leg(rd, j, "dhcp");
    words[1] = check_network(n);
    words[2] = read_items(rd, j, "remotes", sizeof(*n->remotes), read_ip_text, &n->remotes, &n->n_remotes);
    words[3] = read_items(rd, j, "fdb", sizeof(*n->fdb), read_fdb, &n->fdb, &n->n_fdb);
    words[4] = read_items(rd, j, "subnets", sizeof(*n->subnets), read_subnet, &n->subnets, &n->n_subnets);
    words[5] = read_items(rd, j, "hosts", sizeof(*n->hosts), read_host, &n->hosts, &n->n_hosts);
    words[6] = read_items(rd, j, "dhcp_servers", sizeof(*n->dhcp_servers), read_dhcp_server, &n->dhcp_servers,
                          &n->n_dhcp_servers);
    words[7] =
        n->dns_domain && *n->dns_domain && !is_plain(n->dns_domain) ? "the DNS domain is no name" : NULL;
    for (size_t i = 0; i < ARRAY_SIZE(words) && !n->bad; i++)
        n->bad = words[i];
    return words[0];
}

/* --- Ports and groups. ----------------------------------------------------- */

static const char *read_pair(struct reader *rd, const json_t *j, void *item)
{
    struct wish_pair *p = item;
    const char *bad = read_ip(rd, j, "ip_address", false, &p->ip);

    return bad ? bad : read_mac(rd, j, "mac_address", p->mac);
}

static const char *read_port(struct reader *rd, const json_t *j, void *item)
{
    struct wish_port *p = item;
    const char *words[5];

    words[0] = copy_id(rd, j, "id", &p->id);
    words[1] = copy_id(rd, j, "network_id", &p->network_id);
    words[2] = read_mac(rd, j, "mac_address", p->mac);
    words[3] = read_items(rd, j, "fixed_ips", sizeof(*p->ips), read_fixed_ip, &p->ips, &p->n_ips);
    words[4] =
        read_items(rd, j, "allowed_address_pairs", sizeof(*p->pairs), read_pair, &p->pairs, &p->n_pairs);
    p->admin_state_up = json_truth(j, "admin_state_up", true);
    /* When in doubt a port is guarded. */
    p->port_security = json_truth(j, "port_security_enabled", true);
    p->groups = json_strv(rd->a, json_arr(j, "security_groups"));
    for (size_t i = 0; i < ARRAY_SIZE(words) && !p->bad; i++)
        p->bad = words[i];
    return words[0];
}

/* The API's names of protocols, which are not all those of /etc/protocols. */
static int protocol_number(const char *name, int family)
{
    static const struct {
        const char *name;
        int number;
    } known[] = {
        { "ah", IPPROTO_AH },     { "dccp", IPPROTO_DCCP },
        { "egp", IPPROTO_EGP },   { "esp", IPPROTO_ESP },
        { "gre", IPPROTO_GRE },   { "hopopt", 0 },
        { "icmp", IPPROTO_ICMP }, { "icmpv6", IPPROTO_ICMPV6 },
        { "igmp", IPPROTO_IGMP }, { "ip", -1 },
        { "ipip", IPPROTO_IPIP }, { "ipv6-encap", IPPROTO_IPV6 },
        { "ipv6-frag", 44 },      { "ipv6-icmp", 58 },
        { "ipv6-nonxt", 59 },     { "ipv6-opts", 60 },
        { "ipv6-route", 43 },     { "ospf", 89 },
        { "pgm", 113 },           { "rsvp", IPPROTO_RSVP },
        { "sctp", IPPROTO_SCTP }, { "tcp", IPPROTO_TCP },
        { "udp", IPPROTO_UDP },   { "udplite", IPPROTO_UDPLITE },
        { "vrrp", 112 },          { "any", -1 },
    };
    int number = -2;
    uint64_t v;

    if (str_to_u64(name, &v) == 0 && v <= 255)
        number = (int) v;
    for (size_t i = 0; i < ARRAY_SIZE(known) && number == -2; i++)
        if (str_eq_nocase(known[i].name, name))
            number = known[i].number;
    return number == IPPROTO_ICMP && family == AF_INET6 ? IPPROTO_ICMPV6 : number;
}

static bool has_ports(int protocol)
{
    return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_SCTP ||
           protocol == IPPROTO_DCCP || protocol == IPPROTO_UDPLITE;
}

static bool has_types(int protocol)
{
    return protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6;
}

static const char *check_range(const struct wish_rule *r)
{
    if (r->min < 0 && r->max < 0)
        return NULL;
    if (has_types(r->protocol))
        return r->min < 0 || r->min > 255 || r->max > 255 ? "an ICMP type or code is out of range" : NULL;
    if (!has_ports(r->protocol))
        return r->protocol < 0 ? "a rule has ports but no protocol" : NULL;
    return r->min < 0 || r->max > 65535 || r->min > r->max ? "a range of ports is out of order" : NULL;
}

static const char *read_rule(struct reader *rd, const json_t *j, void *item)
{
    struct wish_rule *r = item;
    const char *direction = json_str(j, "direction"), *type = json_str(j, "ethertype"), *bad = NULL;
    const char *protocol = json_str(j, "protocol");

    r->ingress = str_eq(direction, "ingress");
    r->family = str_eq(type, "IPv6") ? AF_INET6 : AF_INET;
    r->protocol = protocol ? protocol_number(protocol, r->family) : -1;
    r->min = (int) json_int(j, "port_range_min", -1);
    r->max = (int) json_int(j, "port_range_max", -1);
    r->remote_group = copy(rd, j, "remote_group_id");
    if (r->remote_group && !is_id(r->remote_group))
        return "'remote_group_id' is no id";
    bad = read_ip(rd, j, "remote_ip_prefix", true, &r->prefix);
    if (!r->ingress && !str_eq(direction, "egress"))
        bad = "a rule's direction is not known";
    else if (!str_eq(type, "IPv4") && !str_eq(type, "IPv6"))
        bad = "a rule's ethertype is not known";
    else if (r->protocol < -1)
        bad = arena_printf(rd->a, "the protocol '%s' is not known", protocol);
    else if (r->prefix.family && r->prefix.family != r->family)
        bad = "a rule mixes IPv4 and IPv6";
    return bad ? bad : check_range(r);
}

static const char *read_group(struct reader *rd, const json_t *j, void *item)
{
    struct wish_group *g = item;
    const char *words[3];

    words[0] = copy_id(rd, j, "id", &g->id);
    words[1] = read_items(rd, j, "rules", sizeof(*g->rules), read_rule, &g->rules, &g->n_rules);
    words[2] = read_items(rd, j, "members", sizeof(*g->members), read_ip_text, &g->members, &g->n_members);
    for (size_t i = 0; i < ARRAY_SIZE(words) && !g->bad; i++)
        g->bad = words[i];
    return words[0];
}

/* --- Routers. -------------------------------------------------------------- */

static const char *read_floating_ip(struct reader *rd, const json_t *j, void *item)
{
    struct wish_floating_ip *f = item;
    const char *bad = copy_id(rd, j, "id", &f->id);

    f->port_id = copy(rd, j, "port_id");
    if (!bad)
        bad = read_ip(rd, j, "floating_ip_address", false, &f->floating);
    if (!bad)
        bad = read_ip(rd, j, "fixed_ip_address", false, &f->fixed);
    return !bad && (f->floating.family != AF_INET || f->fixed.family != AF_INET) ? "a floating IP is not IPv4"
                                                                                 : bad;
}

static const char *read_router(struct reader *rd, const json_t *j, void *item)
{
    struct wish_router *r = item;
    const char *words[4];

    words[0] = copy_id(rd, j, "id", &r->id);
    r->admin_state_up = json_truth(j, "admin_state_up", true);
    r->gateway = read_optional_leg(rd, j, "gateway");
    r->enable_snat = json_truth(json_obj(j, "gateway"), "enable_snat", true);
    words[1] =
        read_items(rd, j, "interfaces", sizeof(*r->interfaces), read_leg, &r->interfaces, &r->n_interfaces);
    words[2] = read_items(rd, j, "routes", sizeof(*r->routes), read_route, &r->routes, &r->n_routes);
    words[3] = read_items(rd, j, "floating_ips", sizeof(*r->floating_ips), read_floating_ip, &r->floating_ips,
                          &r->n_floating_ips);
    for (size_t i = 0; i < ARRAY_SIZE(words) && !r->bad; i++)
        r->bad = words[i];
    return words[0];
}

int wishes_read(struct arena *a, const json_t *j, struct wishes *ret, struct err *err)
{
    struct reader rd = { a };
    struct wishes w = { .version = arena_strdup(a, json_str(j, "version")) };
    const char *bad;

    if (!w.version || !json_arr(j, "networks") || !json_arr(j, "ports") || !json_arr(j, "security_groups") ||
        !json_arr(j, "routers"))
        return err_set(err, -EINVAL, "The answer to 'wishes' lacks its version or one of its lists");
    /* An item without an id cannot be reported, and what it stands for would be taken for unwished. */
    bad = read_items(&rd, j, "networks", sizeof(*w.networks), read_network, &w.networks, &w.n_networks);
    if (!bad)
        bad = read_items(&rd, j, "ports", sizeof(*w.ports), read_port, &w.ports, &w.n_ports);
    if (!bad)
        bad = read_items(&rd, j, "security_groups", sizeof(*w.groups), read_group, &w.groups, &w.n_groups);
    if (!bad)
        bad = read_items(&rd, j, "routers", sizeof(*w.routers), read_router, &w.routers, &w.n_routers);
    if (bad)
        return err_set(err, -EINVAL, "The answer to 'wishes' cannot be read: %s", bad);
    *ret = w;
    return 0;
}

const struct wish_network *wishes_network(const struct wishes *w, const char *id)
{
    for (size_t i = 0; i < w->n_networks; i++)
        if (str_eq(w->networks[i].id, id))
            return &w->networks[i];
    return NULL;
}

const struct wish_group *wishes_group(const struct wishes *w, const char *id)
{
    for (size_t i = 0; i < w->n_groups; i++)
        if (str_eq(w->groups[i].id, id))
            return &w->groups[i];
    return NULL;
}

const struct wish_subnet *wish_network_subnet(const struct wish_network *n, const char *id)
{
    for (size_t i = 0; n && i < n->n_subnets; i++)
        if (str_eq(n->subnets[i].id, id))
            return &n->subnets[i];
    return NULL;
}

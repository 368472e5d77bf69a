/* SPDX-License-Identifier: Apache-2.0 */
/* The files of one dnsmasq. */
#include <string.h>
#include <sys/socket.h>

#include "agent/dhcp.h"
#include "base/str.h"
#include "base/strbuf.h"

static const struct wish_fixed_ip *server_ip(const struct wish_network *n, const char *subnet_id)
{
    for (size_t i = 0; n->dhcp && i < n->dhcp->n_ips; i++)
        if (str_eq(n->dhcp->ips[i].subnet_id, subnet_id))
            return &n->dhcp->ips[i];
    return NULL;
}

/* IPv6 addresses come from DHCP in one mode, other settings in two. */
static bool gives_addresses(const struct wish_subnet *s)
{
    return s->enable_dhcp && (s->cidr.family == AF_INET || str_eq(s->address_mode, "dhcpv6-stateful"));
}

static bool gives_settings(const struct wish_subnet *s)
{
    return gives_addresses(s) || (s->enable_dhcp && str_eq(s->address_mode, "dhcpv6-stateless"));
}

static const char *domain_of(const struct wish_network *n)
{
    return str_empty(n->dns_domain) ? NULL : n->dns_domain;
}

static void put_range(struct arena *a, struct strbuf *b, const struct wish_network *n,
                      const struct wish_subnet *s)
{
    struct ip net = ip_network(&s->cidr), mask = { .family = AF_INET };
    char text[IP_TEXT_MAX], mask_text[IP_TEXT_MAX];

    if (net.family == AF_INET6) {
        strbuf_printf(b, "dhcp-range=set:subnet-%s,%s,static,%u,%us\n", s->id, ip_text(&net, text),
                      net.prefixlen, n->lease_s);
        return;
    }
    for (unsigned bit = 0; bit < net.prefixlen; bit++)
        mask.bytes[bit / 8] |= (uint8_t) (0x80 >> (bit % 8));
    strbuf_printf(b, "dhcp-range=set:subnet-%s,%s,static,%s,%us\n", s->id, ip_text(&net, text),
                  ip_text(&mask, mask_text), n->lease_s);
}

char *dnsmasq_config(struct arena *a, const struct round *r, const struct wish_network *n, const char *dir,
                     const char *device)
{
    struct strbuf b;

    strbuf_init(&b, a);
    strbuf_printf(
        &b,
        "interface=%s\nexcept-interface=lo\nbind-interfaces\nno-hosts\nno-resolv\n"
        "pid-file=%s/pid\ndhcp-hostsfile=%s/hosts\ndhcp-optsfile=%s/options\naddn-hosts=%s/names\n"
        "dhcp-leasefile=%s/leases\ndhcp-authoritative\ndhcp-match=set:ipxe,175\ndhcp-userclass=set:ipxe6,iPXE\n"
        "log-facility=%s/log\nlog-dhcp\nuser=nobody\n",
        device, dir, dir, dir, dir, dir, dir);
    strv_foreach (server, r->options->dns_servers)
        strbuf_printf(&b, "server=%s\n", *server);
    if (domain_of(n))
        strbuf_printf(&b, "domain=%s\nlocal=/%s/\nexpand-hosts\n", n->dns_domain, n->dns_domain);
    if (n->mtu)
        strbuf_printf(&b, "dhcp-option-force=option:mtu,%u\n", n->mtu);
    strbuf_puts(&b, "dhcp-lease-max=16777216\n");
    for (size_t i = 0; i < n->n_subnets; i++)
        if (gives_settings(&n->subnets[i]))
            put_range(a, &b, n, &n->subnets[i]);
    return arena_strdup(a, strbuf_str(&b));
}

/* The name that a host without one has: "host-10-0-0-5". */
static const char *host_name(struct arena *a, const struct wish_host *h, const struct ip *ip)
{
    char text[IP_TEXT_MAX];
    char *name;

    if (!str_empty(h->hostname))
        return h->hostname;
    name = arena_printf(a, "host-%s", ip_text(ip, text));
    for (char *p = name; *p; p++)
        if (*p == '.' || *p == ':')
            *p = '-';
    return name;
}

static const char *full_name(struct arena *a, const struct wish_network *n, const struct wish_host *h,
                             const struct ip *ip)
{
    const char *name = host_name(a, h, ip);

    return domain_of(n) ? arena_printf(a, "%s.%s", name, n->dns_domain) : name;
}

char *dnsmasq_hosts(struct arena *a, const struct wish_network *n)
{
    char text[IP_TEXT_MAX];
    struct strbuf b;

    strbuf_init(&b, a);
    for (size_t i = 0; i < n->n_hosts; i++)
        for (size_t k = 0; k < n->hosts[i].n_ips; k++) {
            const struct wish_host *h = &n->hosts[i];
            const struct wish_fixed_ip *f = &h->ips[k];
            const struct wish_subnet *s = wish_network_subnet(n, f->subnet_id);
            bool six = f->ip.family == AF_INET6;

            if (!s || !gives_addresses(s))
                continue;
            strbuf_printf(&b, "%s,", h->mac);
            if (h->n_options)
                strbuf_printf(&b, "set:port-%s,", h->port_id);
            strbuf_printf(&b, "%s,%s%s%s\n", full_name(a, n, h, &f->ip), six ? "[" : "",
                          ip_text(&f->ip, text), six ? "]" : "");
        }
    return arena_strdup(a, strbuf_str(&b));
}

char *dnsmasq_names(struct arena *a, const struct wish_network *n)
{
    char text[IP_TEXT_MAX];
    struct strbuf b;

    strbuf_init(&b, a);
    for (size_t i = 0; i < n->n_hosts; i++)
        for (size_t k = 0; k < n->hosts[i].n_ips; k++) {
            const struct wish_host *h = &n->hosts[i];
            const struct ip *ip = &h->ips[k].ip;

            strbuf_printf(&b, "%s\t%s %s\n", ip_text(ip, text), full_name(a, n, h, ip), host_name(a, h, ip));
        }
    return arena_strdup(a, strbuf_str(&b));
}

/* --- Options. --------------------------------------------------------------- */

/* Classless routes (RFC 3442).  Who hears them ignores the router option, so
 * the default route is among them; Windows asks under another number. */
static void put_routes(struct strbuf *b, const struct wish_network *n, const struct wish_subnet *s)
{
    static const char *const names[] = { "option:classless-static-route", "249" };
    const struct wish_fixed_ip *server = server_ip(n, s->id);
    bool metadata = s->isolated && server;
    char to[IP_TEXT_MAX], via[IP_TEXT_MAX];

    if (!metadata && s->n_host_routes == 0)
        return;
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        strbuf_printf(b, "tag:subnet-%s,%s", s->id, names[i]);
        if (metadata)
            strbuf_printf(b, ",169.254.169.254/32,%s", ip_text(&server->ip, via));
        for (size_t k = 0; k < s->n_host_routes; k++)
            strbuf_printf(b, ",%s,%s", ip_text_net(&s->host_routes[k].to, to),
                          ip_text(&s->host_routes[k].via, via));
        if (s->gateway.family)
            strbuf_printf(b, ",0.0.0.0/0,%s", ip_text(&s->gateway, via));
        strbuf_putc(b, '\n');
    }
}

static void put_dns(struct strbuf *b, const struct wish_subnet *s)
{
    bool six = s->cidr.family == AF_INET6;
    const char *sep = ",";

    if (strv_len((const char *const *) s->dns_nameservers) == 0)
        return; /* dnsmasq names itself. */
    strbuf_printf(b, "tag:subnet-%s,%s:dns-server", s->id, six ? "option6" : "option");
    strv_foreach (dns, s->dns_nameservers) {
        bool dns_six = strchr(*dns, ':') != NULL;

        /* "0.0.0.0" and "::" say: none. */
        if (dns_six == six && !str_eq(*dns, "0.0.0.0") && !str_eq(*dns, "::"))
            strbuf_printf(b, "%s%s%s%s", sep, six ? "[" : "", *dns, six ? "]" : "");
    }
    strbuf_putc(b, '\n');
}

static void put_subnet_options(struct strbuf *b, const struct wish_subnet *s, const struct wish_network *n)
{
    char text[IP_TEXT_MAX];

    put_dns(b, s);
    if (s->cidr.family == AF_INET6)
        return;
    /* Without a value the option is not sent: dnsmasq would name itself. */
    strbuf_printf(b, "tag:subnet-%s,option:router%s%s\n", s->id, s->gateway.family ? "," : "",
                  s->gateway.family ? ip_text(&s->gateway, text) : "");
    put_routes(b, n, s);
}

static void put_host_options(struct strbuf *b, const struct wish_host *h)
{
    for (size_t i = 0; i < h->n_options; i++) {
        const struct wish_option *o = &h->options[i];
        const char *family = o->ip_version == 6 ? "option6" : "option";
        uint64_t number;

        if (str_to_u64(o->name, &number) == 0 && o->ip_version == 4)
            strbuf_printf(b, "tag:port-%s,%s,%s\n", h->port_id, o->name, o->value);
        else
            strbuf_printf(b, "tag:port-%s,%s:%s,%s\n", h->port_id, family, o->name, o->value);
    }
}

char *dnsmasq_options(struct arena *a, const struct wish_network *n)
{
    struct strbuf b;

    strbuf_init(&b, a);
    for (size_t i = 0; i < n->n_subnets; i++)
        if (gives_settings(&n->subnets[i]))
            put_subnet_options(&b, &n->subnets[i], n);
    for (size_t i = 0; i < n->n_hosts; i++)
        put_host_options(&b, &n->hosts[i]);
    return arena_strdup(a, strbuf_str(&b));
}

/* --- Leases. ---------------------------------------------------------------- */

static const char *owner_of(const struct wish_network *n, const struct ip *ip)
{
    for (size_t i = 0; i < n->n_hosts; i++)
        for (size_t k = 0; k < n->hosts[i].n_ips; k++)
            if (ip_eq_addr(&n->hosts[i].ips[k].ip, ip))
                return n->hosts[i].mac;
    return NULL;
}

bool dnsmasq_lease_stands_in_the_way(struct arena *a, const struct wish_network *n, const char *leases)
{
    /* "1700000000 fa:16:3e:00:00:04 10.0.0.5 name client-id" */
    strv_foreach (line, str_split(a, leases, '\n')) {
        const char **word = str_split(a, *line, ' ');
        struct ip ip;

        if (strv_len((const char *const *) word) >= 3 && ip_parse(word[2], &ip) == 0 &&
            ip.family == AF_INET && owner_of(n, &ip) && !str_eq_nocase(owner_of(n, &ip), word[1]))
            return true;
    }
    return false;
}

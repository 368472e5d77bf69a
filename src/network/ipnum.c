/* SPDX-License-Identifier: Apache-2.0 */
#include "network/ipnum.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "base/str.h"

static ipval mask_host(int version, int prefixlen)
{
    int bits = (version == 4 ? 32 : 128) - prefixlen;

    return bits >= 128 ? ~(ipval) 0 : ((ipval) 1 << bits) - 1;
}

int ipnum_parse(const char *s, struct ipnum *ret)
{
    unsigned char b[16];
    int version = 4, n = 4;

    if (!s || inet_pton(AF_INET, s, b) != 1) {
        if (!s || inet_pton(AF_INET6, s, b) != 1)
            return -EINVAL;
        version = 6;
        n = 16;
    }
    *ret = (struct ipnum){ .version = version };
    for (int i = 0; i < n; i++)
        ret->v = ret->v << 8 | b[i];
    return 0;
}

char *ipnum_text(struct arena *a, struct ipnum num)
{
    char text[INET6_ADDRSTRLEN];
    unsigned char b[16];
    int n = num.version == 4 ? 4 : 16;

    for (int i = n - 1; i >= 0; i--, num.v >>= 8)
        b[i] = (unsigned char) num.v;
    inet_ntop(num.version == 4 ? AF_INET : AF_INET6, b, text, sizeof(text));
    return arena_strdup(a, text);
}

int ipnet_parse(const char *s, struct ipnet *ret, bool *ret_host)
{
    char addr[INET6_ADDRSTRLEN + 1];
    const char *slash = s ? strchr(s, '/') : NULL;
    size_t n = !s ? 0 : slash ? (size_t) (slash - s) : strlen(s);
    struct ipnet net;
    int64_t len = -1;
    ipval host;

    if (!n || n >= sizeof(addr))
        return -EINVAL;
    memcpy(addr, s, n);
    addr[n] = '\0';
    if (ipnum_parse(addr, &net.net) < 0)
        return -EINVAL;
    if (!slash)
        len = net.net.version == 4 ? 32 : 128;
    else if (slash[1] < '0' || slash[1] > '9' || str_to_i64(slash + 1, &len) < 0)
        return -EINVAL;
    if (len < 0 || len > (net.net.version == 4 ? 32 : 128))
        return -EINVAL;
    net.prefixlen = (int) len;
    host = net.net.v & mask_host(net.net.version, net.prefixlen);
    net.net.v -= host;
    if (ret_host)
        *ret_host = host != 0;
    *ret = net;
    return 0;
}

char *ipnet_text(struct arena *a, const struct ipnet *n)
{
    return arena_printf(a, "%s/%d", ipnum_text(a, n->net), n->prefixlen);
}

const char *ipnet_canonical(struct arena *a, const char *s)
{
    struct ipnet net;

    return s && ipnet_parse(s, &net, NULL) >= 0 ? ipnet_text(a, &net) : s;
}

struct iprange ipnet_range(const struct ipnet *n)
{
    struct ipnum last = { n->net.version, n->net.v | mask_host(n->net.version, n->prefixlen) };

    return (struct iprange){ n->net, last };
}

bool ipnet_contains(const struct ipnet *n, struct ipnum ip)
{
    struct iprange r = ipnet_range(n);

    return iprange_contains(&r, ip);
}

bool ipnet_overlaps(const struct ipnet *a, const struct ipnet *b)
{
    return ipnet_contains(a, b->net) || ipnet_contains(b, a->net);
}

struct iprange ipnet_hosts(const struct ipnet *n)
{
    struct iprange r = ipnet_range(n);

    if (n->net.version == 4 && n->prefixlen < 31) {
        r.first.v++;
        r.last.v--;
    } else if (n->net.version == 6 && n->prefixlen < 127) {
        r.first.v++;
    }
    return r;
}

bool iprange_contains(const struct iprange *r, struct ipnum ip)
{
    return ip.version == r->first.version && ip.v >= r->first.v && ip.v <= r->last.v;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int macnum_parse(const char *s, unsigned char ret[static 6])
{
    unsigned char m[6];

    if (!s || strlen(s) != 17)
        return -EINVAL;
    for (int i = 0; i < 6; i++) {
        int high = hex_digit(s[i * 3]), low = hex_digit(s[i * 3 + 1]);

        if (high < 0 || low < 0 || (i < 5 && s[i * 3 + 2] != ':' && s[i * 3 + 2] != '-'))
            return -EINVAL;
        m[i] = (unsigned char) (high << 4 | low);
    }
    memcpy(ret, m, 6);
    return 0;
}

char *macnum_text(struct arena *a, const unsigned char m[static 6])
{
    return arena_printf(a, "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5]);
}

int ipnum_eui64(const struct ipnet *n, const char *mac, struct ipnum *ret)
{
    unsigned char m[6];
    const int order[] = { 0, 1, 2, -0xff, -0xfe, 3, 4, 5 };
    ipval host = 0;

    if (n->net.version != 6 || n->prefixlen > 64 || macnum_parse(mac, m) < 0)
        return -EINVAL;
    m[0] ^= 2;
    for (size_t i = 0; i < 8; i++)
        host = host << 8 | (ipval) (order[i] < 0 ? -order[i] : m[order[i]]);
    *ret = (struct ipnum){ 6, n->net.v | host };
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "host/ip.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

size_t ip_len(int family)
{
    return family == AF_INET6 ? 16 : 4;
}

unsigned ip_bits(int family)
{
    return (unsigned) ip_len(family) * 8;
}

int ip_parse(const char *text, struct ip *ret)
{
    struct ip a = { 0 };
    char head[IP_TEXT_MAX];
    const char *slash;
    uint64_t prefix;
    size_t n;

    if (!text)
        return -EINVAL;
    slash = strchr(text, '/');
    n = slash ? (size_t) (slash - text) : strlen(text);
    if (n == 0 || n >= sizeof(head))
        return -EINVAL;
    memcpy(head, text, n);
    head[n] = 0;

    a.family = strchr(head, ':') ? AF_INET6 : AF_INET;
    if (inet_pton(a.family, head, a.bytes) != 1)
        return -EINVAL;
    prefix = ip_bits(a.family);
    if (slash && (str_to_u64(slash + 1, &prefix) < 0 || prefix > ip_bits(a.family)))
        return -EINVAL;
    a.prefixlen = (uint8_t) prefix;
    *ret = a;
    return 0;
}

char *ip_text(const struct ip *a, char buf[static IP_TEXT_MAX])
{
    buf[0] = 0;
    if (a->family)
        inet_ntop(a->family, a->bytes, buf, IP_TEXT_MAX);
    return buf;
}

char *ip_text_net(const struct ip *a, char buf[static IP_TEXT_MAX])
{
    size_t n = strlen(ip_text(a, buf));

    snprintf(buf + n, IP_TEXT_MAX - n, "/%u", a->prefixlen);
    return buf;
}

bool ip_eq_addr(const struct ip *a, const struct ip *b)
{
    return a->family == b->family && memcmp(a->bytes, b->bytes, ip_len(a->family)) == 0;
}

bool ip_eq(const struct ip *a, const struct ip *b)
{
    return ip_eq_addr(a, b) && a->prefixlen == b->prefixlen;
}

struct ip ip_network(const struct ip *a)
{
    struct ip n = *a;

    for (unsigned bit = a->prefixlen; bit < ip_bits(a->family); bit++)
        n.bytes[bit / 8] &= (uint8_t) ~(0x80 >> (bit % 8));
    return n;
}

bool ip_in(const struct ip *a, const struct ip *net)
{
    struct ip cut = *a, want = ip_network(net);

    if (a->family != net->family)
        return false;
    cut.prefixlen = net->prefixlen;
    cut = ip_network(&cut);
    return ip_eq_addr(&cut, &want);
}

bool ip_is_link_local(const struct ip *a)
{
    return a->family == AF_INET6 && a->bytes[0] == 0xfe && (a->bytes[1] & 0xc0) == 0x80;
}

int mac_parse(const char *text, uint8_t ret[static MAC_LEN])
{
    uint8_t mac[MAC_LEN];
    size_t i;

    if (!text || strlen(text) != MAC_TEXT_MAX - 1)
        return -EINVAL;
    for (i = 0; i < MAC_LEN; i++) {
        static const char digits[] = "0123456789abcdef";
        const char *hi = strchr(digits, text[3 * i] | 0x20), *lo = strchr(digits, text[3 * i + 1] | 0x20);

        if (!hi || !lo || !*hi || !*lo || (i < MAC_LEN - 1 && text[3 * i + 2] != ':'))
            return -EINVAL;
        mac[i] = (uint8_t) ((hi - digits) << 4 | (lo - digits));
    }
    memcpy(ret, mac, MAC_LEN);
    return 0;
}

char *mac_text(const uint8_t mac[static MAC_LEN], char buf[static MAC_TEXT_MAX])
{
    snprintf(buf, MAC_TEXT_MAX, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4],
             mac[5]);
    return buf;
}

struct ip ip_link_local_of(const uint8_t mac[static MAC_LEN])
{
    struct ip a = { .family = AF_INET6, .prefixlen = 64 };

    a.bytes[0] = 0xfe;
    a.bytes[1] = 0x80;
    memcpy(a.bytes + 8, mac, 3);
    a.bytes[8] ^= 0x02;
    a.bytes[11] = 0xff;
    a.bytes[12] = 0xfe;
    memcpy(a.bytes + 13, mac + 3, 3);
    return a;
}

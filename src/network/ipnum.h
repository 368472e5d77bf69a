/* SPDX-License-Identifier: Apache-2.0 */
/* IP addresses as numbers, so that pools are ranges. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"

typedef unsigned __int128 ipval;

struct ipnum {
    int version; /* 4 or 6 */
    ipval v;
};

struct ipnet {
    struct ipnum net; /* Host bits are zero. */
    int prefixlen;
};

struct iprange {
    struct ipnum first, last;
};

/* 0 or -EINVAL. */
int ipnum_parse(const char *s, struct ipnum *ret);

/* The canonical text. */
char *ipnum_text(struct arena *a, struct ipnum n);

/* "10.0.0.0/24".  Host bits are cleared; 'ret_host' (may be null) tells
 * whether there were any.  Without a prefix length: one address.  -EINVAL. */
int ipnet_parse(const char *s, struct ipnet *ret, bool *ret_host);
char *ipnet_text(struct arena *a, const struct ipnet *n);

/* The same range in its usual form; null for null, and 's' itself when it is no range. */
const char *ipnet_canonical(struct arena *a, const char *s);
struct iprange ipnet_range(const struct ipnet *n); /* All, with network and broadcast address. */
bool ipnet_contains(const struct ipnet *n, struct ipnum ip);
bool ipnet_overlaps(const struct ipnet *a, const struct ipnet *b);

/* What a host may have: without network and broadcast address of IPv4 nets
 * shorter than /31, without the subnet-router address of IPv6. */
struct iprange ipnet_hosts(const struct ipnet *n);
bool iprange_contains(const struct iprange *r, struct ipnum ip);

/* "fa:16:3e:00:00:01" in lower case; -EINVAL. */
int macnum_parse(const char *s, unsigned char ret[static 6]);
char *macnum_text(struct arena *a, const unsigned char m[static 6]);

/* The address that a host makes for itself from its MAC (modified EUI-64). */
int ipnum_eui64(const struct ipnet *n, const char *mac, struct ipnum *ret);

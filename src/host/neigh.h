/* SPDX-License-Identifier: Apache-2.0 */
/* Telling neighbours where an address lives now, and that a router is here. */
#pragma once

#include "base/err.h"
#include "host/ip.h"

/* Says on device 'name' of the namespace at 'netns' that 'ip' is at the device's
 * MAC: gratuitous ARP (request and reply, as some hear only one of them) or an
 * unsolicited neighbour advertisement. */
int neigh_announce(const char *netns, const char *name, const struct ip *ip, struct err *err);

/* What a router advertisement says about one prefix. */
struct ra_prefix {
    struct ip net;
    bool autonomous; /* Hosts make their address from it (SLAAC). */
};

struct ra_spec {
    struct ra_prefix prefixes[16];
    size_t n;
    uint32_t mtu;        /* 0: not said. */
    bool managed;        /* Addresses come from DHCPv6. */
    bool other;          /* Other settings come from DHCPv6. */
    uint16_t lifetime_s; /* As default router; 0: not one. */
};

/* An ICMPv6 socket on device 'name' of the namespace at 'netns' that receives
 * router solicitations and nothing else.  Descriptor or -errno. */
int ra_open(const char *netns, const char *name, struct err *err);

/* Sends one advertisement to all hosts; 'mac' is the device's. */
int ra_send(int fd, const struct ra_spec *spec, const uint8_t mac[static MAC_LEN], struct err *err);

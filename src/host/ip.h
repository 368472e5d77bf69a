/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses as the kernel and as people write them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

#define MAC_LEN      6
#define MAC_TEXT_MAX 18
#define IP_TEXT_MAX  64

/* An address, or an address with its network's prefix. */
struct ip {
    int family; /* AF_INET or AF_INET6; 0: none. */
    uint8_t bytes[16];
    uint8_t prefixlen;
};

/* "10.0.0.1", "10.0.0.0/24", "2001:db8::1/64"; without a prefix the whole
 * address counts (32 or 128).  0 or -EINVAL. */
int ip_parse(const char *text, struct ip *ret);

/* The address alone, and with "/prefix"; returns 'buf'. */
char *ip_text(const struct ip *a, char buf[static IP_TEXT_MAX]);
char *ip_text_net(const struct ip *a, char buf[static IP_TEXT_MAX]);

/* Bytes of an address of this family. */
size_t ip_len(int family);

/* Bits of an address of this family. */
unsigned ip_bits(int family);

/* Same family, address and prefix. */
bool ip_eq(const struct ip *a, const struct ip *b);

/* Same family and address. */
bool ip_eq_addr(const struct ip *a, const struct ip *b);

/* 'a' lies in the network 'net'. */
bool ip_in(const struct ip *a, const struct ip *net);

/* Clears the bits behind the prefix. */
struct ip ip_network(const struct ip *a);

bool ip_is_link_local(const struct ip *a);

/* "fa:16:3e:00:00:01": 0 or -EINVAL. */
int mac_parse(const char *text, uint8_t ret[static MAC_LEN]);
char *mac_text(const uint8_t mac[static MAC_LEN], char buf[static MAC_TEXT_MAX]);

/* The IPv6 link-local address that a MAC gives (RFC 4291, EUI-64). */
struct ip ip_link_local_of(const uint8_t mac[static MAC_LEN]);

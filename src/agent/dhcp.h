/* SPDX-License-Identifier: Apache-2.0 */
/* DHCP and DNS for networks: one dnsmasq a network, in the namespace
 * qdhcp-<network id>.  It is no child of ours and outlives us. */
#pragma once

#include "agent/round.h"

void dhcp_converge(struct round *r);

/* --- The texts that dnsmasq reads; for dhcp.c and its tests. ----------------- */

/* What can only be changed by a new start. */
char *dnsmasq_config(struct arena *a, const struct round *r, const struct wish_network *n, const char *dir,
                     const char *device);

/* What it reads again on SIGHUP: who gets which address, which options, names. */
char *dnsmasq_hosts(struct arena *a, const struct wish_network *n);
char *dnsmasq_options(struct arena *a, const struct wish_network *n);
char *dnsmasq_names(struct arena *a, const struct wish_network *n);

/* True when a lease in 'leases' (dnsmasq's file) holds an address that now
 * belongs to another MAC: dnsmasq would not give it away. */
bool dnsmasq_lease_stands_in_the_way(struct arena *a, const struct wish_network *n, const char *leases);

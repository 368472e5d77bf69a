/* SPDX-License-Identifier: Apache-2.0 */
/* Security groups and anti-spoofing as packet filter tables.
 *
 * Two tables a cloud and host.  The bridge table filters what goes from and to
 * the guests' taps; it sees both ends of the way but, on the kernels at hand,
 * no connections.  The inet table sees bridged packets too (br_netfilter), with
 * connections: it gives each bridge its own tracking zone, because networks of
 * different projects may use the same addresses, and leaves the connection's
 * state in two bits of the packet's mark, which the bridge table reads. */
#pragma once

#include "agent/wishes.h"

/* A bridge whose packets are tracked. */
struct firewall_bridge {
    const char *name;
    unsigned zone; /* 0: the host's own zone, for bridges on which the host has an address. */
};

/* The bridge table's body for all ports. */
char *firewall_bridge_table(struct arena *a, const struct wishes *w);

/* The ports that lost a rule against the chains that 'chains' (nft's "list
 * chains bridge") tells of: their connections must be judged anew.  One bool a
 * port, in the arena. */
bool *firewall_ports_that_lost(struct arena *a, const struct wishes *w, const char *chains);

/* The inet table's body. */
char *firewall_inet_table(struct arena *a, const struct firewall_bridge *bridges, size_t n);

/* The name of a port's device: "tap" and the first 11 characters of the id. */
char *tap_name(struct arena *a, const char *port_id);

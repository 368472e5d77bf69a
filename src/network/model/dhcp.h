/* SPDX-License-Identifier: Apache-2.0 */
/* DHCP servers: on which host a network's runs, and its port. */
#pragma once

#include "network/network.h"

/* The network has a DHCP server on a live host exactly while it has a subnet
 * that wants one; its port has an address in each of those.  May be repeated. */
int dhcp_ensure(struct net_ctx *c, const char *network_id, struct err *err);

/* The same as if subnet 'gone' were not there. */
int dhcp_ensure_without(struct net_ctx *c, const char *network_id, const char *gone, struct err *err);

/* By hand: to this host, or (null) away from where it is. */
int dhcp_move(struct net_ctx *c, const char *network_id, const char *host, struct err *err);

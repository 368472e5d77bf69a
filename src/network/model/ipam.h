/* SPDX-License-Identifier: Apache-2.0 */
/* Which addresses ports get.  An address is taken by inserting a row with a
 * unique key, so two who want the same one never both have it. */
#pragma once

#include <jansson.h>

#include "network/network.h"

/* Gives port 'p' the addresses in 'wanted' (an array of objects with subnet_id
 * or ip_address or both), or, when it is null, one of each IP version that
 * the network has. */
int ipam_allocate(struct net_ctx *c, const struct port *p, const json_t *wanted, struct err *err);

/* Makes the addresses of 'p' those in 'wanted': what it has and is wanted stays. */
int ipam_change(struct net_ctx *c, const struct port *p, const json_t *wanted, struct err *err);

/* A new MAC address for the network. */
int mac_generate(struct net_ctx *c, const char *network_id, const char **ret, struct err *err);

/* True for subnets whose hosts make their addresses themselves. */
bool subnet_is_auto(const struct subnet *s);

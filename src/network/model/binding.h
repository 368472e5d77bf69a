/* SPDX-License-Identifier: Apache-2.0 */
/* Which driver plugs a port on its host, and what becomes of its status. */
#pragma once

#include "network/network.h"

/* Decides the binding of 'p' anew from its host: vif_type, vif_details,
 * status, what is up.  Does not write. */
int port_bind(struct net_ctx *c, struct port *p, struct err *err);

/* The status that follows from what is up. */
const char *port_status_of(struct net_ctx *c, const struct port *p, bool needs_dhcp);

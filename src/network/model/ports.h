/* SPDX-License-Identifier: Apache-2.0 */
/* Ports: what must hold when they are made, changed and removed; for the API
 * and for the service's own (DHCP, routers, floating IPs). */
#pragma once

#include <jansson.h>

#include "network/network.h"

int port_parents(struct net_ctx *c, void *obj, struct err *err);
int port_create(struct net_ctx *c, void *obj, struct err *err);
int port_update(struct net_ctx *c, const void *old, void *obj, struct err *err);
int port_updated(struct net_ctx *c, const void *old, void *obj, struct err *err);
int port_delete(struct net_ctx *c, void *obj, struct err *err);

/* Makes a port: fills id, MAC and defaults that are not given, takes addresses
 * ('wanted' as ipam_allocate()), binds it, tells its hosts. */
int port_make(struct net_ctx *c, struct port *p, const json_t *wanted, const char *const *groups,
              struct err *err);

/* Removes a port whatever it is, with its floating IPs let go. */
int port_unmake(struct net_ctx *c, const struct port *p, struct err *err);

/* Ports of the subnet's network make their automatic addresses in a new subnet. */
int ports_join_auto_subnet(struct net_ctx *c, const struct subnet *s, struct err *err);

/* Gives an existing port a new host (null: none). */
int port_move(struct net_ctx *c, struct port *p, const char *host, struct err *err);

/* SPDX-License-Identifier: Apache-2.0 */
/* Routers: interfaces, gateway, routes, and on which host they run. */
#pragma once

#include <jansson.h>

#include "network/network.h"

int l3_router_create(struct net_ctx *c, void *obj, struct err *err);
int l3_router_update(struct net_ctx *c, const void *old, void *obj, struct err *err);
int l3_router_updated(struct net_ctx *c, const void *old, void *obj, struct err *err);
int l3_router_delete(struct net_ctx *c, void *obj, struct err *err);

/* Adds or removes the interface that subnet_id or port_id name.  The port as it
 * is, or was, comes back. */
int l3_router_add_interface(struct net_ctx *c, struct l3_router *l, const char *subnet_id,
                            const char *port_id, struct port *ret, struct err *err);
int l3_router_remove_interface(struct net_ctx *c, struct l3_router *l, const char *subnet_id,
                               const char *port_id, struct port *ret, struct err *err);

/* Checks routes (JSON) against the router; '*ret' in canonical form. */
int l3_router_check_routes(struct net_ctx *c, const struct l3_router *l, const json_t *routes,
                           const char **ret, struct err *err);

/* The router runs on a live host exactly while it has a leg.  May be repeated. */
int l3_router_ensure(struct net_ctx *c, struct l3_router *l, struct err *err);

/* By hand: to this host, or (null) away from where it is. */
int l3_router_move(struct net_ctx *c, struct l3_router *l, const char *host, struct err *err);

/* SPDX-License-Identifier: Apache-2.0 */
/* Floating IPs: what must hold when they are made, changed and removed. */
#pragma once

#include <jansson.h>

#include "network/network.h"

int floating_ip_parents(struct net_ctx *c, void *obj, struct err *err);
int floating_ip_create(struct net_ctx *c, void *obj, struct err *err);
int floating_ip_update(struct net_ctx *c, const void *old, void *obj, struct err *err);
int floating_ip_updated(struct net_ctx *c, const void *old, void *obj, struct err *err);
int floating_ip_delete(struct net_ctx *c, void *obj, struct err *err);

/* A port goes away: its floating IPs point nowhere. */
int floating_ips_let_go(struct net_ctx *c, const char *port_id, struct err *err);

/* A port's addresses change: those with a floating IP must stay, else it points nowhere. */
int floating_ips_check_kept(struct net_ctx *c, const struct port *p, const json_t *wanted, struct err *err);

/* Its network goes away: 1 when the floating IP led nowhere and was removed, 0
 * when it is in use. */
int floating_ip_drop_unused(struct net_ctx *c, const char *id, struct err *err);

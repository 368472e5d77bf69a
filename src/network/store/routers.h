/* SPDX-License-Identifier: Apache-2.0 */
/* Routers and floating IPs as rows. */
#pragma once

#include "network/network.h"

extern const struct table l3_router_table, floating_ip_table;

/* Loads one.  -ENOENT with words. */
int l3_router_get(struct net_ctx *c, const char *id, struct l3_router *ret, struct err *err);
int floating_ip_get(struct net_ctx *c, const char *id, struct floating_ip *ret, struct err *err);

/* Fills what is not a column. */
int l3_routers_fill(struct net_ctx *c, struct list *routers, struct err *err);
int floating_ips_fill(struct net_ctx *c, struct list *fips, struct err *err);

/* Ports of a router with the given owner (null: any of a router's), filled. */
int l3_router_ports(struct net_ctx *c, const char *router_id, const char *owner, struct list *ret,
                    struct err *err);

/* Writes the named columns (ended by null) and counts the revision up. */
int l3_router_write(struct net_ctx *c, struct l3_router *r, const char *const *only, struct err *err);
int floating_ip_write(struct net_ctx *c, struct floating_ip *f, const char *const *only, struct err *err);

/* Floating IPs that fit. */
int floating_ips_find(struct net_ctx *c, const char *column, const char *value, struct list *ret,
                      struct err *err);

/* A router with an interface on the subnet and its gateway on the network, or null. */
int router_between(struct net_ctx *c, const char *subnet_id, const char *network_id, const char **ret,
                   struct err *err);

/* How many floating IPs of a router lead into a subnet. */
int floating_ips_through(struct net_ctx *c, const char *router_id, const char *subnet_id, int64_t *ret,
                         struct err *err);

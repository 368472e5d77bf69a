/* SPDX-License-Identifier: Apache-2.0 */
/* Networks, their segments and their subnets as rows. */
#pragma once

#include "network/network.h"

extern const struct table network_table, subnet_table;

/* Loads a network or subnet.  -ENOENT with words. */
int network_get(struct net_ctx *c, const char *id, struct network *ret, struct err *err);
int subnet_get(struct net_ctx *c, const char *id, struct subnet *ret, struct err *err);

/* Subnets of a network, oldest first. */
int subnets_of_network(struct net_ctx *c, const char *network_id, struct list *ret, struct err *err);

/* Takes a segment; -EEXIST when it is taken. */
int segment_take(struct net_ctx *c, const char *type, const char *physical, int64_t id,
                 const char *network_id, struct err *err);
int segments_release(struct net_ctx *c, const char *network_id, struct err *err);

/* The lowest number in [first, last] that no network has.  -ENOENT. */
int segment_find_free(struct net_ctx *c, const char *type, const char *physical, int64_t first, int64_t last,
                      int64_t *ret, struct err *err);

/* Fills subnets of networks, and what subnets show of their networks. */
int networks_fill(struct net_ctx *c, struct list *nets, struct err *err);
int subnets_fill(struct net_ctx *c, struct list *subnets, struct err *err);

/* Removes the subnets of a network, and where its DHCP server is. */
int subnets_remove(struct net_ctx *c, const char *network_id, struct err *err);

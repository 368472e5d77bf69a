/* SPDX-License-Identifier: Apache-2.0 */
/* Ports, their addresses and their security groups as rows. */
#pragma once

#include "network/network.h"

extern const struct table port_table;

/* Loads a port with its addresses and groups.  -ENOENT with words. */
int port_get(struct net_ctx *c, const char *id, struct port *ret, struct err *err);

/* Fills what is not a column for all ports of a list. */
int ports_fill(struct net_ctx *c, struct list *ports, struct err *err);
int port_fill(struct net_ctx *c, struct port *p, struct err *err);

/* Takes an address; -EEXIST when it is taken. */
int allocation_take(struct net_ctx *c, const struct port *p, const char *subnet_id, const char *ip,
                    struct err *err);
int allocation_release(struct net_ctx *c, const char *port_id, const char *subnet_id, const char *ip,
                       struct err *err);

/* All addresses taken in a subnet, and those of a port. */
int allocations_of_subnet(struct net_ctx *c, const char *subnet_id, const char ***ret, struct err *err);
int allocations_of_port(struct net_ctx *c, const char *port_id, struct allocation **ret, size_t *ret_n,
                        struct err *err);

/* The port with an address in a subnet, or null. */
int allocation_owner(struct net_ctx *c, const char *subnet_id, const char *ip, const char **ret,
                     struct err *err);

int mac_is_taken(struct net_ctx *c, const char *network_id, const char *mac, bool *ret, struct err *err);

int port_set_groups(struct net_ctx *c, const char *port_id, const char *const *groups, struct err *err);

/* Removes a port with all that hangs on it. */
int port_remove(struct net_ctx *c, const char *port_id, struct err *err);

/* Writes the named columns (ended by null) and counts the revision up. */
int port_write(struct net_ctx *c, struct port *p, const char *const *only, struct err *err);

/* Ports that fit, unfilled. */
int ports_find(struct net_ctx *c, const struct cond *conds, size_t n, struct list *ret, struct err *err);

/* Ids of the ports with an address in a subnet. */
int ports_in_subnet(struct net_ctx *c, const char *subnet_id, const char ***ret, struct err *err);
int allocations_drop_subnet(struct net_ctx *c, const char *subnet_id, struct err *err);
int allocations_count(struct net_ctx *c, const char *subnet_id, int64_t *ret, struct err *err);

/* Whether the port has an address of a subnet with DHCP, and some host serves that. */
int port_needs_dhcp(struct net_ctx *c, const struct port *p, bool *ret, struct err *err);

/* All addresses on the networks. */
int allocations_of_networks(struct net_ctx *c, const char *const *networks, struct allocation **ret,
                            size_t *ret_n, struct err *err);

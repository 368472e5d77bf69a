/* SPDX-License-Identifier: Apache-2.0 */
/* Agents, what is scheduled to them, and the versions of hosts' wishes. */
#pragma once

#include "network/network.h"

extern const struct table net_agent_table;

/* Marks who is alive. */
int net_agents_fill(struct net_ctx *c, struct list *agents, struct err *err);

/* Live agents of a type that are administratively up; 'host' null: any host. */
int net_agents_alive(struct net_ctx *c, const char *type, const char *host, struct list *ret,
                     struct err *err);

/* A heartbeat: the agent's row, made or renewed.  '*ret_new' tells whether it
 * was not alive before. */
int net_agent_heard(struct net_ctx *c, struct net_agent *a, bool *ret_new, struct err *err);

/* Hosts whose wishes have something to do with a network or security group. */
int hosts_of_network(struct net_ctx *c, const char *network_id, const char ***ret, struct err *err);
int hosts_of_group(struct net_ctx *c, const char *group_id, const char ***ret, struct err *err);
int hosts_beside(struct net_ctx *c, const char *host, const char ***ret,
                 struct err *err); /* On a common network. */

/* Counts up the versions of the hosts. */
int wish_versions_bump(struct net_ctx *c, const char *const *hosts, struct err *err);

/* The version of a host, made when it asks for the first time. */
int wish_version_of(struct net_ctx *c, const char *host, int64_t *ret, struct err *err);

/* Which host serves DHCP for a network, or null. */
int dhcp_host_of(struct net_ctx *c, const char *network_id, const char **ret, struct err *err);
int dhcp_host_set(struct net_ctx *c, const char *network_id, const char *host, struct err *err);

/* How many networks and routers are scheduled to a host. */
int agent_load(struct net_ctx *c, const char *host, int64_t *ret, struct err *err);

/* Networks with DHCP, and routers with a leg, that have no host with a live
 * agent although some host has one. */
int networks_without_dhcp(struct net_ctx *c, const char *agent_type, const char ***ret, struct err *err);
int routers_without_host(struct net_ctx *c, const char *agent_type, const char ***ret, struct err *err);

/* id, name, project, project again, status, admin_state_up of what is scheduled to a host. */
int networks_scheduled_to(struct net_ctx *c, const char *host, struct rows *ret, struct err *err);
int routers_scheduled_to(struct net_ctx *c, const char *host, struct rows *ret, struct err *err);

/* Networks whose DHCP server is on a host. */
int dhcp_networks_of(struct net_ctx *c, const char *host, const char ***ret, struct err *err);

/* The version, or -ENOENT for a host that never asked; changes nothing. */
int wish_version_read(struct net_ctx *c, const char *host, int64_t *ret, struct err *err);

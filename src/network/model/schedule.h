/* SPDX-License-Identifier: Apache-2.0 */
/* Which host does what for a network or router. */
#pragma once

#include "network/network.h"

/* '*ret' is 'before' while an agent of the type lives there, else the live host
 * with the least to do, else null. */
int schedule_host(struct net_ctx *c, const char *agent_type, const char *before, const char **ret,
                  struct err *err);

/* "dhcp…" by which the network's own DHCP port is found. */
const char *dhcp_device_id(struct arena *a, const char *network_id);

/* SPDX-License-Identifier: Apache-2.0 */
/* What compute hears of its ports: durable, so that it may be away. */
#pragma once

#include "network/network.h"

#define EVENT_PLUGGED   "network-vif-plugged"
#define EVENT_UNPLUGGED "network-vif-unplugged"
#define EVENT_DELETED   "network-vif-deleted"
#define EVENT_CHANGED   "network-changed"

extern const struct op_kind *const network_operations[]; /* Ended by null. */

/* Records an event about port 'p' when a server has it.  'failed' tells compute
 * that the port will not come. */
int event_send(struct net_ctx *c, const struct port *p, const char *event, bool failed, struct err *err);

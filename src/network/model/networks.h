/* SPDX-License-Identifier: Apache-2.0 */
/* Networks: what must hold when they are made, changed and removed. */
#pragma once

#include "network/network.h"

int network_create(struct net_ctx *c, void *obj, struct err *err);
int network_update(struct net_ctx *c, const void *old, void *obj, struct err *err);
int network_updated(struct net_ctx *c, const void *old, void *obj, struct err *err);

/* Removes all that hangs on the network; -EBUSY's API form while ports of
 * others than the network's own servers are there. */
int network_delete(struct net_ctx *c, void *obj, struct err *err);

/* SPDX-License-Identifier: Apache-2.0 */
/* Ranges from which subnets are cut. */
#pragma once

#include "network/network.h"

int subnet_pool_create(struct net_ctx *c, void *obj, struct err *err);
int subnet_pool_update(struct net_ctx *c, const void *old, void *obj, struct err *err);
int subnet_pool_delete(struct net_ctx *c, void *obj, struct err *err);

/* Gives a new subnet its cidr from the pool that it names or that is the default: the one that
 * was asked for, or the first that is free. */
int subnet_pool_cut(struct net_ctx *c, struct subnet *s, struct err *err);

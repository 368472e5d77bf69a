/* SPDX-License-Identifier: Apache-2.0 */
/* Subnets: what must hold when they are made, changed and removed. */
#pragma once

#include "network/network.h"

int subnet_parents(struct net_ctx *c, void *obj, struct err *err);
int subnet_create(struct net_ctx *c, void *obj, struct err *err);
int subnet_update(struct net_ctx *c, const void *old, void *obj, struct err *err);
int subnet_updated(struct net_ctx *c, const void *old, void *obj, struct err *err);
int subnet_delete(struct net_ctx *c, void *obj, struct err *err);

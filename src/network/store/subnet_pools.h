/* SPDX-License-Identifier: Apache-2.0 */
/* Ranges from which subnets are cut. */
#pragma once

#include "network/network.h"

extern const struct table subnet_pool_table;

/* -ENOENT with words. */
int subnet_pool_get(struct net_ctx *c, const char *id, struct subnet_pool *ret, struct err *err);

/* The pool that subnets of the IP version come from when none is named. -ENOENT without words. */
int subnet_pool_default(struct net_ctx *c, int64_t ip_version, struct subnet_pool *ret, struct err *err);

/* Makes others who cut from the pool wait until this transaction ends. */
int subnet_pool_lock(struct net_ctx *c, const char *id, struct err *err);

/* What was cut from the pool: rows of (cidr, project_id). */
int subnet_pool_taken(struct net_ctx *c, const char *id, struct rows *ret, struct err *err);

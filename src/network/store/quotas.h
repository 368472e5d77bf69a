/* SPDX-License-Identifier: Apache-2.0 */
/* Quotas as rows, and how much is used. */
#pragma once

#include "network/network.h"

struct quota_kind {
    const char *resource; /* "network" */
    const char *table;
    size_t option; /* Of struct network_options: the default. */
};

extern const struct quota_kind net_quota_kinds[]; /* Ended by a null resource. */

/* The limit that holds for a project; -1 is none. */
int net_quota_limit(struct net_ctx *c, const struct quota_kind *k, const char *project_id, int64_t *ret,
                    struct err *err);
int net_quota_used(struct net_ctx *c, const struct quota_kind *k, const char *project_id, int64_t *ret,
                   struct err *err);
int net_quota_set(struct net_ctx *c, const char *resource, const char *project_id, int64_t limit,
                  struct err *err);
int net_quota_reset(struct net_ctx *c, const char *project_id, struct err *err);
int64_t net_quota_default(const struct net_ctx *c, const struct quota_kind *k);

/* Projects with limits of their own. */
int net_quota_projects(struct net_ctx *c, const char ***ret, struct err *err);

/* Nobody else counts or adds for this project until the end of the transaction. */
int net_quota_lock(struct net_ctx *c, const char *project_id, struct err *err);

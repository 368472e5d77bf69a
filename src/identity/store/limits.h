/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "data/table.h"
#include "identity/identity.h"

extern const struct table registered_limit_table, limit_table;

/* The registered limit of a resource, in that region or (null) everywhere.  -ENOENT. */
int registered_limit_find(struct txn *t, struct arena *a, const char *service_id, const char *region_id,
                          const char *resource_name, struct registered_limit *ret, struct err *err);

/* The limit that is set for the same owner and resource.  -ENOENT. */
int limit_find(struct txn *t, struct arena *a, const struct limit *like, struct limit *ret, struct err *err);

/* How many limits rest on it. */
int registered_limit_uses(struct txn *t, const struct registered_limit *l, int64_t *ret, struct err *err);

/* What a project or a domain leaves behind. */
int limits_forget(struct txn *t, const char *owner_id, struct err *err);

/* The largest limit of the same resource that a project of l's domain has; -1: none has one. */
int limit_most_of_projects(struct txn *t, const struct limit *l, int64_t *ret, struct err *err);

/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of resource providers, and of what is said about one: traits and aggregates. */
#pragma once

#include "placement/placement.h"

struct providers {
    struct provider *items;
    size_t count;
};

/* -ENOENT, without words. */
int provider_get(struct txn *t, struct arena *a, const char *uuid, struct provider *ret, struct err *err);

/* The same; nobody else changes the provider until the transaction ends. */
int provider_lock(struct txn *t, struct arena *a, const char *uuid, struct provider *ret, struct err *err);

/* In the order of their numbers.  Null arguments do not filter. */
int provider_list(struct txn *t, struct arena *a, const char *uuid, const char *name, int64_t root_id,
                  struct providers *ret, struct err *err);

/* Sets p->id; and p->root_id when p has no parent. */
int provider_insert(struct txn *t, struct arena *a, struct provider *p, struct err *err);

/* Writes name, parent and root; the root also of those below. */
int provider_update(struct txn *t, struct arena *a, const struct provider *p, struct err *err);

/* With inventories, traits and aggregates. */
int provider_delete(struct txn *t, int64_t id, struct err *err);

int provider_count_children(struct txn *t, int64_t id, int64_t *ret, struct err *err);
int provider_count_allocations(struct txn *t, int64_t id, int64_t *ret, struct err *err);

/* Counts the generation up, here and in the row.  409 when somebody else did
 * since 'p' was read. */
int provider_touch(struct txn *t, struct provider *p, int64_t now_us, struct err *err);

int provider_set_traits(struct txn *t, int64_t id, const int64_t *trait_ids, size_t n, struct err *err);
int provider_traits(struct txn *t, struct arena *a, int64_t id, int64_t **ret, size_t *ret_n,
                    struct err *err);
int provider_set_aggregates(struct txn *t, int64_t id, const char *const *uuids, struct err *err);
int provider_aggregates(struct txn *t, struct arena *a, int64_t id, const char ***ret, struct err *err);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "placement/placement.h"

struct inventories {
    struct inventory *items;
    size_t count;
};

int inventory_list(struct txn *t, struct arena *a, int64_t provider_id, struct inventories *ret,
                   struct err *err);

/* The one of class 'class_id' in a list, or null. */
struct inventory *inventory_find(const struct inventories *l, int64_t class_id);

/* -EEXIST when the provider has the class already. */
int inventory_insert(struct txn *t, int64_t provider_id, const struct inventory *i, struct err *err);
int inventory_update(struct txn *t, int64_t provider_id, const struct inventory *i, struct err *err);
int inventory_delete(struct txn *t, int64_t provider_id, int64_t class_id, struct err *err);

/* How much of a class consumers use. */
int inventory_used(struct txn *t, int64_t provider_id, int64_t class_id, int64_t *ret, struct err *err);

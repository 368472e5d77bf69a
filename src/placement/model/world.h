/* SPDX-License-Identifier: Apache-2.0 */
/* All providers with what they have and what is used, in memory: a few queries
 * whatever is asked, and then plain loops. */
#pragma once

#include "placement/placement.h"
#include "placement/store/names.h"

struct world_inventory {
    struct inventory inv;
    int64_t capacity, used;
};

struct world_provider {
    struct provider p;
    int parent, root; /* Places in the world; parent -1: none. */
    struct world_inventory *inventories;
    size_t n_inventories;
    uint64_t *traits; /* A bit for each of world->traits. */
    const char **aggregates;
    size_t n_aggregates;
};

struct world {
    struct world_provider *providers; /* In the order of their numbers. */
    size_t count;
    struct names classes, traits;
    bool has_trees;
};

int world_load(struct txn *t, struct arena *a, struct world *ret, struct err *err);

/* Its place, or -1. */
int world_find(const struct world *w, const char *uuid);

struct world_inventory *world_inventory(const struct world_provider *p, int64_t class_id);

/* True when 'amount' of the class can be given out of it now. */
bool world_fits(const struct world_provider *p, int64_t class_id, int64_t amount);

bool world_has_trait(const struct world *w, const struct world_provider *p, const struct name *trait);
/* The first trait from place 'i' of w->traits on that the provider has; their
 * count when there is none. */
size_t world_next_trait(const struct world *w, const struct world_provider *p, size_t i);
bool world_has_aggregate(const struct world_provider *p, const char *uuid);
bool world_has_any_aggregate(const struct world_provider *p, const char *const *uuids);

/* SPDX-License-Identifier: Apache-2.0 */
#include "placement/model/world.h"

#include "base/str.h"
#include "placement/store/providers.h"
#include "placement/store/survey.h"

#define BITS 64

static int place_of(const struct world *w, int64_t id)
{
    size_t low = 0, high = w->count;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (w->providers[mid].p.id == id)
            return (int) mid;
        if (w->providers[mid].p.id < id)
            low = mid + 1;
        else
            high = mid;
    }
    return -1;
}

static int load_providers(struct txn *t, struct arena *a, struct world *w, struct err *err)
{
    size_t words = w->traits.count / BITS + 1;
    struct providers all;
    uint64_t *bits;
    int r;

    r = provider_list(t, a, NULL, NULL, 0, &all, err);
    if (r < 0)
        return r;
    w->count = all.count;
    w->providers = arena_array(a, struct world_provider, all.count + 1);
    bits = arena_array(a, uint64_t, words * (all.count + 1));
    for (size_t i = 0; i < all.count; i++) {
        w->providers[i].p = all.items[i];
        w->providers[i].traits = bits + i * words;
    }
    for (size_t i = 0; i < w->count; i++) {
        struct world_provider *p = &w->providers[i];

        p->parent = p->p.parent_id ? place_of(w, p->p.parent_id) : -1;
        p->root = place_of(w, p->p.root_id);
        w->has_trees = w->has_trees || p->parent >= 0;
    }
    return 0;
}

static void read_inventory(const struct rows *rows, size_t i, const struct names *classes,
                           struct world_inventory *wi)
{
    const struct name *class = names_at(classes, rows_int(rows, i, 1, 0));

    wi->inv = (struct inventory){
        .class_id = rows_int(rows, i, 1, 0),
        .class_name = class ? class->name : "",
        .total = rows_int(rows, i, 2, 0),
        .reserved = rows_int(rows, i, 3, 0),
        .min_unit = rows_int(rows, i, 4, 1),
        .max_unit = rows_int(rows, i, 5, 1),
        .step_size = rows_int(rows, i, 6, 1),
        .allocation_ratio = rows_double(rows, i, 7, 1.0),
    };
    wi->capacity = inventory_whole_capacity(&wi->inv);
}

static int load_inventories(struct txn *t, struct arena *a, struct world *w, struct err *err)
{
    struct world_inventory *all;
    struct rows rows;
    int r;

    r = survey_inventories(t, a, &rows, err);
    if (r < 0)
        return r;
    all = arena_array(a, struct world_inventory, rows.count + 1);
    for (size_t i = 0; i < rows.count; i++) {
        int at = place_of(w, rows_int(&rows, i, 0, 0));

        read_inventory(&rows, i, &w->classes, &all[i]);
        if (at < 0)
            continue;
        if (!w->providers[at].n_inventories++)
            w->providers[at].inventories = &all[i];
    }
    return 0;
}

static int load_usages(struct txn *t, struct arena *a, struct world *w, struct err *err)
{
    struct rows rows;
    int r;

    r = survey_usages(t, a, &rows, err);
    for (size_t i = 0; r >= 0 && i < rows.count; i++) {
        int at = place_of(w, rows_int(&rows, i, 0, 0));
        struct world_inventory *wi =
            at < 0 ? NULL : world_inventory(&w->providers[at], rows_int(&rows, i, 1, 0));

        if (wi)
            wi->used = rows_int(&rows, i, 2, 0);
    }
    return r < 0 ? r : 0;
}

static int load_traits(struct txn *t, struct arena *a, struct world *w, struct err *err)
{
    struct rows rows;
    int r;

    r = survey_traits(t, a, &rows, err);
    for (size_t i = 0; r >= 0 && i < rows.count; i++) {
        const struct name *trait = names_at(&w->traits, rows_int(&rows, i, 1, 0));
        int at = place_of(w, rows_int(&rows, i, 0, 0));
        size_t bit;

        if (at < 0 || !trait)
            continue;
        bit = (size_t) (trait - w->traits.items);
        w->providers[at].traits[bit / BITS] |= UINT64_C(1) << bit % BITS;
    }
    return r < 0 ? r : 0;
}

static int load_aggregates(struct txn *t, struct arena *a, struct world *w, struct err *err)
{
    const char **all;
    struct rows rows;
    int r;

    r = survey_aggregates(t, a, &rows, err);
    if (r < 0)
        return r;
    all = arena_array(a, const char *, rows.count + 1);
    for (size_t i = 0; i < rows.count; i++) {
        int at = place_of(w, rows_int(&rows, i, 0, 0));

        all[i] = rows_text(&rows, i, 1);
        if (at >= 0 && !w->providers[at].n_aggregates++)
            w->providers[at].aggregates = &all[i];
    }
    return 0;
}

int world_load(struct txn *t, struct arena *a, struct world *ret, struct err *err)
{
    int r;

    *ret = (struct world){ 0 };
    r = names_load(t, a, NAMES_CLASSES, &ret->classes, err);
    if (r >= 0)
        r = names_load(t, a, NAMES_TRAITS, &ret->traits, err);
    if (r >= 0)
        r = load_providers(t, a, ret, err);
    if (r >= 0)
        r = load_inventories(t, a, ret, err);
    if (r >= 0)
        r = load_usages(t, a, ret, err);
    if (r >= 0)
        r = load_traits(t, a, ret, err);
    if (r >= 0)
        r = load_aggregates(t, a, ret, err);
    return r;
}

int world_find(const struct world *w, const char *uuid)
{
    for (size_t i = 0; i < w->count; i++)
        if (strcmp(w->providers[i].p.uuid, uuid) == 0)
            return (int) i;
    return -1;
}

struct world_inventory *world_inventory(const struct world_provider *p, int64_t class_id)
{
    for (size_t i = 0; i < p->n_inventories; i++)
        if (p->inventories[i].inv.class_id == class_id)
            return &p->inventories[i];
    return NULL;
}

bool world_fits(const struct world_provider *p, int64_t class_id, int64_t amount)
{
    const struct world_inventory *wi = world_inventory(p, class_id);

    return wi && (double) (wi->used + amount) <= inventory_capacity(&wi->inv) && amount >= wi->inv.min_unit &&
           amount <= wi->inv.max_unit && amount % wi->inv.step_size == 0;
}

bool world_has_trait(const struct world *w, const struct world_provider *p, const struct name *trait)
{
    size_t bit = (size_t) (trait - w->traits.items);

    return p->traits[bit / BITS] >> bit % BITS & 1;
}

size_t world_next_trait(const struct world *w, const struct world_provider *p, size_t i)
{
    while (i < w->traits.count) {
        uint64_t rest = p->traits[i / BITS] >> i % BITS;

        if (rest)
            return i + (size_t) __builtin_ctzll(rest);
        i = (i / BITS + 1) * BITS;
    }
    return w->traits.count;
}

bool world_has_aggregate(const struct world_provider *p, const char *uuid)
{
    for (size_t i = 0; i < p->n_aggregates; i++)
        if (strcmp(p->aggregates[i], uuid) == 0)
            return true;
    return false;
}

bool world_has_any_aggregate(const struct world_provider *p, const char *const *uuids)
{
    strv_foreach (u, uuids)
        if (world_has_aggregate(p, *u))
            return true;
    return false;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "placement/model/claim.h"

#include "base/str.h"
#include "placement/store/allocations.h"
#include "placement/store/inventories.h"
#include "placement/store/names.h"
#include "placement/store/providers.h"

/* One class of one provider while claims are worked on. */
struct want {
    struct provider *provider;
    const struct name *class;
    int64_t before; /* Used before the old allocations went away. */
    int64_t total;  /* Asked for by all claims. */
};

struct work {
    struct txn *t;
    struct arena *a;
    struct claim *claims;
    size_t n_claims;
    int64_t now_us;
    const char *unknown_prefix;
    struct names classes;
    struct provider *providers; /* In the order of their uuids; all locked. */
    size_t n_providers;
    struct want *wants;
    size_t n_wants;
    bool *is_new; /* For each claim: the consumer was not there. */
};

static int by_consumer(const void *x, const void *y)
{
    const struct claim *a = x, *b = y;

    return strcmp(a->consumer.uuid, b->consumer.uuid);
}

static int by_text(const void *x, const void *y)
{
    const char *const *a = x, *const *b = y;

    return strcmp(*a, *b);
}

static int conflict(struct err *err, const char *words)
{
    return err_http(err, 409, PLACEMENT_CONCURRENT, "%s", words);
}

static int check_generation(struct work *w, const struct claim *c, const struct consumer *was,
                            struct err *err)
{
    const char *got =
        c->generation == FIELD_NULL_INT ? "None" : arena_printf(w->a, "%lld", (long long) c->generation);

    if (!c->check_generation)
        return 0;
    if (!was && c->generation != FIELD_NULL_INT)
        return conflict(err,
                        arena_printf(w->a, "consumer generation conflict - expected null but got %s", got));
    if (was && c->generation != was->generation)
        return conflict(err, arena_printf(w->a, "consumer generation conflict - expected %lld but got %s",
                                          (long long) was->generation, got));
    return 0;
}

static int insert_consumer(struct work *w, const struct consumer *c, struct err *err)
{
    int r = consumer_insert(w->t, c, w->now_us, err);

    /* Made by somebody else meanwhile. */
    return r == -EEXIST ? conflict(err, "consumer generation conflict - expected null") : r;
}

/* Every writer of a consumer comes by here, in the same order: no deadlock. */
static int lock_consumers(struct work *w, struct err *err)
{
    int r = 0;

    qsort(w->claims, w->n_claims, sizeof(*w->claims), by_consumer);
    w->is_new = arena_array(w->a, bool, w->n_claims + 1);
    for (size_t i = 0; r >= 0 && i < w->n_claims; i++) {
        struct claim *c = &w->claims[i];
        struct consumer was;

        r = consumer_get(w->t, w->a, c->consumer.uuid, true, &was, err);
        w->is_new[i] = r == -ENOENT;
        if (r < 0 && r != -ENOENT)
            return r;
        r = check_generation(w, c, w->is_new[i] ? NULL : &was, err);
        if (r >= 0 && w->is_new[i])
            r = insert_consumer(w, &c->consumer, err);
        if (w->is_new[i])
            continue;
        c->consumer.generation = was.generation;
        if (!c->set_type)
            c->consumer.type = was.type;
    }
    return r;
}

/* What a consumer that shall have nothing has now: its providers change too. */
static int collect_uuids(struct work *w, const char ***ret, size_t *ret_n, struct err *err)
{
    const char **uuids;
    size_t n = 0, room = 1;

    for (size_t i = 0; i < w->n_claims; i++)
        room += w->claims[i].n_items;
    uuids = arena_array(w->a, const char *, room);
    for (size_t i = 0; i < w->n_claims; i++) {
        struct claim *c = &w->claims[i];
        struct allocations old;
        int r;

        for (size_t k = 0; k < c->n_items; k++)
            uuids[n++] = c->items[k].provider_uuid;
        if (c->n_items)
            continue;
        r = allocation_list_of_consumer(w->t, w->a, c->consumer.uuid, &old, err);
        if (r < 0)
            return r;
        uuids = arena_grow(w->a, uuids, room * sizeof(*uuids), (room + old.count) * sizeof(*uuids));
        room += old.count;
        for (size_t k = 0; k < old.count; k++)
            uuids[n++] = old.items[k].provider_uuid;
    }
    qsort(uuids, n, sizeof(*uuids), by_text);
    *ret = uuids;
    *ret_n = n;
    return 0;
}

static int lock_providers(struct work *w, struct err *err)
{
    const char **uuids;
    size_t n;
    int r;

    r = collect_uuids(w, &uuids, &n, err);
    if (r < 0)
        return r;
    w->providers = arena_array(w->a, struct provider, n + 1);
    for (size_t i = 0; i < n; i++) {
        if (i && str_eq(uuids[i], uuids[i - 1]))
            continue;
        r = provider_lock(w->t, w->a, uuids[i], &w->providers[w->n_providers], err);
        if (r == -ENOENT)
            return err_http(err, 400, NULL, "Allocation for resource provider '%s' that does not exist.",
                            uuids[i]);
        if (r < 0)
            return r;
        w->n_providers++;
    }
    return 0;
}

static struct provider *find_provider(const struct work *w, const char *uuid)
{
    for (size_t i = 0; i < w->n_providers; i++)
        if (str_eq(w->providers[i].uuid, uuid))
            return &w->providers[i];
    return NULL;
}

static struct want *want_of(struct work *w, const struct claim_item *item)
{
    for (size_t i = 0; i < w->n_wants; i++)
        if (str_eq(w->wants[i].provider->uuid, item->provider_uuid) &&
            str_eq(w->wants[i].class->name, item->class_name))
            return &w->wants[i];
    return NULL;
}

static int add_want(struct work *w, const struct claim_item *item, struct err *err)
{
    struct want *want = want_of(w, item);

    if (!want) {
        want = &w->wants[w->n_wants];
        want->provider = find_provider(w, item->provider_uuid);
        want->class = names_find(&w->classes, item->class_name);
        if (!want->class)
            return err_http(err, 400, NULL, "%sNo such resource class %s.", w->unknown_prefix,
                            item->class_name);
        w->n_wants++;
    }
    want->total += item->used;
    return 0;
}

static int collect_wants(struct work *w, struct err *err)
{
    size_t room = 1;
    int r = 0;

    for (size_t i = 0; i < w->n_claims; i++)
        room += w->claims[i].n_items;
    w->wants = arena_array(w->a, struct want, room);
    for (size_t i = 0; i < w->n_claims; i++)
        for (size_t k = 0; r >= 0 && k < w->claims[i].n_items; k++)
            r = add_want(w, &w->claims[i].items[k], err);
    for (size_t i = 0; r >= 0 && i < w->n_wants; i++)
        r = inventory_used(w->t, w->wants[i].provider->id, w->wants[i].class->id, &w->wants[i].before, err);
    return r;
}

static int refuse(struct err *err, const char *fmt, const struct want *want)
{
    return err_http(err, 409, NULL, fmt, want->class->name, want->provider->uuid);
}

/* Over capacity is allowed where it does not get worse than it was. */
static int check_capacity(struct work *w, const struct want *want, const struct inventory *inv,
                          struct err *err)
{
    int64_t used = 0;
    int r;

    r = inventory_used(w->t, want->provider->id, want->class->id, &used, err);
    if (r < 0)
        return r;
    if (inventory_capacity(inv) < (double) (used + want->total) && used + want->total > want->before)
        return refuse(err,
                      "Unable to allocate inventory: Unable to create allocation for '%s' on resource "
                      "provider '%s'. The requested amount would exceed the capacity.",
                      want);
    return 0;
}

static int check_units(const struct work *w, const struct want *want, const struct inventory *inv,
                       struct err *err)
{
    for (size_t i = 0; i < w->n_claims; i++)
        for (size_t k = 0; k < w->claims[i].n_items; k++) {
            const struct claim_item *item = &w->claims[i].items[k];

            if (!str_eq(item->provider_uuid, want->provider->uuid) ||
                !str_eq(item->class_name, want->class->name))
                continue;
            if (item->used < inv->min_unit || item->used > inv->max_unit || item->used % inv->step_size)
                return refuse(
                    err,
                    "Unable to allocate inventory: Unable to create allocation for '%s' on resource "
                    "provider '%s'. The requested amount would violate inventory constraints.",
                    want);
        }
    return 0;
}

static int check_wants(struct work *w, struct err *err)
{
    int r = 0;

    for (size_t i = 0; r >= 0 && i < w->n_wants; i++) {
        const struct want *want = &w->wants[i];
        const struct inventory *inv;
        struct inventories all;

        r = inventory_list(w->t, w->a, want->provider->id, &all, err);
        if (r < 0)
            return r;
        inv = inventory_find(&all, want->class->id);
        if (!inv)
            return refuse(
                err, "Unable to allocate inventory: Inventory for '%s' on resource provider '%s' invalid.",
                want);
        r = check_units(w, want, inv, err);
        if (r >= 0)
            r = check_capacity(w, want, inv, err);
    }
    return r;
}

static int write_claim(struct work *w, struct claim *c, struct err *err)
{
    int r = 0;

    for (size_t k = 0; r >= 0 && k < c->n_items; k++) {
        const struct want *want = want_of(w, &c->items[k]);
        const struct allocation al = { .consumer = c->consumer.uuid,
                                       .provider_id = want->provider->id,
                                       .class_id = want->class->id,
                                       .used = c->items[k].used,
                                       .created_at = w->now_us };

        r = allocation_insert(w->t, &al, err);
    }
    if (r < 0)
        return r;
    if (!c->n_items)
        return consumer_delete(w->t, c->consumer.uuid, err);
    c->consumer.generation++;
    return consumer_update(w->t, &c->consumer, w->now_us, err);
}

int claims_set(struct txn *t, struct arena *a, struct claim *claims, size_t n, int64_t now_us,
               const char *unknown_prefix, struct err *err)
{
    struct work w = {
        .t = t, .a = a, .claims = claims, .n_claims = n, .now_us = now_us, .unknown_prefix = unknown_prefix
    };
    int r;

    r = names_load(t, a, NAMES_CLASSES, &w.classes, err);
    if (r >= 0)
        r = lock_consumers(&w, err);
    if (r >= 0)
        r = lock_providers(&w, err);
    if (r >= 0)
        r = collect_wants(&w, err);
    for (size_t i = 0; r >= 0 && i < n; i++)
        r = allocation_delete_of_consumer(t, claims[i].consumer.uuid, err);
    if (r >= 0)
        r = check_wants(&w, err);
    for (size_t i = 0; r >= 0 && i < n; i++)
        r = write_claim(&w, &claims[i], err);
    for (size_t i = 0; r >= 0 && i < w.n_providers; i++)
        r = provider_touch(t, &w.providers[i], now_us, err);
    return r < 0 ? r : 0;
}

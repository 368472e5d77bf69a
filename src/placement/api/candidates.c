/* SPDX-License-Identifier: Apache-2.0 */
/* /allocation_candidates */
#include "placement/model/candidates.h"

#include "base/str.h"
#include "placement/api/candidate_query.h"
#include "placement/api/common.h"
#include "placement/api/routes.h"

#define VERSION_CANDIDATES  10
#define VERSION_BY_UUID     12
#define VERSION_REQUIRED    17
#define VERSION_ALL_CLASSES 27
#define VERSION_TREES       29
#define VERSION_MAPPINGS    34

struct answer {
    struct request *rq;
    const struct world *w;
    const struct candidate_query *q;
    const struct candidates *c;
    struct jw *out;
};

/* Parts of a provider that has none before this one. */
static bool is_first_part(const struct candidate *c, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (c->parts[k].provider == c->parts[i].provider)
            return false;
    return true;
}

static void write_parts(const struct answer *a, const struct candidate *c, int provider)
{
    jw_object(a->out, "resources");
    for (size_t i = 0; i < c->n_parts; i++)
        if (c->parts[i].provider == provider)
            jw_int(a->out, c->parts[i].class->name, c->parts[i].amount);
    jw_end_object(a->out);
}

static void write_allocations(const struct answer *a, const struct candidate *c)
{
    bool by_uuid = a->rq->version >= VERSION_BY_UUID;

    if (by_uuid)
        jw_object(a->out, "allocations");
    else
        jw_array(a->out, "allocations");
    for (size_t i = 0; i < c->n_parts; i++) {
        const char *uuid = a->w->providers[c->parts[i].provider].p.uuid;

        if (!is_first_part(c, i))
            continue;
        jw_object(a->out, by_uuid ? uuid : NULL);
        if (!by_uuid) {
            jw_object(a->out, "resource_provider");
            jw_str(a->out, "uuid", uuid);
            jw_end_object(a->out);
        }
        write_parts(a, c, c->parts[i].provider);
        jw_end_object(a->out);
    }
    if (by_uuid)
        jw_end_object(a->out);
    else
        jw_end_array(a->out);
}

static void write_mappings(const struct answer *a, const struct candidate *c)
{
    jw_object(a->out, "mappings");
    for (size_t i = 0; i < a->q->n_groups; i++) {
        jw_array(a->out, a->q->groups[i].suffix);
        for (size_t k = 0; k < c->picks[i]->n_providers; k++)
            jw_str(a->out, NULL, a->w->providers[c->picks[i]->providers[k]].p.uuid);
        jw_end_array(a->out);
    }
    jw_end_object(a->out);
}

static bool is_asked_for(const struct candidate_query *q, const char *class)
{
    for (size_t i = 0; i < q->n_groups; i++)
        for (size_t k = 0; k < q->groups[i].n_amounts; k++)
            if (str_eq(q->groups[i].amounts[k].class_name, class))
                return true;
    return false;
}

static void write_summary(const struct answer *a, const struct world_provider *p)
{
    jw_object(a->out, p->p.uuid);
    jw_object(a->out, "resources");
    for (size_t i = 0; i < p->n_inventories; i++) {
        const struct world_inventory *wi = &p->inventories[i];

        if (a->rq->version < VERSION_ALL_CLASSES && !is_asked_for(a->q, wi->inv.class_name))
            continue;
        jw_object(a->out, wi->inv.class_name);
        jw_int(a->out, "capacity", wi->capacity);
        jw_int(a->out, "used", wi->used);
        jw_end_object(a->out);
    }
    jw_end_object(a->out);
    if (a->rq->version >= VERSION_REQUIRED) {
        jw_array(a->out, "traits");
        for (size_t i = 0; (i = world_next_trait(a->w, p, i)) < a->w->traits.count; i++)
            jw_str(a->out, NULL, a->w->traits.items[i].name);
        jw_end_array(a->out);
    }
    if (a->rq->version >= VERSION_TREES) {
        jw_str(a->out, "parent_provider_uuid", p->p.parent_uuid);
        jw_str(a->out, "root_provider_uuid", p->p.root_uuid);
    }
    jw_end_object(a->out);
}

static int reply_candidates(struct answer *a)
{
    a->out = reply_begin(a->rq);
    jw_object(a->out, NULL);
    jw_array(a->out, "allocation_requests");
    for (size_t i = 0; i < a->c->count; i++) {
        jw_object(a->out, NULL);
        write_allocations(a, &a->c->items[i]);
        if (a->rq->version >= VERSION_MAPPINGS)
            write_mappings(a, &a->c->items[i]);
        jw_end_object(a->out);
    }
    jw_end_array(a->out);
    jw_object(a->out, "provider_summaries");
    for (size_t i = 0; i < a->w->count; i++)
        if (a->c->summarized[i])
            write_summary(a, &a->w->providers[i]);
    jw_end_object(a->out);
    jw_end_object(a->out);
    return reply_aged(a->rq, 200, 0);
}

static int list_candidates(struct request *rq, struct err *err)
{
    struct candidate_query q = { 0 };
    struct candidates c;
    struct answer a;
    struct world w;
    struct txn *t;
    int r;

    r = accept_json(rq, err);
    if (r >= 0)
        r = candidate_query_read(rq, &q, err);
    if (r >= 0)
        r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = world_load(t, rq->arena, &w, err);
    if (r >= 0)
        r = candidates_find(&w, rq->arena, &q, &c, err);
    if (r < 0)
        return r;
    a = (struct answer){ rq, &w, &q, &c, NULL };
    return reply_candidates(&a);
}

const struct route candidate_routes[] = {
    { HTTP_GET, "/allocation_candidates", "placement:allocation_candidates:list", list_candidates,
      .since = VERSION_CANDIDATES, .flags = ROUTE_WORKER },
    { 0 },
};

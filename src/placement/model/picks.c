/* SPDX-License-Identifier: Apache-2.0 */
#include "placement/model/picks.h"

#include "base/str.h"
#include "placement/model/standard.h"

/* A provider that could give one amount of a group. */
struct choice {
    int provider;
    struct choice *next;
};

struct choice_list {
    struct choice *first, *last;
};

/* What is settled for a group before its picks are made. */
struct group_search {
    struct search *s;
    const struct candidate_group *g;
    bool *in_aggregates, *bad_aggregate; /* For each provider. */
    int tree;                            /* Root that it must be under; -1: any. */
    struct choice_list *options;         /* For each amount and anchor. */
    struct pick_list *picks;             /* For each anchor. */
    int *chosen;                         /* For each amount. */
};

/* --- traits --------------------------------------------------------------------- */

static bool has_any(const struct world *w, const struct world_provider *p, const struct trait_set *set)
{
    for (const struct name **t = set->traits; t && *t; t++)
        if (world_has_trait(w, p, *t))
            return true;
    return false;
}

static bool has_all(const struct world *w, const struct world_provider *p, const struct trait_set *set)
{
    for (const struct name **t = set->traits; t && *t; t++)
        if (!world_has_trait(w, p, *t))
            return false;
    return true;
}

static bool fits_traits(const struct world *w, const struct world_provider *p,
                        const struct candidate_group *g)
{
    for (size_t i = 0; i < g->n_required; i++)
        if (!has_any(w, p, &g->required[i]))
            return false;
    return !has_any(w, p, &g->forbidden);
}

/* --- anchors -------------------------------------------------------------------- */

void search_init(struct search *s, const struct world *w, struct arena *a, const struct candidate_query *q)
{
    *s = (struct search){ .w = w, .a = a, .q = q };
    s->shares = names_find(&w->traits, MISC_SHARES_VIA_AGGREGATE);
    s->root_ok = arena_array(a, bool, w->count + 1);
    s->anchors = arena_array(a, int *, w->count + 1);
    for (size_t i = 0; i < w->count; i++) {
        const struct world_provider *p = &w->providers[i];

        s->root_ok[i] =
            p->parent < 0 && has_all(w, p, &q->root_required) && !has_any(w, p, &q->root_forbidden);
        s->has_sharing = s->has_sharing || (s->shares && world_has_trait(w, p, s->shares));
    }
}

static bool is_sharing(const struct search *s, int provider)
{
    return s->has_sharing && world_has_trait(s->w, &s->w->providers[provider], s->shares);
}

/* Roots of the trees that have a provider in one of the aggregates of 'provider'. */
static const int *anchors_of(struct search *s, int provider)
{
    const struct world_provider *me = &s->w->providers[provider];
    bool *seen;
    size_t n = 0;
    int *list;

    if (s->anchors[provider])
        return s->anchors[provider];
    seen = arena_array(s->a, bool, s->w->count + 1);
    list = arena_array(s->a, int, s->w->count + 1);
    for (size_t i = 0; i < s->w->count; i++) {
        int root = s->w->providers[i].root;

        if (root == me->root || seen[root])
            continue;
        for (size_t k = 0; k < me->n_aggregates && !seen[root]; k++)
            seen[root] = world_has_aggregate(&s->w->providers[i], me->aggregates[k]);
        if (seen[root])
            list[n++] = root;
    }
    list[n] = -1;
    s->anchors[provider] = list;
    return list;
}

/* --- picks ---------------------------------------------------------------------- */

static void add_pick(struct group_search *gs, int anchor, const struct pick *p)
{
    struct pick *copy = arena_memdup(gs->s->a, p, sizeof(*p));
    struct pick_list *l = &gs->picks[anchor];

    copy->anchor = anchor;
    copy->next = NULL;
    if (l->last)
        l->last->next = copy;
    else
        l->first = copy;
    l->last = copy;
    gs->s->n_picks++;
}

static bool is_full(const struct group_search *gs)
{
    return gs->s->q->max && gs->s->n_picks >= (size_t) gs->s->q->max;
}

static bool fits_amounts(const struct world_provider *p, const struct candidate_group *g)
{
    for (size_t i = 0; i < g->n_amounts; i++)
        if (!world_fits(p, g->amounts[i].class->id, g->amounts[i].amount))
            return false;
    return true;
}

static void make_parts(struct group_search *gs, struct pick *p)
{
    const struct candidate_group *g = gs->g;

    p->n_parts = g->n_amounts;
    p->parts = arena_array(gs->s->a, struct candidate_part, g->n_amounts + 1);
    for (size_t i = 0; i < g->n_amounts; i++)
        p->parts[i] = (struct candidate_part){ gs->chosen[i], g->amounts[i].class, g->amounts[i].amount };
}

/* One provider gives all of the group. */
static void pick_single(struct group_search *gs, int provider)
{
    const struct world_provider *p = &gs->s->w->providers[provider];
    struct pick pick = { .n_providers = 1 };

    for (size_t i = 0; i < gs->g->n_amounts; i++)
        gs->chosen[i] = provider;
    make_parts(gs, &pick);
    pick.providers = arena_memdup(gs->s->a, &provider, sizeof(provider));
    if (gs->s->root_ok[p->root])
        add_pick(gs, p->root, &pick);
    if (!is_sharing(gs->s, provider))
        return;
    for (const int *anchor = anchors_of(gs->s, provider); *anchor >= 0; anchor++)
        if (gs->s->root_ok[*anchor])
            add_pick(gs, *anchor, &pick);
}

static void find_single(struct group_search *gs)
{
    const struct world *w = gs->s->w;

    for (size_t i = 0; i < w->count && !is_full(gs); i++) {
        const struct world_provider *p = &w->providers[i];

        if (gs->tree >= 0 && p->root != gs->tree)
            continue;
        if (!gs->in_aggregates[i] || gs->bad_aggregate[i] || !fits_traits(w, p, gs->g))
            continue;
        if (fits_amounts(p, gs->g))
            pick_single(gs, (int) i);
    }
}

/* --- several providers for one group ----------------------------------------------- */

static struct choice_list *options_at(struct group_search *gs, size_t amount, int anchor)
{
    return &gs->options[amount * gs->s->w->count + (size_t) anchor];
}

static void add_option(struct group_search *gs, size_t amount, int provider, int anchor)
{
    struct choice_list *l = options_at(gs, amount, anchor);
    struct choice *o;

    if (!gs->s->root_ok[anchor] || gs->bad_aggregate[provider] || gs->bad_aggregate[anchor] ||
        !(gs->in_aggregates[provider] || gs->in_aggregates[anchor]))
        return;
    o = arena_new(gs->s->a, struct choice);
    o->provider = provider;
    if (l->last)
        l->last->next = o;
    else
        l->first = o;
    l->last = o;
}

static void collect_options(struct group_search *gs)
{
    const struct world *w = gs->s->w;

    for (size_t k = 0; k < gs->g->n_amounts; k++)
        for (size_t i = 0; i < w->count; i++) {
            const struct world_provider *p = &w->providers[i];

            if (gs->tree >= 0 && p->root != gs->tree)
                continue;
            if (has_any(w, p, &gs->g->forbidden) ||
                !world_fits(p, gs->g->amounts[k].class->id, gs->g->amounts[k].amount))
                continue;
            add_option(gs, k, (int) i, p->root);
            if (gs->tree >= 0 || !is_sharing(gs->s, (int) i) || (gs->g->n_member_of && !gs->in_aggregates[i]))
                continue;
            for (const int *anchor = anchors_of(gs->s, (int) i); *anchor >= 0; anchor++)
                add_option(gs, k, (int) i, *anchor);
        }
}

/* The chosen providers together have what is required. */
static bool chosen_fit_traits(const struct group_search *gs)
{
    const struct world *w = gs->s->w;

    for (size_t i = 0; i < gs->g->n_required; i++) {
        bool found = false;

        for (size_t k = 0; k < gs->g->n_amounts && !found; k++)
            found = has_any(w, &w->providers[gs->chosen[k]], &gs->g->required[i]);
        if (!found)
            return false;
    }
    return true;
}

static void pick_chosen(struct group_search *gs, int anchor)
{
    struct pick pick = { .providers = arena_array(gs->s->a, int, gs->g->n_amounts + 1) };

    make_parts(gs, &pick);
    for (size_t k = 0; k < gs->g->n_amounts; k++) {
        size_t i = 0;

        while (i < pick.n_providers && pick.providers[i] != gs->chosen[k])
            i++;
        if (i == pick.n_providers)
            pick.providers[pick.n_providers++] = gs->chosen[k];
    }
    add_pick(gs, anchor, &pick);
}

static void choose(struct group_search *gs, int anchor, size_t amount)
{
    if (is_full(gs))
        return;
    if (amount == gs->g->n_amounts) {
        if (chosen_fit_traits(gs))
            pick_chosen(gs, anchor);
        return;
    }
    for (const struct choice *o = options_at(gs, amount, anchor)->first; o; o = o->next) {
        gs->chosen[amount] = o->provider;
        choose(gs, anchor, amount + 1);
    }
}

static void find_several(struct group_search *gs)
{
    size_t n = gs->s->w->count;

    gs->options = arena_array(gs->s->a, struct choice_list, n * gs->g->n_amounts + 1);
    collect_options(gs);
    for (size_t anchor = 0; anchor < n; anchor++)
        choose(gs, (int) anchor, 0);
}

/* --- the group -------------------------------------------------------------------- */

static void sort_by_aggregates(struct group_search *gs)
{
    const struct candidate_group *g = gs->g;
    const struct world *w = gs->s->w;

    gs->in_aggregates = arena_array(gs->s->a, bool, w->count + 1);
    gs->bad_aggregate = arena_array(gs->s->a, bool, w->count + 1);
    for (size_t i = 0; i < w->count; i++) {
        const struct world_provider *p = &w->providers[i];

        gs->in_aggregates[i] = true;
        for (size_t k = 0; k < g->n_member_of && gs->in_aggregates[i]; k++)
            gs->in_aggregates[i] = world_has_any_aggregate(p, g->member_of[k]);
        gs->bad_aggregate[i] = world_has_any_aggregate(p, g->forbidden_aggregates);
    }
}

bool picks_find(struct search *s, const struct candidate_group *g, struct pick_list **ret)
{
    struct group_search gs = { .s = s, .g = g, .tree = -1 };

    s->n_picks = 0;
    if (g->in_tree) {
        int at = world_find(s->w, g->in_tree);

        if (at < 0)
            return false;
        gs.tree = s->w->providers[at].root;
    }
    /* As upstream: a group that asks for nothing must name what it is about. */
    if (!g->n_amounts && !g->n_required && !g->n_member_of)
        return false;
    sort_by_aggregates(&gs);
    gs.picks = arena_array(s->a, struct pick_list, s->w->count + 1);
    gs.chosen = arena_array(s->a, int, g->n_amounts + 1);
    if (g->same_provider || !(s->has_sharing || s->w->has_trees))
        find_single(&gs);
    else
        find_several(&gs);
    *ret = gs.picks;
    return s->n_picks > 0;
}

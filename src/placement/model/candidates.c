/* SPDX-License-Identifier: Apache-2.0 */
#include "placement/model/candidates.h"

#include "base/hash.h"
#include "base/str.h"
#include "base/strbuf.h"
#include "base/uuid.h"
#include "placement/model/picks.h"

/* Folding the picks of all groups together. */
struct merge {
    struct search s;
    struct pick_list **lists;      /* For each group, for each anchor. */
    const struct pick **chosen;    /* For each group. */
    struct candidate_part **parts; /* For each group: the sum of the first ones. */
    size_t *n_parts;
    struct candidate *items;
    size_t count, room;
    struct hash seen; /* Sharing providers give the same candidate for several anchors. */
    size_t enough;    /* Stop there; 0: never. */
};

/* --- names ------------------------------------------------------------------------ */

static int find_traits(const struct world *w, struct arena *a, struct trait_set *set, struct err *err)
{
    size_t n = strv_len(set->names);

    set->traits = arena_array(a, const struct name *, n + 1);
    for (size_t i = 0; i < n; i++) {
        set->traits[i] = names_find(&w->traits, set->names[i]);
        if (!set->traits[i])
            return err_http(err, 400, NULL, "No such trait(s): %.255s.", set->names[i]);
    }
    return 0;
}

static int find_names(const struct world *w, struct arena *a, struct candidate_query *q, struct err *err)
{
    int r = find_traits(w, a, &q->root_required, err);

    if (r >= 0)
        r = find_traits(w, a, &q->root_forbidden, err);
    for (size_t i = 0; r >= 0 && i < q->n_groups; i++) {
        struct candidate_group *g = &q->groups[i];

        for (size_t k = 0; k < g->n_amounts; k++) {
            g->amounts[k].class = names_find(&w->classes, g->amounts[k].class_name);
            if (!g->amounts[k].class)
                return err_http(
                    err, 400, NULL,
                    "Invalid resource class in resources parameter: No such resource class %.255s.",
                    g->amounts[k].class_name);
        }
        for (size_t k = 0; r >= 0 && k < g->n_required; k++)
            r = find_traits(w, a, &g->required[k], err);
        if (r >= 0)
            r = find_traits(w, a, &g->forbidden, err);
    }
    return r;
}

/* --- rules over several groups ------------------------------------------------------ */

static bool is_under(const struct world *w, int provider, int ancestor)
{
    for (; provider >= 0; provider = w->providers[provider].parent)
        if (provider == ancestor)
            return true;
    return false;
}

static bool all_under(const struct merge *m, const char *const *suffixes, int ancestor)
{
    for (size_t i = 0; i < m->s.q->n_groups; i++) {
        if (!strv_contains(suffixes, m->s.q->groups[i].suffix))
            continue;
        for (size_t k = 0; k < m->chosen[i]->n_providers; k++)
            if (!is_under(m->s.w, m->chosen[i]->providers[k], ancestor))
                return false;
    }
    return true;
}

/* One of the chosen providers is above all the others. */
static bool is_same_subtree(const struct merge *m, const char *const *suffixes)
{
    for (size_t i = 0; i < m->s.q->n_groups; i++) {
        if (!strv_contains(suffixes, m->s.q->groups[i].suffix))
            continue;
        for (size_t k = 0; k < m->chosen[i]->n_providers; k++)
            if (all_under(m, suffixes, m->chosen[i]->providers[k]))
                return true;
    }
    return false;
}

static bool fits_subtrees(const struct merge *m)
{
    for (size_t i = 0; i < m->s.q->n_same_subtrees; i++)
        if (!is_same_subtree(m, m->s.q->same_subtrees[i]))
            return false;
    return true;
}

/* For clients that know nothing of trees. */
static bool fits_flat(const struct merge *m, const struct candidate_part *parts, size_t n)
{
    const struct world_provider *all = m->s.w->providers;

    if (m->s.q->nested_aware || !m->s.w->has_trees)
        return true;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < i; k++)
            if (parts[i].provider != parts[k].provider &&
                all[parts[i].provider].root == all[parts[k].provider].root)
                return false;
    return true;
}

static bool is_isolated(const struct merge *m, size_t group, const struct pick *p)
{
    if (!m->s.q->isolate || !m->s.q->groups[group].same_provider)
        return true;
    for (size_t i = 0; i < group; i++)
        if (m->s.q->groups[i].same_provider && m->chosen[i]->providers[0] == p->providers[0])
            return false;
    return true;
}

/* Adds the parts of 'p' to those of the groups before; false when that is more
 * than a provider has. */
static bool add_parts(struct merge *m, size_t group, const struct pick *p)
{
    struct candidate_part *sum = m->parts[group];
    size_t n = group ? m->n_parts[group - 1] : 0;

    if (n)
        memcpy(sum, m->parts[group - 1], n * sizeof(*sum));
    for (size_t i = 0; i < p->n_parts; i++) {
        const struct candidate_part *part = &p->parts[i];
        const struct world_inventory *wi;
        size_t k = 0;

        while (k < n && (sum[k].provider != part->provider || sum[k].class != part->class))
            k++;
        if (k == n)
            sum[n++] = (struct candidate_part){ part->provider, part->class, 0 };
        sum[k].amount += part->amount;
        wi = world_inventory(&m->s.w->providers[part->provider], part->class->id);
        if (!wi || wi->used + sum[k].amount > wi->capacity || sum[k].amount > wi->inv.max_unit)
            return false;
    }
    m->n_parts[group] = n;
    return true;
}

/* --- the product ---------------------------------------------------------------------- */

static int compare_parts(const void *x, const void *y)
{
    const struct candidate_part *a = x, *b = y;

    if (a->provider != b->provider)
        return a->provider < b->provider ? -1 : 1;
    return (a->class > b->class) - (a->class < b->class);
}

/* Text that two candidates have in common only when they are the same. */
static const char *key_of(struct merge *m, const struct candidate *c)
{
    struct candidate_part *sorted = arena_memdup(m->s.a, c->parts, c->n_parts * sizeof(*sorted));
    struct strbuf b;

    strbuf_init(&b, m->s.a);
    qsort(sorted, c->n_parts, sizeof(*sorted), compare_parts);
    for (size_t i = 0; i < c->n_parts; i++)
        strbuf_printf(&b, "%d:%lld:%lld ", sorted[i].provider, (long long) sorted[i].class->id,
                      (long long) sorted[i].amount);
    for (size_t i = 0; i < m->s.q->n_groups; i++) {
        strbuf_putc(&b, '|');
        for (size_t p = 0; p < m->s.w->count && c->picks[i]->n_providers > 1; p++)
            for (size_t k = 0; k < c->picks[i]->n_providers; k++)
                if (c->picks[i]->providers[k] == (int) p)
                    strbuf_printf(&b, "%zu ", p);
        if (c->picks[i]->n_providers == 1)
            strbuf_printf(&b, "%d ", c->picks[i]->providers[0]);
    }
    return strbuf_str(&b);
}

static bool is_enough(const struct merge *m)
{
    return m->enough && m->count >= m->enough;
}

static void keep(struct merge *m)
{
    size_t last = m->s.q->n_groups - 1;
    struct candidate c = { .n_parts = m->n_parts[last] };

    if (!fits_subtrees(m) || !fits_flat(m, m->parts[last], c.n_parts))
        return;
    c.parts = arena_memdup(m->s.a, m->parts[last], c.n_parts * sizeof(*c.parts));
    c.picks = arena_memdup(m->s.a, m->chosen, (last + 1) * sizeof(*c.picks));
    if (m->s.has_sharing && hash_put(&m->seen, key_of(m, &c), m))
        return;
    if (m->count == m->room) {
        size_t room = m->room ? 2 * m->room : 64;

        m->items = arena_grow(m->s.a, m->items, m->room * sizeof(*m->items), room * sizeof(*m->items));
        m->room = room;
    }
    m->items[m->count++] = c;
}

static void combine(struct merge *m, size_t anchor, size_t group)
{
    if (group == m->s.q->n_groups) {
        keep(m);
        return;
    }
    for (const struct pick *p = m->lists[group][anchor].first; p && !is_enough(m); p = p->next) {
        if (!is_isolated(m, group, p) || !add_parts(m, group, p))
            continue;
        m->chosen[group] = p;
        combine(m, anchor, group + 1);
    }
}

static void combine_all(struct merge *m)
{
    const struct candidate_query *q = m->s.q;
    size_t most = 0;

    for (size_t i = 0; i < q->n_groups; i++)
        most += q->groups[i].n_amounts;
    m->chosen = arena_array(m->s.a, const struct pick *, q->n_groups + 1);
    m->parts = arena_array(m->s.a, struct candidate_part *, q->n_groups + 1);
    m->n_parts = arena_array(m->s.a, size_t, q->n_groups + 1);
    for (size_t i = 0; i < q->n_groups; i++)
        m->parts[i] = arena_array(m->s.a, struct candidate_part, most + 1);
    for (size_t anchor = 0; anchor < m->s.w->count && !is_enough(m); anchor++)
        combine(m, anchor, 0);
}

/* --- the answer --------------------------------------------------------------------- */

static void shuffle(struct candidates *c)
{
    for (size_t i = c->count; i > 1; i--) {
        struct candidate tmp;
        uint64_t x;

        random_bytes(&x, sizeof(x));
        x %= i;
        tmp = c->items[i - 1];
        c->items[i - 1] = c->items[x];
        c->items[x] = tmp;
    }
}

/* All of the trees that have a part; for clients that know no trees, the
 * providers alone. */
static void summarize(const struct merge *m, struct candidates *c)
{
    bool flat = !m->s.q->nested_aware && m->s.w->has_trees;
    bool *roots = arena_array(m->s.a, bool, m->s.w->count + 1);

    c->summarized = arena_array(m->s.a, bool, m->s.w->count + 1);
    for (size_t i = 0; i < c->count; i++)
        for (size_t k = 0; k < c->items[i].n_parts; k++) {
            int p = c->items[i].parts[k].provider;

            roots[m->s.w->providers[p].root] = true;
            c->summarized[p] = true;
        }
    for (size_t i = 0; !flat && i < m->s.w->count; i++)
        c->summarized[i] = roots[m->s.w->providers[i].root];
}

int candidates_find(const struct world *w, struct arena *a, struct candidate_query *q, struct candidates *ret,
                    struct err *err)
{
    struct merge m = { 0 };
    bool any = true;
    int r;

    r = find_names(w, a, q, err);
    if (r < 0)
        return r;
    search_init(&m.s, w, a, q);
    m.enough = (size_t) q->max;
    if (q->limit && !q->randomize && (!q->max || q->limit < q->max))
        m.enough = (size_t) q->limit;
    m.lists = arena_array(a, struct pick_list *, q->n_groups + 1);
    for (size_t i = 0; any && i < q->n_groups; i++)
        any = picks_find(&m.s, &q->groups[i], &m.lists[i]);
    hash_init(&m.seen);
    if (any)
        combine_all(&m);
    hash_done(&m.seen);
    *ret = (struct candidates){ .items = m.items, .count = m.count };
    if (q->randomize)
        shuffle(ret);
    if (q->limit && ret->count > (size_t) q->limit)
        ret->count = (size_t) q->limit;
    summarize(&m, ret);
    return 0;
}

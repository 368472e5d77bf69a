/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/model/assignments.h"

#include "base/hash.h"
#include "base/str.h"
#include "identity/store/assignments.h"
#include "identity/store/implied_roles.h"
#include "identity/store/memberships.h"
#include "identity/store/projects.h"
#include "identity/store/roles.h"

#define DEPTH_MAX 32

/* An answer being put together. */
struct gathering {
    struct txn *t;
    struct arena *a;
    const struct assignment_filter *f;
    struct assignment_row *rows;
    size_t n, cap;
    struct hash seen;          /* Effective: what is in it by implication, and the way there. */
    const char **domain_roles; /* Effective: roles of domains, which only stand for what they imply. */
    struct inference *implied; /* All implications. */
    size_t n_implied;
    const char **projects; /* The project asked for and what is below, or null. */
    const char **above;    /* Effective, with a project: what is above it, up to its domain. */
    struct hash own;       /* With own_domain_id: its projects and itself. */
    struct err *err;
};

static void append(struct gathering *g, const struct assignment_row *row)
{
    if (g->n == g->cap) {
        size_t cap = g->cap ? g->cap * 2 : 64;

        g->rows = arena_grow(g->a, g->rows, g->cap * sizeof(*row), cap * sizeof(*row));
        g->cap = cap;
    }
    g->rows[g->n++] = *row;
}

static bool scope_fits(const struct gathering *g, const struct assignment *as)
{
    if (g->f->project_id)
        return str_eq(as->target_type, "project") && strv_contains(g->projects, as->target_id);
    if (g->f->domain_id)
        return str_eq(as->target_type, "domain") && str_eq(as->target_id, g->f->domain_id);
    return !g->f->system || str_eq(as->target_type, "system");
}

static bool fits(const struct gathering *g, const struct assignment *as)
{
    const struct assignment_filter *f = g->f;

    if (f->own_domain_id && (str_eq(as->target_type, "system") || !hash_get(&g->own, as->target_id)))
        return false;
    if (f->user_id && !(str_eq(as->actor_type, "user") && str_eq(as->actor_id, f->user_id)))
        return false;
    if (f->group_id && !(str_eq(as->actor_type, "group") && str_eq(as->actor_id, f->group_id)))
        return false;
    return (!f->role_id || str_eq(as->role_id, f->role_id)) && scope_fits(g, as);
}

/* --- what follows from one ------------------------------------------------------------ */

/* The first time that a role is found in this way, and not in a circle. */
static bool is_new(struct gathering *g, const struct assignment_row *row)
{
    const char *key =
        arena_printf(g->a, "%s/%s/%s/%s/%s/%s/%s", row->as.actor_id, row->as.target_type, row->as.target_id,
                     row->as.role_id, row->via_group ? row->via_group : "",
                     row->via_target ? row->via_target : "", row->via_role ? row->via_role : "");

    if (hash_get(&g->seen, key))
        return false;
    hash_put(&g->seen, key, (void *) "");
    return true;
}

/* The role and, recursively, what it implies: a role that is had in two ways is there twice. */
static void add_roles(struct gathering *g, struct assignment_row row, int depth)
{
    const char *role_id = row.as.role_id;

    if (depth > DEPTH_MAX || !is_new(g, &row))
        return;
    if (fits(g, &row.as) && !strv_contains(g->domain_roles, role_id))
        append(g, &row);
    for (size_t i = 0; i < g->n_implied; i++)
        if (str_eq(g->implied[i].prior.id, role_id)) {
            row.via_role = role_id;
            row.as.role_id = g->implied[i].implied.id;
            add_roles(g, row, depth + 1);
        }
}

static int below(struct gathering *g, const char *parent, const char ***ids, int depth)
{
    const char **children = NULL;
    int r;

    if (depth > DEPTH_MAX)
        return 0;
    r = project_children(g->t, g->a, parent, &children, g->err);
    for (size_t i = 0; r >= 0 && children && children[i]; i++) {
        *ids = strv_add(g->a, *ids, children[i]);
        r = below(g, children[i], ids, depth + 1);
    }
    return r;
}

static int add_targets(struct gathering *g, struct assignment_row row)
{
    const char **ids = NULL;
    int r;

    if (!row.as.inherited) {
        add_roles(g, row, 0);
        return 0;
    }
    row.via_target = row.as.target_id;
    row.via_target_type = row.as.target_type;
    if (strv_contains(g->above, row.as.target_id)) {
        ids = g->projects; /* Nothing else that is below will be in the answer. */
        r = 0;
    } else {
        r = below(g, row.as.target_id, &ids, 0);
    }
    for (const char **id = ids; r >= 0 && id && *id; id++) {
        row.as.target_type = "project";
        row.as.target_id = *id;
        add_roles(g, row, 0);
    }
    return r;
}

static int add_actors(struct gathering *g, struct assignment_row row)
{
    const char **users = NULL;
    int r;

    if (str_eq(row.as.actor_type, "user"))
        return add_targets(g, row);
    row.via_group = row.as.actor_id;
    r = users_of_group(g->t, g->a, row.as.actor_id, &users, g->err);
    for (const char **u = users; r >= 0 && u && *u; u++) {
        row.as.actor_type = "user";
        row.as.actor_id = *u;
        r = add_targets(g, row);
    }
    return r;
}

/* --- the whole -------------------------------------------------------------------------- */

static int add_one(struct gathering *g, const struct assignment *as)
{
    const struct assignment_row row = { .as = *as };
    const bool system = str_eq(as->target_type, "system");

    /* Like Keystone: what is on the system is shown whether inheritance is asked for or not. */
    if (!system && (as->inherited ? g->f->not_inherited : g->f->inherited))
        return 0;
    /* Like Keystone: effective lists are of projects and domains, unless the system is asked for by name. */
    if (system && g->f->effective && !g->f->system)
        return 0;
    if (g->f->effective)
        return add_actors(g, row);
    if (fits(g, as))
        append(g, &row);
    return 0;
}

/* Where an assignment must be made to matter for the project asked for. */
static const char **targets_of(struct gathering *g)
{
    const char **all = NULL;

    strv_foreach (id, g->projects)
        all = strv_add(g->a, all, *id);
    strv_foreach (id, g->above)
        all = strv_add(g->a, all, *id);
    return all;
}

/* As made, SQL sorts out most; what follows needs all that may lead there. */
static int load(struct gathering *g, struct list *ret)
{
    const struct assignment_filter *f = g->f;
    struct cond conds[4];
    size_t n = 0;
    const struct query q = { .conds = conds };
    struct query real;

    if (!f->effective) {
        if (f->user_id || f->group_id)
            conds[n++] = (struct cond){ .column = "actor_id",
                                        .op = COND_EQ,
                                        .value = val_text(f->user_id ? f->user_id : f->group_id) };
        if (f->role_id)
            conds[n++] = (struct cond){ .column = "role_id", .op = COND_EQ, .value = val_text(f->role_id) };
    } else if (f->user_id) {
        const struct val *user = arena_memdup(
            g->a, (struct val[]){ val_text(f->user_id), val_text(f->user_id) }, 2 * sizeof(struct val));

        conds[n++] = (struct cond){
            .column = "(actor_id = ? OR actor_id IN (SELECT group_id FROM memberships WHERE user_id = ?))",
            .op = COND_SQL,
            .vals = user,
            .n_vals = 2,
        };
    }
    if (f->project_id)
        conds[n++] = (struct cond){ .column = "target_id", .op = COND_IN, .list = targets_of(g) };
    else if (f->domain_id)
        conds[n++] = (struct cond){ .column = "target_id", .op = COND_EQ, .value = val_text(f->domain_id) };
    real = q;
    real.n_conds = n;
    return table_list(g->t, g->a, &assignment_table, &real, ret, g->err);
}

static int load_domain_roles(struct gathering *g)
{
    return roles_of_domains(g->t, g->a, &g->domain_roles, g->err);
}

static int load_own_domain(struct gathering *g)
{
    const char **ids = NULL;
    int r = projects_of_domain(g->t, g->a, g->f->own_domain_id, &ids, g->err);

    for (const char **id = ids; r >= 0 && id && *id; id++)
        hash_put(&g->own, *id, (void *) "");
    hash_put(&g->own, g->f->own_domain_id, (void *) "");
    return r;
}

static int gather(struct gathering *g)
{
    struct list all;
    int r = inferences_list(g->t, g->a, NULL, &g->implied, &g->n_implied, g->err);

    if (r >= 0 && g->f->own_domain_id)
        r = load_own_domain(g);
    if (r >= 0 && g->f->effective)
        r = load_domain_roles(g);
    if (r >= 0 && g->f->project_id) {
        g->projects = strv_add(g->a, NULL, g->f->project_id);
        r = g->f->subtree ? below(g, g->f->project_id, &g->projects, 0) : 0;
        if (r >= 0 && g->f->effective)
            r = project_ancestors(g->t, g->a, g->f->project_id, &g->above, g->err);
    }
    if (r >= 0)
        r = load(g, &all);
    for (size_t i = 0; r >= 0 && i < all.count; i++)
        r = add_one(g, list_at(&all, i));
    return r;
}

int assignments_list(struct txn *t, struct arena *a, const struct assignment_filter *f,
                     struct assignment_row **ret, size_t *ret_n, struct err *err)
{
    struct gathering g = { .t = t, .a = a, .f = f, .err = err };
    int r;

    hash_init(&g.seen);
    hash_init(&g.own);
    r = gather(&g);
    hash_done(&g.seen);
    hash_done(&g.own);
    *ret = g.rows;
    *ret_n = g.n;
    return r;
}

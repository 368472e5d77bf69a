/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/store/assignments.h"

#include "base/str.h"
#include "identity/store/projects.h"

#define DEPTH_MAX 32 /* Of the project tree; more is a broken tree. */

/* Actors that a user is: itself and its groups.  Two values: both the user. */
#define ACTOR_IS_USER                                                                   \
    "((actor_type = 'user' AND actor_id = ?) OR (actor_type = 'group' AND actor_id IN " \
    "(SELECT group_id FROM memberships WHERE user_id = ?)))"

static const struct column columns[] = {
    COLUMN(FIELD_STRING, assignment, actor_type),
    COLUMN(FIELD_STRING, assignment, actor_id),
    COLUMN(FIELD_STRING, assignment, target_type),
    COLUMN(FIELD_STRING, assignment, target_id),
    COLUMN(FIELD_STRING, assignment, role_id),
    COLUMN(FIELD_BOOL, assignment, inherited),
    { 0 },
};

const struct table assignment_table = { "assignments", "actor_id", sizeof(struct assignment), columns };

int assignment_exists(struct txn *t, const struct assignment *as, struct err *err)
{
    int64_t one;

    return sql_get_int(
        t, &one, err,
        "SELECT 1 FROM assignments WHERE actor_type = ? AND actor_id = ? AND target_type = ? AND "
        "target_id = ? AND role_id = ? AND inherited = ?",
        val_text(as->actor_type), val_text(as->actor_id), val_text(as->target_type), val_text(as->target_id),
        val_text(as->role_id), val_int(as->inherited));
}

int assignment_add(struct txn *t, struct arena *a, const struct assignment *as, struct err *err)
{
    int r = assignment_exists(t, as, err);

    return r == -ENOENT ? table_insert(t, a, &assignment_table, as, err) : r;
}

int assignment_remove(struct txn *t, const struct assignment *as, struct err *err)
{
    int64_t n =
        sql_exec(t, err,
                 "DELETE FROM assignments WHERE actor_type = ? AND actor_id = ? AND target_type = ? AND "
                 "target_id = ? AND role_id = ? AND inherited = ?",
                 val_text(as->actor_type), val_text(as->actor_id), val_text(as->target_type),
                 val_text(as->target_id), val_text(as->role_id), val_int(as->inherited));

    return n < 0 ? (int) n : n ? 0 : -ENOENT;
}

/* Those above a project of which that is known; null texts: it is gone. */
static int ancestors_above(struct txn *t, struct arena *a, const char *parent_id, const char *domain_id,
                           const char ***ret, struct err *err)
{
    const char **all = NULL;

    for (unsigned depth = 0; depth < DEPTH_MAX && parent_id; depth++) {
        /* Above a project at the top is its domain. */
        const char *id = *parent_id ? parent_id : domain_id;
        struct rows rows;
        int r;

        if (str_empty(id)) /* Nothing is above a domain. */
            break;
        all = strv_add(a, all, id);
        if (str_eq(id, domain_id))
            break;
        r = sql_query(t, a, &rows, err, "SELECT parent_id, domain_id FROM projects WHERE id = ?",
                      val_text(id));
        if (r < 0)
            return r;
        parent_id = rows.count ? rows_text(&rows, 0, 0) : NULL;
        domain_id = rows.count ? rows_text(&rows, 0, 1) : NULL;
    }
    *ret = all;
    return 0;
}

int project_ancestors(struct txn *t, struct arena *a, const char *project_id, const char ***ret,
                      struct err *err)
{
    struct rows rows;
    int r = sql_query(t, a, &rows, err, "SELECT parent_id, domain_id FROM projects WHERE id = ?",
                      val_text(project_id));

    if (r < 0)
        return r;
    return ancestors_above(t, a, rows.count ? rows_text(&rows, 0, 0) : NULL,
                           rows.count ? rows_text(&rows, 0, 1) : NULL, ret, err);
}

/* --- roles ------------------------------------------------------------------------ */

/* Roles found so far, in the order found. */
struct role_set {
    struct arena *a;
    struct found_role {
        struct role_ref ref;
        bool of_domain; /* Stands only for what it implies. */
    } * all;
    size_t n, cap;
};

static void add_role(struct role_set *set, const char *id, const char *name, const char *domain_id)
{
    for (size_t i = 0; i < set->n; i++)
        if (str_eq(set->all[i].ref.id, id))
            return;
    if (set->n == set->cap) {
        size_t cap = set->cap ? set->cap * 2 : 8;

        set->all = arena_grow(set->a, set->all, set->n * sizeof(*set->all), cap * sizeof(*set->all));
        set->cap = cap;
    }
    set->all[set->n++] = (struct found_role){ { id, name }, !str_empty(domain_id) };
}

/* A user's roles on one target: own ones and those of groups, each found by the primary key (CROSS makes
 * SQLite go as it is written, from the few memberships to their assignments). */
#define OWN_ROLES(condition)                                                        \
    "SELECT r.id, r.name, r.domain_id, NULL FROM assignments a CROSS JOIN roles r " \
    "WHERE a.actor_type = 'user' AND a.actor_id = ? AND a.target_id = ? AND r.id = a.role_id AND " condition
#define GROUPS_ROLES(condition)                                                                              \
    "SELECT r.id, r.name, r.domain_id, NULL FROM memberships m CROSS JOIN assignments a CROSS JOIN roles r " \
    "WHERE m.user_id = ? AND a.actor_type = 'group' AND a.actor_id = m.group_id AND a.target_id = ? "        \
    "AND r.id = a.role_id AND " condition

#define OWN_DIRECT    OWN_ROLES("a.inherited = 0 AND a.target_type = ?")
#define OWN_ABOVE     " UNION ALL " OWN_ROLES("a.inherited = 1")
#define GROUPS_DIRECT " UNION ALL " GROUPS_ROLES("a.inherited = 0 AND a.target_type = ?")
#define GROUPS_ABOVE  " UNION ALL " GROUPS_ROLES("a.inherited = 1")

/* All that imply something: there are few, and a statement of its own for each
 * step, or a recursive one, costs more than to read them all. */
#define IMPLIED                                                     \
    " UNION ALL SELECT r.id, r.name, r.domain_id, i.prior_id FROM " \
    "implied_roles i JOIN roles r ON r.id = i.implied_id"

/* The statement for so many targets.  Most projects have nothing above but
 * their domain. */
static const char *roles_sql(struct arena *a, size_t targets, bool groups)
{
    static const char *const usual[][2] = { { OWN_DIRECT IMPLIED, OWN_DIRECT GROUPS_DIRECT IMPLIED },
                                            { OWN_DIRECT OWN_ABOVE IMPLIED,
                                              OWN_DIRECT GROUPS_DIRECT OWN_ABOVE GROUPS_ABOVE IMPLIED } };
    struct strbuf sql;

    if (targets <= ARRAY_SIZE(usual))
        return usual[targets - 1][groups];
    strbuf_init(&sql, a);
    strbuf_puts(&sql, groups ? OWN_DIRECT GROUPS_DIRECT : OWN_DIRECT);
    for (size_t i = 1; i < targets; i++)
        strbuf_puts(&sql, groups ? OWN_ABOVE GROUPS_ABOVE : OWN_ABOVE);
    strbuf_puts(&sql, IMPLIED);
    return strbuf_str(&sql);
}

enum { ROLE_ID, ROLE_NAME, ROLE_DOMAIN_ID, PRIOR_ID }; /* Without a prior role it was assigned. */

/* Reads what was assigned on the first of 'targets', and on those above it with
 * inheritance; to the user's groups too, if it may be in some; and what roles
 * imply. */
static int read_roles(struct txn *t, struct arena *a, const char *user_id, const char *type,
                      const char *const *targets, bool groups, struct rows *ret, struct err *err)
{
    const struct val user = val_text(user_id);
    struct val vals[6 + 4 * DEPTH_MAX];
    size_t n = 0, n_targets = 0;

    strv_foreach (id, targets) {
        for (int i = 0; i <= groups; i++) {
            vals[n++] = user;
            vals[n++] = val_text(*id);
            if (n_targets == 0)
                vals[n++] = val_text(type);
        }
        n_targets++;
    }
    return sql_query_v(t, a, ret, err, roles_sql(a, n_targets, groups), vals, n);
}

static void add_row(struct role_set *set, const struct rows *rows, size_t i)
{
    add_role(set, rows_text(rows, i, ROLE_ID), rows_text(rows, i, ROLE_NAME),
             rows_text(rows, i, ROLE_DOMAIN_ID));
}

/* The set grows while it is walked: implied roles imply further ones. */
static void add_roles(struct role_set *set, const struct rows *rows)
{
    for (size_t i = 0; i < rows->count; i++)
        if (!rows_text(rows, i, PRIOR_ID))
            add_row(set, rows, i);
    for (size_t i = 0; i < set->n; i++)
        for (size_t k = 0; k < rows->count; k++) {
            const char *prior = rows_text(rows, k, PRIOR_ID);

            if (prior && strcmp(prior, set->all[i].ref.id) == 0)
                add_row(set, rows, k);
        }
}

int roles_of_user(struct txn *t, struct arena *a, const char *user_id, const char *target_type,
                  const char *target_id, const struct standing *known, struct role_ref **ret, size_t *ret_n,
                  struct err *err)
{
    struct role_set set = { .a = a };
    struct role_ref *roles;
    const char **targets, **above = NULL;
    struct rows rows;
    size_t n = 0;
    int r = 0;

    *ret = NULL;
    *ret_n = 0;
    if (!target_id) /* A trust without a project. */
        return 0;
    targets = strv_add(a, NULL, target_id);
    if (strcmp(target_type, "project") == 0)
        r = known ? ancestors_above(t, a, known->scope.parent_id, known->scope.domain_id, &above, err)
                  : project_ancestors(t, a, target_id, &above, err);
    strv_foreach (id, above)
        targets = strv_add(a, targets, *id);
    if (r >= 0)
        r = read_roles(t, a, user_id, target_type, targets, !known || known->in_groups, &rows, err);
    if (r < 0)
        return r;
    add_roles(&set, &rows);
    roles = arena_array(a, struct role_ref, set.n + 1);
    for (size_t i = 0; i < set.n; i++)
        if (!set.all[i].of_domain)
            roles[n++] = set.all[i].ref;
    *ret = roles;
    *ret_n = n;
    return 0;
}

/* --- where a user may go ---------------------------------------------------------------- */

/* Also below those on which a role is inherited.  In one statement: there may be
 * more of them than one could ask for one by one.  Domains are below nothing; to
 * say so once more ("is_domain = 0") makes SQLite look through all projects. */
#define IN_PROJECTS                                                                                \
    "id IN (SELECT target_id FROM assignments WHERE target_type = 'project' AND inherited = 0 "    \
    "AND " ACTOR_IS_USER ") OR id IN (WITH RECURSIVE below(id) AS (SELECT id FROM projects WHERE " \
    "parent_id IN (SELECT target_id FROM assignments WHERE inherited = 1 AND " ACTOR_IS_USER ") "  \
    "UNION SELECT p.id FROM projects p JOIN below b ON p.parent_id = b.id) SELECT id FROM below)"

#define IN_DOMAINS                                                                             \
    "id IN (SELECT target_id FROM assignments WHERE target_type = 'domain' AND inherited = 0 " \
    "AND " ACTOR_IS_USER ")"

struct cond projects_of_user_cond(struct arena *a, const char *user_id, bool domains)
{
    size_t n = domains ? 2 : 4;
    struct val *user = arena_array(a, struct val, n);

    for (size_t i = 0; i < n; i++)
        user[i] = val_text(user_id);
    return (struct cond){
        .column = domains ? IN_DOMAINS : IN_PROJECTS, .op = COND_SQL, .vals = user, .n_vals = n
    };
}

int projects_of_user(struct txn *t, struct arena *a, const char *user_id, const char ***ret, struct err *err)
{
    const struct cond c = projects_of_user_cond(a, user_id, false);
    struct rows rows;
    int r = sql_query_v(t, a, &rows, err, "SELECT id FROM projects WHERE " IN_PROJECTS, c.vals, c.n_vals);

    if (r < 0)
        return r;
    *ret = arena_array(a, const char *, rows.count + 1);
    for (size_t i = 0; i < rows.count; i++)
        (*ret)[i] = rows_text(&rows, i, 0);
    return 0;
}

int assignment_roles(struct txn *t, struct arena *a, const struct assignment *as, const char ***ret,
                     struct err *err)
{
    struct rows rows;
    int r = sql_query(
        t, a, &rows, err,
        "SELECT role_id FROM assignments WHERE actor_type = ? AND actor_id = ? AND target_type = ? AND "
        "target_id = ? AND inherited = ?",
        val_text(as->actor_type), val_text(as->actor_id), val_text(as->target_type), val_text(as->target_id),
        val_int(as->inherited));

    for (size_t i = 0; r >= 0 && i < rows.count; i++)
        *ret = strv_add(a, *ret, rows_text(&rows, i, 0));
    return r;
}

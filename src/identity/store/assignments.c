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

int project_ancestors(struct txn *t, struct arena *a, const char *project_id, const char ***ret,
                      struct err *err)
{
    const char **all = NULL;
    const char *id = project_id;

    for (unsigned depth = 0; depth < DEPTH_MAX && !str_empty(id); depth++) {
        struct rows rows;
        int r = sql_query(t, a, &rows, err, "SELECT parent_id, domain_id FROM projects WHERE id = ?",
                          val_text(id));

        if (r < 0)
            return r;
        if (!rows.count)
            break;
        id = rows_text(&rows, 0, 0);
        if (str_empty(id)) /* A project at the top: its domain is above it. */
            id = rows_text(&rows, 0, 1);
        if (!str_empty(id))
            all = strv_add(a, all, id);
    }
    *ret = all;
    return 0;
}

/* --- roles ------------------------------------------------------------------------ */

/* Role ids found so far, in the order found. */
struct role_set {
    struct arena *a;
    const char **ids;
};

static int add_roles(struct txn *t, struct role_set *set, const char *user_id, const char *type,
                     const char *target, bool inherited, struct err *err)
{
    struct rows rows;
    int r =
        sql_query(t, set->a, &rows, err,
                  "SELECT role_id FROM assignments WHERE target_id = ? AND target_type = ? AND inherited = ? "
                  "AND " ACTOR_IS_USER,
                  val_text(target), val_text(type), val_int(inherited), val_text(user_id), val_text(user_id));

    for (size_t i = 0; r >= 0 && i < rows.count; i++)
        if (!strv_contains(set->ids, rows_text(&rows, i, 0)))
            set->ids = strv_add(set->a, set->ids, rows_text(&rows, i, 0));
    return r;
}

static int add_inherited(struct txn *t, struct role_set *set, const char *user_id, const char *project_id,
                         struct err *err)
{
    const char **above;
    int r = project_ancestors(t, set->a, project_id, &above, err);

    if (r < 0 || !above)
        return r;
    for (const char **id = above; r >= 0 && *id; id++) {
        r = add_roles(t, set, user_id, "project", *id, true, err);
        if (r >= 0 && !id[1]) /* The last one is the domain. */
            r = add_roles(t, set, user_id, "domain", *id, true, err);
    }
    return r;
}

/* The list grows while it is walked: implied roles imply further ones. */
static int add_implied(struct txn *t, struct role_set *set, struct err *err)
{
    struct rows rows;
    int r = sql_query(t, set->a, &rows, err, "SELECT prior_id, implied_id FROM implied_roles");

    for (size_t i = 0; r >= 0 && set->ids && set->ids[i]; i++)
        for (size_t k = 0; k < rows.count; k++)
            if (str_eq(rows_text(&rows, k, 0), set->ids[i]) &&
                !strv_contains(set->ids, rows_text(&rows, k, 1)))
                set->ids = strv_add(set->a, set->ids, rows_text(&rows, k, 1));
    return r;
}

static int name_roles(struct txn *t, const struct role_set *set, struct role_ref **ret, size_t *ret_n,
                      struct err *err)
{
    struct role_ref *all = arena_array(set->a, struct role_ref, strv_len(set->ids) + 1);
    size_t n = 0;

    strv_foreach (id, set->ids) {
        struct rows rows;
        int r =
            sql_query(t, set->a, &rows, err, "SELECT name, domain_id FROM roles WHERE id = ?", val_text(*id));

        if (r < 0)
            return r;
        /* A role of a domain only stands for what it implies. */
        if (rows.count && str_empty(rows_text(&rows, 0, 1)))
            all[n++] = (struct role_ref){ *id, rows_text(&rows, 0, 0) };
    }
    *ret = all;
    *ret_n = n;
    return 0;
}

int roles_of_user(struct txn *t, struct arena *a, const char *user_id, const char *target_type,
                  const char *target_id, struct role_ref **ret, size_t *ret_n, struct err *err)
{
    struct role_set set = { .a = a };
    int r = add_roles(t, &set, user_id, target_type, target_id, false, err);

    if (r >= 0 && strcmp(target_type, "project") == 0)
        r = add_inherited(t, &set, user_id, target_id, err);
    if (r >= 0)
        r = add_implied(t, &set, err);
    return r < 0 ? r : name_roles(t, &set, ret, ret_n, err);
}

/* --- where a user may go ---------------------------------------------------------------- */

static int add_ids(struct arena *a, const char ***all, const struct rows *rows)
{
    for (size_t i = 0; i < rows->count; i++)
        if (!strv_contains(*all, rows_text(rows, i, 0)))
            *all = strv_add(a, *all, rows_text(rows, i, 0));
    return 0;
}

/* Projects below one on which a role is inherited. */
static int add_children(struct txn *t, struct arena *a, const char *id, const char ***all, unsigned depth,
                        struct err *err)
{
    struct rows rows;
    int r;

    if (depth > DEPTH_MAX)
        return 0;
    r = sql_query(t, a, &rows, err, "SELECT id FROM projects WHERE parent_id = ? AND is_domain = 0",
                  val_text(id));
    for (size_t i = 0; r >= 0 && i < rows.count; i++) {
        if (!strv_contains(*all, rows_text(&rows, i, 0)))
            *all = strv_add(a, *all, rows_text(&rows, i, 0));
        r = add_children(t, a, rows_text(&rows, i, 0), all, depth + 1, err);
    }
    return r;
}

int projects_of_user(struct txn *t, struct arena *a, const char *user_id, bool domains, const char ***ret,
                     struct err *err)
{
    const char **all = NULL;
    struct rows rows;
    int r = sql_query(
        t, a, &rows, err,
        "SELECT DISTINCT target_id FROM assignments WHERE target_type = ? AND inherited = 0 AND " ACTOR_IS_USER,
        val_text(domains ? "domain" : "project"), val_text(user_id), val_text(user_id));

    if (r >= 0)
        r = add_ids(a, &all, &rows);
    if (r >= 0 && !domains)
        r = sql_query(t, a, &rows, err,
                      "SELECT DISTINCT target_id FROM assignments WHERE inherited = 1 AND " ACTOR_IS_USER,
                      val_text(user_id), val_text(user_id));
    for (size_t i = 0; r >= 0 && !domains && i < rows.count; i++)
        r = add_children(t, a, rows_text(&rows, i, 0), &all, 0, err);
    *ret = all;
    return r;
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

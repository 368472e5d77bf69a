/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/store/memberships.h"

#include "base/str.h"

int membership_exists(struct txn *t, const char *user_id, const char *group_id, struct err *err)
{
    int64_t one;

    return sql_get_int(t, &one, err, "SELECT 1 FROM memberships WHERE user_id = ? AND group_id = ?",
                       val_text(user_id), val_text(group_id));
}

int membership_add(struct txn *t, const char *user_id, const char *group_id, struct err *err)
{
    int r = membership_exists(t, user_id, group_id, err);
    int64_t n;

    if (r != -ENOENT)
        return r;
    n = sql_exec(t, err, "INSERT INTO memberships (user_id, group_id) VALUES (?, ?)", val_text(user_id),
                 val_text(group_id));
    return n < 0 ? (int) n : 0;
}

int membership_remove(struct txn *t, const char *user_id, const char *group_id, struct err *err)
{
    int64_t n = sql_exec(t, err, "DELETE FROM memberships WHERE user_id = ? AND group_id = ?",
                         val_text(user_id), val_text(group_id));

    return n < 0 ? (int) n : n ? 0 : -ENOENT;
}

static const char **first_column(struct arena *a, const struct rows *rows)
{
    const char **all = arena_array(a, const char *, rows->count + 1);

    for (size_t i = 0; i < rows->count; i++)
        all[i] = rows_text(rows, i, 0);
    return all;
}

int users_of_group(struct txn *t, struct arena *a, const char *group_id, const char ***ret, struct err *err)
{
    struct rows rows;
    int r =
        sql_query(t, a, &rows, err, "SELECT user_id FROM memberships WHERE group_id = ?", val_text(group_id));

    if (r >= 0)
        *ret = first_column(a, &rows);
    return r;
}

int groups_of_user(struct txn *t, struct arena *a, const char *user_id, const char ***ret, struct err *err)
{
    struct rows rows;
    int r =
        sql_query(t, a, &rows, err, "SELECT group_id FROM memberships WHERE user_id = ?", val_text(user_id));

    if (r >= 0)
        *ret = first_column(a, &rows);
    return r;
}

struct cond users_of_group_cond(struct arena *a, const char *group_id)
{
    const struct val group = val_text(group_id);

    return (struct cond){ .column = "id IN (SELECT user_id FROM memberships WHERE group_id = ?)",
                          .op = COND_SQL,
                          .vals = arena_memdup(a, &group, sizeof(group)),
                          .n_vals = 1 };
}

struct cond groups_of_user_cond(struct arena *a, const char *user_id)
{
    const struct val user = val_text(user_id);

    return (struct cond){ .column = "id IN (SELECT group_id FROM memberships WHERE user_id = ?)",
                          .op = COND_SQL,
                          .vals = arena_memdup(a, &user, sizeof(user)),
                          .n_vals = 1 };
}

int group_count_roles(struct txn *t, const char *id, int64_t *ret, struct err *err)
{
    return sql_get_int(t, ret, err,
                       "SELECT COUNT(*) FROM assignments WHERE actor_type = 'group' AND actor_id = ?",
                       val_text(id));
}

int group_forget(struct txn *t, const char *id, struct err *err)
{
    int64_t r = sql_exec(t, err, "DELETE FROM memberships WHERE group_id = ?", val_text(id));

    if (r >= 0)
        r = sql_exec(t, err, "DELETE FROM assignments WHERE actor_type = 'group' AND actor_id = ?",
                     val_text(id));
    return r < 0 ? (int) r : 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/store/implied_roles.h"

int implied_role_exists(struct txn *t, const char *prior_id, const char *implied_id, struct err *err)
{
    int64_t one;

    return sql_get_int(t, &one, err, "SELECT 1 FROM implied_roles WHERE prior_id = ? AND implied_id = ?",
                       val_text(prior_id), val_text(implied_id));
}

int implied_role_add(struct txn *t, struct arena *a, const char *prior_id, const char *implied_id,
                     struct err *err)
{
    int r = implied_role_exists(t, prior_id, implied_id, err);
    int64_t n;

    if (r != -ENOENT)
        return r < 0 ? r : -EEXIST;
    n = sql_exec(t, err, "INSERT INTO implied_roles (prior_id, implied_id) VALUES (?, ?)", val_text(prior_id),
                 val_text(implied_id));
    return n < 0 ? (int) n : 0;
}

int implied_role_remove(struct txn *t, const char *prior_id, const char *implied_id, struct err *err)
{
    int64_t n = sql_exec(t, err, "DELETE FROM implied_roles WHERE prior_id = ? AND implied_id = ?",
                         val_text(prior_id), val_text(implied_id));

    return n < 0 ? (int) n : n ? 0 : -ENOENT;
}

int inferences_list(struct txn *t, struct arena *a, const char *prior_id, struct inference **ret,
                    size_t *ret_n, struct err *err)
{
    struct inference *all;
    struct rows rows;
    int r =
        sql_query(t, a, &rows, err,
                  "SELECT p.id, p.name, i.id, i.name FROM implied_roles r JOIN roles p ON p.id = r.prior_id "
                  "JOIN roles i ON i.id = r.implied_id WHERE ? = '' OR r.prior_id = ? ORDER BY p.id, i.id",
                  val_text(prior_id ? prior_id : ""), val_text(prior_id ? prior_id : ""));

    if (r < 0)
        return r;
    all = arena_array(a, struct inference, rows.count + 1);
    for (size_t i = 0; i < rows.count; i++) {
        all[i].prior = (struct role){ .id = rows_text(&rows, i, 0), .name = rows_text(&rows, i, 1) };
        all[i].implied = (struct role){ .id = rows_text(&rows, i, 2), .name = rows_text(&rows, i, 3) };
    }
    *ret = all;
    *ret_n = rows.count;
    return 0;
}

int role_forget(struct txn *t, const char *id, struct err *err)
{
    int64_t r = sql_exec(t, err, "DELETE FROM assignments WHERE role_id = ?", val_text(id));

    if (r >= 0)
        r = sql_exec(t, err, "DELETE FROM implied_roles WHERE prior_id = ? OR implied_id = ?", val_text(id),
                     val_text(id));
    return r < 0 ? (int) r : 0;
}

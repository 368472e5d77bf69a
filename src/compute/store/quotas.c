/* SPDX-License-Identifier: Apache-2.0 */
#include "compute/store/quotas.h"

int compute_quota_get(struct txn *t, const char *project_id, const char *user_id, const char *resource,
                      int64_t *ret, struct err *err)
{
    return sql_get_int(t, ret, err,
                       "SELECT hard_limit FROM quotas WHERE project_id = ? AND user_id = ? AND resource = ?",
                       val_text(project_id), val_text(user_id), val_text(resource));
}

int compute_quota_set(struct txn *t, const char *project_id, const char *user_id, const char *resource,
                      int64_t limit, struct err *err)
{
    int64_t n = sql_exec(
        t, err, "UPDATE quotas SET hard_limit = ? WHERE project_id = ? AND user_id = ? AND resource = ?",
        val_int(limit), val_text(project_id), val_text(user_id), val_text(resource));

    if (n == 0)
        n = sql_exec(t, err,
                     "INSERT INTO quotas (project_id, user_id, resource, hard_limit) VALUES (?, ?, ?, ?)",
                     val_text(project_id), val_text(user_id), val_text(resource), val_int(limit));
    return n < 0 ? (int) n : 0;
}

int compute_quota_forget(struct txn *t, const char *project_id, const char *user_id, struct err *err)
{
    int64_t n = *user_id ? sql_exec(t, err, "DELETE FROM quotas WHERE project_id = ? AND user_id = ?",
                                    val_text(project_id), val_text(user_id))
                         : sql_exec(t, err, "DELETE FROM quotas WHERE project_id = ?", val_text(project_id));

    return n < 0 ? (int) n : 0;
}

int compute_quota_usage(struct txn *t, struct arena *a, const char *project_id, const char *user_id,
                        struct quota_usage *ret, struct err *err)
{
    struct rows rows;
    int r;

    if (user_id)
        r = sql_query(
            t, a, &rows, err,
            "SELECT COUNT(*), SUM(vcpus), SUM(memory_mb), (SELECT COUNT(*) FROM server_groups WHERE "
            "project_id = ? AND user_id = ?) FROM instances WHERE project_id = ? AND deleted = 0 AND "
            "user_id = ?",
            val_text(project_id), val_text(user_id), val_text(project_id), val_text(user_id));
    else
        r = sql_query(
            t, a, &rows, err,
            "SELECT COUNT(*), SUM(vcpus), SUM(memory_mb), (SELECT COUNT(*) FROM server_groups WHERE "
            "project_id = ?) FROM instances WHERE project_id = ? AND deleted = 0",
            val_text(project_id), val_text(project_id));
    if (r < 0)
        return r;
    *ret = (struct quota_usage){ rows_int(&rows, 0, 0, 0), rows_int(&rows, 0, 1, 0), rows_int(&rows, 0, 2, 0),
                                 rows_int(&rows, 0, 3, 0) };
    return 0;
}

int quota_count_keypairs(struct txn *t, const char *user_id, int64_t *ret, struct err *err)
{
    return sql_get_int(t, ret, err, "SELECT COUNT(*) FROM keypairs WHERE user_id = ?", val_text(user_id));
}

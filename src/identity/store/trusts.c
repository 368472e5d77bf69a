/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/store/trusts.h"

#define CHAIN_MAX 32

static const struct column columns[] = {
    COLUMN(FIELD_STRING, trust, id),
    COLUMN(FIELD_STRING, trust, trustor_user_id),
    COLUMN(FIELD_STRING, trust, trustee_user_id),
    COLUMN(FIELD_STRING, trust, project_id),
    COLUMN(FIELD_BOOL, trust, impersonation),
    COLUMN(FIELD_INT, trust, remaining_uses),
    COLUMN(FIELD_TIME, trust, expires_at),
    COLUMN(FIELD_STRING, trust, redelegated_trust_id),
    COLUMN(FIELD_INT, trust, redelegation_count),
    COLUMN(FIELD_STRV, trust, role_ids),
    { 0 },
};

const struct table trust_table = { "trusts", "id", sizeof(struct trust), columns };

static int delete_tree(struct txn *t, struct arena *a, const char *id, unsigned depth, struct err *err)
{
    struct rows rows;
    int64_t n;
    int r;

    if (depth > CHAIN_MAX)
        return 0;
    r = sql_query(t, a, &rows, err, "SELECT id FROM trusts WHERE redelegated_trust_id = ?", val_text(id));
    for (size_t i = 0; r >= 0 && i < rows.count; i++)
        r = delete_tree(t, a, rows_text(&rows, i, 0), depth + 1, err);
    if (r < 0)
        return r;
    n = sql_exec(t, err, "DELETE FROM trusts WHERE id = ?", val_text(id));
    return n < 0 ? (int) n : 0;
}

int trust_delete(struct txn *t, struct arena *a, const char *id, struct err *err)
{
    return delete_tree(t, a, id, 0, err);
}

int trust_use(struct txn *t, const char *id, struct err *err)
{
    int64_t n = sql_exec(
        t, err, "UPDATE trusts SET remaining_uses = remaining_uses - 1 WHERE id = ? AND remaining_uses > 0",
        val_text(id));

    return n < 0 ? (int) n : n ? 0 : -EDQUOT;
}

static int delete_rows(struct txn *t, struct arena *a, const struct rows *rows, struct err *err)
{
    int r = 0;

    for (size_t i = 0; r >= 0 && i < rows->count; i++)
        r = trust_delete(t, a, rows_text(rows, i, 0), err);
    return r;
}

int trusts_forget_user(struct txn *t, struct arena *a, const char *user_id, struct err *err)
{
    struct rows rows;
    int r =
        sql_query(t, a, &rows, err, "SELECT id FROM trusts WHERE trustor_user_id = ? OR trustee_user_id = ?",
                  val_text(user_id), val_text(user_id));

    return r < 0 ? r : delete_rows(t, a, &rows, err);
}

int trusts_forget_project(struct txn *t, struct arena *a, const char *project_id, struct err *err)
{
    struct rows rows;
    int r = sql_query(t, a, &rows, err, "SELECT id FROM trusts WHERE project_id = ?", val_text(project_id));

    return r < 0 ? r : delete_rows(t, a, &rows, err);
}

/* A null part stands for every one. */
static struct val part(const char *s)
{
    return val_text(s ? s : "");
}

int64_t trusts_flush(struct txn *t, const struct trusts_like *like, struct err *err)
{
    return sql_exec(t, err,
                    "DELETE FROM trusts WHERE expires_at IS NOT NULL AND expires_at < ? AND (? = '' OR "
                    "project_id = ?) AND (? = '' OR trustor_user_id = ?) AND (? = '' OR trustee_user_id = ?)",
                    val_int(like->expired_before_us), part(like->project_id), part(like->project_id),
                    part(like->trustor_user_id), part(like->trustor_user_id), part(like->trustee_user_id),
                    part(like->trustee_user_id));
}

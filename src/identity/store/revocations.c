/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/store/revocations.h"

int revocation_of_user(struct txn *t, const char *user_id, int64_t *ret_us, struct err *err)
{
    int64_t us;
    int r = sql_get_int(t, &us, err,
                        "SELECT COALESCE(MAX(issued_before_us), 0) FROM revocations WHERE user_id = ?",
                        val_text(user_id));

    if (r >= 0)
        *ret_us = us;
    return r;
}

int revocation_add(struct txn *t, const char *user_id, const char *audit_id, int64_t before_us,
                   int64_t now_us, struct err *err)
{
    int64_t n = sql_exec(
        t, err,
        "INSERT INTO revocations (user_id, audit_id, issued_before_us, revoked_at_us) VALUES (?, ?, ?, ?)",
        val_text(user_id), val_text(audit_id), val_int(before_us), val_int(now_us));

    return n < 0 ? (int) n : 0;
}

int revocations_expire(struct txn *t, int64_t before_us, struct err *err)
{
    int64_t n = sql_exec(t, err, "DELETE FROM revocations WHERE revoked_at_us < ?", val_int(before_us));

    return n < 0 ? (int) n : 0;
}

int revocations_count(struct txn *t, const char *audit_id, const char *user_id, int64_t issued_us,
                      int64_t *ret, struct err *err)
{
    return sql_get_int(
        t, ret, err,
        "SELECT COUNT(*) FROM revocations WHERE audit_id = ? OR (user_id = ? AND issued_before_us >= ?)",
        val_text(audit_id), val_text(user_id), val_int(issued_us));
}

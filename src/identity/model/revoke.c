/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/model/revoke.h"

#define SECOND_US 1000000

static int add(struct request *rq, const char *column_sql, const char *value, struct err *err)
{
    int64_t now_us = server_now_us(rq->server), n;
    struct txn *t;
    int r;

    r = rq_txn(rq, &t, err);
    if (r < 0)
        return r;
    n = sql_exec(t, err, column_sql, val_text(value), val_int(now_us), val_int(now_us));
    if (n >= 0) /* What expired long ago need not be remembered. */
        n = sql_exec(t, err, "DELETE FROM revocations WHERE revoked_at_us < ?",
                     val_int(now_us - 2 * identity_of(rq)->opt->token_expiration_s * SECOND_US));
    return n < 0 ? (int) n : 0;
}

int revoke_user(struct request *rq, const char *user_id, struct err *err)
{
    return add(rq, "INSERT INTO revocations (user_id, issued_before_us, revoked_at_us) VALUES (?, ?, ?)",
               user_id, err);
}

int revoke_audit_id(struct request *rq, const char *audit_id, struct err *err)
{
    return add(rq, "INSERT INTO revocations (audit_id, issued_before_us, revoked_at_us) VALUES (?, ?, ?)",
               audit_id, err);
}

int revoke_check(struct txn *t, struct arena *a, const struct issued_token *tok, struct err *err)
{
    int64_t n;
    int r = sql_get_int(
        t, &n, err,
        "SELECT COUNT(*) FROM revocations WHERE audit_id = ? OR (user_id = ? AND issued_before_us >= ?)",
        val_text(tok->audit_ids[0]), val_text(tok->user_id), val_int(tok->issued_us));

    return r < 0 ? r : n ? -EKEYREJECTED : 0;
}

int revoke_issue_time(struct txn *t, const char *user_id, int64_t now_us, int64_t *ret_us, struct err *err)
{
    int64_t second_us = now_us - now_us % SECOND_US, n;
    int r = sql_get_int(t, &n, err,
                        "SELECT COUNT(*) FROM revocations WHERE user_id = ? AND issued_before_us >= ?",
                        val_text(user_id), val_int(second_us));

    if (r >= 0)
        *ret_us = n ? second_us + SECOND_US : now_us;
    return r;
}

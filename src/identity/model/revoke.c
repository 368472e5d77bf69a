/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/model/revoke.h"

#define SECOND_US 1000000

/* The latest moment up to which the user's tokens are revoked; 0 for never. */
static int revoked_until(struct txn *t, const char *user_id, int64_t *ret_us, struct err *err)
{
    int64_t us;
    int r = sql_get_int(t, &us, err,
                        "SELECT COALESCE(MAX(issued_before_us), 0) FROM revocations WHERE user_id = ?",
                        val_text(user_id));

    if (r >= 0)
        *ret_us = us;
    return r;
}

/* The whole second after 'us'. */
static int64_t next_second(int64_t us)
{
    return us - us % SECOND_US + SECOND_US;
}

static int add(struct request *rq, const char *sql, const char *value, int64_t before_us, struct err *err)
{
    int64_t now_us = server_now_us(rq->server), n;

    n = sql_exec(rq->txn, err, sql, val_text(value), val_int(before_us), val_int(now_us));
    if (n >= 0) /* What expired long ago need not be remembered. */
        n = sql_exec(rq->txn, err, "DELETE FROM revocations WHERE revoked_at_us < ?",
                     val_int(now_us - 2 * identity_of(rq)->opt->token_expiration_s * SECOND_US));
    return n < 0 ? (int) n : 0;
}

int revoke_user(struct request *rq, const char *user_id, struct err *err)
{
    int64_t now_us = server_now_us(rq->server), until_us;
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    if (r >= 0)
        r = revoked_until(t, user_id, &until_us, err);
    if (r < 0)
        return r;
    /* Tokens issued since the last revocation may be stamped with the second after it. */
    if (next_second(until_us) > now_us)
        now_us = next_second(until_us);
    return add(rq, "INSERT INTO revocations (user_id, issued_before_us, revoked_at_us) VALUES (?, ?, ?)",
               user_id, now_us, err);
}

int revoke_audit_id(struct request *rq, const char *audit_id, struct err *err)
{
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    return r < 0 ? r
                 : add(rq,
                       "INSERT INTO revocations (audit_id, issued_before_us, revoked_at_us) VALUES (?, ?, ?)",
                       audit_id, server_now_us(rq->server), err);
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
    int64_t until_us;
    int r = revoked_until(t, user_id, &until_us, err);

    if (r >= 0)
        *ret_us = next_second(until_us) > now_us ? next_second(until_us) : now_us;
    return r;
}

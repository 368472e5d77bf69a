/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/store/tokens.h"

int stored_token_put(struct txn *t, const struct token_record *rec, struct err *err)
{
    int64_t n = sql_exec(
        t, err,
        "INSERT INTO tokens (id, public_id, user_id, audit_id, claims, issued_at, expires_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        val_text(rec->key), val_text(rec->public_id), val_text(rec->user_id), val_text(rec->audit_id),
        val_text(rec->claims), val_int(rec->issued_us), val_int(rec->expires_us));

    return n < 0 ? (int) n : 0;
}

int stored_token_get(struct txn *t, struct arena *a, const char *key, const char **ret_claims,
                     struct err *err)
{
    struct rows rows;
    int r = sql_query(t, a, &rows, err, "SELECT claims FROM tokens WHERE id = ?", val_text(key));

    if (r >= 0 && !rows.count)
        return -ENOENT;
    if (r >= 0)
        *ret_claims = rows_text(&rows, 0, 0);
    return r;
}

int stored_token_delete(struct txn *t, const char *key, struct err *err)
{
    int64_t n = sql_exec(t, err, "DELETE FROM tokens WHERE id = ?", val_text(key));

    return n < 0 ? (int) n : 0;
}

int64_t stored_tokens_flush(struct txn *t, int64_t before_us, struct err *err)
{
    return sql_exec(t, err, "DELETE FROM tokens WHERE expires_at < ?", val_int(before_us));
}

int stored_tokens_revoked(struct txn *t, struct arena *a, int64_t now_us, struct rows *ret, struct err *err)
{
    return sql_query(
        t, a, ret, err,
        "SELECT public_id, audit_id, expires_at FROM tokens k WHERE expires_at >= ? AND "
        "public_id IS NOT NULL AND EXISTS (SELECT 1 FROM revocations r WHERE "
        "r.audit_id = k.audit_id OR (r.user_id = k.user_id AND r.issued_before_us >= k.issued_at)) "
        "ORDER BY expires_at",
        val_int(now_us));
}

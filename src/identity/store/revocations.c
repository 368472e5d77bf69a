/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/store/revocations.h"

#include "data/table.h"

static const struct column columns[] = {
    COLUMN(FIELD_STRING, revocation, user_id),        COLUMN(FIELD_STRING, revocation, project_id),
    COLUMN(FIELD_STRING, revocation, domain_id),      COLUMN(FIELD_STRING, revocation, role_id),
    COLUMN(FIELD_STRING, revocation, trust_id),       COLUMN(FIELD_STRING, revocation, audit_id),
    COLUMN(FIELD_STRING, revocation, audit_chain_id), COLUMN(FIELD_INT, revocation, issued_before_us),
    COLUMN(FIELD_INT, revocation, revoked_at_us),     { 0 },
};

const struct table revocation_table = { "revocations", "id", sizeof(struct revocation), columns };

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

int revocation_add(struct txn *t, const struct revocation *r, struct err *err)
{
    int64_t n =
        sql_exec(t, err,
                 "INSERT INTO revocations (user_id, project_id, domain_id, role_id, trust_id, audit_id, "
                 "audit_chain_id, issued_before_us, revoked_at_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                 val_text(r->user_id), val_text(r->project_id), val_text(r->domain_id), val_text(r->role_id),
                 val_text(r->trust_id), val_text(r->audit_id), val_text(r->audit_chain_id),
                 val_int(r->issued_before_us), val_int(r->revoked_at_us));

    return n < 0 ? (int) n : 0;
}

int revocations_expire(struct txn *t, int64_t before_us, struct err *err)
{
    int64_t n = sql_exec(t, err, "DELETE FROM revocations WHERE revoked_at_us < ?", val_int(before_us));

    return n < 0 ? (int) n : 0;
}

int revocations_since(struct txn *t, struct arena *a, int64_t since_us, struct list *ret, struct err *err)
{
    const struct cond since = { "revoked_at_us", COND_GT, val_int(since_us) };
    const struct sort_key by_time = { "revoked_at_us", false };
    const struct query q = { .conds = &since, .n_conds = 1, .sort = &by_time, .n_sort = 1 };

    return table_list(t, a, &revocation_table, &q, ret, err);
}

/* The first condition finds the few rows by their indexes, one for each of its
 * parts; the others narrow. */
#define HITTING(found, delegated)                                                                                      \
    "SELECT role_id FROM revocations WHERE (audit_id = ? OR audit_chain_id = ? OR user_id = ? OR project_id = ?" found \
    ") AND issued_before_us >= ? AND (audit_id IS NULL OR audit_id = ?) "                                              \
    "AND (audit_chain_id IS NULL OR audit_chain_id = ?) AND (project_id IS NULL OR project_id = ?) "                   \
    "AND (domain_id IS NULL OR domain_id = ? OR domain_id = ?) " delegated

int revocations_hitting(struct txn *t, struct arena *a, const struct revocable *k, struct rows *ret_role_ids,
                        struct err *err)
{
    const struct val u0 = val_text(k->user_ids[0]), u1 = val_text(k->user_ids[1]),
                     u2 = val_text(k->user_ids[2]);
    const struct val d0 = val_text(k->domain_ids[0]), d1 = val_text(k->domain_ids[1]);
    const struct val audit = val_text(k->audit_id), chain = val_text(k->audit_chain_id);
    const struct val project = val_text(k->project_id), trust = val_text(k->trust_id);
    const struct val since = val_int(k->issued_us);

    if (!k->trust_id) /* Nearly all tokens. */
        return sql_query(t, a, ret_role_ids, err,
                         HITTING("", "AND (user_id IS NULL OR user_id = ?) AND trust_id IS NULL"), audit,
                         chain, u0, project, since, audit, chain, project, d0, d1, u0);
    return sql_query(t, a, ret_role_ids, err,
                     HITTING(" OR user_id = ? OR user_id = ? OR trust_id = ?",
                             "AND (user_id IS NULL OR user_id = ? OR user_id = ? OR user_id = ?) "
                             "AND (trust_id IS NULL OR trust_id = ?)"),
                     audit, chain, u0, project, u1, u2, trust, since, audit, chain, project, d0, d1, u0, u1,
                     u2, trust);
}

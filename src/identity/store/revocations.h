/* SPDX-License-Identifier: Apache-2.0 */
/* What was revoked.  A token is hit by an event when it was issued until then
 * and has everything that the event names. */
#pragma once

#include "identity/identity.h"

struct revocation {
    const char *user_id, *project_id, *domain_id, *role_id, *trust_id, *audit_id, *audit_chain_id;
    int64_t issued_before_us, revoked_at_us;
};

extern const struct table revocation_table;

/* The latest moment up to which the user's tokens are revoked; 0 for never. */
int revocation_of_user(struct txn *t, const char *user_id, int64_t *ret_us, struct err *err);

int revocation_add(struct txn *t, const struct revocation *r, struct err *err);

/* Forgets what was recorded before. */
int revocations_expire(struct txn *t, int64_t before_us, struct err *err);

/* Those since a moment, oldest first: a list of struct revocation. */
int revocations_since(struct txn *t, struct arena *a, int64_t since_us, struct list *ret, struct err *err);

/* What of a token an event may name; null is none. */
struct revocable {
    const char *user_ids[3]; /* Holder, trustor, trustee. */
    const char *project_id, *trust_id, *audit_id, *audit_chain_id;
    const char *domain_ids[2]; /* The user's and the scope's. */
    int64_t issued_us;
};

/* The events that may hit it: their roles are left to the caller. */
int revocations_hitting(struct txn *t, struct arena *a, const struct revocable *k, struct rows *ret_role_ids,
                        struct err *err);

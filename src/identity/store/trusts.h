/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "data/table.h"
#include "identity/identity.h"

extern const struct table trust_table;

/* The trust and all that were made from it. */
int trust_delete(struct txn *t, struct arena *a, const char *id, struct err *err);

/* Counts one use.  0, or -EDQUOT when none is left; two at once never share
 * one.  The transaction must write. */
int trust_use(struct txn *t, const char *id, struct err *err);

/* Takes away the trusts of a user, given and received, or of a project. */
int trusts_forget_user(struct txn *t, struct arena *a, const char *user_id, struct err *err);
int trusts_forget_project(struct txn *t, struct arena *a, const char *project_id, struct err *err);

/* Which trusts; null is any. */
struct trusts_like {
    int64_t expired_before_us;
    const char *project_id, *trustor_user_id, *trustee_user_id;
};

/* Removes those; returns how many. */
int64_t trusts_flush(struct txn *t, const struct trusts_like *like, struct err *err);

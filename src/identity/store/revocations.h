/* SPDX-License-Identifier: Apache-2.0 */
/* What was revoked: a token by its audit id, or a user's tokens up to a moment. */
#pragma once

#include "identity/identity.h"

/* The latest moment up to which the user's tokens are revoked; 0 for never. */
int revocation_of_user(struct txn *t, const char *user_id, int64_t *ret_us, struct err *err);

/* Records one, of a user or (then 'user_id' is null) of an audit id. */
int revocation_add(struct txn *t, const char *user_id, const char *audit_id, int64_t before_us,
                   int64_t now_us, struct err *err);

/* Forgets what was recorded before. */
int revocations_expire(struct txn *t, int64_t before_us, struct err *err);

/* How many hit a token. */
int revocations_count(struct txn *t, const char *audit_id, const char *user_id, int64_t issued_us,
                      int64_t *ret, struct err *err);

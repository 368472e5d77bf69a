/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens that are stored, by the digest of their text. */
#pragma once

#include "identity/identity.h"

int stored_token_put(struct txn *t, const struct token_record *rec, struct err *err);

/* Its claims; -ENOENT. */
int stored_token_get(struct txn *t, struct arena *a, const char *key, const char **ret_claims,
                     struct err *err);

int stored_token_delete(struct txn *t, const char *key, struct err *err);

/* Removes those that expired before; how many, or -errno. */
int64_t stored_tokens_flush(struct txn *t, int64_t before_us, struct err *err);

/* Rows (public_id, audit_id, expires_at) of those that were revoked and have
 * not expired yet. */
int stored_tokens_revoked(struct txn *t, struct arena *a, int64_t now_us, struct rows *ret, struct err *err);

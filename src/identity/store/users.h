/* SPDX-License-Identifier: Apache-2.0 */
/* Users as rows. */
#pragma once

#include "identity/identity.h"

extern const struct table user_table;

/* Finds a user by name within a domain.  -ENOENT. */
int user_find(struct txn *t, struct arena *a, const char *domain_id, const char *name, struct user *ret,
              struct err *err);

/* Replaces the password hash.  'now_us' is when. */
int user_set_password(struct txn *t, struct arena *a, const char *id, const char *hash, int64_t now_us,
                      struct err *err);

/* Removes what refers to a user: memberships, assignments. */
int user_forget(struct txn *t, struct arena *a, const char *id, struct err *err);

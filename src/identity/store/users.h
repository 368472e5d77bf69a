/* SPDX-License-Identifier: Apache-2.0 */
/* Users as rows. */
#pragma once

#include "identity/identity.h"

extern const struct table user_table;

/* Finds a user by name within a domain.  -ENOENT. */
int user_find(struct txn *t, struct arena *a, const char *domain_id, const char *name, struct user *ret,
              struct err *err);

/* Writes u's hash and times; the password that was joins the old ones.  -EAGAIN
 * when that is no longer the one whose hash is 'proven_hash'. */
int user_set_password(struct txn *t, struct arena *a, const struct user *u, const char *proven_hash,
                      struct err *err);

/* Before 'was' gets another password: it joins the old ones, and wrong attempts are forgotten. */
int user_remember_password(struct txn *t, const struct user *was, struct err *err);

/* Hashes of earlier passwords, newest first. */
int user_old_passwords(struct txn *t, struct arena *a, const char *id, int64_t max, const char ***ret,
                       struct err *err);

/* Counts an attempt to log in: -EDQUOT when 'max' were wrong already.  A count
 * whose last attempt was before 'forget_before_us' (0: never) starts again. */
int user_count_attempt(struct txn *t, const char *id, int64_t max, int64_t forget_before_us, int64_t now_us,
                       struct err *err);

/* After a right password: no attempts, the moment (0: as it was), a hash of a
 * newer kind (null: none). */
int user_note_login(struct txn *t, const struct user *u, const char *new_hash, int64_t active_us,
                    struct err *err);

/* Removes what refers to a user: memberships, assignments. */
int user_forget(struct txn *t, struct arena *a, const char *id, struct err *err);

/* It is nobody's default project any more. */
int users_forget_project(struct txn *t, const char *project_id, struct err *err);

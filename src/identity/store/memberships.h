/* SPDX-License-Identifier: Apache-2.0 */
/* Who belongs to which group. */
#pragma once

#include "identity/identity.h"

int membership_add(struct txn *t, const char *user_id, const char *group_id,
                   struct err *err); /* May be repeated. */
int membership_remove(struct txn *t, const char *user_id, const char *group_id,
                      struct err *err); /* -ENOENT */
int membership_exists(struct txn *t, const char *user_id, const char *group_id,
                      struct err *err); /* 0, -ENOENT */

/* How many assignments the group has. */
int group_count_roles(struct txn *t, const char *id, int64_t *ret, struct err *err);

int users_of_group(struct txn *t, struct arena *a, const char *group_id, const char ***ret, struct err *err);
int groups_of_user(struct txn *t, struct arena *a, const char *user_id, const char ***ret, struct err *err);

/* The same as conditions on rows of users and of groups, however many they are. */
struct cond users_of_group_cond(struct arena *a, const char *group_id);
struct cond groups_of_user_cond(struct arena *a, const char *user_id);

/* Removes what refers to a group: memberships, assignments. */
int group_forget(struct txn *t, const char *id, struct err *err);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "data/table.h"
#include "identity/identity.h"

extern const struct table application_credential_table, access_rule_table;

/* By its owner and name.  -ENOENT. */
int application_credential_find(struct txn *t, struct arena *a, const char *user_id, const char *name,
                                struct application_credential *ret, struct err *err);

/* The rules of an application credential, in its order. */
int access_rules_of(struct txn *t, struct arena *a, const struct application_credential *ac,
                    struct access_rule **ret, size_t *ret_n, struct err *err);

/* The user's rule with the same content, or -ENOENT. */
int access_rule_find(struct txn *t, struct arena *a, const struct access_rule *like, struct access_rule *ret,
                     struct err *err);

/* Takes them away: all of a user (with its rules), those of a project, those
 * of a user on a project. */
int application_credentials_forget_user(struct txn *t, const char *user_id, struct err *err);
int application_credentials_forget_project(struct txn *t, const char *project_id, struct err *err);
int application_credentials_forget(struct txn *t, const char *user_id, const char *project_id,
                                   struct err *err);

/* How many a user has. */
int application_credentials_count(struct txn *t, const char *user_id, int64_t *ret, struct err *err);

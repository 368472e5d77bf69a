/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "data/table.h"
#include "identity/identity.h"

extern const struct table credential_table;

/* How many a user has. */
int credentials_count(struct txn *t, const char *user_id, int64_t *ret, struct err *err);

/* Takes away what a user or a project leaves behind. */
int credentials_forget_user(struct txn *t, const char *user_id, struct err *err);
int credentials_forget_project(struct txn *t, const char *project_id, struct err *err);

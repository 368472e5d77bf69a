/* SPDX-License-Identifier: Apache-2.0 */
/* Which role implies which. */
#pragma once

#include "identity/identity.h"

struct inference {
    struct role prior, implied; /* Only id and name. */
};

int implied_role_add(struct txn *t, struct arena *a, const char *prior_id, const char *implied_id,
                     struct err *err);
int implied_role_exists(struct txn *t, const char *prior_id, const char *implied_id, struct err *err);
int implied_role_remove(struct txn *t, const char *prior_id, const char *implied_id, struct err *err);

/* All of one prior role, or of all (null), ordered by prior role. */
int inferences_list(struct txn *t, struct arena *a, const char *prior_id, struct inference **ret,
                    size_t *ret_n, struct err *err);

/* Removes what refers to a role: assignments, implications. */
int role_forget(struct txn *t, const char *id, struct err *err);

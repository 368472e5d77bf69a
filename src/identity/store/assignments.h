/* SPDX-License-Identifier: Apache-2.0 */
/* Who has which role where, and what follows from that. */
#pragma once

#include "identity/identity.h"
#include "identity/store/standings.h"

extern const struct table assignment_table;

/* Records an assignment; one that is there already is fine. */
int assignment_add(struct txn *t, struct arena *a, const struct assignment *as, struct err *err);

/* Removes it.  -ENOENT when there is none. */
int assignment_remove(struct txn *t, const struct assignment *as, struct err *err);
int assignment_exists(struct txn *t, const struct assignment *as, struct err *err); /* 0 or -ENOENT */

/* The roles that a user has on a target ("project", "domain", "system"): own,
 * by groups, inherited from the domain and the projects above, implied.
 * Without duplicates; may be empty.  'known' is what was read of that user and
 * target in the same transaction, so that it is not read again; or null. */
int roles_of_user(struct txn *t, struct arena *a, const char *user_id, const char *target_type,
                  const char *target_id, const struct standing *known, struct role_ref **ret, size_t *ret_n,
                  struct err *err);

/* The ids above a project up to its domain, nearest first (null-terminated). */
int project_ancestors(struct txn *t, struct arena *a, const char *project_id, const char ***ret,
                      struct err *err);

/* Ids of projects on which the user has any role. */
int projects_of_user(struct txn *t, struct arena *a, const char *user_id, const char ***ret, struct err *err);

/* The same as a condition on rows of projects (or domains). */
struct cond projects_of_user_cond(struct arena *a, const char *user_id, bool domains);

/* Adds the ids of the roles that the actor has on the target by this very kind
 * of assignment. */
int assignment_roles(struct txn *t, struct arena *a, const struct assignment *as, const char ***ret,
                     struct err *err);

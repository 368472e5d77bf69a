/* SPDX-License-Identifier: Apache-2.0 */
/* What goes with a domain. */
#pragma once

#include "identity/identity.h"

/* Deletes all that is in a domain: users, groups, projects, roles, and every
 * assignment that names one of them or the domain. */
int domain_empty(struct txn *t, const char *id, struct err *err);

/* Deletes the assignments on a target. */
int target_forget(struct txn *t, struct arena *a, const char *target_id, struct err *err);

/* SPDX-License-Identifier: Apache-2.0 */
/* Roles (domain_id is "" for global ones) as rows. */
#pragma once

#include "identity/identity.h"

extern const struct table role_table;

/* Finds one by name within a domain (for domains: within ""). -ENOENT. */
int role_find(struct txn *t, struct arena *a, const char *domain_id, const char *name, struct role *ret,
              struct err *err);

/* Adds the ids of all roles that belong to a domain. */
int roles_of_domains(struct txn *t, struct arena *a, const char ***ret, struct err *err);

/* 1 when there is such a role of no domain, else 0; -errno. */
int role_is_global(struct txn *t, struct arena *a, const char *id, struct err *err);

/* SPDX-License-Identifier: Apache-2.0 */
/* Roles (domain_id is "" for global ones) as rows. */
#pragma once

#include "identity/identity.h"

extern const struct table role_table;

/* Finds one by name within a domain (for domains: within ""). -ENOENT. */
int role_find(struct txn *t, struct arena *a, const char *domain_id, const char *name, struct role *ret,
              struct err *err);

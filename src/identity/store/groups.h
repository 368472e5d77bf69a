/* SPDX-License-Identifier: Apache-2.0 */
/* Groups as rows. */
#pragma once

#include "identity/identity.h"

extern const struct table group_table;

/* Finds one by name within a domain (for domains: within ""). -ENOENT. */
int group_find(struct txn *t, struct arena *a, const char *domain_id, const char *name, struct group *ret,
               struct err *err);

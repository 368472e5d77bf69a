/* SPDX-License-Identifier: Apache-2.0 */
/* Projects, and domains, which are projects of their own kind (domain_id and parent_id are "" there), as rows. */
#pragma once

#include "identity/identity.h"

extern const struct table project_table;

/* Finds one by name within a domain (for domains: within ""). -ENOENT. */
int project_find(struct txn *t, struct arena *a, const char *domain_id, const char *name, struct project *ret,
                 struct err *err);

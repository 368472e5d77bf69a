/* SPDX-License-Identifier: Apache-2.0 */
/* Projects, and domains, which are projects of their own kind (domain_id and parent_id are "" there), as rows. */
#pragma once

#include "identity/identity.h"

extern const struct table project_table;

/* Finds one by name within a domain (for domains: within ""). -ENOENT. */
int project_find(struct txn *t, struct arena *a, const char *domain_id, const char *name, struct project *ret,
                 struct err *err);

/* How many lie directly below it. */
int project_count_children(struct txn *t, const char *id, bool only_enabled, int64_t *ret, struct err *err);

/* Adds their ids. */
int project_children(struct txn *t, struct arena *a, const char *id, const char ***ret, struct err *err);

/* How many projects are more than 'levels' below their domain. */
int projects_below(struct txn *t, int64_t levels, int64_t *ret, struct err *err);

/* The ids of all projects of a domain, null-terminated. */
int projects_of_domain(struct txn *t, struct arena *a, const char *domain_id, const char ***ret,
                       struct err *err);

/* SPDX-License-Identifier: Apache-2.0 */
/* Flavors as rows, and who may use those that are not public. */
#pragma once

#include "compute/compute.h"
#include "data/table.h"

extern const struct table flavor_table;

/* Projects that may use a flavor, sorted. */
int flavor_access_list(struct txn *t, struct arena *a, const char *flavor_id, const char ***ret,
                       struct err *err);
int flavor_access_has(struct txn *t, const char *flavor_id, const char *project_id,
                      struct err *err); /* -ENOENT */
int flavor_access_add(struct txn *t, const char *flavor_id, const char *project_id,
                      struct err *err); /* -EEXIST */
int flavor_access_remove(struct txn *t, const char *flavor_id, const char *project_id,
                         struct err *err); /* -ENOENT */
int flavor_forget(struct txn *t, const char *flavor_id, struct err *err);

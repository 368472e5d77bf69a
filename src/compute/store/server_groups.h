/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "compute/compute.h"
#include "data/table.h"

extern const struct table server_group_table;

/* Where the group's servers are, but 'except': rows of (host, servers). */
int server_group_hosts(struct txn *t, struct arena *a, const char *id, const char *except, struct rows *ret,
                       struct err *err);

/* Its servers that are not deleted. */
int server_group_members(struct txn *t, struct arena *a, const char *id, const char ***ret, struct err *err);

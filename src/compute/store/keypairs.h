/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "compute/compute.h"
#include "data/table.h"

extern const struct table keypair_table;

/* A user's key pair by its name.  -ENOENT. */
int keypair_find(struct txn *t, struct arena *a, const char *user_id, const char *name, struct keypair *ret,
                 struct err *err);

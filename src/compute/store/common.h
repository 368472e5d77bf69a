/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "compute/compute.h"
#include "data/table.h"

/* The next number of a sequence ("flavors", "instances"); in a writing transaction. */
int counter_next(struct txn *t, const char *name, int64_t *ret, struct err *err);

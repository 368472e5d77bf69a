/* SPDX-License-Identifier: Apache-2.0 */
/* Regions as rows. */
#pragma once

#include "identity/identity.h"

extern const struct table region_table;

/* How many endpoints and regions are in it. */
int region_uses(struct txn *t, const char *id, int64_t *ret, struct err *err);

/* SPDX-License-Identifier: Apache-2.0 */
/* Regions as rows. */
#pragma once

#include "identity/identity.h"

extern const struct table region_table;

/* How many endpoints are in it and in those below. */
int region_endpoints(struct txn *t, const char *id, int64_t *ret, struct err *err);

/* Deletes the regions below. */
int region_delete_below(struct txn *t, struct arena *a, const char *id, struct err *err);

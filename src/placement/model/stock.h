/* SPDX-License-Identifier: Apache-2.0 */
/* What a provider has, replaced as a whole. */
#pragma once

#include "placement/store/inventories.h"

/* Makes 'wanted' all that locked provider 'p' has and counts its generation up.
 * What is in use cannot go: 409 whose words begin with 'in_use_prefix'. */
int stock_set(struct txn *t, struct arena *a, struct provider *p, const struct inventories *wanted,
              int64_t now_us, const char *in_use_prefix, struct err *err);

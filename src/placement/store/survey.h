/* SPDX-License-Identifier: Apache-2.0 */
/* Everything of every provider, as rows, for who looks at all of them. */
#pragma once

#include "data/db.h"

/* provider, class, total, reserved, min_unit, max_unit, step_size, ratio; by provider and class. */
int survey_inventories(struct txn *t, struct arena *a, struct rows *ret, struct err *err);

/* provider, class, used */
int survey_usages(struct txn *t, struct arena *a, struct rows *ret, struct err *err);

/* provider, trait */
int survey_traits(struct txn *t, struct arena *a, struct rows *ret, struct err *err);

/* provider, aggregate; by provider. */
int survey_aggregates(struct txn *t, struct arena *a, struct rows *ret, struct err *err);

/* SPDX-License-Identifier: Apache-2.0 */
/* A number in the database that every change counts up, so that processes on
 * other machines see that there was one. */
#pragma once

#include "data/db.h"

int changes_add(struct txn *t, struct err *err);
int changes_get(struct txn *t, int64_t *ret, struct err *err);

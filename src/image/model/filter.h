/* SPDX-License-Identifier: Apache-2.0 */
/* The little language of filters: "in:a,b", "gt:2026-01-02T03:04:05Z". */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "data/table.h"

/* "v" sets '*ret_text', "in:a,b" sets '*ret_list'; another operator, or broken
 * quotes, are 400. */
int filter_text(struct arena *a, const char *v, const char **ret_text, const char *const **ret_list,
                struct err *err);

/* The parts of a list: separated by commas, in double quotes if they hold one. */
int filter_list(struct arena *a, const char *v, const char ***ret, struct err *err);

/* An operator (eq, neq, gt, gte, lt, lte; none is eq) and a time. */
int filter_time(struct arena *a, const char *name, const char *v, enum cond_op *ret_op, int64_t *ret_us,
                struct err *err);

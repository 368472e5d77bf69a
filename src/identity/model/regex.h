/* SPDX-License-Identifier: Apache-2.0 */
/* Regular expressions for passwords as operators know them from Python: sets with
 * backslashes, \d and its like, groups, and lookaheads at the beginning,
 * "^(?=.*\d)(?!.*x).{7,}$".  What would mean something else here is refused. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"

struct pattern;

/* -EINVAL names the part that is not understood. */
int pattern_new(const char *text, struct pattern **ret, struct err *err);
void pattern_free(struct pattern *p);
bool pattern_fits(const struct pattern *p, const char *text);

/* SPDX-License-Identifier: Apache-2.0 */
/* Regular expressions that somebody else wrote: a user's filter, an operator's
 * rule for passwords, a policy.  Written as for Python's re (PCRE2 with UTF-8
 * and Unicode classes; "\Z" also fits before a newline at the end).
 *
 * Bounded, for whoever may write one could stop the process otherwise: the
 * expression in length, nesting and size, the search in steps and memory.  A
 * search that goes beyond does not fit. */
#pragma once

#include <stdbool.h>

#include "base/err.h"

struct pattern;

/* -EINVAL says what is wrong with 'text' and where, or that it is too large. */
int pattern_new(const char *text, struct pattern **ret, struct err *err);
void pattern_free(struct pattern *p); /* Null is fine. */

/* Whether some part of 'text' fits: re.search().  Any number of threads may ask. */
bool pattern_found(const struct pattern *p, const char *text);

/* Whether it fits from the beginning: re.match(). */
bool pattern_fits(const struct pattern *p, const char *text);

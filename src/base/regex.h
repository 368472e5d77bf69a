/* SPDX-License-Identifier: Apache-2.0 */
/* Regular expressions (POSIX extended) that somebody else wrote.  libc's grow by
 * what is repeated ("a++++++" to 2 to the power of the signs), nest on the stack,
 * and try everything for "\1": who may write any brings the process down. */
#pragma once

#include <regex.h>
#include <stdbool.h>

/* How large one may become: about as many letters as it would have without
 * repetitions. */
#define REGEX_MAX_OF_USERS     300  /* Of a request. */
#define REGEX_MAX_OF_RULES     1000 /* Of a policy, which has many. */
#define REGEX_MAX_OF_OPERATORS 5000 /* Of a configuration; it may refer back, too. */

/* regcomp() for what is not larger than 'max': 0, -EINVAL, -E2BIG. */
int regex_compile(regex_t *ret, const char *text, unsigned max);

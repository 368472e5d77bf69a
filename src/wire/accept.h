/* SPDX-License-Identifier: Apache-2.0 */
/* What kind of answer a client wants (RFC 9110, 12.5.1). */
#pragma once

#include <stdbool.h>

/* True when a client that sent 'accept' (may be null) would rather have
 * 'type' than 'usual'.  A range that names a type counts before one with an
 * asterisk, and where both are wanted alike the one that is named wins, else
 * 'usual'. */
bool accept_prefers(const char *accept, const char *type, const char *usual);

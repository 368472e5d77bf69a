/* SPDX-License-Identifier: Apache-2.0 */
/* What a token carries as JSON. */
#pragma once

#include "identity/issued.h"
#include "wire/json.h"

/* The claims of Keystone's JWS tokens: sub, iat, exp, openstack_…  Stored
 * tokens have the same form. */
const char *token_claims_write(struct arena *a, const struct issued_token *is);
int token_claims_read(struct arena *a, const char *text, size_t n, struct issued_token *ret);

/* SPDX-License-Identifier: Apache-2.0 */
/* Checking tokens at the identity service, with a cache.
 *
 * An answer is believed for at most 'ttl_s', and only while the generation
 * number stands: identity counts it up, in a page of memory that all processes
 * of a machine share, with every change that may take rights away.  So a
 * revocation holds everywhere at once.  Where there is no such page (identity
 * runs on another machine) the bus tells, and the short ttl is the bound.
 *
 * What a service is told of an expired token is kept apart from all else, under
 * the same rules. */
#pragma once

#include "base/config.h"
#include "client/client.h"
#include "rest/token.h"

struct token_cache;

/* On the bus: identity publishes on it after every change. */
#define TOKEN_CHANGES_TOPIC "identity.changes"

int token_cache_new(struct client *c, const char *generation_path, unsigned ttl_s, struct token_cache **ret,
                    struct err *err);
void token_cache_free(struct token_cache *t);

/* For struct server_setup. */
struct token_source token_cache_source(struct token_cache *t);

/* Forgets everything, e.g. when the bus said so. */
void token_cache_flush(struct token_cache *t);

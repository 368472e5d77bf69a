/* SPDX-License-Identifier: Apache-2.0 */
/* The cache of checked tokens: bounded, in shards, valid while the generation
 * stands.  Entries are copied in and out, so no lock outlives a call. */
#pragma once

#include "identity/model/check.h"

bool views_get(struct token_views *v, uint64_t generation, const char *text, enum view_part part,
               struct arena *a, struct token_view *ret);
void views_put(struct token_views *v, uint64_t generation, const char *text, const struct token_view *view);

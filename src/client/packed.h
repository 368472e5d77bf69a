/* SPDX-License-Identifier: Apache-2.0 */
/* A checked token in one block of memory, so that handing it to a request is
 * one allocation and one copy. */
#pragma once

#include "rest/token.h"

struct packed_token {
    size_t size;
    struct token *token; /* All its pointers lead into the block that starts here. */
};

/* Heap block; free with packed_free().  Null text members stay null. */
struct packed_token packed_new(const struct token *t);
void packed_free(struct packed_token *p);

/* A copy in the arena. */
void packed_copy(const struct packed_token *p, struct arena *a, struct token *ret);

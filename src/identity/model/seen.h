/* SPDX-License-Identifier: Apache-2.0 */
/* When what was last read from a directory, in this process.  Forgetting costs
 * a search, so a bounded memory is enough. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct seen;
struct seen *seen_new(void); /* Null without memory: nothing is remembered. */
void seen_free(struct seen *s);

/* Notes that 'id' was read at 'at_us', with its memberships or without. */
void seen_note(struct seen *s, const char *id, bool members, int64_t at_us);

/* When; 0: never. */
int64_t seen_at(struct seen *s, const char *id, bool members);

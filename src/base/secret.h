/* SPDX-License-Identifier: Apache-2.0 */
/* A secret has its own type, which the log and the JSON writer do not take:
 * whoever needs the text must say secret_expose(), which a reviewer can grep. */
#pragma once

#include <stddef.h>

struct secret {
    const char *text_; /* Null: none.  Only through secret_expose(). */
};

static inline struct secret secret_of(const char *text)
{
    return (struct secret){ text };
}

static inline const char *secret_expose(struct secret s)
{
    return s.text_;
}

/* Overwrites so that the compiler keeps it. */
void secret_wipe(void *p, size_t n);

/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that is freed all at once.
 *
 * A request, an operation's step, an agent's round each have one arena: what
 * they allocate lives until arena_done() and nobody frees single pieces.
 * Allocation never returns null: on exhaustion the process ends with a
 * message, because no caller could do better.  What a stranger may make us
 * allocate is limited before it reaches an arena.  One thread at a time. */
#pragma once

#include <stdarg.h>
#include <stddef.h>

#include "base/macros.h"

struct arena_block;

struct arena {
    struct arena_block *head; /* Newest block; null before the first use. */
    char *next, *end;         /* Free room in it. */
    size_t used;              /* Bytes handed out, for metrics. */
};

/* Makes an empty arena; takes no memory until the first allocation. */
void arena_init(struct arena *a);

/* Frees everything that was allocated from 'a'; it may be used again. */
void arena_done(struct arena *a);

/* As arena_done(), but keeps one block, for loops. */
void arena_reset(struct arena *a);

/* 'size' zeroed bytes, aligned for any type. */
void *arena_alloc(struct arena *a, size_t size);

/* Zeroed room for 'n' times 'size' bytes; ends the process on overflow. */
void *arena_calloc(struct arena *a, size_t n, size_t size);

/* 'old' (of 'old_size' bytes, may be null) grown to 'size'; in place when it
 * was the last allocation. */
void *arena_grow(struct arena *a, void *old, size_t old_size, size_t size);

/* Copies.  A null 's' gives null. */
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t n);
void *arena_memdup(struct arena *a, const void *p, size_t n);

/* A copy of the 'n' bytes at 'p', whatever they are, with a null behind. */
char *arena_text(struct arena *a, const void *p, size_t n);

/* Formatted text. */
char *arena_printf(struct arena *a, const char *fmt, ...) attr_printf(2, 3);
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap) attr_printf(2, 0);

#define arena_new(a, type)      ((type *) arena_alloc((a), sizeof(type)))
#define arena_array(a, type, n) ((type *) arena_calloc((a), (n), sizeof(type)))

#define auto_arena              __attribute__((cleanup(arena_done)))

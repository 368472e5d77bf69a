/* SPDX-License-Identifier: Apache-2.0 */
/* Text that grows.  On the heap, or in an arena when one is given. */
#pragma once

#include <stdarg.h>
#include <stddef.h>

#include "base/arena.h"

struct strbuf {
    char *data; /* Null-terminated when len > 0; null before the first use. */
    size_t len, cap;
    struct arena *arena; /* Null: on the heap. */
};

/* Starts empty text.  'a' null: the heap, and strbuf_done() frees. */
void strbuf_init(struct strbuf *b, struct arena *a);
void strbuf_done(struct strbuf *b);

/* Makes room for 'more' bytes and returns where they go; strbuf_commit()
 * says how many were written. */
char *strbuf_reserve(struct strbuf *b, size_t more);
void strbuf_commit(struct strbuf *b, size_t n);

void strbuf_add(struct strbuf *b, const void *data, size_t n);
void strbuf_puts(struct strbuf *b, const char *s);
void strbuf_putc(struct strbuf *b, char c);
void strbuf_printf(struct strbuf *b, const char *fmt, ...) attr_printf(2, 3);
void strbuf_vprintf(struct strbuf *b, const char *fmt, va_list ap) attr_printf(2, 0);

/* Text between or in the quotes of HTML's and XML's tags: what has a meaning
 * there is written as an entity, control characters (of which XML can write
 * hardly any) as spaces.  Null adds nothing. */
void strbuf_put_markup(struct strbuf *b, const char *s);

/* Empties without giving memory back. */
void strbuf_clear(struct strbuf *b);

/* The text, never null. */
const char *strbuf_str(const struct strbuf *b);

#define auto_strbuf __attribute__((cleanup(strbuf_done)))

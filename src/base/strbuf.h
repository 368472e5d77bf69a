/* SPDX-License-Identifier: Apache-2.0 */
/* Text that grows.  On the heap, or in an arena when one is given. */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <string.h>

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

/* Documents are made of many small pieces: what fits is added without a call. */
void strbuf_add_grown(struct strbuf *b, const void *data, size_t n);

static inline void strbuf_add(struct strbuf *b, const void *data, size_t n)
{
    if (n >= b->cap - b->len) {
        strbuf_add_grown(b, data, n);
        return;
    }
    memcpy(b->data + b->len, data, n);
    b->len += n;
    b->data[b->len] = '\0';
}

static inline void strbuf_puts(struct strbuf *b, const char *s)
{
    strbuf_add(b, s, strlen(s));
}

static inline void strbuf_putc(struct strbuf *b, char c)
{
    strbuf_add(b, &c, 1);
}

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

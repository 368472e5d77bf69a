/* SPDX-License-Identifier: Apache-2.0 */
#include "base/strbuf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"

void strbuf_init(struct strbuf *b, struct arena *a)
{
    *b = (struct strbuf){ .arena = a };
}

void strbuf_done(struct strbuf *b)
{
    if (!b->arena)
        free(b->data);
    strbuf_init(b, b->arena);
}

static void set_cap(struct strbuf *b, size_t cap)
{
    char *data;

    if (b->arena) {
        data = arena_grow(b->arena, b->data, b->cap, cap);
    } else {
        data = realloc(b->data, cap);
        if (!data)
            die("out of memory");
    }
    b->data = data;
    b->cap = cap;
}

char *strbuf_reserve(struct strbuf *b, size_t more)
{
    size_t need, cap = b->cap ? b->cap : 64;

    if (__builtin_add_overflow(b->len + 1, more, &need) || need > SIZE_MAX / 4)
        die("out of memory: impossible size");
    if (need > b->cap) {
        while (cap < need)
            cap *= 2;
        set_cap(b, cap);
    }
    return b->data + b->len;
}

void strbuf_commit(struct strbuf *b, size_t n)
{
    if (n >= b->cap - b->len)
        die("strbuf_commit: more than was reserved");
    b->len += n;
    b->data[b->len] = '\0';
}

void strbuf_add_grown(struct strbuf *b, const void *data, size_t n)
{
    char *p = strbuf_reserve(b, n);

    if (n)
        memcpy(p, data, n);
    strbuf_commit(b, n);
}

void strbuf_printf(struct strbuf *b, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    strbuf_vprintf(b, fmt, ap);
    va_end(ap);
}

void strbuf_vprintf(struct strbuf *b, const char *fmt, va_list ap)
{
    size_t room;
    va_list again;
    char *p = strbuf_reserve(b, 64);
    int n;

    room = b->cap - b->len;
    va_copy(again, ap);
    n = vsnprintf(p, room, fmt, ap);
    if (n < 0)
        die("cannot format text");
    if ((size_t) n >= room) {
        p = strbuf_reserve(b, (size_t) n);
        vsnprintf(p, (size_t) n + 1, fmt, again);
    }
    va_end(again);
    strbuf_commit(b, (size_t) n);
}

void strbuf_clear(struct strbuf *b)
{
    b->len = 0;
    if (b->data)
        b->data[0] = '\0';
}

const char *strbuf_str(const struct strbuf *b)
{
    return b->data ? b->data : "";
}

static const char *entity(char c)
{
    switch (c) {
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '&':
        return "&amp;";
    case '\'':
        return "&#x27;";
    case '"':
        return "&quot;";
    default:
        return (unsigned char) c < 0x20 ? " " : NULL;
    }
}

void strbuf_put_markup(struct strbuf *b, const char *s)
{
    for (; s && *s; s++) {
        const char *e = entity(*s);

        if (e)
            strbuf_puts(b, e);
        else
            strbuf_putc(b, *s);
    }
}

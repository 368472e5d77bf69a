/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON writer: every list that a service answers goes through here, so
 * strings and integers are written without printf() and without a copy. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "wire/json.h"

#define CHUNK     256 /* Bytes of a string that are escaped into one reservation. */
#define GROWTH    6   /* "\u001f" for one byte. */
#define OVERSHOOT 20  /* What a step may take and write behind the chunk's end, quotes and signs around it. */

/* The character after the backslash; 'u' for \u00XX; 0: as it is. */
static const char escapes[128] = {
    'u',         'u',           'u', 'u', 'u', 'u', 'u', 'u',
    'b',         't',           'n', 'u', 'f', 'r', 'u', 'u', /* 00-0f */
    'u',         'u',           'u', 'u', 'u', 'u', 'u', 'u',
    'u',         'u',           'u', 'u', 'u', 'u', 'u', 'u', /* 10-1f */
    ['"'] = '"', ['\\'] = '\\',
};

/* Bytes of the well-formed UTF-8 character at 's' (RFC 3629), or 0. */
static size_t utf8_len(const uint8_t *s, const uint8_t *end)
{
    uint8_t low = 0x80, high = 0xbf;
    size_t n;

    if (s[0] >= 0xc2 && s[0] <= 0xdf)
        n = 2;
    else if (s[0] >= 0xe0 && s[0] <= 0xef)
        n = 3;
    else if (s[0] >= 0xf0 && s[0] <= 0xf4)
        n = 4;
    else
        return 0;
    if ((size_t) (end - s) < n)
        return 0;

    if (s[0] == 0xe0)
        low = 0xa0; /* No overlong forms, */
    else if (s[0] == 0xed)
        high = 0x9f; /* no surrogates, */
    else if (s[0] == 0xf0)
        low = 0x90;
    else if (s[0] == 0xf4)
        high = 0x8f; /* nothing above U+10FFFF. */
    if (s[1] < low || s[1] > high)
        return 0;
    for (size_t i = 2; i < n; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    return n;
}

static char *put_escape(char *p, uint8_t c)
{
    static const char hex[] = "0123456789abcdef";

    *p++ = '\\';
    *p++ = escapes[c];
    if (escapes[c] == 'u') {
        *p++ = '0';
        *p++ = '0';
        *p++ = hex[c >> 4];
        *p++ = hex[c & 15];
    }
    return p;
}

/* Copies less than 8 bytes, at once if they are plain; else says false and
 * what it wrote does not count.  Names and the ends of strings are such. */
static inline bool put_few(char *p, const uint8_t *s, size_t n)
{
    uint32_t low, high; /* Overlap when there are less than 8. */

    if (n < 4) {
        for (size_t i = 0; i < n; i++) {
            if (s[i] >= 0x80 || escapes[s[i]])
                return false;
            p[i] = (char) s[i];
        }
        return true;
    }
    memcpy(&low, s, 4);
    memcpy(&high, s + n - 4, 4);
    memcpy(p, &low, 4);
    memcpy(p + n - 4, &high, 4);
    return is_plain8((uint64_t) high << 32 | low);
}

/* Writes the one character at 's', which is odd: the words before it were not. */
static const uint8_t *put_odd(const uint8_t *s, const uint8_t *end, char **p_io)
{
    char *p = *p_io;
    size_t n;

    if (*s < 0x80) {
        if (!escapes[*s])
            *p++ = (char) *s;
        else
            p = put_escape(p, *s);
        *p_io = p;
        return s + 1;
    }
    n = utf8_len(s, end);
    memcpy(p, n ? (const char *) s : "\xef\xbf\xbd", n ? n : 3); /* U+FFFD for what is no character. */
    *p_io = p + (n ? n : 3);
    return s + (n ? n : 1);
}

/* Writes the characters that begin in [s, stop) to 'p'; returns where it
 * stopped reading, and the end of what it wrote. */
static inline const uint8_t *put_chars(const uint8_t *s, const uint8_t *stop, const uint8_t *end, char **p_io)
{
    char *p = *p_io;

    while (s < stop) {
        size_t left = (size_t) (end - s);
        uint64_t x;

        if (left >= 8) {
            memcpy(&x, s, 8);
            if (is_plain8(x)) {
                memcpy(p, &x, 8);
                p += 8;
                s += 8;
                continue;
            }
        } else if (put_few(p, s, left)) {
            p += left;
            s = end;
            break;
        }
        s = put_odd(s, end, &p);
    }
    *p_io = p;
    return s;
}

/* As strbuf_reserve() and strbuf_commit(), which are calls, for the many small
 * pieces of a document. */
static inline char *room_for(struct strbuf *b, size_t more)
{
    return b->cap > more && b->cap - more > b->len ? b->data + b->len : strbuf_reserve(b, more);
}

static inline void end_at(struct strbuf *b, char *end)
{
    b->len = (size_t) (end - b->data);
    *end = 0;
}

static void add_char(struct strbuf *b, char c)
{
    char *p = room_for(b, 1);

    *p++ = c;
    end_at(b, p);
}

/* What a string may become.  Of CHUNK bytes at most, it is written at once. */
static inline size_t room_of(size_t n)
{
    return n * GROWTH + OVERSHOOT;
}

static inline char *put_quoted(char *p, const char *text, size_t n)
{
    const uint8_t *s = (const uint8_t *) text;

    *p++ = '"';
    put_chars(s, s + n, s + n, &p);
    *p++ = '"';
    return p;
}

static void add_quoted(struct strbuf *b, const char *text, size_t n)
{
    const uint8_t *s = (const uint8_t *) text, *end = s + n;

    add_char(b, '"');
    while (s < end) {
        size_t k = (size_t) (end - s) < CHUNK ? (size_t) (end - s) : CHUNK;
        char *p = room_for(b, room_of(k));

        s = put_chars(s, s + k, end, &p);
        end_at(b, p);
    }
    add_char(b, '"');
}

void jw_init(struct jw *w, struct strbuf *out)
{
    *w = (struct jw){ .out = out };
}

/* The separator and a short name, before a value. */
static inline char *put_start(struct jw *w, char *p, const char *name, size_t n)
{
    if (w->comma)
        *p++ = ',';
    w->comma = true;
    if (name) {
        p = put_quoted(p, name, n);
        *p++ = ':';
    }
    return p;
}

/* The same with any name. */
static void begin(struct jw *w, const char *name)
{
    size_t n = name ? strlen(name) : 0;

    if (n <= CHUNK) {
        end_at(w->out, put_start(w, room_for(w->out, room_of(n)), name, n));
        return;
    }
    if (w->comma)
        add_char(w->out, ',');
    w->comma = true;
    add_quoted(w->out, name, n);
    add_char(w->out, ':');
}

static void begin_container(struct jw *w, const char *name, char c)
{
    begin(w, name);
    add_char(w->out, c);
    w->comma = false;
}

static void end_container(struct jw *w, char c)
{
    add_char(w->out, c);
    w->comma = true;
}

void jw_object(struct jw *w, const char *name)
{
    begin_container(w, name, '{');
}

void jw_end_object(struct jw *w)
{
    end_container(w, '}');
}

void jw_array(struct jw *w, const char *name)
{
    begin_container(w, name, '[');
}

void jw_end_array(struct jw *w)
{
    end_container(w, ']');
}

void jw_null(struct jw *w, const char *name)
{
    begin(w, name);
    strbuf_add(w->out, "null", 4);
}

void jw_strn(struct jw *w, const char *name, const char *v, size_t n)
{
    size_t name_len = name ? strlen(name) : 0;

    if (!v) {
        jw_null(w, name);
        return;
    }
    if (name_len <= CHUNK && n <= CHUNK) { /* Nearly all: looked for room once. */
        char *p = room_for(w->out, room_of(name_len) + room_of(n));

        end_at(w->out, put_quoted(put_start(w, p, name, name_len), v, n));
        return;
    }
    begin(w, name);
    add_quoted(w->out, v, n);
}

void jw_str(struct jw *w, const char *name, const char *v)
{
    jw_strn(w, name, v, v ? strlen(v) : 0);
}

static void add_uint(struct strbuf *b, bool minus, uint64_t v)
{
    char text[24], *end = text + sizeof(text), *p = end;

    do
        *--p = (char) ('0' + v % 10);
    while (v /= 10);
    if (minus)
        *--p = '-';
    strbuf_add(b, p, (size_t) (end - p));
}

void jw_int(struct jw *w, const char *name, int64_t v)
{
    begin(w, name);
    add_uint(w->out, v < 0, v < 0 ? -(uint64_t) v : (uint64_t) v);
}

void jw_uint(struct jw *w, const char *name, uint64_t v)
{
    begin(w, name);
    add_uint(w->out, false, v);
}

/* The shortest text that reads back as 'v', with a point or an exponent, so
 * that readers see that it is no integer. */
void jw_double(struct jw *w, const char *name, double v)
{
    char text[40], *comma;

    if (!isfinite(v)) {
        jw_null(w, name);
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof(text), "%.*g", digits, v);
        if (strtod(text, NULL) == v)
            break;
    }
    comma = strchr(text, ','); /* Another locale's point. */
    if (comma)
        *comma = '.';
    begin(w, name);
    strbuf_puts(w->out, text);
    if (!strpbrk(text, ".e"))
        strbuf_add(w->out, ".0", 2);
}

void jw_bool(struct jw *w, const char *name, bool v)
{
    begin(w, name);
    strbuf_puts(w->out, v ? "true" : "false");
}

void jw_time(struct jw *w, const char *name, int64_t us, enum time_format f)
{
    char text[TIME_TEXT_MAX];

    jw_str(w, name, us ? time_write(text, us, f) : NULL);
}

void jw_raw(struct jw *w, const char *name, const char *json)
{
    begin(w, name);
    strbuf_puts(w->out, json ? json : "null");
}

static void write_object(struct jw *w, const char *name, const json_t *v)
{
    const char *key;
    json_t *member;

    jw_object(w, name);
    json_object_foreach ((json_t *) v, key, member)
        jw_value(w, key, member);
    jw_end_object(w);
}

static void write_array(struct jw *w, const char *name, const json_t *v)
{
    json_t *element;
    size_t i;

    jw_array(w, name);
    json_array_foreach (v, i, element)
        jw_value(w, NULL, element);
    jw_end_array(w);
}

void jw_value(struct jw *w, const char *name, const json_t *v)
{
    if (!v) {
        jw_null(w, name);
        return;
    }
    switch (json_typeof(v)) {
    case JSON_OBJECT:
        write_object(w, name, v);
        break;
    case JSON_ARRAY:
        write_array(w, name, v);
        break;
    case JSON_STRING:
        jw_strn(w, name, json_string_value(v), json_string_length(v));
        break;
    case JSON_INTEGER:
        jw_int(w, name, json_integer_value(v));
        break;
    case JSON_REAL:
        jw_double(w, name, json_real_value(v));
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        jw_bool(w, name, json_is_true(v));
        break;
    case JSON_NULL:
        jw_null(w, name);
        break;
    }
}

void jw_strv(struct jw *w, const char *name, const char *const *v)
{
    jw_array(w, name);
    for (; v && *v; v++)
        jw_str(w, NULL, *v);
    jw_end_array(w);
}

void jw_printf(struct jw *w, const char *name, const char *fmt, ...)
{
    auto_strbuf struct strbuf b;
    va_list ap;

    strbuf_init(&b, NULL);
    va_start(ap, fmt);
    strbuf_vprintf(&b, fmt, ap);
    va_end(ap);
    jw_strn(w, name, strbuf_str(&b), b.len);
}

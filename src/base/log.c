/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include "base/bytes.h"
#include "base/str.h"
#include "base/strbuf.h"
#include "base/time.h"

#define VALUE_MAX 1024
#define WORDS_MAX 4096

static const char *const level_names[] = { "debug", "info", "warning", "error" };
static const char *const level_marks[] = { "DEBUG", "INFO", "WARNING", "ERROR" };

/* Bytes of the character at 's' (with 'n' bytes left), 0 if it is broken. */
static size_t char_len(const char *s, size_t n)
{
    uint8_t c = (uint8_t) *s;
    size_t len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

    return len <= n && str_is_utf8(s, len) ? len : 0;
}

/* C0, DEL and C1: what a terminal might obey. */
static bool is_control(const char *s, size_t len)
{
    uint8_t c = (uint8_t) s[0];

    return len == 1 ? c < 0x20 || c == 0x7f : len == 2 && c == 0xc2 && (uint8_t) s[1] < 0xa0;
}

static void put_control(struct strbuf *b, const char *s, size_t len)
{
    static const char letters[] = "btn\0fr"; /* For 8 to 13; none for 11. */
    uint8_t c = (uint8_t) s[len - 1];

    if (len == 1 && c >= 8 && c <= 13 && c != 11)
        strbuf_printf(b, "\\%c", letters[c - 8]);
    else
        strbuf_printf(b, "\\u%04x", (unsigned) c);
}

/* Printable ASCII that nothing gives a meaning. */
static size_t plain_run(const char *s, size_t n)
{
    size_t i = 0;
    uint64_t x;

    for (; i + 8 <= n; i += 8) {
        memcpy(&x, s + i, 8);
        if (!is_plain8(x))
            break;
    }
    while (i < n && s[i] >= 0x20 && s[i] < 0x7f && s[i] != '"' && s[i] != '\\')
        i++;
    return i;
}

/* At most 'max' bytes of 's', so escaped that it neither ends the line nor
 * its quotes. */
static void put_escaped(struct strbuf *b, const char *s, size_t max)
{
    size_t n = strnlen(s, max + 4), i = 0; /* To see a last character whole. */
    bool cut = n > max;

    while (i < n) {
        size_t run = plain_run(s + i, (cut ? max : n) - i), len;

        strbuf_add(b, s + i, run);
        i += run;
        if (i == n)
            break;
        len = char_len(s + i, n - i);
        if (i + (len ? len : 1) > max)
            break;
        if (len == 0)
            strbuf_puts(b, "\xef\xbf\xbd"); /* U+FFFD for what is no UTF-8. */
        else if (is_control(s + i, len))
            put_control(b, s + i, len);
        else if (s[i] == '"' || s[i] == '\\')
            strbuf_printf(b, "\\%c", s[i]);
        else
            strbuf_add(b, s + i, len);
        i += len ? len : 1;
    }
    if (cut)
        strbuf_puts(b, "...");
}

static void put_json(struct strbuf *b, const char *name, const char *value, size_t max)
{
    strbuf_puts(b, b->len ? ",\"" : "{\"");
    put_escaped(b, name, VALUE_MAX);
    strbuf_puts(b, "\":\"");
    put_escaped(b, value, max);
    strbuf_putc(b, '"');
}

/* name=value, in quotes unless it is one plain word. */
static void put_pair(struct strbuf *b, const char *name, const char *value)
{
    bool quote = !*value || strpbrk(value, " \t\"=\\");

    strbuf_putc(b, ' ');
    put_escaped(b, name, VALUE_MAX);
    strbuf_puts(b, quote ? "=\"" : "=");
    put_escaped(b, value, VALUE_MAX);
    if (quote)
        strbuf_putc(b, '"');
}

static void put_head(struct strbuf *b, const struct log *l, enum log_level level, const char *words)
{
    char when[TIME_TEXT_MAX];

    if (l->json) {
        put_json(b, "time", time_write(when, time_now_us(), TIME_ISO_MICRO_Z), VALUE_MAX);
        put_json(b, "level", level_names[level], VALUE_MAX);
        if (l->component)
            put_json(b, "component", l->component, VALUE_MAX);
        put_json(b, "message", words, WORDS_MAX);
        return;
    }
    strbuf_printf(b, "%s %s ", time_write(when, time_now_us(), TIME_LOG), level_marks[level]);
    if (l->component) {
        put_escaped(b, l->component, VALUE_MAX);
        strbuf_puts(b, ": ");
    }
    put_escaped(b, words, WORDS_MAX);
}

/* One write a line, so that lines of several threads and processes do not
 * mix.  A log that cannot be written must not stop the work: the line is lost. */
static void write_line(const struct log *l, struct strbuf *b)
{
    strbuf_puts(b, l->json ? "}\n" : "\n");
    while (write(l->fd, b->data, b->len) < 0 && errno == EINTR)
        ;
}

static bool is_wanted(const struct log *l, enum log_level level)
{
    return l && level >= l->level;
}

void log_event(const struct log *l, enum log_level level, const char *words, ...)
{
    auto_strbuf struct strbuf b = { 0 };
    const char *name, *value;
    int saved = errno;
    va_list ap;

    if (!is_wanted(l, level))
        return;
    put_head(&b, l, level, words);
    va_start(ap, words);
    while ((name = va_arg(ap, const char *))) {
        value = va_arg(ap, const char *);
        if (!value)
            continue;
        if (l->json)
            put_json(&b, name, value, VALUE_MAX);
        else
            put_pair(&b, name, value);
    }
    va_end(ap);
    write_line(l, &b);
    errno = saved;
}

void log_printf(const struct log *l, enum log_level level, const char *fmt, ...)
{
    auto_strbuf struct strbuf words = { 0 };
    int saved = errno;
    va_list ap;

    if (!is_wanted(l, level))
        return;
    va_start(ap, fmt);
    strbuf_vprintf(&words, fmt, ap);
    va_end(ap);
    log_event(l, level, strbuf_str(&words), NULL);
    errno = saved;
}

int log_level_parse(const char *s, enum log_level *ret)
{
    for (size_t i = 0; i < ARRAY_SIZE(level_names); i++) {
        if (str_eq(s, level_names[i])) {
            *ret = (enum log_level) i;
            return 0;
        }
    }
    return -EINVAL;
}

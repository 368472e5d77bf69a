/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char) (c - 'A' + 'a') : c;
}

bool str_has_prefix(const char *s, const char *prefix)
{
    return s && strncmp(s, prefix, strlen(prefix)) == 0;
}

bool str_has_suffix(const char *s, const char *suffix)
{
    size_t n = s ? strlen(s) : 0, m = strlen(suffix);

    return s && n >= m && memcmp(s + n - m, suffix, m) == 0;
}

bool str_eq_nocase(const char *a, const char *b)
{
    if (!a || !b)
        return a == b;
    for (; *a && lower(*a) == lower(*b); a++, b++)
        ;
    return lower(*a) == lower(*b);
}

/* --- Numbers ------------------------------------------------------------ */

int str_to_u64(const char *s, uint64_t *ret)
{
    uint64_t v = 0;
    bool over = false;

    if (str_empty(s))
        return -EINVAL;
    for (; *s; s++) {
        if (!is_digit(*s))
            return -EINVAL;
        over = __builtin_mul_overflow(v, 10, &v) || over;
        over = __builtin_add_overflow(v, (uint64_t) (*s - '0'), &v) || over;
    }
    if (over)
        return -ERANGE;
    *ret = v;
    return 0;
}

int str_to_i64(const char *s, int64_t *ret)
{
    bool negative = s && *s == '-';
    uint64_t v;
    int r = str_to_u64(negative ? s + 1 : s, &v);

    if (r < 0)
        return r;
    if (v > (uint64_t) INT64_MAX + negative)
        return -ERANGE;
    *ret = negative ? (int64_t) (0 - v) : (int64_t) v;
    return 0;
}

static const char *skip_digits(const char *s)
{
    while (is_digit(*s))
        s++;
    return s;
}

/* -?digits(.digits)?([eE][+-]?digits)?: strtod() would also take spaces, hex,
 * "inf" and "nan". */
static bool is_decimal(const char *s)
{
    const char *p = skip_digits(s += *s == '-');

    if (p == s)
        return false;
    if (*p == '.') {
        s = p + 1;
        p = skip_digits(s);
        if (p == s)
            return false;
    }
    if (*p == 'e' || *p == 'E') {
        s = p + 1;
        s += *s == '+' || *s == '-';
        p = skip_digits(s);
        if (p == s)
            return false;
    }
    return *p == '\0';
}

int str_to_double(const char *s, double *ret)
{
    locale_t c;
    double v;

    if (!s || !is_decimal(s))
        return -EINVAL;
    c = newlocale(LC_ALL_MASK, "C", (locale_t) 0);
    if (!c)
        return -ENOMEM;
    v = strtod_l(s, NULL, c);
    freelocale(c);
    if (!isfinite(v))
        return -ERANGE;
    *ret = v;
    return 0;
}

static bool is_one_of(const char *s, size_t n, const char *const *words)
{
    for (; *words; words++) {
        size_t i = 0;

        while (i < n && (*words)[i] && lower(s[i]) == (*words)[i])
            i++;
        if (i == n && !(*words)[i])
            return true;
    }
    return false;
}

/* 's' without white space at both ends. */
static const char *trimmed(const char *s, size_t *ret_len)
{
    size_t n;

    while (is_space(*s))
        s++;
    n = strlen(s);
    while (n > 0 && is_space(s[n - 1]))
        n--;
    *ret_len = n;
    return s;
}

int str_to_bool(const char *s, bool *ret)
{
    static const char *const yes[] = { "1", "t", "true", "on", "y", "yes", NULL };
    static const char *const no[] = { "0", "f", "false", "off", "n", "no", NULL };
    size_t n;
    bool is_yes;

    if (!s)
        return -EINVAL;
    s = trimmed(s, &n);
    is_yes = is_one_of(s, n, yes);
    if (!is_yes && !is_one_of(s, n, no))
        return -EINVAL;
    *ret = is_yes;
    return 0;
}

/* --- UTF-8 -------------------------------------------------------------- */

/* Bytes of the well-formed character at 's', 0 if there is none.  The second
 * byte's range excludes overlong forms, surrogates and what is above U+10FFFF. */
static size_t utf8_char(const uint8_t *s, size_t n)
{
    static const struct {
        uint8_t first, last, min2, max2, len;
    } rows[] = {
        { 0x00, 0x7f, 0x00, 0xff, 1 }, { 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
        { 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
        { 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
    };

    for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
        if (s[0] < rows[r].first || s[0] > rows[r].last)
            continue;
        if (rows[r].len > n)
            return 0;
        if (rows[r].len > 1 && (s[1] < rows[r].min2 || s[1] > rows[r].max2))
            return 0;
        for (size_t i = 2; i < rows[r].len; i++)
            if ((s[i] & 0xc0) != 0x80)
                return 0;
        return rows[r].len;
    }
    return 0;
}

bool str_is_utf8(const char *s, size_t n)
{
    const uint8_t *p = (const uint8_t *) s;

    while (n > 0) {
        size_t len = *p < 0x80 ? 1 : utf8_char(p, n);

        if (len == 0)
            return false;
        p += len;
        n -= len;
    }
    return true;
}

size_t str_utf8_len(const char *s)
{
    size_t n = 0;

    for (; *s; s++)
        n += ((uint8_t) *s & 0xc0) != 0x80;
    return n;
}

/* --- Lists -------------------------------------------------------------- */

size_t strv_len(const char *const *v)
{
    size_t n = 0;

    while (v && v[n])
        n++;
    return n;
}

bool strv_contains(const char *const *v, const char *s)
{
    strv_foreach (it, v)
        if (str_eq(*it, s))
            return true;
    return false;
}

const char **strv_add(struct arena *a, const char **v, const char *s)
{
    size_t n = strv_len(v);

    v = arena_grow(a, v, v ? (n + 1) * sizeof(*v) : 0, (n + 2) * sizeof(*v));
    v[n] = s;
    v[n + 1] = NULL;
    return v;
}

const char **str_split(struct arena *a, const char *s, char sep)
{
    char *copy = arena_strdup(a, s);
    const char **v;
    size_t n = 1;

    for (const char *p = s; *p; p++)
        n += *p == sep;
    v = arena_array(a, const char *, n + 1);
    n = 0;
    v[n++] = copy;
    for (char *p = copy; *p; p++) {
        if (*p != sep)
            continue;
        *p = '\0';
        v[n++] = p + 1;
    }
    return v;
}

char *strv_join(struct arena *a, const char *const *v, const char *sep)
{
    size_t total = 0, seplen = strlen(sep);
    char *s, *p;

    strv_foreach (it, v)
        total += strlen(*it) + seplen;
    s = p = arena_alloc(a, total + 1);
    strv_foreach (it, v) {
        if (it != v)
            p = mempcpy(p, sep, seplen);
        p = mempcpy(p, *it, strlen(*it));
    }
    return s;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}

void strv_sort(const char **v)
{
    if (v)
        qsort(v, strv_len(v), sizeof(*v), compare);
}

char *str_lower(struct arena *a, const char *s)
{
    char *copy = arena_strdup(a, s);

    for (char *p = copy; p && *p; p++)
        *p = lower(*p);
    return copy;
}

char *str_trim(struct arena *a, const char *s)
{
    size_t n;

    if (!s)
        return NULL;
    s = trimmed(s, &n);
    return arena_strndup(a, s, n);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Small questions about text, numbers in text, lists of text, encodings. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"

/* Equality where null equals only null. */
static inline bool str_eq(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static inline bool str_empty(const char *s)
{
    return !s || !*s;
}

bool str_has_prefix(const char *s, const char *prefix);
bool str_has_suffix(const char *s, const char *suffix);
bool str_eq_nocase(const char *a, const char *b); /* ASCII only. */

/* Whole-string numbers: 0, or -EINVAL (not a number), -ERANGE. */
int str_to_i64(const char *s, int64_t *ret);
int str_to_u64(const char *s, uint64_t *ret);
int str_to_double(const char *s, double *ret); /* Locale "C", finite. */

/* oslo.utils' strict bool_from_string: 1/t/true/on/y/yes and 0/f/false/off/n/no
 * in any case.  0 or -EINVAL. */
int str_to_bool(const char *s, bool *ret);

/* True when 's' is well-formed UTF-8 without surrogates (RFC 3629). */
bool str_is_utf8(const char *s, size_t n);

/* Characters (code points) of well-formed UTF-8. */
size_t str_utf8_len(const char *s);

/* Null-terminated lists of strings. */
size_t strv_len(const char *const *v); /* Null has none. */
bool strv_contains(const char *const *v, const char *s);
const char **strv_add(struct arena *a, const char **v, const char *s); /* Returns the (moved) list. */
const char **str_split(struct arena *a, const char *s, char sep);      /* Empty parts kept; "" gives one. */
char *strv_join(struct arena *a, const char *const *v, const char *sep);
void strv_sort(const char **v);

#define strv_foreach(it, v) for (const char *const *it = (const char *const *) (v); it && *it; it++)

/* Lower case copy (ASCII), without leading and trailing white space. */
char *str_lower(struct arena *a, const char *s);
char *str_trim(struct arena *a, const char *s);

/* What one digit of hex is worth, in either case; -1 for anything else. */
int hex_value(char c);

/* Hex (lower case) of 'n' bytes; the reverse gives -EINVAL for anything odd. */
char *hex_encode(struct arena *a, const void *data, size_t n);
int hex_decode(struct arena *a, const char *s, uint8_t **ret, size_t *ret_len);

/* Base64 (RFC 4648), standard with padding or URL-safe with or without it.
 * Decoding is strict: no white space, no bytes after the padding; -EINVAL. */
char *base64_encode(struct arena *a, const void *data, size_t n);
char *base64url_encode(struct arena *a, const void *data, size_t n, bool pad);
int base64_decode(struct arena *a, const char *s, size_t len, uint8_t **ret, size_t *ret_len);
int base64url_decode(struct arena *a, const char *s, size_t len, uint8_t **ret, size_t *ret_len);

/* Compares in time that depends only on the lengths. */
bool mem_eq_const_time(const void *a, const void *b, size_t n);

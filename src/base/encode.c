/* SPDX-License-Identifier: Apache-2.0 */
/* The encodings of str.h: hex, base64, and comparison in constant time. */
#include <errno.h>
#include <string.h>

#include "base/die.h"
#include "base/str.h"

static const char std_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

char *hex_encode(struct arena *a, const void *data, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *p = data;
    char *s;

    if (n > SIZE_MAX / 4)
        die("out of memory: impossible size");
    s = arena_alloc(a, 2 * n + 1);
    for (size_t i = 0; i < n; i++) {
        s[2 * i] = digits[p[i] >> 4];
        s[2 * i + 1] = digits[p[i] & 15];
    }
    return s;
}

int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

int hex_decode(struct arena *a, const char *s, uint8_t **ret, size_t *ret_len)
{
    size_t len = s ? strlen(s) : 1;
    uint8_t *bytes;

    if (len % 2)
        return -EINVAL;
    bytes = arena_alloc(a, len / 2 + 1);
    for (size_t i = 0; i < len; i += 2) {
        int high = hex_value(s[i]), low = hex_value(s[i + 1]);

        if (high < 0 || low < 0)
            return -EINVAL;
        bytes[i / 2] = (uint8_t) (high << 4 | low);
    }
    *ret = bytes;
    *ret_len = len / 2;
    return 0;
}

static char *encode64(struct arena *a, const uint8_t *p, size_t n, const char *alphabet, bool pad)
{
    char *s, *out;

    if (n > SIZE_MAX / 4)
        die("out of memory: impossible size");
    s = out = arena_alloc(a, (n + 2) / 3 * 4 + 1);
    for (; n >= 3; n -= 3, p += 3) {
        *out++ = alphabet[p[0] >> 2];
        *out++ = alphabet[(p[0] & 3) << 4 | p[1] >> 4];
        *out++ = alphabet[(p[1] & 15) << 2 | p[2] >> 6];
        *out++ = alphabet[p[2] & 63];
    }
    if (n > 0) {
        uint8_t second = n > 1 ? p[1] : 0;

        *out++ = alphabet[p[0] >> 2];
        *out++ = alphabet[(p[0] & 3) << 4 | second >> 4];
        if (n > 1)
            *out++ = alphabet[(second & 15) << 2];
        for (; pad && n < 3; n++)
            *out++ = '=';
    }
    return s;
}

char *base64_encode(struct arena *a, const void *data, size_t n)
{
    return encode64(a, data, n, std_alphabet, true);
}

char *base64url_encode(struct arena *a, const void *data, size_t n, bool pad)
{
    return encode64(a, data, n, url_alphabet, pad);
}

/* Digits of the alphabets: which they are of, and their values.  By looking up,
 * for tokens are decoded at every request. */
enum { STD = 64, URL = 128, BOTH = STD | URL, VALUE = 63 };
static const uint8_t digits64[256] = {
    ['A'] = BOTH | 0, BOTH | 1,  BOTH | 2,          BOTH | 3,         BOTH | 4,          BOTH | 5,
    BOTH | 6,         BOTH | 7,  BOTH | 8,          BOTH | 9,         BOTH | 10,         BOTH | 11,
    BOTH | 12,        BOTH | 13, BOTH | 14,         BOTH | 15,        BOTH | 16,         BOTH | 17,
    BOTH | 18,        BOTH | 19, BOTH | 20,         BOTH | 21,        BOTH | 22,         BOTH | 23,
    BOTH | 24,        BOTH | 25, ['a'] = BOTH | 26, BOTH | 27,        BOTH | 28,         BOTH | 29,
    BOTH | 30,        BOTH | 31, BOTH | 32,         BOTH | 33,        BOTH | 34,         BOTH | 35,
    BOTH | 36,        BOTH | 37, BOTH | 38,         BOTH | 39,        BOTH | 40,         BOTH | 41,
    BOTH | 42,        BOTH | 43, BOTH | 44,         BOTH | 45,        BOTH | 46,         BOTH | 47,
    BOTH | 48,        BOTH | 49, BOTH | 50,         BOTH | 51,        ['0'] = BOTH | 52, BOTH | 53,
    BOTH | 54,        BOTH | 55, BOTH | 56,         BOTH | 57,        BOTH | 58,         BOTH | 59,
    BOTH | 60,        BOTH | 61, ['+'] = STD | 62,  ['/'] = STD | 63, ['-'] = URL | 62,  ['_'] = URL | 63,
};

/* Writes the three bytes of four digits; returns the alphabets that have them all. */
static inline uint8_t decode_group(const char *s, uint8_t *ret)
{
    uint8_t a = digits64[(uint8_t) s[0]], b = digits64[(uint8_t) s[1]];
    uint8_t c = digits64[(uint8_t) s[2]], d = digits64[(uint8_t) s[3]];

    ret[0] = (uint8_t) (a << 2 | (b & VALUE) >> 4);
    ret[1] = (uint8_t) (b << 4 | (c & VALUE) >> 2);
    ret[2] = (uint8_t) (c << 6 | (d & VALUE));
    return a & b & c & d;
}

/* Digits without padding.  Bits that no byte uses must be 0, so that there is
 * one text for the same bytes: tokens are compared and cached as text. */
static int decode64(struct arena *a, const char *s, size_t len, uint8_t alphabet, uint8_t **ret,
                    size_t *ret_len)
{
    uint8_t *bytes = arena_alloc(a, len / 4 * 3 + 4), *end = bytes;
    char last[4] = { 'A', 'A', 'A', 'A' }; /* Digits that are missing are 0. */
    size_t missing = -len % 4;

    if (missing == 3)
        return -EINVAL;
    for (; len >= 4; len -= 4, s += 4, end += 3)
        alphabet &= decode_group(s, end);
    if (len) {
        memcpy(last, s, len);
        alphabet &= decode_group(last, end);
        end += 3;
    }
    for (size_t i = 0; i < missing; i++)
        if (*--end)
            return -EINVAL;
    if (!alphabet)
        return -EINVAL;
    *ret = bytes;
    *ret_len = (size_t) (end - bytes);
    return 0;
}

/* The length without the one or two '=' at the end of a full group. */
static size_t without_padding(const char *s, size_t len)
{
    if (len % 4 == 0 && len > 0 && s[len - 1] == '=')
        return s[len - 2] == '=' ? len - 2 : len - 1;
    return len;
}

int base64_decode(struct arena *a, const char *s, size_t len, uint8_t **ret, size_t *ret_len)
{
    if (len % 4)
        return -EINVAL;
    return decode64(a, s, without_padding(s, len), STD, ret, ret_len);
}

int base64url_decode(struct arena *a, const char *s, size_t len, uint8_t **ret, size_t *ret_len)
{
    return decode64(a, s, without_padding(s, len), URL, ret, ret_len);
}

bool mem_eq_const_time(const void *a, const void *b, size_t n)
{
    const volatile uint8_t *p = a, *q = b;
    uint8_t differ = 0;

    for (size_t i = 0; i < n; i++)
        differ |= p[i] ^ q[i];
    return differ == 0;
}

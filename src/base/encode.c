/* SPDX-License-Identifier: Apache-2.0 */
/* The encodings of str.h: hex, base64, and comparison in constant time. */
#include <errno.h>

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

/* The value of a digit, or -1; '62' and '63' are the alphabet's last two. */
static int digit64(char c, const char *alphabet)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == alphabet[62])
        return 62;
    return c == alphabet[63] ? 63 : -1;
}

/* Digits without padding.  Bits that no byte uses must be 0, so that there is
 * one text for the same bytes: tokens are compared and cached as text. */
static int decode64(struct arena *a, const char *s, size_t len, const char *alphabet, uint8_t **ret,
                    size_t *ret_len)
{
    uint8_t *bytes = arena_alloc(a, len / 4 * 3 + 4);
    uint32_t bits = 0;
    size_t n = 0;
    int have = 0;

    if (len % 4 == 1)
        return -EINVAL;
    for (size_t i = 0; i < len; i++) {
        int v = digit64(s[i], alphabet);

        if (v < 0)
            return -EINVAL;
        bits = bits << 6 | (uint32_t) v;
        have += 6;
        if (have >= 8) {
            have -= 8;
            bytes[n++] = (uint8_t) (bits >> have);
            bits &= (1u << have) - 1;
        }
    }
    if (bits)
        return -EINVAL;
    *ret = bytes;
    *ret_len = n;
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
    return decode64(a, s, without_padding(s, len), std_alphabet, ret, ret_len);
}

int base64url_decode(struct arena *a, const char *s, size_t len, uint8_t **ret, size_t *ret_len)
{
    return decode64(a, s, without_padding(s, len), url_alphabet, ret, ret_len);
}

bool mem_eq_const_time(const void *a, const void *b, size_t n)
{
    const volatile uint8_t *p = a, *q = b;
    uint8_t differ = 0;

    for (size_t i = 0; i < n; i++)
        differ |= p[i] ^ q[i];
    return differ == 0;
}

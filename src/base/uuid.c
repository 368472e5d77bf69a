/* SPDX-License-Identifier: Apache-2.0 */
#include "base/uuid.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "base/die.h"
#include "base/str.h"

#define UUID_BYTES   16
#define DASHED_LEN   36
#define UNDASHED_LEN 32

static bool is_dash_place(size_t i)
{
    return i == 8 || i == 13 || i == 18 || i == 23;
}

void random_bytes(void *buf, size_t n)
{
    char *p = buf;

    while (n > 0) {
        ssize_t r = getrandom(p, n, 0);

        if (r < 0 && errno != EINTR)
            die("the system gives no random bytes");
        if (r > 0) {
            p += r;
            n -= (size_t) r;
        }
    }
}

static void random_uuid(uint8_t ret[static UUID_BYTES])
{
    random_bytes(ret, UUID_BYTES);
    ret[6] = (uint8_t) ((ret[6] & 0x0f) | 0x40);
    ret[8] = (uint8_t) ((ret[8] & 0x3f) | 0x80);
}

/* Writes the digits, with dashes when wanted; returns the end. */
static char *write_digits(char *p, const uint8_t *bytes, bool dashed)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < UUID_BYTES; i++) {
        if (dashed && (i == 4 || i == 6 || i == 8 || i == 10))
            *p++ = '-';
        *p++ = digits[bytes[i] >> 4];
        *p++ = digits[bytes[i] & 15];
    }
    return p;
}

char *uuid_text(struct arena *a, const uint8_t bytes[static UUID_BYTES])
{
    char *s = arena_alloc(a, DASHED_LEN + 1);

    write_digits(s, bytes, true);
    return s;
}

char *uuid_text_hex(struct arena *a, const uint8_t bytes[static UUID_BYTES])
{
    char *s = arena_alloc(a, UNDASHED_LEN + 1);

    write_digits(s, bytes, false);
    return s;
}

char *uuid_new(struct arena *a)
{
    uint8_t bytes[UUID_BYTES];

    random_uuid(bytes);
    return uuid_text(a, bytes);
}

char *uuid_new_hex(struct arena *a)
{
    uint8_t bytes[UUID_BYTES];

    random_uuid(bytes);
    return uuid_text_hex(a, bytes);
}

/* Each thread asks the system for many at once: a request's id is no secret,
 * it must only be nobody else's. */
static void reqid_bytes(uint8_t ret[static UUID_BYTES])
{
    static _Thread_local uint8_t some[64 * UUID_BYTES];
    static _Thread_local size_t left;

    if (!left) {
        random_bytes(some, sizeof(some));
        left = sizeof(some);
    }
    left -= UUID_BYTES;
    memcpy(ret, some + left, UUID_BYTES);
    ret[6] = (uint8_t) ((ret[6] & 0x0f) | 0x40);
    ret[8] = (uint8_t) ((ret[8] & 0x3f) | 0x80);
}

char *reqid_new(struct arena *a)
{
    uint8_t bytes[UUID_BYTES];
    char *s = arena_alloc(a, 4 + DASHED_LEN + 1);

    reqid_bytes(bytes);
    memcpy(s, "req-", 4);
    write_digits(s + 4, bytes, true);
    return s;
}

int uuid_parse(const char *s, uint8_t ret[static UUID_BYTES])
{
    size_t len = s ? strnlen(s, DASHED_LEN + 1) : 0, digit = 0;
    uint8_t bytes[UUID_BYTES] = { 0 };

    if (len != DASHED_LEN && len != UNDASHED_LEN)
        return -EINVAL;
    for (size_t i = 0; i < len; i++) {
        int v = hex_value(s[i]);

        if (len == DASHED_LEN && is_dash_place(i)) {
            if (s[i] != '-')
                return -EINVAL;
            continue;
        }
        if (v < 0)
            return -EINVAL;
        bytes[digit / 2] = (uint8_t) (bytes[digit / 2] << 4 | v);
        digit++;
    }
    memcpy(ret, bytes, sizeof(bytes));
    return 0;
}

bool uuid_is_valid(const char *s)
{
    uint8_t bytes[UUID_BYTES];

    return uuid_parse(s, bytes) == 0;
}

bool uuid_is_dashed(const char *s)
{
    return s && strnlen(s, DASHED_LEN + 1) == DASHED_LEN && uuid_is_valid(s);
}

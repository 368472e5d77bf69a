/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/driver/token/msgpack.h"

#include <string.h>

static void put(struct strbuf *b, uint8_t tag, const void *data, size_t n)
{
    strbuf_putc(b, (char) tag);
    strbuf_add(b, data, n);
}

static void put_be(struct strbuf *b, uint8_t tag, uint64_t v, unsigned bytes)
{
    uint8_t buf[8];

    for (unsigned i = 0; i < bytes; i++)
        buf[i] = (uint8_t) (v >> (8 * (bytes - 1 - i)));
    put(b, tag, buf, bytes);
}

void pack_array(struct strbuf *b, unsigned n)
{
    strbuf_putc(b, (char) (0x90 | (n & 15)));
}

void pack_uint(struct strbuf *b, uint64_t v)
{
    if (v < 0x80)
        strbuf_putc(b, (char) v);
    else if (v <= UINT8_MAX)
        put_be(b, 0xcc, v, 1);
    else if (v <= UINT16_MAX)
        put_be(b, 0xcd, v, 2);
    else if (v <= UINT32_MAX)
        put_be(b, 0xce, v, 4);
    else
        put_be(b, 0xcf, v, 8);
}

void pack_double(struct strbuf *b, double v)
{
    uint64_t bits;

    memcpy(&bits, &v, sizeof(bits));
    put_be(b, 0xcb, bits, 8);
}

void pack_bool(struct strbuf *b, bool v)
{
    strbuf_putc(b, (char) (v ? 0xc3 : 0xc2));
}

void pack_nil(struct strbuf *b)
{
    strbuf_putc(b, (char) 0xc0);
}

void pack_str(struct strbuf *b, const char *s)
{
    size_t n = strlen(s);

    if (n < 32)
        strbuf_putc(b, (char) (0xa0 | n));
    else
        put_be(b, 0xd9, n, 1);
    strbuf_add(b, s, n);
}

void pack_bin(struct strbuf *b, const void *data, size_t n)
{
    put_be(b, 0xc4, n, 1);
    strbuf_add(b, data, n);
}

/* 'bytes' of big-endian number. */
static bool get_be(struct unpacker *u, unsigned bytes, uint64_t *ret)
{
    uint64_t v = 0;

    if ((size_t) (u->end - u->at) < bytes)
        return false;
    for (unsigned i = 0; i < bytes; i++)
        v = v << 8 | *u->at++;
    *ret = v;
    return true;
}

static bool get_bytes(struct unpacker *u, uint64_t n, struct unpacked *ret, enum unpack_kind kind)
{
    if ((uint64_t) (u->end - u->at) < n)
        return false;
    *ret = (struct unpacked){ .kind = kind, .p = u->at, .n = (size_t) n };
    u->at += n;
    return true;
}

static bool get_uint(struct unpacker *u, unsigned bytes, struct unpacked *ret)
{
    ret->kind = UNPACK_UINT;
    return get_be(u, bytes, &ret->u);
}

static bool get_double(struct unpacker *u, struct unpacked *ret)
{
    uint64_t bits;

    if (!get_be(u, 8, &bits))
        return false;
    ret->kind = UNPACK_DOUBLE;
    memcpy(&ret->d, &bits, sizeof(bits));
    return true;
}

bool unpack_next(struct unpacker *u, struct unpacked *ret)
{
    uint64_t n;
    uint8_t tag;

    if (u->at >= u->end)
        return false;
    tag = *u->at++;
    if (tag < 0x80)
        *ret = (struct unpacked){ .kind = UNPACK_UINT, .u = tag };
    else if ((tag & 0xf0) == 0x90)
        *ret = (struct unpacked){ .kind = UNPACK_ARRAY, .u = tag & 15 };
    else if ((tag & 0xe0) == 0xa0)
        return get_bytes(u, tag & 31, ret, UNPACK_STR);
    else if (tag == 0xc0)
        *ret = (struct unpacked){ .kind = UNPACK_NIL };
    else if (tag == 0xc2 || tag == 0xc3)
        *ret = (struct unpacked){ .kind = UNPACK_BOOL, .u = tag & 1 };
    else if (tag == 0xc4)
        return get_be(u, 1, &n) && get_bytes(u, n, ret, UNPACK_BIN);
    else if (tag == 0xd9)
        return get_be(u, 1, &n) && get_bytes(u, n, ret, UNPACK_STR);
    else if (tag == 0xcb)
        return get_double(u, ret);
    else if (tag >= 0xcc && tag <= 0xcf)
        return get_uint(u, 1u << (tag - 0xcc), ret);
    else
        return false;
    return true;
}

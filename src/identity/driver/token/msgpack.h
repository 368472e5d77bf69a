/* SPDX-License-Identifier: Apache-2.0 */
/* The part of MessagePack (the public spec) that Keystone's tokens use. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"

void pack_array(struct strbuf *b, unsigned n); /* At most 15 items. */
void pack_uint(struct strbuf *b, uint64_t v);
void pack_double(struct strbuf *b, double v);
void pack_bool(struct strbuf *b, bool v);
void pack_nil(struct strbuf *b);
void pack_str(struct strbuf *b, const char *s);              /* At most 255 bytes. */
void pack_bin(struct strbuf *b, const void *data, size_t n); /* Likewise. */

enum unpack_kind {
    UNPACK_NIL,
    UNPACK_UINT,
    UNPACK_DOUBLE,
    UNPACK_BOOL,
    UNPACK_STR,
    UNPACK_BIN,
    UNPACK_ARRAY
};

struct unpacked {
    enum unpack_kind kind;
    uint64_t u; /* UINT, BOOL, items of an ARRAY */
    double d;
    const uint8_t *p; /* STR, BIN: into the input */
    size_t n;
};

struct unpacker {
    const uint8_t *at, *end;
};

/* The next item; false at the end, or for what tokens do not use. */
bool unpack_next(struct unpacker *u, struct unpacked *ret);

/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers in bytes as formats and protocols have them, at any alignment:
 * be: most significant byte first, le: last. */
#pragma once

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define ALL_BYTES(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Whether 8 bytes are printable ASCII without '"' and '\\': what neither JSON nor a log escapes. */
static inline bool is_plain8(uint64_t x)
{
    uint64_t quote = x ^ ALL_BYTES('"'), slash = x ^ ALL_BYTES('\\'), del = x ^ ALL_BYTES(0x7f);
    uint64_t odd =
        (x - ALL_BYTES(0x20)) | (quote - ALL_BYTES(1)) | (slash - ALL_BYTES(1)) | (del - ALL_BYTES(1)) | x;

    /* The subtractions may also mark a byte above one that is marked, never
     * one in a word without: enough for a yes or no. */
    return (odd & ALL_BYTES(0x80)) == 0;
}

static inline uint16_t read_le16(const void *p)
{
    uint16_t v;

    memcpy(&v, p, sizeof(v));
    return le16toh(v);
}

static inline uint32_t read_le32(const void *p)
{
    uint32_t v;

    memcpy(&v, p, sizeof(v));
    return le32toh(v);
}

static inline uint64_t read_le64(const void *p)
{
    uint64_t v;

    memcpy(&v, p, sizeof(v));
    return le64toh(v);
}

static inline uint32_t read_be32(const void *p)
{
    uint32_t v;

    memcpy(&v, p, sizeof(v));
    return be32toh(v);
}

static inline uint64_t read_be64(const void *p)
{
    uint64_t v;

    memcpy(&v, p, sizeof(v));
    return be64toh(v);
}

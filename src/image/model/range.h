/* SPDX-License-Identifier: Apache-2.0 */
/* Which part of the data is asked for. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct byte_range {
    uint64_t offset, n;
    bool partial; /* The answer is 206. */
};

/* Reads "bytes=0-9", "bytes=10-", "bytes=-5"; or, as old clients send it,
 * Content-Range "bytes 0-9/100".  Both may be null: all.  0, or -ERANGE. */
int range_read(const char *range, const char *content_range, uint64_t size, struct byte_range *ret);

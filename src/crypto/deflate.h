/* SPDX-License-Identifier: Apache-2.0 */
/* Compressed data with a limit (zlib, RFC 1950). */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

int deflate_data(struct arena *a, const void *data, size_t n, uint8_t **ret, size_t *ret_n);

/* -EBADMSG for what is no zlib stream, ends too early or has something behind
 * it; -EFBIG as soon as it becomes longer than 'max'. */
int inflate_data(struct arena *a, const void *data, size_t n, size_t max, uint8_t **ret, size_t *ret_n);

/* SPDX-License-Identifier: Apache-2.0 */
/* Digests and MACs (OpenSSL EVP inside). */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

enum digest_kind { DIGEST_MD5, DIGEST_SHA1, DIGEST_SHA256, DIGEST_SHA512 };

#define DIGEST_MAX 64

/* Bytes that 'kind' gives. */
size_t digest_size(enum digest_kind kind);

/* Digest of a buffer into 'ret'; returns its size. */
size_t digest_of(enum digest_kind kind, const void *data, size_t n, uint8_t ret[static DIGEST_MAX]);

/* The same as hex text. */
char *digest_hex(struct arena *a, enum digest_kind kind, const void *data, size_t n);

/* HMAC (RFC 2104). */
size_t hmac_of(enum digest_kind kind, const void *key, size_t key_len, const void *data, size_t n,
               uint8_t ret[static DIGEST_MAX]);

/* Running digest. */
struct digest;
struct digest *digest_new(enum digest_kind kind);
void digest_add(struct digest *d, const void *data, size_t n);
char *digest_finish_hex(struct digest *d, struct arena *a); /* 'd' is spent, still to be freed. */
void digest_free(struct digest *d);

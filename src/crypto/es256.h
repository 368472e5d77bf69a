/* SPDX-License-Identifier: Apache-2.0 */
/* ES256 (RFC 7518): ECDSA on P-256 with SHA-256, signatures as 64 bytes. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define ES256_SIGNATURE 64

struct es256_keys; /* Read-only after loading; safe from many threads. */

/* A new pair in two PEM files (PKCS #8, 0600; SubjectPublicKeyInfo, 0644).
 * Neither may be there yet: -EEXIST. */
int es256_make(const char *private_path, const char *public_path, struct err *err);

/* The private key of a file and every public key of a folder. */
int es256_load(const char *private_path, const char *public_dir, struct es256_keys **ret, struct err *err);
void es256_free(struct es256_keys *k);

int es256_sign(const struct es256_keys *k, const void *data, size_t n, uint8_t ret[static ES256_SIGNATURE]);

/* Any of the public keys will do. */
bool es256_verify(const struct es256_keys *k, const void *data, size_t n,
                  const uint8_t signature[static ES256_SIGNATURE]);

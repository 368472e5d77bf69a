/* SPDX-License-Identifier: Apache-2.0 */
/* Fernet messages (the public Fernet spec, version 0x80: AES-128-CBC,
 * HMAC-SHA256) and key repositories as Keystone keeps them: files named by
 * numbers, 0 the staged key, the highest the primary.  Changes take a lock on
 * the directory, so that processes may do them at once. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

struct fernet_keys; /* Read-only after loading; safe from many threads. */

/* Makes the repository with keys 0 and 1 (files 0600, directory 0700) when it
 * has none. */
int fernet_setup(const char *dir, struct err *err);

/* Staged key becomes primary, a new one is staged, secondary keys beyond
 * 'max_active' are removed.  A crash at any point leaves a usable set. */
int fernet_rotate(const char *dir, unsigned max_active, struct err *err);

int fernet_load(const char *dir, struct fernet_keys **ret, struct err *err);
void fernet_free(struct fernet_keys *k);

/* Token text (URL-safe base64, padding stripped as Keystone does). */
char *fernet_encrypt(struct arena *a, const struct fernet_keys *k, int64_t now_s, const void *data, size_t n);

/* Opens with any key of the set.  0, or -EBADMSG without saying why. */
int fernet_decrypt(struct arena *a, const struct fernet_keys *k, const char *token, uint8_t **ret,
                   size_t *ret_n, int64_t *ret_time_s);

/* SHA-1 in hex of the primary key's text: what Keystone notes beside what the
 * key encrypted, to know what a rotation leaves behind. */
char *fernet_primary_hash(struct arena *a, const struct fernet_keys *k);

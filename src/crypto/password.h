/* SPDX-License-Identifier: Apache-2.0 */
/* Password hashes, of the kinds that Keystone makes and in the texts that it
 * reads: bcrypt through crypt_r(3), bcrypt of a digest, scrypt, PBKDF2.  bcrypt
 * reads 72 bytes and no more; of a longer password it gets a digest (the scheme
 * "bcrypt_sha256"), so that its first bytes alone open nothing.  Slow on
 * purpose: call on a worker, never on a server thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/secret.h"

/* How new hashes are made.  What is 0 or null is as usual: bcrypt, and the kind's own numbers. */
struct password_recipe {
    const char *kind;                /* "bcrypt", "bcrypt_sha256", "scrypt", "pbkdf2_sha512" */
    int64_t rounds;                  /* Of pbkdf2_sha512 as many, of the others 2 to this power. */
    int64_t block_size, parallelism; /* Of scrypt. */
    int64_t salt_bytes;              /* Of scrypt and pbkdf2_sha512. */
};

/* -EINVAL when no hash can be made like that. */
int password_recipe_check(const struct password_recipe *recipe, struct err *err);

/* 0, or -EINVAL for no password or an unusable recipe. */
int password_hash(struct arena *a, struct secret password, const struct password_recipe *recipe, char **ret,
                  struct err *err);

/* True for a hash of a kind that the recipe does not make: whoever logs in
 * with it should get a new one. */
bool password_is_old(const char *hash, const struct password_recipe *recipe);

/* True when 'password' gives 'hash' ($2b$, $2a$, $2y$, $5$, $6$, and passlib's
 * $scrypt$, $pbkdf2-sha512$, $pbkdf2-sha256$, $pbkdf2$ and $bcrypt-sha256$; and
 * $cut72$2b$…, a bcrypt hash of somebody who cuts passwords after 72 bytes, as
 * Keystone does, so that all of them still open it).  A null or
 * unknown hash takes as long as one of the recipe and is false, so that
 * time tells nothing about who exists. */
bool password_check(struct secret password, const char *hash, const struct password_recipe *recipe);

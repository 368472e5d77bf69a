/* SPDX-License-Identifier: Apache-2.0 */
/* Password hashes: bcrypt through crypt_r(3).  That reads 72 bytes and no more;
 * of a longer password it gets a digest (the scheme that Keystone has as
 * "bcrypt_sha256"), so that its first bytes alone open nothing.  Slow on purpose: call on a worker, never on a
 * server thread. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/secret.h"

/* "$2b$rounds$…" or "$bcrypt-sha256$…"; 0 or -EINVAL for a NUL or an unusable setting. */
int password_hash(struct arena *a, struct secret password, unsigned rounds, char **ret, struct err *err);

/* True for a hash of a kind that password_hash() does not make: whoever logs
 * in with it should get a new one. */
bool password_is_old(const char *hash);

/* True when 'password' gives 'hash' ($2b$, $2a$, $2y$, $5$, $6$, and passlib's
 * $scrypt$, $pbkdf2-sha512$, $pbkdf2-sha256$, $pbkdf2$ and $bcrypt-sha256$; and
 * $cut72$2b$…, a bcrypt hash of somebody who cuts passwords after 72 bytes, as
 * Keystone does, so that all of them still open it).  A null or
 * unknown hash takes as long as a real one at 'rounds' and is false, so that
 * time tells nothing about who exists. */
bool password_check(struct secret password, const char *hash, unsigned rounds);

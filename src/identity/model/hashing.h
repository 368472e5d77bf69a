/* SPDX-License-Identifier: Apache-2.0 */
/* Slow hashes, on threads of their own: as many as there are cores, and of the
 * lowest priority, so that logins take what time others leave instead of
 * theirs.  One that gets none for a second asks for a small share. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/secret.h"

struct identity;
struct hashing;

struct hashing *hashing_new(void);
void hashing_free(struct hashing *h);

/* password_check() and password_hash() at the configured cost.  They wait, so
 * only on a worker and without a transaction. */
bool hashing_check(const struct identity *id, struct secret password, const char *hash);
int hashing_make(const struct identity *id, struct arena *a, struct secret password, char **ret,
                 struct err *err);

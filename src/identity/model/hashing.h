/* SPDX-License-Identifier: Apache-2.0 */
/* Slow hashes, on threads of their own: as many as half of the cores, which
 * take what time others leave instead of theirs.  When nothing comes of that for
 * three seconds, others that ask for a small share begin the same. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/secret.h"

struct identity;
struct hashing;

/* With places for so many strangers at once. */
struct hashing *hashing_new(unsigned strangers);
void hashing_free(struct hashing *h);

/* A place for whoever hashes what a stranger sent; given back with
 * hashing_leave().  Each waits on a worker: when they were all taken, nothing
 * else would be answered.  503 when there is none left. */
int hashing_enter(const struct identity *id, struct err *err);
void hashing_leave(const struct identity *id);

/* password_check() and password_hash() at the configured cost.  They wait, so
 * only on a worker and without a transaction. */
bool hashing_check(const struct identity *id, struct secret password, const char *hash);
int hashing_make(const struct identity *id, struct arena *a, struct secret password, char **ret,
                 struct err *err);

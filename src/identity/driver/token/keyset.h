/* SPDX-License-Identifier: Apache-2.0 */
/* Keys in files that may be changed while we run: they are read again when one
 * of the paths (files or folders) has changed. */
#pragma once

#include "base/err.h"

struct keyset;

struct keyset_kind {
    /* Reads the keys; 'paths' is what was given to keyset_open(). */
    int (*load)(const char *const *paths, void **ret, struct err *err);
    void (*free)(void *keys);
};

/* 'paths' ends with null and is copied. */
int keyset_open(const struct keyset_kind *kind, const char *const *paths, struct keyset **ret,
                struct err *err);
void keyset_close(struct keyset *k);

/* The keys of now; they stay valid until the set is closed.  Looks at the
 * paths at most once a second. */
const void *keyset_now(struct keyset *k);

/* The same with a look at the paths in any case: for what these keys do not
 * open, because another process may have newer ones. */
const void *keyset_fresh(struct keyset *k);

const char *keyset_path(const struct keyset *k, unsigned i);

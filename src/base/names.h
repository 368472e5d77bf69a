/* SPDX-License-Identifier: Apache-2.0 */
/* Short names that come from outside (another process, a database) and must
 * live as long as their owner, such as err.type, which points to a static
 * text.  Each is kept once.  Safe from many threads. */
#pragma once

#include <pthread.h>

#include "base/hash.h"

struct names {
    pthread_mutex_t lock;
    struct hash set;
};

void names_init(struct names *n);
void names_done(struct names *n);

/* The same text, living until names_done().  Null for null and "", and when
 * it is longer than 64 bytes or 512 others are kept: who sends many loses
 * them, and takes no more memory. */
const char *names_keep(struct names *n, const char *name);

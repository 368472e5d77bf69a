/* SPDX-License-Identifier: Apache-2.0 */
/* A bounded pool of worker threads, started on demand and ended when idle. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct pool;

/* At most 'threads' at once, at most 'queue' waiting (0: no limit). */
struct pool *pool_new(const char *name, unsigned threads, size_t queue);

/* Waits for what runs, drops what waits (calls nothing), frees. */
void pool_free(struct pool *p);

/* False when the queue is full. */
bool pool_run(struct pool *p, void (*fn)(void *arg), void *arg);

/* Numbers for metrics. */
void pool_stats(struct pool *p, unsigned *ret_busy, size_t *ret_queued);

/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of a server for Prometheus (text format 0.0.4). */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

#include "base/strbuf.h"

struct server;

#define METRICS_BUCKETS 8

struct metrics {
    _Atomic uint64_t requests[6]; /* By status class; 0 unused. */
    _Atomic uint64_t buckets[METRICS_BUCKETS + 1];
    _Atomic uint64_t sum_us;
};

void metrics_count(struct metrics *m, int status, int64_t us);
void metrics_write(struct server *s, const struct metrics *m, struct strbuf *out);

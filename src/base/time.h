/* SPDX-License-Identifier: Apache-2.0 */
/* Time: microseconds since 1970-01-01T00:00:00Z in int64_t, 0 for "none". */
#pragma once

#include <stdint.h>

#include "base/arena.h"

/* Where a component takes the time from; a test sets 'fixed_us'. */
struct clock {
    int64_t fixed_us; /* 0: the system's clock. */
};

int64_t clock_now_us(const struct clock *c); /* 'c' null: the system's. */

/* Wall clock and monotonic clock of the system. */
int64_t time_now_us(void);
int64_t time_mono_us(void);

enum time_format {
    TIME_ISO_Z,       /* 2026-01-02T03:04:05Z          (nova, glance, neutron) */
    TIME_ISO_MICRO_Z, /* 2026-01-02T03:04:05.000000Z   (keystone tokens) */
    TIME_ISO_MICRO,   /* 2026-01-02T03:04:05.000000    (cinder, nova's details) */
    TIME_HTTP,        /* Fri, 02 Jan 2026 03:04:05 GMT (RFC 9110) */
    TIME_LOG,         /* 2026-01-02 03:04:05.000 */
};

#define TIME_TEXT_MAX 40

/* Writes the UTC text; returns 'buf'. */
char *time_write(char buf[static TIME_TEXT_MAX], int64_t us, enum time_format f);
char *time_text(struct arena *a, int64_t us, enum time_format f);

/* Reads ISO 8601 with 'T' or a space, optional fraction, 'Z', an offset or
 * nothing (UTC); also a date alone.  0 or -EINVAL. */
int time_parse(const char *s, int64_t *ret_us);

/* SPDX-License-Identifier: Apache-2.0 */
/* Carries one claimed operation as far as it goes. */
#pragma once

#include "work/store.h"

struct runner {
    const struct op_store *store;
    void *ctx;
    const struct log *log;
    int64_t lease_us;
    const char *stop_at, *stop_file; /* See worker_config. */
    void *worker;
    /* Whether the worker is to stop, after waiting for that or 'ms'. */
    bool (*is_stopping)(void *worker, int64_t ms);
};

/* Runs steps until the operation ends, waits or loses its lease.  Returns
 * when it is due again, 0 when it has ended (or is another's). */
int64_t run_operation(const struct runner *x, struct op_row *row);

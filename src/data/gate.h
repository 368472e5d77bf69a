/* SPDX-License-Identifier: Apache-2.0 */
/* A gate lets a number of threads in at once; others wait in the order in
 * which they came.  The pool's connections and SQLite's one writer stand
 * behind gates, so that nobody polls and nobody starves. */
#pragma once

#include <pthread.h>
#include <stdint.h>

struct gate_waiter;

struct gate {
    pthread_mutex_t lock;
    unsigned free; /* How many may still enter. */
    struct gate_waiter *first, **last;
};

void gate_init(struct gate *g, unsigned places);
void gate_done(struct gate *g);

/* Enters, waiting until 'deadline_us' (monotonic).  0 or -EAGAIN. */
int gate_enter(struct gate *g, int64_t deadline_us);
void gate_leave(struct gate *g);

/* SPDX-License-Identifier: Apache-2.0 */
#include "data/gate.h"

#include <errno.h>
#include <stdbool.h>
#include <time.h>

struct gate_waiter {
    struct gate_waiter *next;
    pthread_cond_t wake;
    bool in; /* A place was handed over. */
};

void gate_init(struct gate *g, unsigned places)
{
    pthread_mutex_init(&g->lock, NULL);
    g->free = places;
    g->first = NULL;
    g->last = &g->first;
}

void gate_done(struct gate *g)
{
    pthread_mutex_destroy(&g->lock);
}

static void forget_waiter(struct gate *g, struct gate_waiter *w)
{
    for (struct gate_waiter **p = &g->first; *p; p = &(*p)->next)
        if (*p == w) {
            *p = w->next;
            if (g->last == &w->next)
                g->last = p;
            return;
        }
}

static int wait_for_place(struct gate *g, struct gate_waiter *w, int64_t deadline_us)
{
    struct timespec until = { .tv_sec = deadline_us / 1000000, .tv_nsec = deadline_us % 1000000 * 1000 };

    while (!w->in)
        if (pthread_cond_timedwait(&w->wake, &g->lock, &until) == ETIMEDOUT && !w->in) {
            forget_waiter(g, w);
            return -EAGAIN;
        }
    return 0;
}

int gate_enter(struct gate *g, int64_t deadline_us)
{
    struct gate_waiter w = { 0 };
    pthread_condattr_t attr;
    int r = 0;

    pthread_mutex_lock(&g->lock);
    if (g->free > 0) {
        g->free--;
        pthread_mutex_unlock(&g->lock);
        return 0;
    }

    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&w.wake, &attr);
    pthread_condattr_destroy(&attr);
    *g->last = &w;
    g->last = &w.next;
    r = wait_for_place(g, &w, deadline_us);
    pthread_mutex_unlock(&g->lock);
    pthread_cond_destroy(&w.wake);
    return r;
}

void gate_leave(struct gate *g)
{
    struct gate_waiter *w;

    pthread_mutex_lock(&g->lock);
    w = g->first;
    if (w) {
        g->first = w->next;
        if (!g->first)
            g->last = &g->first;
        w->in = true;
        /* While the lock is held: the waiter's condition is on its stack. */
        pthread_cond_signal(&w->wake);
    } else {
        g->free++;
    }
    pthread_mutex_unlock(&g->lock);
}

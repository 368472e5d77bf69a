/* SPDX-License-Identifier: Apache-2.0 */
#include "io/pool.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/die.h"

#define IDLE_S 10

struct task {
    struct task *next;
    void (*fn)(void *arg);
    void *arg;
};

struct worker {
    struct worker *next; /* In the list of those that ended. */
    struct pool *pool;
    pthread_t thread;
};

struct pool {
    char name[16];
    unsigned max;
    size_t queue_max;

    pthread_mutex_t lock;
    pthread_cond_t more;    /* A task came, or the end. */
    pthread_cond_t changed; /* A worker ended. */
    struct task *head, **tail;
    size_t queued;
    unsigned live, busy;
    struct worker *ended; /* To be joined. */
    bool stopping;
};

static void *must_calloc(size_t size)
{
    void *p = calloc(1, size);

    if (!p)
        die("out of memory");
    return p;
}

struct pool *pool_new(const char *name, unsigned threads, size_t queue)
{
    struct pool *p = must_calloc(sizeof(*p));
    pthread_condattr_t attr;

    snprintf(p->name, sizeof(p->name), "%s", name);
    p->max = threads ? threads : 1;
    p->queue_max = queue;
    p->tail = &p->head;
    pthread_mutex_init(&p->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&p->more, &attr);
    pthread_cond_init(&p->changed, NULL);
    pthread_condattr_destroy(&attr);
    return p;
}

/* The next task; null when the worker shall end.  With the lock held. */
static struct task *task_take(struct pool *p)
{
    struct timespec until;
    struct task *t;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += IDLE_S;
    while (!p->head && !p->stopping)
        if (pthread_cond_timedwait(&p->more, &p->lock, &until) == ETIMEDOUT)
            break;
    t = p->stopping ? NULL : p->head;
    if (!t)
        return NULL;
    p->head = t->next;
    if (!p->head)
        p->tail = &p->head;
    p->queued--;
    return t;
}

static void *worker_main(void *arg)
{
    struct worker *w = arg;
    struct pool *p = w->pool;
    struct task *t;

    pthread_setname_np(pthread_self(), p->name);
    pthread_mutex_lock(&p->lock);
    while ((t = task_take(p))) {
        p->busy++;
        pthread_mutex_unlock(&p->lock);
        t->fn(t->arg);
        free(t);
        pthread_mutex_lock(&p->lock);
        p->busy--;
    }
    p->live--;
    w->next = p->ended;
    p->ended = w;
    pthread_cond_signal(&p->changed);
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

/* Joins what ended; they hold no lock any more, so this is quick. */
static void join_ended(struct pool *p)
{
    while (p->ended) {
        struct worker *w = p->ended;

        p->ended = w->next;
        pthread_join(w->thread, NULL);
        free(w);
    }
}

/* Starts a worker, with signals left to the threads that want them, but for its own faults. */
static bool worker_start(struct pool *p)
{
    struct worker *w = must_calloc(sizeof(*w));
    sigset_t all, old;
    int r;

    w->pool = p;
    sigfillset(&all);
    sigdelset(&all, SIGSEGV);
    sigdelset(&all, SIGBUS);
    sigdelset(&all, SIGFPE);
    sigdelset(&all, SIGILL);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    r = pthread_create(&w->thread, NULL, worker_main, w);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (r != 0) {
        free(w);
        return false;
    }
    p->live++;
    return true;
}

bool pool_run(struct pool *p, void (*fn)(void *arg), void *arg)
{
    struct task *t = must_calloc(sizeof(*t));
    bool ok;

    t->fn = fn;
    t->arg = arg;

    pthread_mutex_lock(&p->lock);
    join_ended(p);
    /* Threads that are free, or would be made, take theirs without a queue. */
    ok = !p->stopping && (!p->queue_max || p->queued < p->queue_max + (p->max - p->busy));
    if (ok && p->queued >= p->live - p->busy && p->live < p->max)
        ok = worker_start(p) || p->live > 0;
    if (ok) {
        *p->tail = t;
        p->tail = &t->next;
        p->queued++;
        pthread_cond_signal(&p->more);
    }
    pthread_mutex_unlock(&p->lock);

    if (!ok)
        free(t);
    return ok;
}

void pool_stats(struct pool *p, unsigned *ret_busy, size_t *ret_queued)
{
    pthread_mutex_lock(&p->lock);
    if (ret_busy)
        *ret_busy = p->busy;
    if (ret_queued)
        *ret_queued = p->queued;
    pthread_mutex_unlock(&p->lock);
}

void pool_free(struct pool *p)
{
    if (!p)
        return;
    pthread_mutex_lock(&p->lock);
    p->stopping = true;
    pthread_cond_broadcast(&p->more);
    while (p->live > 0)
        pthread_cond_wait(&p->changed, &p->lock);
    pthread_mutex_unlock(&p->lock);
    join_ended(p);

    while (p->head) {
        struct task *t = p->head;

        p->head = t->next;
        free(t);
    }
    pthread_cond_destroy(&p->more);
    pthread_cond_destroy(&p->changed);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

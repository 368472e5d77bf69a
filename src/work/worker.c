/* SPDX-License-Identifier: Apache-2.0 */
/* One thread looks for work and prolongs leases; operations run on a pool. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/str.h"
#include "base/uuid.h"
#include "io/pool.h"
#include "work/run.h"

#define POLL_US  1000000 /* For what others have recorded or left. */
#define ROWS_MAX 64

struct worker {
    struct op_store store;
    struct runner runner;
    struct names error_types;
    const struct log *log;
    char *role, *owner, *stop_at, *stop_file;
    unsigned threads;
    struct pool *pool;
    pthread_t thread;

    pthread_mutex_t lock; /* Of all below. */
    pthread_cond_t changed;
    bool kicked, stop;
    unsigned running;
    uint64_t wakes;     /* Calls of op_wake(). */
    int64_t next_us;    /* Wall clock: when to look again. */
    int64_t renewed_us; /* Monotonic: leases were prolonged. */
};

struct job {
    struct worker *w;
    struct op_row *row;
    uint64_t wakes; /* When it began. */
};

/* --- Telling the thread ---------------------------------------------------- */

void worker_kick(struct worker *w)
{
    pthread_mutex_lock(&w->lock);
    w->kicked = true;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
}

void op_wake(struct worker *w, const char *resource_id)
{
    struct err e = { 0 };
    int r = store_wake(&w->store, resource_id, &e);

    if (r < 0) /* Then its waiting ends by itself. */
        log_warning(w->log, "cannot wake an operation", "resource", resource_id, "error", e.msg);
    if (r <= 0)
        return;
    pthread_mutex_lock(&w->lock);
    w->wakes++;
    pthread_mutex_unlock(&w->lock);
    worker_kick(w);
}

/* Sleeps until 'until_us' (wall clock) or until told; with the lock held. */
static void sleep_until(struct worker *w, int64_t until_us)
{
    int64_t us = until_us - time_now_us();
    struct timespec t;

    if (us <= 0)
        return;
    clock_gettime(CLOCK_MONOTONIC, &t);
    us += t.tv_nsec / 1000;
    t.tv_sec += us / 1000000;
    t.tv_nsec = us % 1000000 * 1000;
    pthread_cond_timedwait(&w->changed, &w->lock, &t);
}

/* For the threads that run operations. */
static bool is_stopping(void *worker, int64_t ms)
{
    struct worker *w = worker;
    int64_t until = time_now_us() + ms * 1000;
    bool stop;

    pthread_mutex_lock(&w->lock);
    while (!w->stop && time_now_us() < until)
        sleep_until(w, until);
    stop = w->stop;
    pthread_mutex_unlock(&w->lock);
    return stop;
}

/* --- Running --------------------------------------------------------------- */

static void job_run(void *arg)
{
    struct job *j = arg;
    struct worker *w = j->w;
    int64_t due_us = run_operation(&w->runner, j->row);

    op_row_free(j->row);
    pthread_mutex_lock(&w->lock);
    w->running--;
    if (due_us && due_us < w->next_us)
        w->next_us = due_us;
    /* Its resource may be waited for; or it was woken while it ran, and is
     * due already. */
    w->kicked |= !due_us || w->wakes != j->wakes;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
    free(j);
}

static void start_rows(struct worker *w, struct op_row **rows, int n)
{
    for (int i = 0; i < n; i++) {
        struct job *j = malloc(sizeof(*j));

        if (!j) { /* Its lease will run out. */
            op_row_free(rows[i]);
            continue;
        }
        *j = (struct job){ w, rows[i], 0 };
        pthread_mutex_lock(&w->lock);
        j->wakes = w->wakes;
        w->running++;
        pthread_mutex_unlock(&w->lock);
        pool_run(w->pool, job_run, j);
    }
}

/* Takes what is due.  Returns when to look again. */
static int look_for_work(struct worker *w, unsigned free_threads, int64_t *ret_next_us, struct err *err)
{
    struct op_row *rows[ROWS_MAX];
    int64_t now = time_now_us();
    int max = free_threads < ROWS_MAX ? (int) free_threads : ROWS_MAX;
    int n = store_claim(&w->store, now, now + w->runner.lease_us, max, rows, err);

    if (n < 0)
        return n;
    start_rows(w, rows, n);
    if (n == max)
        return 0; /* Whoever ends looks again. */
    n = store_wake_superseded(&w->store, now, err);
    if (n > 0)
        *ret_next_us = now;
    return n != 0 ? n : store_next_due(&w->store, now, ret_next_us, err);
}

/* Prolongs the leases when a third of their time is over. */
static int renew_leases(struct worker *w, unsigned running, struct err *err)
{
    int64_t now = time_mono_us();
    int r;

    if (running == 0)
        w->renewed_us = now; /* The next that are taken get their full time. */
    if (now - w->renewed_us < w->runner.lease_us / 3)
        return 0;
    r = store_renew(&w->store, time_now_us() + w->runner.lease_us, err);
    if (r >= 0)
        w->renewed_us = now;
    return r;
}

/* One round: returns when the next is due at the latest. */
static int worker_round(struct worker *w, bool *recovered, unsigned running, bool stop, int64_t *ret_next_us,
                        struct err *err)
{
    int64_t next = INT64_MAX;
    int r = 0;

    if (!*recovered)
        r = store_recover(&w->store, w->role, err);
    *recovered |= r >= 0;
    if (r >= 0)
        r = renew_leases(w, running, err);
    if (r >= 0 && !stop && running < w->threads)
        r = look_for_work(w, w->threads - running, &next, err);
    if (r >= 0 && next < *ret_next_us)
        *ret_next_us = next;
    return r;
}

static void *worker_main(void *arg)
{
    struct worker *w = arg;
    int64_t poll_us = w->runner.lease_us / 3 < POLL_US ? w->runner.lease_us / 3 : POLL_US;
    bool recovered = false, failed = false;

    pthread_mutex_lock(&w->lock);
    while (!w->stop || w->running > 0) { /* Leases are kept until the last step has ended. */
        unsigned running = w->running;
        bool stop = w->stop;
        int64_t next;
        struct err e = { 0 };
        int r;

        w->kicked = false;
        w->next_us = next = time_now_us() + poll_us;
        pthread_mutex_unlock(&w->lock);
        r = worker_round(w, &recovered, running, stop, &next, &e);
        if (r < 0 && !failed)
            log_warning(w->log, "cannot look for work", "error", e.msg);
        failed = r < 0;
        pthread_mutex_lock(&w->lock);
        if (next < w->next_us)
            w->next_us = next;
        if (failed) /* Kicked or not: the database needs a moment. */
            w->kicked = false;
        while (w->stop ? w->running > 0 && time_now_us() < w->next_us
                       : !w->kicked && time_now_us() < w->next_us)
            sleep_until(w, w->next_us);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

/* --- Starting and stopping ------------------------------------------------- */

static char *copy(const char *s)
{
    return s ? strdup(s) : NULL;
}

static void worker_free(struct worker *w)
{
    names_done(&w->error_types);
    pthread_mutex_destroy(&w->lock);
    pthread_cond_destroy(&w->changed);
    free(w->role);
    free(w->owner);
    free(w->stop_at);
    free(w->stop_file);
    free(w);
}

static int worker_init(struct worker *w, const struct worker_config *c, struct err *err)
{
    auto_arena struct arena a = { 0 };

    /* The random part tells this process from an earlier one of its role,
     * whose last writes may still be under way. */
    w->role = copy(c->owner);
    w->owner = copy(arena_printf(&a, "%s:%s", c->owner, uuid_new_hex(&a)));
    w->stop_at = copy(c->stop_at);
    w->stop_file = copy(c->stop_file);
    if (!w->role || !w->owner)
        return err_set(err, -ENOMEM, "No memory for a worker.");
    if (strlen(w->owner) > 255)
        return err_set(err, -EINVAL, "The worker's owner is longer than 222 characters.");
    w->log = c->log;
    w->threads = c->threads ? c->threads : 8;
    w->store = (struct op_store){
        .db = c->db, .kinds = c->kinds, .owner = w->owner, .error_types = &w->error_types
    };
    w->runner = (struct runner){ .store = &w->store,
                                 .ctx = c->ctx,
                                 .log = c->log,
                                 .lease_us = (int64_t) (c->lease_s ? c->lease_s : 30) * 1000000,
                                 .stop_at = w->stop_at,
                                 .stop_file = w->stop_file,
                                 .worker = w,
                                 .is_stopping = is_stopping };
    return 0;
}

/* Signals are the main thread's. */
static int thread_start(struct worker *w)
{
    sigset_t all, old;
    int r;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    r = -pthread_create(&w->thread, NULL, worker_main, w);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return r;
}

int worker_start(const struct worker_config *c, struct worker **ret, struct err *err)
{
    struct worker *w = calloc(1, sizeof(*w));
    pthread_condattr_t attr;
    int r;

    if (!w)
        return err_set(err, -ENOMEM, "No memory for a worker.");
    names_init(&w->error_types);
    pthread_mutex_init(&w->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&w->changed, &attr);
    pthread_condattr_destroy(&attr);
    r = worker_init(w, c, err);
    if (r >= 0) {
        w->pool = pool_new("work", w->threads, 0);
        r = thread_start(w);
        if (r < 0) {
            err_set(err, r, "Cannot start the worker's thread: %s", strerror(-r));
            pool_free(w->pool);
        }
    }
    if (r < 0) {
        worker_free(w);
        return r;
    }
    *ret = w;
    return 0;
}

void worker_stop(struct worker *w)
{
    pthread_mutex_lock(&w->lock);
    w->stop = true;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL); /* Waits for all that runs. */
    pool_free(w->pool);
    worker_free(w);
}

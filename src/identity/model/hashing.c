/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/model/hashing.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "base/time.h"
#include "crypto/password.h"
#include "identity/identity.h"
#include "io/pool.h"

#define NICENESS 10               /* About a tenth of the time that others want too. */
#define HURRY_US INT64_C(3000000) /* So long nothing may come of what others leave. */

struct hashing {
    struct pool *patient, *hurried;
    atomic_int places;         /* For strangers, that are left. */
    _Atomic(int64_t) ended_us; /* When the last hash was done. */
};

/* A hash that is wanted.  Two threads may work at it: whoever waits takes what
 * the first one says, and the other, with nobody waiting, lets it go. */
struct job {
    struct hashing *hashing;
    struct password_recipe recipe;
    char *password, *hash; /* 'hash' is to be compared with; null with 'makes' or for nobody's. */
    bool makes;

    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned holders;
    bool done;
    int result;
    char *made;
    struct err err;
};

struct hashing *hashing_new(unsigned strangers)
{
    struct hashing *h = calloc(1, sizeof(*h));
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned half = cores > 1 ? (unsigned) cores / 2 : 1;

    if (!h)
        return NULL;
    h->places = (int) strangers;
    /* Not all: with a hash on each, the scheduler finds no core that is free for who wakes up. */
    h->patient = pool_new("hash", half, 0);
    h->hurried = pool_new("hash now", half, 0);
    return h;
}

void hashing_free(struct hashing *h)
{
    if (!h)
        return;
    pool_free(h->patient);
    pool_free(h->hurried);
    free(h);
}

int hashing_enter(const struct identity *id, struct err *err)
{
    if (atomic_fetch_sub(&id->hashing->places, 1) > 0)
        return 0;
    hashing_leave(id);
    return err_http(err, 503, NULL, "Too many log in at the same time. Please try again in a moment.");
}

void hashing_leave(const struct identity *id)
{
    atomic_fetch_add(&id->hashing->places, 1);
}

/* --- on threads of their own --------------------------------------------------------- */

/* How much this thread asks for, beside others of the process.  Where it is
 * forbidden it hashes as fast as others work. */
static void ask_for(int policy)
{
    (void) sched_setscheduler(0, policy, &(struct sched_param){ 0 });
    (void) setpriority(PRIO_PROCESS, (id_t) gettid(), NICENESS);
}

static void let_go(struct job *j)
{
    bool last;

    pthread_mutex_lock(&j->lock);
    last = --j->holders == 0;
    pthread_mutex_unlock(&j->lock);
    if (!last)
        return;
    if (j->password)
        secret_wipe(j->password, strlen(j->password));
    free(j->password);
    free(j->hash);
    free(j->made);
    pthread_cond_destroy(&j->changed);
    pthread_mutex_destroy(&j->lock);
    free(j);
}

static bool is_done(struct job *j)
{
    bool done;

    pthread_mutex_lock(&j->lock);
    done = j->done;
    pthread_mutex_unlock(&j->lock);
    return done;
}

static void hash(struct job *j)
{
    auto_arena struct arena a = { 0 };
    struct secret password = secret_of(j->password);
    struct err err = { 0 };
    char *made = NULL;
    int r = j->makes ? password_hash(&a, password, &j->recipe, &made, &err)
                     : password_check(password, j->hash, &j->recipe);

    pthread_mutex_lock(&j->lock);
    if (!j->done) {
        j->result = r;
        j->err = err;
        j->made = made ? strdup(made) : NULL;
        if (made && !j->made)
            j->result = err_set(&j->err, -ENOMEM, "There is no memory for a password.");
        j->done = true;
    }
    atomic_store(&j->hashing->ended_us, time_now_us());
    pthread_cond_signal(&j->changed);
    pthread_mutex_unlock(&j->lock);
}

/* One that waited for its turn may have been done by the other thread. */
static void work_at(struct job *j)
{
    if (!is_done(j))
        hash(j);
    let_go(j);
}

/* A thread that is merely nice keeps the processor to the end of its slice, some
 * milliseconds, however urgent is what wakes up meanwhile; one that is idle
 * (sched(7)) gives way at once. */
static void run_patiently(void *arg)
{
    ask_for(SCHED_IDLE);
    work_at(arg);
}

static void run_now(void *arg)
{
    ask_for(SCHED_BATCH);
    work_at(arg);
}

/* --- for whoever waits ------------------------------------------------------------------ */

static void submit(struct job *j, struct pool *pool, void (*how)(void *arg))
{
    pthread_mutex_lock(&j->lock);
    j->holders++;
    pthread_mutex_unlock(&j->lock);
    if (!pool_run(pool, how, j))
        work_at(j);
}

/* What others leave may be nothing: when no hash at all was done for long, a
 * thread that asks for a share begins this one too. */
static bool is_starved(const struct job *j, int64_t since_us)
{
    int64_t now_us = time_now_us();

    return now_us - since_us >= HURRY_US && now_us - atomic_load(&j->hashing->ended_us) >= HURRY_US;
}

static void wait_for(struct job *j)
{
    int64_t since_us = time_now_us();
    bool hurried = false;

    submit(j, j->hashing->patient, run_patiently);
    pthread_mutex_lock(&j->lock);
    while (!j->done) {
        struct timespec until;

        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec++;
        if (pthread_cond_timedwait(&j->changed, &j->lock, &until) != ETIMEDOUT || hurried ||
            !is_starved(j, since_us))
            continue;
        hurried = true;
        pthread_mutex_unlock(&j->lock);
        submit(j, j->hashing->hurried, run_now);
        pthread_mutex_lock(&j->lock);
    }
    pthread_mutex_unlock(&j->lock);
}

/* Null when there is no memory. */
static struct job *job_new(const struct identity *id, struct secret password, const char *hash)
{
    struct job *j = calloc(1, sizeof(*j));

    if (!j)
        return NULL;
    j->hashing = id->hashing;
    j->recipe = id->password_recipe;
    j->holders = 1;
    j->password = secret_expose(password) ? strdup(secret_expose(password)) : NULL;
    j->hash = hash ? strdup(hash) : NULL;
    pthread_mutex_init(&j->lock, NULL);
    pthread_cond_init(&j->changed, NULL);
    if ((secret_expose(password) && !j->password) || (hash && !j->hash)) {
        free(j->password);
        free(j->hash);
        free(j);
        return NULL;
    }
    return j;
}

bool hashing_check(const struct identity *id, struct secret password, const char *hash)
{
    struct job *j = job_new(id, password, hash);
    bool right;

    if (!j)
        return false;
    wait_for(j);
    right = j->result;
    let_go(j);
    return right;
}

int hashing_make(const struct identity *id, struct arena *a, struct secret password, char **ret,
                 struct err *err)
{
    struct job *j = job_new(id, password, NULL);
    int r;

    if (!j)
        return err_set(err, -ENOMEM, "There is no memory for a password.");
    j->makes = true;
    wait_for(j);
    r = j->result;
    if (r >= 0)
        *ret = arena_strdup(a, j->made);
    else if (err)
        *err = j->err;
    let_go(j);
    return r;
}

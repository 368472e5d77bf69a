/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/compute/jobs.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "base/hash.h"
#include "base/str.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "io/pool.h"

/* How long a result waits for who asks again. */
#define KEEP_US (600 * INT64_C(1000000))

struct job {
    struct jobs *jobs;
    char *subject; /* "host/server" */
    char *host, *server_id;
    uint8_t key[DIGEST_MAX];
    json_t *args;
    job_fn fn;
    struct task task;
    unsigned refs; /* The table, the pool, each waiter. */
    bool ended, late;
    int result;
    struct err err;
    int64_t ended_us;
};

struct jobs {
    pthread_mutex_t lock;
    pthread_cond_t change;
    struct hash table; /* Subject to job. */
    struct pool *pool;
    job_ended ended;
    void *ctx;
    bool stopping;
};

struct jobs *jobs_new(unsigned threads, job_ended ended, void *ctx)
{
    struct jobs *j = calloc(1, sizeof(*j));
    pthread_condattr_t attr;

    if (!j)
        abort();
    j->ended = ended;
    j->ctx = ctx;
    hash_init(&j->table);
    pthread_mutex_init(&j->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&j->change, &attr);
    pthread_condattr_destroy(&attr);
    j->pool = pool_new("guests", threads, 0);
    return j;
}

/* Under the lock. */
static void job_unref(struct job *job)
{
    if (--job->refs)
        return;
    json_decref(job->args);
    free(job->subject);
    free(job->host);
    free(job->server_id);
    free(job);
}

static void job_forget(struct jobs *j, struct job *job)
{
    if (hash_get(&j->table, job->subject) == job) {
        hash_remove(&j->table, job->subject);
        job_unref(job);
    }
}

void jobs_stop(struct jobs *j)
{
    struct pool *pool;

    pthread_mutex_lock(&j->lock);
    j->stopping = true;
    hash_foreach (it, &j->table)
        atomic_store(&((struct job *) it->value)->task.cancelled, true);
    pthread_cond_broadcast(&j->change);
    pool = steal(&j->pool);
    pthread_mutex_unlock(&j->lock);
    if (pool)
        pool_free(pool);
}

void jobs_free(struct jobs *j)
{
    if (!j)
        return;
    jobs_stop(j);
    hash_foreach (it, &j->table) {
        struct job *job = it->value;

        job->refs = 1; /* What the pool dropped kept its reference. */
        job_unref(job);
    }
    hash_done(&j->table);
    pthread_cond_destroy(&j->change);
    pthread_mutex_destroy(&j->lock);
    free(j);
}

/* Two requests are the same when all but the token is. */
static void make_key(const struct job_request *rq, uint8_t ret[static DIGEST_MAX])
{
    json_t *copy = json_deep_copy(rq->args), *server = json_object_get(copy, "server");
    auto_free char *text = NULL;
    struct digest *d = digest_new(DIGEST_SHA256);
    auto_arena struct arena a = { 0 };

    json_object_del(server, "image_token");
    text = json_dumps(copy, JSON_SORT_KEYS | JSON_COMPACT);
    digest_add(d, rq->method, strlen(rq->method) + 1);
    if (text)
        digest_add(d, text, strlen(text));
    snprintf((char *) ret, DIGEST_MAX, "%.63s", digest_finish_hex(d, &a));
    digest_free(d);
    json_decref(copy);
}

static void run(void *arg)
{
    struct job *job = arg;
    struct jobs *j = job->jobs;
    struct err err = { 0 };
    int r = job->fn(j->ctx, job->host, job->args, &job->task, &err);
    bool tell;

    pthread_mutex_lock(&j->lock);
    job->result = r;
    job->err = err;
    job->ended = true;
    job->ended_us = time_mono_us();
    tell = job->late && !j->stopping;
    pthread_cond_broadcast(&j->change);
    pthread_mutex_unlock(&j->lock);
    if (tell)
        j->ended(j->ctx, job->host, job->server_id);
    pthread_mutex_lock(&j->lock);
    job_unref(job);
    pthread_mutex_unlock(&j->lock);
}

/* Results that nobody came for. */
static void drop_old(struct jobs *j)
{
    int64_t before = time_mono_us() - KEEP_US;
    struct job *old;

    do {
        old = NULL;
        hash_foreach (it, &j->table) {
            struct job *job = it->value;

            if (job->ended && job->ended_us < before)
                old = job;
        }
        if (old)
            job_forget(j, old);
    } while (old);
}

static char *copy_text(const char *s)
{
    char *c = strdup(s);

    if (!c)
        abort();
    return c;
}

static struct job *job_start(struct jobs *j, const struct job_request *rq, const char *subject,
                             const uint8_t *key)
{
    struct job *job = calloc(1, sizeof(*job));

    if (!job)
        abort();
    drop_old(j);
    job->jobs = j;
    job->subject = copy_text(subject);
    job->host = copy_text(rq->host);
    job->server_id = copy_text(rq->server_id);
    job->args = json_deep_copy(rq->args);
    job->fn = rq->fn;
    memcpy(job->key, key, sizeof(job->key));
    job->refs = 2;
    hash_put(&j->table, job->subject, job);
    pool_run(j->pool, run, job);
    return job;
}

static struct timespec after_ms(unsigned ms)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    ts.tv_sec += ms / 1000;
    ts.tv_nsec += (long) (ms % 1000) * 1000000;
    if (ts.tv_nsec >= 1000000000) {
        ts.tv_sec++;
        ts.tv_nsec -= 1000000000;
    }
    return ts;
}

/* Waits until the job ended or the time.  True when it ended. */
static bool wait_for(struct jobs *j, struct job *job, const struct timespec *end)
{
    while (!job->ended && !j->stopping && pthread_cond_timedwait(&j->change, &j->lock, end) == 0)
        ;
    return job->ended;
}

/* The subject's job that is the same as 'key', started if need be; null when
 * another one did not end in time. */
static struct job *find_or_start(struct jobs *j, const struct job_request *rq, const char *subject,
                                 const uint8_t *key, const struct timespec *end)
{
    struct job *job;
    bool ended;

    while ((job = hash_get(&j->table, subject)) && memcmp(job->key, key, sizeof(job->key)) != 0) {
        if (rq->supersedes)
            atomic_store(&job->task.cancelled, true);
        job->refs++;
        ended = wait_for(j, job, end);
        if (ended)
            job_forget(j, job);
        job_unref(job);
        if (!ended)
            return NULL;
    }
    return job ? job : job_start(j, rq, subject, key);
}

int jobs_run(struct jobs *j, const struct job_request *rq, int *ret_progress, struct err *err)
{
    auto_arena struct arena a = { 0 };
    char *subject = arena_printf(&a, "%s/%s", rq->host, rq->server_id);
    struct timespec end = after_ms(rq->wait_ms);
    uint8_t key[DIGEST_MAX] = { 0 };
    struct job *job;
    int r = 1;

    make_key(rq, key);
    *ret_progress = 0;
    pthread_mutex_lock(&j->lock);
    job = j->stopping ? NULL : find_or_start(j, rq, subject, key, &end);
    if (job) {
        job->refs++;
        if (wait_for(j, job, &end)) {
            r = job->result;
            if (r < 0 && err)
                *err = job->err;
            job_forget(j, job);
        } else {
            job->late = true;
            *ret_progress = atomic_load(&job->task.progress);
        }
        job_unref(job);
    }
    pthread_mutex_unlock(&j->lock);
    if (r < 0 && err && !err->code)
        err_set(err, r, "%s", strerror(-r));
    return r;
}

bool jobs_is_busy(struct jobs *j, const char *host, const char *server_id)
{
    auto_arena struct arena a = { 0 };
    struct job *job;
    bool busy;

    pthread_mutex_lock(&j->lock);
    job = hash_get(&j->table, arena_printf(&a, "%s/%s", host, server_id));
    busy = job && !job->ended;
    pthread_mutex_unlock(&j->lock);
    return busy;
}

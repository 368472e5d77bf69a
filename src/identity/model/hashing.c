/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/model/hashing.h"

#include <linux/sched.h>
#include <linux/sched/types.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "crypto/password.h"
#include "identity/identity.h"
#include "io/pool.h"

#define NICENESS 10 /* About a tenth of the time that others want too. */
#define HURRY_S  1  /* So long a hash may wait for what others leave. */

struct hashing {
    struct pool *pool;
    atomic_int places; /* For strangers, that are left. */
    bool may_hurry;    /* Who has stepped back may come forward again. */
};

struct job {
    const struct identity *id;
    struct secret password;
    const char *hash; /* To be compared with; or, with 'arena', null and: */
    struct arena *arena;
    char **ret;
    struct err *err;
    int result;
    _Atomic(pid_t) thread; /* Who hashes; 0 until it begins. */
    sem_t done;
};

/* RLIMIT_NICE counts from 20 down; see privilege_drop(). */
static bool may_hurry(void)
{
    struct rlimit l;

    return geteuid() == 0 || (getrlimit(RLIMIT_NICE, &l) == 0 && l.rlim_cur >= 20 - NICENESS);
}

struct hashing *hashing_new(unsigned strangers)
{
    struct hashing *h = calloc(1, sizeof(*h));
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    if (h)
        h->places = (int) strangers;
    if (h)
        h->may_hurry = may_hurry();
    if (h)
        h->pool = pool_new("hash", cores > 0 ? (unsigned) cores : 1, 0);
    return h;
}

void hashing_free(struct hashing *h)
{
    if (h)
        pool_free(h->pool);
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

/* How much the thread asks for, beside others of this process. */
static void ask_for(pid_t thread, uint32_t policy)
{
    struct sched_attr attr = { .size = sizeof(attr), .sched_policy = policy, .sched_nice = NICENESS };

    /* Where it is forbidden it hashes as fast as others work. */
    (void) syscall(SYS_sched_setattr, thread, &attr, 0);
}

static void run(void *arg)
{
    struct job *j = arg;
    const struct password_recipe *recipe = &j->id->password_recipe;
    pid_t thread = gettid();

    /* A thread that is merely nice keeps the processor to the end of its slice, some milliseconds, however
     * urgent is what wakes up meanwhile; one that is idle (sched(7)) gives way at once. */
    ask_for(thread, j->id->hashing->may_hurry ? SCHED_IDLE : SCHED_BATCH);
    atomic_store(&j->thread, thread);
    j->result = j->arena ? password_hash(j->arena, j->password, recipe, j->ret, j->err)
                         : password_check(j->password, j->hash, recipe);
    sem_post(&j->done);
}

/* What others leave may be nothing: then, when it has waited long enough, it is merely nice. */
static void hurry_and_wait(struct job *j)
{
    struct timespec until;
    pid_t thread;

    do {
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += HURRY_S;
        if (sem_timedwait(&j->done, &until) == 0)
            return;
        thread = atomic_load(&j->thread);
        if (thread)
            ask_for(thread, SCHED_BATCH);
    } while (!thread);
    while (sem_wait(&j->done) < 0)
        ;
}

static int run_and_wait(struct job *j)
{
    if (!pool_run(j->id->hashing->pool, run, j))
        run(j);
    hurry_and_wait(j);
    return j->result;
}

bool hashing_check(const struct identity *id, struct secret password, const char *hash)
{
    struct job j = { .id = id, .password = password, .hash = hash };
    int r;

    sem_init(&j.done, 0, 0);
    r = run_and_wait(&j);
    sem_destroy(&j.done);
    return r;
}

int hashing_make(const struct identity *id, struct arena *a, struct secret password, char **ret,
                 struct err *err)
{
    struct job j = { .id = id, .password = password, .arena = a, .ret = ret, .err = err };
    int r;

    sem_init(&j.done, 0, 0);
    r = run_and_wait(&j);
    sem_destroy(&j.done);
    return r;
}

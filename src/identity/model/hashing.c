/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/model/hashing.h"

#include <linux/sched.h>
#include <linux/sched/types.h>
#include <semaphore.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "crypto/password.h"
#include "identity/identity.h"
#include "io/pool.h"

#define NICENESS 10                  /* About a tenth of the time that others want too. */
#define SLICE_NS UINT64_C(100000000) /* The longest there is. */

struct hashing {
    struct pool *pool;
};

struct job {
    const struct identity *id;
    struct secret password;
    const char *hash; /* To be compared with; or, with 'arena', null and: */
    struct arena *arena;
    char **ret;
    struct err *err;
    int result;
    sem_t done;
};

struct hashing *hashing_new(void)
{
    struct hashing *h = calloc(1, sizeof(*h));
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

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

/* Of this thread alone; where it is forbidden it hashes as fast as others work.
 *
 * Whoever wakes up for a request must not wait for a hash to use up its slice:
 * Linux lets a thread preempt at once another one that asked for longer slices
 * (sched_setattr(2): since 6.12 sched_runtime says so for threads that are not
 * real-time ones; before, sched_nice alone counts), and a batch never does. */
static void yield_to_others(void)
{
    struct sched_attr attr = {
        .size = sizeof(attr), .sched_policy = SCHED_BATCH, .sched_nice = NICENESS, .sched_runtime = SLICE_NS
    };

    (void) syscall(SYS_sched_setattr, 0, &attr, 0);
}

static void run(void *arg)
{
    struct job *j = arg;
    const struct password_recipe *recipe = &j->id->password_recipe;

    yield_to_others();
    j->result = j->arena ? password_hash(j->arena, j->password, recipe, j->ret, j->err)
                         : password_check(j->password, j->hash, recipe);
    sem_post(&j->done);
}

static int run_and_wait(struct job *j)
{
    if (!pool_run(j->id->hashing->pool, run, j))
        run(j);
    while (sem_wait(&j->done) < 0)
        ;
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

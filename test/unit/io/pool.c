/* SPDX-License-Identifier: Apache-2.0 */
#include "io/pool.h"

#include <pthread.h>
#include <stdatomic.h>

#include "kit/test.h"

/* A gate that holds tasks until it is opened. */
struct gate {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool open;
    int inside, most, done;
};

static void gate_init(struct gate *g)
{
    *g = (struct gate){ 0 };
    pthread_mutex_init(&g->lock, NULL);
    pthread_cond_init(&g->changed, NULL);
}

static void pass(void *arg)
{
    struct gate *g = arg;

    pthread_mutex_lock(&g->lock);
    g->inside++;
    g->most = g->inside > g->most ? g->inside : g->most;
    pthread_cond_broadcast(&g->changed);
    while (!g->open)
        pthread_cond_wait(&g->changed, &g->lock);
    g->inside--;
    g->done++;
    pthread_cond_broadcast(&g->changed);
    pthread_mutex_unlock(&g->lock);
}

static void gate_wait(struct gate *g, int inside, int done)
{
    pthread_mutex_lock(&g->lock);
    while (g->inside < inside || g->done < done)
        pthread_cond_wait(&g->changed, &g->lock);
    pthread_mutex_unlock(&g->lock);
}

static void gate_open(struct gate *g)
{
    pthread_mutex_lock(&g->lock);
    g->open = true;
    pthread_cond_broadcast(&g->changed);
    pthread_mutex_unlock(&g->lock);
}

TEST(pool_runs_no_more_than_its_threads_at_once)
{
    struct pool *p = pool_new("test", 3, 0);
    struct gate g;
    unsigned busy = 0;
    size_t queued = 0;

    gate_init(&g);
    for (int i = 0; i < 20; i++)
        EXPECT_TRUE(pool_run(p, pass, &g));
    gate_wait(&g, 3, 0);
    pool_stats(p, &busy, &queued);
    EXPECT_INT(busy, 3);
    EXPECT_INT(queued, 17);
    gate_open(&g);
    gate_wait(&g, 0, 20);
    EXPECT_INT(g.most, 3);
    pool_free(p);
}

TEST(pool_refuses_when_its_queue_is_full)
{
    struct pool *p = pool_new("test", 2, 3);
    struct gate g;

    gate_init(&g);
    for (int i = 0; i < 5; i++) /* Two run, three wait, however slowly they start. */
        EXPECT_TRUE(pool_run(p, pass, &g));
    EXPECT_TRUE(!pool_run(p, pass, &g));
    gate_wait(&g, 2, 0);
    EXPECT_TRUE(!pool_run(p, pass, &g));
    gate_open(&g);
    gate_wait(&g, 0, 5);
    EXPECT_TRUE(pool_run(p, pass, &g));
    gate_wait(&g, 0, 6);
    pool_free(p);
}

struct freeing {
    struct pool *pool;
    atomic_bool freed;
};

static void *free_pool(void *arg)
{
    struct freeing *f = arg;

    pool_free(f->pool);
    f->freed = true;
    return NULL;
}

TEST(pool_free_waits_for_what_runs_and_drops_what_waits)
{
    struct freeing f = { .pool = pool_new("test", 1, 0) };
    struct gate g;
    pthread_t thread;

    gate_init(&g);
    EXPECT_TRUE(pool_run(f.pool, pass, &g));
    gate_wait(&g, 1, 0);
    for (int i = 0; i < 10; i++)
        EXPECT_TRUE(pool_run(f.pool, pass, &g));
    pthread_create(&thread, NULL, free_pool, &f);
    while (pool_run(f.pool, pass, &g)) /* Until it is refused, because the end has begun. */
        ;
    EXPECT_TRUE(!f.freed);
    gate_open(&g);
    pthread_join(thread, NULL);
    EXPECT_INT(g.done, 1);
}

static void add_one(void *arg)
{
    atomic_fetch_add((atomic_int *) arg, 1);
}

TEST(pool_runs_everything_that_many_threads_give)
{
    struct pool *p = pool_new("a name that is longer than the kernel takes", 4, 0);
    atomic_int count = 0;
    struct gate g;

    gate_init(&g);
    for (int i = 0; i < 5000; i++)
        EXPECT_TRUE(pool_run(p, add_one, &count));
    gate_open(&g);
    for (int i = 0; i < 4; i++)
        EXPECT_TRUE(pool_run(p, pass, &g));
    gate_wait(&g, 0, 4);
    while (count < 5000)
        sched_yield();
    EXPECT_INT(count, 5000);
    pool_free(p);
    pool_free(NULL);
}

TEST_MAIN()

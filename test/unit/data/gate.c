/* SPDX-License-Identifier: Apache-2.0 */
#include "data/gate.h"

#include <errno.h>
#include <stdbool.h>
#include <time.h>

#include "base/macros.h"
#include "base/time.h"
#include "kit/test.h"

#define SOON 20000
#define LATE 30000000

TEST(a_full_gate_lets_nobody_in_until_one_leaves)
{
    struct gate g;

    gate_init(&g, 2);
    EXPECT_INT(gate_enter(&g, 0), 0);
    EXPECT_INT(gate_enter(&g, 0), 0);
    EXPECT_INT(gate_enter(&g, 0), -EAGAIN);
    EXPECT_INT(gate_enter(&g, time_mono_us() + SOON), -EAGAIN);
    gate_leave(&g);
    EXPECT_INT(gate_enter(&g, 0), 0);
    EXPECT_INT(gate_enter(&g, 0), -EAGAIN);
    gate_leave(&g);
    gate_leave(&g);
    gate_done(&g);
}

struct guest {
    pthread_t thread;
    struct gate *gate;
    int *turn, mine, result;
    int64_t wait_us;
};

static void *visit(void *arg)
{
    struct guest *v = arg;

    v->result = gate_enter(v->gate, time_mono_us() + v->wait_us);
    if (v->result < 0)
        return NULL;
    v->mine = (*v->turn)++; /* Safe: one at a time. */
    gate_leave(v->gate);
    return NULL;
}

static size_t waiting(struct gate *g)
{
    struct link { /* As a waiter begins. */
        struct link *next;
    };
    size_t n = 0;

    pthread_mutex_lock(&g->lock);
    for (struct link *l = (struct link *) g->first; l; l = l->next)
        n++;
    pthread_mutex_unlock(&g->lock);
    return n;
}

static void wait_for(struct gate *g, size_t n)
{
    while (waiting(g) != n)
        nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
}

TEST(those_who_wait_enter_in_the_order_of_their_coming)
{
    struct guest v[6] = { 0 };
    struct gate g;
    size_t n = 0;
    int turn = 0;

    gate_init(&g, 1);
    EXPECT_INT(gate_enter(&g, 0), 0);
    for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
        /* The third and the last give up; nobody behind them is lost. */
        bool gives_up = i == 2 || i == 5;

        v[i] = (struct guest){ .gate = &g, .turn = &turn, .wait_us = gives_up ? SOON : LATE };
        EXPECT_INT(pthread_create(&v[i].thread, NULL, visit, &v[i]), 0);
        if (gives_up)
            pthread_join(v[i].thread, NULL);
        else
            wait_for(&g, ++n);
    }
    gate_leave(&g);
    for (size_t i = 0; i < ARRAY_SIZE(v); i++)
        if (v[i].wait_us == LATE)
            pthread_join(v[i].thread, NULL);
    EXPECT_INT(v[2].result, -EAGAIN);
    EXPECT_INT(v[5].result, -EAGAIN);
    EXPECT_INT(v[0].mine, 0);
    EXPECT_INT(v[1].mine, 1);
    EXPECT_INT(v[3].mine, 2);
    EXPECT_INT(v[4].mine, 3);
    gate_done(&g);
}

TEST_MAIN()

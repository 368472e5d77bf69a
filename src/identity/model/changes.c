/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/model/changes.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/str.h"
#include "client/identity.h"
#include "identity/identity.h"
#include "identity/store/changes.h"

#define SECOND_US    1000000
#define BLIND_MAX_US (5 * SECOND_US) /* A database restarts in less. */

struct changes {
    struct server *server;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stop;
    int64_t seen; /* Of the watching thread, as the next. */
    bool blind;
    _Atomic int64_t asked_us; /* Monotonic. */
};

static int look(struct changes *c, int64_t *ret)
{
    auto_rollback struct txn *t = NULL;
    int r = txn_begin(c->server->db, false, &t, NULL);

    return r < 0 ? r : changes_get(t, ret, NULL);
}

bool changes_are_known(const struct changes *c)
{
    return !c || time_mono_us() - atomic_load_explicit(&c->asked_us, memory_order_relaxed) <= BLIND_MAX_US;
}

static void look_once(struct changes *c)
{
    const struct identity *id = c->server->state;
    int64_t now_us = time_mono_us(), seen;

    if (look(c, &seen) < 0) {
        c->blind = true;
        if (!changes_are_known(c))
            generation_bump(&id->generation);
        return;
    }
    if (c->blind || seen != c->seen) /* What comes back may be another one, and count otherwise. */
        generation_bump(&id->generation);
    c->blind = false;
    c->seen = seen;
    atomic_store(&c->asked_us, now_us);
}

static void *watch(void *arg)
{
    struct changes *c = arg;
    const struct identity *id = c->server->state;

    pthread_mutex_lock(&c->lock);
    while (!c->stop) {
        int64_t until_us = time_mono_us() + id->opt->change_poll_ms * 1000;
        struct timespec until = { until_us / SECOND_US, until_us % SECOND_US * 1000 };

        pthread_mutex_unlock(&c->lock);
        look_once(c);
        pthread_mutex_lock(&c->lock);
        while (!c->stop && pthread_cond_clockwait(&c->wake, &c->lock, CLOCK_MONOTONIC, &until) == 0)
            ;
    }
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

/* The database in the state directory belongs to this machine. */
static bool is_shared(const struct server *s)
{
    const struct identity *id = s->state;

    return !str_empty(s->opt.database) && id->opt->change_poll_ms;
}

int changes_watch(struct server *s, struct changes **ret, struct err *err)
{
    struct changes *c;

    *ret = NULL;
    if (!is_shared(s))
        return 0;
    c = calloc(1, sizeof(*c));
    if (!c)
        return err_set(err, -ENOMEM, "out of memory");
    c->server = s;
    c->asked_us = time_mono_us();
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->wake, NULL);
    if (pthread_create(&c->thread, NULL, watch, c) != 0) {
        free(c);
        return err_set(err, -EAGAIN, "no thread can be started");
    }
    *ret = c;
    return 0;
}

void changes_unwatch(struct changes *c)
{
    if (!c)
        return;
    pthread_mutex_lock(&c->lock);
    c->stop = true;
    pthread_cond_signal(&c->wake);
    pthread_mutex_unlock(&c->lock);
    pthread_join(c->thread, NULL);
    pthread_cond_destroy(&c->wake);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

int changes_committing(struct request *rq, struct err *err)
{
    return is_shared(rq->server) ? changes_add(rq->txn, err) : 0;
}

/* Whatever was written may have changed somebody's rights or the catalog. */
void changes_changed(struct request *rq)
{
    generation_bump(&identity_of(rq)->generation);
    if (rq->server->bus) {
        json_t *nothing = json_object();

        (void) bus_publish(rq->server->bus, TOKEN_CHANGES_TOPIC, "changed", nothing, NULL, NULL);
        json_decref(nothing);
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "network/housekeeper.h"

#include <pthread.h>

#include "agent/network_wishes.h"
#include "base/str.h"
#include "network/bus.h"
#include "network/model/dhcp.h"
#include "network/model/routers.h"
#include "network/store/agents.h"
#include "network/store/routers.h"

struct housekeeper {
    struct server *server;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stop;
};

/* What is without a live host although there is one. */
static int find_lost(struct net_ctx *c, const char ***networks, const char ***routers, struct err *err)
{
    int r = networks_without_dhcp(c, NETWORK_AGENT_DHCP, networks, err);

    return r < 0 ? r : routers_without_host(c, NETWORK_AGENT_L3, routers, err);
}

struct round {
    const char **networks, **routers;
};

static int mend(struct net_ctx *c, void *ctx, struct err *err)
{
    struct round *round = ctx;
    int r = 0;

    strv_foreach (id, round->networks)
        r = r < 0 ? r : dhcp_ensure(c, *id, err);
    strv_foreach (id, round->routers) {
        struct l3_router l = { 0 };

        if (r >= 0)
            r = l3_router_get(c, *id, &l, err);
        if (r >= 0)
            r = l3_router_ensure(c, &l, err);
        if (r == -ENOENT) {
            err_clear(err);
            r = 0; /* Deleted meanwhile. */
        }
    }
    return r;
}

/* Looks with a reading transaction, so that an idle cloud takes no lock. */
int housekeeper_round(struct server *s, struct err *err)
{
    auto_arena struct arena a;
    auto_rollback struct txn *t = NULL;
    struct net_ctx c = { .a = &a, .n = s->state, .now_us = server_now_us(s) };
    struct round round = { 0 };
    int r;

    arena_init(&a);
    r = txn_begin(s->db, false, &t, err);
    if (r < 0)
        return r;
    c.t = t;
    r = find_lost(&c, &round.networks, &round.routers, err);
    txn_rollback(&t);
    if (r < 0 || (!strv_len(round.networks) && !strv_len(round.routers)))
        return r;
    return network_run(s, mend, &round, NULL, err);
}

static void *run(void *arg)
{
    struct housekeeper *h = arg;
    const struct network_state *n = h->server->state;
    struct timespec until;

    pthread_mutex_lock(&h->lock);
    while (!h->stop) {
        struct err err = { 0 };

        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += n->opt->housekeeping_s;
        while (!h->stop && pthread_cond_timedwait(&h->wake, &h->lock, &until) == 0)
            ;
        if (h->stop)
            break;
        pthread_mutex_unlock(&h->lock);
        if (housekeeper_round(h->server, &err) < 0)
            log_warning(&h->server->log, "housekeeping failed and is tried again", "reason", err.msg);
        pthread_mutex_lock(&h->lock);
    }
    pthread_mutex_unlock(&h->lock);
    return NULL;
}

int housekeeper_start(struct server *s, struct housekeeper **ret, struct err *err)
{
    struct housekeeper *h = calloc(1, sizeof(*h));
    pthread_condattr_t attr;

    if (!h)
        return err_set(err, -ENOMEM, "no memory for the housekeeper");
    h->server = s;
    pthread_mutex_init(&h->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&h->wake, &attr);
    pthread_condattr_destroy(&attr);
    if (pthread_create(&h->thread, NULL, run, h) != 0) {
        free(h);
        return err_set(err, -EAGAIN, "cannot start the housekeeper's thread");
    }
    *ret = h;
    return 0;
}

void housekeeper_stop(struct housekeeper *h)
{
    pthread_mutex_lock(&h->lock);
    h->stop = true;
    pthread_cond_signal(&h->wake);
    pthread_mutex_unlock(&h->lock);
    pthread_join(h->thread, NULL);
    pthread_cond_destroy(&h->wake);
    pthread_mutex_destroy(&h->lock);
    free(h);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "network/bus.h"

#include <stdio.h>

#include "agent/network_wishes.h"
#include "base/str.h"
#include "network/model/change.h"
#include "network/model/heard.h"
#include "network/model/wishes.h"

#define NUDGE_EACH 16 /* Beyond so many hosts one message to all is cheaper. */

/* --- transactions outside of requests ------------------------------------------------- */

struct running {
    struct server *s;
    int (*fn)(struct net_ctx *c, void *ctx, struct err *err);
    void *ctx;
    const char *request_id;
    struct arena *a;
    struct net_ctx last;
};

static int run_once(struct txn *t, void *ctx, struct err *err)
{
    struct running *run = ctx;
    struct net_ctx c = { .t = t,
                         .a = run->a,
                         .n = run->s->state,
                         .now_us = server_now_us(run->s),
                         .request_id = run->request_id,
                         .admin = true };
    int r = run->fn(&c, run->ctx, err);

    if (r >= 0)
        r = change_flush(&c, err);
    run->last = c;
    return r;
}

int network_run(struct server *s, int (*fn)(struct net_ctx *c, void *ctx, struct err *err), void *ctx,
                const char *request_id, struct err *err)
{
    auto_arena struct arena a;
    struct running run = { s, fn, ctx, request_id, &a, { 0 } };
    int r;

    arena_init(&a);
    r = txn_run(s->db, run_once, &run, err);
    if (r < 0)
        return r;
    if (run.last.events && s->worker)
        worker_kick(s->worker);
    network_nudge(s, run.last.hosts);
    return r;
}

void network_nudge(struct server *s, const char *const *hosts)
{
    auto_json json_t *hints = NULL;
    struct err ignored = { 0 }; /* Who misses it asks by itself a little later. */
    char topic[320];

    if (!s->bus || !strv_len(hosts))
        return;
    hints = json_object();
    if (strv_len(hosts) > NUDGE_EACH) {
        bus_publish(s->bus, NETWORK_TOPIC_CHANGED, NETWORK_METHOD_CHANGED, hints, NULL, &ignored);
        return;
    }
    strv_foreach (host, hosts) {
        snprintf(topic, sizeof(topic), NETWORK_TOPIC_HOST, *host);
        bus_publish(s->bus, topic, NETWORK_METHOD_CHANGED, hints, NULL, &ignored);
    }
}

/* --- what agents say --------------------------------------------------------------------- */

static int answer_heartbeat(struct server *s, struct bus_message *m, struct err *err)
{
    return network_run(s, heartbeat_heard, (void *) m->args, m->request_id, err);
}

static int answer_report(struct server *s, struct bus_message *m, struct err *err)
{
    return network_run(s, report_heard, (void *) m->args, m->request_id, err);
}

/* Reads only, but for the first question of a host. */
static int answer_wishes(struct server *s, struct bus_message *m, struct err *err)
{
    auto_rollback struct txn *t = NULL;
    struct net_ctx c = { .a = m->arena, .n = s->state, .now_us = server_now_us(s) };
    const char *host = json_str(m->args, "host");
    int r;

    if (str_empty(host))
        return err_set(err, -EINVAL, "a question for wishes needs a host");
    r = txn_begin(s->db, false, &t, err);
    if (r < 0)
        return r;
    c.t = t;
    r = wishes_of_host(&c, host, json_str(m->args, "known_version"), &m->reply, err);
    if (r != -ENOENT)
        return r;
    txn_rollback(&t);
    r = network_run(s, wishes_first_asked, (void *) host, m->request_id, err);
    if (r < 0)
        return r;
    r = txn_begin(s->db, false, &t, err);
    if (r < 0)
        return r;
    c.t = t;
    return wishes_of_host(&c, host, NULL, &m->reply, err);
}

static const struct {
    const char *method;
    int (*answer)(struct server *s, struct bus_message *m, struct err *err);
} methods[] = {
    { NETWORK_METHOD_HEARTBEAT, answer_heartbeat },
    { NETWORK_METHOD_WISHES, answer_wishes },
    { NETWORK_METHOD_REPORT, answer_report },
};

static int on_message(void *ctx, struct bus_message *m, struct err *err)
{
    if (!bus_may_speak_for(m, json_str(m->args, "host")))
        return err_set(err, -EPERM, "%s speaks for another host", m->sender);
    for (size_t i = 0; i < ARRAY_SIZE(methods); i++)
        if (str_eq(methods[i].method, m->method))
            return methods[i].answer(ctx, m, err);
    return err_set(err, -ENOTSUP, "network has no method '%.64s'", m->method);
}

int network_bus_start(struct server *s, struct err *err)
{
    return bus_listen(s->bus, NETWORK_TOPIC, on_message, s, err);
}

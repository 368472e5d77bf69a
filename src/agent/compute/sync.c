/* SPDX-License-Identifier: Apache-2.0 */
/* Comparing what the host has with what the service wishes: reports what
 * differs, removes what no one wants any more.  Guests that are wanted are
 * left alone; operations ask for what they need. */
#include <stdlib.h>
#include <string.h>

#include "agent/compute/core.h"
#include "agent/compute_wishes.h"
#include "base/str.h"
#include "base/time.h"
#include "wire/json.h"

#define CALL_TIMEOUT_MS 15000
#define LEFT_OVER_US    (COMPUTE_RESYNC_S * INT64_C(1000000))

void compute_report(struct agent_compute *c, const char *host, const char *server_id, enum guest_power power,
                    const char *event, const char *reason)
{
    auto_json json_t *args =
        json_pack("{s:s, s:[{s:s, s:s, s:s?, s:s}]}", "host", host, "servers", "id", server_id, "power_state",
                  guest_power_text(power), "reason", reason, "event", event);
    struct err err = { 0 };

    if (bus_cast(c->bus, COMPUTE_TOPIC, COMPUTE_METHOD_REPORT, args, NULL, &err) < 0)
        log_debug(c->config.log, "a report was not taken", "server", server_id, "error", err.msg);
}

static const struct guest *guest_of(const struct guest *list, size_t n, const char *id)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(list[i].id, id))
            return &list[i];
    return NULL;
}

/* A guest that should run and is off because the whole machine was. */
static void resume(struct agent_compute *c, struct compute_host *h, const json_t *server)
{
    auto_arena struct arena a = { 0 };
    struct wish_server w;
    struct task t = { 0 };
    struct err err = { 0 };
    int r = wish_server_read(&a, server, &w, &err);

    if (r >= 0)
        r = c->driver->converge(c->self, h->name, &w, &t, &err);
    if (r < 0)
        log_warning(c->config.log, "cannot start a guest again", "server", json_str(server, "id"), "error",
                    err.msg);
    else
        log_info(c->config.log, "started a guest again", "server", w.id);
}

/* What one wanted server is; reported when it is news. */
static void look_at(struct agent_compute *c, struct compute_host *h, const json_t *server,
                    const struct guest *g)
{
    const char *id = json_str(server, "id"), *wish = json_str(server, "power");
    enum guest_power power = g ? g->power : GUEST_NONE;
    struct which w = { h->name, id, json_str(server, "instance_name") };

    if (!id || json_truth(server, "busy", false) || jobs_is_busy(c->jobs, h->name, id))
        return;
    if (!h->greeted && c->machine_is_new && c->config.compute->resume_guests && power == GUEST_SHUTDOWN &&
        str_eq(wish, COMPUTE_POWER_RUNNING)) {
        resume(c, h, server);
        power = c->driver->power(c->self, &w);
    }
    if (!h->greeted || !str_eq(wish, guest_power_text(power)))
        compute_report(c, h->name, id, power, "lifecycle", NULL);
}

/* --- What is left over. ------------------------------------------------------------- */

static void remove_left_over(struct agent_compute *c, struct compute_host *h, const struct guest *g)
{
    auto_json json_t *args = json_pack("{s:s, s:s?}", "server_id", g->id, "instance_name", g->instance_name);
    struct job_request rq = { h->name,         g->id, COMPUTE_METHOD_DESTROY, args, compute_destroy_job,
                              .wait_ms = 60000 };
    struct err err = { 0 };
    int progress, r = jobs_run(c->jobs, &rq, &progress, &err);

    log_event(c->config.log, r < 0 ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO, "removing a guest that no one wants",
              "server", g->id, "error", r < 0 ? err.msg : NULL, NULL);
}

static void left_over_free(struct left_over *l)
{
    if (l)
        free(l->id);
    free(l);
}

void compute_forget_left_over(struct compute_host *h)
{
    hash_foreach (it, &h->missed)
        left_over_free(it->value);
    hash_done(&h->missed);
}

/* Notes 'g' as left over; true when it has been so for long enough. */
static bool is_due(struct compute_host *h, const struct guest *g)
{
    struct left_over *l = hash_get(&h->missed, g->id);

    if (!l) {
        l = calloc(1, sizeof(*l));
        if (!l || !(l->id = strdup(g->id)))
            abort();
        l->since_us = time_mono_us();
        hash_put(&h->missed, l->id, l);
    }
    l->seen = true;
    return time_mono_us() - l->since_us >= LEFT_OVER_US;
}

/* Whoever is wanted again, or gone, is noted no longer. */
static void clear_unseen(struct compute_host *h)
{
    struct left_over *gone;

    do {
        gone = NULL;
        hash_foreach (it, &h->missed)
            if (!((struct left_over *) it->value)->seen)
                gone = it->value;
        if (gone) {
            hash_remove(&h->missed, gone->id);
            left_over_free(gone);
        }
    } while (gone);
    hash_foreach (it, &h->missed)
        ((struct left_over *) it->value)->seen = false;
}

static void look_for_left_over(struct agent_compute *c, struct compute_host *h, const json_t *servers,
                               const struct guest *guests, size_t n)
{
    struct hash wanted;
    const json_t *o;
    size_t i;

    hash_init(&wanted);
    json_array_foreach (servers, i, o)
        if (json_str(o, "id"))
            hash_put(&wanted, json_str(o, "id"), (void *) o);
    for (i = 0; i < n; i++)
        if (!hash_get(&wanted, guests[i].id) && !jobs_is_busy(c->jobs, h->name, guests[i].id) &&
            is_due(h, &guests[i]))
            remove_left_over(c, h, &guests[i]);
    hash_done(&wanted);
    clear_unseen(h);
}

void compute_sync(struct compute_host *h)
{
    struct agent_compute *c = h->agent;
    auto_json json_t *args = json_pack("{s:s}", "host", h->name), *reply = NULL;
    auto_arena struct arena a = { 0 };
    struct guest *guests;
    struct err err = { 0 };
    const json_t *servers, *o;
    size_t n, i;
    /* The host is looked at first: what is made in between is in the answer. */
    int r = c->driver->list(c->self, h->name, &a, &guests, &n, &err);

    if (r >= 0)
        r = bus_call(c->bus, COMPUTE_TOPIC, COMPUTE_METHOD_WISHES, args, NULL, CALL_TIMEOUT_MS, &reply, &err);
    servers = r < 0 ? NULL : json_arr(reply, "servers");
    if (!servers) {
        log_debug(c->config.log, "cannot compare with the wishes", "host", h->name, "error", err.msg);
        return;
    }
    json_array_foreach (servers, i, o)
        look_at(c, h, o, guest_of(guests, n, json_str(o, "id")));
    look_for_left_over(c, h, servers, guests, n);
    h->greeted = true;
}

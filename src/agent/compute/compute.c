/* SPDX-License-Identifier: Apache-2.0 */
/* The compute role: listens to the service, says that the host lives,
 * compares from time to time. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "agent/compute/core.h"
#include "agent/compute_wishes.h"
#include "base/str.h"
#include "base/time.h"
#include "io/sock.h"
#include "wire/json.h"

#define RETRY_S         1
#define CALL_TIMEOUT_MS 5000
#define BUS_WORKERS     16

const struct compute_driver *const compute_drivers[] = { &compute_driver_libvirt, &compute_driver_fake,
                                                         NULL };

/* --- Waiting. ---------------------------------------------------------------------- */

static bool is_stopping(struct agent_compute *c)
{
    bool stopping;

    pthread_mutex_lock(&c->lock);
    stopping = c->stopping;
    pthread_mutex_unlock(&c->lock);
    return stopping;
}

/* Sleeps until the time, the end, or a nudge where it is heard. */
static void wait_s(struct agent_compute *c, int64_t s, bool hear)
{
    struct timespec end;

    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += s;
    pthread_mutex_lock(&c->lock);
    while (!c->stopping && !(hear && c->nudged) && pthread_cond_timedwait(&c->wake, &c->lock, &end) == 0)
        ;
    if (hear)
        c->nudged = false;
    pthread_mutex_unlock(&c->lock);
}

/* --- Threads. ----------------------------------------------------------------------- */

static bool all_greeted(const struct agent_compute *c)
{
    for (size_t i = 0; i < c->n_hosts; i++)
        if (!c->hosts[i].greeted)
            return false;
    return true;
}

static void *sync_hosts(void *arg)
{
    struct agent_compute *c = arg;

    while (!is_stopping(c)) {
        for (size_t i = 0; i < c->n_hosts && !is_stopping(c); i++)
            if (bus_is_connected(c->bus))
                compute_sync(&c->hosts[i]);
        wait_s(c, all_greeted(c) ? COMPUTE_RESYNC_S : RETRY_S, true);
    }
    return NULL;
}

/* False when the service did not take it. */
static bool beat_of(struct agent_compute *c, const char *host, bool *complained)
{
    struct err err = { 0 };
    auto_json json_t *args = compute_heartbeat(c, host, &err), *reply = NULL;
    int r = args ? bus_call(c->bus, COMPUTE_TOPIC, COMPUTE_METHOD_HEARTBEAT, args, NULL, CALL_TIMEOUT_MS,
                            &reply, &err)
                 : -EIO;

    if (r < 0 && !*complained)
        log_warning(c->config.log, "the compute service did not hear that this host lives", "host", host,
                    "error", err.msg);
    if (r >= 0 && *complained)
        log_info(c->config.log, "the compute service hears this host again", "host", host);
    *complained = r < 0;
    return r >= 0;
}

static void *beat(void *arg)
{
    struct agent_compute *c = arg;
    bool complained = false;

    while (!is_stopping(c)) {
        int64_t begin_us = time_mono_us(), took_s;
        bool heard = true;

        for (size_t i = 0; i < c->n_hosts && heard && !is_stopping(c); i++)
            heard = beat_of(c, c->hosts[i].name, &complained);
        took_s = (time_mono_us() - begin_us) / 1000000;
        wait_s(c, !heard ? RETRY_S : took_s < COMPUTE_HEARTBEAT_S ? COMPUTE_HEARTBEAT_S - took_s : 0, false);
    }
    return NULL;
}

/* --- What happens by itself. --------------------------------------------------------- */

static void on_event(void *ctx, const char *host, const char *server_id, enum guest_power power,
                     const char *reason)
{
    struct agent_compute *c = ctx;

    if (jobs_is_busy(c->jobs, host, server_id))
        return;
    pthread_mutex_lock(&c->lock); /* The bus is closed only after 'stopping' was set. */
    if (!c->stopping)
        compute_report(c, host, server_id, power, "lifecycle", reason);
    pthread_mutex_unlock(&c->lock);
}

static void on_job_ended(void *ctx, const char *host, const char *server_id)
{
    struct agent_compute *c = ctx;
    struct which w = { host, server_id, NULL };

    compute_report(c, host, server_id, c->driver->power(c->self, &w), "progress", NULL);
}

static void on_connect(void *ctx)
{
    struct agent_compute *c = ctx;

    pthread_mutex_lock(&c->lock);
    c->nudged = true;
    pthread_cond_broadcast(&c->wake);
    pthread_mutex_unlock(&c->lock);
}

/* --- Beginning and end. --------------------------------------------------------------- */

static void name_hosts(struct agent_compute *c)
{
    size_t n = (size_t) c->config.compute->fake_hosts;
    bool many = n > 0 && str_eq(c->driver->name, "fake");

    c->n_hosts = many ? n : 1;
    c->hosts = arena_array(&c->arena, struct compute_host, c->n_hosts);
    for (size_t i = 0; i < c->n_hosts; i++) {
        c->hosts[i].agent = c;
        c->hosts[i].name = many ? arena_printf(&c->arena, "host-%04zu", i + 1) : c->config.host;
        hash_init(&c->hosts[i].missed);
        c->names = strv_add(&c->arena, c->names, c->hosts[i].name);
    }
}

/* Whether the machine was started anew since this role last ran. */
static bool note_boot(struct agent_compute *c)
{
    auto_arena struct arena a = { 0 };
    char *path = arena_printf(&a, "%s/compute-boot-id", c->config.state_dir), *now, *then = NULL;
    bool is_new;

    if (file_read(&a, "/proc/sys/kernel/random/boot_id", 100, &now, NULL) < 0)
        return false;
    is_new = file_read(&a, path, 100, &then, NULL) >= 0 && !str_eq(now, then);
    if (!str_eq(now, then))
        file_write_atomic(path, now, strlen(now), 0600);
    return is_new;
}

static int listen_all(struct agent_compute *c, struct err *err)
{
    auto_arena struct arena a = { 0 };
    int r = 0;

    for (size_t i = 0; i < c->n_hosts && r >= 0; i++)
        r = bus_listen(c->bus, arena_printf(&a, COMPUTE_TOPIC_HOST, c->hosts[i].name), compute_on_call,
                       &c->hosts[i], err);
    return r;
}

static int start_threads(struct agent_compute *c, struct err *err)
{
    int r = -pthread_create(&c->syncer, NULL, sync_hosts, c);

    c->has_syncer = r == 0;
    if (r == 0) {
        r = -pthread_create(&c->heart, NULL, beat, c);
        c->has_heart = r == 0;
    }
    return r < 0 ? err_set(err, r, "Cannot start a thread: %s", strerror(-r)) : 0;
}

static int begin(struct agent_compute *c, struct err *err)
{
    struct compute_driver_config dc = { .agent = &c->config, .on_event = on_event, .ctx = c };
    struct bus_config bc = { .url = c->config.bus_url,
                             .workers = BUS_WORKERS,
                             .log = c->config.log,
                             .on_connect = on_connect,
                             .ctx = c };
    int r;

    for (const struct compute_driver *const *d = compute_drivers; *d; d++)
        if (str_eq((*d)->name, c->config.compute->driver))
            c->driver = *d;
    if (!c->driver)
        return err_set(err, -EINVAL, "There is no compute driver named %s", c->config.compute->driver);
    name_hosts(c);
    dc.hosts = c->names;
    bc.name = arena_printf(&c->arena, "agent.compute@%s", c->config.host);
    r = dir_make(c->config.state_dir, 0750);
    if (r < 0)
        return err_set(err, r, "Cannot make %s: %s", c->config.state_dir, strerror(-r));
    c->machine_is_new = note_boot(c);
    c->jobs = jobs_new((unsigned) c->config.compute->workers, on_job_ended, c);
    r = bus_open(&bc, &c->bus, err);
    if (r >= 0)
        r = c->driver->open(&dc, &c->self, err);
    if (r >= 0)
        r = listen_all(c, err);
    return r < 0 ? r : start_threads(c, err);
}

int agent_compute_start(const struct agent_config *config, struct agent_compute **ret, struct err *err)
{
    struct agent_compute *c = calloc(1, sizeof(*c));
    pthread_condattr_t attr;
    int r;

    if (!c)
        return err_set(err, -ENOMEM, "Out of memory");
    c->config = *config;
    c->started_us = time_now_us();
    pthread_mutex_init(&c->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&c->wake, &attr);
    pthread_condattr_destroy(&attr);
    r = begin(c, err);
    if (r < 0) {
        agent_compute_stop(c);
        return r;
    }
    *ret = c;
    return 0;
}

void agent_compute_stop(struct agent_compute *c)
{
    if (!c)
        return;
    pthread_mutex_lock(&c->lock);
    c->stopping = true;
    pthread_cond_broadcast(&c->wake);
    pthread_mutex_unlock(&c->lock);
    if (c->has_syncer)
        pthread_join(c->syncer, NULL);
    if (c->has_heart)
        pthread_join(c->heart, NULL);
    if (c->jobs)
        jobs_stop(c->jobs);
    if (c->bus)
        bus_close(c->bus);
    jobs_free(c->jobs);
    if (c->self)
        c->driver->close(c->self);
    for (size_t i = 0; i < c->n_hosts; i++)
        compute_forget_left_over(&c->hosts[i]);
    arena_done(&c->arena);
    pthread_cond_destroy(&c->wake);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The compute role's inside: what its files share. */
#pragma once

#include <pthread.h>

#include "agent/agent.h"
#include "agent/compute/driver.h"
#include "agent/compute/jobs.h"
#include "base/hash.h"
#include "bus/bus.h"

/* One host of this process. */
struct compute_host {
    struct agent_compute *agent;
    const char *name;
    bool greeted;       /* The first answer was compared and reported. */
    struct hash missed; /* Server id to "first seen as left over"; the sync thread's own. */
};

struct left_over {
    char *id;
    int64_t since_us;
    bool seen; /* In this round. */
};

struct agent_compute {
    struct agent_config config;
    const struct compute_driver *driver;
    void *self; /* The driver's. */
    struct bus *bus;
    struct jobs *jobs;
    struct arena arena; /* Names of hosts; lives as long as this. */
    struct compute_host *hosts;
    size_t n_hosts;
    const char **names;
    int64_t started_us;
    bool machine_is_new; /* It was started anew since the last time. */

    pthread_t syncer, heart;
    bool has_syncer, has_heart;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool nudged, stopping;
};

/* Calls of the service (calls.c). */
int compute_on_call(void *ctx, struct bus_message *m, struct err *err);

/* "destroy" as a job, for calls and for what is left over. */
int compute_destroy_job(void *ctx, const char *host, const json_t *args, struct task *t, struct err *err);

/* Comparing with the wishes (sync.c). */
void compute_sync(struct compute_host *h);
void compute_forget_left_over(struct compute_host *h);

/* Tells the service what a server is; 'reason' may be null. */
void compute_report(struct agent_compute *c, const char *host, const char *server_id, enum guest_power power,
                    const char *event, const char *reason);

/* The body of a heartbeat (heartbeat.c), or null when the driver does not answer. */
json_t *compute_heartbeat(struct agent_compute *c, const char *host, struct err *err);

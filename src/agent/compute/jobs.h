/* SPDX-License-Identifier: Apache-2.0 */
/* Work on servers that may take longer than a caller should wait: one job a
 * server at a time, found again by who asks the same once more. */
#pragma once

#include <jansson.h>

#include "agent/compute/driver.h"
#include "base/err.h"

struct jobs;

/* The work itself, on a thread of the pool.  'args' is the job's own. */
typedef int (*job_fn)(void *ctx, const char *host, const json_t *args, struct task *t, struct err *err);

/* Called when a job ended that somebody was told to ask again for; 'ctx' as
 * given to jobs_new(). */
typedef void (*job_ended)(void *ctx, const char *host, const char *server_id);

struct jobs *jobs_new(unsigned threads, job_ended ended, void *ctx);

/* Cancels and waits for what runs; from now on nothing begins. */
void jobs_stop(struct jobs *j);

/* Only when no one calls any more; stops first if need be. */
void jobs_free(struct jobs *j);

struct job_request {
    const char *host, *server_id, *method;
    const json_t *args; /* Without secrets it says whether two requests are the same. */
    job_fn fn;
    bool supersedes; /* Cancels another job of the server. */
    unsigned wait_ms;
};

/* Starts the job, or finds it.  1 when it is still at work ('ret_progress'),
 * 0 when it is done, or its error.  Another job of the same server is waited
 * for first. */
int jobs_run(struct jobs *j, const struct job_request *rq, int *ret_progress, struct err *err);

/* True while a job works on the server. */
bool jobs_is_busy(struct jobs *j, const char *host, const char *server_id);

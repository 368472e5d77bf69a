/* SPDX-License-Identifier: Apache-2.0 */
/* What actions on a server ask and do alike. */
#pragma once

#include "compute/api/servers.h"

/* 409 when the server is locked for the caller. */
int require_unlocked(struct request *rq, const struct instance *i, struct err *err);

/* 409 unless the states are among these (separated by spaces) and no task is running but
 * those in 'task_states' (may be null). */
int require_state(const struct instance *i, const char *what, const char *vm_states, const char *task_states,
                  struct err *err);

/* A task that an operation carries out. */
struct task {
    const char *what;        /* In errors. */
    const char *kind;        /* Of operation */
    const char *action;      /* As instance actions show it. */
    const char *vm_states;   /* In which it may begin. */
    const char *task_states; /* Null: only with no task running. */
    const char *task_state;  /* While it runs; null: none is shown. */
};

/* Checks lock and states, records the task and starts its operation, in the
 * request's transaction.  'args' is taken over; '*ret' may be null. */
int begin_task(struct request *rq, const struct task *task, json_t *args, struct instance **ret,
               struct err *err);

/* What compute keeps about the ports is read anew from the network service, whatever an
 * event says: then a lost or late event does no harm.  While a server is built its
 * operation does that itself. */
int refresh_ports(struct request *rq, struct instance *i, struct err *err);

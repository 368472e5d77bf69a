/* SPDX-License-Identifier: Apache-2.0 */
/* Durable operations: what outlives its HTTP request.
 *
 * An operation is a row, written in the same transaction as the wish it
 * carries out: kind, resource, arguments, step, lease, attempts, request id.
 * Workers take rows whose lease is free, run one step after the other and
 * record each before the next.  A step may run again after a crash, so it
 * must be repeatable.  When a step fails for good the steps done so far are
 * undone, last first, and the kind's 'finished' hook writes the reason where
 * the person who asked will see it.  The step that failed is undone as well,
 * for it may have done a part: undoing what is not there must succeed.
 * Operations on one resource run one at a time, oldest first; one that
 * 'supersedes' the others (delete) makes them stop at their next step, undo,
 * and leave. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/log.h"
#include "base/time.h"
#include "data/db.h"

/* A step that must wait returns op_wait(run, ms): it is run again after that
 * time or at op_wake(), whichever is first; waiting holds no thread. */
#define OP_WAIT 1

struct op {
    const char *id, *kind, *resource_id, *request_id, *project_id, *user_id;
    json_t *args;  /* As given; not changed. */
    json_t *state; /* Steps keep here what later steps or undo need; saved after each step. */
    int step;      /* Index of the step to run. */
    int attempts;  /* Of this step so far. */
    bool undoing;
    int64_t created_us, step_since_us;
};

struct op_run {
    struct op *op;
    struct arena *arena; /* Of this step. */
    struct db *db;
    void *ctx; /* worker_config.ctx */
    const struct log *log;
    int64_t wait_ms; /* Set by op_wait(). */
};

struct op_step {
    const char *name;
    int (*run)(struct op_run *r,
               struct err *err); /* 0 next, OP_WAIT, -EAGAIN/-EHOSTDOWN/-ETIMEDOUT again, other: undo */
    int (*undo)(struct op_run *r,
                struct err *err); /* Null: nothing to undo. Repeated until it succeeds or says -EINVAL. */
    unsigned timeout_s;           /* From the first run of this step; 0: 600. */
    unsigned max_attempts;        /* 0: until the timeout. */
};

struct op_kind {
    const char *name;            /* "server.create" */
    const struct op_step *steps; /* Ended by a null name. */
    bool supersedes;             /* Cancels the older operations of its resource, except of its own kind. */
    /* After a failure, when everything is undone: true when the operation is to begin anew with its first
     * step.  What it keeps in 'state' is saved with that.  Null: never.  Not asked when superseded. */
    bool (*again)(struct op_run *r, const struct err *why);
    /* In the transaction that ends the operation; 'why' null when done. When
     * it was superseded, why->code is -ECANCELED. */
    int (*finished)(struct op_run *r, struct txn *t, const struct err *why, struct err *err);
};

/* The table that a service's migrations must contain, one step. */
extern const char op_migration_sql[];

/* Records an operation in 't'; starts it is the worker's part (worker_kick()
 * after the commit makes it immediate).  '*ret_id' lives in the arena; may be
 * null. */
struct op_spec {
    const char *kind, *resource_id, *request_id, *project_id, *user_id;
    const json_t *args;
    int64_t not_before_us;
};
int op_start(struct txn *t, struct arena *a, const struct op_spec *s, const char **ret_id, struct err *err);

/* True while an operation of that resource exists (kind null: any). */
int op_exists(struct txn *t, const char *resource_id, const char *kind, bool *ret, struct err *err);

int op_wait(struct op_run *r, int64_t ms);

struct worker;
struct worker_config {
    struct db *db;
    const struct op_kind *const *kinds; /* Ended by null. */
    void *ctx;
    unsigned threads;  /* Default 8, started on demand. */
    unsigned lease_s;  /* Default 30; renewed while a step runs. */
    const char *owner; /* The same each time this process starts ("compute@host1"), and nobody else's: what an
                          earlier one left unfinished goes on at once. */
    const struct log *log;
    const char *stop_at;   /* For tests: "server.create.spawn:before" or ":after" (also ":undo"): the process
                            writes the file 'stop_file' and stops itself with SIGSTOP there. Null: the file
                            'stop_file'.at says where; it is taken away, 'stop_file' written, and that
                            operation alone stays there until 'stop_file' is gone. */
    const char *stop_file; /* Null: never. */
};
int worker_start(const struct worker_config *c, struct worker **ret, struct err *err);
void worker_stop(struct worker *w);

/* Looks for work now. */
void worker_kick(struct worker *w);

/* The operation waiting on 'resource_id' runs its step again now. */
void op_wake(struct worker *w, const char *resource_id);

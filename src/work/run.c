/* SPDX-License-Identifier: Apache-2.0 */
#include "work/run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "io/sock.h"

#define TIMEOUT_S      600
#define BACKOFF_MIN_MS 100
#define BACKOFF_MAX_MS 5000
#define HELD_LOOK_MS   10

/* What run_operation() does after one piece of work. */
enum next {
    NEXT_GO,    /* The lease is kept: the next piece. */
    NEXT_LATER, /* Recorded, released, due at *ret_due_us. */
    NEXT_ENDED, /* Its row is gone, or not ours any more. */
};

/* --- Stopping on demand ---------------------------------------------------- */

/* Tests stop here and kill a process; a debugger may come as well. */
static void write_stop_file(const struct runner *x, const char *where)
{
    int fd = open(x->stop_file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (fd < 0 || write_all(fd, where, strlen(where)) < 0 || fsync(fd) < 0)
        log_error(x->log, "cannot write the stop file", "path", x->stop_file, "error", strerror(errno));
    if (fd >= 0)
        close(fd);
}

/* Whether the file that may be written while we run names this place.  It goes
 * away, so that whoever comes here next goes on. */
static bool is_told_to_stop(const struct runner *x, const char *where)
{
    auto_arena struct arena a = { 0 };
    const char *path = arena_printf(&a, "%s.at", x->stop_file);
    char *told;

    if (file_read(&a, path, 256, &told, NULL) < 0)
        return false;
    told[strcspn(told, "\n")] = '\0';
    return strcmp(told, where) == 0 && unlink(path) == 0;
}

static void stop_maybe(const struct runner *x, const struct op_row *row, const char *when)
{
    char where[256];

    if (!x->stop_file)
        return;
    snprintf(where, sizeof(where), "%s.%s:%s", row->kind->name, row->kind->steps[row->op.step].name, when);
    if (x->stop_at && strcmp(where, x->stop_at) == 0) {
        write_stop_file(x, where);
        raise(SIGSTOP);
    } else if (!x->stop_at && is_told_to_stop(x, where)) {
        write_stop_file(x, where);
        while (access(x->stop_file, F_OK) == 0 && !x->is_stopping(x->worker, HELD_LOOK_MS))
            ;
    }
}

/* --- Recording ------------------------------------------------------------- */

static struct op_run run_init(const struct runner *x, struct op_row *row, struct arena *a)
{
    return (struct op_run){ .op = &row->op, .arena = a, .db = x->store->db, .ctx = x->ctx, .log = x->log };
}

static void log_op(const struct runner *x, enum log_level level, const char *words, const struct op_row *row,
                   const char *error)
{
    log_event(x->log, level, words, "operation", row->op.id, "kind", row->op.kind, "step",
              row->op.step >= 0 ? row->kind->steps[row->op.step].name : NULL, "resource", row->op.resource_id,
              "request", row->op.request_id, "error", error, NULL);
}

static int64_t backoff_ms(int attempts)
{
    int64_t ms = BACKOFF_MIN_MS;

    for (int i = 1; i < attempts && ms < BACKOFF_MAX_MS; i++)
        ms *= 2;
    return ms < BACKOFF_MAX_MS ? ms : BACKOFF_MAX_MS;
}

/* Writes the row down, however long the database is away: what was done must
 * not be forgotten.  False when it is not ours any more, or the worker stops:
 * then the lease's end brings it back. */
static bool record(const struct runner *x, struct op_row *row, bool keep, int64_t due_us)
{
    for (int attempts = 1;; attempts++) {
        struct err e = { 0 };
        int r = store_record(x->store, row, keep, due_us, &e);

        if (r >= 0)
            return true;
        log_op(x, attempts == 1 ? LOG_LEVEL_WARNING : LOG_LEVEL_DEBUG, "cannot record an operation", row,
               e.msg);
        if (r == -ESTALE || x->is_stopping(x->worker, backoff_ms(attempts)))
            return false;
    }
}

static enum next record_later(const struct runner *x, struct op_row *row, int64_t due_us, int64_t *ret_due_us)
{
    if (!record(x, row, false, due_us))
        return NEXT_ENDED;
    *ret_due_us = row->superseded && !row->op.undoing ? time_now_us() : due_us;
    return NEXT_LATER;
}

/* The next step may run now, unless the process ends: then another's. */
static enum next record_and_go(const struct runner *x, struct op_row *row, int64_t *ret_due_us)
{
    int64_t now = time_now_us();

    if (x->is_stopping(x->worker, 0))
        return record_later(x, row, now, ret_due_us);
    return record(x, row, true, now + x->lease_us) ? NEXT_GO : NEXT_ENDED;
}

/* --- The end --------------------------------------------------------------- */

static enum next end(const struct runner *x, struct op_row *row, const struct err *why, int64_t *ret_due_us)
{
    auto_arena struct arena a = { 0 };
    struct op_run run = run_init(x, row, &a);
    struct err e = { 0 };
    int r = store_end(x->store, row, &run, why, &e);

    if (r >= 0) {
        log_op(x, why ? LOG_LEVEL_INFO : LOG_LEVEL_DEBUG, why ? "operation failed" : "operation done", row,
               why ? why->msg : NULL);
        return NEXT_ENDED;
    }
    log_op(x, row->op.attempts == 0 ? LOG_LEVEL_WARNING : LOG_LEVEL_DEBUG, "cannot end an operation", row,
           e.msg);
    if (r == -ESTALE)
        return NEXT_ENDED;
    row->op.attempts++;
    return record_later(x, row, time_now_us() + backoff_ms(row->op.attempts) * 1000, ret_due_us);
}

/* Everything is undone: the end, unless the operation wants to try another way. */
static enum next end_undone(const struct runner *x, struct op_row *row, int64_t *ret_due_us)
{
    auto_arena struct arena a = { 0 };
    struct op_run run = run_init(x, row, &a);

    if (row->superseded || row->why.code == -ECANCELED || !row->kind->again ||
        !row->kind->again(&run, &row->why))
        return end(x, row, &row->why, ret_due_us);
    log_op(x, LOG_LEVEL_INFO, "operation begins anew", row, row->why.msg);
    row->op.undoing = false;
    row->op.step = row->op.attempts = 0;
    row->op.step_since_us = 0;
    row->may_have_run = false;
    row->why = (struct err){ 0 };
    return record_and_go(x, row, ret_due_us);
}

/* --- Undoing --------------------------------------------------------------- */

/* Goes back to the last step up to 'step' that has something to undo. */
static void undo_from(struct op_row *row, int step)
{
    while (step >= 0 && !row->kind->steps[step].undo)
        step--;
    row->op.step = step;
    row->op.attempts = 0;
    row->op.step_since_us = 0;
}

/* The current step is undone too when it may have run: a part of it may be
 * there. */
static enum next undo_begin(const struct runner *x, struct op_row *row, const struct err *why,
                            int64_t *ret_due_us)
{
    log_op(x, LOG_LEVEL_INFO, why->code == -ECANCELED ? "operation gives way" : "operation fails", row,
           why->msg);
    row->op.undoing = true;
    row->why = *why;
    undo_from(row, row->may_have_run ? row->op.step : row->op.step - 1);
    return row->op.step < 0 ? NEXT_GO : record_and_go(x, row, ret_due_us);
}

static enum next undo_one(const struct runner *x, struct op_row *row, int64_t *ret_due_us)
{
    auto_arena struct arena a = { 0 };
    struct op_run run = run_init(x, row, &a);
    struct err e = { 0 };
    int r;

    stop_maybe(x, row, "undo");
    r = row->kind->steps[row->op.step].undo(&run, &e);
    if (r == OP_WAIT)
        return record_later(x, row, time_now_us() + run.wait_ms * 1000, ret_due_us);
    if (r < 0 && r != -EINVAL) {
        row->op.attempts++;
        log_op(x, row->op.attempts == 1 ? LOG_LEVEL_WARNING : LOG_LEVEL_DEBUG, "cannot undo a step yet", row,
               e.msg);
        return record_later(x, row, time_now_us() + backoff_ms(row->op.attempts) * 1000, ret_due_us);
    }
    if (r == -EINVAL)
        log_op(x, LOG_LEVEL_ERROR, "cannot undo a step, going on", row, e.msg);
    undo_from(row, row->op.step - 1);
    return row->op.step < 0 ? NEXT_GO : record_and_go(x, row, ret_due_us);
}

/* --- Going forward --------------------------------------------------------- */

static bool is_worth_repeating(int r)
{
    return r == -EAGAIN || r == -EHOSTDOWN || r == -ETIMEDOUT;
}

static enum next step_done(const struct runner *x, struct op_row *row, int64_t *ret_due_us)
{
    stop_maybe(x, row, "after");
    row->op.step++;
    row->op.attempts = 0;
    row->op.step_since_us = 0;
    row->may_have_run = false;
    if (!row->kind->steps[row->op.step].name)
        return NEXT_GO; /* To the end, which records as well. */
    return record_and_go(x, row, ret_due_us);
}

/* The step waits or is to be repeated at 'due_us', when there is time left. */
static enum next step_again(const struct runner *x, struct op_row *row, int64_t due_us,
                            const struct err *last, int64_t *ret_due_us)
{
    const struct op_step *step = &row->kind->steps[row->op.step];
    unsigned timeout_s = step->timeout_s ? step->timeout_s : TIMEOUT_S;
    int64_t until = row->op.step_since_us + (int64_t) timeout_s * 1000000;
    struct err e = *last;

    if (time_now_us() < until)
        return record_later(x, row, due_us < until ? due_us : until, ret_due_us);
    if (!e.code)
        err_set(&e, -ETIMEDOUT, "Step '%s' was not done within %u s.", step->name, timeout_s);
    else
        err_prefix(&e, e.code, "Step '%s' was not done within %u s", step->name, timeout_s);
    return undo_begin(x, row, &e, ret_due_us);
}

static enum next step_failed(const struct runner *x, struct op_row *row, int r, struct err *e,
                             int64_t *ret_due_us)
{
    const struct op_step *step = &row->kind->steps[row->op.step];

    if (!e->code)
        err_set(e, r, "Step '%s' failed: %s.", step->name, strerror(-r));
    e->code = r;
    row->op.attempts++;
    if (!is_worth_repeating(r) || (step->max_attempts && row->op.attempts >= step->max_attempts))
        return undo_begin(x, row, e, ret_due_us);
    log_op(x, row->op.attempts == 1 ? LOG_LEVEL_INFO : LOG_LEVEL_DEBUG, "a step is repeated", row, e->msg);
    return step_again(x, row, time_now_us() + backoff_ms(row->op.attempts) * 1000, e, ret_due_us);
}

static enum next step_one(const struct runner *x, struct op_row *row, int64_t *ret_due_us)
{
    auto_arena struct arena a = { 0 };
    struct op_run run = run_init(x, row, &a);
    struct err e = { 0 };
    int r;

    if (row->superseded) {
        err_set(&e, -ECANCELED, "Another request took the place of this one.");
        return undo_begin(x, row, &e, ret_due_us);
    }
    stop_maybe(x, row, "before");
    if (!row->op.step_since_us)
        row->op.step_since_us = time_now_us();
    row->may_have_run = true;
    r = row->kind->steps[row->op.step].run(&run, &e);
    if (r == 0)
        return step_done(x, row, ret_due_us);
    if (r < 0)
        return step_failed(x, row, r, &e, ret_due_us);
    err_clear(&e);
    return step_again(x, row, time_now_us() + run.wait_ms * 1000, &e, ret_due_us);
}

int64_t run_operation(const struct runner *x, struct op_row *row)
{
    enum next next = NEXT_GO;
    int64_t due_us = 0;

    while (next == NEXT_GO) {
        if (row->op.undoing)
            next = row->op.step < 0 ? end_undone(x, row, &due_us) : undo_one(x, row, &due_us);
        else if (!row->kind->steps[row->op.step].name)
            next = end(x, row, NULL, &due_us);
        else
            next = step_one(x, row, &due_us);
    }
    return next == NEXT_LATER ? due_us : 0;
}

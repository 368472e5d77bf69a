/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "base/time.h"
#include "kit/sqltest.h"
#include "wire/json.h"
#include "work/work.h"

#define WAIT_MS 30000

static void pause_ms(int ms)
{
    nanosleep(&(struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 }, NULL);
}

/* Waits for a state, with an end for the case that it never comes. */
#define EXPECT_SOON(cond)                                 \
    do {                                                  \
        int64_t until_ = time_mono_us() + WAIT_MS * 1000; \
        while (!(cond) && time_mono_us() < until_)        \
            pause_ms(2);                                  \
        EXPECT_TRUE(cond);                                \
    } while (0)

static const struct migration migrations[] = { { "operations", op_migration_sql }, { 0 } };

/* --- What the steps below leave behind ------------------------------------- */

struct scene {
    pthread_mutex_t lock;
    char trace[4096]; /* What ran, in order: "a b a.undo end". */
    struct err why;   /* Of the last that failed. */
    int ended, failed;
    atomic_int fails; /* How often "flaky" still fails. */
    atomic_int end_fails;
    atomic_bool hold;  /* "slow" runs while it is true. */
    atomic_bool ready; /* "wait" is done when it is. */
    atomic_int inside, most_inside;
    int out_fd; /* For another process: the trace goes there too. */
};

static void note(struct scene *s, const char *what, const struct op_run *r)
{
    const char *tag = json_str(r->op->args, "tag");
    char words[128];
    size_t n;

    snprintf(words, sizeof(words), "%s%s%s ", tag ? tag : "", tag ? "." : "", what);
    pthread_mutex_lock(&s->lock);
    n = strlen(s->trace);
    snprintf(s->trace + n, sizeof(s->trace) - n, "%s", words);
    pthread_mutex_unlock(&s->lock);
    if (s->out_fd > 0 && write(s->out_fd, words, strlen(words)) < 0)
        abort();
}

static int run_a(struct op_run *r, struct err *err)
{
    note(r->ctx, "a", r);
    json_object_set_new(r->op->state, "a", json_integer(42));
    return 0;
}

static int undo_a(struct op_run *r, struct err *err)
{
    note(r->ctx, "a.undo", r);
    return 0;
}

static int run_b(struct op_run *r, struct err *err)
{
    note(r->ctx, "b", r);
    if (json_int(r->op->state, "a", 0) != 42)
        return err_set(err, -EIO, "the state is lost");
    return 0;
}

static int undo_b(struct op_run *r, struct err *err)
{
    note(r->ctx, "b.undo", r);
    return 0;
}

static int run_c(struct op_run *r, struct err *err)
{
    note(r->ctx, "c", r);
    return 0;
}

static int undo_c(struct op_run *r, struct err *err)
{
    note(r->ctx, "c.undo", r);
    return 0;
}

static int run_break(struct op_run *r, struct err *err)
{
    note(r->ctx, "break", r);
    return err_http(err, 409, "PortInUse", "Port p1 is in use.");
}

static int undo_break(struct op_run *r, struct err *err)
{
    note(r->ctx, "break.undo", r);
    return 0;
}

static int run_flaky(struct op_run *r, struct err *err)
{
    struct scene *s = r->ctx;

    note(s, "flaky", r);
    if (atomic_fetch_sub(&s->fails, 1) > 0)
        return err_set(err, -EHOSTDOWN, "the other side is away");
    return 0;
}

static int undo_flaky(struct op_run *r, struct err *err)
{
    struct scene *s = r->ctx;

    note(s, "flaky.undo", r);
    return atomic_fetch_sub(&s->fails, 1) > 0 ? err_set(err, -EIO, "not yet") : 0;
}

static int undo_never(struct op_run *r, struct err *err)
{
    note(r->ctx, "never.undo", r);
    return err_set(err, -EINVAL, "cannot be undone");
}

static int run_wait(struct op_run *r, struct err *err)
{
    struct scene *s = r->ctx;

    if (atomic_load(&s->ready)) {
        note(s, "waited", r);
        return 0;
    }
    note(s, "wait", r);
    return op_wait(r, 20000);
}

static int run_short_waits(struct op_run *r, struct err *err)
{
    return atomic_load(&((struct scene *) r->ctx)->ready) ? 0 : op_wait(r, 10);
}

static int run_slow(struct op_run *r, struct err *err)
{
    struct scene *s = r->ctx;
    int inside = atomic_fetch_add(&s->inside, 1) + 1;

    if (inside > atomic_load(&s->most_inside))
        atomic_store(&s->most_inside, inside);
    note(s, "slow", r);
    for (int i = 0; i < WAIT_MS && atomic_load(&s->hold); i++)
        pause_ms(1);
    atomic_fetch_sub(&s->inside, 1);
    return 0;
}

/* Waits, but is busy until the test has called op_wake(). */
static int run_slow_wait(struct op_run *r, struct err *err)
{
    struct scene *s = r->ctx;

    note(s, "busy", r);
    if (r->op->step_since_us && json_int(r->op->state, "second", 0))
        return 0;
    json_object_set_new(r->op->state, "second", json_integer(1));
    for (int i = 0; i < WAIT_MS && atomic_load(&s->hold); i++)
        pause_ms(1);
    return op_wait(r, 20000);
}

static int finished(struct op_run *r, struct txn *t, const struct err *why, struct err *err)
{
    struct scene *s = r->ctx;

    if (atomic_fetch_sub(&s->end_fails, 1) > 0)
        return err_set(err, -EIO, "cannot end now");
    note(s, why ? "failed" : "end", r);
    pthread_mutex_lock(&s->lock);
    if (why)
        s->why = *why;
    s->failed += why != NULL;
    s->ended++;
    pthread_mutex_unlock(&s->lock);
    return 0;
}

#define STEPS(...)           \
    (const struct op_step[]) \
    {                        \
        __VA_ARGS__,         \
        {                    \
            0                \
        }                    \
    }
#define KIND(var, name_, ...) \
    static const struct op_kind var = { .name = name_, .steps = STEPS(__VA_ARGS__), .finished = finished }

KIND(kind_abc, "thing.create", { "a", run_a, undo_a }, { "b", run_b, undo_b }, { "c", run_c, undo_c });
KIND(kind_break, "thing.break", { "a", run_a, undo_a }, { "b", run_b }, { "c", run_c, undo_c },
     { "break", run_break, undo_break }, { "never", run_c, undo_c });
/* Wants two more tries. */
static bool again_twice(struct op_run *r, const struct err *why)
{
    int64_t n = json_int(r->op->state, "tries", 0);

    note(r->ctx, "again", r);
    json_object_set_new(r->op->state, "tries", json_integer(n + 1));
    return n < 2;
}

static const struct op_kind kind_again = { .name = "thing.again",
                                           .steps = STEPS({ "a", run_a, undo_a }, { "break", run_break }),
                                           .again = again_twice,
                                           .finished = finished };
KIND(kind_flaky, "thing.flaky", { "flaky", run_flaky });
KIND(kind_three, "thing.three", { "a", run_a, undo_a }, { "flaky", run_flaky, undo_b, .max_attempts = 3 });
KIND(kind_undo, "thing.undo", { "a", run_a, undo_a }, { "b", run_b, undo_never }, { "c", run_c, undo_flaky },
     { "break", run_break });
KIND(kind_wait, "thing.wait", { "a", run_a, undo_a }, { "wait", run_wait, undo_b });
KIND(kind_late, "thing.late", { "a", run_a, undo_a }, { "wait", run_wait, undo_b, .timeout_s = 1 });
KIND(kind_waits, "thing.waits", { "waits", run_short_waits });
KIND(kind_slow, "thing.slow", { "slow", run_slow, undo_a }, { "c", run_c, undo_c });
KIND(kind_busy, "thing.busy", { "busy", run_slow_wait });
static const struct op_kind kind_delete = {
    .name = "thing.delete", .steps = STEPS({ "c", run_c }), .supersedes = true, .finished = finished
};

static const struct op_kind *const kinds[] = { &kind_abc,  &kind_break, &kind_flaky,  &kind_three,
                                               &kind_undo, &kind_wait,  &kind_late,   &kind_waits,
                                               &kind_slow, &kind_busy,  &kind_delete, &kind_again,
                                               NULL };

/* --- Helpers --------------------------------------------------------------- */

static struct scene *scene_new(struct test *t)
{
    struct scene *s = arena_new(test_arena(t), struct scene);

    pthread_mutex_init(&s->lock, NULL);
    return s;
}

static const struct log *test_log(void)
{
    static const struct log log = { .fd = 2, .level = LOG_LEVEL_DEBUG, .component = "work" };

    return getenv("STACKD_TEST_LOG") ? &log : NULL;
}

struct work_test {
    struct scene *s;
    struct db *d;
    struct worker *w;
};

static void stop(void *arg)
{
    struct work_test *x = arg;

    atomic_store(&x->s->hold, false);
    if (x->w)
        worker_stop(x->w);
    x->w = NULL;
}

static struct worker *start_worker(struct scene *s, struct db *d, const char *owner, unsigned threads)
{
    struct worker_config c = {
        .db = d, .kinds = kinds, .ctx = s, .threads = threads, .lease_s = 1, .owner = owner, .log = test_log()
    };
    struct worker *w = NULL;
    struct err e = { 0 };

    EXPECT_OK(worker_start(&c, &w, &e), &e);
    return w;
}

/* Another worker with the same database. */
static struct work_test *work_with(struct test *t, struct scene *s, struct db *d, const char *owner,
                                   unsigned threads)
{
    struct work_test *x = arena_new(test_arena(t), struct work_test);

    *x = (struct work_test){ .s = s, .d = d, .w = start_worker(s, d, owner, threads) };
    test_cleanup(t, stop, x);
    return x;
}

static struct work_test *work_test(struct test *t, enum db_kind kind, unsigned threads)
{
    return work_with(t, scene_new(t), test_db(t, kind, migrations), "test", threads);
}

struct start {
    struct op_spec spec;
    char id[40];
};

static int start_in(struct txn *t, void *ctx, struct err *err)
{
    auto_arena struct arena a = { 0 };
    struct start *s = ctx;
    const char *id = NULL;
    int r = op_start(t, &a, &s->spec, &id, err);

    if (r >= 0)
        snprintf(s->id, sizeof(s->id), "%s", id);
    return r;
}

/* Starts without telling a worker. */
static void op(struct db *d, const char *kind, const char *resource, const char *tag)
{
    auto_json json_t *args = json_pack("{s:s?}", "tag", tag);
    struct start s = { .spec = {
                           .kind = kind, .resource_id = resource, .request_id = "req-1", .args = args } };
    struct err e = { 0 };

    EXPECT_OK(txn_run(d, start_in, &s, &e), &e);
    EXPECT_INT(strlen(s.id), 36);
}

static void op_now(struct work_test *x, const char *kind, const char *resource, const char *tag)
{
    op(x->d, kind, resource, tag);
    worker_kick(x->w);
}

static int ended(struct scene *s)
{
    int n;

    pthread_mutex_lock(&s->lock);
    n = s->ended;
    pthread_mutex_unlock(&s->lock);
    return n;
}

static const char *trace(struct test *t, struct scene *s)
{
    const char *r;

    pthread_mutex_lock(&s->lock);
    r = str_trim(test_arena(t), s->trace);
    pthread_mutex_unlock(&s->lock);
    return r;
}

static int64_t rows(struct db *d)
{
    auto_rollback struct txn *x = NULL;
    struct err e = { 0 };
    int64_t n = -1;

    EXPECT_OK(txn_begin(d, false, &x, &e), &e);
    EXPECT_OK(sql_get_int(x, &n, &e, "SELECT COUNT(*) FROM operations"), &e);
    return n;
}

/* --- Forward and back ------------------------------------------------------ */

TEST_SQL(steps_run_in_order_and_the_row_goes_with_the_last)
{
    struct work_test *x = work_test(t, kind, 0);

    op_now(x, "thing.create", "r1", NULL);
    EXPECT_SOON(ended(x->s) == 1);
    EXPECT_STR(trace(t, x->s), "a b c end");
    EXPECT_SOON(rows(x->d) == 0);
}

TEST_SQL(a_failure_is_undone_last_first_and_its_reason_told)
{
    struct work_test *x = work_test(t, kind, 0);

    op_now(x, "thing.break", "r1", NULL);
    EXPECT_SOON(ended(x->s) == 1);
    EXPECT_STR(trace(t, x->s), "a b c break break.undo c.undo a.undo failed");
    EXPECT_INT(x->s->why.code, -EEXIST);
    EXPECT_INT(x->s->why.status, 409);
    EXPECT_STR(x->s->why.type, "PortInUse");
    EXPECT_STR(x->s->why.msg, "Port p1 is in use.");
    EXPECT_SOON(rows(x->d) == 0);
}

TEST_SQL(an_operation_may_begin_anew_after_it_is_undone)
{
    struct work_test *x = work_test(t, kind, 0);

    op_now(x, "thing.again", "r1", NULL);
    EXPECT_SOON(ended(x->s) == 1);
    EXPECT_STR(trace(t, x->s), "a break a.undo again a break a.undo again a break a.undo again failed");
    EXPECT_SOON(rows(x->d) == 0);
}

TEST_SQL(what_may_pass_is_repeated_with_pauses)
{
    struct work_test *x = work_test(t, kind, 0);
    int64_t start = time_mono_us();

    atomic_store(&x->s->fails, 3);
    op_now(x, "thing.flaky", "r1", NULL);
    EXPECT_SOON(ended(x->s) == 1);
    EXPECT_STR(trace(t, x->s), "flaky flaky flaky flaky end");
    EXPECT_TRUE(time_mono_us() - start >= 700000); /* 100, 200, 400 ms */
}

TEST_SQL(attempts_come_to_an_end)
{
    struct work_test *x = work_test(t, kind, 0);

    atomic_store(&x->s->fails, 1000);
    op_now(x, "thing.three", "r1", NULL);
    EXPECT_SOON(ended(x->s) == 1);
    EXPECT_STR(trace(t, x->s), "a flaky flaky flaky b.undo a.undo failed");
    EXPECT_INT(x->s->why.code, -EHOSTDOWN);
    EXPECT_STR(x->s->why.msg, "the other side is away");
}

TEST_SQL(undoing_is_repeated_until_it_succeeds_or_never_can)
{
    struct work_test *x = work_test(t, kind, 0);

    atomic_store(&x->s->fails, 2);
    op_now(x, "thing.undo", "r1", NULL);
    EXPECT_SOON(ended(x->s) == 1);
    EXPECT_STR(trace(t, x->s), "a b c break flaky.undo flaky.undo flaky.undo never.undo a.undo failed");
    EXPECT_STR(x->s->why.msg, "Port p1 is in use.");
}

TEST_SQL(an_end_that_fails_is_repeated)
{
    struct work_test *x = work_test(t, kind, 0);

    atomic_store(&x->s->end_fails, 2);
    op_now(x, "thing.create", "r1", NULL);
    EXPECT_SOON(ended(x->s) == 1);
    EXPECT_STR(trace(t, x->s), "a b c end");
    EXPECT_SOON(rows(x->d) == 0);
}

/* --- Waiting --------------------------------------------------------------- */

TEST_SQL(waiting_holds_no_thread_and_wake_ends_it)
{
    struct work_test *x = work_test(t, kind, 1);
    int64_t start = time_mono_us();

    op_now(x, "thing.wait", "r1", "w");
    EXPECT_SOON(str_eq(trace(t, x->s), "w.a w.wait"));
    op_now(x, "thing.create", "r2", "n");
    EXPECT_SOON(ended(x->s) == 1);
    op_wake(x->w, "r2"); /* Somebody else's. */
    atomic_store(&x->s->ready, true);
    op_wake(x->w, "r1");
    EXPECT_SOON(ended(x->s) == 2);
    EXPECT_STR(trace(t, x->s), "w.a w.wait n.a n.b n.c n.end w.waited w.end");
    EXPECT_TRUE(time_mono_us() - start < 15000000);
}

TEST_SQL(a_wake_while_the_step_runs_is_not_lost)
{
    struct work_test *x = work_test(t, kind, 0);
    int64_t start = time_mono_us();

    atomic_store(&x->s->hold, true);
    op_now(x, "thing.busy", "r1", NULL);
    EXPECT_SOON(str_eq(trace(t, x->s), "busy"));
    op_wake(x->w, "r1");
    atomic_store(&x->s->hold, false);
    EXPECT_SOON(ended(x->s) == 1);
    EXPECT_STR(trace(t, x->s), "busy busy end");
    EXPECT_TRUE(time_mono_us() - start < 15000000);
}

TEST_SQL(short_waits_are_not_rounded_up_to_the_poll)
{
    struct work_test *x = work_test(t, kind, 0);
    int64_t start = time_mono_us();

    atomic_store(&x->s->ready, false);
    op_now(x, "thing.waits", "r1", NULL);
    pause_ms(300);
    atomic_store(&x->s->ready, true);
    EXPECT_SOON(ended(x->s) == 1);
    EXPECT_TRUE(time_mono_us() - start < 5000000);
}

TEST_SQL(a_step_that_waits_too_long_fails)
{
    struct work_test *x = work_test(t, kind, 0);

    op_now(x, "thing.late", "r1", NULL);
    EXPECT_SOON(ended(x->s) == 1);
    EXPECT_STR(trace(t, x->s), "a wait wait b.undo a.undo failed");
    EXPECT_INT(x->s->why.code, -ETIMEDOUT);
    EXPECT_MATCH(x->s->why.msg, "'wait' was not done within 1 s");
}

TEST_SQL(an_operation_that_starts_later_starts_later)
{
    struct work_test *x = work_test(t, kind, 0);
    struct start s = { .spec = { .kind = "thing.create", .resource_id = "r1" } };
    int64_t start = time_mono_us();
    struct err e = { 0 };

    s.spec.not_before_us = time_now_us() + 400000;
    EXPECT_OK(txn_run(x->d, start_in, &s, &e), &e);
    worker_kick(x->w);
    EXPECT_SOON(ended(x->s) == 1);
    EXPECT_TRUE(time_mono_us() - start >= 390000);
    EXPECT_TRUE(time_mono_us() - start < 5000000);
}

TEST_SQL(an_operation_recorded_without_a_kick_is_found)
{
    struct work_test *x = work_test(t, kind, 0);

    op(x->d, "thing.create", "r1", NULL);
    EXPECT_SOON(ended(x->s) == 1);
}

/* --- Several --------------------------------------------------------------- */

TEST_SQL(operations_on_one_resource_run_one_after_the_other)
{
    struct work_test *x = work_test(t, kind, 8);

    atomic_store(&x->s->hold, true);
    op(x->d, "thing.slow", "r1", "1");
    op(x->d, "thing.slow", "r1", "2");
    op_now(x, "thing.slow", "r1", "3");
    EXPECT_SOON(str_eq(trace(t, x->s), "1.slow"));
    pause_ms(100); /* Whether more come cannot be waited for. */
    EXPECT_STR(trace(t, x->s), "1.slow");
    atomic_store(&x->s->hold, false);
    EXPECT_SOON(ended(x->s) == 3);
    EXPECT_STR(trace(t, x->s), "1.slow 1.c 1.end 2.slow 2.c 2.end 3.slow 3.c 3.end");
    EXPECT_INT(atomic_load(&x->s->most_inside), 1);
}

TEST_SQL(operations_on_different_resources_run_at_once_up_to_the_threads)
{
    struct work_test *x = work_test(t, kind, 3);

    atomic_store(&x->s->hold, true);
    for (int i = 0; i < 6; i++)
        op(x->d, "thing.slow", arena_printf(test_arena(t), "r%d", i), NULL);
    worker_kick(x->w);
    EXPECT_SOON(atomic_load(&x->s->inside) == 3);
    pause_ms(100);
    EXPECT_INT(atomic_load(&x->s->inside), 3);
    atomic_store(&x->s->hold, false);
    EXPECT_SOON(ended(x->s) == 6);
    EXPECT_INT(atomic_load(&x->s->most_inside), 3);
}

TEST_SQL(exists_says_what_is_under_way)
{
    struct db *d = test_db(t, kind, migrations);
    auto_rollback struct txn *x = NULL;
    bool there = true;
    struct err e = { 0 };

    op(d, "thing.create", "r1", NULL);
    EXPECT_OK(txn_begin(d, false, &x, &e), &e);
    EXPECT_OK(op_exists(x, "r2", NULL, &there, &e), &e);
    EXPECT_TRUE(!there);
    EXPECT_OK(op_exists(x, "r1", NULL, &there, &e), &e);
    EXPECT_TRUE(there);
    EXPECT_OK(op_exists(x, "r1", "thing.delete", &there, &e), &e);
    EXPECT_TRUE(!there);
    EXPECT_OK(op_exists(x, "r1", "thing.create", &there, &e), &e);
    EXPECT_TRUE(there);
}

/* --- Superseding ----------------------------------------------------------- */

TEST_SQL(a_delete_undoes_what_waits_and_then_runs)
{
    struct work_test *x = work_test(t, kind, 0);
    int64_t start = time_mono_us();

    op_now(x, "thing.wait", "r1", "w");
    EXPECT_SOON(str_eq(trace(t, x->s), "w.a w.wait"));
    op_now(x, "thing.delete", "r1", "d");
    EXPECT_SOON(ended(x->s) == 2);
    EXPECT_STR(trace(t, x->s), "w.a w.wait w.b.undo w.a.undo w.failed d.c d.end");
    EXPECT_INT(x->s->why.code, -ECANCELED);
    EXPECT_TRUE(time_mono_us() - start < 15000000);
}

TEST_SQL(a_delete_stops_what_runs_at_its_next_step)
{
    struct work_test *x = work_test(t, kind, 0);

    atomic_store(&x->s->hold, true);
    op_now(x, "thing.slow", "r1", "s");
    EXPECT_SOON(str_eq(trace(t, x->s), "s.slow"));
    op_now(x, "thing.delete", "r1", "d");
    pause_ms(50);
    atomic_store(&x->s->hold, false);
    EXPECT_SOON(ended(x->s) == 2);
    EXPECT_STR(trace(t, x->s), "s.slow s.a.undo s.failed d.c d.end"); /* Not c.undo: c never ran. */
}

TEST_SQL(what_had_not_begun_when_the_delete_came_only_fails)
{
    struct scene *s = scene_new(t);
    struct db *d = test_db(t, kind, migrations);

    op(d, "thing.create", "r1", "1");
    op(d, "thing.create", "r1", "2");
    op(d, "thing.delete", "r1", "d");
    op(d, "thing.delete", "r1", "e");
    op(d, "thing.create", "r1", "3");
    work_with(t, s, d, "test", 4);
    EXPECT_SOON(ended(s) == 5);
    EXPECT_STR(trace(t, s), "1.failed 2.failed d.c d.end e.c e.end 3.a 3.b 3.c 3.end");
}

/* --- Workers that come and go ---------------------------------------------- */

TEST_SQL(a_worker_that_stops_hands_over_between_two_steps)
{
    struct work_test *x = work_test(t, kind, 0);

    atomic_store(&x->s->hold, true);
    op_now(x, "thing.slow", "r1", NULL);
    EXPECT_SOON(str_eq(trace(t, x->s), "slow"));
    stop(x);
    EXPECT_STR(trace(t, x->s), "slow");
    EXPECT_INT(rows(x->d), 1);
    x->w = start_worker(x->s, x->d, "other", 0);
    EXPECT_SOON(ended(x->s) == 1);
    EXPECT_STR(trace(t, x->s), "slow c end");
}

TEST_SQL(a_lease_is_prolonged_while_a_step_runs)
{
    struct work_test *x = work_test(t, kind, 0);
    struct work_test *other;

    atomic_store(&x->s->hold, true);
    op_now(x, "thing.slow", "r1", NULL);
    EXPECT_SOON(str_eq(trace(t, x->s), "slow"));
    other = work_with(t, x->s, x->d, "other", 0);
    pause_ms(2500); /* Two leases and a half. */
    EXPECT_STR(trace(t, x->s), "slow");
    atomic_store(&x->s->hold, false);
    EXPECT_SOON(ended(x->s) == 1);
    EXPECT_STR(trace(t, x->s), "slow c end");
    stop(other);
}

TEST_SQL(two_workers_share_without_doing_anything_twice)
{
    struct work_test *x = work_test(t, kind, 4);
    struct work_test *other;

    other = work_with(t, x->s, x->d, "other", 4);
    for (int i = 0; i < 40; i++) {
        op_now(x, "thing.flaky", arena_printf(test_arena(t), "r%d", i % 20), "x");
        worker_kick(other->w);
    }
    EXPECT_SOON(ended(x->s) == 40);
    stop(other);
    stop(x);
    EXPECT_INT(strlen(x->s->trace), 40 * strlen("x.flaky x.end "));
}

/* --- Crashes --------------------------------------------------------------- */

/* In a child: works until it stops itself at 'where'. */
static void child_work(const char *url, const char *owner, const char *where, const char *stop_file, int fd)
{
    struct scene s = { .out_fd = fd };
    struct worker_config c = { .kinds = kinds,
                               .ctx = &s,
                               .lease_s = 2,
                               .owner = owner,
                               .log = test_log(),
                               .stop_at = where,
                               .stop_file = stop_file };
    struct worker *w;

    pthread_mutex_init(&s.lock, NULL);
    if (db_open(url, 4, &c.db, NULL) < 0 || worker_start(&c, &w, NULL) < 0)
        _exit(1);
    for (;;)
        pause();
}

/* Lets a child begin and kills it at 'where'.  Returns what it had done. */
static const char *crash_at(struct test *t, const char *url, const char *where)
{
    const char *stop_file = test_path(t, "stopped");
    char *done = arena_alloc(test_arena(t), 1000);
    int fds[2], status;
    pid_t pid;
    ssize_t n;

    EXPECT_INT(pipe(fds), 0);
    pid = fork();
    if (pid == 0)
        child_work(url, "test", where, stop_file, fds[1]);
    EXPECT_TRUE(pid > 0);
    close(fds[1]);
    EXPECT_INT(waitpid(pid, &status, WUNTRACED), pid);
    EXPECT_TRUE(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
    EXPECT_INT(access(stop_file, F_OK), 0);
    EXPECT_INT(kill(pid, SIGKILL), 0);
    EXPECT_INT(waitpid(pid, &status, 0), pid);
    n = read(fds[0], done, 999);
    close(fds[0]);
    EXPECT_TRUE(n >= 0);
    return str_trim(test_arena(t), done);
}

static void close_db(void *arg)
{
    struct db **d = arg;

    if (*d)
        db_close(*d);
    *d = NULL;
}

/* A database that this process has open only between open and close. */
static struct db **open_db(struct test *t, const char *url)
{
    struct db **d = arena_new(test_arena(t), struct db *);
    struct err e = { 0 };

    EXPECT_OK(db_open(url, 4, d, &e), &e);
    test_cleanup(t, close_db, d);
    return d;
}

/* Records one operation and crashes at it; nothing of the database is open
 * when the child begins. */
static const char *crash_with(struct test *t, const char *url, const char *kind, const char *where)
{
    struct db **d = open_db(t, url);
    struct err e = { 0 };

    EXPECT_OK(db_migrate(*d, migrations, &e), &e);
    op(*d, kind, "r1", NULL);
    close_db(d);
    return crash_at(t, url, where);
}

/* The same operation, a crash at each place, and what each process did. */
static const struct {
    const char *kind, *where, *before, *after;
} crashes[] = {
    { "thing.create", "thing.create.a:before", "", "a b c end" },
    { "thing.create", "thing.create.a:after", "a", "a b c end" },
    { "thing.create", "thing.create.b:before", "a", "b c end" },
    { "thing.create", "thing.create.b:after", "a b", "b c end" },
    { "thing.create", "thing.create.c:after", "a b c", "c end" },
    { "thing.break", "thing.break.break:undo", "a b c break", "break.undo c.undo a.undo failed" },
    { "thing.break", "thing.break.a:undo", "a b c break break.undo c.undo", "a.undo failed" },
};

TEST_SQL(after_a_crash_at_any_step_the_operation_goes_on_at_once)
{
    for (size_t i = 0; i < ARRAY_SIZE(crashes); i++) {
        const char *url = test_db_url(t, kind);
        struct work_test *x;
        struct db **d;
        int64_t start;

        EXPECT_STR(crash_with(t, url, crashes[i].kind, crashes[i].where), crashes[i].before);
        d = open_db(t, url);
        EXPECT_INT(rows(*d), 1);
        start = time_mono_us();
        x = work_with(t, scene_new(t), *d, "test", 0);
        EXPECT_SOON(ended(x->s) == 1);
        EXPECT_STR(trace(t, x->s), crashes[i].after);
        EXPECT_TRUE(time_mono_us() - start < 1500000); /* Not only when the lease ran out. */
        if (str_eq(crashes[i].kind, "thing.break"))    /* err.type must live as long as the worker. */
            EXPECT_STR(x->s->why.type, "PortInUse");
        stop(x);
        close_db(d);
    }
}

TEST_SQL(another_worker_takes_over_when_the_lease_has_run_out)
{
    const char *url = test_db_url(t, kind);
    struct work_test *x;
    struct db **d;

    EXPECT_STR(crash_with(t, url, "thing.create", "thing.create.b:after"), "a b");
    d = open_db(t, url);
    x = work_with(t, scene_new(t), *d, "tes", 0); /* The beginning of a name is not the name. */
    EXPECT_SOON(ended(x->s) == 1);
    EXPECT_STR(trace(t, x->s), "b c end");
}

TEST_SQL(a_delete_after_a_crash_undoes_the_step_that_may_have_run)
{
    const char *url = test_db_url(t, kind);
    struct work_test *x;
    struct db **d;

    EXPECT_STR(crash_with(t, url, "thing.create", "thing.create.b:after"), "a b");
    d = open_db(t, url);
    op(*d, "thing.delete", "r1", "d");
    x = work_with(t, scene_new(t), *d, "test", 0);
    EXPECT_SOON(ended(x->s) == 2);
    EXPECT_STR(trace(t, x->s), "b.undo a.undo failed d.c d.end");
}

TEST_SQL(a_database_that_goes_and_comes_back_only_delays)
{
    struct work_test *x = work_test(t, kind, 0);

    if (kind == DB_SQLITE)
        return; /* It has no server. */
    atomic_store(&x->s->hold, true);
    op_now(x, "thing.slow", "r1", NULL);
    EXPECT_SOON(str_eq(trace(t, x->s), "slow"));
    test_db_stop(t, kind);
    atomic_store(&x->s->hold, false);
    pause_ms(300);
    test_db_start(t, kind);
    EXPECT_SOON(ended(x->s) == 1);
    EXPECT_STR(trace(t, x->s), "slow c end");
}

TEST_MAIN()

/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/compute/jobs.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "base/time.h"
#include "kit/test.h"
#include "wire/json.h"

#define ID "11111111-0000-4000-8000-000000000001"

/* Work that a test lets go. */
struct scene {
    struct jobs *jobs;
    atomic_int begun, ended, told;
    atomic_bool go;
};

static void pause_ms(long ms)
{
    struct timespec ts = { .tv_nsec = ms * 1000000 };

    nanosleep(&ts, NULL);
}

static int work(void *ctx, const char *host, const json_t *args, struct task *t, struct err *err)
{
    struct scene *s = ctx;

    atomic_fetch_add(&s->begun, 1);
    atomic_store(&t->progress, 40);
    while (!atomic_load(&s->go) && !atomic_load(&t->cancelled))
        pause_ms(1);
    atomic_fetch_add(&s->ended, 1);
    if (atomic_load(&t->cancelled))
        return err_set(err, -ECANCELED, "cancelled");
    return json_truth(args, "fail", false) ? err_set(err, -EINVAL, "as asked") : 0;
}

static int quick(void *ctx, const char *host, const json_t *args, struct task *t, struct err *err)
{
    return 0;
}

static void on_ended(void *ctx, const char *host, const char *id)
{
    atomic_fetch_add(&((struct scene *) ctx)->told, 1);
}

static void end(void *arg)
{
    struct scene *s = arg;

    atomic_store(&s->go, true);
    jobs_free(s->jobs);
}

static struct scene *begin(struct test *t)
{
    struct scene *s = arena_new(test_arena(t), struct scene);

    s->jobs = jobs_new(2, on_ended, s);
    test_cleanup(t, end, s);
    return s;
}

static int ask(struct scene *s, const char *method, const char *text, unsigned wait_ms, struct err *err)
{
    auto_json json_t *args = json_loads(text, 0, NULL);
    struct job_request rq = { "h", ID, method, args, work, .wait_ms = wait_ms };
    int progress;

    return jobs_run(s->jobs, &rq, &progress, err);
}

/* Waits at most 5 s. */
static bool becomes(atomic_int *v, int want)
{
    for (int64_t until = time_mono_us() + 5000000; time_mono_us() < until; pause_ms(1))
        if (atomic_load(v) == want)
            return true;
    return false;
}

TEST(who_asks_the_same_again_finds_the_job_and_its_result)
{
    struct scene *s = begin(t);
    struct err err = { 0 };

    EXPECT_INT(ask(s, "m", "{\"server\":{\"a\":1,\"image_token\":\"x\"}}", 10, &err), 1);
    EXPECT_INT(ask(s, "m", "{\"server\":{\"image_token\":\"y\",\"a\":1}}", 10, &err), 1);
    EXPECT_TRUE(becomes(&s->begun, 1)); /* Its thread may not have had its turn yet. */
    atomic_store(&s->go, true);
    EXPECT_TRUE(becomes(&s->told, 1));
    EXPECT_INT(ask(s, "m", "{\"server\":{\"a\":1,\"image_token\":\"z\"}}", 1000, &err), 0);
    EXPECT_INT(atomic_load(&s->begun), 1);
}

TEST(a_failure_comes_with_its_words_and_only_once)
{
    struct scene *s = begin(t);
    struct err err = { 0 };

    EXPECT_INT(ask(s, "m", "{\"fail\":true}", 10, &err), 1);
    atomic_store(&s->go, true);
    EXPECT_INT(ask(s, "m", "{\"fail\":true}", 2000, &err), -EINVAL);
    EXPECT_STR(err.msg, "as asked");
    EXPECT_INT(ask(s, "m", "{\"fail\":true}", 2000, &err), -EINVAL);
    EXPECT_INT(atomic_load(&s->begun), 2);
}

TEST(another_job_of_a_server_waits_its_turn)
{
    struct scene *s = begin(t);
    struct err err = { 0 };

    EXPECT_INT(ask(s, "m", "{}", 10, &err), 1);
    EXPECT_TRUE(jobs_is_busy(s->jobs, "h", ID));
    EXPECT_INT(ask(s, "other", "{}", 10, &err), 1);
    EXPECT_INT(atomic_load(&s->begun), 1);
    atomic_store(&s->go, true);
    EXPECT_INT(ask(s, "other", "{}", 2000, &err), 0);
    EXPECT_INT(atomic_load(&s->begun), 2);
    EXPECT_TRUE(!jobs_is_busy(s->jobs, "h", ID));
}

TEST(a_superseding_job_cancels_the_one_before_it)
{
    struct scene *s = begin(t);
    struct err err = { 0 };
    auto_json json_t *args = json_object();
    struct job_request rq = { "h", ID, "destroy", args, quick, .supersedes = true, .wait_ms = 2000 };
    int progress;

    EXPECT_INT(ask(s, "m", "{}", 10, &err), 1);
    EXPECT_INT(jobs_run(s->jobs, &rq, &progress, &err), 0);
    EXPECT_INT(atomic_load(&s->ended), 1);
}

TEST(the_end_cancels_what_runs)
{
    struct scene *s = begin(t);
    struct err err = { 0 };

    EXPECT_INT(ask(s, "m", "{}", 10, &err), 1);
    jobs_stop(s->jobs);
    EXPECT_INT(atomic_load(&s->ended), 1);
    EXPECT_INT(atomic_load(&s->told), 0);
    EXPECT_INT(ask(s, "m", "{}", 10, &err), 1);
    EXPECT_INT(atomic_load(&s->begun), 1);
}

TEST_MAIN()

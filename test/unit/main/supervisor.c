/* SPDX-License-Identifier: Apache-2.0 */
/* The supervisor over a program of the test's own: a shell script in the place
 * of every role. */
#include "main/supervisor.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include "base/str.h"
#include "base/time.h"
#include "io/sock.h"
#include "kit/test.h"

struct bench {
    const char *dir;
    pid_t pid; /* The supervisor. */
    int tell;  /* What it tells. */
    FILE *lines;
};

static void end(void *arg)
{
    struct bench *b = arg;

    if (b->pid > 0) {
        kill(b->pid, SIGTERM); /* Its roles must go, too. */
        waitpid(b->pid, NULL, 0);
    }
    fclose(b->lines);
}

/* Starts a supervisor of bus and identity whose program is 'script'; $1 is
 * the role, $fd the descriptor to be ready on. */
static struct bench *set_up(struct test *t, const char *script)
{
    struct bench *b = arena_new(test_arena(t), struct bench);
    const char *program = test_path(t, "role"),
               *sets[] = { "stackd.roles=bus,identity", "stackd.stop_grace_s=1", NULL };
    const char *text =
        arena_printf(test_arena(t),
                     "#!/bin/bash\nrole=$1\nwhile [ $# -gt 0 ]; do [ $1 = --ready-fd ] && fd=$2; shift; "
                     "done\ndir=%s\n%s\n",
                     test_tmpdir(t), script);
    int fds[2];

    b->dir = test_tmpdir(t);
    EXPECT_OK(file_write_atomic(program, text, strlen(text), 0755), NULL);
    EXPECT_INT(pipe(fds), 0);
    b->pid = fork();
    if (b->pid == 0) {
        struct cli cli = { .self = program, .state = b->dir, .sets = sets };
        struct log log = { .fd = open("/dev/null", O_WRONLY | O_CLOEXEC) };
        struct supervisor_config c = { .log = &log, .tell_fd = fds[1] };
        struct err err = { 0 };
        struct setup s;
        int r = setup_load(&s, &cli, &err);

        c.setup = &s;
        if (r >= 0)
            r = supervisor_run(&c, &err);
        _exit(r < 0);
    }
    close(fds[1]);
    b->lines = fdopen(fds[0], "r");
    test_cleanup(t, end, b);
    return b;
}

/* The next line that it tells, without the milliseconds of "ready". */
static const char *next(struct test *t, struct bench *b)
{
    char line[1024];

    if (!fgets(line, sizeof(line), b->lines))
        return "(end)";
    line[strcspn(line, "\n")] = '\0';
    if (str_has_prefix(line, "ready "))
        *strrchr(line, ' ') = '\0';
    return arena_strdup(test_arena(t), line);
}

static int stop(struct bench *b)
{
    int status;

    kill(b->pid, SIGTERM);
    waitpid(b->pid, &status, 0);
    b->pid = 0;
    return status;
}

#define READY "echo ready >&$fd; exec {fd}>&-; "

TEST(who_needs_another_starts_when_that_one_answers)
{
    struct bench *b = set_up(t, "echo $role >>$dir/order; [ $role = bus ] && sleep 0.1; "
                                "echo $role-ready >>$dir/order; " READY "exec sleep 60");
    char *text;

    EXPECT_STR(next(t, b), "ready bus");
    EXPECT_STR(next(t, b), "ready identity");
    EXPECT_STR(next(t, b), "up");
    EXPECT_INT(stop(b), 0);
    EXPECT_OK(file_read(test_arena(t), test_path(t, "order"), 4096, &text, NULL), NULL);
    EXPECT_STR(text, "bus\nbus-ready\nidentity\nidentity-ready\n");
}

TEST(roles_end_in_the_opposite_order)
{
    struct bench *b = set_up(t, "trap 'sleep 0.1; echo $role >>$dir/ends; exit 0' TERM; " READY
                                "while :; do sleep 0.02; done");
    char *text;

    EXPECT_STR(next(t, b), "ready bus");
    EXPECT_STR(next(t, b), "ready identity");
    EXPECT_INT(stop(b), 0);
    EXPECT_OK(file_read(test_arena(t), test_path(t, "ends"), 4096, &text, NULL), NULL);
    EXPECT_STR(text, "identity\nbus\n");
}

TEST(what_cannot_start_says_why_and_is_tried_again)
{
    struct bench *b = set_up(t, "if [ $role = identity ] && [ ! -e $dir/second ]; then touch $dir/second; "
                                "echo 'no such thing' >&$fd; exit 1; fi; " READY "exec sleep 60");

    EXPECT_STR(next(t, b), "ready bus");
    EXPECT_STR(next(t, b), "failed identity no such thing");
    EXPECT_STR(next(t, b), "ready identity");
    EXPECT_STR(next(t, b), "up");
}

TEST(what_dies_again_and_again_is_given_more_and_more_time)
{
    struct bench *b = set_up(t, "[ $role = bus ] || exit 7; " READY "exec sleep 60");
    int64_t start_us;

    EXPECT_STR(next(t, b), "ready bus");
    EXPECT_STR(next(t, b), "failed identity ended with status 7");
    start_us = time_mono_us();
    EXPECT_STR(next(t, b), "failed identity ended with status 7"); /* After 100 ms, */
    EXPECT_STR(next(t, b), "failed identity ended with status 7"); /* 200, */
    EXPECT_STR(next(t, b), "failed identity ended with status 7"); /* 400. */
    EXPECT_TRUE(time_mono_us() - start_us >= 700000);
    EXPECT_INT(stop(b), 0);
}

TEST(who_does_not_end_is_killed)
{
    struct bench *b = set_up(t, "trap '' TERM; " READY "while :; do sleep 1; done");

    EXPECT_STR(next(t, b), "ready bus");
    EXPECT_STR(next(t, b), "ready identity");
    EXPECT_INT(stop(b), 0);
}

TEST_MAIN()

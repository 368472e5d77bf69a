/* SPDX-License-Identifier: Apache-2.0 */
#include "main/pidfile.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "io/sock.h"
#include "kit/test.h"

static void done(void *arg)
{
    setup_done(arg);
}

static struct setup *set_up(struct test *t)
{
    struct cli *cli = arena_new(test_arena(t), struct cli);
    struct setup *s = arena_new(test_arena(t), struct setup);
    struct err err = { 0 };

    cli->state = test_tmpdir(t);
    EXPECT_OK(setup_load(s, cli, &err), &err);
    test_cleanup(t, done, s);
    EXPECT_OK(dir_make(setup_path(s, "run", NULL), 0755), NULL);
    return s;
}

TEST(who_runs_is_found_with_its_url)
{
    struct setup *s = set_up(t);
    struct err err = { 0 };
    struct running who;

    EXPECT_OK(running_write(s, "image", "http://127.0.0.1:1", &err), &err);
    EXPECT_INT(running_find(s, "image", &who), 0);
    EXPECT_INT(who.pid, getpid());
    EXPECT_STR(who.url, "http://127.0.0.1:1");
    EXPECT_STR(who.version, STACKD_VERSION);
    running_remove(s, "image");
    EXPECT_INT(running_find(s, "image", &who), -ENOENT);
}

TEST(who_ended_is_not_found_and_its_end_was_told)
{
    struct setup *s = set_up(t);
    struct running who;
    struct pollfd p = { .events = POLLIN };
    int ready[2];
    pid_t pid;
    char c;

    EXPECT_INT(pipe(ready), 0);
    pid = fork();
    if (pid == 0) {
        running_write(s, "image", NULL, NULL);
        if (write(ready[1], "x", 1) == 1)
            pause();
        _exit(0);
    }
    EXPECT_INT(read(ready[0], &c, 1), 1);
    EXPECT_INT(running_find(s, "image", &who), 0);
    EXPECT_INT(who.pid, pid);
    p.fd = running_open(&who);
    EXPECT_TRUE(p.fd >= 0);
    kill(pid, SIGKILL);
    EXPECT_INT(poll(&p, 1, 10000), 1);
    EXPECT_INT(running_find(s, "image", &who), -ENOENT); /* A zombie runs no more. */
    waitpid(pid, NULL, 0);
    EXPECT_INT(running_find(s, "image", &who), -ENOENT);
    close(p.fd);
    close(ready[0]);
    close(ready[1]);
}

TEST(another_process_with_the_same_number_is_told_apart)
{
    struct setup *s = set_up(t);
    const char *text = arena_printf(test_arena(t), "{\"pid\": %d, \"started\": 1}", (int) getpid());
    struct running who;

    EXPECT_OK(file_write_atomic(setup_path(s, "run", "image.json"), text, strlen(text), 0644), NULL);
    EXPECT_INT(running_find(s, "image", &who), -ENOENT);
    EXPECT_OK(file_write_atomic(setup_path(s, "run", "image.json"), "nonsense", 8, 0644), NULL);
    EXPECT_INT(running_find(s, "image", &who), -ENOENT);
}

TEST_MAIN()

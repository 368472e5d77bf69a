/* SPDX-License-Identifier: Apache-2.0 */
#include "host/reaper.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/time.h"
#include "kit/test.h"

static void stop(void *arg)
{
    reaper_stop(arg);
}

/* A process that detaches itself under this name and ends; its id. */
static pid_t orphan(const char *name)
{
    int fds[2];
    pid_t pid = -1;

    EXPECT_INT(pipe(fds), 0);
    if (fork() == 0) {
        setsid();
        pid = fork();
        if (pid == 0) {
            prctl(PR_SET_NAME, name);
            usleep(200000);
            _exit(0);
        }
        _exit(write(fds[1], &pid, sizeof(pid)) != sizeof(pid));
    }
    EXPECT_INT(read(fds[0], &pid, sizeof(pid)), sizeof(pid));
    EXPECT_TRUE(wait(NULL) > 0);
    close(fds[0]);
    close(fds[1]);
    return pid;
}

static bool is_gone_within(pid_t pid, int64_t us)
{
    int64_t end = time_mono_us() + us;

    do {
        struct timespec pause = { .tv_nsec = 10 * 1000000 };

        if (kill(pid, 0) < 0 && errno == ESRCH)
            return true;
        nanosleep(&pause, NULL);
    } while (time_mono_us() < end);
    return false;
}

TEST(orphans_of_the_name_are_buried_and_others_left)
{
    struct reaper *r;
    struct err err = { 0 };
    pid_t own, foreign;

    EXPECT_OK(reaper_start("qemu-test", &r, &err), &err);
    test_cleanup(t, stop, r);
    own = orphan("qemu-test-x");
    EXPECT_TRUE(is_gone_within(own, 5000000));
    foreign = orphan("other");
    own = orphan("qemu-test-y");
    EXPECT_TRUE(is_gone_within(own, 5000000));
    EXPECT_INT(kill(foreign, 0), 0);
    EXPECT_INT(waitpid(foreign, NULL, 0), foreign);
}

TEST(a_child_that_someone_here_waits_for_is_left)
{
    struct reaper *r;
    struct err err = { 0 };
    pid_t pid;

    EXPECT_OK(reaper_start("qemu-test", &r, &err), &err);
    test_cleanup(t, stop, r);
    pid = fork();
    if (pid == 0) {
        prctl(PR_SET_NAME, "qemu-test-z");
        _exit(7);
    }
    EXPECT_TRUE(!is_gone_within(pid, 500000));
    EXPECT_INT(waitpid(pid, NULL, 0), pid);
}

TEST_MAIN()

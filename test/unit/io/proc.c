/* SPDX-License-Identifier: Apache-2.0 */
#include "io/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "base/str.h"
#include "base/time.h"
#include "io/sock.h"
#include "kit/test.h"

#define SH(script) ((const char *const[]){ "sh", "-c", (script), NULL })
#define LIMIT_MS   20000

TEST(run_collects_both_outputs)
{
    struct proc_result res = { 0 };
    struct err err = { 0 };

    EXPECT_OK(proc_run(test_arena(t), SH("echo out; echo err >&2"), NULL, LIMIT_MS, &res, &err), &err);
    EXPECT_INT(res.status, 0);
    EXPECT_STR(res.out, "out\n");
    EXPECT_STR(res.err, "err\n");
}

TEST(run_gives_the_input)
{
    struct arena *a = test_arena(t);
    char *big = memset(arena_alloc(a, 200001), 'i', 200000);
    struct proc_result res = { 0 };
    struct err err = { 0 };

    EXPECT_OK(proc_run(a, SH("cat"), big, LIMIT_MS, &res, &err), &err);
    EXPECT_STR(res.out, big);
    EXPECT_OK(proc_run(a, SH("cat"), NULL, LIMIT_MS, &res, &err), &err);
    EXPECT_STR(res.out, "");
    EXPECT_STR(res.err, "");
}

TEST(run_of_a_program_that_fails_gives_its_last_words)
{
    struct proc_result res = { 0 };
    struct err err = { 0 };

    EXPECT_INT(proc_run(test_arena(t), SH("echo first >&2; echo 'no such bridge' >&2; exit 3"), NULL,
                        LIMIT_MS, &res, &err),
               -EIO);
    EXPECT_STR(err.msg, "'sh' ended with status 3: no such bridge");
    EXPECT_INT(res.status, 3);
    EXPECT_INT(proc_run(test_arena(t), SH("kill -9 $$"), NULL, LIMIT_MS, &res, &err), -EIO);
    EXPECT_INT(res.status, 128 + 9);
    EXPECT_INT(proc_run(test_arena(t), SH("exit 1"), NULL, LIMIT_MS, NULL, NULL), -EIO);
}

TEST(run_of_what_is_not_there_says_so)
{
    const char *const argv[] = { "no-such-program-anywhere", NULL };
    struct err err = { 0 };

    EXPECT_INT(proc_run(test_arena(t), argv, NULL, LIMIT_MS, NULL, &err), -ENOENT);
    EXPECT_MATCH(err.msg, "cannot run 'no-such-program-anywhere'");
}

TEST(run_ends_what_takes_too_long_with_its_children)
{
    struct err err = { 0 };
    char *text = NULL;
    int64_t start = time_mono_us();
    const char *file = test_path(t, "pid");

    EXPECT_INT(proc_run(test_arena(t),
                        SH(arena_printf(test_arena(t), "sleep 600 & echo $! >%s.1; mv %s.1 %s; wait", file,
                                        file, file)),
                        NULL, 500, NULL, &err),
               -ETIMEDOUT);
    EXPECT_TRUE(time_mono_us() - start < 15000000);
    EXPECT_INT(file_read(test_arena(t), file, 100, &text, NULL), 0);
    while (kill(atoi(text), 0) == 0) { /* Init reaps it at its leisure. */
        char *stat = NULL;

        if (file_read(test_arena(t), arena_printf(test_arena(t), "/proc/%d/stat", atoi(text)), 4096, &stat,
                      NULL) < 0 ||
            strstr(stat, ") Z"))
            break;
    }
}

TEST(run_does_not_wait_for_a_daemon_that_holds_the_output)
{
    struct proc_result res = { 0 };
    struct err err = { 0 };
    int64_t start = time_mono_us();

    EXPECT_OK(proc_run(test_arena(t), SH("sleep 600 & echo $!"), NULL, LIMIT_MS, &res, &err), &err);
    EXPECT_TRUE(time_mono_us() - start < 15000000);
    EXPECT_TRUE(atoi(res.out) > 1);
    kill(atoi(res.out), SIGKILL);
}

TEST(run_keeps_a_mebibyte_and_drops_the_rest)
{
    struct proc_result res = { 0 };
    struct err err = { 0 };

    EXPECT_OK(proc_run(test_arena(t), SH("head -c 3000000 /dev/zero | tr '\\0' x; echo end >&2"), NULL,
                       LIMIT_MS, &res, &err),
              &err);
    EXPECT_INT(strlen(res.out), 1 << 20);
    EXPECT_STR(res.err, "end\n");
}

TEST(child_has_no_blocked_signals_and_no_descriptors_of_ours)
{
    struct proc_result res = { 0 };
    struct err err = { 0 };
    sigset_t all, old;
    int fd = open("/dev/null", O_RDONLY), r; /* Without close-on-exec. */

    sigfillset(&all);
    signal(SIGPIPE, SIG_IGN);
    sigprocmask(SIG_SETMASK, &all, &old);
    r = proc_run(test_arena(t), SH("ls /proc/$$/fd; exec grep -E 'Sig(Blk|Ign)' /proc/self/status"), NULL,
                 LIMIT_MS, &res, &err);
    sigprocmask(SIG_SETMASK, &old, NULL);
    signal(SIGPIPE, SIG_DFL);
    close(fd);
    EXPECT_OK(r, &err);
    EXPECT_TRUE(str_has_prefix(res.out, "0\n1\n2\nSigBlk:\t0000000000000000\nSigIgn:\t"));
    /* The C library's own two signals (32 and 33) come ignored from whatever was started by
     * posix_spawn(), make's commands for one, and cannot be set through it. */
    EXPECT_INT(strtoull(strstr(res.out, "SigIgn:") + strlen("SigIgn:"), NULL, 16) & ~UINT64_C(0x180000000),
               0);
}

static pid_t spawn(const struct proc_spec *s)
{
    struct err err = { 0 };
    pid_t pid = -1;

    EXPECT_OK(proc_spawn(s, &pid, &err), &err);
    return pid;
}

static int wait_status(pid_t pid)
{
    int status = -1;

    EXPECT_INT(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

TEST(spawn_applies_what_the_spec_says)
{
    struct arena *a = test_arena(t);
    const char *const env[] = { "GREETING=hello", "PATH=/usr/bin:/bin", NULL };
    const char *script = "echo $GREETING; pwd; ps -o sid= -p $$ | tr -d ' ' >sid; echo $$ >pid; "
                         "tr '\\0' '\\n' </proc/$$/environ | grep -c '^PATH='; cat; echo bad >&2";
    struct proc_spec s = { .argv = SH(script),
                           .env = env,
                           .cwd = test_tmpdir(t),
                           .log_path = test_path(t, "log"),
                           .new_session = 1 };
    char *text = NULL, *sid = NULL, *pid = NULL;

    EXPECT_INT(wait_status(spawn(&s)), 0);
    EXPECT_INT(wait_status(spawn(&s)), 0); /* The log is appended to. */
    EXPECT_INT(file_read(a, s.log_path, 4096, &text, NULL), 0);
    EXPECT_STR(text, arena_printf(a, "hello\n%s\n1\nbad\nhello\n%s\n1\nbad\n", s.cwd, s.cwd));
    EXPECT_INT(file_read(a, test_path(t, "sid"), 100, &sid, NULL), 0);
    EXPECT_INT(file_read(a, test_path(t, "pid"), 100, &pid, NULL), 0);
    EXPECT_STR(sid, pid);
}

TEST(spawn_keeps_the_descriptors_asked_for)
{
    int fds[2], other = open("/dev/null", O_RDONLY);
    int kept[3];
    char c = 0;

    EXPECT_INT(pipe2(fds, O_CLOEXEC), 0);
    kept[0] = other;
    kept[1] = fds[1];
    kept[2] = -1;
    struct proc_spec s = { .argv = SH(arena_printf(test_arena(t),
                                                   "echo k >&%d; test -e /proc/$$/fd/%d && ! test -e "
                                                   "/proc/$$/fd/%d",
                                                   fds[1], other, fds[0])),
                           .keep_fds = kept };
    EXPECT_INT(wait_status(spawn(&s)), 0);
    EXPECT_INT(read(fds[0], &c, 1), 1);
    EXPECT_INT(c, 'k');
    close(fds[0]);
    close(fds[1]);
    close(other);
}

TEST(spawn_says_what_failed)
{
    struct err err = { 0 };
    pid_t pid = -1;
    struct proc_spec s = { .argv = SH("true"), .cwd = test_path(t, "nowhere") };

    EXPECT_INT(proc_spawn(&s, &pid, &err), -ENOENT);
    EXPECT_MATCH(err.msg, "directory");
    s = (struct proc_spec){ .argv = SH("true"), .user = "no such user" };
    EXPECT_INT(proc_spawn(&s, &pid, &err), -ENOENT);
    EXPECT_MATCH(err.msg, "no such user");
    s = (struct proc_spec){ .argv = SH("true"), .netns = test_path(t, "nowhere") };
    EXPECT_INT(proc_spawn(&s, &pid, &err), -ENOENT);
    EXPECT_MATCH(err.msg, "network namespace");
    EXPECT_INT(pid, -1);
}

TEST(spawn_drops_to_another_user)
{
    struct proc_spec s = { .argv = SH("test $(id -un) = nobody && test $(id -u) = $(id -ru)"),
                           .user = "nobody" };

    if (geteuid() != 0)
        return; /* Only root can. */
    EXPECT_INT(wait_status(spawn(&s)), 0);
    EXPECT_INT(geteuid(), 0);
}

static const char *netns_of(struct test *t, pid_t pid)
{
    char *path = arena_printf(test_arena(t), "/proc/%d/ns/net", (int) pid),
         *to = arena_alloc(test_arena(t), 100);

    return readlink(path, to, 99) > 0 ? to : "";
}

static void stop_child(void *arg)
{
    proc_stop(*(pid_t *) arg, 0);
}

TEST(spawn_enters_a_network_namespace)
{
    struct proc_spec holder = { .argv = (const char *const[]){ "unshare", "-n", "sleep", "600", NULL } };
    struct proc_spec s = { .argv = (const char *const[]){ "readlink", "/proc/self/ns/net", NULL },
                           .log_path = test_path(t, "log") };
    pid_t *pid = arena_new(test_arena(t), pid_t);
    char *text = NULL;

    if (geteuid() != 0)
        return; /* Only root can. */
    *pid = spawn(&holder);
    test_cleanup(t, stop_child, pid);
    while (kill(*pid, 0) == 0 && str_eq(netns_of(t, *pid), netns_of(t, getpid())))
        sched_yield();
    s.netns = arena_printf(test_arena(t), "/proc/%d/ns/net", (int) *pid);
    EXPECT_INT(wait_status(spawn(&s)), 0);
    EXPECT_INT(file_read(test_arena(t), s.log_path, 100, &text, NULL), 0);
    EXPECT_STR(text, arena_printf(test_arena(t), "%s\n", netns_of(t, *pid)));
    EXPECT_TRUE(!str_eq(netns_of(t, *pid), netns_of(t, getpid())));
}

TEST(child_that_is_tied_dies_with_its_parent)
{
    int fds[2];
    char c = 0;
    pid_t pid;

    EXPECT_INT(pipe2(fds, O_CLOEXEC), 0);
    pid = fork();
    if (pid == 0) {
        int keep[] = { fds[1], -1 };
        struct proc_spec s = { .argv = (const char *const[]){ "sleep", "600", NULL },
                               .keep_fds = keep,
                               .die_with_parent = 1 };

        _exit(proc_spawn(&s, &pid, NULL) < 0);
    }
    close(fds[1]);
    EXPECT_INT(wait_status(pid), 0);
    EXPECT_INT(read(fds[0], &c, 1), 0); /* The end of file comes when the sleeper is gone. */
    close(fds[0]);
}

TEST(stop_asks_then_kills)
{
    struct proc_spec polite = { .argv = (const char *const[]){ "sleep", "600", NULL } };
    struct proc_spec deaf = { .argv = SH("trap '' TERM; echo; exec sleep 600"),
                              .log_path = test_path(t, "log") };
    int64_t start = time_mono_us();
    char *text = NULL;
    pid_t pid = spawn(&polite);

    proc_stop(pid, LIMIT_MS);
    EXPECT_TRUE(time_mono_us() - start < 15000000);
    EXPECT_INT(kill(pid, 0), -1);

    pid = spawn(&deaf);
    while (file_read(test_arena(t), deaf.log_path, 100, &text, NULL) < 0 || !*text)
        ; /* Until it is deaf. */
    proc_stop(pid, 50);
    EXPECT_INT(kill(pid, 0), -1);
    proc_stop(0, 0);
    proc_stop(-1, 0);
}

TEST_MAIN()

/* SPDX-License-Identifier: Apache-2.0 */
#include "io/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/str.h"
#include "base/time.h"
#include "io/sock.h"

#define OUTPUT_MAX (1u << 20)
#define GROUPS_MAX 256
#define KEEP_MAX   64

extern char **environ;

/* All that the child needs, made before it exists: between vfork() and exec it
 * shares our memory and may only make system calls. */
struct child {
    const char *const *argv;
    char **env;
    const char *cwd;
    int netns_fd;
    int stdio[3]; /* -1: inherited. */
    int keep[KEEP_MAX];
    size_t n_keep;
    bool new_session, new_group, drop;
    int death_signal; /* 0: none. */
    pid_t parent;
    uid_t uid;
    gid_t gid;
    gid_t groups[GROUPS_MAX];
    int n_groups;
    int report_fd; /* Closed by exec; before that takes a struct failure. */
};

/* What the child says when it fails.  Through a pipe and not through our
 * memory, which it does not share where vfork() is made a fork(). */
struct failure {
    int error;
    const char *step; /* A literal: the same address for both. */
};

/* --- in the child --- */

static int child_fds(struct child *c)
{
    unsigned from = 3;

    for (int i = 0; i < 3; i++)
        if (c->stdio[i] >= 0 && dup2(c->stdio[i], i) < 0)
            return -1;
    for (size_t i = 0; i < c->n_keep; i++) { /* Sorted. */
        unsigned fd = (unsigned) c->keep[i];

        if (c->keep[i] != c->report_fd && fcntl(c->keep[i], F_SETFD, 0) < 0)
            return -1;
        if (fd > from && close_range(from, fd - 1, 0) < 0)
            return -1;
        if (fd >= from)
            from = fd + 1;
    }
    return close_range(from, ~0u, 0);
}

/* The system calls themselves: glibc's functions would change the user of all
 * threads of our process. */
static int child_user(struct child *c)
{
    if (!c->drop)
        return 0;
    if (syscall(SYS_setgroups, c->n_groups, c->groups) < 0 ||
        syscall(SYS_setresgid, c->gid, c->gid, c->gid) < 0)
        return -1;
    return (int) syscall(SYS_setresuid, c->uid, c->uid, c->uid);
}

static void child_signals(void)
{
    struct sigaction dfl = { .sa_handler = SIG_DFL };
    sigset_t none;

    for (int i = 1; i < _NSIG; i++)
        sigaction(i, &dfl, NULL); /* Fails for KILL, STOP and libc's own, which is right. */
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static __attribute__((noreturn)) void child_fail(struct child *c, const char *step)
{
    struct failure f = { .error = errno ? errno : EIO, .step = step };

    if (write(c->report_fd, &f, sizeof(f)) < 0)
        _exit(126);
    _exit(127);
}

static __attribute__((noreturn)) void child_main(struct child *c)
{
    if (c->new_session && setsid() < 0)
        child_fail(c, "start a session for");
    if (c->new_group && setpgid(0, 0) < 0)
        child_fail(c, "start a process group for");
    if (c->netns_fd >= 0 && setns(c->netns_fd, CLONE_NEWNET) < 0)
        child_fail(c, "enter the network namespace of");
    if (child_user(c) < 0)
        child_fail(c, "change the user of");
    if (c->cwd && chdir(c->cwd) < 0)
        child_fail(c, "change to the directory of");
    /* After the change of user, which forgets it; and the parent may be gone
     * since. */
    if (c->death_signal && prctl(PR_SET_PDEATHSIG, c->death_signal) < 0)
        child_fail(c, "tie to its parent");
    if (c->death_signal && getppid() != c->parent)
        _exit(127);
    if (child_fds(c) < 0)
        child_fail(c, "hand descriptors to");
    child_signals();
    execvpe(c->argv[0], (char *const *) c->argv, c->env);
    child_fail(c, "run");
}

/* --- in the parent --- */

/* In a function of its own, as the child must not return from the one that
 * called vfork(), and no variable of that may change under it. */
static __attribute__((noinline)) pid_t child_start(struct child *c)
{
    pid_t pid = vfork();

    if (pid == 0)
        child_main(c);
    return pid;
}

static int keep_fd(struct child *c, int fd)
{
    size_t i;

    if (c->n_keep == KEEP_MAX)
        return -E2BIG;
    for (i = c->n_keep++; i > 0 && c->keep[i - 1] > fd; i--)
        c->keep[i] = c->keep[i - 1];
    c->keep[i] = fd;
    return 0;
}

/* Above 2, so that dup2() to the first three cannot destroy what is still
 * needed.  Takes 'fd'. */
static int move_up(int fd)
{
    int up;

    if (fd < 0 || fd > 2)
        return fd;
    up = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (up < 0)
        up = -errno;
    close(fd);
    return up;
}

/* A pipe above 2. */
static int pipe_up(int ret[static 2])
{
    int fds[2];

    if (pipe2(fds, O_CLOEXEC) < 0)
        return -errno;
    fds[0] = move_up(fds[0]);
    fds[1] = move_up(fds[1]);
    if (fds[0] < 0 || fds[1] < 0) {
        for (int i = 0; i < 2; i++)
            if (fds[i] >= 0)
                close(fds[i]);
        return -EMFILE;
    }
    memcpy(ret, fds, sizeof(fds));
    return 0;
}

/* Starts the child and waits until it runs its program, or has failed to. */
static int start_reporting(struct child *c, int report[static 2], pid_t *ret, struct err *err)
{
    struct failure f;
    sigset_t all, old;
    pid_t pid;
    int r;

    c->parent = getpid();
    c->report_fd = report[1];
    sigfillset(&all); /* No handler of ours may run in the child. */
    pthread_sigmask(SIG_SETMASK, &all, &old);
    pid = child_start(c);
    r = pid < 0 ? -errno : 0;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (r < 0)
        return err_set(err, r, "cannot start a process for '%s': %s", c->argv[0], strerror(-r));

    close(steal_fd(&report[1]));
    if (read_all(report[0], &f, sizeof(f)) == 0) {
        waitpid(pid, NULL, 0);
        return err_set(err, -f.error, "cannot %s '%s': %s", f.step, c->argv[0], strerror(f.error));
    }
    *ret = pid;
    return 0;
}

static int start(struct child *c, pid_t *ret, struct err *err)
{
    int report[2] = { -1, -1 }, r;

    r = pipe_up(report);
    if (r >= 0)
        r = keep_fd(c, report[1]);
    if (r < 0)
        r = err_set(err, r, "cannot start a process for '%s': %s", c->argv[0], strerror(-r));
    else
        r = start_reporting(c, report, ret, err);
    for (int i = 0; i < 2; i++)
        if (report[i] >= 0)
            close(report[i]);
    return r;
}

/* Our environment with 'more' in it. */
static char **make_env(struct arena *a, const char *const *more)
{
    size_t n = 0, count = strv_len(more);
    char **env;

    if (!count)
        return environ;
    for (char **e = environ; e && *e; e++)
        n++;
    env = arena_array(a, char *, n + count + 1);
    n = 0;
    for (char **e = environ; e && *e; e++) {
        bool replaced = false;

        strv_foreach (m, more) {
            size_t name = strcspn(*m, "=") + 1;

            replaced = replaced || strncmp(*e, *m, name) == 0;
        }
        if (!replaced)
            env[n++] = *e;
    }
    strv_foreach (m, more)
        env[n++] = arena_strdup(a, *m);
    return env;
}

static int find_user(struct arena *a, const char *name, struct child *c, struct err *err)
{
    struct passwd pw, *found = NULL;
    size_t size = 16384;
    int r;

    r = getpwnam_r(name, &pw, arena_alloc(a, size), size, &found);
    if (!found)
        return err_set(err, r ? -r : -ENOENT, "there is no user '%s'", name);
    c->uid = pw.pw_uid;
    c->gid = pw.pw_gid;
    c->n_groups = GROUPS_MAX;
    if (getgrouplist(name, pw.pw_gid, c->groups, &c->n_groups) < 0)
        return err_set(err, -E2BIG, "the user '%s' is in too many groups", name);
    c->drop = true;
    return 0;
}

/* A descriptor above 2, or -errno. */
static int open_up(const char *path, int flags, unsigned mode)
{
    int fd = open(path, flags | O_CLOEXEC | O_NOCTTY, mode);

    return fd < 0 ? -errno : move_up(fd);
}

int proc_spawn(const struct proc_spec *s, pid_t *ret, struct err *err)
{
    auto_close int null = -1, log = -1, netns = -1;
    auto_arena struct arena a;
    struct child c = { .argv = s->argv,
                       .cwd = s->cwd,
                       .new_session = s->new_session,
                       .death_signal = s->die_with_parent ? SIGTERM : 0 };
    int r;

    arena_init(&a);
    null = open_up("/dev/null", O_RDONLY, 0);
    if (null < 0)
        return err_set(err, null, "cannot open '/dev/null': %s", strerror(-null));
    if (s->log_path) {
        log = open_up(s->log_path, O_WRONLY | O_CREAT | O_APPEND, 0640);
        if (log < 0)
            return err_set(err, log, "cannot open the log '%s': %s", s->log_path, strerror(-log));
    }
    if (s->netns) {
        netns = open_up(s->netns, O_RDONLY, 0);
        if (netns < 0)
            return err_set(err, netns, "cannot open the network namespace '%s': %s", s->netns,
                           strerror(-netns));
    }
    r = s->user ? find_user(&a, s->user, &c, err) : 0;
    if (r < 0)
        return r;
    for (const int *fd = s->keep_fds; fd && *fd >= 0 && r >= 0; fd++)
        r = keep_fd(&c, *fd);
    if (r < 0)
        return err_set(err, r, "too many descriptors to keep for '%s'", s->argv[0]);

    c.env = make_env(&a, s->env);
    c.netns_fd = netns;
    c.stdio[0] = null;
    c.stdio[1] = c.stdio[2] = log;
    return start(&c, ret, err);
}

/* --- run and collect --- */

struct output {
    int fd; /* Our end; -1 after the end of file. */
    char *data;
    size_t n, cap;
};

static void output_add(struct arena *a, struct output *o, const char *data, size_t n)
{
    if (n > OUTPUT_MAX - o->n)
        n = OUTPUT_MAX - o->n; /* The rest is read, so that the child does not wait for us, and dropped. */
    if (o->n + n + 1 > o->cap) {
        size_t cap = o->cap ? o->cap : 1024;

        while (cap < o->n + n + 1)
            cap *= 2;
        o->data = arena_grow(a, o->data, o->cap, cap);
        o->cap = cap;
    }
    memcpy(o->data + o->n, data, n);
    o->n += n;
    o->data[o->n] = 0;
}

/* Takes what is there now. */
static void output_read(struct arena *a, struct output *o)
{
    char buf[16384];
    ssize_t k;

    while (o->fd >= 0) {
        k = read(o->fd, buf, sizeof(buf));
        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0 && errno == EAGAIN)
            return;
        if (k <= 0) {
            close(o->fd);
            o->fd = -1;
            return;
        }
        output_add(a, o, buf, (size_t) k);
        if ((size_t) k < sizeof(buf))
            return;
    }
}

static int output_open(struct output *o, int *ret_child)
{
    int fds[2], r;

    r = pipe_up(fds);
    if (r < 0)
        return r;
    o->fd = fds[0];
    *ret_child = fds[1];
    return fcntl(o->fd, F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

/* Something to read 'input' from: a file in memory needs nobody to feed it. */
static int input_open(const char *input)
{
    auto_close int fd = -1;
    int r;

    if (!input)
        return open_up("/dev/null", O_RDONLY, 0);
    fd = move_up(memfd_create("stdin", MFD_CLOEXEC));
    if (fd < 0)
        return fd == -1 ? -errno : fd;
    r = write_all(fd, input, strlen(input));
    if (r < 0)
        return r;
    return lseek(fd, 0, SEEK_SET) < 0 ? -errno : steal_fd(&fd);
}

/* Until the child ends or the time is over: 0, -ETIMEDOUT, -errno.  Waits for
 * the child, not for the end of its output, which a daemon that it started
 * may hold open. */
static int collect(struct arena *a, int pidfd, struct output out[2], unsigned timeout_ms)
{
    int64_t until_us = time_mono_us() + (int64_t) timeout_ms * 1000;

    for (;;) {
        struct pollfd p[3] = { { .fd = pidfd, .events = POLLIN },
                               { .fd = out[0].fd, .events = POLLIN },
                               { .fd = out[1].fd, .events = POLLIN } };
        int64_t left_us = until_us - time_mono_us();
        int n;

        if (timeout_ms && left_us <= 0)
            return -ETIMEDOUT;
        left_us = left_us / 1000 < INT_MAX ? left_us : (int64_t) INT_MAX * 1000 - 1000;
        n = poll(p, 3, timeout_ms ? (int) (left_us / 1000 + 1) : -1);
        if (n < 0 && errno != EINTR)
            return -errno;
        for (int i = 0; i < 2; i++)
            output_read(a, &out[i]);
        if (n > 0 && p[0].revents)
            break;
    }
    for (int i = 0; i < 2; i++) { /* What was written before the end is all in the pipes by now. */
        size_t before;

        do {
            before = out[i].n;
            output_read(a, &out[i]);
        } while (out[i].fd >= 0 && out[i].n != before);
    }
    return 0;
}

static int reap(pid_t pid)
{
    int status = 0;
    pid_t r;

    do
        r = waitpid(pid, &status, 0);
    while (r < 0 && errno == EINTR);
    if (r < 0)
        return -errno;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static const char *last_line(struct arena *a, const char *text)
{
    size_t n = strlen(text), start;

    while (n > 0 && strchr(" \t\r\n", text[n - 1]))
        n--;
    for (start = n; start > 0 && text[start - 1] != '\n'; start--)
        ;
    return arena_strndup(a, text + start, n - start);
}

/* Kills the child with what it started, and reaps it. */
static void kill_group(pid_t pid)
{
    kill(-pid, SIGKILL);
    kill(pid, SIGKILL);
    reap(pid);
}

static int run_started(struct arena *a, pid_t pid, const char *name, struct output out[2],
                       unsigned timeout_ms, struct proc_result *ret, struct err *err)
{
    auto_close int pidfd = pidfd_open(pid, 0);
    const char *line;
    int r, status;

    r = pidfd < 0 ? -errno : collect(a, pidfd, out, timeout_ms);
    if (r < 0) {
        kill_group(pid);
        if (r == -ETIMEDOUT)
            return err_set(err, r, "'%s' did not end within %u ms", name, timeout_ms);
        return err_set(err, r, "cannot wait for '%s': %s", name, strerror(-r));
    }
    status = reap(pid);
    if (status < 0)
        return err_set(err, status, "cannot wait for '%s': %s", name, strerror(-status));

    for (int i = 0; i < 2; i++)
        output_add(a, &out[i], "", 0);
    if (ret)
        *ret = (struct proc_result){ .status = status, .out = out[0].data, .err = out[1].data };
    if (status == 0)
        return 0;
    line = last_line(a, out[1].data);
    if (status > 128)
        return err_set(err, -EIO, "'%s' was ended by signal %d%s%s", name, status - 128, *line ? ": " : "",
                       line);
    return err_set(err, -EIO, "'%s' ended with status %d%s%s", name, status, *line ? ": " : "", line);
}

int proc_run(struct arena *a, const char *const argv[], const char *input, unsigned timeout_ms,
             struct proc_result *ret, struct err *err)
{
    struct output out[2] = { { .fd = -1 }, { .fd = -1 } };
    /* Its own group, so that a kill reaches what it started. */
    struct child c = {
        .argv = argv, .env = environ, .netns_fd = -1, .new_group = true, .death_signal = SIGKILL
    };
    pid_t pid = -1;
    int r;

    for (int i = 0; i < 3; i++)
        c.stdio[i] = -1;
    r = c.stdio[0] = input_open(input);
    for (int i = 0; i < 2 && r >= 0; i++)
        r = output_open(&out[i], &c.stdio[i + 1]);
    if (r < 0)
        r = err_set(err, r, "cannot prepare to run '%s': %s", argv[0], strerror(-r));
    else
        r = start(&c, &pid, err);
    for (int i = 0; i < 3; i++)
        if (c.stdio[i] >= 0)
            close(c.stdio[i]);
    if (r >= 0)
        r = run_started(a, pid, argv[0], out, timeout_ms, ret, err);
    for (int i = 0; i < 2; i++)
        if (out[i].fd >= 0)
            close(out[i].fd);
    return r;
}

void proc_stop(pid_t pid, unsigned grace_ms)
{
    auto_close int pidfd = -1;
    int64_t until_us = time_mono_us() + (int64_t) grace_ms * 1000, left_us;
    struct pollfd p = { .events = POLLIN };
    int n;

    if (pid <= 0)
        return;
    pidfd = p.fd = pidfd_open(pid, 0);
    if (pidfd < 0)
        return;
    kill(pid, SIGTERM);
    do {
        left_us = until_us - time_mono_us();
        n = poll(&p, 1, left_us > 0 ? (int) (left_us / 1000 + 1) : 0);
    } while (n < 0 && errno == EINTR);
    if (n == 0)
        kill(pid, SIGKILL);
    reap(pid);
}

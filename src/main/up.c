/* SPDX-License-Identifier: Apache-2.0 */
/* `stackd up`, `down` and `bootstrap`. */
#include "main/commands.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/str.h"
#include "base/time.h"
#include "main/cloud.h"
#include "main/pidfile.h"
#include "main/roles.h"
#include "main/supervisor.h"

#define SUPERVISOR   "stackd"
#define UP_WAIT_US   60000000
#define MAX_FAILURES 5 /* Of one role before it ever answered: then something is wrong for good. */

/* --- Before: only one supervisor, and nobody left of an earlier one ----------- */

/* Taken while the supervisor runs, so that two `up` at once cannot both start. */
static int take_lock(struct setup *s, int *ret, struct err *err)
{
    const char *path = setup_path(s, "run", "lock");
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

    if (fd < 0)
        return err_set(err, -errno, "cannot open '%s': %s", path, strerror(errno));
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        close(fd);
        return err_set(err, -EBUSY, "another 'stackd up' is at work on %s", s->state_dir);
    }
    *ret = fd;
    return 0;
}

static void wait_fd(int fd, int64_t until_us)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };
    int64_t left_us;

    do
        left_us = until_us - time_mono_us();
    while (left_us > 0 && poll(&p, 1, (int) (left_us / 1000 + 1)) < 0 && errno == EINTR);
}

/* A supervisor that was killed leaves roles that are just ending: their ports
 * must be free before others start. */
static void end_leftovers(struct setup *s)
{
    int64_t until_us = time_mono_us() + (s->opt.stop_grace_s + 5) * 1000000;

    for (const struct stackd_role *const *r = roles; *r; r++) {
        struct running who;
        auto_close int fd = -1;

        if (!role_is_wanted(s, *r) || running_find(s, (*r)->name, &who) < 0)
            continue;
        fd = running_open(&who);
        if (fd < 0)
            continue;
        kill(who.pid, SIGTERM);
        wait_fd(fd, until_us);
    }
}

/* --- The supervisor's process ------------------------------------------------- */

static int supervise(struct setup *s, int tell_fd, bool to_files, struct err *err)
{
    struct log log = setup_log(s, "supervisor", STDERR_FILENO);
    struct supervisor_config c = { .setup = s, .log = &log, .tell_fd = tell_fd, .logs_to_files = to_files };
    int r;

    end_leftovers(s);
    r = running_write(s, SUPERVISOR, NULL, err);
    if (r >= 0)
        r = supervisor_run(&c, err);
    running_remove(s, SUPERVISOR);
    return r;
}

/* In the child: leaves the terminal, logs to a file. */
static int detach(struct setup *s, struct err *err)
{
    const char *path = setup_path(s, "logs", SUPERVISOR ".log");
    int log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    if (log < 0 || null < 0)
        return err_set(err, -errno, "cannot open '%s': %s", path, strerror(errno));
    setsid();
    prctl(PR_SET_NAME, "stackd up");
    dup2(null, STDIN_FILENO);
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    close(log);
    close(null);
    return chdir("/") < 0 ? err_set(err, -errno, "cannot leave the directory") : 0;
}

/* --- Waiting for it ------------------------------------------------------------ */

struct waiting {
    struct setup *setup;
    unsigned failures;
    char last[640]; /* "NAME WORDS" of the last failure. */
};

/* 1: up; 0: go on; negative: give up. */
static int take_line(struct waiting *w, const char *line, struct err *err)
{
    if (strcmp(line, "up") == 0)
        return 1;
    if (str_has_prefix(line, "lags "))
        printf("%s; 'stackd status' shows it when it is ready for guests\n", line + strlen("lags "));
    if (str_has_prefix(line, "failed ")) {
        snprintf(w->last, sizeof(w->last), "%s", line + strlen("failed "));
        fprintf(stderr, "stackd: %s\n", w->last);
        if (++w->failures >= MAX_FAILURES)
            return err_set(err, -EIO, "giving up after %u failures; the logs are in %s/logs", w->failures,
                           w->setup->state_dir);
    }
    return 0;
}

/* Reads what the supervisor tells until everything answers. */
static int wait_until_up(struct setup *s, int fd, struct err *err)
{
    struct waiting w = { .setup = s };
    int64_t until_us = time_mono_us() + UP_WAIT_US;
    char buf[4096];
    size_t n = 0;
    int r = 0;

    while (r == 0) {
        struct pollfd p = { .fd = fd, .events = POLLIN };
        int64_t left_us = until_us - time_mono_us();
        ssize_t k = 0;
        char *end;

        if (left_us <= 0)
            return err_set(err, -ETIMEDOUT,
                           "not everything answers after %d s; see 'stackd status' and %s/logs",
                           UP_WAIT_US / 1000000, s->state_dir);
        if (poll(&p, 1, (int) (left_us / 1000 + 1)) <= 0)
            continue;
        k = read(fd, buf + n, sizeof(buf) - 1 - n);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            return err_set(err, -EIO, "the supervisor ended; see %s/logs/" SUPERVISOR ".log", s->state_dir);
        n += (size_t) k;
        buf[n] = '\0';
        while (r == 0 && (end = strchr(buf, '\n'))) {
            *end = '\0';
            r = take_line(&w, buf, err);
            n -= (size_t) (end + 1 - buf);
            memmove(buf, end + 1, n + 1);
        }
        if (n == sizeof(buf) - 1)
            n = 0;
    }
    return r < 0 ? r : 0;
}

static void print_endpoints(struct setup *s)
{
    for (const struct stackd_role *const *r = roles; *r; r++) {
        char *url;

        if (!(*r)->service || !(*r)->catalog_name || !role_is_wanted(s, *r) ||
            role_url(s, *r, true, &url, NULL) < 0)
            continue;
        printf("  %-14s %s%s\n", (*r)->name, url, (*r)->catalog_path);
    }
    printf("clients: eval \"$(stackd env --state %s)\"\n", s->state_dir);
}

/* Starts the supervisor in the background and waits until it is up. */
static int go_background(struct setup *s, int lock, struct err *err)
{
    int fds[2], r;
    pid_t pid;

    if (pipe2(fds, O_CLOEXEC) < 0)
        return err_set(err, -errno, "cannot make a pipe: %s", strerror(errno));
    fflush(NULL);
    pid = fork();
    if (pid == 0) {
        close(fds[0]);
        r = detach(s, err);
        if (r >= 0)
            r = supervise(s, fds[1], true, err);
        if (r < 0)
            fprintf(stderr, "stackd: %s\n", err->msg);
        _exit(r < 0);
    }
    close(fds[1]);
    close(lock); /* The child holds it on. */
    r = pid < 0 ? err_set(err, -EAGAIN, "cannot start a process") : wait_until_up(s, fds[0], err);
    if (r < 0 && pid > 0 && r != -ETIMEDOUT) {
        kill(pid, SIGTERM);
        waitpid(pid, NULL, 0);
    }
    close(fds[0]);
    return r;
}

/* --- The commands --------------------------------------------------------------- */

static int make_if_missing(struct setup *s, struct err *err)
{
    struct log log = setup_log(s, "bootstrap", STDERR_FILENO);
    int64_t start_us = time_mono_us();
    int r;

    log.level = LOG_LEVEL_WARNING;
    if (cloud_is_bootstrapped(s))
        return cloud_prepare(s, err);
    r = cloud_bootstrap(s, &log, err);
    if (r >= 0)
        printf("made a cloud in %s (%lld ms)\n", s->state_dir,
               (long long) ((time_mono_us() - start_us) / 1000));
    return r;
}

/* A host that only runs an agent, say, has its configuration from elsewhere. */
static bool wants_identity(const struct setup *s)
{
    return role_is_wanted(s, role_named("identity"));
}

int command_up(const struct cli *cli, struct err *err)
{
    auto_setup struct setup s = { 0 };
    struct running who;
    int64_t start_us = time_mono_us();
    int lock = -1, r;

    umask(027);
    r = setup_load(&s, cli, err);
    if (r < 0)
        return r;
    if (running_find(&s, SUPERVISOR, &who) >= 0) {
        printf("stackd is up already (pid %d, state in %s)\n", (int) who.pid, s.state_dir);
        print_endpoints(&s);
        return 0;
    }
    r = cloud_prepare(&s, err);
    if (r >= 0)
        r = take_lock(&s, &lock, err);
    if (r >= 0 && wants_identity(&s))
        r = make_if_missing(&s, err);
    if (r >= 0)
        r = setup_check(&s, err);
    if (r < 0)
        return r;
    if (cli->foreground)
        return supervise(&s, 0, false, err);
    r = go_background(&s, lock, err);
    if (r < 0)
        return r;
    printf("stackd is up (%lld ms, state in %s)\n", (long long) ((time_mono_us() - start_us) / 1000),
           s.state_dir);
    print_endpoints(&s);
    return 0;
}

int command_down(const struct cli *cli, struct err *err)
{
    auto_setup struct setup s = { 0 };
    auto_close int fd = -1;
    struct running who;
    int r = setup_load(&s, cli, err);

    if (r < 0)
        return r;
    if (running_find(&s, SUPERVISOR, &who) < 0) {
        end_leftovers(&s);
        printf("stackd is not up (state in %s)\n", s.state_dir);
        return 0;
    }
    fd = running_open(&who);
    if (fd >= 0 && kill(who.pid, SIGTERM) < 0)
        return err_set(err, -errno, "cannot stop process %d: %s", (int) who.pid, strerror(errno));
    if (fd >= 0)
        wait_fd(fd, time_mono_us() + (s.opt.stop_grace_s * (int64_t) 1000000 + 30000000));
    if (running_find(&s, SUPERVISOR, &who) >= 0)
        return err_set(err, -ETIMEDOUT, "process %d does not end", (int) who.pid);
    printf("stackd is down; guests, if any, run on\n");
    return 0;
}

int command_bootstrap(const struct cli *cli, struct err *err)
{
    auto_setup struct setup s = { 0 };
    int lock = -1, r;

    umask(027);
    r = setup_load(&s, cli, err);
    if (r >= 0 && cloud_is_bootstrapped(&s)) {
        printf("there is a cloud in %s already\n", s.state_dir);
        return 0;
    }
    if (r >= 0)
        r = cloud_prepare(&s, err);
    if (r >= 0)
        r = take_lock(&s, &lock, err);
    if (r >= 0)
        r = make_if_missing(&s, err);
    if (lock >= 0)
        close(lock);
    return r;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "main/supervisor.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "base/str.h"
#include "base/time.h"
#include "io/loop.h"
#include "io/proc.h"
#include "main/notify.h"
#include "main/roles.h"

#define BACKOFF_FIRST_MS 100
#define WELL_AFTER_US    30000000
#define KILL_AFTER_MS    5000 /* Beyond the grace that a role gives its requests. */

enum child_state {
    CHILD_WAITING, /* For what it needs. */
    CHILD_STARTING,
    CHILD_READY,
    CHILD_BACKOFF, /* Died; its timer starts it again. */
    CHILD_STOPPING,
    CHILD_ENDED,
};

struct child {
    struct supervisor *sup;
    const struct stackd_role *role;
    enum child_state state;
    pid_t pid;
    int ready_fd;
    struct loop_source *ready, *timer;
    unsigned backoff_ms;
    int64_t started_us;
    char words[512]; /* Why it could not start, in its own words. */
};

struct supervisor {
    const struct supervisor_config *c;
    struct loop *loop;
    struct child *children;
    size_t n;
    bool stopping, told;
    struct loop_source *kill_timer;
};

static void start_what_can(struct supervisor *s);
static void stop_what_can(struct supervisor *s);

#define child_foreach(it, s) for (struct child *it = (s)->children; it < (s)->children + (s)->n; it++)

static struct child *find_child(struct supervisor *s, const char *role)
{
    child_foreach(c, s) if (str_eq(c->role->name, role)) return c;
    return NULL;
}

static bool is_running(const struct child *c)
{
    return c->state == CHILD_STARTING || c->state == CHILD_READY || c->state == CHILD_STOPPING;
}

static void tell(struct supervisor *s, const char *what, const char *role, const char *words)
{
    char line[640];

    snprintf(line, sizeof(line), "%s %s %s", what, role, words);
    notify_pipe(s->c->tell_fd, line);
}

/* --- Starting ---------------------------------------------------------------- */

/* What it needs answers, or does not run on this machine. */
static bool may_start(struct child *c)
{
    strv_foreach (need, c->role->needs) {
        struct child *n = find_child(c->sup, *need);

        if (n && n->state != CHILD_READY)
            return false;
    }
    return true;
}

static void close_ready(struct child *c)
{
    loop_remove(c->ready);
    c->ready = NULL;
    if (c->ready_fd >= 0)
        close(c->ready_fd);
    c->ready_fd = -1;
}

static bool holds_up(const struct child *c)
{
    return c->state != CHILD_READY && !(c->state == CHILD_STARTING && c->role->may_lag);
}

static void when_all_ready(struct supervisor *s)
{
    child_foreach(c, s) if (holds_up(c)) return;
    if (s->told)
        return;
    s->told = true;
    child_foreach(c, s) if (c->state == CHILD_STARTING)
        tell(s, "lags", c->role->name, "still tries what this host can do");
    notify_pipe(s->c->tell_fd, "up");
    notify_systemd("READY=1");
    log_info(s->c->log, "everything answers");
}

/* The role wrote "ready", or why not, or nothing and went. */
static void on_ready(void *ctx, uint32_t events)
{
    struct child *c = ctx;
    char text[sizeof(c->words)], ms[32];
    ssize_t n = read(c->ready_fd, text, sizeof(text) - 1);

    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    close_ready(c);
    if (n <= 0)
        return;
    text[n] = '\0';
    text[strcspn(text, "\n")] = '\0';
    if (strcmp(text, "ready") != 0) {
        snprintf(c->words, sizeof(c->words), "%s", text);
        return;
    }
    if (c->state != CHILD_STARTING)
        return;
    c->state = CHILD_READY;
    snprintf(ms, sizeof(ms), "%lld", (long long) ((time_mono_us() - c->started_us) / 1000));
    log_info(c->sup->c->log, "role answers", "role", c->role->name, "ms", ms);
    tell(c->sup, "ready", c->role->name, ms);
    start_what_can(c->sup);
    when_all_ready(c->sup);
}

static void on_timer(void *ctx)
{
    struct child *c = ctx;

    loop_remove(c->timer);
    c->timer = NULL;
    c->state = CHILD_WAITING;
    start_what_can(c->sup);
}

static void back_off(struct child *c)
{
    bool was_well = c->started_us && time_mono_us() - c->started_us > WELL_AFTER_US;
    unsigned max_ms = (unsigned) c->sup->c->setup->opt.restart_max_ms;

    c->backoff_ms = was_well || !c->backoff_ms ? BACKOFF_FIRST_MS : c->backoff_ms * 2;
    if (c->backoff_ms > max_ms)
        c->backoff_ms = max_ms;
    c->state = CHILD_BACKOFF;
    c->timer = loop_timer(c->sup->loop, c->backoff_ms, 0, on_timer, c);
}

static void describe_end(char *buf, size_t n, const struct child *c, int status)
{
    if (c->words[0])
        snprintf(buf, n, "%s", c->words);
    else if (status >= 0 && WIFSIGNALED(status))
        snprintf(buf, n, "was ended by signal %d", WTERMSIG(status));
    else if (status >= 0 && WIFEXITED(status))
        snprintf(buf, n, "ended with status %d", WEXITSTATUS(status));
    else
        snprintf(buf, n, "ended");
}

static bool is_role(const struct supervisor *s, pid_t pid)
{
    child_foreach(c, s) if (c->pid == pid) return true;
    return false;
}

/* Guests and DHCP servers whose agent died become ours; where process 1 is no
 * real init, nobody else would take note of their end.  A role is left to
 * on_exit_of(), which looks again for what ended behind it. */
static void reap_orphans(struct supervisor *s)
{
    siginfo_t info = { 0 };

    while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid &&
           !is_role(s, info.si_pid)) {
        waitpid(info.si_pid, NULL, WNOHANG);
        info.si_pid = 0;
    }
}

static void on_sigchld(void *ctx, int signo)
{
    reap_orphans(ctx);
}

static void on_exit_of(void *ctx, pid_t pid, int status)
{
    struct child *c = ctx;
    char why[sizeof(c->words)];

    if (c->ready) /* Its last words may still be in the pipe. */
        on_ready(c, 0);
    close_ready(c);
    c->pid = 0;
    reap_orphans(c->sup);
    if (c->sup->stopping) {
        c->state = CHILD_ENDED;
        stop_what_can(c->sup);
        return;
    }
    describe_end(why, sizeof(why), c, status);
    log_error(c->sup->c->log, "role ended and will be started again", "role", c->role->name, "why", why);
    tell(c->sup, "failed", c->role->name, why);
    back_off(c);
}

/* The role's command line, in 'a'. */
static const char **command_line(struct arena *a, const struct child *c, int ready_fd)
{
    const struct setup *s = c->sup->c->setup;
    const char **v = strv_add(a, NULL, s->cli->self);

    v = strv_add(a, v, c->role->name);
    v = strv_add(a, strv_add(a, v, "--state"), s->state_dir);
    if (s->config_path)
        v = strv_add(a, strv_add(a, v, "--config"), s->config_path);
    strv_foreach (set, s->cli->sets)
        v = strv_add(a, strv_add(a, v, "--set"), *set);
    v = strv_add(a, strv_add(a, v, "--ready-fd"), arena_printf(a, "%d", ready_fd));
    return strv_add(a, strv_add(a, v, "--supervised"), arena_printf(a, "%d", (int) getpid()));
}

static int spawn(struct child *c, struct err *err)
{
    auto_arena struct arena a;
    auto_close int child_end = -1;
    int fds[2], keep[2], r;
    struct proc_spec spec = { .keep_fds = keep };

    arena_init(&a);
    if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
        return err_set(err, -errno, "cannot make a pipe: %s", strerror(errno));
    c->ready_fd = fds[0];
    child_end = fds[1];
    keep[0] = child_end;
    keep[1] = -1;
    spec.argv = command_line(&a, c, child_end);
    if (c->sup->c->logs_to_files)
        spec.log_path = arena_printf(&a, "%s/logs/%s.log", c->sup->c->setup->state_dir, c->role->name);
    r = proc_spawn(&spec, &c->pid, err);
    if (r >= 0)
        r = loop_child(c->sup->loop, c->pid, on_exit_of, c);
    if (r >= 0)
        r = loop_fd(c->sup->loop, c->ready_fd, EPOLLIN, on_ready, c, &c->ready);
    return r;
}

static void start_child(struct child *c)
{
    struct err err = { 0 };

    c->words[0] = '\0';
    c->started_us = time_mono_us();
    c->state = CHILD_STARTING;
    if (spawn(c, &err) >= 0)
        return;
    log_error(c->sup->c->log, "role cannot be started", "role", c->role->name, "why", err.msg);
    tell(c->sup, "failed", c->role->name, err.msg);
    close_ready(c);
    back_off(c);
}

static void start_what_can(struct supervisor *s)
{
    if (s->stopping)
        return;
    child_foreach(c, s) if (c->state == CHILD_WAITING && may_start(c)) start_child(c);
}

/* --- Stopping ---------------------------------------------------------------- */

static bool is_needed(const struct child *c)
{
    child_foreach(other, c->sup) if (is_running(other) && other->role->needs &&
                                     strv_contains(other->role->needs, c->role->name)) return true;
    return false;
}

static void on_kill_timer(void *ctx)
{
    struct supervisor *s = ctx;

    child_foreach(c, s) if (is_running(c))
    {
        log_warning(s->c->log, "role did not end in time and is killed", "role", c->role->name);
        kill(c->pid, SIGKILL);
    }
}

/* Asks those to end that nobody needs any more; the loop ends with the last. */
static void stop_what_can(struct supervisor *s)
{
    bool left = false;

    child_foreach(c, s)
    {
        if ((c->state == CHILD_STARTING || c->state == CHILD_READY) && !is_needed(c)) {
            c->state = CHILD_STOPPING;
            kill(c->pid, SIGTERM);
        }
        left = left || is_running(c);
    }
    if (!left)
        loop_stop(s->loop);
}

static void on_stop(void *ctx, int signo)
{
    struct supervisor *s = ctx;

    if (s->stopping)
        return;
    s->stopping = true;
    notify_systemd("STOPPING=1");
    log_info(s->c->log, "stopping");
    child_foreach(c, s)
    {
        loop_remove(c->timer);
        c->timer = NULL;
        if (!is_running(c))
            c->state = CHILD_ENDED;
    }
    s->kill_timer = loop_timer(s->loop, (uint64_t) s->c->setup->opt.stop_grace_s * 1000 + KILL_AFTER_MS, 1000,
                               on_kill_timer, s);
    stop_what_can(s);
}

static void on_hangup(void *ctx, int signo)
{
    /* A terminal that goes away ends nothing. */
}

/* --- All of it --------------------------------------------------------------- */

static void add_children(struct supervisor *s)
{
    struct setup *setup = s->c->setup;
    size_t n = 0;

    while (roles[n])
        n++;
    s->children = arena_array(&setup->arena, struct child, n);
    for (const struct stackd_role *const *r = roles; *r; r++)
        if (role_is_wanted(setup, *r))
            s->children[s->n++] = (struct child){ .sup = s, .role = *r, .ready_fd = -1 };
}

static int catch_signals(struct supervisor *s)
{
    int r;

    signal(SIGPIPE, SIG_IGN);
    r = loop_signal(s->loop, SIGTERM, on_stop, s);
    if (r >= 0)
        r = loop_signal(s->loop, SIGINT, on_stop, s);
    if (r >= 0)
        r = loop_signal(s->loop, SIGHUP, on_hangup, s);
    if (r >= 0)
        r = loop_signal(s->loop, SIGCHLD, on_sigchld, s);
    if (r >= 0 && prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
        r = -errno;
    return r;
}

int supervisor_run(const struct supervisor_config *c, struct err *err)
{
    struct supervisor s = { .c = c };
    int r = loop_new(&s.loop, err);

    if (r < 0)
        return r;
    r = catch_signals(&s);
    if (r < 0) {
        r = err_set(err, r, "cannot receive signals");
    } else {
        add_children(&s);
        start_what_can(&s);
        if (s.n == 0)
            r = err_set(err, -EINVAL, "[stackd] roles: nothing to start on this machine");
        else
            r = loop_run(s.loop, err);
    }
    loop_free(s.loop);
    return r;
}

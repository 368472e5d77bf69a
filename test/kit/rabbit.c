/* SPDX-License-Identifier: Apache-2.0 */
#include "kit/rabbit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pwd.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/str.h"
#include "base/time.h"
#include "io/proc.h"
#include "io/sock.h"

#define SERVER     "/usr/lib/rabbitmq/bin/rabbitmq-server"
#define START_S    120
#define USER       "rabbitmq" /* The server does not like root. */
#define PAUSE_20MS (&(struct timespec){ .tv_nsec = 20000000 })

static struct {
    struct arena arena;
    const char *dir, *url, *user;
    uint16_t port, dist_port, epmd_port;
    pid_t server, epmd;
} rabbit;

static void end(pid_t *pid)
{
    if (*pid <= 0)
        return;
    kill(*pid, SIGKILL);
    waitpid(*pid, NULL, 0);
    *pid = 0;
}

static void end_at_exit(void)
{
    end(&rabbit.server);
    end(&rabbit.epmd);
    dir_remove(rabbit.dir);
    arena_done(&rabbit.arena);
}

static uint16_t free_port(void)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof(a);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *) &a, n) < 0 || getsockname(fd, (struct sockaddr *) &a, &n) < 0)
        abort();
    close(fd);
    return ntohs(a.sin_port);
}

static void prepare(struct test *t)
{
    struct passwd *pw = geteuid() == 0 ? getpwnam(USER) : NULL;
    const char *base = getenv("TMPDIR");
    char *dir = arena_printf(&rabbit.arena, "%s/stackd-rabbit-XXXXXX", str_empty(base) ? "/tmp" : base);

    EXPECT_TRUE(mkdtemp(dir) != NULL);
    rabbit.dir = dir;
    atexit(end_at_exit);
    if (pw) {
        EXPECT_INT(chown(dir, pw->pw_uid, pw->pw_gid), 0);
        rabbit.user = USER;
    }
    EXPECT_INT(file_write_atomic(arena_printf(&rabbit.arena, "%s/enabled_plugins", dir), "[].\n", 4, 0644),
               0);
    rabbit.port = free_port();
    rabbit.dist_port = free_port();
    rabbit.epmd_port = free_port();
    rabbit.url = arena_printf(&rabbit.arena, "amqp://guest:guest@127.0.0.1:%u/", rabbit.port);
}

static bool takes_connections(uint16_t port)
{
    int fd = sock_connect_tcp("127.0.0.1", port, 1000, NULL);

    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

/* Waits for a port that a child of ours opens. */
static void wait_for(struct test *t, pid_t pid, uint16_t port, const char *log)
{
    int64_t until = time_mono_us() + START_S * 1000000ll;

    while (!takes_connections(port)) {
        if (time_mono_us() > until || waitpid(pid, NULL, WNOHANG) == pid) {
            fprintf(stderr, "RabbitMQ did not start, see %s\n", log);
            EXPECT_TRUE(takes_connections(port));
        }
        nanosleep(PAUSE_20MS, NULL);
    }
}

/* Erlang's port mapper, else the server starts one that outlives us. */
static void start_epmd(struct test *t, const char *log)
{
    const char *port = arena_printf(test_arena(t), "%u", rabbit.epmd_port);
    const char *argv[] = { "epmd", "-address", "127.0.0.1", "-port", port, NULL };
    struct proc_spec s = { .argv = argv, .log_path = log, .user = rabbit.user, .die_with_parent = 1 };
    struct err e = { 0 };

    EXPECT_OK(proc_spawn(&s, &rabbit.epmd, &e), &e);
    wait_for(t, rabbit.epmd, rabbit.epmd_port, log);
}

static void start_server(struct test *t, const char *log)
{
    struct arena *a = test_arena(t);
    const char *argv[] = { SERVER, NULL };
    const char *env[] = {
        "RUNNING_UNDER_SYSTEMD=true", /* The script becomes the server, no shell between us. */
        "ERL_EPMD_ADDRESS=127.0.0.1",
        "RABBITMQ_NODE_IP_ADDRESS=127.0.0.1",
        "RABBITMQ_CONF_ENV_FILE=/dev/null",
        "RABBITMQ_LOGS=-",
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=-kernel inet_dist_use_interface {127,0,0,1} +S 1:1 +sbwt none",
        arena_printf(a, "HOME=%s", rabbit.dir),
        arena_printf(a, "ERL_EPMD_PORT=%u", rabbit.epmd_port),
        arena_printf(a, "RABBITMQ_NODENAME=test%u@localhost", rabbit.port),
        arena_printf(a, "RABBITMQ_NODE_PORT=%u", rabbit.port),
        arena_printf(a, "RABBITMQ_DIST_PORT=%u", rabbit.dist_port),
        arena_printf(a, "RABBITMQ_MNESIA_BASE=%s/mnesia", rabbit.dir),
        arena_printf(a, "RABBITMQ_LOG_BASE=%s/log", rabbit.dir),
        arena_printf(a, "RABBITMQ_PID_FILE=%s/pid", rabbit.dir),
        arena_printf(a, "RABBITMQ_CONFIG_FILE=%s/rabbitmq", rabbit.dir),
        arena_printf(a, "RABBITMQ_ENABLED_PLUGINS_FILE=%s/enabled_plugins", rabbit.dir),
        NULL,
    };
    struct proc_spec s = { .argv = argv,
                           .env = env,
                           .cwd = rabbit.dir,
                           .log_path = log,
                           .user = rabbit.user,
                           .die_with_parent = 1 };
    struct err e = { 0 };

    EXPECT_OK(proc_spawn(&s, &rabbit.server, &e), &e);
    wait_for(t, rabbit.server, rabbit.port, log);
}

const char *rabbit_start(struct test *t)
{
    const char *log;
    const char *which = getenv("STACKD_TEST_BUS");

    if (str_eq(which, "local") || (access(SERVER, X_OK) < 0 && !str_eq(which, "all")))
        skip();
    EXPECT_INT(access(SERVER, X_OK), 0);
    if (!rabbit.dir)
        prepare(t);
    log = arena_printf(test_arena(t), "%s/output", rabbit.dir);
    if (!rabbit.epmd)
        start_epmd(t, log);
    if (!rabbit.server)
        start_server(t, log);
    return rabbit.url;
}

void rabbit_kill(struct test *t)
{
    EXPECT_TRUE(rabbit.server > 0);
    end(&rabbit.server);
}

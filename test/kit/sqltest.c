/* SPDX-License-Identifier: Apache-2.0 */
#include "kit/sqltest.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <libpq-fe.h>
#include <mysql.h>
#include <pwd.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include <cmocka.h>

#include "base/str.h"
#include "base/time.h"

#define START_US (60 * 1000000LL)

/* A server of this test program.  The only state the kit keeps over tests:
 * to start one for each test would take seconds. */
static struct server {
    bool ready;
    pid_t pid, owner;
    char dir[64];
    unsigned databases;
} servers[3];

static const char *tool(struct arena *a, const char *const *dirs, const char *name)
{
    for (; *dirs; dirs++) {
        char *path = arena_printf(a, "%s/%s", *dirs, name);

        if (access(path, X_OK) == 0)
            return path;
    }
    return NULL;
}

static const char *mariadbd_path(struct arena *a)
{
    return tool(a, (const char *const[]){ "/usr/sbin", "/usr/libexec", "/usr/local/sbin", NULL }, "mariadbd");
}

/* The newest of /usr/lib/postgresql/<version>/bin, or what is in /usr/bin. */
static const char *postgresql_tool(struct arena *a, const char *name)
{
    const char *dirs[] = { NULL, "/usr/bin", "/usr/local/pgsql/bin", NULL };
    DIR *d = opendir("/usr/lib/postgresql");
    int newest = 0;

    for (struct dirent *e; d && (e = readdir(d));)
        if (atoi(e->d_name) > newest)
            newest = atoi(e->d_name);
    if (d)
        closedir(d);
    dirs[0] = arena_printf(a, "/usr/lib/postgresql/%d/bin", newest);
    return tool(a, dirs, name);
}

static int remove_entry(const char *path, const struct stat *st attr_unused, int type attr_unused,
                        struct FTW *ftw attr_unused)
{
    return remove(path);
}

/* 'sig' ends MariaDB: SIGTERM for a server that is to come back. */
static void stop_server(enum db_kind kind, int sig)
{
    struct server *s = &servers[kind];

    if (s->pid <= 0 || s->owner != getpid())
        return;
    /* PostgreSQL's main process must live to take its children with it. */
    kill(s->pid, kind == DB_POSTGRESQL ? SIGQUIT : sig);
    while (waitpid(s->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    s->pid = 0;
}

static void stop_servers(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(servers); i++) {
        stop_server(i, SIGKILL);
        if (servers[i].dir[0] && servers[i].owner == getpid())
            nftw(servers[i].dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    }
}

/* PostgreSQL refuses to run as root. */
static const struct passwd *unprivileged(void)
{
    const struct passwd *p = geteuid() == 0 ? getpwnam("postgres") : NULL;

    return geteuid() != 0 || p ? p : getpwnam("nobody");
}

/* Runs a program with its output in <dir>/log; it ends with this one. */
static pid_t start_program(const struct server *s, enum db_kind kind, const char *const *argv)
{
    const struct passwd *as = kind == DB_POSTGRESQL ? unprivileged() : NULL;
    char log[80];
    pid_t pid;
    int fd;

    snprintf(log, sizeof(log), "%s/log", s->dir);
    pid = fork();
    if (pid != 0)
        return pid;

    fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0644);
    dup2(open("/dev/null", O_RDONLY), 0);
    dup2(fd, 1);
    dup2(fd, 2);
    if (chdir("/") < 0 || (as && (setgid(as->pw_gid) < 0 || setuid(as->pw_uid) < 0)))
        _exit(127);
    prctl(PR_SET_PDEATHSIG, kind == DB_POSTGRESQL ? SIGQUIT : SIGKILL);
    setenv("LC_ALL", "C", 1);
    /* A sanitizer's runtime is not for the server. */
    unsetenv("LD_PRELOAD");
    execv(argv[0], (char *const *) argv);
    _exit(127);
}

static void make_dir(struct test *t, struct server *s, enum db_kind kind)
{
    const char *base = getenv("TMPDIR");
    const struct passwd *as = kind == DB_POSTGRESQL ? unprivileged() : NULL;

    snprintf(s->dir, sizeof(s->dir), "%s/stackd-sql-XXXXXX",
             base && *base && strlen(base) < 40 ? base : "/tmp");
    if (!mkdtemp(s->dir) || (as && chown(s->dir, as->pw_uid, as->pw_gid) < 0))
        fail_msg("cannot make the directory %s: %s", s->dir, strerror(errno));
    if (s->owner == 0 && servers[DB_MARIADB].owner == 0 && servers[DB_POSTGRESQL].owner == 0)
        atexit(stop_servers);
    s->owner = getpid();
}

static void fail_with_log(const struct server *s, const char *words)
{
    char path[80], line[512];
    FILE *f;

    snprintf(path, sizeof(path), "%s/log", s->dir);
    f = fopen(path, "r");
    while (f && fgets(line, sizeof(line), f))
        print_error("%s", line);
    if (f)
        fclose(f);
    fail_msg("%s", words);
}

/* Small and without the durability that a test does not ask for.  No accounts:
 * the socket's directory is ours alone. */
static void start_mariadb(struct test *t, struct server *s)
{
    struct arena *a = test_arena(t);
    const char *argv[] = {
        mariadbd_path(a),
        "--no-defaults",
        "--skip-grant-tables",
        "--skip-networking",
        "--skip-log-bin",
        "--lock-wait-timeout=5", /* A test that failed in a transaction must not hang the next. */
        "--innodb-log-file-size=4M",
        "--innodb-data-file-path=ibdata1:2M:autoextend",
        "--innodb-temp-data-file-path=ibtmp1:2M:autoextend",
        "--innodb-buffer-pool-size=24M",
        "--innodb-flush-log-at-trx-commit=2",
        "--innodb-fast-shutdown=1",
        "--innodb-stats-persistent=0",
        "--performance-schema=0",
        "--aria-pagecache-buffer-size=1M",
        "--key-buffer-size=64K",
        "--loose-innodb-use-native-aio=0",
        arena_printf(a, "--datadir=%s/data", s->dir),
        arena_printf(a, "--socket=%s/socket", s->dir),
        arena_printf(a, "--pid-file=%s/pid", s->dir),
        geteuid() == 0 ? "--user=root" : NULL,
        NULL,
    };
    char *data = arena_printf(a, "%s/data", s->dir);

    if (mkdir(data, 0700) < 0 && errno != EEXIST)
        fail_msg("cannot make the directory %s: %s", data, strerror(errno));
    s->pid = start_program(s, DB_MARIADB, argv);
}

static void init_postgresql(struct test *t, struct server *s)
{
    struct arena *a = test_arena(t);
    const char *argv[] = { postgresql_tool(a, "initdb"),
                           "--no-sync",
                           "--auth=trust",
                           "--username=stackd",
                           "--locale=C",
                           "--encoding=UTF8",
                           "--no-instructions",
                           "-D",
                           arena_printf(a, "%s/data", s->dir),
                           NULL };
    pid_t pid = start_program(s, DB_POSTGRESQL, argv);
    int status = -1;

    if (pid < 0 || waitpid(pid, &status, 0) < 0 || status != 0)
        fail_with_log(s, "initdb failed");
}

static void start_postgresql(struct test *t, struct server *s)
{
    struct arena *a = test_arena(t);
    char *data = arena_printf(a, "%s/data", s->dir);
    const char *argv[] = { postgresql_tool(a, "postgres"),
                           "-D",
                           data,
                           "-k",
                           s->dir,
                           "-h",
                           "",
                           "-cfsync=off",
                           "-cfull_page_writes=off",
                           "-cshared_buffers=16MB",
                           "-cmax_connections=60",
                           "-cautovacuum=off",
                           "-cdeadlock_timeout=10ms",
                           "-cmax_wal_size=64MB",
                           NULL };

    if (access(arena_printf(a, "%s/PG_VERSION", data), F_OK) < 0)
        init_postgresql(t, s);
    s->pid = start_program(s, DB_POSTGRESQL, argv);
}

/* A statement on the server itself; null when it succeeded. */
static const char *admin_mariadb(struct arena *a, const struct server *s, const char *sql)
{
    MYSQL *m = mysql_init(NULL);
    const char *fault = NULL;

    if (!mysql_real_connect(m, NULL, "root", NULL, NULL, 0, arena_printf(a, "%s/socket", s->dir), 0) ||
        mysql_query(m, sql) != 0)
        fault = arena_strdup(a, mysql_error(m));
    else
        mysql_free_result(mysql_store_result(m));
    mysql_close(m);
    return fault;
}

static void ignore_notice(void *arg attr_unused, const char *text attr_unused)
{
}

static const char *admin_postgresql(struct arena *a, const struct server *s, const char *sql)
{
    PGconn *c = PQconnectdb(arena_printf(a, "host=%s user=stackd dbname=postgres", s->dir));
    const char *fault = NULL;
    ExecStatusType status;
    PGresult *r = NULL;

    PQsetNoticeProcessor(c, ignore_notice, NULL);
    if (PQstatus(c) == CONNECTION_OK)
        r = PQexec(c, sql);
    status = PQresultStatus(r);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        fault = arena_strdup(a, PQerrorMessage(c));
    PQclear(r);
    PQfinish(c);
    return fault;
}

static const char *admin(struct arena *a, enum db_kind kind, const char *sql)
{
    return (kind == DB_MARIADB ? admin_mariadb : admin_postgresql)(a, &servers[kind], sql);
}

static void wait_until_ready(struct test *t, enum db_kind kind)
{
    struct server *s = &servers[kind];
    int64_t until = time_mono_us() + START_US;
    auto_arena struct arena a = { 0 };
    const char *fault;

    while ((fault = admin(&a, kind, "SELECT 1"))) {
        if (waitpid(s->pid, NULL, WNOHANG) != 0) {
            s->pid = 0;
            fail_with_log(s, "the server ended at once");
        }
        if (time_mono_us() > until)
            fail_msg("the server does not answer: %s", fault);
        nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
        arena_reset(&a);
    }
    s->ready = true;
}

static bool is_installed(struct arena *a, enum db_kind kind)
{
    if (kind == DB_MARIADB)
        return mariadbd_path(a);
    return postgresql_tool(a, "postgres") && postgresql_tool(a, "initdb");
}

void test_db_start(struct test *t, enum db_kind kind)
{
    struct server *s = &servers[kind];

    if (!s->dir[0])
        make_dir(t, s, kind);
    (kind == DB_MARIADB ? start_mariadb : start_postgresql)(t, s);
    wait_until_ready(t, kind);
}

void test_db_stop(struct test *t, enum db_kind kind)
{
    stop_server(kind, SIGTERM);
    servers[kind].ready = false;
}

static void need_server(struct test *t, enum db_kind kind)
{
    const char *which = getenv("STACKD_TEST_SQL");

    if (servers[kind].ready)
        return;
    if (str_eq(which, "sqlite"))
        skip();
    if (!is_installed(test_arena(t), kind)) {
        if (str_eq(which, "all"))
            fail_msg("the server is not installed");
        skip();
    }
    test_db_start(t, kind);
}

struct named {
    enum db_kind kind;
    char *name;
};

static void drop_database(void *arg)
{
    struct named *n = arg;
    auto_arena struct arena a = { 0 };
    const char *force = n->kind == DB_POSTGRESQL ? " WITH (FORCE)" : "";

    if (servers[n->kind].ready)
        admin(&a, n->kind, arena_printf(&a, "DROP DATABASE %s%s", n->name, force));
}

const char *test_db_url(struct test *t, enum db_kind kind)
{
    struct arena *a = test_arena(t);
    struct server *s = &servers[kind];
    struct named *n;
    const char *fault;

    if (kind == DB_SQLITE)
        return arena_printf(a, "sqlite://%s/test-%u.db", test_tmpdir(t), ++s->databases);

    need_server(t, kind);
    n = arena_new(a, struct named);
    *n = (struct named){ kind, arena_printf(a, "test_%u", ++s->databases) };
    fault = admin(a, kind, arena_printf(a, "CREATE DATABASE %s", n->name));
    if (fault)
        fail_msg("cannot make a database: %s", fault);
    test_cleanup(t, drop_database, n);
    if (kind == DB_MARIADB)
        return arena_printf(a, "mysql+pymysql://root@localhost/%s?unix_socket=%s/socket", n->name, s->dir);
    return arena_printf(a, "postgresql://stackd@/%s?host=%s", n->name, s->dir);
}

void test_db_cut(struct test *t, enum db_kind kind)
{
    auto_arena struct arena a = { 0 };
    const char *fault = NULL;

    if (kind == DB_POSTGRESQL)
        fault = admin(&a, kind,
                      "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                      " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'");
    else if (kind == DB_MARIADB)
        fault = admin(&a, kind, "KILL USER root");
    /* MariaDB's also ends the one that asks. */
    if (fault && kind == DB_POSTGRESQL)
        fail_msg("cannot cut the connections: %s", fault);
}

static void close_db(void *d)
{
    db_close(d);
}

struct db *test_db(struct test *t, enum db_kind kind, const struct migration *m)
{
    struct err err = { 0 };
    struct db *d;

    EXPECT_OK(db_open(test_db_url(t, kind), 8, &d, &err), &err);
    test_cleanup(t, close_db, d);
    if (m)
        EXPECT_OK(db_migrate(d, m, &err), &err);
    return d;
}

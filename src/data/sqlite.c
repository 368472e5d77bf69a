/* SPDX-License-Identifier: Apache-2.0 */
/* SQLite: a file in WAL mode.
 *
 * synchronous=FULL syncs the log at each commit: what a 2xx promised survives
 * a loss of power, as on the servers.  NORMAL would sync at checkpoints only.
 * Readers see the state at their first statement and block nobody; writers of
 * this process queue in db.c, those of others in SQLite's busy handler. */
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "data/driver.h"

#define SCRATCH_KEEP 1024 /* Cells that a connection keeps room for. */

enum { CMD_BEGIN, CMD_BEGIN_WRITE, CMD_COMMIT, CMD_ROLLBACK, CMD_N };

static const char *const commands[CMD_N] = { "BEGIN", "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK" };

struct lite {
    sqlite3 *db;
    sqlite3_stmt *cmd[CMD_N];
    struct val *cells; /* Where rows gather until their number is known. */
    size_t n_cells, cap;
};

static int sqlite_target_new(const char *url, void **ret, struct err *err)
{
    const char *path = strstr(url, "://") + 3;
    char *copy;
    int fd;

    if (*path != '/')
        return err_set(err, -EINVAL, "The database's URL must hold an absolute path: sqlite:///path.");

    /* SQLite would make it readable for all.  Never opened here when it is
     * there: closing it would drop the locks of this process. */
    fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
    else if (errno != EEXIST)
        return err_set(err, -errno, "Cannot make the database '%s': %s.", path, strerror(errno));

    copy = strdup(path);
    if (!copy)
        return err_set(err, -ENOMEM, "There is no memory for a database.");
    /* Counting its memory would put a lock of the whole process around each allocation.
     * Only the first call of a process counts. */
    (void) sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    *ret = copy;
    return 0;
}

static int code_of(int rc)
{
    switch (rc) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
        return -EEXIST;
    }
    switch (rc & 0xff) {
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
        return -EINVAL;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return -EAGAIN;
    default:
        return -EIO;
    }
}

static int fail(struct lite *l, int rc, struct err *err)
{
    int code = code_of(rc);

    switch (code) {
    case -EEXIST:
        return err_set(err, code, "A row with the same unique value exists already.");
    case -EAGAIN:
        return err_set(err, code, "The database is busy: another change took too long.");
    default:
        return err_set(err, code, "The database says: %s.",
                       l->db ? sqlite3_errmsg(l->db) : sqlite3_errstr(rc));
    }
}

static void sqlite_disconnect(void *conn)
{
    struct lite *l = conn;

    for (size_t i = 0; i < CMD_N; i++)
        sqlite3_finalize(l->cmd[i]);
    sqlite3_close(l->db);
    free(l->cells);
    free(l);
}

/* Settings of each connection.  The cache is small: the system's is shared by
 * all processes, and idle services should take little memory. */
static int configure(struct lite *l, struct err *err)
{
    static const char *const settings =
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
        "PRAGMA cache_size = -2048; PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 8388608;"
        "PRAGMA case_sensitive_like = ON;";
    int rc;

    sqlite3_busy_timeout(l->db, DB_WAIT_US / 1000);
    rc = sqlite3_exec(l->db, settings, NULL, NULL, NULL);
    for (size_t i = 0; i < CMD_N && rc == SQLITE_OK; i++)
        rc = sqlite3_prepare_v3(l->db, commands[i], -1, SQLITE_PREPARE_PERSISTENT, &l->cmd[i], NULL);
    return rc == SQLITE_OK ? 0 : fail(l, rc, err);
}

static int sqlite_connect(const void *target, void **ret, struct err *err)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    struct lite *l = calloc(1, sizeof(*l));
    int r;

    if (!l)
        return err_set(err, -ENOMEM, "There is no memory for a connection.");
    r = sqlite3_open_v2(target, &l->db, flags, NULL);
    r = r == SQLITE_OK ? configure(l, err) : fail(l, r, err);
    if (r < 0) {
        sqlite_disconnect(l);
        return r;
    }
    *ret = l;
    return 0;
}

static int command(struct lite *l, int which, struct err *err)
{
    int rc = sqlite3_step(l->cmd[which]);

    if (rc != SQLITE_DONE) {
        int r = fail(l, rc, err);

        sqlite3_reset(l->cmd[which]);
        return r;
    }
    sqlite3_reset(l->cmd[which]);
    return 0;
}

static int sqlite_begin(void *conn, bool write, struct err *err)
{
    return command(conn, write ? CMD_BEGIN_WRITE : CMD_BEGIN, err);
}

static int sqlite_commit(void *conn, struct err *err)
{
    return command(conn, CMD_COMMIT, err);
}

static int sqlite_rollback(void *conn)
{
    struct lite *l = conn;

    /* A full disk and the like have already rolled back. */
    return sqlite3_get_autocommit(l->db) ? 0 : command(l, CMD_ROLLBACK, NULL);
}

static int sqlite_prepare(void *conn, const char *sql, bool writes attr_unused, void **ret, struct err *err)
{
    struct lite *l = conn;
    sqlite3_stmt *s = NULL;
    int rc = sqlite3_prepare_v3(l->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &s, NULL);

    if (rc != SQLITE_OK)
        return fail(l, rc, err);
    *ret = s;
    return 0;
}

static void sqlite_finish(void *conn attr_unused, void *stmt)
{
    sqlite3_finalize(stmt);
}

static int bind_one(sqlite3_stmt *s, int i, const struct val *v)
{
    switch (v->kind) {
    case VAL_INT:
        return sqlite3_bind_int64(s, i, v->i);
    case VAL_DOUBLE:
        return sqlite3_bind_double(s, i, v->d);
    case VAL_TEXT:
        return sqlite3_bind_text64(s, i, v->s, v->n ? v->n : strlen(v->s), SQLITE_STATIC, SQLITE_UTF8);
    case VAL_BLOB:
        return sqlite3_bind_blob64(s, i, v->s, v->n, SQLITE_STATIC);
    default:
        return sqlite3_bind_null(s, i);
    }
}

static int bind_all(struct lite *l, sqlite3_stmt *s, const struct val *v, size_t n, struct err *err)
{
    int rc = SQLITE_OK;

    if ((size_t) sqlite3_bind_parameter_count(s) != n)
        return err_set(err, -EIO, "SQL: %zu values for %d placeholders.", n, sqlite3_bind_parameter_count(s));
    for (size_t i = 0; i < n && rc == SQLITE_OK; i++)
        rc = bind_one(s, (int) i + 1, &v[i]);
    return rc == SQLITE_OK ? 0 : fail(l, rc, err);
}

/* The value is looked up once: each sqlite3_column_ function would do it again,
 * between two calls for a mutex that the connection does not have. */
static void read_cell(struct arena *a, sqlite3_value *v, struct val *ret)
{
    const void *p;
    size_t n;

    switch (sqlite3_value_type(v)) {
    case SQLITE_INTEGER:
        *ret = val_int(sqlite3_value_int64(v));
        break;
    case SQLITE_FLOAT:
        *ret = val_double(sqlite3_value_double(v));
        break;
    case SQLITE_TEXT:
        p = sqlite3_value_blob(v); /* As it lies there: _text() would copy it to end it. */
        n = sqlite3_value_bytes(v);
        *ret = (struct val){ .kind = VAL_TEXT, .s = p ? arena_text(a, p, n) : "", .n = n };
        break;
    case SQLITE_BLOB:
        p = sqlite3_value_blob(v);
        n = sqlite3_value_bytes(v);
        *ret = (struct val){ .kind = VAL_BLOB, .s = n ? arena_memdup(a, p, n) : "", .n = n };
        break;
    default:
        *ret = val_null();
    }
}

static int read_row(struct lite *l, sqlite3_stmt *s, struct arena *a)
{
    int n = sqlite3_column_count(s);

    if (l->n_cells + n > l->cap) {
        size_t cap = l->cap * 2 + n;
        struct val *cells = reallocarray(l->cells, cap, sizeof(*cells));

        if (!cells)
            return SQLITE_NOMEM;
        l->cells = cells;
        l->cap = cap;
    }
    for (int i = 0; i < n; i++)
        read_cell(a, sqlite3_column_value(s, i), &l->cells[l->n_cells++]);
    return SQLITE_ROW;
}

static int step_all(struct lite *l, sqlite3_stmt *s, struct arena *a, struct rows *rows)
{
    int rc;

    l->n_cells = 0;
    while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
        if (!rows)
            continue;
        rc = read_row(l, s, a);
        if (rc != SQLITE_ROW)
            return rc;
        rows->count++;
    }
    return rc;
}

static void hand_over(struct lite *l, struct arena *a, struct rows *rows)
{
    if (l->n_cells > 0)
        rows->cells = arena_memdup(a, l->cells, l->n_cells * sizeof(*l->cells));
    if (l->cap > SCRATCH_KEEP) {
        free(l->cells);
        l->cells = NULL;
        l->cap = 0;
    }
}

static int64_t sqlite_run(void *conn, void *stmt, const struct val *v, size_t n, struct arena *a,
                          struct rows *rows, struct err *err)
{
    struct lite *l = conn;
    int64_t r;
    int rc;

    r = bind_all(l, stmt, v, n, err);
    if (r >= 0) {
        rc = step_all(l, stmt, a, rows);
        if (rc != SQLITE_DONE)
            r = fail(l, rc, err);
        else
            r = sqlite3_stmt_readonly(stmt) ? 0 : sqlite3_changes64(l->db);
    }
    if (rows) {
        rows->columns = sqlite3_column_count(stmt);
        hand_over(l, a, rows);
    }
    sqlite3_reset(stmt);
    sqlite3_clear_bindings(stmt); /* They point to the caller's memory. */
    return r;
}

static int sqlite_script(void *conn, const char *sql, struct err *err)
{
    struct lite *l = conn;
    int rc = sqlite3_exec(l->db, sql, NULL, NULL, NULL);

    return rc == SQLITE_OK ? 0 : fail(l, rc, err);
}

static int sqlite_ping(void *conn, struct err *err)
{
    return sqlite_script(conn, "SELECT count(*) FROM sqlite_master", err);
}

const struct db_driver db_driver_sqlite = {
    .kind = DB_SQLITE,
    .schemes = (const char *const[]){ "sqlite", NULL },
    .words =
        (const char *const[]){ "serial", "INTEGER PRIMARY KEY AUTOINCREMENT", "text", "TEXT", "bool",
                               "SMALLINT", "blob", "BLOB", "key", "VARCHAR(64)", "name", "VARCHAR(255)", "ci",
                               "VARCHAR_CI(255) COLLATE NOCASE", "lock", "", "nulls_first", "", NULL },
    .one_writer = true,
    .row_values = true,
    .ddl_in_txn = true,
    .like_ignores_ci = true,
    .null_first = { "", "" },
    .columns_sql =
        "SELECT i.name, i.\"notnull\" OR i.pk, i.type LIKE 'VARCHAR_CI%' FROM pragma_table_info(?) i",
    .tables_sql = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?",
    .target_new = sqlite_target_new,
    .target_free = free,
    .connect = sqlite_connect,
    .disconnect = sqlite_disconnect,
    .ping = sqlite_ping,
    .begin = sqlite_begin,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .prepare = sqlite_prepare,
    .finish = sqlite_finish,
    .run = sqlite_run,
    .script = sqlite_script,
};

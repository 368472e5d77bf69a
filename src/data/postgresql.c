/* SPDX-License-Identifier: Apache-2.0 */
/* PostgreSQL through libpq.
 *
 * Statements go in pipelines: BEGIN travels with the first statement, and a
 * statement that writes between SAVEPOINT and RELEASE, so that after a taken
 * key the transaction goes on as on the others; that costs no round trip.  The
 * COMMIT of a transaction that only read is not waited for.
 *
 * Reading transactions are REPEATABLE READ READ ONLY: one state, no conflict.
 * Writing ones are READ COMMITTED: a row that was locked is read as it is now,
 * and no change fails because another was first. */
#include <errno.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "base/str.h"
#include "data/driver.h"

struct pg {
    PGconn *c;
    bool write, begun; /* BEGIN is sent with the first statement. */
    bool draining;     /* The answer to the last COMMIT is still to come. */
    unsigned names;    /* Statements named so far. */
};

struct pg_stmt {
    char name[16];
    bool writes;
};

/* libpq's own names only: "postgresql+driver://" is SQLAlchemy's way. */
static int pg_target_new(const char *url, void **ret, struct err *err)
{
    PQconninfoOption *options;
    char *target, *fault = NULL;

    if (asprintf(&target, "postgresql%s", strstr(url, "://")) < 0)
        return err_set(err, -ENOMEM, "There is no memory for a database.");
    options = PQconninfoParse(target, &fault);
    PQfreemem(fault); /* It may show the password. */
    if (!options) {
        free(target);
        return err_set(err, -EINVAL, "The URL of the PostgreSQL database is not well-formed.");
    }
    PQconninfoFree(options);
    *ret = target;
    return 0;
}

static void pg_target_free(void *target)
{
    secret_wipe(target, strlen(target));
    free(target);
}

static bool is_lost(const struct pg *p)
{
    return PQstatus(p->c) != CONNECTION_OK;
}

/* By SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html */
static int code_of(const char *state)
{
    static const struct {
        const char *prefix;
        int code;
    } codes[] = {
        { "23505", -EEXIST },   /* unique violation */
        { "23P01", -EEXIST },   /* exclusion violation */
        { "23", -EINVAL },      /* other constraints */
        { "22", -EINVAL },      /* data too long, out of range, not a number */
        { "40", -EAGAIN },      /* deadlock, serialization */
        { "55P03", -EAGAIN },   /* lock timeout */
        { "0A000", -ENOTCONN }, /* a cached plan no longer fits the table */
        { "57P", -ENOTCONN },   /* the server is being shut down */
        { "26000", -ENOTCONN }, /* the prepared statement is gone */
    };

    for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
        if (str_has_prefix(state, codes[i].prefix))
            return codes[i].code;
    return -EIO;
}

/* The message without its details, which hold values.  Without a SQLSTATE it
 * is libpq's own: it could not send or receive. */
static int fail(const struct pg *p, const PGresult *res, struct err *err)
{
    const char *text = res ? PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    const char *state = res ? PQresultErrorField(res, PG_DIAG_SQLSTATE) : NULL;
    int code = is_lost(p) || !state ? -ENOTCONN : code_of(state);

    switch (code) {
    case -EEXIST:
        return err_set(err, code, "A row with the same unique value exists already.");
    case -ENOTCONN:
        return err_set(err, code, "The connection to the database was lost.");
    default:
        return err_set(err, code, "The database says: %s.", text ? text : "no reason");
    }
}

/* Runs what returns no rows. */
static int command(struct pg *p, const char *sql, struct err *err)
{
    PGresult *res = PQexec(p->c, sql);
    ExecStatusType status = PQresultStatus(res);
    int r = 0;

    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        r = fail(p, res, err);
    PQclear(res);
    return r;
}

static void ignore_notice(void *arg attr_unused, const char *text attr_unused)
{
}

static void pg_disconnect(void *conn)
{
    struct pg *p = conn;

    PQfinish(p->c);
    free(p);
}

static int pg_connect(const void *target, void **ret, struct err *err)
{
    /* What the URL says comes later and wins. */
    static const char *const keys[] = { "connect_timeout", "tcp_user_timeout", "application_name",
                                        "client_encoding", "dbname",           NULL };
    const char *const values[] = { "5", "30000", "stackd", "UTF8", target, NULL };
    struct pg *p = calloc(1, sizeof(*p));
    int r = 0;

    if (!p)
        return err_set(err, -ENOMEM, "There is no memory for a connection.");
    p->c = PQconnectdbParams(keys, values, 1);
    if (is_lost(p)) {
        const char *text = PQerrorMessage(p->c);

        r = err_set(err, -EHOSTDOWN, "Cannot connect to the database: %.*s.", (int) strcspn(text, "\n"),
                    text);
    } else {
        PQsetNoticeProcessor(p->c, ignore_notice, NULL);
        r = command(
            p, "SET lock_timeout = '10s'; SET bytea_output = hex; SET standard_conforming_strings = on", err);
        if (r == -ENOTCONN)
            r = err_set(err, -EHOSTDOWN, "The database closed the connection.");
    }
    if (r < 0) {
        pg_disconnect(p);
        return r;
    }
    *ret = p;
    return 0;
}

static void drain(struct pg *p)
{
    PGresult *res;

    if (!p->draining)
        return;
    p->draining = false;
    while ((res = PQgetResult(p->c)))
        PQclear(res);
}

static int pg_begin(void *conn, bool write, struct err *err)
{
    struct pg *p = conn;

    drain(p);
    p->write = write;
    p->begun = false;
    return is_lost(p) ? fail(p, NULL, err) : 0;
}

static const char *begin_sql(const struct pg *p)
{
    return p->write ? "BEGIN ISOLATION LEVEL READ COMMITTED"
                    : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
}

/* Ends a transaction whose end nobody needs to wait for. */
static int end_unseen(struct pg *p)
{
    p->begun = false;
    if (is_lost(p) || !PQsendQuery(p->c, "ROLLBACK"))
        return -ENOTCONN;
    p->draining = true;
    return 0;
}

static int pg_commit(void *conn, struct err *err)
{
    struct pg *p = conn;
    PGresult *res;
    int r = 0;

    if (!p->begun)
        return 0;
    if (!p->write)
        return end_unseen(p) < 0 ? fail(p, NULL, err) : 0;

    res = PQexec(p->c, "COMMIT");
    if (PQresultStatus(res) != PGRES_COMMAND_OK)
        r = fail(p, res, err);
    else if (strcmp(PQcmdStatus(res), "COMMIT") != 0)
        r = err_set(err, -EIO, "The database has rolled back.");
    p->begun = false;
    PQclear(res);
    return r;
}

static int pg_rollback(void *conn)
{
    struct pg *p = conn;

    return p->begun ? end_unseen(p) : is_lost(p) ? -ENOTCONN : 0;
}

static int pg_prepare(void *conn, const char *sql, bool writes, void **ret, struct err *err)
{
    struct pg *p = conn;
    struct pg_stmt *s = calloc(1, sizeof(*s));
    PGresult *res;
    int r = 0;

    if (!s)
        return err_set(err, -ENOMEM, "There is no memory for a statement.");
    snprintf(s->name, sizeof(s->name), "s%u", p->names++);
    s->writes = writes;
    res = PQprepare(p->c, s->name, sql, 0, NULL);
    if (PQresultStatus(res) != PGRES_COMMAND_OK)
        r = fail(p, res, err);
    PQclear(res);
    if (r < 0) {
        free(s);
        return r == -ENOTCONN ? r : -EIO;
    }
    *ret = s;
    return 0;
}

static void pg_finish(void *conn, void *stmt)
{
    struct pg *p = conn;
    struct pg_stmt *s = stmt;
    char sql[40];

    drain(p);
    if (!is_lost(p)) {
        snprintf(sql, sizeof(sql), "DEALLOCATE %s", s->name);
        command(p, sql, NULL);
    }
    free(s);
}

/* Numbers travel as text, in room for 24 characters each. */
struct params {
    const char **values;
    int *lengths, *formats;
    char (*text)[24];
};

static void make_params(struct arena *a, const struct val *v, size_t n, struct params *ret)
{
    struct params p = { .values = arena_array(a, const char *, n + 1),
                        .lengths = arena_array(a, int, n + 1),
                        .formats = arena_array(a, int, n + 1) };

    p.text = arena_calloc(a, n + 1, sizeof(*p.text));
    for (size_t i = 0; i < n; i++) {
        p.values[i] = p.text[i];
        switch (v[i].kind) {
        case VAL_INT:
            snprintf(p.text[i], sizeof(*p.text), "%lld", (long long) v[i].i);
            break;
        case VAL_DOUBLE:
            snprintf(p.text[i], sizeof(*p.text), "%.17g", v[i].d);
            break;
        case VAL_TEXT:
            p.values[i] = v[i].n > 0 && v[i].s[v[i].n] ? arena_strndup(a, v[i].s, v[i].n) : v[i].s;
            break;
        case VAL_BLOB:
            p.values[i] = v[i].s;
            p.lengths[i] = (int) v[i].n;
            p.formats[i] = 1;
            break;
        default:
            p.values[i] = NULL;
        }
    }
    *ret = p;
}

static int send_command(struct pg *p, const char *sql)
{
    return PQsendQueryParams(p->c, sql, 0, NULL, NULL, NULL, NULL, 0) ? 0 : -ENOTCONN;
}

static int send_all(struct pg *p, const struct pg_stmt *s, const struct val *v, size_t n)
{
    auto_arena struct arena a = { 0 };
    struct params x;
    int r = 0;

    make_params(&a, v, n, &x);
    if (!PQenterPipelineMode(p->c))
        return -ENOTCONN;
    if (!p->begun)
        r = send_command(p, begin_sql(p));
    if (r >= 0 && s->writes)
        r = send_command(p, "SAVEPOINT s");
    if (r >= 0 && !PQsendQueryPrepared(p->c, s->name, (int) n, x.values, x.lengths, x.formats, 0))
        r = -ENOTCONN;
    if (r >= 0 && s->writes)
        r = send_command(p, "RELEASE SAVEPOINT s");
    return r >= 0 && !PQpipelineSync(p->c) ? -ENOTCONN : r;
}

/* One answer of the pipeline; the first that failed is kept in '*failed'. */
static PGresult *take(struct pg *p, PGresult **failed)
{
    PGresult *res = PQgetResult(p->c), *end;
    ExecStatusType status = PQresultStatus(res);

    while (res && status != PGRES_PIPELINE_SYNC && (end = PQgetResult(p->c)))
        PQclear(end);
    if (!*failed && (!res || status == PGRES_FATAL_ERROR)) {
        *failed = res;
        return NULL;
    }
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
        return res;
    PQclear(res);
    return NULL;
}

/* Sends and takes all answers.  Returns that of the statement, or null with
 * the failure. */
static PGresult *exchange(struct pg *p, const struct pg_stmt *s, const struct val *v, size_t n,
                          PGresult **failed)
{
    PGresult *res;

    *failed = NULL;
    if (send_all(p, s, v, n) < 0)
        return NULL;
    if (!p->begun) {
        res = take(p, failed);
        p->begun = res;
        PQclear(res);
    }
    if (s->writes)
        PQclear(take(p, failed));
    res = take(p, failed);
    if (s->writes)
        PQclear(take(p, failed));
    PQclear(take(p, failed)); /* The end of the pipeline. */
    PQexitPipelineMode(p->c);
    return res;
}

static struct val number(const char *text, int type, struct arena *a, size_t n)
{
    struct val v = val_int(0);

    if (type != 700 && type != 701 && str_to_i64(text, &v.i) >= 0)
        return v;
    v = val_double(0);
    if (str_to_double(text, &v.d) >= 0)
        return v;
    return (struct val){ .kind = VAL_TEXT, .s = arena_memdup(a, text, n + 1), .n = n };
}

static struct val bytes(const char *text, struct arena *a)
{
    struct val v = { .kind = VAL_BLOB, .s = "" };
    uint8_t *p;

    if (hex_decode(a, text + 2, &p, &v.n) >= 0 && v.n > 0)
        v.s = (char *) p;
    return v;
}

static struct val read_cell(const PGresult *res, int row, int col, int type, struct arena *a)
{
    const char *text = PQgetvalue(res, row, col);
    size_t n = PQgetlength(res, row, col);

    if (PQgetisnull(res, row, col))
        return val_null();
    switch (type) { /* pg_type.dat: their numbers never change. */
    case 16:        /* boolean */
        return val_int(*text == 't');
    case 17: /* bytea */
        return bytes(text, a);
    case 20: /* bigint, smallint, integer, oid, real, double precision, numeric */
    case 21:
    case 23:
    case 26:
    case 700:
    case 701:
    case 1700:
        return number(text, type, a, n);
    default:
        return (struct val){ .kind = VAL_TEXT, .s = arena_memdup(a, text, n + 1), .n = n };
    }
}

static void read_rows(const PGresult *res, struct arena *a, struct rows *ret)
{
    ret->count = PQntuples(res);
    ret->columns = PQnfields(res);
    if (ret->count == 0 || ret->columns == 0)
        return;
    ret->cells = arena_array(a, struct val, ret->count * ret->columns);
    for (size_t c = 0; c < ret->columns; c++) {
        int type = (int) PQftype(res, (int) c);

        for (size_t i = 0; i < ret->count; i++)
            ret->cells[i * ret->columns + c] = read_cell(res, (int) i, (int) c, type, a);
    }
}

/* What went wrong; back to the savepoint when the transaction may go on. */
static int recover(struct pg *p, const struct pg_stmt *s, PGresult *failed, struct err *err)
{
    int r = fail(p, failed, err), b;

    PQclear(failed);
    if (r != -EEXIST && r != -EINVAL)
        return r;
    if (!s->writes) /* There is no savepoint. */
        return -EIO;
    b = command(p, "ROLLBACK TO SAVEPOINT s; RELEASE SAVEPOINT s", NULL);
    return b < 0 ? fail(p, NULL, err) : r;
}

static int64_t pg_run(void *conn, void *stmt, const struct val *v, size_t n, struct arena *a,
                      struct rows *rows, struct err *err)
{
    struct pg *p = conn;
    const struct pg_stmt *s = stmt;
    PGresult *failed = NULL, *res = exchange(p, s, v, n, &failed);
    int64_t changed = 0;

    if (!res || failed) {
        PQclear(res);
        if (failed)
            return recover(p, s, failed, err);
        return err_set(err, -ENOTCONN, "The connection to the database was lost.");
    }
    if (rows)
        read_rows(res, a, rows);
    if (s->writes)
        str_to_i64(PQcmdTuples(res), &changed);
    PQclear(res);
    return changed;
}

static int pg_script(void *conn, const char *sql, struct err *err)
{
    struct pg *p = conn;
    int r = 0;

    if (!p->begun)
        r = command(p, begin_sql(p), err);
    p->begun = p->begun || r >= 0;
    if (r >= 0 && strstr(sql, "CITEXT"))
        r = command(p, "CREATE EXTENSION IF NOT EXISTS citext", err);
    if (r >= 0)
        r = command(p, sql, err);
    return r == -EEXIST || r == -EINVAL ? -EIO : r;
}

static int pg_ping(void *conn, struct err *err)
{
    return command(conn, "SELECT 1", err);
}

const struct db_driver db_driver_postgresql = {
    .kind = DB_POSTGRESQL,
    .schemes =
        (const char *const[]){ "postgresql", "postgres", "postgresql+psycopg2", "postgresql+psycopg", NULL },
    .words = (const char *const[]){ "serial", "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY", "text",
                                    "TEXT COLLATE \"C\"", "bool", "SMALLINT", "blob", "BYTEA", "key",
                                    "VARCHAR(64) COLLATE \"C\"", "name", "VARCHAR(255) COLLATE \"C\"", "ci",
                                    "CITEXT", "lock",
                                    " FOR NO KEY UPDATE", /* Does not keep rows from referring to it. */
                                    "nulls_first", " NULLS FIRST", NULL },
    .numbered = true,
    .row_values = true,
    .ddl_in_txn = true,
    .null_first = { " NULLS FIRST", " NULLS LAST" },
    .columns_sql =
        "SELECT a.attname, CASE WHEN a.attnotnull THEN 1 ELSE 0 END,"
        " CASE WHEN t.typname = 'citext' THEN 1 ELSE 0 END"
        " FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid"
        " WHERE c.relname = ? AND pg_table_is_visible(c.oid) AND a.attnum > 0 AND NOT a.attisdropped",
    .lock_sql = "SELECT 1 FROM pg_advisory_xact_lock(7241803)",
    .tables_sql =
        "SELECT count(*) FROM pg_class WHERE relname = ? AND relkind = 'r' AND pg_table_is_visible(oid)",
    .target_new = pg_target_new,
    .target_free = pg_target_free,
    .connect = pg_connect,
    .disconnect = pg_disconnect,
    .ping = pg_ping,
    .begin = pg_begin,
    .commit = pg_commit,
    .rollback = pg_rollback,
    .prepare = pg_prepare,
    .finish = pg_finish,
    .run = pg_run,
    .script = pg_script,
};

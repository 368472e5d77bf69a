/* SPDX-License-Identifier: Apache-2.0 */
/* MariaDB through libmariadb.
 *
 * Connections have autocommit off, so that no transaction needs a BEGIN.
 * Reading transactions are REPEATABLE READ: one state.  Writing ones are READ
 * COMMITTED: no gap locks, hence far fewer deadlocks, and a row that was locked
 * is read as it is now.  The level belongs to the connection and is changed
 * only when a transaction wants the other.
 *
 * SQL mode: errors instead of silently changed values, "names" and 'texts'
 * and \ as in the standard. */
#include <errmsg.h>
#include <errno.h>
#include <mysql.h>
#include <mysqld_error.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "base/str.h"
#include "data/driver.h"
#include "wire/url.h"

#define CONNECT_S 5
#define ANSWER_S  300 /* A migration's ALTER may take its time. */

static const char level_of_writing[] = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";
static const char level_of_reading[] = "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ";

struct target {
    struct arena arena;
    struct url url;
    const char *name, *socket, *ssl_ca, *ssl_cert, *ssl_key;
};

struct maria {
    MYSQL m;
    bool write; /* The isolation level is that of writing transactions. */
    bool used;  /* There is something to commit. */
};

struct maria_stmt {
    MYSQL_STMT *s;
    unsigned params;
    bool writes;
};

static int read_options(struct target *t, struct err *err)
{
    const struct {
        const char *name;
        const char **to;
    } known[] = {
        { "unix_socket", &t->socket },       { "ssl_ca", &t->ssl_ca },
        { "ssl_cert", &t->ssl_cert },        { "ssl_key", &t->ssl_key },
        { "charset", &(const char *){ 0 } }, /* Always utf8mb4. */
    };
    struct query_param *q = NULL;
    size_t n = 0, k;
    int r = t->url.query ? query_parse(&t->arena, t->url.query, &q, &n) : 0;

    if (r < 0)
        return err_set(err, -EINVAL, "The options in the database's URL are not well-formed.");
    for (size_t i = 0; i < n; i++) {
        for (k = 0; k < ARRAY_SIZE(known) && strcmp(known[k].name, q[i].name) != 0; k++)
            ;
        if (k == ARRAY_SIZE(known))
            return err_set(err, -EINVAL, "The database's URL has an unknown option '%s'.", q[i].name);
        *known[k].to = q[i].value;
    }
    return 0;
}

static void maria_target_free(void *target)
{
    struct target *t = target;

    if (t->url.password)
        secret_wipe((char *) t->url.password, strlen(t->url.password));
    arena_done(&t->arena);
    free(t);
}

static int maria_target_new(const char *url, void **ret, struct err *err)
{
    struct target *t = calloc(1, sizeof(*t));
    char *name;
    int r;

    if (!t)
        return err_set(err, -ENOMEM, "There is no memory for a database.");
    r = url_parse(&t->arena, url, &t->url, NULL); /* Its words may show the password. */
    if (r < 0)
        r = err_set(err, -EINVAL, "The URL of the MariaDB database is not well-formed.");
    if (r >= 0)
        r = read_options(t, err);
    if (r >= 0 && t->url.path && t->url.path[0] == '/' && t->url.path[1]) {
        r = url_decode(&t->arena, t->url.path + 1, strlen(t->url.path + 1), false, &name);
        t->name = r < 0 ? NULL : name;
    }
    if (r >= 0 && !t->name)
        r = err_set(err, -EINVAL, "The database's URL does not name the database.");
    if (r < 0) {
        maria_target_free(t);
        return r;
    }
    *ret = t;
    return 0;
}

static int code_of(unsigned e)
{
    static const struct {
        unsigned error;
        int code;
    } codes[] = {
        { ER_DUP_ENTRY, -EEXIST },
        { ER_DUP_UNIQUE, -EEXIST },
        { ER_TABLE_EXISTS_ERROR, -EEXIST },
        { ER_DUP_FIELDNAME, -EEXIST },
        { ER_DUP_KEYNAME, -EEXIST },
        { ER_NO_REFERENCED_ROW, -EINVAL },
        { ER_NO_REFERENCED_ROW_2, -EINVAL },
        { ER_ROW_IS_REFERENCED, -EINVAL },
        { ER_ROW_IS_REFERENCED_2, -EINVAL },
        { ER_BAD_NULL_ERROR, -EINVAL },
        { ER_NO_DEFAULT_FOR_FIELD, -EINVAL },
        { ER_CONSTRAINT_FAILED, -EINVAL },
        { ER_DATA_TOO_LONG, -EINVAL },
        { ER_WARN_DATA_OUT_OF_RANGE, -EINVAL },
        { ER_TRUNCATED_WRONG_VALUE, -EINVAL },
        { ER_TRUNCATED_WRONG_VALUE_FOR_FIELD, -EINVAL },
        { WARN_DATA_TRUNCATED, -EINVAL },
        { ER_LOCK_DEADLOCK, -EAGAIN },
        { ER_LOCK_WAIT_TIMEOUT, -EAGAIN },
        { ER_CHECKREAD, -EAGAIN }, /* The row has changed since it was read. */
        { CR_SERVER_GONE_ERROR, -ENOTCONN },
        { CR_SERVER_LOST, -ENOTCONN },
        { CR_CONNECTION_ERROR, -ENOTCONN },
        { CR_CONN_HOST_ERROR, -ENOTCONN },
        { CR_SSL_CONNECTION_ERROR, -ENOTCONN },
        { ER_CONNECTION_KILLED, -ENOTCONN },
        { ER_SERVER_SHUTDOWN, -ENOTCONN },
        { ER_NORMAL_SHUTDOWN, -ENOTCONN },
        { ER_UNKNOWN_STMT_HANDLER, -ENOTCONN },
        { CR_STMT_CLOSED, -ENOTCONN },
        { CR_NEW_STMT_METADATA, -ENOTCONN }, /* The table has changed: prepare again. */
    };

    for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
        if (codes[i].error == e)
            return codes[i].code;
    return -EIO;
}

/* The server's words for a taken key or a wrong value hold the value. */
static int fail(unsigned e, const char *text, struct err *err)
{
    int code = code_of(e);

    switch (code) {
    case -EEXIST:
        return err_set(err, code, "A row with the same unique value exists already.");
    case -EINVAL:
        return err_set(err, code, "The database refuses a value (error %u).", e);
    case -ENOTCONN:
        return err_set(err, code, "The connection to the database was lost.");
    default:
        return err_set(err, code, "The database says: %s.", text);
    }
}

static int fail_conn(struct maria *c, struct err *err)
{
    return fail(mysql_errno(&c->m), mysql_error(&c->m), err);
}

static int command(struct maria *c, const char *sql, struct err *err)
{
    MYSQL_RES *res;

    if (mysql_real_query(&c->m, sql, strlen(sql)) != 0)
        return fail_conn(c, err);
    res = mysql_store_result(&c->m);
    if (res)
        mysql_free_result(res);
    return 0;
}

static void set_options(MYSQL *m, const struct target *t)
{
    static const char init[] = "SET sql_mode = 'STRICT_ALL_TABLES,ANSI_QUOTES,PIPES_AS_CONCAT,"
                               "NO_BACKSLASH_ESCAPES,NO_ENGINE_SUBSTITUTION,NO_AUTO_VALUE_ON_ZERO,"
                               "ERROR_FOR_DIVISION_BY_ZERO,NO_ZERO_DATE', innodb_lock_wait_timeout = 10,"
                               " autocommit = 0, default_storage_engine = InnoDB";
    unsigned connect_s = CONNECT_S, answer_s = ANSWER_S, tcp = MYSQL_PROTOCOL_TCP;
    my_bool verify = 1, report_truncation = 1;

    mysql_options(m, MYSQL_OPT_CONNECT_TIMEOUT, &connect_s);
    mysql_options(m, MYSQL_OPT_READ_TIMEOUT, &answer_s);
    mysql_options(m, MYSQL_OPT_WRITE_TIMEOUT, &answer_s);
    mysql_options(m, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    mysql_options(m, MYSQL_INIT_COMMAND, init);
    mysql_options(m, MYSQL_INIT_COMMAND, level_of_writing);
    mysql_options(m, MYSQL_REPORT_DATA_TRUNCATION, &report_truncation);
    if (!t->socket) /* Also to "localhost": what the URL says. */
        mysql_options(m, MYSQL_OPT_PROTOCOL, &tcp);
    if (t->ssl_ca) {
        mysql_ssl_set(m, t->ssl_key, t->ssl_cert, t->ssl_ca, NULL, NULL);
        mysql_options(m, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
    }
}

static void init_library(void)
{
    mysql_library_init(0, NULL, NULL);
}

static void maria_disconnect(void *conn)
{
    struct maria *c = conn;

    mysql_close(&c->m);
    free(c);
}

static int maria_connect(const void *target, void **ret, struct err *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT; /* The library's own start is not for threads. */
    const struct target *t = target;
    struct maria *c = calloc(1, sizeof(*c));
    int r;

    if (!c)
        return err_set(err, -ENOMEM, "There is no memory for a connection.");
    pthread_once(&once, init_library);
    mysql_init(&c->m);
    set_options(&c->m, t);
    c->write = true;
    if (!mysql_real_connect(&c->m, t->url.host, t->url.user, t->url.password, t->name, t->url.port, t->socket,
                            CLIENT_FOUND_ROWS)) {
        r = err_set(err, -EHOSTDOWN, "Cannot connect to the database: %s.", mysql_error(&c->m));
        maria_disconnect(c);
        return r;
    }
    *ret = c;
    return 0;
}

static int maria_begin(void *conn, bool write, struct err *err)
{
    struct maria *c = conn;
    int r;

    c->used = false;
    if (c->write == write)
        return 0;
    r = command(c, write ? level_of_writing : level_of_reading, err);
    if (r >= 0)
        c->write = write;
    return r;
}

static int maria_commit(void *conn, struct err *err)
{
    struct maria *c = conn;

    if (!c->used)
        return 0;
    c->used = false;
    return mysql_commit(&c->m) == 0 ? 0 : fail_conn(c, err);
}

static int maria_rollback(void *conn)
{
    struct maria *c = conn;

    if (!c->used)
        return 0;
    c->used = false;
    return mysql_rollback(&c->m) == 0 ? 0 : -ENOTCONN;
}

static void maria_finish(void *conn attr_unused, void *stmt)
{
    struct maria_stmt *s = stmt;

    mysql_stmt_close(s->s);
    free(s);
}

static int maria_prepare(void *conn, const char *sql, bool writes, void **ret, struct err *err)
{
    struct maria *c = conn;
    struct maria_stmt *s = calloc(1, sizeof(*s));
    int r;

    if (s)
        s->s = mysql_stmt_init(&c->m);
    if (!s || !s->s) {
        free(s);
        return err_set(err, -ENOMEM, "There is no memory for a statement.");
    }
    if (mysql_stmt_prepare(s->s, sql, strlen(sql)) != 0) {
        r = fail(mysql_stmt_errno(s->s), mysql_stmt_error(s->s), err);
        maria_finish(c, s);
        return r == -ENOTCONN ? r : -EIO;
    }
    s->params = mysql_stmt_param_count(s->s);
    s->writes = writes;
    *ret = s;
    return 0;
}

static void bind_param(MYSQL_BIND *b, const struct val *v)
{
    switch (v->kind) {
    case VAL_INT:
        b->buffer_type = MYSQL_TYPE_LONGLONG;
        b->buffer = (void *) &v->i;
        break;
    case VAL_DOUBLE:
        b->buffer_type = MYSQL_TYPE_DOUBLE;
        b->buffer = (void *) &v->d;
        break;
    case VAL_TEXT:
    case VAL_BLOB:
        b->buffer_type = v->kind == VAL_TEXT ? MYSQL_TYPE_STRING : MYSQL_TYPE_BLOB;
        b->buffer = (void *) v->s;
        b->buffer_length = v->kind == VAL_TEXT && v->n == 0 ? strlen(v->s) : v->n;
        break;
    default:
        b->buffer_type = MYSQL_TYPE_NULL;
    }
}

static int fail_stmt(const struct maria_stmt *s, struct err *err)
{
    return fail(mysql_stmt_errno(s->s), mysql_stmt_error(s->s), err);
}

static int execute(const struct maria_stmt *s, const struct val *v, size_t n, struct err *err)
{
    auto_arena struct arena a = { 0 };
    MYSQL_BIND *b = arena_array(&a, MYSQL_BIND, n + 1);
    int r;

    if (n != s->params)
        return err_set(err, -EIO, "SQL: %zu values for %u placeholders.", n, s->params);
    for (size_t i = 0; i < n; i++)
        bind_param(&b[i], &v[i]);
    if ((n > 0 && mysql_stmt_bind_param(s->s, b)) || mysql_stmt_execute(s->s) != 0) {
        r = fail_stmt(s, err);
        return r == -EINVAL && !s->writes ? -EIO : r;
    }
    return 0;
}

/* Where a column goes: numbers at once, text and bytes when their length is
 * known. */
struct cell {
    union {
        long long i;
        double d;
    };
    unsigned long n;
    my_bool null, cut;
    enum val_kind kind;
};

static enum val_kind kind_of(const MYSQL_FIELD *f)
{
    switch (f->type) {
    case MYSQL_TYPE_TINY:
    case MYSQL_TYPE_SHORT:
    case MYSQL_TYPE_INT24:
    case MYSQL_TYPE_LONG:
    case MYSQL_TYPE_LONGLONG:
        return VAL_INT;
    case MYSQL_TYPE_DECIMAL:
    case MYSQL_TYPE_NEWDECIMAL: /* What sum() makes of integers. */
        return f->decimals == 0 ? VAL_INT : VAL_DOUBLE;
    case MYSQL_TYPE_FLOAT:
    case MYSQL_TYPE_DOUBLE:
        return VAL_DOUBLE;
    default:
        return f->charsetnr == 63 ? VAL_BLOB : VAL_TEXT; /* 63: binary. */
    }
}

static void bind_result(MYSQL_BIND *b, struct cell *c, const MYSQL_FIELD *f)
{
    c->kind = kind_of(f);
    *b = (MYSQL_BIND){ .length = &c->n, .is_null = &c->null, .error = &c->cut };
    switch (c->kind) {
    case VAL_INT:
        b->buffer_type = MYSQL_TYPE_LONGLONG;
        b->buffer = &c->i;
        break;
    case VAL_DOUBLE:
        b->buffer_type = MYSQL_TYPE_DOUBLE;
        b->buffer = &c->d;
        break;
    default:
        b->buffer_type = MYSQL_TYPE_BLOB;
    }
}

static struct val read_cell(const struct maria_stmt *s, const struct cell *c, unsigned i, struct arena *a)
{
    struct val v = { .kind = c->kind, .n = c->n };
    MYSQL_BIND b = { .buffer_type = MYSQL_TYPE_BLOB, .buffer_length = c->n };
    unsigned long n;

    if (c->null)
        return val_null();
    if (c->kind == VAL_INT)
        return val_int(c->i);
    if (c->kind == VAL_DOUBLE)
        return val_double(c->d);
    b.buffer = arena_alloc(a, c->n + 1);
    b.length = &n;
    v.s = b.buffer;
    if (c->n > 0)
        mysql_stmt_fetch_column(s->s, &b, i, 0);
    return v;
}

static int fetch_all(const struct maria_stmt *s, struct arena *a, struct rows *ret, struct err *err)
{
    auto_arena struct arena own = { 0 };
    MYSQL_RES *meta = mysql_stmt_result_metadata(s->s);
    unsigned columns = meta ? mysql_num_fields(meta) : 0;
    struct cell *cells = arena_array(&own, struct cell, columns + 1);
    MYSQL_BIND *b = arena_array(&own, MYSQL_BIND, columns + 1);
    size_t rows, i = 0;
    int r;

    for (unsigned c = 0; c < columns; c++)
        bind_result(&b[c], &cells[c], mysql_fetch_field_direct(meta, c));
    if (meta)
        mysql_free_result(meta);
    if (columns == 0 || mysql_stmt_bind_result(s->s, b) || mysql_stmt_store_result(s->s) != 0)
        return columns == 0 ? 0 : fail_stmt(s, err);

    rows = mysql_stmt_num_rows(s->s);
    ret->columns = columns;
    ret->cells = rows > 0 ? arena_array(a, struct val, rows * columns) : NULL;
    while ((r = mysql_stmt_fetch(s->s)) == 0 || r == MYSQL_DATA_TRUNCATED) {
        for (unsigned c = 0; c < columns; c++)
            ret->cells[i * columns + c] = read_cell(s, &cells[c], c, a);
        i++;
    }
    ret->count = i;
    return r == MYSQL_NO_DATA ? 0 : fail_stmt(s, err);
}

static int64_t maria_run(void *conn, void *stmt, const struct val *v, size_t n, struct arena *a,
                         struct rows *rows, struct err *err)
{
    const struct maria_stmt *s = stmt;
    struct maria *c = conn;
    struct rows none = { 0 };
    auto_arena struct arena unseen = { 0 };
    int r;

    c->used = true;
    r = execute(s, v, n, err);
    if (r < 0)
        return r;
    if (mysql_stmt_field_count(s->s) == 0) /* Of RETURNING it is known only now. */
        return (int64_t) mysql_stmt_affected_rows(s->s);
    r = fetch_all(s, rows ? a : &unseen, rows ? rows : &none, err);
    mysql_stmt_free_result(s->s);
    return r;
}

static int maria_script(void *conn, const char *sql, struct err *err)
{
    struct maria *c = conn;

    c->used = true;
    return command(c, sql, err);
}

static int maria_ping(void *conn, struct err *err)
{
    struct maria *c = conn;

    return mysql_ping(&c->m) == 0 ? 0 : fail_conn(c, err);
}

/* Collations without padding: 'a' and 'a ' differ, as on the others. */
#define BYTES "CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin"

const struct db_driver db_driver_mariadb = {
    .kind = DB_MARIADB,
    .schemes = (const char *const[]){ "mysql", "mysql+pymysql", "mysql+mysqldb", "mariadb", "mariadb+pymysql",
                                      NULL },
    .words = (const char *const[]){ "serial", "BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY", "text",
                                    "LONGTEXT " BYTES, "bool", "SMALLINT", "blob", "LONGBLOB", "key",
                                    "VARCHAR(64) CHARACTER SET ascii COLLATE ascii_nopad_bin", "name",
                                    "VARCHAR(255) " BYTES, "ci",
                                    "VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_nopad_ci",
                                    "lock", " FOR UPDATE", "nulls_first", "", NULL },
    .level_stays = true,
    .null_first = { "", "" },
    .columns_sql = "SELECT column_name, CASE WHEN is_nullable = 'NO' THEN 1 ELSE 0 END,"
                   " CASE WHEN collation_name LIKE '%\\_ci' ESCAPE '\\' THEN 1 ELSE 0 END"
                   " FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ?",
    .init_sql = "ALTER DATABASE " BYTES,
    .lock_sql = "SELECT GET_LOCK(CONCAT('stackd.', DATABASE()), 10)",
    .unlock_sql = "SELECT RELEASE_LOCK(CONCAT('stackd.', DATABASE()))",
    .tables_sql = "SELECT count(*) FROM information_schema.tables"
                  " WHERE table_schema = DATABASE() AND table_name = ?",
    .target_new = maria_target_new,
    .target_free = maria_target_free,
    .connect = maria_connect,
    .disconnect = maria_disconnect,
    .ping = maria_ping,
    .begin = maria_begin,
    .commit = maria_commit,
    .rollback = maria_rollback,
    .prepare = maria_prepare,
    .finish = maria_finish,
    .run = maria_run,
    .script = maria_script,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* SQL on SQLite, MariaDB and PostgreSQL behind one face.
 *
 * SQL is written once, in what the three share, with '?' for values.  What
 * they do not share is written as a word in braces, replaced for the back end:
 *   {serial}  auto-incrementing BIGINT primary key      {text}  text without limit
 *   {bool}    SMALLINT/BOOLEAN kept as 0 and 1          {blob}  bytes
 *   {key}     VARCHAR(64), ASCII, compared by bytes     {name}  VARCHAR(255), compared by bytes
 *   {ci}      VARCHAR(255), compared without regard to case (as Keystone's MySQL does)
 *   {lock}    " FOR UPDATE" (or what is like it), "" on SQLite; ends a SELECT of
 *             plain rows in a writing transaction
 *   {nulls_first}  behind a column in CREATE INDEX that may be NULL and is
 *             sorted by, so that PostgreSQL finds the order of table_list() in it
 * Text in quotes stays as it is.  A row's new id comes from INSERT … RETURNING
 * id, which all three have.  Statements are prepared once per connection and
 * found again by their text, which may live anywhere.
 *
 * Connections: a pool; a transaction takes one and gives it back.
 *
 * Isolation: a reading transaction sees one state, that of its first
 * statement.  A writing one sees what others have committed meanwhile (but on
 * SQLite, where it is alone): what it read and decides by must be locked, with
 * {lock} or by table_get() and table_find(), which lock in writing
 * transactions. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

enum db_kind { DB_SQLITE, DB_MARIADB, DB_POSTGRESQL };

struct db;
struct txn;

/* "sqlite:///absolute/path.db", "mysql://user:pass@host:port/name" (also
 * mysql+pymysql://, mariadb://, ?unix_socket=), "postgresql://…".  The
 * database of MariaDB and PostgreSQL must exist; SQLite's file is made, 0600.
 * Does not fail when a server is not reachable yet: calls then do, with
 * -EHOSTDOWN, and succeed once it is back. */
int db_open(const char *url, unsigned max_connections, struct db **ret, struct err *err);
void db_close(struct db *d);
enum db_kind db_kind(const struct db *d);

/* Answers a ping; for health checks. */
int db_ping(struct db *d, struct err *err);

/* Starts a transaction.  A writing one takes the write lock at once (SQLite),
 * so it never fails half-way for a lock; waits up to 10 s: -EAGAIN.  Who is
 * in a transaction must not begin another: both may need the last place. */
int txn_begin(struct db *d, bool write, struct txn **ret, struct err *err);

/* Commits or rolls back and gives the connection back; '*t' is null after,
 * also on failure.  -EAGAIN: a deadlock or a lost connection before the
 * commit was sent: nothing was written, the whole may be repeated. */
int txn_commit(struct txn **t, struct err *err);
void txn_rollback(struct txn **t);

static inline void txn_rollback_cleanup(struct txn **t)
{
    if (*t)
        txn_rollback(t);
}
#define auto_rollback __attribute__((cleanup(txn_rollback_cleanup)))

struct db *txn_db(struct txn *t);

/* Runs 'fn' in a writing transaction and commits when it returns >= 0;
 * repeats (at most 5 times) when the back end says -EAGAIN.  'fn' must be
 * repeatable: it changes nothing but the database and its own context. */
int txn_run(struct db *d, int (*fn)(struct txn *t, void *ctx, struct err *err), void *ctx, struct err *err);

/* A value for '?'. */
enum val_kind { VAL_NULL, VAL_INT, VAL_DOUBLE, VAL_TEXT, VAL_BLOB };
struct val {
    enum val_kind kind;
    int64_t i;
    double d;
    const char *s; /* VAL_TEXT, VAL_BLOB */
    size_t n;      /* VAL_BLOB: its length; VAL_TEXT: 0 means strlen */
};

struct val val_text(const char *s); /* Null becomes SQL NULL. */
struct val val_int(int64_t i);
struct val val_double(double d);
struct val val_blob(const void *p, size_t n);
struct val val_null(void);

/* Executes a statement without rows.  After -EEXIST and -EINVAL the statement
 * has done nothing and the transaction may go on, on all three; after any
 * other error it can only be rolled back.  Returns the number of rows that were
 * changed (matched, on all back ends), or -EEXIST (unique key), -EINVAL
 * (reference to a row that is not there, or still referred to: also
 * -EINVAL), -EAGAIN, -EHOSTDOWN, -EIO. */
int64_t sql_exec_v(struct txn *t, struct err *err, const char *sql, const struct val *v, size_t n);

/* Rows of a query, all read into the arena, so that the statement is free
 * again. */
struct rows {
    size_t count, columns;
    struct val *cells; /* count * columns; text is null-terminated. */
};
int sql_query_v(struct txn *t, struct arena *a, struct rows *ret, struct err *err, const char *sql,
                const struct val *v, size_t n);

/* Cells.  Null text for SQL NULL; 'otherwise' for NULL numbers. */
const char *rows_text(const struct rows *r, size_t row, size_t col);
int64_t rows_int(const struct rows *r, size_t row, size_t col, int64_t otherwise);
double rows_double(const struct rows *r, size_t row, size_t col, double otherwise);

/* First cell of the first row: 0, -ENOENT without a row. */
int sql_get_int_v(struct txn *t, int64_t *ret, struct err *err, const char *sql, const struct val *v,
                  size_t n);

/* With values written in place: sql_exec(t, err, "DELETE FROM x WHERE id = ?", val_text(id)). */
#define sql_vals_(...)  ((const struct val[]){ { 0 }, ##__VA_ARGS__ }) + 1
#define sql_count_(...) (sizeof((const struct val[]){ { 0 }, ##__VA_ARGS__ }) / sizeof(struct val) - 1)
#define sql_exec(t, err, sql, ...) \
    sql_exec_v((t), (err), (sql), sql_vals_(__VA_ARGS__), sql_count_(__VA_ARGS__))
#define sql_query(t, a, ret, err, sql, ...) \
    sql_query_v((t), (a), (ret), (err), (sql), sql_vals_(__VA_ARGS__), sql_count_(__VA_ARGS__))
#define sql_get_int(t, ret, err, sql, ...) \
    sql_get_int_v((t), (ret), (err), (sql), sql_vals_(__VA_ARGS__), sql_count_(__VA_ARGS__))

/* Migrations: steps that only go forward.  Table "schema_version" holds the
 * number of the last one; several processes may call at once.  A step may
 * hold several statements, each ended by ";\n". */
struct migration {
    const char *name; /* "users and groups" */
    const char *sql;
};
int db_migrate(struct db *d, const struct migration *m, struct err *err); /* Ended by a null name. */
int db_version(struct db *d, int64_t *ret, struct err *err);

/* SPDX-License-Identifier: Apache-2.0 */
/* What data/ needs from a back end.  Internal: services see data/db.h only.
 *
 * A connection is used by one thread at a time.  Beside the codes of db.h
 * every call may return -ENOTCONN: the connection is gone and is thrown away;
 * what was not committed was not written. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/hash.h"
#include "data/db.h"
#include "data/gate.h"

#define DB_WAIT_US      (10 * 1000000LL) /* For a connection, for the write lock, for a row lock. */

#define STATEMENTS_NEAR 256 /* Places of db_conn.near: more than a service has statements on its hot paths. */

struct db_driver {
    enum db_kind kind;
    const char *const *schemes; /* Of its URLs, ended by null. */
    const char *const *words;   /* Pairs: word in braces, replacement; ended by null. */
    bool numbered;              /* Placeholders are $1, $2, … instead of ?. */
    bool one_writer;            /* Writers of a process queue before begin(). */
    bool row_values;            /* (a, b) > (?, ?) finds its place in an index. */
    bool level_stays;           /* begin() is cheap on a connection that did the same before. */
    bool ddl_in_txn;            /* CREATE TABLE can be rolled back. */
    bool like_ignores_ci;       /* LIKE is by bytes also where the column is not. */
    const char *null_first[2];  /* What an ascending and a descending nullable column need. */

    /* Query of (column, 1 when it cannot be null, 1 when case does not count) of table '?'. */
    const char *columns_sql;
    const char *init_sql;              /* For a database without tables; may be null. */
    const char *lock_sql, *unlock_sql; /* Keeps a second migration out; null: the write lock does. */
    const char *tables_sql;            /* Number of tables named '?'. */

    /* What the URL says, without connecting. */
    int (*target_new)(const char *url, void **ret, struct err *err);
    void (*target_free)(void *target);

    int (*connect)(const void *target, void **ret, struct err *err);
    void (*disconnect)(void *conn);
    int (*ping)(void *conn, struct err *err);

    int (*begin)(void *conn, bool write, struct err *err);
    int (*commit)(void *conn, struct err *err);
    int (*rollback)(void *conn); /* < 0: throw the connection away. */

    /* 'sql' has the placeholders and words of the back end; 'writes' when it
     * is no query.  A statement that failed with -EEXIST or -EINVAL has done
     * nothing and the transaction goes on. */
    int (*prepare)(void *conn, const char *sql, bool writes, void **ret, struct err *err);
    void (*finish)(void *conn, void *stmt);

    /* Runs; 'rows' null when none are wanted.  Returns the rows changed. */
    int64_t (*run)(void *conn, void *stmt, const struct val *v, size_t n, struct arena *a, struct rows *rows,
                   struct err *err);

    /* One statement without values or rows, not prepared: DDL.  -EEXIST when
     * what it makes is there already. */
    int (*script)(void *conn, const char *sql, struct err *err);
};

extern const struct db_driver db_driver_sqlite, db_driver_mariadb, db_driver_postgresql;

/* A prepared statement of a connection, in the order of use. */
struct db_stmt {
    struct db_stmt *prev, *next;
    char *text;   /* As the caller wrote it. */
    bool changes; /* Rows, or locks them: not for a reading transaction. */
    void *handle;
};

struct txn {
    struct db *db;
    struct db_conn *conn;
    bool write;
    int failed;   /* What ended it early; all that follows fails alike. */
    bool lost;    /* The connection is not to be used again. */
    unsigned ran; /* Statements that succeeded. */
};

struct db_conn {
    struct db_conn *next; /* In the idle list. */
    void *handle;         /* The driver's. */
    int64_t idle_since_us;
    struct hash by_text;  /* Of struct db_stmt. */
    struct db_stmt stmts; /* Ring; stmts.next is the newest. */
    struct txn txn;       /* A connection runs one transaction. */

    /* The statement last found for a text at that address, or null.  Most texts
     * are constants: comparing one costs a fraction of hashing it. */
    struct db_stmt *near[STATEMENTS_NEAR];
};

struct db {
    const struct db_driver *driver;
    void *target;
    struct gate slots, writers;
    pthread_mutex_t lock; /* Of what follows. */
    struct db_conn *idle; /* Last used first, so that the rest grows cold. */
    struct hash columns;  /* "table.column" to COLUMN_*. */
};

enum { COLUMN_KNOWN = 1, COLUMN_NOT_NULL = 2, COLUMN_CI = 4 };

/* COLUMN_* of a column, 0 when the database has none of that name. */
int db_column(struct txn *t, struct arena *a, const char *table, const char *column, unsigned *ret,
              struct err *err);
void db_columns_forget(struct db *d);

/* Rewrites placeholders and words; the caller frees '*ret'. */
int sql_rewrite(const struct db_driver *dr, const char *sql, char **ret, struct err *err);
void conn_forget_statements(struct db *d, struct db_conn *c);

/* Gives 't', in which nothing ran, another connection.  0 or -EHOSTDOWN. */
int txn_reconnect(struct txn *t, struct err *err);

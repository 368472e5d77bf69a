/* SPDX-License-Identifier: Apache-2.0 */
#include "data/db.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/str.h"
#include "kit/sqltest.h"

static const struct migration steps[] = {
    { "counters", "CREATE TABLE counters (id {key} NOT NULL PRIMARY KEY, n BIGINT NOT NULL, data {blob});\n"
                  "INSERT INTO counters (id, n) VALUES ('a', 0), ('b', 0);\n" },
    { "numbered", "CREATE TABLE numbered (id {serial}, word {name} NOT NULL DEFAULT '{?}', ok {bool});\n" },
    { 0 },
};

static int64_t value(struct db *d, const char *id)
{
    auto_rollback struct txn *x = NULL;
    struct err err = { 0 };
    int64_t n = -1;

    EXPECT_OK(txn_begin(d, false, &x, &err), &err);
    EXPECT_OK(sql_get_int(x, &n, &err, "SELECT n FROM counters WHERE id = ?", val_text(id)), &err);
    return n;
}

TEST_SQL(what_is_committed_stays_and_what_is_rolled_back_goes)
{
    struct db *d = test_db(t, kind, steps);
    struct err err = { 0 };
    struct txn *x;

    EXPECT_OK(txn_begin(d, true, &x, &err), &err);
    EXPECT_INT(sql_exec(x, &err, "UPDATE counters SET n = n + ?", val_int(5)), 2);
    EXPECT_OK(txn_commit(&x, &err), &err);
    EXPECT_TRUE(x == NULL);
    EXPECT_INT(value(d, "a"), 5);

    EXPECT_OK(txn_begin(d, true, &x, &err), &err);
    EXPECT_INT(sql_exec(x, &err, "DELETE FROM counters"), 2);
    txn_rollback(&x);
    EXPECT_INT(value(d, "b"), 5);
}

TEST_SQL(values_of_all_kinds_come_back)
{
    static const char bytes[] = "\0\x01'\\\xff";
    struct db *d = test_db(t, kind, steps);
    struct arena *a = test_arena(t);
    struct err err = { 0 };
    struct rows r;
    struct txn *x;
    int64_t id;

    EXPECT_OK(txn_begin(d, true, &x, &err), &err);
    EXPECT_INT(sql_exec(x, &err, "UPDATE counters SET data = ?, n = ? WHERE id = ?", val_blob(bytes, 5),
                        val_int(INT64_MIN), val_text("a")),
               1);
    EXPECT_OK(
        sql_query(x, a, &r, &err, "SELECT id, n, data, 1.5, count(*) OVER () FROM counters ORDER BY id"),
        &err);
    EXPECT_INT(r.count, 2);
    EXPECT_INT(r.columns, 5);
    EXPECT_STR(rows_text(&r, 0, 0), "a");
    EXPECT_INT(rows_int(&r, 0, 1, 0), INT64_MIN);
    EXPECT_INT(r.cells[2].kind, VAL_BLOB);
    EXPECT_INT(r.cells[2].n, 5);
    EXPECT_TRUE(memcmp(r.cells[2].s, bytes, 5) == 0);
    EXPECT_INT(r.cells[3].kind, VAL_DOUBLE);
    EXPECT_TRUE(r.cells[3].d == 1.5);
    EXPECT_INT(rows_int(&r, 1, 4, 0), 2);
    EXPECT_TRUE(rows_text(&r, 1, 2) == NULL);
    EXPECT_INT(rows_int(&r, 1, 2, -7), -7);

    EXPECT_OK(sql_get_int(x, &id, &err, "SELECT sum(n) FROM counters WHERE id = 'b'"), &err);
    EXPECT_INT(id, 0);
    EXPECT_OK(sql_get_int(x, &id, &err, "INSERT INTO numbered (ok) VALUES (?) RETURNING id", val_int(1)),
              &err);
    EXPECT_INT(id, 1);
    EXPECT_OK(sql_query(x, a, &r, &err, "SELECT word, ok FROM numbered WHERE id = ?{lock}", val_int(id)),
              &err);
    EXPECT_STR(rows_text(&r, 0, 0), "{?}");
    EXPECT_INT(rows_int(&r, 0, 1, 0), 1);
    EXPECT_INT(sql_get_int(x, &id, &err, "SELECT id FROM numbered WHERE id = 99"), -ENOENT);
    EXPECT_OK(txn_commit(&x, &err), &err);
}

TEST_SQL(a_wrong_statement_fails_the_transaction)
{
    struct db *d = test_db(t, kind, steps);
    struct err err = { 0 };
    struct txn *x;
    int64_t n;

    EXPECT_OK(txn_begin(d, true, &x, &err), &err);
    EXPECT_INT(sql_exec(x, &err, "UPDATE counters SET n = 9"), 2);
    EXPECT_INT(sql_exec(x, &err, "UPDATE nothing SET n = 9"), -EIO);
    EXPECT_INT(sql_exec(x, &err, "UPDATE counters SET n = 10"), -EIO);
    EXPECT_INT(txn_commit(&x, &err), -EIO);
    EXPECT_INT(value(d, "a"), 0);

    EXPECT_OK(txn_begin(d, true, &x, &err), &err);
    EXPECT_INT(sql_exec(x, &err, "UPDATE counters SET n = ?"), -EIO);
    txn_rollback(&x);
    EXPECT_OK(txn_begin(d, true, &x, &err), &err);
    EXPECT_INT(sql_exec(x, &err, "UPDATE counters SET n = 1{what}"), -EIO);
    EXPECT_MATCH(err.msg, "{what}");
    txn_rollback(&x);
    EXPECT_OK(txn_begin(d, false, &x, &err), &err);
    EXPECT_INT(sql_exec(x, &err, "UPDATE counters SET n = 1"), -EIO);
    txn_rollback(&x);
    EXPECT_OK(txn_begin(d, false, &x, &err), &err);
    EXPECT_INT(sql_get_int(x, &n, &err, "SELECT n FROM counters WHERE id = 'a'{lock}"), -EIO);
    txn_rollback(&x);
    EXPECT_INT(value(d, "a"), 0);
}

TEST_SQL(a_reader_sees_one_state)
{
    struct db *d = test_db(t, kind, steps);
    struct err err = { 0 };
    struct txn *x, *y;
    int64_t n;

    EXPECT_OK(txn_begin(d, false, &x, &err), &err);
    EXPECT_OK(sql_get_int(x, &n, &err, "SELECT n FROM counters WHERE id = 'a'"), &err);
    EXPECT_OK(txn_begin(d, true, &y, &err), &err);
    EXPECT_INT(sql_exec(y, &err, "UPDATE counters SET n = 7"), 2);
    EXPECT_OK(txn_commit(&y, &err), &err);
    EXPECT_OK(sql_get_int(x, &n, &err, "SELECT n FROM counters WHERE id = 'b'"), &err);
    EXPECT_INT(n, 0);
    EXPECT_OK(txn_commit(&x, &err), &err);
    EXPECT_INT(value(d, "b"), 7);
}

struct worker {
    pthread_t thread;
    struct db *db;
    const char *first, *second;
    int result;
};

/* Reads and writes back, in the order of the worker: two with the opposite
 * order meet in a deadlock where rows are locked. */
static int add_to_both(struct txn *x, void *ctx, struct err *err)
{
    const struct worker *w = ctx;
    const char *ids[] = { w->first, w->second };

    for (size_t i = 0; i < 2; i++) {
        int64_t n, r;

        r = sql_get_int(x, &n, err, "SELECT n FROM counters WHERE id = ?{lock}", val_text(ids[i]));
        if (r >= 0)
            r = sql_exec(x, err, "UPDATE counters SET n = ? WHERE id = ?", val_int(n + 1), val_text(ids[i]));
        if (r < 0)
            return (int) r;
    }
    return 0;
}

static void *work(void *arg)
{
    struct worker *w = arg;
    struct err err = { 0 };

    for (int i = 0; i < 25 && w->result >= 0; i++)
        do
            w->result = txn_run(w->db, add_to_both, w, &err);
        while (w->result == -EAGAIN);
    return NULL;
}

TEST_SQL(many_writers_lose_nothing)
{
    struct db *d = test_db(t, kind, steps);
    struct worker w[6] = { 0 };

    for (size_t i = 0; i < ARRAY_SIZE(w); i++) {
        w[i] = (struct worker){ .db = d, .first = i & 1 ? "a" : "b", .second = i & 1 ? "b" : "a" };
        EXPECT_INT(pthread_create(&w[i].thread, NULL, work, &w[i]), 0);
    }
    for (size_t i = 0; i < ARRAY_SIZE(w); i++)
        pthread_join(w[i].thread, NULL);
    for (size_t i = 0; i < ARRAY_SIZE(w); i++)
        EXPECT_INT(w[i].result, 0);
    EXPECT_INT(value(d, "a"), 150);
    EXPECT_INT(value(d, "b"), 150);
}

static int fail_twice(struct txn *x, void *ctx, struct err *err)
{
    int *n = ctx, r;

    r = (int) sql_exec(x, err, "UPDATE counters SET n = n + 1");
    if (r < 0)
        return r;
    return ++*n < 3 ? err_set(err, -EAGAIN, "Again.") : *n;
}

TEST_SQL(txn_run_repeats_what_may_be_repeated)
{
    struct db *d = test_db(t, kind, steps);
    struct err err = { 0 };
    int n = 0;

    EXPECT_INT(txn_run(d, fail_twice, &n, &err), 3);
    EXPECT_INT(value(d, "a"), 1);
    n = -10;
    EXPECT_INT(txn_run(d, fail_twice, &n, &err), -EAGAIN);
    EXPECT_INT(n, -5);
    EXPECT_INT(value(d, "a"), 1);
}

static const char *long_list(struct arena *a, int n)
{
    return arena_printf(a, "SELECT n + %d FROM counters WHERE id = 'a'", n);
}

TEST_SQL(more_statements_than_the_cache_holds_still_run)
{
    struct db *d = test_db(t, kind, steps);
    struct arena *a = test_arena(t);
    struct err err = { 0 };
    struct txn *x;
    int64_t n;

    EXPECT_OK(txn_begin(d, false, &x, &err), &err);
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 300; i++) {
            EXPECT_OK(sql_get_int(x, &n, &err, long_list(a, i)), &err);
            EXPECT_INT(n, i);
        }
    EXPECT_OK(txn_commit(&x, &err), &err);
}

TEST_SQL(a_cut_connection_is_replaced)
{
    struct db *d = test_db(t, kind, steps);
    struct err err = { 0 };
    struct txn *x;

    EXPECT_INT(value(d, "a"), 0);
    test_db_cut(t, kind);
    EXPECT_INT(value(d, "a"), 0); /* Idle meanwhile: nobody notices. */
    EXPECT_OK(txn_begin(d, true, &x, &err), &err);
    test_db_cut(t, kind);
    EXPECT_INT(sql_exec(x, &err, "UPDATE counters SET n = 1"), 2); /* Nor at the first statement. */
    if (kind != DB_SQLITE) {
        test_db_cut(t, kind);
        EXPECT_INT(sql_exec(x, &err, "UPDATE counters SET n = 2"), -EAGAIN);
        EXPECT_INT(txn_commit(&x, &err), -EAGAIN);
        EXPECT_INT(value(d, "a"), 0);
        EXPECT_OK(txn_begin(d, true, &x, &err), &err);
        EXPECT_INT(sql_exec(x, &err, "UPDATE counters SET n = 1"), 2);
        test_db_cut(t, kind);
        EXPECT_INT(txn_commit(&x, &err), -EHOSTDOWN);
        EXPECT_INT(value(d, "a"), 0);
        test_db_cut(t, kind);
        EXPECT_OK(db_ping(d, &err), &err);
        return;
    }
    txn_rollback(&x);
}

struct read {
    struct arena *arena;
    struct rows rows;
};

static int read_twice(struct txn *x, void *ctx, struct err *err)
{
    struct read *read = ctx;
    int64_t n;
    int r = sql_get_int(x, &n, err, "SELECT count(*) FROM counters");

    return r < 0 ? r : sql_query(x, read->arena, &read->rows, err, "SELECT * FROM counters");
}

TEST_SQL(a_table_may_change_under_a_prepared_statement)
{
    static const char *const changes[] = { "ALTER TABLE counters ADD COLUMN more BIGINT",
                                           "ALTER TABLE counters ADD COLUMN yet_more {name}" };
    struct arena *a = test_arena(t);
    const char *url = test_db_url(t, kind);
    struct err err = { 0 };
    struct db *d, *other;
    struct read read = { .arena = a };
    struct rows r;
    struct txn *x;

    EXPECT_OK(db_open(url, 2, &d, &err), &err);
    EXPECT_OK(db_open(url, 2, &other, &err), &err);
    EXPECT_OK(db_migrate(d, steps, &err), &err);
    for (int i = 0; i < 2; i++) {
        EXPECT_OK(txn_begin(d, false, &x, &err), &err);
        EXPECT_OK(sql_query(x, a, &r, &err, "SELECT * FROM counters"), &err);
        EXPECT_OK(txn_commit(&x, &err), &err);
        EXPECT_INT(r.columns, 3 + i);
        EXPECT_OK(txn_run(d, read_twice, &read, &err), &err);
        EXPECT_INT(read.rows.columns, 3 + i);

        EXPECT_OK(txn_begin(other, true, &x, &err), &err);
        EXPECT_OK((int) sql_exec(x, &err, changes[i]), &err);
        EXPECT_OK(txn_commit(&x, &err), &err);
    }
    EXPECT_OK(txn_run(d, read_twice, &read, &err), &err);
    EXPECT_INT(read.rows.columns, 5);
    db_close(d);
    db_close(other);
}

static void server_goes_and_comes(struct test *t, enum db_kind kind)
{
    struct db *d = test_db(t, kind, steps);
    struct err err = { 0 };
    struct txn *x;

    EXPECT_OK(db_ping(d, &err), &err);
    test_db_stop(t, kind);
    EXPECT_INT(db_ping(d, &err), -EHOSTDOWN);
    EXPECT_TRUE(err.msg[0] != 0);
    if (txn_begin(d, true, &x, &err) >= 0) {
        EXPECT_INT(sql_exec(x, &err, "UPDATE counters SET n = 1"), -EHOSTDOWN);
        txn_rollback(&x);
    }
    test_db_start(t, kind);
    EXPECT_OK(db_ping(d, &err), &err);
    EXPECT_INT(value(d, "a"), 0);
}

TEST(a_server_that_was_down_is_found_again_on_mariadb)
{
    server_goes_and_comes(t, DB_MARIADB);
}

TEST(a_server_that_was_down_is_found_again_on_postgresql)
{
    server_goes_and_comes(t, DB_POSTGRESQL);
}

TEST(the_file_of_sqlite_is_for_its_owner)
{
    const char *url = test_db_url(t, DB_SQLITE);
    struct err err = { 0 };
    struct stat st;
    struct db *d;

    EXPECT_OK(db_open(url, 1, &d, &err), &err);
    EXPECT_OK(db_migrate(d, steps, &err), &err);
    EXPECT_INT(stat(url + strlen("sqlite://"), &st), 0);
    EXPECT_INT(st.st_mode & 0777, 0600);
    EXPECT_INT(stat(arena_printf(test_arena(t), "%s-wal", url + strlen("sqlite://")), &st), 0);
    EXPECT_INT(st.st_mode & 0777, 0600);
    db_close(d);
}

TEST(a_url_that_means_nothing_is_refused_without_showing_it)
{
    static const char *const urls[] = { "oracle://u:secret@h/x", "sqlite://relative", "secret",
                                        "sqlite:secret" };
    struct db *d;

    for (size_t i = 0; i < ARRAY_SIZE(urls); i++) {
        struct err err = { 0 };

        EXPECT_INT(db_open(urls[i], 1, &d, &err), -EINVAL);
        EXPECT_TRUE(strstr(err.msg, "secret") == NULL);
    }
}

TEST(a_server_that_is_not_there_is_told_at_the_first_use)
{
    static const char *const urls[] = {
        "mysql+pymysql://u:secret@localhost/db?unix_socket=/nonexistent/socket",
        "postgresql+psycopg2://u:secret@/db?host=/nonexistent"
    };
    struct db *d;

    for (size_t i = 0; i < ARRAY_SIZE(urls); i++) {
        struct err err = { 0 };

        EXPECT_OK(db_open(urls[i], 1, &d, &err), &err);
        EXPECT_INT(db_ping(d, &err), -EHOSTDOWN);
        EXPECT_MATCH(err.msg, "/nonexistent");
        EXPECT_TRUE(strstr(err.msg, "secret") == NULL);
        db_close(d);
    }
}

TEST_MAIN()

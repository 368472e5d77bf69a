/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "data/db.h"
#include "kit/sqltest.h"

static const struct migration first[] = {
    { "one", "-- A comment; with a semicolon.\nCREATE TABLE one (id {key} NOT NULL PRIMARY KEY);\n" },
    { 0 },
};
static const struct migration second[] = {
    { "one", "CREATE TABLE one (id {key} NOT NULL PRIMARY KEY);\n" },
    { "two", "CREATE TABLE two (id {key} NOT NULL PRIMARY KEY);\n"
             "ALTER TABLE one ADD COLUMN n BIGINT NOT NULL DEFAULT 3;\n\n"
             "INSERT INTO one (id) VALUES ('x');\n"
             "CREATE UNIQUE INDEX one_n ON one (n)" },
    { 0 },
};
static const struct migration broken[] = {
    { "one", "CREATE TABLE one (id {key} NOT NULL PRIMARY KEY);\n" },
    { "two", "CREATE TABLE two (id {key} NOT NULL PRIMARY KEY);\n"
             "INSERT INTO two (id) VALUES ('y');\n"
             "CREATE TABLE nonsense nonsense;\n"
             "CREATE TABLE three (id {key} NOT NULL PRIMARY KEY);\n" },
    { 0 },
};
static const struct migration mended[] = {
    { "one", "CREATE TABLE one (id {key} NOT NULL PRIMARY KEY);\n" },
    { "two", "CREATE TABLE two (id {key} NOT NULL PRIMARY KEY);\n"
             "INSERT INTO two (id) VALUES ('y');\n"
             "CREATE TABLE four (id {key} NOT NULL PRIMARY KEY);\n"
             "CREATE TABLE three (id {key} NOT NULL PRIMARY KEY);\n" },
    { 0 },
};

static int64_t get(struct db *d, const char *sql)
{
    auto_rollback struct txn *x = NULL;
    struct err err = { 0 };
    int64_t n = -1;

    EXPECT_OK(txn_begin(d, false, &x, &err), &err);
    EXPECT_OK(sql_get_int(x, &n, &err, sql), &err);
    return n;
}

static int64_t version(struct db *d)
{
    struct err err = { 0 };
    int64_t n = -1;

    EXPECT_OK(db_version(d, &n, &err), &err);
    return n;
}

TEST_SQL(each_step_is_done_once)
{
    struct db *d = test_db(t, kind, NULL);
    struct err err = { 0 };

    EXPECT_INT(version(d), 0);
    EXPECT_OK(db_migrate(d, first, &err), &err);
    EXPECT_OK(db_migrate(d, first, &err), &err);
    EXPECT_INT(version(d), 1);
    EXPECT_OK(db_migrate(d, second, &err), &err);
    EXPECT_OK(db_migrate(d, second, &err), &err);
    EXPECT_INT(version(d), 2);
    EXPECT_INT(get(d, "SELECT n FROM one"), 3);
    EXPECT_OK(db_migrate(d, first, &err), &err); /* The release before still starts. */
    EXPECT_INT(version(d), 2);
}

TEST_SQL(a_step_that_fails_is_told_and_can_be_done_later)
{
    struct db *d = test_db(t, kind, NULL);
    struct err err = { 0 };

    EXPECT_TRUE(db_migrate(d, broken, &err) < 0);
    EXPECT_MATCH(err.msg, "migration 2, 'two'");
    EXPECT_TRUE(db_migrate(d, broken, &err) < 0);
    EXPECT_INT(version(d), kind == DB_MARIADB ? 1 : 0);
    EXPECT_OK(db_migrate(d, mended, &err), &err);
    EXPECT_INT(version(d), 2);
    EXPECT_INT(get(d, "SELECT count(*) FROM two"), 1);
    EXPECT_INT(get(d, "SELECT count(*) FROM three"), 0);
}

TEST_SQL(a_table_of_somebody_else_is_not_taken_over)
{
    struct db *d = test_db(t, kind, NULL);
    struct err err = { 0 };
    struct txn *x;

    EXPECT_OK(txn_begin(d, true, &x, &err), &err);
    EXPECT_OK((int) sql_exec(x, &err, "CREATE TABLE one (id INTEGER)"), &err);
    EXPECT_OK(txn_commit(&x, &err), &err);
    EXPECT_TRUE(db_migrate(d, first, &err) < 0);
    EXPECT_TRUE(db_migrate(d, first, &err) < 0);
}

TEST_SQL(several_processes_may_migrate_at_once)
{
    const char *url = test_db_url(t, kind);
    struct err err = { 0 };
    struct db *d;
    pid_t pids[4];

    for (size_t i = 0; i < ARRAY_SIZE(pids); i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            int r = db_open(url, 1, &d, &err);

            if (r >= 0)
                r = db_migrate(d, second, &err);
            if (r < 0)
                dprintf(2, "%s\n", err.msg);
            _exit(r < 0);
        }
    }
    for (size_t i = 0; i < ARRAY_SIZE(pids); i++) {
        int status = -1;

        EXPECT_INT(waitpid(pids[i], &status, 0), pids[i]);
        EXPECT_INT(status, 0);
    }
    EXPECT_OK(db_open(url, 1, &d, &err), &err);
    EXPECT_INT(version(d), 2);
    EXPECT_INT(get(d, "SELECT count(*) FROM one"), 1);
    db_close(d);
}

TEST_MAIN()

/* SPDX-License-Identifier: Apache-2.0 */
/* Databases for tests: each store test runs on all three back ends.
 *
 *     TEST_SQL(volume_list_pages_by_name)
 *     {
 *         struct db *d = test_db(t, kind, block_migrations);
 *         ...
 *     }
 *
 * makes three tests, volume_list_pages_by_name_on_sqlite, …_on_mariadb and
 * …_on_postgresql.  The first use of a kind in a test program starts a private
 * server on a socket in a fresh directory under $TMPDIR; it ends with the
 * program.  Each test_db() is a new database.
 *
 * In meson.build such a test stands twice: in the suite "unit" with the
 * environment STACKD_TEST_SQL=sqlite, and in the suite "sql" without it.
 *
 * What is not installed is skipped, unless $STACKD_TEST_SQL is "all": then
 * its tests fail.  "sqlite" skips both servers. */
#pragma once

#include "data/db.h"
#include "kit/test.h"

/* A new database with the steps 'm' (may be null) applied; closed after the test. */
struct db *test_db(struct test *t, enum db_kind kind, const struct migration *m);

/* The URL of a new, empty database. */
const char *test_db_url(struct test *t, enum db_kind kind);

/* Ends all connections of the server's clients, as a restart would. */
void test_db_cut(struct test *t, enum db_kind kind);

/* Stops the server (with its data) and starts it again on the same socket. */
void test_db_stop(struct test *t, enum db_kind kind);
void test_db_start(struct test *t, enum db_kind kind);

#define TEST_SQL(name)                                   \
    static void name(struct test *t, enum db_kind kind); \
    TEST(name##_on_sqlite)                               \
    {                                                    \
        name(t, DB_SQLITE);                              \
    }                                                    \
    TEST(name##_on_mariadb)                              \
    {                                                    \
        name(t, DB_MARIADB);                             \
    }                                                    \
    TEST(name##_on_postgresql)                           \
    {                                                    \
        name(t, DB_POSTGRESQL);                          \
    }                                                    \
    static void name(struct test *t attr_unused, enum db_kind kind attr_unused)

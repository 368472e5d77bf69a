/* SPDX-License-Identifier: Apache-2.0 */
#include "data/table.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/secret.h"
#include "base/str.h"
#include "kit/sqltest.h"

struct thing {
    const char *id, *name, *project_id, *key, *extra;
    bool shared;
    int64_t size, created_us;
    double weight;
    const char **tags;
    struct secret token;
};

static const struct column thing_columns[] = {
    COLUMN(FIELD_STRING, thing, id),
    COLUMN(FIELD_STRING, thing, name),
    COLUMN(FIELD_STRING, thing, project_id),
    COLUMN(FIELD_STRING, thing, key), /* A reserved word in MariaDB. */
    COLUMN(FIELD_JSON, thing, extra),
    COLUMN(FIELD_BOOL, thing, shared),
    COLUMN(FIELD_INT, thing, size),
    COLUMN_AS("created_at", FIELD_TIME, thing, created_us),
    COLUMN(FIELD_DOUBLE, thing, weight),
    COLUMN(FIELD_STRV, thing, tags),
    COLUMN(FIELD_SECRET, thing, token),
    { 0 },
};
static const struct table things = { "things", "id", sizeof(struct thing), thing_columns };

static const struct migration steps[] = {
    { "things", "CREATE TABLE projects (id {key} NOT NULL PRIMARY KEY, label {ci} NOT NULL UNIQUE);\n"
                "CREATE TABLE things (\n"
                "    id {key} NOT NULL PRIMARY KEY, name {name} UNIQUE,\n"
                "    project_id {key} REFERENCES projects (id), \"key\" {name}, extra {text},\n"
                "    shared {bool} NOT NULL, size BIGINT, created_at BIGINT, weight DOUBLE PRECISION,\n"
                "    tags {text}, token {text});\n" },
    { 0 },
};

static struct thing new_thing(const char *id, const char *name)
{
    return (struct thing){ .id = id, .name = name, .size = FIELD_NULL_INT, .weight = NAN };
}

/* Inserts in a transaction of its own. */
static int insert(struct db *d, struct arena *a, const struct thing *x, struct err *err)
{
    struct txn *t;
    int r = txn_begin(d, true, &t, err);

    if (r < 0)
        return r;
    r = table_insert(t, a, &things, x, err);
    if (r < 0) {
        txn_rollback(&t);
        return r;
    }
    return txn_commit(&t, err);
}

TEST_SQL(a_row_comes_back_as_it_was)
{
    const char *tags[] = { "a", "b \"quoted\"", "\xc3\xa9\xf0\x9f\x98\x80", NULL };
    struct db *d = test_db(t, kind, steps);
    struct arena *a = test_arena(t);
    struct thing x = new_thing("t1", "N\xc3\xa4me '\\' \xf0\x9f\x98\x80"), y;
    struct err err = { 0 };
    struct txn *x1;

    x.key = "";
    x.extra = "{\"a\": [1, null]}";
    x.shared = true;
    x.size = INT64_MAX;
    x.created_us = 1767323045123456;
    x.weight = 0.1;
    x.tags = tags;
    x.token = secret_of("hidden");
    EXPECT_OK(insert(d, a, &x, &err), &err);

    EXPECT_OK(txn_begin(d, false, &x1, &err), &err);
    EXPECT_OK(table_get(x1, a, &things, "t1", &y, &err), &err);
    txn_rollback(&x1);
    EXPECT_STR(y.id, "t1");
    EXPECT_STR(y.name, x.name);
    EXPECT_STR(y.project_id, NULL);
    EXPECT_STR(y.key, "");
    EXPECT_STR(y.extra, x.extra);
    EXPECT_INT(y.shared, true);
    EXPECT_INT(y.size, INT64_MAX);
    EXPECT_INT(y.created_us, x.created_us);
    EXPECT_TRUE(y.weight == 0.1);
    EXPECT_STR(strv_join(a, y.tags, "|"), strv_join(a, tags, "|"));
    EXPECT_STR(secret_expose(y.token), "hidden");
}

/* The same list, as different hands write it. */
TEST_SQL(a_list_is_read_however_its_json_is_written)
{
    static const struct {
        const char *json, *read; /* Null: no list of strings. */
    } cases[] = {
        { "[]", "" },
        { "[\"a\"]", "a" },
        { "[\"a\",\"b,c\",\"\"]", "a|b,c|" },
        { "[\"a\", \"b\"]", "a|b" },
        { " [ \"a\" ]\n", "a" },
        { "[\"\\u0061\\\"]\"]", "a\"]" },
        { "[\"a\",]", NULL },
        { "[\"a\"\"b\"]", NULL },
        { "[\"a\"]]", NULL },
        { "[\"a", NULL },
        { "[", NULL },
        { "", NULL },
        { "{}", NULL },
    };
    struct db *d = test_db(t, kind, steps);
    struct arena *a = test_arena(t);
    struct thing x = new_thing("t1", NULL), y;
    struct err err = { 0 };

    EXPECT_OK(insert(d, a, &x, &err), &err);
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        auto_rollback struct txn *x1 = NULL;
        int r;

        EXPECT_OK(txn_begin(d, true, &x1, &err), &err);
        EXPECT_OK(sql_exec(x1, &err, "UPDATE things SET tags = ?", val_text(cases[i].json)), &err);
        r = table_get(x1, a, &things, "t1", &y, &err);
        EXPECT_INT(r, cases[i].read ? 0 : -EIO);
        if (cases[i].read)
            EXPECT_STR(y.tags ? strv_join(a, y.tags, "|") : "", cases[i].read);
        err_clear(&err);
    }
}

TEST_SQL(what_is_null_stays_null)
{
    struct db *d = test_db(t, kind, steps);
    struct arena *a = test_arena(t);
    struct thing x = new_thing("t1", NULL), y;
    struct err err = { 0 };
    struct txn *x1;
    struct cond no_name = { .column = "name", .op = COND_EQ };
    struct cond no_time = { .column = "created_at", .op = COND_NULL };
    int64_t n;

    EXPECT_OK(insert(d, a, &x, &err), &err);
    EXPECT_OK(txn_begin(d, false, &x1, &err), &err);
    EXPECT_OK(table_find(x1, a, &things, &no_name, 1, &y, &err), &err);
    EXPECT_OK(table_count(x1, a, &things, &no_time, 1, &n, &err), &err);
    txn_rollback(&x1);
    EXPECT_INT(n, 1);
    EXPECT_STR(y.name, NULL);
    EXPECT_STR(y.extra, NULL);
    EXPECT_INT(y.size, FIELD_NULL_INT);
    EXPECT_INT(y.created_us, 0);
    EXPECT_TRUE(isnan(y.weight));
    EXPECT_TRUE(y.tags == NULL);
    EXPECT_TRUE(secret_expose(y.token) == NULL);
}

TEST_SQL(a_taken_key_is_told_and_the_transaction_goes_on)
{
    struct db *d = test_db(t, kind, steps);
    struct arena *a = test_arena(t);
    struct thing x = new_thing("t1", "one"), y = new_thing("t2", "one"), z = new_thing("t3", "three");
    struct err err = { 0 };
    struct txn *x1;
    int64_t n;

    EXPECT_OK(txn_begin(d, true, &x1, &err), &err);
    EXPECT_OK(table_insert(x1, a, &things, &x, &err), &err);
    EXPECT_INT(table_insert(x1, a, &things, &y, &err), -EEXIST);
    EXPECT_INT(table_insert(x1, a, &things, &x, &err), -EEXIST);
    EXPECT_INT(sql_exec(x1, &err, "UPDATE things SET project_id = ? WHERE id = ?", val_text("nowhere"),
                        val_text("t1")),
               -EINVAL);
    EXPECT_OK(table_insert(x1, a, &things, &z, &err), &err);
    EXPECT_INT(sql_exec(x1, &err, "UPDATE things SET name = 'one' WHERE id = 't3'"), -EEXIST);
    EXPECT_OK(txn_commit(&x1, &err), &err);

    EXPECT_OK(txn_begin(d, false, &x1, &err), &err);
    EXPECT_OK(table_count(x1, a, &things, NULL, 0, &n, &err), &err);
    txn_rollback(&x1);
    EXPECT_INT(n, 2);
}

TEST_SQL(a_referred_row_stays)
{
    struct db *d = test_db(t, kind, steps);
    struct arena *a = test_arena(t);
    struct thing x = new_thing("t1", "one");
    struct err err = { 0 };
    struct txn *x1;

    x.project_id = "p1";
    EXPECT_INT(insert(d, a, &x, &err), -EINVAL);
    EXPECT_OK(txn_begin(d, true, &x1, &err), &err);
    EXPECT_INT(
        sql_exec(x1, &err, "INSERT INTO projects (id, label) VALUES (?, ?)", val_text("p1"), val_text("P")),
        1);
    EXPECT_OK(table_insert(x1, a, &things, &x, &err), &err);
    EXPECT_INT(sql_exec(x1, &err, "DELETE FROM projects"), -EINVAL);
    EXPECT_INT(sql_exec(x1, &err, "UPDATE things SET shared = NULL"), -EINVAL);
    EXPECT_OK(txn_commit(&x1, &err), &err);
}

TEST_SQL(update_writes_all_or_some_columns)
{
    static const char *const only_size[] = { "size", NULL };
    struct db *d = test_db(t, kind, steps);
    struct arena *a = test_arena(t);
    struct thing x = new_thing("t1", "one"), y;
    struct err err = { 0 };
    struct txn *x1;

    EXPECT_OK(insert(d, a, &x, &err), &err);
    EXPECT_OK(txn_begin(d, true, &x1, &err), &err);
    x.name = "two";
    EXPECT_OK(table_update(x1, a, &things, &x, NULL, &err), &err);
    EXPECT_OK(table_update(x1, a, &things, &x, NULL, &err), &err); /* Changes nothing, finds the row. */
    x.name = "three";
    x.size = 3;
    EXPECT_OK(table_update(x1, a, &things, &x, only_size, &err), &err);
    EXPECT_OK(table_get(x1, a, &things, "t1", &y, &err), &err);
    EXPECT_STR(y.name, "two");
    EXPECT_INT(y.size, 3);
    EXPECT_INT(table_delete(x1, &things, "t1", &err), 1);
    EXPECT_INT(table_delete(x1, &things, "t1", &err), 0);
    EXPECT_INT(table_update(x1, a, &things, &x, NULL, &err), -ENOENT);
    EXPECT_INT(table_get(x1, a, &things, "t1", &y, &err), -ENOENT);
    EXPECT_OK(txn_commit(&x1, &err), &err);
}

static int64_t count(struct txn *x, struct arena *a, const char *column, enum cond_op op, const char *value)
{
    struct cond c = { .column = column, .op = op, .value = val_text(value) };
    struct err err = { 0 };
    int64_t n = -1;

    EXPECT_OK(table_count(x, a, &things, &c, 1, &n, &err), &err);
    return n;
}

TEST_SQL(text_is_matched_by_bytes_and_without_wildcards)
{
    static const char *const names[] = { "abc", "ABC", "abc ", "a%c", "a_c", "a\\c", "xabcx" };
    struct db *d = test_db(t, kind, steps);
    struct arena *a = test_arena(t);
    struct err err = { 0 };
    struct txn *x1;

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        struct thing x = new_thing(arena_printf(a, "t%zu", i), names[i]);

        EXPECT_OK(insert(d, a, &x, &err), &err);
    }
    EXPECT_OK(txn_begin(d, false, &x1, &err), &err);
    EXPECT_INT(count(x1, a, "name", COND_EQ, "abc"), 1);
    EXPECT_INT(count(x1, a, "name", COND_NE, "abc"), 6);
    EXPECT_INT(count(x1, a, "name", COND_CONTAINS, "abc"), 3);
    EXPECT_INT(count(x1, a, "name", COND_STARTS, "abc"), 2);
    EXPECT_INT(count(x1, a, "name", COND_ENDS, "abc"), 1);
    EXPECT_INT(count(x1, a, "name", COND_CONTAINS, "%"), 1);
    EXPECT_INT(count(x1, a, "name", COND_CONTAINS, "_"), 1);
    EXPECT_INT(count(x1, a, "name", COND_CONTAINS, "\\"), 1);
    EXPECT_INT(count(x1, a, "name", COND_LIKE, "a_c"), 4);
    EXPECT_INT(count(x1, a, "name", COND_LIKE, "a\\_c"), 1);
    EXPECT_INT(count(x1, a, "name", COND_GT, "a"), 6);
    txn_rollback(&x1);
}

struct project {
    const char *id, *label;
};
static const struct column project_columns[] = {
    COLUMN(FIELD_STRING, project, id),
    COLUMN(FIELD_STRING, project, label),
    { 0 },
};
static const struct table projects = { "projects", "id", sizeof(struct project), project_columns };

TEST_SQL(a_ci_column_does_not_regard_case)
{
    static const enum cond_op ops[] = { COND_EQ, COND_STARTS, COND_ENDS, COND_CONTAINS, COND_LIKE };
    struct db *d = test_db(t, kind, steps);
    struct arena *a = test_arena(t);
    struct project p = { "p1", "Demo" }, q = { "p2", "dEMO" };
    struct err err = { 0 };
    struct txn *x1;

    EXPECT_OK(txn_begin(d, true, &x1, &err), &err);
    EXPECT_OK(table_insert(x1, a, &projects, &p, &err), &err);
    EXPECT_INT(table_insert(x1, a, &projects, &q, &err), -EEXIST);
    for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
        struct cond c = { .column = "label", .op = ops[i], .value = val_text("DEMO") };
        int64_t n = 0;

        EXPECT_OK(table_count(x1, a, &projects, &c, 1, &n, &err), &err);
        EXPECT_INT(n, 1);
    }
    EXPECT_OK(table_find(x1, a, &projects, &(struct cond){ .column = "label", .value = val_text("demo") }, 1,
                         &q, &err),
              &err);
    EXPECT_STR(q.label, "Demo");
    EXPECT_OK(txn_commit(&x1, &err), &err);
}

TEST_SQL(lists_of_values_match)
{
    struct db *d = test_db(t, kind, steps);
    struct arena *a = test_arena(t);
    const char **many = arena_array(a, const char *, 5001), *none[] = { NULL };
    const char *two[] = { "t1", "t3", NULL };
    struct cond in = { .column = "id", .op = COND_IN, .list = two };
    struct err err = { 0 };
    struct txn *x1;
    int64_t n;

    for (int i = 0; i < 5; i++) {
        struct thing x = new_thing(arena_printf(a, "t%d", i), NULL);

        x.size = i;
        EXPECT_OK(insert(d, a, &x, &err), &err);
    }
    for (int i = 0; i < 5000; i++)
        many[i] = arena_printf(a, "t%d", i + 3);

    EXPECT_OK(txn_begin(d, true, &x1, &err), &err);
    EXPECT_OK(table_count(x1, a, &things, &in, 1, &n, &err), &err);
    EXPECT_INT(n, 2);
    in.op = COND_NOT_IN;
    EXPECT_OK(table_count(x1, a, &things, &in, 1, &n, &err), &err);
    EXPECT_INT(n, 3);
    in.list = none;
    EXPECT_OK(table_count(x1, a, &things, &in, 1, &n, &err), &err);
    EXPECT_INT(n, 5);
    in.op = COND_IN;
    EXPECT_OK(table_count(x1, a, &things, &in, 1, &n, &err), &err);
    EXPECT_INT(n, 0);
    in.list = many;
    EXPECT_OK(table_count(x1, a, &things, &in, 1, &n, &err), &err);
    EXPECT_INT(n, 2);
    in = (struct cond){ .column = "size", .op = COND_IN, .list = (const char *[]){ "1", "2", NULL } };
    EXPECT_OK(table_count(x1, a, &things, &in, 1, &n, &err), &err);
    EXPECT_INT(n, 2);
    in = (struct cond){ .column = "size > ? OR size = ?",
                        .op = COND_SQL,
                        .vals = (struct val[]){ val_int(3), val_int(0) },
                        .n_vals = 2 };
    EXPECT_INT(table_delete_where(x1, a, &things, &in, 1, &err), 2);
    EXPECT_OK(txn_commit(&x1, &err), &err);
}

TEST_MAIN()

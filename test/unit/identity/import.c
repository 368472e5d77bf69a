/* SPDX-License-Identifier: Apache-2.0 */
/* Values as Keystone writes them, and as they are kept here. */
#include <string.h>

#include "identity/import/table.h"
#include "kit/test.h"

static const struct import_name names[] = { { "IMMU", "immutable" }, { 0 } };
static const struct import_gather options = { .sql = "", .names = names };
static const struct import_gather tags = { .sql = "" };

static const struct import_column columns[] = {
    { "copy", "c" },
    { "flag", "f", IMPORT_FLAG },
    { "time", "t", IMPORT_TIME },
    { "email", "extra", IMPORT_MEMBER, "email" },
    { "text", "b", IMPORT_TEXT },
    { "extra", "extra", IMPORT_REST },
    { "tags", "id", IMPORT_LIST, .gather = &tags },
    { "options", "id", IMPORT_OBJECT, .gather = &options },
    { 0 },
};

static const struct import_table table = {
    .what = "things", .table = "things", .keys = 1, .columns = columns
};

static const struct import_column *column(const char *name)
{
    const struct import_column *c = columns;

    while (strcmp(c->name, name) != 0)
        c++;
    return c;
}

/* The value as text, "NULL", or "ERROR". */
static const char *converted(struct test *t, const char *name, struct val cell, const struct rows *found)
{
    struct val v;
    struct err err = { 0 };
    int r = import_convert(test_arena(t), &table, column(name), cell, found, &v, &err);

    if (r < 0)
        return r == -EBADMSG ? "ERROR" : "another error";
    return v.kind == VAL_NULL  ? "NULL"
           : v.kind == VAL_INT ? arena_printf(test_arena(t), "%lld", (long long) v.i)
                               : v.s;
}

TEST(import_flags_are_true_when_nobody_said)
{
    EXPECT_STR(converted(t, "flag", val_int(1), NULL), "1");
    EXPECT_STR(converted(t, "flag", val_int(0), NULL), "0");
    EXPECT_STR(converted(t, "flag", val_null(), NULL), "1");
    EXPECT_STR(converted(t, "flag", val_text("t"), NULL), "1");
    EXPECT_STR(converted(t, "flag", val_text("f"), NULL), "0");
}

TEST(import_times_become_microseconds)
{
    EXPECT_STR(converted(t, "time", val_text("1970-01-02 00:00:01"), NULL), "86401000000");
    EXPECT_STR(converted(t, "time", val_text("1970-01-02"), NULL), "86400000000");
    EXPECT_STR(converted(t, "time", val_text(""), NULL), "NULL");
    EXPECT_STR(converted(t, "time", val_null(), NULL), "NULL");
    EXPECT_STR(converted(t, "time", val_text("soon"), NULL), "ERROR");
}

TEST(import_takes_members_out_of_what_is_left)
{
    struct val extra = val_text("{\"email\": \"a@b\", \"shoe\": 39}");

    EXPECT_STR(converted(t, "email", extra, NULL), "a@b");
    EXPECT_STR(converted(t, "extra", extra, NULL), "{\"shoe\":39}");
    EXPECT_STR(converted(t, "extra", val_text("{\"email\": \"a@b\"}"), NULL), "NULL");
    EXPECT_STR(converted(t, "email", val_text("{\"email\": null}"), NULL), "NULL");
    EXPECT_STR(converted(t, "email", val_text("{\"email\": 7}"), NULL), "7");
    EXPECT_STR(converted(t, "extra", val_null(), NULL), "NULL");
    EXPECT_STR(converted(t, "extra", val_text("{broken"), NULL), "ERROR");
    EXPECT_STR(converted(t, "extra", val_text("[1]"), NULL), "ERROR");
}

TEST(import_reads_texts_that_are_written_as_json)
{
    EXPECT_STR(converted(t, "text", val_text("\"{\\\"a\\\": 1}\""), NULL), "{\"a\": 1}");
    EXPECT_STR(converted(t, "text", val_text("{\"a\": 1}"), NULL), "{\"a\": 1}");
    EXPECT_STR(converted(t, "text", val_text("1, 2"), NULL), "1, 2");
    EXPECT_STR(converted(t, "text", val_text("plain"), NULL), "plain");
}

TEST(import_gathers_what_belongs_to_the_owner)
{
    struct val cells[] = { val_text("x"), val_text("b"), val_text("x"),
                           val_text("a"), val_text("y"), val_text("c") };
    const struct rows found = { .count = 3, .columns = 2, .cells = cells };
    struct val numbered[] = { val_int(7), val_text("IMMU"), val_text("true"),
                              val_int(7), val_text("1000"), val_text("[1]"),
                              val_int(8), val_text("IMMU"), val_text("tru") };
    const struct rows more = { .count = 3, .columns = 3, .cells = numbered };

    EXPECT_STR(converted(t, "tags", val_text("x"), &found), "[\"b\",\"a\"]");
    EXPECT_STR(converted(t, "tags", val_text("z"), &found), "NULL");
    EXPECT_STR(converted(t, "options", val_int(7), &more), "{\"immutable\":true,\"1000\":[1]}");
    EXPECT_STR(converted(t, "options", val_int(9), &more), "NULL");
    EXPECT_STR(converted(t, "options", val_int(8), &more), "ERROR");
}

/* Every table says of each row which it is, and can be read page by page. */
TEST(import_tables_are_complete)
{
    for (size_t i = 0; import_tables[i]; i++) {
        const struct import_table *tab = import_tables[i];
        size_t n = 0, order = 0;

        while (tab->columns[n].name)
            n++;
        while (tab->order[order])
            order++;
        EXPECT_TRUE(tab->keys > 0 && tab->keys <= IMPORT_KEYS_MAX && tab->keys <= n);
        EXPECT_TRUE(n <= IMPORT_COLUMNS_MAX && order > 0 && order <= IMPORT_KEYS_MAX);
        for (const struct import_column *c = tab->columns; c->name; c++) {
            EXPECT_TRUE(c->from != NULL);
            EXPECT_TRUE(!c->gather == (c->kind != IMPORT_LIST && c->kind != IMPORT_OBJECT));
            EXPECT_TRUE(!c->member == (c->kind != IMPORT_MEMBER));
        }
    }
}

TEST_MAIN()

/* SPDX-License-Identifier: Apache-2.0 */
#include "image/model/filter.h"

#include "base/str.h"
#include "kit/test.h"

TEST(a_plain_value_is_compared)
{
    const char *text = NULL;
    const char *const *list = NULL;

    EXPECT_INT(filter_text(test_arena(t), "cirros", &text, &list, NULL), 0);
    EXPECT_STR(text, "cirros");
    EXPECT_TRUE(!list);
    EXPECT_INT(filter_text(test_arena(t), "eq:a:b", &text, &list, NULL), 0);
    EXPECT_STR(text, "a:b");
}

TEST(in_gives_a_list_whose_parts_may_be_quoted)
{
    const char **list = NULL;

    EXPECT_INT(filter_list(test_arena(t), "a,\"b,1\",c", &list, NULL), 0);
    EXPECT_STR(strv_join(test_arena(t), list, "|"), "a|b,1|c");
    EXPECT_INT(filter_list(test_arena(t), "", &list, NULL), 0);
    EXPECT_INT(strv_len(list), 0);
    EXPECT_INT(filter_list(test_arena(t), "\"a\\\"b\"", &list, NULL), 0);
    EXPECT_INT(strv_len(list), 1);
}

TEST(broken_quotes_are_refused)
{
    static const char *const broken[] = { "\"a", "a\"b\"", "\"a\"b", "a,\"" };
    const char **list;

    for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
        struct err err = { 0 };

        EXPECT_TRUE(filter_list(test_arena(t), broken[i], &list, &err) < 0);
        EXPECT_INT(err.status, 400);
    }
}

TEST(unknown_operators_are_refused)
{
    const char *text;
    const char *const *list;
    struct err err = { 0 };
    enum cond_op op;
    int64_t us;

    EXPECT_TRUE(filter_text(test_arena(t), "like:a", &text, &list, &err) < 0);
    EXPECT_INT(err.status, 400);
    EXPECT_TRUE(filter_time(test_arena(t), "created_at", "in:2026-01-02T03:04:05Z", &op, &us, &err) < 0);
    EXPECT_TRUE(filter_time(test_arena(t), "created_at", "gt:soon", &op, &us, &err) < 0);
}

TEST(a_time_is_no_operator)
{
    enum cond_op op;
    int64_t us = 0, same = 1;

    EXPECT_INT(filter_time(test_arena(t), "created_at", "2026-01-02T03:04:05Z", &op, &us, NULL), 0);
    EXPECT_INT(op, COND_EQ);
    EXPECT_INT(filter_time(test_arena(t), "created_at", "lte:2026-01-02T05:04:05+02:00", &op, &same, NULL),
               0);
    EXPECT_INT(op, COND_LE);
    EXPECT_INT(us, same);
}

TEST_MAIN()

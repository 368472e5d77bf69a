/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"

#include <errno.h>

#include "kit/test.h"

TEST(null_equals_only_null)
{
    EXPECT_TRUE(str_eq(NULL, NULL));
    EXPECT_TRUE(!str_eq(NULL, "") && !str_eq("", NULL));
    EXPECT_TRUE(str_eq("a", "a") && !str_eq("a", "b"));
    EXPECT_TRUE(str_empty(NULL) && str_empty("") && !str_empty("a"));
    EXPECT_TRUE(str_eq_nocase(NULL, NULL) && !str_eq_nocase(NULL, ""));
}

TEST(prefix_and_suffix)
{
    EXPECT_TRUE(str_has_prefix("abc", "ab") && str_has_prefix("abc", "") && str_has_prefix("abc", "abc"));
    EXPECT_TRUE(!str_has_prefix("abc", "abcd") && !str_has_prefix("abc", "b") && !str_has_prefix(NULL, ""));
    EXPECT_TRUE(str_has_suffix("abc", "bc") && str_has_suffix("abc", "") && str_has_suffix("abc", "abc"));
    EXPECT_TRUE(!str_has_suffix("abc", "xabc") && !str_has_suffix("abc", "b") && !str_has_suffix(NULL, ""));
}

TEST(case_is_ignored_in_ascii_only)
{
    EXPECT_TRUE(str_eq_nocase("Content-Type", "content-TYPE"));
    EXPECT_TRUE(!str_eq_nocase("abc", "abcd") && !str_eq_nocase("abcd", "abc"));
    EXPECT_TRUE(!str_eq_nocase("@", "`") && !str_eq_nocase("[", "{"));
    EXPECT_TRUE(!str_eq_nocase("\xc3\x84", "\xc3\xa4"));
}

TEST(signed_numbers_are_whole_strings)
{
    int64_t v = 7;

    EXPECT_INT(str_to_i64("9223372036854775807", &v), 0);
    EXPECT_INT(v, INT64_MAX);
    EXPECT_INT(str_to_i64("-9223372036854775808", &v), 0);
    EXPECT_INT(v, INT64_MIN);
    EXPECT_INT(str_to_i64("-0", &v), 0);
    EXPECT_INT(v, 0);
    v = 7;
    EXPECT_INT(str_to_i64("9223372036854775808", &v), -ERANGE);
    EXPECT_INT(str_to_i64("-9223372036854775809", &v), -ERANGE);
    EXPECT_INT(str_to_i64("99999999999999999999999", &v), -ERANGE);
    for (const char **s = (const char *[]){ "", "-", "--1", "+1", " 1", "1 ", "1x", "0x1", "1.0", NULL }; *s;
         s++)
        EXPECT_INT(str_to_i64(*s, &v), -EINVAL);
    EXPECT_INT(str_to_i64(NULL, &v), -EINVAL);
    EXPECT_INT(v, 7);
}

TEST(unsigned_numbers_have_no_sign)
{
    uint64_t v = 7;

    EXPECT_INT(str_to_u64("18446744073709551616", &v), -ERANGE);
    EXPECT_INT(str_to_u64("-1", &v), -EINVAL);
    EXPECT_INT(str_to_u64("99999999999999999999x", &v), -EINVAL);
    EXPECT_INT(v, 7);
    EXPECT_INT(str_to_u64("18446744073709551615", &v), 0);
    EXPECT_TRUE(v == UINT64_MAX);
    EXPECT_INT(str_to_u64("007", &v), 0);
    EXPECT_INT(v, 7);
}

TEST(doubles_are_decimal_and_finite)
{
    double v = 7;

    for (const char **s = (const char *[]){ "", "-", ".", ".5", "5.", "1e", "1e+", "inf", "nan", "0x1", " 1",
                                            "1 ", "+1", "1,5", "1.5.5", NULL };
         *s; s++)
        EXPECT_INT(str_to_double(*s, &v), -EINVAL);
    EXPECT_INT(str_to_double(NULL, &v), -EINVAL);
    EXPECT_INT(str_to_double("1e999", &v), -ERANGE);
    EXPECT_TRUE(v == 7);
    EXPECT_INT(str_to_double("-1.5", &v), 0);
    EXPECT_TRUE(v == -1.5);
    EXPECT_INT(str_to_double("25e-1", &v), 0);
    EXPECT_TRUE(v == 2.5);
    EXPECT_INT(str_to_double("16", &v), 0);
    EXPECT_TRUE(v == 16);
}

TEST(truth_is_said_in_the_known_words)
{
    bool v;

    for (const char **s = (const char *[]){ "1", "t", "True", "ON", "y", "yes", " true\n", NULL }; *s; s++) {
        v = false;
        EXPECT_INT(str_to_bool(*s, &v), 0);
        EXPECT_TRUE(v);
    }
    for (const char **s = (const char *[]){ "0", "f", "False", "OFF", "n", "no", NULL }; *s; s++) {
        v = true;
        EXPECT_INT(str_to_bool(*s, &v), 0);
        EXPECT_TRUE(!v);
    }
    for (const char **s = (const char *[]){ "", " ", "2", "tr", "truee", "none", "yes no", NULL }; *s; s++) {
        v = true;
        EXPECT_INT(str_to_bool(*s, &v), -EINVAL);
        EXPECT_TRUE(v);
    }
    EXPECT_INT(str_to_bool(NULL, &v), -EINVAL);
}

TEST(utf8_is_well_formed_or_refused)
{
    static const char *const good[] = { "",
                                        "abc",
                                        "\xc2\x80",
                                        "\xe0\xa0\x80",
                                        "\xed\x9f\xbf",
                                        "\xee\x80\x80",
                                        "\xf0\x90\x80\x80",
                                        "\xf4\x8f\xbf\xbf",
                                        "a\xc3\xa4z",
                                        NULL };
    static const char *const bad[] = {
        "\x80",             /* continuation alone */
        "\xc0\x80",         /* overlong */
        "\xc1\xbf",         /* overlong */
        "\xe0\x9f\xbf",     /* overlong */
        "\xf0\x8f\xbf\xbf", /* overlong */
        "\xed\xa0\x80",     /* surrogate */
        "\xf4\x90\x80\x80", /* above U+10FFFF */
        "\xf5\x80\x80\x80",
        "\xff",
        "\xc3",
        "\xe2\x82",
        "\xf0\x9f\x98",
        "\xe2\x28\xa1",
        "\xe2\x82\x28",
        "a\xc3z",
        NULL,
    };

    strv_foreach (s, good)
        EXPECT_TRUE(str_is_utf8(*s, strlen(*s)));
    strv_foreach (s, bad)
        EXPECT_TRUE(!str_is_utf8(*s, strlen(*s)));
    EXPECT_TRUE(str_is_utf8("a\0b", 3));
    /* The length counts, not what stands behind it. */
    EXPECT_TRUE(!str_is_utf8("\xc3\xa4", 1));
}

TEST(utf8_length_counts_characters)
{
    EXPECT_INT(str_utf8_len(""), 0);
    EXPECT_INT(str_utf8_len("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"), 4);
}

TEST(lists_grow_from_nothing)
{
    const char **v = NULL;

    EXPECT_INT(strv_len(NULL), 0);
    EXPECT_TRUE(!strv_contains(NULL, "a"));
    for (int i = 0; i < 100; i++)
        v = strv_add(test_arena(t), v, arena_printf(test_arena(t), "%d", i));
    EXPECT_INT(strv_len(v), 100);
    EXPECT_STR(v[99], "99");
    EXPECT_TRUE(strv_contains(v, "42") && !strv_contains(v, "100"));
}

TEST(adding_to_a_static_list_copies_it)
{
    const char *fixed[] = { "a", NULL };
    const char **v = strv_add(test_arena(t), fixed, "b");

    EXPECT_INT(strv_len(v), 2);
    EXPECT_STR(fixed[1], NULL);
}

TEST(split_keeps_empty_parts)
{
    EXPECT_STR(strv_join(test_arena(t), str_split(test_arena(t), "a,,b,", ','), "|"), "a||b|");
    EXPECT_INT(strv_len(str_split(test_arena(t), "", ',')), 1);
    EXPECT_STR(str_split(test_arena(t), "", ',')[0], "");
}

TEST(join_puts_the_separator_between)
{
    EXPECT_STR(strv_join(test_arena(t), NULL, ", "), "");
    EXPECT_STR(strv_join(test_arena(t), (const char *[]){ "a", NULL }, ", "), "a");
    EXPECT_STR(strv_join(test_arena(t), (const char *[]){ "a", "", "c", NULL }, ", "), "a, , c");
}

TEST(sort_is_by_bytes)
{
    const char *v[] = { "b", "a", "B", "\xc3\xa4", "", NULL };

    strv_sort(v);
    EXPECT_STR(strv_join(test_arena(t), v, " "), " B a b \xc3\xa4");
    strv_sort(NULL);
}

TEST(lower_and_trim_copy)
{
    EXPECT_STR(str_lower(test_arena(t), "AZ az \xc3\x84"), "az az \xc3\x84");
    EXPECT_STR(str_lower(test_arena(t), NULL), NULL);
    EXPECT_STR(str_trim(test_arena(t), " \t a b\r\n"), "a b");
    EXPECT_STR(str_trim(test_arena(t), "  "), "");
    EXPECT_STR(str_trim(test_arena(t), NULL), NULL);
}

TEST_MAIN()

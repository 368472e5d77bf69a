/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/json.h"

#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "kit/test.h"

static void release(void *j)
{
    json_decref(j);
}

static json_t *read_json(struct test *t, const char *text)
{
    struct err err = { 0 };
    json_t *j = NULL;

    EXPECT_OK(json_read(text, strlen(text), &j, &err), &err);
    test_cleanup(t, release, j);
    return j;
}

/* The words of the refusal. */
static const char *refusal(struct test *t, const char *text, size_t n)
{
    struct err err = { 0 };
    json_t *j = NULL;

    EXPECT_INT(json_read(text, n, &j, &err), -EINVAL);
    EXPECT_TRUE(j == NULL);
    return arena_strdup(test_arena(t), err.msg);
}

static const char *nested(struct test *t, const char *open, const char *close, int depth)
{
    struct strbuf b;

    strbuf_init(&b, test_arena(t));
    for (int i = 0; i < depth; i++)
        strbuf_puts(&b, open);
    strbuf_puts(&b, "1");
    for (int i = 0; i < depth; i++)
        strbuf_puts(&b, close);
    return b.data;
}

TEST(json_keeps_order_and_types_through_reading_and_writing)
{
    static const char *const same[] = {
        "{\"z\":1,\"a\":[true,false,null,-5,\"x\",{}],\"m\":{\"k\":[]},\"f\":1.5}",
        "9223372036854775807",
        "-9223372036854775808",
        "\"only a text\"",
        "null",
        "1.0",
        "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"",
    };

    for (size_t i = 0; i < ARRAY_SIZE(same); i++)
        EXPECT_STR(json_text(test_arena(t), read_json(t, same[i])), same[i]);
    EXPECT_STR(json_text(test_arena(t), read_json(t, " [ 1 , \"\\u00e4\\/\\n\" ] \n")),
               "[1,\"\xc3\xa4/\\n\"]");
}

TEST(json_refuses_hostile_text)
{
    static const char *const bad[] = {
        "",
        " ",
        "{",
        "[1,]",
        "{\"a\":1,}",
        "[1] 2",
        "{\"a\":1}}",
        "nul",
        "'a'",
        "[01]",
        "[1e999]",
        "[NaN]",
        "[9223372036854775808]",
        "[-9223372036854775809]",
        "{\"a\":1,\"a\":2}",
        "{\"a\":1,\"\\u0061\":2}",
        "[\"\\u0000\"]",
        "{\"a\\u0000b\":1}",
        "[\"\xff\"]",
        "[\"\xc0\x80\"]",
        "[\"\xed\xa0\x80\"]",
        "[\"\\ud800\"]",
        "[\"a\nb\"]",
        "// c\n1",
        "\xef\xbb\xbf{}",
        "{1:2}",
        "[\"\\x\"]",
        "\"",
        "\"\\",
    };

    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        EXPECT_MATCH(refusal(t, bad[i], strlen(bad[i])), "Malformed JSON");
    refusal(t, "[1]\0", 4);
    refusal(t, "[\"a\0b\"]", 7);
}

TEST(json_refuses_more_than_64_levels)
{
    read_json(t, nested(t, "[", "]", 64));
    read_json(t, nested(t, "{\"a\":", "}", 64));
    EXPECT_MATCH(refusal(t, nested(t, "[", "]", 65), 131), "64 levels at line 1");
    EXPECT_MATCH(refusal(t, nested(t, "[\n", "]", 65), 196), "line 65");
    const char *deep = nested(t, "[", "]", 100000);
    refusal(t, deep, strlen(deep));
    /* Brackets in texts are none, and side by side is not deep. */
    read_json(t, "\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[[[\"");
    read_json(
        t,
        "[[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],"
        "[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[]]");
}

TEST(json_refusal_says_where_but_quotes_nothing)
{
    const char *text = "{\n \"password\": sesame\n}", *words = refusal(t, text, strlen(text));

    EXPECT_MATCH(words, "line 2");
    EXPECT_TRUE(!strstr(words, "sesame"));
    text = "{\"sesame\": 1, \"sesame\": 2}";
    words = refusal(t, text, strlen(text));
    EXPECT_MATCH(words, "twice");
    EXPECT_TRUE(!strstr(words, "sesame"));
}

TEST(json_members_come_only_in_the_type_asked_for)
{
    const json_t *j =
        read_json(t, "{\"s\":\"x\",\"i\":5,\"b\":true,\"o\":{\"p\":{\"q\":7}},\"a\":[1],\"n\":null}");

    EXPECT_STR(json_str(j, "s"), "x");
    EXPECT_STR(json_str(j, "i"), NULL);
    EXPECT_STR(json_str(j, "none"), NULL);
    EXPECT_STR(json_str(NULL, "s"), NULL);
    EXPECT_INT(json_int(j, "i", 1), 5);
    EXPECT_INT(json_int(j, "s", 1), 1);
    EXPECT_TRUE(json_truth(j, "b", false));
    EXPECT_TRUE(json_truth(j, "i", true));
    EXPECT_TRUE(json_obj(j, "o") && !json_obj(j, "a") && !json_obj(j, "n"));
    EXPECT_TRUE(json_arr(j, "a") && !json_arr(j, "o"));
    EXPECT_INT(json_integer_value(json_at(j, "o.p.q")), 7);
    EXPECT_INT(json_integer_value(json_at(j, "i")), 5);
    EXPECT_TRUE(!json_at(j, "o.none.q") && !json_at(j, "s.x") && !json_at(j, "") && !json_at(NULL, "a"));
}

TEST(json_strv_takes_only_lists_of_texts)
{
    struct arena *a = test_arena(t);
    const json_t *j = read_json(t, "[[\"a\",\"b\"],[],[\"a\",1],\"a\"]");
    const char **v = json_strv(a, json_array_get(j, 0));

    EXPECT_INT(strv_len(v), 2);
    EXPECT_STR(v[1], "b");
    v = json_strv(a, json_array_get(j, 1));
    EXPECT_TRUE(v && !*v);
    EXPECT_TRUE(!json_strv(a, json_array_get(j, 2)));
    EXPECT_TRUE(!json_strv(a, json_array_get(j, 3)));
    EXPECT_TRUE(!json_strv(a, NULL));
}

TEST_MAIN()

/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/yaml.h"

#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "base/strbuf.h"
#include "base/time.h"
#include "kit/test.h"
#include "wire/json.h"

static void release(void *j)
{
    json_decref(j);
}

/* The YAML text as JSON text. */
static const char *as_json(struct test *t, const char *yaml)
{
    struct err err = { 0 };
    json_t *j = NULL;
    const char *text;

    EXPECT_OK(yaml_read(yaml, strlen(yaml), &j, &err), &err);
    text = json_text(test_arena(t), j);
    json_decref(j);
    return text;
}

static const char *refusal(struct test *t, const char *yaml)
{
    struct err err = { 0 };
    json_t *j = NULL;

    EXPECT_INT(yaml_read(yaml, strlen(yaml), &j, &err), -EINVAL);
    EXPECT_TRUE(j == NULL);
    return arena_strdup(test_arena(t), err.msg);
}

TEST(yaml_reads_blocks_and_flows)
{
    EXPECT_STR(as_json(t, "# comment\n"
                          "a: 1\n"
                          "b:\n"
                          "  - x\n"
                          "  - {k: v, l: [1, 2]}\n"
                          "c: |\n"
                          "  two\n"
                          "  lines\n"
                          "\"quoted: name\": 'it''s'\n"),
               "{\"a\":1,\"b\":[\"x\",{\"k\":\"v\",\"l\":[1,2]}],\"c\":\"two\\nlines\\n\","
               "\"quoted: name\":\"it's\"}");
    EXPECT_STR(as_json(t, "---\nx\n...\n"), "\"x\"");
    EXPECT_STR(as_json(t, "{\"json\": [true, null, \"\\u00e4\"]}"), "{\"json\":[true,null,\"\xc3\xa4\"]}");
}

TEST(yaml_without_a_value_is_null)
{
    EXPECT_STR(as_json(t, ""), "null");
    EXPECT_STR(as_json(t, "# only words\n\n"), "null");
    EXPECT_STR(as_json(t, "---\n"), "null");
    EXPECT_STR(as_json(t, "a:\n"), "{\"a\":null}");
}

TEST(yaml_scalars_follow_the_core_schema)
{
    static const struct {
        const char *yaml, *json;
    } cases[] = {
        { "~", "null" },
        { "null", "null" },
        { "NULL", "null" },
        { "nUll", "\"nUll\"" },
        { "true", "true" },
        { "False", "false" },
        { "yes", "\"yes\"" },
        { "on", "\"on\"" },
        { "0", "0" },
        { "-12", "-12" },
        { "+7", "7" },
        { "010", "10" },
        { "0o17", "15" },
        { "0x1F", "31" },
        { "0x", "\"0x\"" },
        { "0o8", "\"0o8\"" },
        { "1_000", "\"1_000\"" },
        { "1.5", "1.5" },
        { ".5", "0.5" },
        { "2.", "2.0" },
        { "1e3", "1000.0" },
        { "-1.5E-1", "-0.15" },
        { "1e", "\"1e\"" },
        { ".", "\".\"" },
        { "-", "[null]" },
        { "+.", "\"+.\"" },
        { "1.2.3", "\"1.2.3\"" },
        { "2026-01-02", "\"2026-01-02\"" },
        { "'1'", "\"1\"" },
        { "\"true\"", "\"true\"" },
        { "'~'", "\"~\"" },
        { "! 12", "\"12\"" },
        { "!!str 12", "\"12\"" },
        { "!!int \"12\"", "12" },
        { "!!float 1.5", "1.5" },
        { "!!bool true", "true" },
        { "!!null ''", "null" },
        { "!!map {a: 1}", "{\"a\":1}" },
        { "!!seq [1]", "[1]" },
        { "9223372036854775807", "9223372036854775807" },
        { "rule:admin_required or role:x", "\"rule:admin_required or role:x\"" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        EXPECT_STR(as_json(t, cases[i].yaml), cases[i].json);
}

TEST(yaml_refuses_with_the_place)
{
    static const struct {
        const char *yaml, *words;
    } cases[] = {
        { "a: 1\nb: 2\na: 3\n", "twice, at line 3 column 1" },
        { "{a: 1, 'a': 2}", "twice" },
        { "a: [1, 2", "line 2 column 1" },
        { "a: b: c", "line 1" },
        { "\ta: 1", "line 1" },
        { "a: 1\n---\nb: 2\n", "more than one document" },
        { "9223372036854775808", "too big" },
        { "1e999", "too big" },
        { ".inf", "finite" },
        { "-.INF", "finite" },
        { ".nan", "finite" },
        { "!!python/object:os.system x", "tag" },
        { "!custom x", "tag" },
        { "!!set {a}", "tag" },
        { "!!int x", "tag" },
        { "!!map [1]", "tag" },
        { "{[1]: 2}", "name must be a text" },
        { "{a: 1, <<: {b: 2}}", "<<" },
        { "*none", "no anchor" },
        { "&a [*a]", "holds itself" },
        { "\"\\0\"", "null character" },
        { "{\"a\\0\": 1}", "null character" },
        { "\xff", "line 1" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        EXPECT_MATCH(refusal(t, cases[i].yaml), cases[i].words);
}

TEST(yaml_aliases_are_copies)
{
    json_t *j = NULL;
    struct err err = { 0 };
    const char *yaml = "a: &x {k: 1}\nb: *x\nc: &x 5\nd: *x\n";

    EXPECT_STR(as_json(t, yaml), "{\"a\":{\"k\":1},\"b\":{\"k\":1},\"c\":5,\"d\":5}");
    EXPECT_OK(yaml_read(yaml, strlen(yaml), &j, &err), &err);
    test_cleanup(t, release, j);
    json_object_set_new(json_object_get(j, "a"), "k", json_integer(2));
    EXPECT_INT(json_int(json_object_get(j, "b"), "k", 0), 1);
}

TEST(yaml_refuses_an_alias_bomb)
{
    EXPECT_MATCH(refusal(t, "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
                            "b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
                            "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
                            "d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
                            "e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\n"
                            "f: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\n"),
                 "too many values");
}

static const char *repeated(struct test *t, const char *s, size_t times)
{
    struct strbuf b;

    strbuf_init(&b, test_arena(t));
    for (size_t i = 0; i < times; i++)
        strbuf_puts(&b, s);
    return strbuf_str(&b);
}

TEST(yaml_refuses_more_than_64_levels)
{
    const char *open = repeated(t, "[", 64), *close = repeated(t, "]", 64);

    as_json(t, arena_printf(test_arena(t), "%s1%s", open, close));
    EXPECT_MATCH(refusal(t, arena_printf(test_arena(t), "[%s1%s]", open, close)), "levels");
    EXPECT_MATCH(refusal(t, repeated(t, "[", 100000)), "levels");
    EXPECT_MATCH(refusal(t, repeated(t, "- ", 100000)), "levels");
    /* Through aliases: 40 levels in 40. */
    open = repeated(t, "[", 40);
    close = repeated(t, "]", 40);
    EXPECT_MATCH(
        refusal(t, arena_printf(test_arena(t), "a: &a %s1%s\nb: %s*a%s\n", open, close, open, close)),
        "levels");
}

TEST(yaml_refuses_more_than_a_mebibyte)
{
    char *text = memset(arena_alloc(test_arena(t), (1 << 20) + 2), ' ', (1 << 20) + 1);
    struct err err = { 0 };
    json_t *j = NULL;

    EXPECT_INT(yaml_read(text, (1 << 20) + 1, &j, &err), -EINVAL);
    EXPECT_OK(yaml_read(text, 1 << 20, &j, &err), &err);
    json_decref(j);
}

TEST_MAIN()

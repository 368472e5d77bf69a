/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "kit/test.h"
#include "wire/json.h"

/* 'v' as the writer writes it. */
static const char *written(struct test *t, const char *v, size_t n)
{
    struct strbuf b;
    struct jw w;

    strbuf_init(&b, test_arena(t));
    jw_init(&w, &b);
    jw_strn(&w, NULL, v, n);
    return b.data;
}

static const char *number(struct test *t, double v)
{
    struct strbuf b;
    struct jw w;

    strbuf_init(&b, test_arena(t));
    jw_init(&w, &b);
    jw_double(&w, NULL, v);
    return b.data;
}

TEST(writer_places_commas_and_names)
{
    static const char *const list[] = { "a", "b", NULL };
    auto_json json_t *v = json_pack("{s:[i,b,n],s:{}}", "list", 1, 1, "none");
    struct strbuf b;
    struct jw w;

    strbuf_init(&b, test_arena(t));
    jw_init(&w, &b);
    jw_object(&w, NULL);
    jw_str(&w, "s", "x");
    jw_str(&w, "no", NULL);
    jw_strn(&w, "part", "abcdef", 3);
    jw_array(&w, "a");
    jw_object(&w, NULL);
    jw_end_object(&w);
    jw_array(&w, NULL);
    jw_end_array(&w);
    jw_int(&w, NULL, 1);
    jw_null(&w, NULL);
    jw_end_array(&w);
    jw_bool(&w, "t", true);
    jw_bool(&w, "f", false);
    jw_time(&w, "when", INT64_C(1767323045000000), TIME_ISO_Z);
    jw_time(&w, "never", 0, TIME_ISO_Z);
    jw_raw(&w, "raw", "{\"k\":1}");
    jw_raw(&w, "noraw", NULL);
    jw_value(&w, "v", v);
    jw_value(&w, "nov", NULL);
    jw_strv(&w, "list", list);
    jw_strv(&w, "nolist", NULL);
    jw_printf(&w, "href", "http://%s/\"%d\"", "h", 7);
    jw_end_object(&w);
    EXPECT_STR(b.data,
               "{\"s\":\"x\",\"no\":null,\"part\":\"abc\",\"a\":[{},[],1,null],\"t\":true,\"f\":false,"
               "\"when\":\"2026-01-02T03:04:05Z\",\"never\":null,\"raw\":{\"k\":1},\"noraw\":null,"
               "\"v\":{\"list\":[1,true,null],\"none\":{}},\"nov\":null,\"list\":[\"a\",\"b\"],"
               "\"nolist\":[],\"href\":\"http://h/\\\"7\\\"\"}");
}

TEST(writer_escapes_names)
{
    struct strbuf b;
    struct jw w;

    strbuf_init(&b, test_arena(t));
    jw_init(&w, &b);
    jw_object(&w, NULL);
    jw_int(&w, "a\"b\\\n", 1);
    jw_end_object(&w);
    EXPECT_STR(b.data, "{\"a\\\"b\\\\\\n\":1}");
}

TEST(writer_writes_integers_of_any_size)
{
    struct strbuf b;
    struct jw w;

    strbuf_init(&b, test_arena(t));
    jw_init(&w, &b);
    jw_array(&w, NULL);
    jw_int(&w, NULL, 0);
    jw_int(&w, NULL, -1);
    jw_int(&w, NULL, INT64_MAX);
    jw_int(&w, NULL, INT64_MIN);
    jw_uint(&w, NULL, UINT64_MAX);
    jw_uint(&w, NULL, 10);
    jw_end_array(&w);
    EXPECT_STR(b.data, "[0,-1,9223372036854775807,-9223372036854775808,18446744073709551615,10]");
}

TEST(writer_writes_numbers_that_read_back_the_same)
{
    static const double values[] = {
        0.1, 1.0 / 3, 1e22, 1.7976931348623157e308, 5e-324, -2.5, 123456789.125
    };

    for (size_t i = 0; i < ARRAY_SIZE(values); i++)
        EXPECT_TRUE(strtod(number(t, values[i]), NULL) == values[i]);
    EXPECT_STR(number(t, 0.1), "0.1");
    EXPECT_STR(number(t, 1), "1.0");
    EXPECT_STR(number(t, -16), "-16.0");
    EXPECT_STR(number(t, 1e22), "1e+22");
    EXPECT_STR(number(t, NAN), "null");
    EXPECT_STR(number(t, INFINITY), "null");
}

TEST(writer_escapes_what_json_does_not_allow)
{
    EXPECT_STR(written(t, "", 0), "\"\"");
    EXPECT_STR(written(t, "a\"b\\c/d", 7), "\"a\\\"b\\\\c/d\"");
    EXPECT_STR(written(t, "\b\t\n\f\r", 5), "\"\\b\\t\\n\\f\\r\"");
    EXPECT_STR(written(t, "\0\x01\x1f\x7f", 4), "\"\\u0000\\u0001\\u001f\x7f\"");
}

TEST(writer_keeps_characters_and_replaces_what_is_none)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        { "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"" },
        { "a\xff"
          "b",
          "\"a\xef\xbf\xbd"
          "b\"" },
        { "\x80", "\"\xef\xbf\xbd\"" },
        { "\xc3", "\"\xef\xbf\xbd\"" }, /* Cut off. */
        { "\xe2\x82", "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
        { "\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\"" }, /* Overlong. */
        { "\xe0\x80\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
        { "\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },                 /* A surrogate. */
        { "\xf4\x90\x80\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" }, /* Too high. */
        { "\xf4\x8f\xbf\xbf", "\"\xf4\x8f\xbf\xbf\"" },
        { "\xed\x9f\xbf\xee\x80\x80", "\"\xed\x9f\xbf\xee\x80\x80\"" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        EXPECT_STR(written(t, cases[i].in, strlen(cases[i].in)), cases[i].out);
}

/* Every byte at every place of a word, so that no trick of the fast way is
 * missed: what was written reads back as it was. */
TEST(writer_escapes_any_byte_at_any_place)
{
    for (size_t len = 1; len <= 20; len++)
        for (size_t at = 0; at < len; at++)
            for (int c = 1; c < 128; c++) {
                char text[32];
                const char *out;
                json_t *back = NULL;
                bool same;

                memset(text, 'a', len);
                text[len] = 0;
                text[at] = (char) c;
                out = written(t, text, len);
                EXPECT_INT(json_read(out, strlen(out), &back, NULL), 0);
                same = str_eq(json_string_value(back), text);
                json_decref(back);
                EXPECT_TRUE(same);
            }
}

TEST(writer_writes_long_texts_across_its_chunks)
{
    struct arena *a = test_arena(t);

    for (size_t n = 250; n < 270; n++) {
        char *text = memset(arena_alloc(a, 2 * n + 1), 'x', n);
        json_t *back = NULL;
        const char *out;
        bool same;

        for (size_t i = n; i + 1 < 2 * n; i += 2)
            memcpy(text + i, "\xc3\xa4", 2);
        text[n / 2] = '"';
        out = written(t, text, strlen(text));
        EXPECT_INT(json_read(out, strlen(out), &back, NULL), 0);
        same = str_eq(json_string_value(back), text);
        json_decref(back);
        EXPECT_TRUE(same);
        memset(text, 1, n);
        out = written(t, text, n);
        EXPECT_INT(strlen(out), 6 * n + 2);
    }
}

TEST_MAIN()

/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/url.h"

#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "kit/test.h"

static struct url parsed(struct test *t, const char *text)
{
    struct err err = { 0 };
    struct url u = { 0 };

    EXPECT_OK(url_parse(test_arena(t), text, &u, &err), &err);
    return u;
}

TEST(url_is_cut_into_its_parts)
{
    struct url u = parsed(t, "HTTP://us%3aer:p%40ss@Host.example:8774/v2.1/x%20y?a=1&b=%32#frag");

    EXPECT_STR(u.scheme, "http");
    EXPECT_STR(u.user, "us:er");
    EXPECT_STR(u.password, "p@ss");
    EXPECT_STR(u.host, "Host.example");
    EXPECT_INT(u.port, 8774);
    EXPECT_STR(u.path, "/v2.1/x%20y");
    EXPECT_STR(u.query, "a=1&b=%32");
}

TEST(url_parts_that_are_absent_are_null)
{
    struct url u = parsed(t, "https://h");

    EXPECT_STR(u.host, "h");
    EXPECT_TRUE(!u.user && !u.password && !u.path && !u.query && !u.port);
    u = parsed(t, "sqlite:///var/lib/x.db");
    EXPECT_TRUE(!u.host);
    EXPECT_STR(u.path, "/var/lib/x.db");
    u = parsed(t, "unix:/run/x");
    EXPECT_TRUE(!u.host);
    EXPECT_STR(u.path, "/run/x");
    u = parsed(t, "http://u:@h?q");
    EXPECT_STR(u.user, "u");
    EXPECT_STR(u.password, "");
    EXPECT_STR(u.query, "q");
    EXPECT_TRUE(!u.path);
    u = parsed(t, "http://h:/?");
    EXPECT_INT(u.port, 0);
    EXPECT_STR(u.query, "");
    u = parsed(t, "http://h/a@b:c//d");
    EXPECT_STR(u.host, "h");
    EXPECT_TRUE(!u.user);
}

TEST(url_takes_ipv6_in_brackets)
{
    struct url u = parsed(t, "http://[fd00::1]:8080/");

    EXPECT_STR(u.host, "fd00::1");
    EXPECT_INT(u.port, 8080);
    u = parsed(t, "http://[::1]");
    EXPECT_STR(u.host, "::1");
    EXPECT_INT(u.port, 0);
}

TEST(url_refuses_what_is_malformed)
{
    static const char *const bad[] = {
        "",
        "x",
        "/path",
        "://h",
        "1http://h",
        "ht tp://h",
        "http://h:0",
        "http://h:65536",
        "http://h:99999999999999999999",
        "http://h:8o",
        "http://h:-1",
        "http://:80",
        "http://a@b@c",
        "http://h%",
        "http://h%2",
        "http://h%zz",
        "http://h%00",
        "http://h%2fx/",
        "http://h%ff/",
        "http://[::1",
        "http://[::1]x",
        "http://[zz]",
        "http://h\\x",
        "http://h/\n",
        "http://h/ x",
        "http://h/\xc3\xa4",
        "http://u%00:p@h",
        "http://h:1:2",
    };
    struct err err = { 0 };
    struct url u = { .port = 7 };

    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        EXPECT_INT(url_parse(test_arena(t), bad[i], &u, &err), -EINVAL);
    EXPECT_INT(url_parse(test_arena(t), NULL, &u, &err), -EINVAL);
    EXPECT_INT(u.port, 7);
}

TEST(url_refusal_holds_no_password)
{
    struct err err = { 0 };
    struct url u;

    EXPECT_INT(url_parse(test_arena(t), "mysql://u:sesame@h:bad/", &u, &err), -EINVAL);
    EXPECT_TRUE(!strstr(err.msg, "sesame"));
}

static const char *decoded(struct test *t, const char *s, bool plus)
{
    char *out = NULL;

    return url_decode(test_arena(t), s, strlen(s), plus, &out) < 0 ? NULL : out;
}

TEST(decoding_takes_escapes_and_refuses_broken_ones)
{
    static const char *const bad[] = { "%",   "%1",  "a%",        "%zz", "%1g", "%00",
                                       "%ff", "%c3", "%ed%a0%80", "%+1", "% 1" };
    char *out = NULL;

    EXPECT_STR(decoded(t, "", false), "");
    EXPECT_STR(decoded(t, "a%20b%2Fc%2f+", false), "a b/c/+");
    EXPECT_STR(decoded(t, "a+b%2b", true), "a b+");
    EXPECT_STR(decoded(t, "%C3%A4", false), "\xc3\xa4");
    EXPECT_STR(decoded(t, "%2541", false), "%41"); /* Once, not twice. */
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        EXPECT_STR(decoded(t, bad[i], true), NULL);
    EXPECT_INT(url_decode(test_arena(t), "a\0b", 3, false, &out), -EINVAL);
    EXPECT_INT(url_decode(test_arena(t), "%41", 2, false, &out), -EINVAL); /* The text ends before. */
}

TEST(encoding_escapes_all_but_the_unreserved)
{
    struct strbuf b;

    strbuf_init(&b, test_arena(t));
    url_encode(&b, "aZ09-._~");
    url_encode(&b, "");
    url_encode(&b, " /?&=+%\"\n\xc3\xa4");
    EXPECT_STR(b.data, "aZ09-._~%20%2F%3F%26%3D%2B%25%22%0A%C3%A4");
    EXPECT_STR(decoded(t, b.data, true), "aZ09-._~ /?&=+%\"\n\xc3\xa4");
}

TEST(query_is_cut_into_parameters_in_order)
{
    struct query_param *q = NULL;
    size_t n = 0;

    EXPECT_INT(query_parse(test_arena(t), "a=1&b=x%20y+z&&c&=e&a=2=3&", &q, &n), 0);
    EXPECT_INT(n, 5);
    EXPECT_STR(q[0].name, "a");
    EXPECT_STR(q[0].value, "1");
    EXPECT_STR(q[1].value, "x y z");
    EXPECT_STR(q[2].name, "c");
    EXPECT_STR(q[2].value, "");
    EXPECT_STR(q[3].name, "");
    EXPECT_STR(q[3].value, "e");
    EXPECT_STR(q[4].name, "a");
    EXPECT_STR(q[4].value, "2=3");
    EXPECT_TRUE(q[5].name == NULL);

    EXPECT_INT(query_parse(test_arena(t), "", &q, &n), 0);
    EXPECT_INT(n, 0);
    EXPECT_TRUE(q[0].name == NULL);
    EXPECT_INT(query_parse(test_arena(t), NULL, &q, NULL), 0);
    EXPECT_INT(query_parse(test_arena(t), "a=%", &q, &n), -EINVAL);
    EXPECT_INT(query_parse(test_arena(t), "%=a", &q, &n), -EINVAL);
}

TEST(query_takes_500_parameters)
{
    struct query_param *q = NULL;
    struct strbuf b;
    size_t n = 0;

    strbuf_init(&b, test_arena(t));
    for (int i = 0; i < 500; i++)
        strbuf_puts(&b, "&a=1");
    EXPECT_INT(query_parse(test_arena(t), b.data, &q, &n), 0);
    EXPECT_INT(n, 500);
    strbuf_puts(&b, "&b");
    EXPECT_INT(query_parse(test_arena(t), b.data, &q, &n), -E2BIG);
}

TEST_MAIN()

/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/pattern.h"

#include <errno.h>

#include "kit/test.h"

static int ask(const char *text, const char *subject, bool (*how)(const struct pattern *p, const char *text))
{
    struct pattern *p;
    int r = pattern_new(text, &p, NULL);

    if (r < 0)
        return r;
    r = how(p, subject);
    pattern_free(p);
    return r;
}

/* 'piece' many times. */
static const char *many(struct test *t, unsigned n, const char *piece)
{
    char *text = arena_strdup(test_arena(t), "");

    for (unsigned i = 0; i < n; i++)
        text = arena_printf(test_arena(t), "%s%s", text, piece);
    return text;
}

/* What re.match() says of each, by Python 3.11. */
static const struct {
    const char *pattern, *password;
    bool fits;
} same[] = {
    { "^(?=.*\\d)(?=.*[a-z]).{7,}$", "abcdef1", true },
    { "^(?=.*\\d)(?=.*[a-z]).{7,}$", "abcdefg", false },
    { "^(?=.*\\d)(?=.*[a-z]).{7,}$", "abc1", false },
    { "(?!.*password).{4,}", "my-password", false },
    { "abc", "abcdef", true },
    { "a|b", "xb", false },
    { "[!@#\\$%\\^&\\*\\-_\\[\\]]", "]", true },
    { "[!@#\\$%\\^&\\*\\-_\\[\\]]", "[", true },
    { "[!@#\\$%\\^&\\*\\-_\\[\\]]", "^", true },
    { "[!@#\\$%\\^&\\*\\-_\\[\\]]", "-", true },
    { "[!@#\\$%\\^&\\*\\-_\\[\\]]", "$", true },
    { "[!@#\\$%\\^&\\*\\-_\\[\\]]", "\\", false },
    { "[!@#\\$%\\^&\\*\\-_\\[\\]]", "a", false },
    { "[\\\\]", "\\", true },
    { "[\\\\]", "x", false },
    { "[\\^]", "^", true },
    { "[\\^]", "x", false },
    { "[\\^\\-]", "-", true },
    { "[\\^\\-]", "^", true },
    { "[\\^\\-]", ",", false },
    { "[^\\s]+$", "a b", false },
    { "[^\\s]+$", "ab", true },
    { "[^\\]]$", "]", false },
    { "[^\\]]$", "x", true },
    { "[\\w.]+$", "a_1.", true },
    { "[\\w.]+$", "a-", false },
    { "[]x]", "]", true },
    { "[a-c-]+$", "a-c", true },
    { "[a-c-]+$", "d", false },
    { "[(?]", "?", true },
    { "\\D+$", "ab", true },
    { "\\D+$", "a1", false },
    { "\\S+\\W$", "ab!", true },
    { "a+?$", "", false },
    { "a+?$", "aa", true },
    { "(?:ab){2}$", "abab", true },
    { "(?!.*(.)\\1{2}).+", "aabb", true },
    { "(?!.*(.)\\1{2}).+", "abbba", false },
    { "\\.\\$$", ".$", true },
    { "\\.\\$$", "a$", false },
    { "(?i)aB$", "Ab", true },
    { "(?P<n>a)(?P=n)$", "aa", true },
    { "(?:a)(b)\\1$", "abb", true },
    { "[\\!-\\/]$", "+", true },
    { "\\w$", "\xc3\xa9", true },
};

TEST(what_python_says_is_said_here)
{
    for (size_t i = 0; i < ARRAY_SIZE(same); i++)
        EXPECT_STR(arena_printf(test_arena(t), "%s %s %d", same[i].pattern, same[i].password,
                                ask(same[i].pattern, same[i].password, pattern_fits)),
                   arena_printf(test_arena(t), "%s %s %d", same[i].pattern, same[i].password, same[i].fits));
}

TEST(a_search_looks_everywhere_and_a_fit_begins_at_the_beginning)
{
    EXPECT_INT(ask("b", "abc", pattern_found), 1);
    EXPECT_INT(ask("b", "abc", pattern_fits), 0);
    EXPECT_INT(ask("^b", "abc", pattern_found), 0);
    EXPECT_INT(ask("^web-[0-9]+$", "web-12", pattern_found), 1);
    EXPECT_INT(ask("10\\.0\\.0\\.[0-9]{1,3}", "10.0.0.255", pattern_found), 1);
    EXPECT_INT(ask("", "x", pattern_found), 1);
}

TEST(what_is_no_expression_is_told_with_its_place)
{
    static const char *const broken[] = { "[a", "(a", "a)", "a\\", "a**", "(?<=a*)b", "\\C", "\xff" };
    struct pattern *p;
    struct err err = { 0 };

    for (size_t i = 0; i < ARRAY_SIZE(broken); i++)
        EXPECT_STR(arena_printf(test_arena(t), "%s %d", broken[i], ask(broken[i], "a", pattern_found)),
                   arena_printf(test_arena(t), "%s %d", broken[i], -EINVAL));
    EXPECT_INT(pattern_new("ab(c", &p, &err), -EINVAL);
    EXPECT_MATCH(err.msg, "character 4");
}

TEST(what_is_no_utf8_fits_nothing)
{
    EXPECT_INT(ask(".*", "\xff", pattern_found), 0);
    EXPECT_INT(ask("^.$", "\xc3\xa9", pattern_found), 1);
}

/* Each of these would take all memory, the stack, or years. */
TEST(what_would_grow_without_end_is_refused_or_given_up)
{
    EXPECT_INT(ask("((((((a{99}){99}){99}){99}){99}){99})", "a", pattern_found), -EINVAL);
    EXPECT_INT(ask("a{99999999999999999999}", "a", pattern_found), -EINVAL);
    EXPECT_INT(ask(many(t, 1000, "("), "a", pattern_found), -EINVAL);
    EXPECT_INT(ask(many(t, 5000, "a"), "a", pattern_found), -EINVAL);
    EXPECT_INT(ask("(a+)+b$", many(t, 64, "a"), pattern_found), 0);
    EXPECT_INT(ask("(.*)*\\1x", many(t, 64, "a"), pattern_found), 0);
    EXPECT_INT(ask("(*LIMIT_MATCH=4000000000)(a+)+b$", many(t, 64, "a"), pattern_found), 0);
    EXPECT_INT(ask("^(?:x(?R)?y)+$", many(t, 4000, "x"), pattern_found), 0);
}

TEST_MAIN()

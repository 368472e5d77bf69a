/* SPDX-License-Identifier: Apache-2.0 */
#include "base/regex.h"

#include <errno.h>

#include "base/arena.h"
#include "kit/test.h"

static int fits(const char *pattern, const char *text)
{
    regex_t re;
    int r = regex_compile(&re, pattern, REGEX_MAX_OF_USERS);

    if (r < 0)
        return r;
    r = regexec(&re, text, 0, NULL, 0) == 0;
    regfree(&re);
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

TEST(ordinary_expressions_are_taken)
{
    EXPECT_INT(fits("^web-[0-9]+$", "web-12"), 1);
    EXPECT_INT(fits("^web-[0-9]+$", "web-"), 0);
    EXPECT_INT(fits("a{2,3}b{1,}c{2}", "aabcc"), 1);
    EXPECT_INT(fits("[]a]+[^]a]{2}[[:digit:]]+", "]axx7"), 1);
    EXPECT_INT(fits("^(one|two|three)*$", "onetwo"), 1);
    EXPECT_INT(fits("10\\.0\\.0\\.[0-9]{1,3}", "10.0.0.255"), 1);
    EXPECT_INT(fits("a{b", "a{b"), -EINVAL);
    EXPECT_INT(fits(")", ")"), 1); /* Closes nothing. */
    EXPECT_INT(fits("(", "("), -EINVAL);
    EXPECT_INT(fits("[", "["), -EINVAL);
    EXPECT_INT(fits("", "x"), 1);
}

/* Each of these would take all memory, the stack, or years. */
TEST(what_would_grow_without_end_is_refused)
{
    EXPECT_INT(fits(arena_printf(test_arena(t), "a%s", many(t, 60, "+")), "a"), -E2BIG);
    EXPECT_INT(fits(arena_printf(test_arena(t), "a%s", many(t, 20, "{9}")), "a"), -E2BIG);
    EXPECT_INT(fits("((((((a{99}){99}){99}){99}){99}){99})", "a"), -E2BIG);
    EXPECT_INT(fits("(a?){30000}", "a"), -E2BIG);
    EXPECT_INT(fits("a{99999999999999999999}", "a"), -E2BIG);
    EXPECT_INT(fits(many(t, 5000, "("), "a"), -E2BIG);
    EXPECT_INT(fits("(.*)*\\1", "a"), -E2BIG);
}

TEST(an_operator_may_refer_back)
{
    regex_t re;

    EXPECT_INT(regex_compile(&re, "(.)\\1{2}", REGEX_MAX_OF_OPERATORS), 0);
    EXPECT_INT(regexec(&re, "xaaa", 0, NULL, 0), 0);
    regfree(&re);
    EXPECT_INT(regex_compile(&re, "^.{8,4096}$", REGEX_MAX_OF_OPERATORS), 0);
    regfree(&re);
}

TEST_MAIN()

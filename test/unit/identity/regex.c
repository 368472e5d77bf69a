/* SPDX-License-Identifier: Apache-2.0 */
/* Rules for passwords mean here what they mean in Python, or are refused. */
#include "identity/model/regex.h"

#include "kit/test.h"

static int fits(const char *text, const char *password)
{
    struct pattern *p;
    int r = pattern_new(text, &p, NULL);

    if (r < 0)
        return r;
    r = pattern_fits(p, password);
    pattern_free(p);
    return r;
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
};

TEST(what_python_says_is_said_here)
{
    for (size_t i = 0; i < ARRAY_SIZE(same); i++)
        EXPECT_STR(arena_printf(test_arena(t), "%s %s %d", same[i].pattern, same[i].password,
                                fits(same[i].pattern, same[i].password)),
                   arena_printf(test_arena(t), "%s %s %d", same[i].pattern, same[i].password, same[i].fits));
}

TEST(what_cannot_be_said_here_is_refused)
{
    static const char *const foreign[] = {
        "a\\Z",      "\\Aa",  "[\\W]",  "[\\n]",    "\\n",         "a++",      "a**",
        "a{2}{3}",   "(?i)a", "a(?=b)", "(?P<n>a)", "(?<=a)b",     "[a",       "(a",
        "[\\!-\\/]", "a\\",   "[a\\",   "(?=.*[a)", "(?:a)(b)\\1", "[!-\\/]a", "(?=(a{999}){999})",
    };

    for (size_t i = 0; i < ARRAY_SIZE(foreign); i++)
        EXPECT_STR(arena_printf(test_arena(t), "%s %d", foreign[i], fits(foreign[i], "a")),
                   arena_printf(test_arena(t), "%s %d", foreign[i], -EINVAL));
}

TEST_MAIN()

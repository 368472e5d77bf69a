/* SPDX-License-Identifier: Apache-2.0 */
#include "policy_kit.h"

static const char *parse_refusal(struct test *t, const char *check)
{
    const struct policy_rule table[] = { { "svc:do", check }, { NULL } };

    return refusal(t, table, NULL);
}

TEST(not_binds_tighter_than_and_and_and_tighter_than_or)
{
    EXPECT_TRUE(says(t, "@ or @ and !", &member, NULL));
    EXPECT_TRUE(says(t, "! and ! or @", &member, NULL));
    EXPECT_TRUE(!says(t, "! and (! or @)", &member, NULL));
    EXPECT_TRUE(says(t, "not ! and @", &member, NULL));
    EXPECT_TRUE(!says(t, "not (! or @)", &member, NULL));
    EXPECT_TRUE(says(t, "not @ or @", &member, NULL));
    EXPECT_TRUE(says(t, "not not @", &member, NULL));
    EXPECT_TRUE(says(t, "not not not !", &member, NULL));
}

/* All of the 8 cases of three words, against C's own operators. */
TEST(truth_tables_are_those_of_c)
{
    static const char *const word[] = { "!", "@" };

    for (int i = 0; i < 8; i++) {
        int a = i & 1, b = i >> 1 & 1, c = i >> 2 & 1;
        struct arena *m = test_arena(t);

        EXPECT_INT(says(t, arena_printf(m, "%s or %s and %s", word[a], word[b], word[c]), &member, NULL),
                   a || (b && c));
        EXPECT_INT(says(t, arena_printf(m, "%s and %s or %s", word[a], word[b], word[c]), &member, NULL),
                   (a && b) || c);
        EXPECT_INT(
            says(t, arena_printf(m, "(%s or %s) and not %s", word[a], word[b], word[c]), &member, NULL),
            (a || b) && !c);
        EXPECT_INT(
            says(t, arena_printf(m, "not %s and %s or not %s", word[a], word[b], word[c]), &member, NULL),
            (!a && b) || !c);
        EXPECT_INT(
            says(t, arena_printf(m, "not (%s and (%s or %s))", word[a], word[b], word[c]), &member, NULL),
            !(a && (b || c)));
        EXPECT_INT(says(t, arena_printf(m, "%s and %s and %s", word[a], word[b], word[c]), &member, NULL),
                   a && b && c);
    }
}

TEST(parentheses_nest_and_stick_to_words)
{
    EXPECT_TRUE(says(t, "((((@))))", &member, NULL));
    EXPECT_TRUE(says(t, "((@ and (role:member)) or !)", &member, NULL));
    EXPECT_TRUE(says(t, "(project_id:%(project_id)s)", &member, TARGET({ "project_id", "p1" })));
    EXPECT_TRUE(says(t, "((!) or (project_id:%(project_id)s))", &member, TARGET({ "project_id", "p1" })));
}

TEST(words_of_the_language_are_known_in_any_case)
{
    EXPECT_TRUE(says(t, "@ AND NOT !", &member, NULL));
    EXPECT_TRUE(says(t, "! Or @", &member, NULL));
}

TEST(any_white_space_separates)
{
    EXPECT_TRUE(says(t, "  @\tand\n @  ", &member, NULL));
}

TEST(an_empty_rule_allows)
{
    EXPECT_TRUE(says(t, "", &member, NULL));
}

TEST(mistakes_are_refused_with_rule_and_place)
{
    static const struct {
        const char *check, *words;
    } cases[] = {
        { "role:admin or", "a check is missing at character 14" },
        { "and role:admin", "a check was expected at character 1" },
        { "role:admin role:member", "no 'and' or 'or' at character 12" },
        { "(role:admin", "never closed at character 1" },
        { "role:admin)", "never opened at character 11" },
        { "role:admin and ()", "a check was expected at character 17" },
        { "not", "a check is missing at character 4" },
        { "admin", "no KIND:VALUE at character 1" },
        { "'admin'", "no KIND:VALUE at character 1" },
        { ":admin", "no KIND:VALUE at character 1" },
        { "user_id:%(user_id)", "neither '%%' nor '%(name)s' at character 1" },
        { "@ or user_id:%d", "neither '%%' nor '%(name)s' at character 6" },
        { "user_id:%()s", "neither '%%' nor '%(name)s' at character 1" },
        { "rule:", "without a name at character 1" },
        { "field:networks", "without RESOURCE:ATTRIBUTE=VALUE at character 1" },
        { "field:port:device_owner=~[", "cannot be read at character 1" },
        { "   ", "a check is missing" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        const char *words = parse_refusal(t, cases[i].check);

        EXPECT_MATCH(words, "policy rule \"svc:do\"");
        EXPECT_MATCH(words, cases[i].words);
    }
}

TEST(levels_without_end_are_refused)
{
    struct arena *a = test_arena(t);
    char *deep = arena_alloc(a, 20002), *nots = arena_alloc(a, 40002);

    memset(deep, '(', 20000);
    deep[20000] = '@';
    EXPECT_MATCH(parse_refusal(t, deep), "too many levels");
    for (int i = 0; i < 10000; i++)
        memcpy(nots + 4 * i, "not ", 4);
    nots[40000] = '@';
    EXPECT_MATCH(parse_refusal(t, nots), "too many levels");
}

TEST(what_is_deep_but_sane_is_read)
{
    EXPECT_TRUE(says(t,
                     "((((((((((((((((((((@ and @) and @) and @) and @) and @) and @) and @) and @) and @) "
                     "and @) and @) and @) and @) and @) and @) and @) and @) and @) and @) and @)",
                     &member, NULL));
}

TEST_MAIN()

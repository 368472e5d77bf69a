/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/accept.h"

#include "kit/test.h"

static bool wants_home(const char *accept)
{
    return accept_prefers(accept, "application/json-home", "application/json");
}

TEST(the_usual_form_goes_to_who_does_not_say)
{
    static const char *const ordinary[] = {
        "",    "*/*",  "application/*", "application/json", "text/html", "text/html, */*;q=0.1", "nonsense",
        ",;,", ";q=1", "q=1",
    };

    EXPECT_TRUE(!wants_home(NULL));
    for (size_t i = 0; i < sizeof(ordinary) / sizeof(ordinary[0]); i++)
        EXPECT_TRUE(!wants_home(ordinary[i]));
}

TEST(another_form_goes_to_who_names_it)
{
    EXPECT_TRUE(wants_home("application/json-home"));
    EXPECT_TRUE(wants_home("APPLICATION/JSON-HOME"));
    EXPECT_TRUE(wants_home("text/html , application/json-home ,"));
    EXPECT_TRUE(wants_home("application/json-home;q=abc"));
    EXPECT_TRUE(!wants_home("application/json-home; charset=utf-8"));
    EXPECT_TRUE(!wants_home("application/json-homer"));
}

TEST(the_form_that_is_wanted_more_wins)
{
    EXPECT_TRUE(wants_home("application/json;q=0.1, application/json-home"));
    EXPECT_TRUE(wants_home("application/json-home;q=0.5,application/json;q=0.4"));
    EXPECT_TRUE(wants_home("application/json-home;q=0.41, application/json;q=0.405"));
    EXPECT_TRUE(wants_home("application/json-home ; q=1.5 , application/json; q=0"));
    EXPECT_TRUE(!wants_home("application/json-home;q=0.5, */*"));
    EXPECT_TRUE(!wants_home("application/json-home;q=0"));
    EXPECT_TRUE(!wants_home("application/json-home;q=0, application/json;q=0"));
}

TEST(of_two_that_are_wanted_alike_the_one_that_is_named_wins_or_the_usual)
{
    EXPECT_TRUE(wants_home("application/json-home;q=0.5, */*;q=0.5"));
    EXPECT_TRUE(!wants_home("application/json-home, application/json"));
    EXPECT_TRUE(!wants_home("application/json, application/json-home"));
}

TEST(a_type_that_is_named_counts_before_all_of_its_kind)
{
    EXPECT_TRUE(wants_home("application/*;q=0.9, application/json;q=0.1"));
    EXPECT_TRUE(!wants_home("*/*, application/json-home;q=0"));
}

TEST_MAIN()

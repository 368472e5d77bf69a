/* SPDX-License-Identifier: Apache-2.0 */
/* Access rules: which paths a pattern allows. */
#include <string.h>

#include "base/time.h"
#include "kit/test.h"
#include "rest/token.h"

static bool allows(const char *pattern, const char *path)
{
    const char *rules[] = { "compute", "GET", pattern, NULL };
    const struct token t = { .has_access_rules = true, .access_rules = rules };

    return token_allows(&t, "compute", "GET", path);
}

TEST(a_pattern_allows_the_paths_that_it_describes)
{
    static const struct {
        const char *pattern, *path;
        bool fits;
    } cases[] = {
        { "/v2.1/servers", "/v2.1/servers", true },
        { "/v2.1/servers", "/v2.1/servers/", false },
        { "/v2.1/servers", "/v2.1/server", false },
        { "/v2.1/servers", "/v2x1/servers", false },
        { "/v2.1/servers/*", "/v2.1/servers/1", true },
        { "/v2.1/servers/*", "/v2.1/servers/", false },
        { "/v2.1/servers/*", "/v2.1/servers/1/ips", false },
        { "/v2.1/servers/{server_id}/ips", "/v2.1/servers/1/ips", true },
        { "/v2.1/servers/{server_id}/ips", "/v2.1/servers/1/2/ips", false },
        { "/v2.1/servers/{server_id", "/v2.1/servers/{server_id", true },
        { "/v2.1/servers/{server_id", "/v2.1/servers/1", false },
        { "/v2.1/*-*", "/v2.1/a-b-c", true },
        { "/v2.1/*-*", "/v2.1/a-", false },
        { "/v2.1/**", "/v2.1/", true },
        { "/v2.1/**", "/v2.1/servers/1/ips", true },
        { "/v2.1/**", "/v2.0/servers", false },
        { "/**/ips", "/v2.1/servers/1/ips", true },
        { "/**/ips", "/v2.1/servers/1/ip", false },
        { "**", "/", true },
        { "/a/*/b/*/c/*/d/*/e/*/f/*/g/*/h/*/i/*", "/a/1/b/1/c/1/d/1/e/1/f/1/g/1/h/1/i/1", true },
        { "/**a**a**a**a**a**a**a**a**a**b", "/aaaaaaaaab", true },
        { "", "/", false },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        EXPECT_STR(arena_printf(test_arena(t), "%s %s %d", cases[i].pattern, cases[i].path,
                                allows(cases[i].pattern, cases[i].path)),
                   arena_printf(test_arena(t), "%s %s %d", cases[i].pattern, cases[i].path, cases[i].fits));
}

TEST(nothing_is_allowed_without_a_rule_for_it)
{
    const char *rules[] = { "compute", "GET", "/**", NULL };
    struct token token = { .has_access_rules = true, .access_rules = rules };

    EXPECT_TRUE(token_allows(&token, "compute", "GET", "/x"));
    EXPECT_TRUE(!token_allows(&token, "compute", "POST", "/x"));
    EXPECT_TRUE(!token_allows(&token, "image", "GET", "/x"));
    token.access_rules = NULL;
    EXPECT_TRUE(!token_allows(&token, "compute", "GET", "/x"));
    token.has_access_rules = false;
    EXPECT_TRUE(token_allows(&token, "compute", "GET", "/x"));
}

/* Tried one star after the other these two would take years. */
TEST(a_pattern_of_many_stars_takes_no_longer_than_its_length)
{
    struct arena *a = test_arena(t);
    char *path = arena_alloc(a, 8001);
    int64_t began_us = time_mono_us();

    memset(path, 'a', 8000);
    path[0] = '/';
    path[8000] = 0;
    EXPECT_TRUE(!allows("/**a**a**a**a**a**a**a**b", path));
    EXPECT_TRUE(!allows("/*a*a*a*a*a*a*a*b", path));
    EXPECT_TRUE(time_mono_us() - began_us < 5000000);
}

TEST_MAIN()

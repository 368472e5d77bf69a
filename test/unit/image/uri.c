/* SPDX-License-Identifier: Apache-2.0 */
#include "image/model/uri.h"

#include "kit/test.h"

static bool allowed(struct test *t, const char *uri)
{
    static const char *schemes[] = { "http", "https", NULL }, *ports[] = { "80", "443", NULL };
    static const char *hosts[] = { "secret.example", NULL };
    const struct image_options o = { .import_allowed_schemes = schemes,
                                     .import_allowed_ports = ports,
                                     .import_disallowed_hosts = hosts };

    return uri_is_allowed(&o, test_arena(t), uri);
}

TEST(what_the_operator_allows_is_allowed)
{
    EXPECT_TRUE(allowed(t, "http://example.org/a.qcow2"));
    EXPECT_TRUE(allowed(t, "HTTPS://example.org:443/a?b=c"));
}

TEST(other_schemes_hosts_and_ports_are_not)
{
    EXPECT_TRUE(!allowed(t, "file:///etc/passwd"));
    EXPECT_TRUE(!allowed(t, "http://Secret.Example/"));
    EXPECT_TRUE(!allowed(t, "http://example.org:22/"));
    EXPECT_TRUE(!allowed(t, ""));
    EXPECT_TRUE(!allowed(t, NULL));
}

TEST(nothing_that_could_be_read_in_two_ways_is_allowed)
{
    EXPECT_TRUE(!allowed(t, "http://user:pass@example.org/"));
    EXPECT_TRUE(!allowed(t, "http://example.org\\@secret.example/"));
    EXPECT_TRUE(!allowed(t, "http://example.org/\\\\a"));
    EXPECT_TRUE(!allowed(t, "http://example.org/a b"));
    EXPECT_TRUE(!allowed(t, "http://example.org/\r\nHost: x"));
}

TEST_MAIN()

/* SPDX-License-Identifier: Apache-2.0 */
#include "network/ipnum.h"

#include "kit/test.h"
#include "network/model/pools.h"

static struct ipnet net(const char *s)
{
    struct ipnet n = { 0 };

    EXPECT_INT(ipnet_parse(s, &n, NULL), 0);
    return n;
}

TEST(networks_lose_their_host_bits)
{
    struct ipnet n;
    bool host;

    EXPECT_INT(ipnet_parse("10.1.2.3/16", &n, &host), 0);
    EXPECT_TRUE(host);
    EXPECT_STR(ipnet_text(test_arena(t), &n), "10.1.0.0/16");
    EXPECT_INT(ipnet_parse("::/0", &n, &host), 0);
    EXPECT_STR(ipnet_text(test_arena(t), &n), "::/0");
    EXPECT_INT(ipnet_parse("2001:db8::1", &n, &host), 0);
    EXPECT_INT(n.prefixlen, 128);
}

TEST(what_is_no_network_is_refused)
{
    static const char *const bad[] = { "",           "/",      "10.0.0.0/33", "10.0.0/8", "10.0.0.0/-1",
                                       "10.0.0.0/x", "::/129", "10.0.0.0/ 8", "a/8",      "10.0.0.0/+8" };
    struct ipnet n;

    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        EXPECT_INT(ipnet_parse(bad[i], &n, NULL), -EINVAL);
    EXPECT_INT(ipnet_parse(NULL, &n, NULL), -EINVAL);
}

TEST(networks_overlap_when_one_holds_the_other)
{
    struct ipnet a = net("10.0.0.0/8"), b = net("10.9.0.0/16"), c = net("11.0.0.0/8"), d = net("::/0");

    EXPECT_TRUE(ipnet_overlaps(&a, &b));
    EXPECT_TRUE(ipnet_overlaps(&b, &a));
    EXPECT_TRUE(!ipnet_overlaps(&a, &c));
    EXPECT_TRUE(!ipnet_overlaps(&a, &d));
}

TEST(a_pool_leaves_out_the_gateway)
{
    struct ipnet n = net("192.0.2.0/29");

    EXPECT_STR(
        pools_default(test_arena(t), &n, "192.0.2.3"),
        "[{\"start\":\"192.0.2.1\",\"end\":\"192.0.2.2\"},{\"start\":\"192.0.2.4\",\"end\":\"192.0.2.6\"}]");
    EXPECT_STR(pools_default(test_arena(t), &n, NULL), "[{\"start\":\"192.0.2.1\",\"end\":\"192.0.2.6\"}]");
    n = net("192.0.2.8/31");
    EXPECT_INT(pools_size(test_arena(t), pools_default(test_arena(t), &n, NULL)), 2);
    n = net("2001:db8::/32");
    EXPECT_STR(ipval_text(test_arena(t), pools_size(test_arena(t), pools_default(test_arena(t), &n, NULL))),
               "79228162514264337593543950335");
}

TEST(a_host_makes_its_address_from_its_mac)
{
    struct ipnet n = net("2001:db8::/64");
    struct ipnum ip;

    EXPECT_INT(ipnum_eui64(&n, "fa:16:3e:12:34:56", &ip), 0);
    EXPECT_STR(ipnum_text(test_arena(t), ip), "2001:db8::f816:3eff:fe12:3456");
    n = net("2001:db8::/80");
    EXPECT_INT(ipnum_eui64(&n, "fa:16:3e:12:34:56", &ip), -EINVAL);
}

TEST_MAIN()

/* SPDX-License-Identifier: Apache-2.0 */
#include "host/ip.h"

#include <errno.h>
#include <sys/socket.h>

#include "kit/test.h"

TEST(an_address_reads_and_writes_back)
{
    static const char *const good[] = { "10.0.0.0/24", "0.0.0.0/0", "203.0.113.7/32", "2001:db8::/64",
                                        "::/0" };
    char buf[IP_TEXT_MAX];
    struct ip a;

    for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
        EXPECT_INT(ip_parse(good[i], &a), 0);
        EXPECT_STR(ip_text_net(&a, buf), good[i]);
    }
    EXPECT_INT(ip_parse("10.1.2.3", &a), 0);
    EXPECT_INT(a.prefixlen, 32);
    EXPECT_INT(ip_parse("fe80::1", &a), 0);
    EXPECT_INT(a.prefixlen, 128);
}

TEST(what_is_no_address_is_refused)
{
    static const char *const bad[] = { "",          "10.0.0",         "10.0.0.256", "10.0.0.1/33",
                                       "10.0.0.1/", "10.0.0.1/-1",    "::1/129",    "g::",
                                       "10.0.0.1 ", "10.0.0.1/24/24", "/24" };
    struct ip a;

    EXPECT_INT(ip_parse(NULL, &a), -EINVAL);
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        EXPECT_TRUE(ip_parse(bad[i], &a) < 0);
}

static bool in(const char *a, const char *net)
{
    struct ip x, y;

    EXPECT_INT(ip_parse(a, &x), 0);
    EXPECT_INT(ip_parse(net, &y), 0);
    return ip_in(&x, &y);
}

TEST(an_address_lies_in_its_network_only)
{
    EXPECT_TRUE(in("10.0.0.5", "10.0.0.0/24"));
    EXPECT_TRUE(in("10.0.0.5", "10.0.0.77/24"));
    EXPECT_TRUE(!in("10.0.1.5", "10.0.0.0/24"));
    EXPECT_TRUE(in("10.0.1.5", "0.0.0.0/0"));
    EXPECT_TRUE(in("2001:db8::5", "2001:db8::/33"));
    EXPECT_TRUE(!in("2001:db8:8000::5", "2001:db8::/33"));
    EXPECT_TRUE(!in("2001:db8::5", "0.0.0.0/0"));
}

TEST(a_mac_gives_its_link_local_address)
{
    char buf[IP_TEXT_MAX], text[MAC_TEXT_MAX];
    uint8_t mac[MAC_LEN];
    struct ip a;

    EXPECT_INT(mac_parse("FA:16:3e:00:00:01", mac), 0);
    EXPECT_STR(mac_text(mac, text), "fa:16:3e:00:00:01");
    a = ip_link_local_of(mac);
    EXPECT_STR(ip_text(&a, buf), "fe80::f816:3eff:fe00:1");
    EXPECT_TRUE(ip_is_link_local(&a));
    EXPECT_INT(mac_parse("fa:16:3e:00:00", mac), -EINVAL);
    EXPECT_INT(mac_parse("fa:16:3e:00:00:0g", mac), -EINVAL);
    EXPECT_INT(mac_parse("fa-16-3e-00-00-01", mac), -EINVAL);
}

TEST_MAIN()

/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/wishes.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "agent/dhcp.h"
#include "agent/firewall.h"
#include "base/strbuf.h"
#include "kit/test.h"
#include "wire/json.h"

/* Reads JSON where ' stands for ". */
static int read_text(struct test *t, const char *text, struct wishes *ret, struct err *err)
{
    char *copy = arena_strdup(test_arena(t), text);
    auto_json json_t *j = NULL;

    for (char *p = copy; *p; p++)
        *p = *p == '\'' ? '"' : *p;
    EXPECT_OK(json_read(copy, strlen(copy), &j, err), err);
    return wishes_read(test_arena(t), j, ret, err);
}

#define ANSWER(networks, ports, groups, routers)                                                     \
    "{'version': '7', 'networks': [" networks "], 'ports': [" ports "], 'security_groups': [" groups \
    "], 'routers': [" routers "]}"
#define NETWORK(more) "{'id': 'n1', 'network_type': 'local'" more "}"
#define PORT(more)    "{'id': 'p1', 'network_id': 'n1', 'mac_address': 'fa:16:3e:00:00:01'" more "}"
#define RULE(more)    "{'direction': 'ingress', 'ethertype': 'IPv4'" more "}"
#define GROUP(rules)  "{'id': 'g1', 'rules': [" rules "]}"

TEST(an_answer_that_is_not_whole_is_refused)
{
    static const char *const broken[] = {
        "{}",
        "{'version': '1', 'networks': [], 'ports': [], 'routers': []}",
        "{'networks': [], 'ports': [], 'routers': [], 'security_groups': []}",
        ANSWER("", "{'network_id': 'n1'}", "", ""),
        ANSWER("{'id': '../../x', 'network_type': 'local'}", "", "", ""),
        ANSWER("", "", "{'id': 'g { } drop'}", ""),
        ANSWER("", "", "", "7"),
    };
    struct wishes w;

    for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
        struct err err = { 0 };

        EXPECT_INT(read_text(t, broken[i], &w, &err), -EINVAL);
        EXPECT_MATCH(err.msg, "wishes");
    }
}

TEST(a_bad_item_is_kept_with_its_words)
{
    struct err err = { 0 };
    struct wishes w;

    EXPECT_OK(
        read_text(
            t,
            ANSWER("{'id': 'n1', 'network_type': 'geneve'}, {'id': 'n2', 'network_type': 'vlan', "
                   "'physical_network': 'x', 'segmentation_id': 4095}, {'id': 'n3', 'network_type': 'vxlan'}",
                   PORT(", 'fixed_ips': [{'ip_address': '10.0.0'}]"),
                   GROUP(RULE(", 'protocol': 'tcp', "
                              "'port_range_min': 9, 'port_range_max': 8")),
                   "{'id': 'r1', 'routes': [{'destination': "
                   "'10.0.0.0/8', 'nexthop': '2001:db8::1'}]}"),
            &w, &err),
        &err);
    EXPECT_MATCH(w.networks[0].bad, "type");
    EXPECT_MATCH(w.networks[1].bad, "VLAN");
    EXPECT_MATCH(w.networks[2].bad, "VNI");
    EXPECT_MATCH(w.ports[0].bad, "10.0.0");
    EXPECT_MATCH(w.groups[0].bad, "out of order");
    EXPECT_MATCH(w.routers[0].bad, "IPv6");
}

TEST(what_is_missing_has_its_default)
{
    struct err err = { 0 };
    struct wishes w;

    EXPECT_OK(read_text(t, ANSWER(NETWORK(", 'unknown': 1"), PORT(""), "", "{'id': 'r1'}"), &w, &err), &err);
    EXPECT_TRUE(w.ports[0].admin_state_up && w.ports[0].port_security && !w.ports[0].bad);
    EXPECT_TRUE(w.networks[0].admin_state_up && !w.networks[0].dhcp);
    EXPECT_TRUE(w.routers[0].admin_state_up && !w.routers[0].gateway);
}

/* OSSA-2021-005, GENERIC-36: nothing a user wrote becomes a line of dnsmasq's files. */
TEST(a_line_break_in_an_option_reaches_no_file)
{
    struct err err = { 0 };
    struct wishes w;

    EXPECT_OK(
        read_text(
            t,
            ANSWER(
                NETWORK(
                    ", 'subnets': [{'id': 's1', 'cidr': '10.0.0.0/24', 'enable_dhcp': true}], 'hosts': ["
                    "{'port_id': 'p1', 'mac_address': 'fa:16:3e:00:00:01', 'fixed_ips': [{'subnet_id': 's1', "
                    "'ip_address': '10.0.0.5'}], 'extra_dhcp_opts': [{'opt_name': 'bootfile-name', "
                    "'opt_value': 'x\\ndhcp-script=/bin/evil'}]}, "
                    "{'port_id': 'p2', 'mac_address': 'fa:16:3e:00:00:02', 'hostname': 'a\\nb', 'fixed_ips': "
                    "[{'subnet_id': 's1', 'ip_address': '10.0.0.6'}]}, "
                    "{'port_id': 'p3', 'mac_address': 'fa:16:3e:00:00:03', 'hostname': 'good', 'fixed_ips': "
                    "[{'subnet_id': 's1', 'ip_address': '10.0.0.7'}]}]"),
                "", "", ""),
            &w, &err),
        &err);
    EXPECT_STR(dnsmasq_hosts(test_arena(t), &w.networks[0]), "fa:16:3e:00:00:03,good,10.0.0.7\n");
    EXPECT_TRUE(!strstr(dnsmasq_options(test_arena(t), &w.networks[0]), "evil"));
    EXPECT_TRUE(!strstr(dnsmasq_names(test_arena(t), &w.networks[0]), "10.0.0.6"));
}

TEST(rules_read_the_apis_protocols)
{
    static const struct {
        const char *rule;
        int protocol, min, max;
    } cases[] = {
        { RULE(", 'protocol': 'tcp', 'port_range_min': 22, 'port_range_max': 23"), IPPROTO_TCP, 22, 23 },
        { RULE(", 'protocol': '17'"), IPPROTO_UDP, -1, -1 },
        { RULE(", 'protocol': null"), -1, -1, -1 },
        { RULE(", 'protocol': 'ICMP', 'port_range_min': 8"), IPPROTO_ICMP, 8, -1 },
        { "{'direction': 'egress', 'ethertype': 'IPv6', 'protocol': 'icmp'}", IPPROTO_ICMPV6, -1, -1 },
    };
    struct err err = { 0 };
    struct wishes w;

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        const char *text =
            arena_printf(test_arena(t), ANSWER("", "", "{'id': 'g1', 'rules': [%s]}", ""), cases[i].rule);

        EXPECT_OK(read_text(t, text, &w, &err), &err);
        EXPECT_STR(w.groups[0].bad, NULL);
        EXPECT_INT(w.groups[0].rules[0].protocol, cases[i].protocol);
        EXPECT_INT(w.groups[0].rules[0].min, cases[i].min);
        EXPECT_INT(w.groups[0].rules[0].max, cases[i].max);
    }
}

TEST(only_ports_that_lost_a_rule_are_judged_anew)
{
    struct err err = { 0 };
    struct wishes w;
    char *chains;

    EXPECT_OK(
        read_text(
            t,
            ANSWER(
                NETWORK(""),
                PORT(
                    ", 'security_groups': ['g1']") ", {'id': 'p2', 'network_id': 'n1', "
                                                   "'mac_address': 'fa:16:3e:00:00:02', 'security_groups': ['g2']}",
                GROUP(RULE("")) ", {'id': 'g2', 'rules': []}", ""),
            &w, &err),
        &err);
    chains = firewall_bridge_table(test_arena(t), &w);
    EXPECT_TRUE(!firewall_ports_that_lost(test_arena(t), &w, chains)[0]);
    w.groups[0].n_rules = 0;
    EXPECT_TRUE(firewall_ports_that_lost(test_arena(t), &w, chains)[0]);
    EXPECT_TRUE(!firewall_ports_that_lost(test_arena(t), &w, chains)[1]);
    w.groups[0].n_rules = 1;
    w.ports[1].groups = NULL;
    EXPECT_TRUE(!firewall_ports_that_lost(test_arena(t), &w, chains)[0]);
    EXPECT_TRUE(firewall_ports_that_lost(test_arena(t), &w, chains)[1]);
}

/* What a host of 'count' guests loads when their groups name each other as source. */
static size_t table_size(struct test *t, int count)
{
    struct strbuf ports, groups, members;
    struct err err = { 0 };
    struct wishes w;

    strbuf_init(&ports, test_arena(t));
    strbuf_init(&groups, test_arena(t));
    strbuf_init(&members, test_arena(t));
    for (int i = 0; i < count; i++) {
        strbuf_printf(&members, "%s'10.0.%d.%d'", i ? "," : "", i / 200, i % 200 + 1);
        strbuf_printf(
            &ports,
            "%s{'id': 'p%d', 'network_id': 'n1', 'mac_address': 'fa:16:3e:00:%02x:%02x', 'fixed_ips': "
            "[{'ip_address': '10.0.%d.%d', 'prefixlen': 16}], 'security_groups': ['g1', 'g2']}",
            i ? "," : "", i, i / 256, i % 256, i / 200, i % 200 + 1);
    }
    for (int g = 1; g <= 2; g++)
        strbuf_printf(&groups,
                      "%s{'id': 'g%d', 'members': [%s], 'rules': [" RULE(", 'remote_group_id': 'g%d'") "]}",
                      g > 1 ? "," : "", g, strbuf_str(&members), 3 - g);
    EXPECT_OK(read_text(t,
                        arena_printf(test_arena(t),
                                     "{'version': '7', 'networks': [" NETWORK(
                                         "") "], 'ports': [%s], 'security_groups': "
                                             "[%s], 'routers': []}",
                                     strbuf_str(&ports), strbuf_str(&groups)),
                        &w, &err),
              &err);
    return strlen(firewall_bridge_table(test_arena(t), &w));
}

/* OSSA-2013-020: twice the guests cost twice, not four times. */
TEST(groups_that_name_each_other_cost_what_their_members_are)
{
    size_t some = table_size(t, 200), twice = table_size(t, 400), more = table_size(t, 1600);

    EXPECT_TRUE(twice < some * 22 / 10);
    EXPECT_TRUE(more < some * 9);
    EXPECT_TRUE(more / 1600 < 6000);
}

TEST_MAIN()

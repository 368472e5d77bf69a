/* SPDX-License-Identifier: Apache-2.0 */
/* Guests on bridges: who hears whom. */
#include "agent/l2.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "agent/firewall.h"
#include "host/link.h"
#include "host/netns.h"
#include "host/nft.h"
#include "host/purge.h"
#include "io/sock.h"
#include "net.h"

#define NET     "11111111-0000-4000-8000-000000000001"
#define P1      "aaaaaaaa-1000-4000-8000-000000000001"
#define P2      "bbbbbbbb-2000-4000-8000-000000000002"
#define G       "cccccccc-0000-4000-8000-000000000001"
#define T1      "tapaaaaaaaa-10"
#define T2      "tapbbbbbbbb-20"

#define NETWORK "{'id': '" NET "', 'network_type': 'local', 'mtu': 1450, 'subnets': []}"
#define PORT1_HEAD                                                                                                 \
    "{'id': '" P1 "', 'network_id': '" NET "', 'mac_address': 'fa:16:3e:00:00:01', "                               \
    "'fixed_ips': [{'ip_address': '10.0.0.1', 'prefixlen': 24}, {'ip_address': '2001:db8::1', 'prefixlen': 64}], " \
    "'security_groups': ['" G "']"
#define PORT1 PORT1_HEAD "}"
#define PORT2                                                                                                      \
    "{'id': '" P2 "', 'network_id': '" NET "', 'mac_address': 'fa:16:3e:00:00:02', "                               \
    "'fixed_ips': [{'ip_address': '10.0.0.2', 'prefixlen': 24}, {'ip_address': '2001:db8::2', 'prefixlen': 64}], " \
    "'security_groups': ['" G "']}"
#define EGRESS "{'direction': 'egress', 'ethertype': 'IPv4'}, {'direction': 'egress', 'ethertype': 'IPv6'}"
#define WISHES(ports, rules, members)                                                   \
    "{'version': '1', 'networks': [" NETWORK "], 'routers': [], 'ports': [" ports "], " \
    "'security_groups': [{'id': '" G "', 'members': [" members "], 'rules': [" rules "]}]}"

static struct net *two_guests(struct test *t, const char **a, const char **b)
{
    struct net *n = net_start(t);

    *a = net_guest(n, "a", T1, "fa:16:3e:00:00:01", "10.0.0.1/24", NULL);
    *b = net_guest(n, "b", T2, "fa:16:3e:00:00:02", "10.0.0.2/24", NULL);
    EXPECT_INT(lab_run(t, *a, "ip address add 2001:db8::1/64 dev eth0 nodad", NULL), 0);
    EXPECT_INT(lab_run(t, *b, "ip address add 2001:db8::2/64 dev eth0 nodad", NULL), 0);
    return n;
}

TEST(a_port_gets_a_tap_on_its_bridge)
{
    struct link tap, bridge;
    struct err err = { 0 };
    struct net *n;
    struct nl *nl;

    n = net_start(t);
    nl = lab_nl(t, NULL);
    net_round(n, WISHES(PORT1, EGRESS, ""));
    EXPECT_STR(net_status(n, "ports", P1), "up");
    EXPECT_STR(net_status(n, "networks", NET), "up");
    EXPECT_OK(link_get(nl, T1, &tap, &err), &err);
    EXPECT_OK(link_get(nl, "brq11111111-00", &bridge, &err), &err);
    EXPECT_INT(tap.master, bridge.index);
    EXPECT_STR(tap.kind, "tun");
    EXPECT_INT(tap.mtu, 1450);
    EXPECT_STR(tap.alias, "stackd:lab:l2");

    /* And goes when nobody wishes it. */
    net_round(n, WISHES("", EGRESS, ""));
    EXPECT_TRUE(!link_exists(nl, T1));
    EXPECT_TRUE(link_exists(nl, "brq11111111-00"));
    net_round(n, "{'version': '1', 'networks': [], 'routers': [], 'ports': [], 'security_groups': []}");
    EXPECT_TRUE(!link_exists(nl, "brq11111111-00"));
}

TEST(guests_hear_each_other_only_as_the_rules_say)
{
    const char *a, *b;
    struct net *n;

    n = two_guests(t, &a, &b);
    net_round(n, WISHES(PORT1 "," PORT2, EGRESS, ""));
    EXPECT_STR(net_status(n, "ports", P1), "up");
    EXPECT_TRUE(!lab_pings(t, a, "10.0.0.2"));
    EXPECT_TRUE(!lab_connects(t, a, b, "10.0.0.2", 80));

    /* From anywhere: ICMP and one port. */
    net_round(n, WISHES(PORT1 "," PORT2,
                        EGRESS ", {'direction': 'ingress', 'ethertype': 'IPv4', 'protocol': 'icmp'}, "
                               "{'direction': 'ingress', 'ethertype': 'IPv4', 'protocol': 'tcp', "
                               "'port_range_min': 80, 'port_range_max': 81}",
                        ""));
    EXPECT_TRUE(lab_reaches(t, a, "10.0.0.2"));
    EXPECT_TRUE(lab_connects(t, a, b, "10.0.0.2", 80));
    EXPECT_TRUE(lab_connects(t, b, a, "10.0.0.1", 81));
    EXPECT_TRUE(!lab_connects(t, a, b, "10.0.0.2", 82));
    EXPECT_TRUE(!lab_connects(t, a, b, "2001:db8::2", 80));
    EXPECT_TRUE(!lab_pings(t, a, "2001:db8::2"));

    /* From members of the group. */
    net_round(n, WISHES(PORT1 "," PORT2,
                        EGRESS ", {'direction': 'ingress', 'ethertype': 'IPv4', 'remote_group_id': '" G "'}, "
                               "{'direction': 'ingress', 'ethertype': 'IPv6', 'remote_group_id': '" G "'}",
                        "'10.0.0.1', '2001:db8::2', '10.0.0.0/30'"));
    EXPECT_TRUE(lab_connects(t, a, b, "10.0.0.2", 82));
    EXPECT_TRUE(lab_connects(t, b, a, "2001:db8::1", 82));
    EXPECT_TRUE(!lab_connects(t, a, b, "2001:db8::2", 82));
    EXPECT_TRUE(lab_reaches(t, b, "2001:db8::1"));

    /* From a network; and nothing may leave. */
    net_round(n,
              WISHES(PORT1 "," PORT2,
                     "{'direction': 'ingress', 'ethertype': 'IPv4', 'remote_ip_prefix': '10.0.0.0/24'}", ""));
    EXPECT_TRUE(!lab_pings(t, a, "10.0.0.2"));
    net_round(n, WISHES(PORT1 "," PORT2,
                        "{'direction': 'ingress', 'ethertype': 'IPv4', 'remote_ip_prefix': '10.0.0.0/24'}, "
                        "{'direction': 'egress', 'ethertype': 'IPv4', 'protocol': '1', 'port_range_min': 8, "
                        "'port_range_max': 0}",
                        ""));
    EXPECT_TRUE(lab_reaches(t, a, "10.0.0.2"));
    EXPECT_TRUE(!lab_connects(t, a, b, "10.0.0.2", 80));
}

#define OPEN \
    EGRESS ", {'direction': 'ingress', 'ethertype': 'IPv4'}, {'direction': 'ingress', 'ethertype': 'IPv6'}"

TEST(a_guest_cannot_pretend_to_be_another)
{
    const char *a, *b;
    struct net *n;

    n = two_guests(t, &a, &b);
    net_round(n, WISHES(PORT1 "," PORT2, OPEN, ""));
    EXPECT_TRUE(lab_reaches(t, a, "10.0.0.2"));
    EXPECT_TRUE(lab_reaches(t, a, "2001:db8::2"));

    /* Another address: its packets and its answers to ARP and neighbour questions are dropped. */
    EXPECT_INT(lab_run(t, a, "ip address add 10.0.0.77/24 dev eth0", NULL), 0);
    EXPECT_INT(lab_run(t, a, "ip address add 2001:db8::77/64 dev eth0 nodad", NULL), 0);
    EXPECT_TRUE(lab_run(t, a, "busybox ping -c 1 -W 1 -I 10.0.0.77 10.0.0.2", NULL) != 0);
    EXPECT_TRUE(lab_run(t, a, "busybox ping6 -c 1 -W 1 -I 2001:db8::77 2001:db8::2", NULL) != 0);
    EXPECT_TRUE(lab_run(t, b, "arping -c 1 -w 1 -I eth0 10.0.0.77", NULL) != 0);
    EXPECT_TRUE(lab_run(t, b, "arping -c 1 -w 1 -I eth0 10.0.0.1", NULL) == 0);
    EXPECT_TRUE(!lab_pings(t, b, "2001:db8::77"));

    /* Until the port's owner allows it. */
    net_round(n,
              WISHES(PORT1_HEAD ", 'allowed_address_pairs': [{'ip_address': '10.0.0.64/26', 'mac_address': "
                                "'fa:16:3e:00:00:01'}, {'ip_address': '2001:db8::77', 'mac_address': "
                                "'fa:16:3e:00:00:01'}]}," PORT2,
                     OPEN, ""));
    EXPECT_TRUE(lab_run(t, a, "busybox ping -c 1 -W 1 -I 10.0.0.77 10.0.0.2", NULL) == 0);
    EXPECT_TRUE(lab_reaches(t, b, "2001:db8::77"));

    /* Another MAC. */
    EXPECT_INT(lab_run(t, a, "ip link set eth0 address fa:16:3e:00:00:99", NULL), 0);
    EXPECT_TRUE(!lab_pings(t, a, "10.0.0.2"));
    net_round(n, WISHES(PORT1_HEAD ", 'port_security_enabled': false}," PORT2, OPEN, ""));
    EXPECT_TRUE(lab_reaches(t, a, "10.0.0.2"));
}

/* OSSA-2019-004: the bridge learns where guests are, and does not tell the others. */
TEST(a_guest_does_not_see_what_is_meant_for_another)
{
    const char *a, *b, *c;
    struct net *n = two_guests(t, &a, &b);
    char *before, *after;

    c = net_guest(n, "c", "tapcccccccc-30", "fa:16:3e:00:00:03", "10.0.0.3/24", NULL);
    net_round(n, WISHES(PORT1 "," PORT2 ", {'id': 'cccccccc-3000-4000-8000-000000000003', 'network_id': '" NET
                              "', 'mac_address': 'fa:16:3e:00:00:03', 'fixed_ips': [{'ip_address': "
                              "'10.0.0.3', 'prefixlen': 24}], 'port_security_enabled': false}",
                        OPEN, ""));
    EXPECT_TRUE(lab_reaches(t, a, "10.0.0.2"));
    EXPECT_INT(lab_run(t, c, "cat /sys/class/net/eth0/statistics/rx_bytes", &before), 0);
    EXPECT_INT(lab_run(t, a, "busybox ping -c 20 -i 0.01 -s 1400 -q 10.0.0.2", NULL), 0);
    EXPECT_INT(lab_run(t, c, "cat /sys/class/net/eth0/statistics/rx_bytes", &after), 0);
    EXPECT_TRUE(strtol(after, NULL, 10) - strtol(before, NULL, 10) < 20 * 1400 / 2);
}

TEST(a_running_connection_outlives_new_rounds)
{
    const char *a, *b;
    struct net *n;
    char *out;

    n = two_guests(t, &a, &b);
    net_round(n, WISHES(PORT1 "," PORT2, OPEN, ""));
    EXPECT_TRUE(lab_reaches(t, a, "10.0.0.2"));
    EXPECT_OK(nft_run(test_arena(t), NULL, "list tables\n", &out, NULL), NULL);
    EXPECT_MATCH(out, "table bridge stackd_lab");
    /* The same wishes change nothing; forgotten rules come back. */
    net_round(n, WISHES(PORT1 "," PORT2, OPEN, ""));
    EXPECT_OK(nft_run(NULL, NULL, "delete table bridge stackd_lab\n", NULL, NULL), NULL);
    net_round(n, WISHES(PORT1 "," PORT2, EGRESS, ""));
    EXPECT_TRUE(!lab_pings(t, a, "10.0.0.2"));
}

/* A question and an answer between two namespaces over one TCP connection. */
static bool talks(int a, int b)
{
    char c = 0;
    struct timeval patience = { .tv_usec = 600000 };

    setsockopt(b, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    return write(a, "x", 1) == 1 && read(b, &c, 1) == 1;
}

struct end {
    int fd;
};

static int listen_here(void *ctx, struct err *err)
{
    return ((struct end *) ctx)->fd = sock_listen_tcp("0.0.0.0", 80, 4, err);
}

static int connect_here(void *ctx, struct err *err)
{
    return ((struct end *) ctx)->fd = sock_connect_tcp("10.0.0.2", 80, 5000, err);
}

#define INGRESS ", {'direction': 'ingress', 'ethertype': 'IPv4', 'protocol': 'tcp'}"

TEST(a_rule_that_is_taken_away_ends_what_it_let_in)
{
    const char *a, *b;
    struct net *n = two_guests(t, &a, &b);
    struct end listener, client;
    struct err err = { 0 };
    auto_close int server = -1, from = -1;

    net_round(n, WISHES(PORT1 "," PORT2, EGRESS INGRESS, ""));
    EXPECT_OK(netns_run(b, listen_here, &listener, &err), &err);
    EXPECT_OK(netns_run(a, connect_here, &client, &err), &err);
    from = client.fd;
    server = accept(listener.fd, NULL, NULL);
    close(listener.fd);
    EXPECT_TRUE(talks(from, server) && talks(server, from));
    /* One rule more disturbs nothing; one less ends it, in both directions. */
    net_round(n,
              WISHES(PORT1 "," PORT2, EGRESS INGRESS ", {'direction': 'ingress', 'ethertype': 'IPv6'}", ""));
    EXPECT_TRUE(talks(from, server) && talks(server, from));
    net_round(n, WISHES(PORT1 "," PORT2, EGRESS, ""));
    EXPECT_TRUE(!talks(from, server));
    EXPECT_TRUE(!talks(server, from));
}

/* OSSA-2019-002: ranges that overlap, in one group and in two, are their union. */
TEST(port_ranges_that_overlap_are_their_union)
{
#define RANGE(min, max)                                                                        \
    "{'direction': 'ingress', 'ethertype': 'IPv4', 'protocol': 'tcp', 'port_range_min': " #min \
    ", 'port_range_max': " #max "}"
#define G2 "dddddddd-0000-4000-8000-000000000002"
#define TWO_GROUPS(second)                                                                          \
    "{'version': '1', 'networks': [" NETWORK "], 'routers': [], 'ports': [" PORT1 ", {'id': '" P2   \
    "', 'network_id': '" NET "', 'mac_address': 'fa:16:3e:00:00:02', 'fixed_ips': [{'ip_address': " \
    "'10.0.0.2', 'prefixlen': 24}], 'security_groups': ['" G "', '" G2                              \
    "']}], 'security_groups': [{'id': '" G "', 'members': [], 'rules': [" EGRESS                    \
    ", " RANGE(80, 90) ", " RANGE(85, 95) ", " RANGE(80, 90) "]}"                                   \
                                                             ", {'id': '" G2                        \
                                                             "', 'members': [], 'rules': [" second "]}]}"
    const char *a, *b;
    struct net *n = two_guests(t, &a, &b);

    net_round(n, TWO_GROUPS(RANGE(90, 120) ", " RANGE(1, 65535) ", " RANGE(100, 100)));
    EXPECT_STR(net_status(n, "ports", P2), "up");
    EXPECT_TRUE(lab_connects(t, a, b, "10.0.0.2", 85) && lab_connects(t, a, b, "10.0.0.2", 95));
    EXPECT_TRUE(lab_connects(t, a, b, "10.0.0.2", 100) && lab_connects(t, a, b, "10.0.0.2", 4000));
    net_round(n, TWO_GROUPS(RANGE(90, 120)));
    EXPECT_TRUE(lab_connects(t, a, b, "10.0.0.2", 95) && lab_connects(t, a, b, "10.0.0.2", 120));
    EXPECT_TRUE(!lab_connects(t, a, b, "10.0.0.2", 4000));
    net_round(n, TWO_GROUPS(""));
    EXPECT_STR(net_status(n, "ports", P2), "up");
    EXPECT_TRUE(lab_connects(t, a, b, "10.0.0.2", 80) && lab_connects(t, a, b, "10.0.0.2", 95));
    EXPECT_TRUE(!lab_connects(t, a, b, "10.0.0.2", 96) && !lab_connects(t, a, b, "10.0.0.2", 120));
}

TEST(one_bad_port_does_not_hold_up_the_others)
{
    struct net *n;
    struct nl *nl;

    n = net_start(t);
    nl = lab_nl(t, NULL);
    net_round(n, WISHES("{'id': '" P1 "', 'network_id': '" NET
                        "', 'mac_address': 'nonsense', 'fixed_ips': []}," PORT2,
                        OPEN ", {'direction': 'ingress', 'ethertype': 'IPv4', 'protocol': 'no-such'}", ""));
    EXPECT_STR(net_status(n, "ports", P1), "error");
    EXPECT_MATCH(net_reason(n, "ports", P1), "nonsense");
    EXPECT_STR(net_status(n, "ports", P2), "up");
    EXPECT_TRUE(link_exists(nl, T2));

    /* A physical network that is not here is the network's and its ports' error, with words. */
    net_round(n,
              "{'version': '1', 'networks': [{'id': '" NET "', 'network_type': 'flat', 'physical_network': "
              "'physnet7', 'subnets': []}], 'routers': [], 'ports': [" PORT1 "], 'security_groups': []}");
    EXPECT_STR(net_status(n, "networks", NET), "error");
    EXPECT_MATCH(net_reason(n, "networks", NET), "physnet7");
    EXPECT_STR(net_status(n, "ports", P1), "error");
}

TEST(a_port_that_is_switched_off_hears_nothing)
{
    const char *a, *b;
    struct net *n;

    n = two_guests(t, &a, &b);
    net_round(n, WISHES(PORT1_HEAD ", 'admin_state_up': false}," PORT2, OPEN, ""));
    EXPECT_STR(net_status(n, "ports", P1), "down");
    EXPECT_TRUE(!lab_pings(t, b, "10.0.0.1"));
    net_round(n, WISHES(PORT1 "," PORT2, OPEN, ""));
    EXPECT_TRUE(lab_reaches(t, b, "10.0.0.1"));
}

TEST(a_purge_leaves_nothing_and_touches_nothing_else)
{
    struct link *links;
    struct err err = { 0 };
    struct net *n;
    struct nl *nl;
    size_t count;

    n = net_start(t);
    nl = lab_nl(t, NULL);
    EXPECT_OK(bridge_ensure(nl, "mine", NULL, &err), &err);
    EXPECT_OK(bridge_ensure(nl, "other", "stackd:lab2:l2", &err), &err);
    net_round(n, WISHES(PORT1, OPEN, ""));
    EXPECT_OK(host_network_purge("lab", n->dir, n->options.run_dir, &err), &err);
    EXPECT_OK(host_network_purge("lab", n->dir, n->options.run_dir, &err), &err);
    EXPECT_OK(link_list(test_arena(t), nl, &links, &count, &err), &err);
    EXPECT_INT(count, 3);
    EXPECT_TRUE(link_exists(nl, "mine") && link_exists(nl, "other"));
    EXPECT_TRUE(!nft_table_exists(NULL, "bridge", "stackd_lab") &&
                !nft_table_exists(NULL, "inet", "stackd_lab"));
}

TEST_MAIN()

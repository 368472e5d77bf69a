/* SPDX-License-Identifier: Apache-2.0 */
/* Networks that leave the host: tunnels, physical networks, the edge. */
#include <string.h>

#include "agent/l2.h"
#include "base/str.h"
#include "host/link.h"
#include "host/netns.h"
#include "host/nft.h"
#include "host/purge.h"
#include "net.h"

#define NET "11111111-0000-4000-8000-000000000001"
#define P1  "aaaaaaaa-1000-4000-8000-000000000001"
#define P2  "bbbbbbbb-2000-4000-8000-000000000002"
#define G   "cccccccc-0000-4000-8000-000000000001"

#define PORT(id, mac, ip)                                                                         \
    "{'id': '" id "', 'network_id': '" NET "', 'mac_address': '" mac "', 'security_groups': ['" G \
    "'], 'fixed_ips': "                                                                           \
    "[{'ip_address': '" ip "', 'prefixlen': 24}]}"
#define GROUP(rules) \
    "'security_groups': [{'id': '" G "', 'rules': [{'direction': 'egress', 'ethertype': 'IPv4'}" rules "]}]"
#define OPEN ", {'direction': 'ingress', 'ethertype': 'IPv4'}"
#define TUNNELLED(port, remote, mac)                                                                \
    "{'version': '1', 'routers': [], " GROUP(                                                       \
        OPEN) ", 'ports': [" port "], 'networks': [{'id': '" NET                                    \
              "', 'network_type': 'vxlan', 'segmentation_id': 77, 'mtu': 1450, 'remotes': [" remote \
              "], 'fdb': [" mac "]}]}"
#define FDB(mac, remote) "{'mac_address': '" mac "', 'remote': '" remote "'}"

/* A guest of 'host', whose tap is there before the agent looks. */
static const char *guest_on(struct net *host, const char *name, const char *tap, const char *mac,
                            const char *ip)
{
    struct test *t = host->t;
    struct err err = { 0 };
    struct link_want up = { .up = true };
    uint8_t bytes[MAC_LEN];
    const char *path = net_path(host, name);

    mac_parse(mac, bytes);
    up.mac = bytes;
    EXPECT_OK(netns_ensure(host->dir, name, &err), &err);
    EXPECT_OK(veth_ensure(lab_nl(t, host->netns), tap, "eth0", path, "lab", &err), &err);
    EXPECT_OK(link_set(lab_nl(t, path), "eth0", &up, &err), &err);
    EXPECT_INT(lab_run(t, path, arena_printf(test_arena(t), "ip address add %s/24 dev eth0", ip), NULL), 0);
    return path;
}

TEST(guests_of_two_hosts_share_a_network_through_a_tunnel)
{
    struct net *lab = net_start(t), *one = net_host(t, lab, "one"), *two = net_host(t, lab, "two");
    struct err err = { 0 };
    const char *a, *b;

    EXPECT_OK(veth_ensure(lab_nl(t, one->netns), "under", "under", two->netns, NULL, &err), &err);
    EXPECT_INT(lab_run(t, one->netns, "ip address add 192.0.2.1/24 dev under", NULL), 0);
    EXPECT_INT(lab_run(t, two->netns, "ip address add 192.0.2.2/24 dev under", NULL), 0);
    EXPECT_INT(lab_run(t, one->netns, "ip link set under up", NULL), 0);
    EXPECT_INT(lab_run(t, two->netns, "ip link set under up", NULL), 0);
    one->options.local_ip = "192.0.2.1";
    two->options.local_ip = "192.0.2.2";
    a = guest_on(one, "a", "tapaaaaaaaa-10", "fa:16:3e:00:00:01", "10.0.0.1");
    b = guest_on(two, "b", "tapbbbbbbbb-20", "fa:16:3e:00:00:02", "10.0.0.2");
    net_round(one, TUNNELLED(PORT(P1, "fa:16:3e:00:00:01", "10.0.0.1"), "'192.0.2.2'",
                             FDB("fa:16:3e:00:00:02", "192.0.2.2")));
    net_round(two, TUNNELLED(PORT(P2, "fa:16:3e:00:00:02", "10.0.0.2"), "'192.0.2.1'",
                             FDB("fa:16:3e:00:00:01", "192.0.2.1")));
    EXPECT_STR(net_reason(one, "ports", P1), NULL);
    EXPECT_TRUE(lab_reaches(t, a, "10.0.0.2"));
    EXPECT_TRUE(lab_connects(t, b, a, "10.0.0.1", 80));

    /* Nobody else has a port on it: no tunnel. */
    net_round(one, TUNNELLED(PORT(P1, "fa:16:3e:00:00:01", "10.0.0.1"), "", ""));
    EXPECT_TRUE(!link_exists(lab_nl(t, one->netns), "vx11111111-00"));
    EXPECT_TRUE(!lab_pings(t, a, "10.0.0.2"));
}

#define PHYSICAL(type, id)                                                                              \
    "{'version': '1', 'routers': [], " GROUP(OPEN) ", 'ports': [" PORT(                                 \
        P1, "fa:16:3e:00:00:01", "10.0.0.1") "], 'networks': [{'id': '" NET "', 'network_type': '" type \
                                             "', 'segmentation_id': " id                                \
                                             ", 'physical_network': 'physnet1'}]}"

TEST(a_flat_network_is_the_wire_behind_an_interface)
{
    static const char *mappings[] = { "physnet1:wire", NULL };
    struct net *n = net_start(t);
    const char *a, *out;

    n->options.interface_mappings = mappings;
    a = net_guest(n, "a", "tapaaaaaaaa-10", "fa:16:3e:00:00:01", "10.0.0.1/24", NULL);
    out = net_guest(n, "out", "wire", "02:00:00:00:00:01", "10.0.0.9/24", NULL);
    net_round(n, PHYSICAL("flat", "null"));
    EXPECT_STR(net_reason(n, "networks", NET), NULL);
    EXPECT_TRUE(lab_reaches(t, a, "10.0.0.9"));
    EXPECT_TRUE(lab_reaches(t, out, "10.0.0.1"));
}

TEST(a_vlan_works_or_its_ports_say_why_not)
{
    static const char *mappings[] = { "physnet1:wire", NULL };
    struct net *n = net_start(t);

    n->options.interface_mappings = mappings;
    net_guest(n, "out", "wire", "02:00:00:00:00:01", NULL, NULL);
    net_round(n, PHYSICAL("vlan", "100"));
    if (str_eq(net_status(n, "networks", NET), "up")) {
        EXPECT_TRUE(link_exists(lab_nl(t, NULL), "vl11111111-00"));
        return;
    }
    EXPECT_MATCH(net_reason(n, "networks", NET), "vlan device");
    EXPECT_STR(net_status(n, "ports", P1), "error");
    EXPECT_MATCH(net_reason(n, "ports", P1), "vlan device");
}

/* A host with an uplink to somebody who knows no way back to the cloud. */
static struct net *edge_scene(struct test *t, const char **out)
{
    static const char *bridges[] = { "br-ex:10.0.0.254/24", NULL };
    static const char *mappings[] = { "physnet1:br-ex", NULL };
    struct net *n = net_start(t);

    n->options.edge_bridges = bridges;
    n->options.bridge_mappings = mappings;
    *out = net_guest(n, "out", "uplink", "02:00:00:00:00:01", "198.51.100.1/24", NULL);
    EXPECT_INT(lab_run(t, NULL, "ip address add 198.51.100.2/24 dev uplink", NULL), 0);
    EXPECT_INT(lab_run(t, NULL, "ip link set uplink up", NULL), 0);
    return n;
}

TEST(an_edge_bridge_leads_out_and_a_purge_shuts_it)
{
    const char *out, *a;
    struct net *n = edge_scene(t, &out);
    struct err err = { 0 };
    char *text;

    a = net_guest(n, "a", "tapaaaaaaaa-10", "fa:16:3e:00:00:01", "10.0.0.1/24", "10.0.0.254");
    net_round(n, PHYSICAL("flat", "null"));
    EXPECT_STR(net_reason(n, "ports", P1), NULL);
    EXPECT_TRUE(lab_reaches(t, a, "10.0.0.254"));
    EXPECT_TRUE(lab_reaches(t, a, "198.51.100.1"));
    EXPECT_TRUE(lab_connects(t, a, out, "198.51.100.1", 80));
    EXPECT_OK(host_network_purge("lab", n->dir, n->options.run_dir, &err), &err);
    EXPECT_TRUE(!link_exists(lab_nl(t, NULL), "br-ex"));
    EXPECT_INT(lab_run(t, NULL, "cat /proc/sys/net/ipv4/ip_forward", &text), 0);
    EXPECT_STR(text, "0\n");
    EXPECT_INT(nft_run(test_arena(t), NULL, "list tables\n", &text, NULL), 0);
    EXPECT_STR(text, "");
}

TEST(the_last_cloud_that_leaves_turns_forwarding_off)
{
    static const char *bridges[] = { "br-two:10.1.0.254/24", NULL };
    const char *none = "{'version': '1', 'networks': [], 'ports': [], 'routers': [], 'security_groups': []}",
               *out;
    struct net *one = edge_scene(t, &out), two = *one;
    struct err err = { 0 };

    two.options.edge_bridges = bridges;
    two.options.run_dir = test_path(t, "run2");
    two.config.prefix = "lab2";
    two.config.network = &two.options;
    two.report = NULL;
    net_round(one, none);
    net_round(&two, none);
    json_decref(two.report);
    EXPECT_OK(host_network_purge("lab", one->dir, one->options.run_dir, &err), &err);
    EXPECT_TRUE(link_exists(lab_nl(t, NULL), "br-two") && !link_exists(lab_nl(t, NULL), "br-ex"));
    EXPECT_INT(lab_run(t, NULL, "grep -q 1 /proc/sys/net/ipv4/ip_forward", NULL), 0);
    EXPECT_OK(host_network_purge("lab2", one->dir, two.options.run_dir, &err), &err);
    EXPECT_INT(lab_run(t, NULL, "grep -q 0 /proc/sys/net/ipv4/ip_forward", NULL), 0);
}

#define EDGE(rules)                                                         \
    "{'version': '1', 'routers': [], " GROUP(rules) ", 'ports': [" PORT(    \
        P1, "fa:16:3e:00:00:01", "10.0.0.1") "], 'networks': [{'id': '" NET \
                                             "', 'network_type': 'flat', 'physical_network': 'physnet1'}]}"

TEST(the_host_itself_is_no_way_around_the_rules)
{
    const char *out, *a;
    struct net *n = edge_scene(t, &out);

    a = net_guest(n, "a", "tapaaaaaaaa-10", "fa:16:3e:00:00:01", "10.0.0.1/24", "10.0.0.254");
    EXPECT_INT(lab_run(t, out, "ip route add 10.0.0.0/24 via 198.51.100.2", NULL), 0);
    net_round(n, EDGE(""));
    /* From the host, and through it from outside. */
    EXPECT_TRUE(!lab_pings(t, NULL, "10.0.0.1"));
    EXPECT_TRUE(!lab_connects(t, NULL, a, "10.0.0.1", 80));
    EXPECT_TRUE(!lab_connects(t, out, a, "10.0.0.1", 80));
    /* But answers come back. */
    EXPECT_TRUE(lab_connects(t, a, NULL, "10.0.0.254", 80));
    EXPECT_TRUE(lab_connects(t, a, out, "198.51.100.1", 80));
    net_round(n, EDGE(OPEN));
    EXPECT_TRUE(lab_reaches(t, NULL, "10.0.0.1"));
    EXPECT_TRUE(lab_connects(t, out, a, "10.0.0.1", 80));
    /* And what it may not send it may not send to the host. */
    net_round(n, "{'version': '1', 'routers': [], 'security_groups': [], 'ports': [" PORT(
                     P1, "fa:16:3e:00:00:01",
                     "10.0.0.1") "], 'networks': [{'id': '" NET
                                 "', 'network_type': 'flat', 'physical_network': 'physnet1'}]}");
    EXPECT_TRUE(!lab_connects(t, a, NULL, "10.0.0.254", 80));
}

TEST_MAIN()

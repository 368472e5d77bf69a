/* SPDX-License-Identifier: Apache-2.0 */
/* Routers: inner networks, the way out, floating addresses. */
#include "agent/l3.h"

#include <string.h>

#include "host/link.h"
#include "host/netns.h"
#include "net.h"

#define NET_A "11111111-0000-4000-8000-000000000001"
#define NET_B "22222222-0000-4000-8000-000000000002"
#define NET_X "33333333-0000-4000-8000-000000000003"
#define R     "eeeeeeee-0000-4000-8000-000000000001"
#define P1    "aaaaaaaa-1000-4000-8000-000000000001"
#define P2    "bbbbbbbb-2000-4000-8000-000000000002"
#define QRA   "a1a1a1a1-0000-4000-8000-000000000001"
#define QRB   "b2b2b2b2-0000-4000-8000-000000000002"
#define QG    "c3c3c3c3-0000-4000-8000-000000000003"
#define F1    "f1f1f1f1-0000-4000-8000-000000000001"
#define NS    "qrouter-" R

#define NETWORKS                                                                                            \
    "'networks': ["                                                                                         \
    "{'id': '" NET_A                                                                                        \
    "', 'network_type': 'local', 'mtu': 1450, 'subnets': [{'id': 'sa', 'cidr': '10.0.1.0/24', "             \
    "'gateway_ip': '10.0.1.1'}]}, "                                                                         \
    "{'id': '" NET_B                                                                                        \
    "', 'network_type': 'local', 'mtu': 1450, 'subnets': [{'id': 'sb', 'cidr': '10.0.2.0/24', "             \
    "'gateway_ip': '10.0.2.1'}]}, "                                                                         \
    "{'id': '" NET_X "', 'network_type': 'flat', 'physical_network': 'physnet1', 'subnets': [{'id': 'sx', " \
    "'cidr': '203.0.113.0/24', 'gateway_ip': '203.0.113.1'}]}]"
#define PORTS                                                                                        \
    "'ports': [{'id': '" P1 "', 'network_id': '" NET_A "', 'mac_address': 'fa:16:3e:00:00:01', "     \
    "'port_security_enabled': false, 'fixed_ips': []}, {'id': '" P2 "', 'network_id': '" NET_B "', " \
    "'mac_address': 'fa:16:3e:00:00:02', 'port_security_enabled': false, 'fixed_ips': []}]"
#define LEG(port, mac, net, sub, ip)                                        \
    "{'port_id': '" port "', 'mac_address': '" mac "', 'network_id': '" net \
    "', 'fixed_ips': [{'subnet_id': '" sub "', 'ip_address': '" ip "', 'prefixlen': 24}]"
#define INNER                                              \
    LEG(QRA, "fa:16:3e:00:01:01", NET_A, "sa", "10.0.1.1") \
    "}, " LEG(QRB, "fa:16:3e:00:02:01", NET_B, "sb", "10.0.2.1") "}"
#define GATEWAY(snat) LEG(QG, "fa:16:3e:00:03:01", NET_X, "sx", "203.0.113.10") ", 'enable_snat': " snat "}"
#define FLOATING  \
    "{'id': '" F1 \
    "', 'floating_ip_address': '203.0.113.20', 'fixed_ip_address': '10.0.1.5', 'port_id': '" P1 "'}"
#define WISHES(gateway, inner, more)                                                          \
    "{'version': '1', 'security_groups': [], " NETWORKS ", " PORTS ", 'routers': [{'id': '" R \
    "', 'gateway': " gateway ", 'interfaces': [" inner "]" more "}]}"

/* Two guests on two networks, and somebody outside who is the provider's gateway. */
static struct net *scene(struct test *t, const char **a, const char **b, const char **out)
{
    static const char *mappings[] = { "physnet1:br-ex", NULL };
    struct link_want plug = { .master = "br-ex", .up = true };
    struct net *n = net_start(t);
    struct err err = { 0 };

    n->options.bridge_mappings = mappings;
    *a = net_guest(n, "a", "tapaaaaaaaa-10", "fa:16:3e:00:00:01", "10.0.1.5/24", "10.0.1.1");
    *b = net_guest(n, "b", "tapbbbbbbbb-20", "fa:16:3e:00:00:02", "10.0.2.5/24", "10.0.2.1");
    *out = net_guest(n, "out", "wire", "02:00:00:00:00:01", "203.0.113.1/24", NULL);
    EXPECT_OK(bridge_ensure(lab_nl(t, NULL), "br-ex", NULL, &err), &err);
    EXPECT_OK(link_set(lab_nl(t, NULL), "wire", &plug, &err), &err);
    return n;
}

TEST(a_router_joins_networks_and_hides_them_outside)
{
    const char *a, *b, *out;
    struct net *n = scene(t, &a, &b, &out);

    net_round(n, WISHES("null", INNER, ""));
    EXPECT_STR(net_reason(n, "routers", R), NULL);
    EXPECT_STR(net_status(n, "routers", R), "up");
    EXPECT_STR(net_status(n, "routers", QRA), "up");
    EXPECT_TRUE(lab_reaches(t, a, "10.0.2.5"));
    EXPECT_TRUE(!lab_pings(t, a, "203.0.113.1"));

    net_round(n, WISHES(GATEWAY("true"), INNER, ""));
    EXPECT_STR(net_status(n, "routers", QG), "up");
    EXPECT_TRUE(lab_reaches(t, a, "203.0.113.1"));
    EXPECT_TRUE(lab_connects(t, b, out, "203.0.113.1", 80));
    EXPECT_TRUE(lab_reaches(t, a, "10.0.2.5"));

    /* Not hidden: the answer has no way back, until the outside knows one. */
    net_round(n, WISHES(GATEWAY("false"), INNER, ""));
    EXPECT_TRUE(!lab_pings(t, a, "203.0.113.1"));
    EXPECT_INT(lab_run(t, out, "ip route add 10.0.0.0/16 via 203.0.113.10", NULL), 0);
    EXPECT_TRUE(lab_reaches(t, a, "203.0.113.1"));
}

TEST(a_floating_address_leads_in_and_out)
{
    const char *a, *b, *out;
    struct net *n = scene(t, &a, &b, &out);
    char *seen;

    net_round(n, WISHES(GATEWAY("true"), INNER, ", 'floating_ips': [" FLOATING "]"));
    EXPECT_STR(net_status(n, "routers", F1), "up");
    EXPECT_TRUE(lab_reaches(t, out, "203.0.113.20"));
    EXPECT_TRUE(lab_connects(t, out, a, "203.0.113.20", 22));
    /* From the other inner network, and from its own. */
    EXPECT_TRUE(lab_connects(t, b, a, "203.0.113.20", 22));
    EXPECT_TRUE(lab_connects(t, a, a, "203.0.113.20", 22));
    /* Outside sees the guest under its floating address. */
    EXPECT_INT(lab_run(t, out, "ip neigh flush dev eth0", NULL), 0);
    EXPECT_TRUE(lab_reaches(t, a, "203.0.113.1"));
    EXPECT_INT(lab_run(t, out, "ip neigh", &seen), 0);
    EXPECT_MATCH(seen, "203.0.113.20");

    net_round(n, WISHES(GATEWAY("true"), INNER, ""));
    EXPECT_TRUE(!lab_pings(t, out, "203.0.113.20"));
    EXPECT_TRUE(lab_reaches(t, a, "203.0.113.1"));
}

TEST(extra_routes_are_set_and_a_bad_one_is_told)
{
    const char *a, *b, *out;
    struct net *n = scene(t, &a, &b, &out);
    char *routes;

    net_round(n, WISHES(GATEWAY("true"), INNER,
                        ", 'routes': [{'destination': '198.51.100.0/24', 'nexthop': '10.0.2.5'}, "
                        "{'destination': '192.0.2.0/24', 'nexthop': '172.31.0.1'}]"));
    EXPECT_INT(lab_run(t, net_path(n, NS), "ip route", &routes), 0);
    EXPECT_MATCH(routes, "198.51.100.0/24 via 10.0.2.5");
    EXPECT_MATCH(routes, "default via 203.0.113.1");
    EXPECT_STR(net_status(n, "routers", R), "error");
    EXPECT_MATCH(net_reason(n, "routers", R), "192.0.2.0/24");
    EXPECT_TRUE(lab_reaches(t, a, "10.0.2.5"));
}

TEST(an_interface_and_a_router_go_when_unwished)
{
    const char *a, *b, *out;
    struct net *n = scene(t, &a, &b, &out);
    struct nl *nl = lab_nl(t, NULL);

    net_round(n, WISHES(GATEWAY("true"), INNER, ""));
    EXPECT_TRUE(link_exists(nl, "tapb2b2b2b2-00") && link_exists(nl, "tapc3c3c3c3-00"));
    net_round(n, WISHES("null", LEG(QRA, "fa:16:3e:00:01:01", NET_A, "sa", "10.0.1.1") "}", ""));
    EXPECT_TRUE(link_exists(nl, "tapa1a1a1a1-00"));
    EXPECT_TRUE(!link_exists(nl, "tapb2b2b2b2-00") && !link_exists(nl, "tapc3c3c3c3-00"));
    net_round(n, "{'version': '1', 'security_groups': [], " NETWORKS ", " PORTS ", 'routers': []}");
    EXPECT_TRUE(!netns_exists(n->dir, NS));
    EXPECT_TRUE(!link_exists(nl, "tapa1a1a1a1-00"));
}

TEST(a_second_round_disturbs_nothing)
{
    const char *a, *b, *out;
    struct net *n = scene(t, &a, &b, &out);
    struct link before, after;
    struct nl *nl;

    net_round(n, WISHES(GATEWAY("true"), INNER, ", 'floating_ips': [" FLOATING "]"));
    nl = lab_nl(t, net_path(n, NS));
    EXPECT_INT(link_get(nl, "qg-c3c3c3c3-00", &before, NULL), 0);
    net_round(n, WISHES(GATEWAY("true"), INNER, ", 'floating_ips': [" FLOATING "]"));
    EXPECT_INT(link_get(nl, "qg-c3c3c3c3-00", &after, NULL), 0);
    EXPECT_INT(before.index, after.index);
    EXPECT_TRUE(lab_reaches(t, out, "203.0.113.20"));
}

TEST_MAIN()

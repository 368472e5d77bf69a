/* SPDX-License-Identifier: Apache-2.0 */
#include "host/link.h"

#include <errno.h>
#include <string.h>

#include "host/addr.h"
#include "host/netns.h"
#include "lab.h"

TEST(a_bridge_may_be_asked_for_again)
{
    struct err err = { 0 };
    struct link a, b;
    struct nl *nl;

    lab_enter(t);
    nl = lab_nl(t, NULL);
    EXPECT_OK(bridge_ensure(nl, "brq1", "stackd:a:l2", &err), &err);
    EXPECT_OK(link_get(nl, "brq1", &a, &err), &err);
    EXPECT_OK(bridge_ensure(nl, "brq1", "stackd:a:l2", &err), &err);
    EXPECT_OK(link_get(nl, "brq1", &b, &err), &err);
    EXPECT_INT(a.index, b.index);
    EXPECT_STR(b.kind, "bridge");
    EXPECT_STR(b.alias, "stackd:a:l2");
    EXPECT_TRUE(b.up);
    EXPECT_OK(link_delete(nl, "brq1", &err), &err);
    EXPECT_OK(link_delete(nl, "brq1", &err), &err);
    EXPECT_TRUE(!link_exists(nl, "brq1"));
}

TEST(a_device_of_another_kind_is_not_taken)
{
    struct err err = { 0 };

    lab_enter(t);
    EXPECT_INT(bridge_ensure(lab_nl(t, NULL), "lo", NULL, &err), -EEXIST);
    EXPECT_MATCH(err.msg, "'lo'");
}

TEST(half_a_cable_is_laid_anew)
{
    const char *dir = lab_enter(t), *path = test_path(t, "netns/far");
    struct nl *nl = lab_nl(t, NULL), *far;
    struct err err = { 0 };
    struct link a, b;

    EXPECT_OK(netns_ensure(dir, "far", &err), &err);
    far = lab_nl(t, path);
    EXPECT_OK(veth_ensure(nl, "tapa", "eth0", path, "m", &err), &err);
    EXPECT_OK(link_get(nl, "tapa", &a, &err), &err);
    EXPECT_OK(veth_ensure(nl, "tapa", "eth0", path, "m", &err), &err);
    EXPECT_OK(link_get(nl, "tapa", &b, &err), &err);
    EXPECT_INT(a.index, b.index);

    /* The same name, but the cable leads elsewhere. */
    EXPECT_OK(link_delete(far, "eth0", &err), &err);
    EXPECT_OK(veth_ensure(nl, "tapa", "other", NULL, "m", &err), &err);
    EXPECT_OK(veth_ensure(nl, "tapa", "eth0", path, "m", &err), &err);
    EXPECT_TRUE(link_exists(far, "eth0"));
    EXPECT_TRUE(!link_exists(nl, "other"));
}

TEST(a_device_changes_only_where_it_differs)
{
    static const uint8_t mac[MAC_LEN] = { 0xfe, 0x16, 0x3e, 1, 2, 3 };
    struct link_want want = { .mac = mac, .mtu = 1450, .master = "br", .up = true };
    struct link_want leave = { .no_master = true, .down = true };
    struct err err = { 0 };
    struct link l, br;
    struct nl *nl;

    lab_enter(t);
    nl = lab_nl(t, NULL);
    EXPECT_OK(bridge_ensure(nl, "br", NULL, &err), &err);
    EXPECT_OK(veth_ensure(nl, "a", "b", NULL, NULL, &err), &err);
    EXPECT_OK(link_set(nl, "a", &want, &err), &err);
    EXPECT_OK(link_set(nl, "a", &want, &err), &err);
    EXPECT_OK(link_get(nl, "a", &l, &err), &err);
    EXPECT_OK(link_get(nl, "br", &br, &err), &err);
    EXPECT_INT(l.master, br.index);
    EXPECT_INT(l.mtu, 1450);
    EXPECT_TRUE(l.up && l.mac[5] == 3);
    EXPECT_OK(link_set(nl, "a", &leave, &err), &err);
    EXPECT_OK(link_get(nl, "a", &l, &err), &err);
    EXPECT_INT(l.master, 0);
    EXPECT_TRUE(!l.up);
    want.master = "nowhere";
    EXPECT_INT(link_set(nl, "a", &want, &err), -ENODEV);
    EXPECT_MATCH(err.msg, "nowhere");
}

TEST(a_tunnel_has_exactly_the_wished_entries)
{
    struct vxlan_spec spec = { .vni = 77, .port = 4789 };
    struct fdb_entry two[2] = { 0 }, moved[1] = { { .mac = { 2, 0, 0, 0, 0, 1 } } };
    struct err err = { 0 };
    struct nl *nl;
    char *out;

    lab_enter(t);
    nl = lab_nl(t, NULL);
    ip_parse("127.0.0.1", &spec.local);
    ip_parse("192.0.2.2", &two[0].remote);
    ip_parse("192.0.2.3", &two[1].remote);
    EXPECT_OK(vxlan_ensure(nl, "vx1", &spec, "m", &err), &err);
    EXPECT_OK(fdb_converge(nl, "vx1", two, 2, &err), &err);
    EXPECT_OK(fdb_converge(nl, "vx1", two, 2, &err), &err);
    EXPECT_INT(lab_run(t, NULL, "bridge fdb show dev vx1", &out), 0);
    EXPECT_MATCH(out, "00:00:00:00:00:00 dst 192.0.2.2");
    EXPECT_MATCH(out, "00:00:00:00:00:00 dst 192.0.2.3");

    moved[0].remote = two[0].remote;
    EXPECT_OK(fdb_converge(nl, "vx1", moved, 1, &err), &err);
    moved[0].remote = two[1].remote;
    EXPECT_OK(fdb_converge(nl, "vx1", moved, 1, &err), &err);
    EXPECT_INT(lab_run(t, NULL, "bridge fdb show dev vx1", &out), 0);
    EXPECT_MATCH(out, "02:00:00:00:00:01 dst 192.0.2.3");
    EXPECT_TRUE(!strstr(out, "192.0.2.2") && !strstr(out, "00:00:00:00:00:00"));

    spec.vni = 78;
    EXPECT_OK(vxlan_ensure(nl, "vx1", &spec, "m", &err), &err);
    EXPECT_INT(lab_run(t, NULL, "ip -d link show vx1", &out), 0);
    EXPECT_MATCH(out, "vxlan id 78");
    EXPECT_MATCH(out, "nolearning");
}

TEST(a_vlan_works_or_says_why_not)
{
    struct err err = { 0 };
    struct link l;
    struct nl *nl;
    int r;

    lab_enter(t);
    nl = lab_nl(t, NULL);
    EXPECT_OK(veth_ensure(nl, "a", "b", NULL, NULL, &err), &err);
    r = vlan_ensure(nl, "vl1", "a", 100, "m", &err);
    if (r == 0) {
        EXPECT_OK(link_get(nl, "vl1", &l, &err), &err);
        EXPECT_INT(l.tag, 100);
    } else {
        EXPECT_INT(r, -EOPNOTSUPP);
        EXPECT_MATCH(err.msg, "vlan device 'vl1'");
    }
    EXPECT_INT(vlan_ensure(nl, "vl2", "none", 100, "m", &err), -ENODEV);
}

TEST(a_tap_outlives_who_made_it)
{
    struct err err = { 0 };
    struct link l;

    lab_enter(t);
    EXPECT_OK(tap_ensure("tapx", &err), &err);
    EXPECT_OK(tap_ensure("tapx", &err), &err);
    EXPECT_OK(link_get(lab_nl(t, NULL), "tapx", &l, &err), &err);
    EXPECT_STR(l.kind, "tun");
    EXPECT_INT(tap_ensure("a-name-that-is-too-long", &err), -EINVAL);
}

TEST(addresses_and_routes_are_as_wished)
{
    struct ip ips[2], added[2], *have;
    struct route routes[2] = { 0 };
    struct err err = { 0 };
    size_t n;
    struct nl *nl;
    struct link_want up = { .up = true };
    char *out;

    lab_enter(t);
    nl = lab_nl(t, NULL);
    EXPECT_OK(veth_ensure(nl, "a", "b", NULL, NULL, &err), &err);
    EXPECT_OK(link_set(nl, "a", &up, &err), &err);
    EXPECT_OK(link_set(nl, "b", &up, &err), &err);
    ip_parse("10.0.0.1/24", &ips[0]);
    ip_parse("2001:db8::1/64", &ips[1]);
    EXPECT_OK(addr_converge(nl, "a", ips, 2, added, &n, &err), &err);
    EXPECT_INT(n, 2);
    EXPECT_OK(addr_converge(nl, "a", ips, 2, added, &n, &err), &err);
    EXPECT_INT(n, 0);

    ip_parse("0.0.0.0/0", &routes[0].to);
    ip_parse("10.0.0.254", &routes[0].via);
    ip_parse("2001:db8:1::/48", &routes[1].to);
    ip_parse("2001:db8::fe", &routes[1].via);
    EXPECT_OK(route_converge(nl, routes, 2, &err), &err);
    EXPECT_OK(route_converge(nl, routes, 2, &err), &err);
    EXPECT_INT(lab_run(t, NULL, "ip route", &out), 0);
    EXPECT_MATCH(out, "default via 10.0.0.254");
    EXPECT_INT(lab_run(t, NULL, "ip -6 route", &out), 0);
    EXPECT_MATCH(out, "2001:db8:1::/48 via 2001:db8::fe");

    /* One bad route is named; the others are set. */
    ip_parse("198.51.100.0/24", &routes[0].to);
    ip_parse("203.0.113.1", &routes[0].via);
    EXPECT_TRUE(route_converge(nl, routes, 2, &err) < 0);
    EXPECT_MATCH(err.msg, "198.51.100.0/24 via 203.0.113.1");
    EXPECT_INT(lab_run(t, NULL, "ip route show default", &out), 0);
    EXPECT_STR(out, "");

    EXPECT_OK(addr_converge(nl, "a", ips, 1, NULL, NULL, &err), &err);
    EXPECT_OK(addr_list(test_arena(t), nl, "a", &have, &n, &err), &err);
    for (size_t i = 0; i < n; i++)
        EXPECT_TRUE(ip_eq(&have[i], &ips[0]) || ip_is_link_local(&have[i]));
}

TEST_MAIN()

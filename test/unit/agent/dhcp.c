/* SPDX-License-Identifier: Apache-2.0 */
/* DHCP servers: who gets which address. */
#include "agent/dhcp.h"

#include <signal.h>
#include <string.h>

#include "base/str.h"
#include "base/strbuf.h"
#include "base/time.h"
#include "host/link.h"
#include "host/netns.h"
#include "host/purge.h"
#include "io/sock.h"
#include "net.h"

#define NET    "11111111-0000-4000-8000-000000000001"
#define SUB    "22222222-0000-4000-8000-000000000001"
#define DHCP   "dddddddd-0000-4000-8000-000000000001"
#define P1     "aaaaaaaa-1000-4000-8000-000000000001"
#define T1     "tapaaaaaaaa-10"
#define ROUTER "66666666-0000-4000-8000-000000000001"
#define NS     "qdhcp-" NET

#define HOST(mac, ip, more)                                                             \
    "{'port_id': '" P1 "', 'mac_address': '" mac "', 'fixed_ips': [{'subnet_id': '" SUB \
    "', 'ip_address': '" ip "', 'prefixlen': 24}]" more "}"
#define WISHES(subnet, hosts)                                                                            \
    "{'version': '1', 'routers': [], 'security_groups': [], "                                            \
    "'ports': [{'id': '" P1 "', 'network_id': '" NET "', 'mac_address': 'fa:16:3e:00:00:01', "           \
    "'port_security_enabled': false, 'fixed_ips': []}], "                                                \
    "'networks': [{'id': '" NET "', 'network_type': 'local', 'mtu': 1400, 'dns_domain': 'lab.example', " \
    "'subnets': [{'id': '" SUB                                                                           \
    "', 'cidr': '10.0.0.0/24', 'gateway_ip': '10.0.0.1', 'enable_dhcp': true" subnet                     \
    "}], 'dhcp': {'port_id': '" DHCP "', 'mac_address': 'fa:16:3e:00:00:0d', 'fixed_ips': "              \
    "[{'subnet_id': '" SUB "', 'ip_address': '10.0.0.2', 'prefixlen': 24}, "                             \
    "{'subnet_id': 's6', 'ip_address': '2001:db8::2', 'prefixlen': 64}]}, 'hosts': [" hosts "]}]}"

/* Prints what the server says; the environment of udhcpc's script is the answer. */
static char *ask(struct test *t, const char *guest)
{
    char *script = test_path(t, "udhcpc"), *out;
    static const char text[] = "#!/bin/sh\n[ \"$1\" = bound ] && env\nexit 0\n";

    EXPECT_INT(file_write_atomic(script, text, sizeof(text) - 1, 0755), 0);
    lab_run(
        t, guest,
        arena_printf(
            test_arena(t),
            "busybox udhcpc -i eth0 -f -q -n -t 5 -T 1 -O staticroutes -O mtu -O domain -O bootfile -s %s",
            script),
        &out);
    return out;
}

/* "status" or "reason" of the network's server in the last report. */
static const char *of_server(struct net *n, const char *what)
{
    json_t *network = json_array_get(json_object_get(n->report, "networks"), 0);

    return json_string_value(json_object_get(json_object_get(network, "dhcp"), what));
}

/* A file of the server, "" if there is none. */
static const char *text_of(struct net *n, const char *file)
{
    char *text = "";

    file_read(test_arena(n->t),
              arena_printf(test_arena(n->t), "%s/dhcp/%s/%s", n->options.run_dir, NET, file), 65536, &text,
              NULL);
    return text;
}

static int64_t server_pid(struct net *n)
{
    int64_t pid = 0;

    str_to_i64(str_trim(test_arena(n->t), text_of(n, "pid")), &pid);
    return pid;
}

TEST(a_guest_gets_its_address_and_options)
{
    struct net *n = net_start(t);
    const char *guest = net_guest(n, "a", T1, "fa:16:3e:00:00:01", NULL, NULL);
    char *out;

    net_round(n,
              WISHES(", 'isolated': true, 'dns_nameservers': ['192.0.2.53'], 'host_routes': [{'destination': "
                     "'198.51.100.0/24', 'nexthop': '10.0.0.9'}]",
                     HOST("fa:16:3e:00:00:01", "10.0.0.5",
                          ", 'extra_dhcp_opts': [{'opt_name': 'bootfile-name', 'opt_value': 'x.0'}]")));
    EXPECT_STR(net_reason(n, "networks", NET), NULL);
    EXPECT_STR(of_server(n, "status"), "up");
    out = ask(t, guest);
    EXPECT_MATCH(out, "ip=10.0.0.5\n");
    EXPECT_MATCH(out, "router=10.0.0.1\n");
    EXPECT_MATCH(out, "dns=192.0.2.53\n");
    EXPECT_MATCH(out, "mtu=1400\n");
    EXPECT_MATCH(out, "domain=lab.example\n");
    EXPECT_MATCH(out, "169.254.169.254/32 10.0.0.2");
    EXPECT_MATCH(out, "198.51.100.0/24 10.0.0.9");
    EXPECT_MATCH(out, "0.0.0.0/0 10.0.0.1");
    EXPECT_MATCH(out, "x.0");
    EXPECT_INT(lab_run(t, net_path(n, NS), "ip address", &out), 0);
    EXPECT_MATCH(out, "169.254.169.254/32");
}

TEST(a_stranger_gets_no_address)
{
    struct net *n = net_start(t);
    const char *guest = net_guest(n, "a", T1, "fa:16:3e:00:00:01", NULL, NULL);

    net_round(n, WISHES("", HOST("fa:16:3e:00:00:77", "10.0.0.5", "")));
    EXPECT_TRUE(!strstr(ask(t, guest), "ip="));
}

TEST(a_server_hears_of_new_guests_and_lives_on)
{
    struct net *n = net_start(t);
    const char *guest = net_guest(n, "a", T1, "fa:16:3e:00:00:01", NULL, NULL);
    int64_t pid;

    net_round(n, WISHES("", ""));
    pid = server_pid(n);
    EXPECT_TRUE(pid > 1);
    net_round(n, WISHES("", HOST("fa:16:3e:00:00:01", "10.0.0.5", "")));
    EXPECT_MATCH(ask(t, guest), "ip=10.0.0.5\n");
    EXPECT_INT(server_pid(n), pid);
    /* The address moves to another guest although a lease stands. */
    net_round(n, WISHES("", HOST("fa:16:3e:00:00:09", "10.0.0.5", "")));
    EXPECT_INT(lab_run(t, guest, "ip link set eth0 address fa:16:3e:00:00:09", NULL), 0);
    EXPECT_MATCH(ask(t, guest), "ip=10.0.0.5\n");
    EXPECT_TRUE(server_pid(n) > 1);
}

TEST(a_server_that_died_comes_back)
{
    struct net *n = net_start(t);
    int64_t pid;

    net_round(n, WISHES("", ""));
    pid = server_pid(n);
    EXPECT_INT(host_netns_end(n->dir, NS, "dnsmasq", NULL), 0);
    net_round(n, WISHES("", ""));
    EXPECT_TRUE(server_pid(n) > 1 && server_pid(n) != pid);
    EXPECT_INT(kill((pid_t) server_pid(n), 0), 0);
}

TEST(a_missing_dnsmasq_is_told_in_words)
{
    struct net *n = net_start(t);

    n->options.dnsmasq = "/nowhere/dnsmasq";
    net_round(n, WISHES("", ""));
    EXPECT_MATCH(of_server(n, "reason"), "dnsmasq");
    n->options.dnsmasq = "dnsmasq";
    net_round(n, WISHES("", ""));
    EXPECT_TRUE(server_pid(n) > 1);
}

/* OSSA-2015-001: a helper that hangs costs its own network its server, and nobody else much. */
TEST(a_dnsmasq_that_hangs_holds_up_nobody)
{
    static const char text[] = "#!/bin/sh\nexec sleep 600\n";
    struct net *n = net_start(t);
    struct strbuf networks;
    int64_t began = time_mono_us();

    strbuf_init(&networks, test_arena(t));
    for (int i = 1; i <= 8; i++)
        strbuf_printf(
            &networks,
            "%s{'id': '4444444%d-0000-4000-8000-000000000001', 'network_type': 'local', 'subnets': [{'id': 's', "
            "'cidr': '10.0.%d.0/24', 'enable_dhcp': true}], 'dhcp': {'port_id': "
            "'5555555%d-0000-4000-8000-000000000001', 'mac_address': 'fa:16:3e:00:01:0%d', 'fixed_ips': "
            "[{'subnet_id': 's', 'ip_address': '10.0.%d.2', 'prefixlen': 24}]}, 'hosts': []}",
            i > 1 ? ", " : "", i, i, i, i, i);
    n->options.dnsmasq = test_path(t, "dnsmasq");
    EXPECT_INT(file_write_atomic(n->options.dnsmasq, text, sizeof(text) - 1, 0755), 0);
    net_round(n, arena_printf(test_arena(t),
                              "{'version': '1', 'security_groups': [], 'ports': [], 'networks': [%s], "
                              "'routers': [{'id': '" ROUTER "', 'gateway': null, 'interfaces': []}]}",
                              strbuf_str(&networks)));
    EXPECT_TRUE(time_mono_us() - began < 40 * INT64_C(1000000));
    EXPECT_MATCH(of_server(n, "reason"), "dnsmasq");
    EXPECT_STR(net_status(n, "routers", ROUTER), "up");
    /* The next one starts as ever. */

    n->options.dnsmasq = "dnsmasq";
    net_round(n, WISHES("", ""));
    EXPECT_TRUE(server_pid(n) > 1);
}

TEST(a_network_without_dhcp_has_no_server)
{
    struct net *n = net_start(t);
    char exe[64];
    int64_t pid;

    net_round(n, WISHES("", ""));
    pid = server_pid(n);
    net_round(n, "{'version': '2', 'networks': [{'id': '" NET "', 'network_type': 'local', 'subnets': []}], "
                 "'ports': [], 'routers': [], 'security_groups': []}");
    EXPECT_TRUE(!netns_exists(n->dir, NS));
    EXPECT_TRUE(!link_exists(lab_nl(t, NULL), "tapdddddddd-00"));
    /* Who inherited it may not have buried it yet, but its program is gone. */
    EXPECT_TRUE(readlink(arena_printf(test_arena(t), "/proc/%lld/exe", (long long) pid), exe, sizeof(exe)) <
                0);
}

TEST(a_server_starts_for_ipv6_too)
{
    struct net *n = net_start(t);

    net_round(
        n,
        WISHES("}, {'id': 's6', 'cidr': '2001:db8::/64', 'gateway_ip': '2001:db8::1', 'enable_dhcp': true, "
               "'dns_nameservers': ['2001:db8::53'], 'ipv6_ra_mode': 'dhcpv6-stateful', "
               "'ipv6_address_mode': 'dhcpv6-stateful'",
               "{'port_id': '" P1 "', 'mac_address': 'fa:16:3e:00:00:01', 'fixed_ips': [{'subnet_id': 's6', "
               "'ip_address': '2001:db8::5', 'prefixlen': 64}], 'extra_dhcp_opts': [{'opt_name': "
               "'domain-search', 'opt_value': 'x.y', 'ip_version': 6}]}"));
    EXPECT_STR(of_server(n, "reason"), NULL);
    EXPECT_TRUE(server_pid(n) > 1);
    EXPECT_TRUE(!strstr(text_of(n, "log"), "bad"));
    EXPECT_MATCH(text_of(n, "log"), "DHCPv6, static leases only on 2001:db8::");
    EXPECT_MATCH(text_of(n, "hosts"), "[2001:db8::5]");
}

TEST(ipv6_hosts_and_names_are_written_as_dnsmasq_reads_them)
{
    struct wish_fixed_ip ips[2] = { { .subnet_id = "s6" }, { .subnet_id = "s4" } };
    struct wish_subnet subnets[2] = { { .id = "s6", .enable_dhcp = true, .address_mode = "dhcpv6-stateful" },
                                      { .id = "s4", .enable_dhcp = true } };
    struct wish_host host = { .port_id = "p", .mac = "fa:16:3e:00:00:01", .ips = ips, .n_ips = 2 };
    struct wish_network n = {
        .subnets = subnets, .n_subnets = 2, .hosts = &host, .n_hosts = 1, .dns_domain = "x.y"
    };

    ip_parse("2001:db8::5", &ips[0].ip);
    ip_parse("2001:db8::/64", &subnets[0].cidr);
    ip_parse("10.0.0.5", &ips[1].ip);
    ip_parse("10.0.0.0/24", &subnets[1].cidr);
    EXPECT_STR(dnsmasq_hosts(test_arena(t), &n), "fa:16:3e:00:00:01,host-2001-db8--5.x.y,[2001:db8::5]\n"
                                                 "fa:16:3e:00:00:01,host-10-0-0-5.x.y,10.0.0.5\n");
    EXPECT_MATCH(dnsmasq_names(test_arena(t), &n), "10.0.0.5\thost-10-0-0-5.x.y host-10-0-0-5\n");
    EXPECT_TRUE(dnsmasq_lease_stands_in_the_way(test_arena(t), &n, "1 fa:16:3e:00:00:02 10.0.0.5 * *\n"));
    EXPECT_TRUE(!dnsmasq_lease_stands_in_the_way(test_arena(t), &n, "1 fa:16:3e:00:00:01 10.0.0.5 * *\n"));
    EXPECT_TRUE(!dnsmasq_lease_stands_in_the_way(test_arena(t), &n, "1 fa:16:3e:00:00:02 10.0.0.6 * *\n"));
}

TEST_MAIN()

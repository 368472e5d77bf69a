/* SPDX-License-Identifier: Apache-2.0 */
/* The service's side of doc/wishes.md. */
#include <stdatomic.h>

#include "./kit.h"

static const char *make_network(struct cloud *c)
{
    return id_of(call(c, 201, HTTP_POST, "/networks", "{\"network\":{}}"));
}

static const char *make_subnet(struct cloud *c, const char *net, const char *cidr)
{
    return id_of(
        call(c, 201, HTTP_POST, "/subnets",
             arena_printf(c->a, "{\"subnet\":{\"network_id\":\"%s\",\"ip_version\":4,\"cidr\":\"%s\"}}", net,
                          cidr)));
}

static const char *make_port(struct cloud *c, const char *net, const char *host)
{
    return id_of(
        call(c, 201, HTTP_POST, "/ports",
             arena_printf(c->a,
                          "{\"port\":{\"network_id\":\"%s\",\"binding:host_id\":\"%s\",\"device_owner\":"
                          "\"compute:nova\",\"device_id\":\"server1\"}}",
                          net, host)));
}

static const char *status_of(struct cloud *c, const char *collection, const char *id)
{
    return json_str(call(c, 200, HTTP_GET, arena_printf(c->a, "/%s/%s", collection, id), NULL), "status");
}

static int64_t count(struct cloud *c, const char *sql)
{
    auto_rollback struct txn *t = NULL;
    struct err err = { 0 };
    int64_t n = -1;

    EXPECT_OK(txn_begin(c->s->db, false, &t, &err), &err);
    EXPECT_OK(sql_get_int(t, &n, &err, sql), &err);
    return n;
}

static void report_up(struct cloud *c, const char *host, const char *net, const char *port)
{
    ask(c, NETWORK_METHOD_REPORT,
        json_pack("{s:s, s:[{s:s, s:s}], s:[{s:s, s:s, s:{s:s, s:[s]}}]}", "host", host, "ports", "id", port,
                  "status", "up", "networks", "id", net, "status", "up", "dhcp", "status", "up", "ports",
                  port));
}

TEST_SQL(a_guests_port_is_wished_and_becomes_active_by_a_report)
{
    struct cloud *c = cloud_start_on(t, kind);
    const char *net, *port;
    json_t *w, *n;

    beat(c, "host1", "192.0.2.1");
    net = make_network(c);
    make_subnet(c, net, "10.0.0.0/24");
    port = make_port(c, net, "host1");
    EXPECT_STR(status_of(c, "ports", port), "DOWN");
    w = wishes(c, "host1", NULL);
    n = item(json_arr(w, "networks"), net);
    EXPECT_TRUE(n);
    EXPECT_STR(json_str(n, "network_type"), "vxlan");
    EXPECT_INT(json_int(n, "mtu", 0), 1450);
    EXPECT_STR(json_str(json_array_get(json_at(n, "dhcp.fixed_ips"), 0), "subnet_id"),
               id_of(json_array_get(json_arr(n, "subnets"), 0)));
    EXPECT_TRUE(item(json_arr(n, "hosts"), port));
    EXPECT_TRUE(item(json_arr(w, "ports"), port));
    EXPECT_INT(json_array_size(json_arr(w, "security_groups")), 1);
    EXPECT_TRUE(json_truth(wishes(c, "host1", json_str(w, "version")), "unchanged", false));

    report_up(c, "host1", net, port);
    EXPECT_STR(status_of(c, "ports", port), "ACTIVE");
    EXPECT_INT(count(c, "SELECT COUNT(*) FROM operations"), 1);
    report_up(c, "host1", net, port); /* Twice is once. */
    EXPECT_INT(count(c, "SELECT COUNT(*) FROM operations"), 1);

    call(c, 204, HTTP_DELETE, arena_printf(c->a, "/ports/%s", port), NULL);
    w = wishes(c, "host1", json_str(w, "version"));
    EXPECT_TRUE(!json_truth(w, "unchanged", false));
    EXPECT_TRUE(!item(json_arr(w, "ports"), port));
    report_up(c, "host1", net, port); /* Late news of what is gone. */
}

TEST(a_port_waits_for_its_dhcp_server)
{
    struct cloud *c = cloud_start(t);
    const char *net, *port;

    beat(c, "host1", "192.0.2.1");
    net = make_network(c);
    make_subnet(c, net, "10.0.0.0/24");
    port = make_port(c, net, "host1");
    ask(c, NETWORK_METHOD_REPORT,
        json_pack("{s:s, s:[{s:s, s:s}]}", "host", "host1", "ports", "id", port, "status", "up"));
    EXPECT_STR(status_of(c, "ports", port), "DOWN");
    report_up(c, "host1", net, port);
    EXPECT_STR(status_of(c, "ports", port), "ACTIVE");
}

TEST(hosts_on_a_network_know_of_each_other)
{
    struct cloud *c = cloud_start(t);
    const char *net, *port;
    json_t *w, *n;

    beat(c, "host1", "192.0.2.1");
    beat(c, "host2", "192.0.2.2");
    net = make_network(c);
    make_port(c, net, "host1");
    w = wishes(c, "host1", NULL);
    EXPECT_INT(json_array_size(json_arr(item(json_arr(w, "networks"), net), "remotes")), 0);
    port = make_port(c, net, "host2");
    w = wishes(c, "host1", json_str(w, "version"));
    n = item(json_arr(w, "networks"), net);
    EXPECT_STR(json_string_value(json_array_get(json_arr(n, "remotes"), 0)), "192.0.2.2");
    EXPECT_STR(json_str(json_array_get(json_arr(n, "fdb"), 0), "remote"), "192.0.2.2");
    EXPECT_TRUE(!item(json_arr(w, "ports"), port));
}

TEST(a_port_whose_host_has_no_agent_is_bound_when_one_comes)
{
    struct cloud *c = cloud_start(t);
    const char *net = make_network(c), *port = make_port(c, net, "host1");
    const char *path = arena_printf(c->a, "/ports/%s", port);

    EXPECT_STR(json_str(call(c, 200, HTTP_GET, path, NULL), "binding:vif_type"), "binding_failed");
    beat(c, "host1", "192.0.2.1");
    EXPECT_STR(json_str(call(c, 200, HTTP_GET, path, NULL), "binding:vif_type"), "bridge");
    EXPECT_TRUE(item(json_arr(wishes(c, "host1", NULL), "ports"), port));
}

static void beat_without_tunnels(struct cloud *c, const char *host)
{
    ask(c, NETWORK_METHOD_HEARTBEAT,
        json_pack("{s:s, s:[{s:s, s:{s:[], s:n}}]}", "host", host, "agents", "agent_type", NETWORK_AGENT_L2,
                  "configurations", "tunnel_types", "tunneling_ip"));
}

TEST(a_host_without_tunnels_carries_tunneled_networks_while_it_is_alone)
{
    struct cloud *c = cloud_start(t);
    const char *net = make_network(c), *port;

    beat_without_tunnels(c, "host1");
    port = make_port(c, net, "host1");
    EXPECT_STR(
        json_str(call(c, 200, HTTP_GET, arena_printf(c->a, "/ports/%s", port), NULL), "binding:vif_type"),
        "bridge");
    beat_without_tunnels(c, "host2");
    port = make_port(c, net, "host1");
    EXPECT_STR(
        json_str(call(c, 200, HTTP_GET, arena_printf(c->a, "/ports/%s", port), NULL), "binding:vif_type"),
        "binding_failed");
}

static const char *make_external(struct cloud *c)
{
    const char *net = id_of(call(c, 201, HTTP_POST, "/networks",
                                 "{\"network\":{\"router:external\":true,\"provider:network_type\":\"flat\","
                                 "\"provider:physical_network\":\"physnet1\"}}"));

    call(c, 201, HTTP_POST, "/subnets",
         arena_printf(c->a,
                      "{\"subnet\":{\"network_id\":\"%s\",\"ip_version\":4,\"cidr\":\"203.0.113.0/24\","
                      "\"enable_dhcp\":false}}",
                      net));
    return net;
}

TEST_SQL(a_router_runs_on_a_host_and_moves_when_it_dies)
{
    struct cloud *c = cloud_start_on(t, kind);
    struct err err = { 0 };
    const char *net, *ext, *sub, *router, *port, *fip, *agent;
    json_t *w, *r;

    c->s->clock.fixed_us = 1000000000000000;
    beat(c, "host1", "192.0.2.1");
    net = make_network(c);
    sub = make_subnet(c, net, "10.0.0.0/24");
    ext = make_external(c);
    router = id_of(
        call(c, 201, HTTP_POST, "/routers",
             arena_printf(c->a, "{\"router\":{\"external_gateway_info\":{\"network_id\":\"%s\"}}}", ext)));
    call(c, 200, HTTP_PUT, arena_printf(c->a, "/routers/%s/add_router_interface", router),
         arena_printf(c->a, "{\"subnet_id\":\"%s\"}", sub));
    port = make_port(c, net, "host1");
    fip =
        id_of(call(c, 201, HTTP_POST, "/floatingips",
                   arena_printf(c->a, "{\"floatingip\":{\"floating_network_id\":\"%s\",\"port_id\":\"%s\"}}",
                                ext, port)));
    w = wishes(c, "host1", NULL);
    r = item(json_arr(w, "routers"), router);
    EXPECT_TRUE(r);
    EXPECT_STR(json_str(json_obj(r, "gateway"), "network_id"), ext);
    EXPECT_INT(json_array_size(json_arr(r, "interfaces")), 1);
    EXPECT_STR(json_str(json_array_get(json_arr(r, "floating_ips"), 0), "id"), fip);
    EXPECT_TRUE(item(json_arr(w, "networks"), ext));
    EXPECT_TRUE(!json_truth(json_array_get(json_arr(item(json_arr(w, "networks"), net), "subnets"), 0),
                            "isolated", true));
    ask(c, NETWORK_METHOD_REPORT,
        json_pack("{s:s, s:[{s:s, s:s, s:[{s:s, s:s}]}]}", "host", "host1", "routers", "id", router, "status",
                  "up", "floating_ips", "id", fip, "status", "up"));
    EXPECT_STR(status_of(c, "floatingips", fip), "ACTIVE");
    agent = id_of(json_array_get(call(c, 200, HTTP_GET, "/agents?agent_type=L3%20agent", NULL), 0));
    call(c, 204, HTTP_DELETE, arena_printf(c->a, "/agents/%s/l3-routers/%s", agent, router), NULL);
    EXPECT_STR(status_of(c, "floatingips", fip), "DOWN");
    call(c, 201, HTTP_POST, arena_printf(c->a, "/agents/%s/l3-routers", agent),
         arena_printf(c->a, "{\"router_id\":\"%s\"}", router));

    c->s->clock.fixed_us += 100 * 1000000ll;
    beat(c, "host2", "192.0.2.2");
    EXPECT_OK(housekeeper_round(c->s, &err), &err);
    EXPECT_TRUE(!item(json_arr(wishes(c, "host1", NULL), "routers"), router));
    w = wishes(c, "host2", NULL);
    EXPECT_TRUE(item(json_arr(w, "routers"), router));
    EXPECT_TRUE(json_obj(item(json_arr(w, "networks"), net), "dhcp"));
}

static int on_nudge(void *ctx, struct bus_message *m, struct err *err)
{
    atomic_fetch_add((atomic_int *) ctx, 1);
    return 0;
}

TEST(a_host_is_told_of_what_concerns_it)
{
    struct cloud *c = cloud_start(t);
    atomic_int *heard = arena_new(c->a, atomic_int);
    struct err err = { 0 };
    const char *net;

    EXPECT_OK(bus_subscribe(c->agent_bus, "agent.host1.network", on_nudge, heard, &err), &err);
    beat(c, "host1", "192.0.2.1");
    net = make_network(c);
    for (int i = 0; i < 500 && atomic_load(heard) < 1; i++)
        usleep(10000);
    EXPECT_INT(atomic_load(heard), 1); /* The heartbeat; a network without ports concerns nobody. */
    make_port(c, net, "host1");
    for (int i = 0; i < 500 && atomic_load(heard) < 2; i++)
        usleep(10000);
    EXPECT_INT(atomic_load(heard), 2);
}

TEST_MAIN()

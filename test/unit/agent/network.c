/* SPDX-License-Identifier: Apache-2.0 */
/* The network roles over a bus, with a service that a test writes. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/network_wishes.h"
#include "base/str.h"
#include "base/time.h"
#include "bus/bus.h"
#include "crypto/digest.h"
#include "host/addr.h"
#include "host/link.h"
#include "host/netns.h"
#include "net.h"
#include "wire/http.h"
#include "wire/json.h"

#define NET "11111111-0000-4000-8000-000000000001"
#define P1  "aaaaaaaa-1000-4000-8000-000000000001"
#define T1  "tapaaaaaaaa-10"
#define VM  "99999999-0000-4000-8000-000000000001"
#define R   "eeeeeeee-0000-4000-8000-000000000001"

/* What the network service would be: one answer, and all it heard. */
struct service {
    struct test *t;
    struct net *net;
    struct bus_hub *hub;
    struct bus *bus;
    struct agent_network *agent;
    const char *url;
    pthread_mutex_t lock;
    json_t *answer, *report, *beat;
    int asked, reports;
    bool down;
};

static int on_call(void *ctx, struct bus_message *m, struct err *err)
{
    struct service *s = ctx;
    int r = 0;

    pthread_mutex_lock(&s->lock);
    if (s->down) {
        r = err_set(err, -EHOSTDOWN, "The database is away");
    } else if (str_eq(m->method, NETWORK_METHOD_WISHES)) {
        s->asked++;
        m->reply = str_eq(json_str(m->args, "known_version"), json_str(s->answer, "version"))
                       ? json_pack("{s:s, s:b}", "version", json_str(s->answer, "version"), "unchanged", 1)
                       : json_deep_copy(s->answer);
    } else if (str_eq(m->method, NETWORK_METHOD_REPORT)) {
        json_decref(s->report);
        s->report = json_deep_copy(m->args);
        s->reports++;
    } else if (str_eq(m->method, NETWORK_METHOD_HEARTBEAT)) {
        json_decref(s->beat);
        s->beat = json_deep_copy(m->args);
    } else {
        r = err_set(err, -ENOENT, "No such method");
    }
    pthread_mutex_unlock(&s->lock);
    return r;
}

static void stop_all(void *arg)
{
    struct service *s = arg;

    agent_network_stop(s->agent);
    if (s->bus)
        bus_close(s->bus);
    if (s->hub)
        bus_hub_stop(s->hub);
    json_decref(s->answer);
    json_decref(s->report);
    json_decref(s->beat);
}

static void answer(struct service *s, const char *wishes)
{
    char *text = arena_strdup(test_arena(s->t), wishes);
    json_t *j = NULL;
    struct err err = { 0 };

    for (char *p = text; *p; p++)
        *p = *p == '\'' ? '"' : *p;
    EXPECT_OK(json_read(text, strlen(text), &j, &err), &err);
    pthread_mutex_lock(&s->lock);
    json_decref(s->answer);
    s->answer = j;
    pthread_mutex_unlock(&s->lock);
}

static void start_agent(struct service *s)
{
    struct err err = { 0 };

    EXPECT_OK(agent_network_start(&s->net->config, &s->agent, &err), &err);
}

static struct service *start(struct test *t)
{
    struct service *s = arena_new(test_arena(t), struct service);
    struct err err = { 0 };
    const char *socket;

    s->t = t;
    s->net = net_start(t);
    pthread_mutex_init(&s->lock, NULL);
    test_cleanup(t, stop_all, s);
    socket = test_path(t, "bus.sock");
    s->url = arena_printf(test_arena(t), "local:%s", socket);
    s->net->config.bus_url = s->url;
    s->net->options.resync_s = 30;
    s->net->options.report_s = 10;
    EXPECT_OK(bus_hub_start(socket, 0600, NULL, &s->hub, &err), &err);
    EXPECT_OK(bus_open(&(struct bus_config){ .url = s->url, .name = "service" }, &s->bus, &err), &err);
    EXPECT_OK(bus_listen(s->bus, NETWORK_TOPIC, on_call, s, &err), &err);
    return s;
}

/* Waits at most 10 s until the last of '*what' (under the lock) holds 'part'. */
static bool heard(struct service *s, json_t **what, const char *part)
{
    int64_t end = time_mono_us() + 10 * 1000000;
    bool found = false;

    while (!found && time_mono_us() < end) {
        struct timespec pause = { .tv_nsec = 20 * 1000000 };

        pthread_mutex_lock(&s->lock);
        found = *what && strstr(json_text(test_arena(s->t), *what), part);
        pthread_mutex_unlock(&s->lock);
        nanosleep(&pause, NULL);
    }
    return found;
}

static bool reported(struct service *s, const char *part)
{
    return heard(s, &s->report, part);
}

#define WISHES(version, ports)                                                                             \
    "{'version': '" version "', 'networks': [{'id': '" NET "', 'network_type': 'local', 'subnets': []}], " \
    "'routers': [], 'security_groups': [], 'ports': [" ports "]}"
#define PORT "{'id': '" P1 "', 'network_id': '" NET "', 'mac_address': 'fa:16:3e:00:00:01', 'fixed_ips': []}"

TEST(an_agent_asks_converges_and_reports)
{
    struct service *s = start(t);
    auto_json json_t *nothing = json_object();
    struct err err = { 0 };

    answer(s, WISHES("1", ""));
    start_agent(s);
    EXPECT_TRUE(reported(s, "\"version\":\"1\""));
    EXPECT_TRUE(!link_exists(lab_nl(t, NULL), T1));

    /* A nudge, long before the next resync. */
    answer(s, WISHES("2", PORT));
    EXPECT_OK(bus_publish(s->bus, NETWORK_TOPIC_CHANGED, NETWORK_METHOD_CHANGED, nothing, NULL, &err), &err);
    EXPECT_TRUE(reported(s, "{\"id\":\"" P1 "\",\"status\":\"up\""));
    EXPECT_TRUE(link_exists(lab_nl(t, NULL), T1));

    EXPECT_TRUE(heard(s, &s->beat, "Metadata agent"));
    pthread_mutex_lock(&s->lock);
    EXPECT_INT(json_array_size(json_arr(s->beat, "agents")), 4);
    EXPECT_STR(json_str(s->beat, "host"), "host1");
    EXPECT_STR(json_str(json_array_get(json_arr(s->beat, "agents"), 0), "agent_type"), "Linux bridge agent");
    pthread_mutex_unlock(&s->lock);
}

TEST(a_stop_leaves_the_host_as_it_is_and_a_start_finds_it)
{
    struct service *s = start(t);
    struct link before, after;

    answer(s, WISHES("1", PORT));
    start_agent(s);
    EXPECT_TRUE(reported(s, P1));
    EXPECT_INT(link_get(lab_nl(t, NULL), T1, &before, NULL), 0);
    agent_network_stop(s->agent);
    s->agent = NULL;
    EXPECT_TRUE(link_exists(lab_nl(t, NULL), T1));
    answer(s, WISHES("2", PORT));
    start_agent(s);
    EXPECT_TRUE(reported(s, "\"version\":\"2\""));
    EXPECT_INT(link_get(lab_nl(t, NULL), T1, &after, NULL), 0);
    EXPECT_INT(before.index, after.index);
}

TEST(a_service_that_fails_changes_nothing)
{
    struct service *s = start(t);

    s->net->options.resync_s = 1;
    answer(s, WISHES("1", PORT));
    start_agent(s);
    EXPECT_TRUE(reported(s, P1));
    pthread_mutex_lock(&s->lock);
    s->down = true;
    pthread_mutex_unlock(&s->lock);
    /* What breaks meanwhile heals all the same, from the last answer. */
    EXPECT_INT(link_delete(lab_nl(t, NULL), T1, NULL), 0);
    EXPECT_TRUE(lab_until(t, NULL, "ip link show " T1, 0));

    /* A broken answer is not obeyed. */
    answer(s,
           "{'version': '2', 'networks': [], 'ports': [{'id': null}], 'routers': [], 'security_groups': []}");
    pthread_mutex_lock(&s->lock);
    s->down = false;
    s->asked = 0;
    pthread_mutex_unlock(&s->lock);
    EXPECT_TRUE(reported(s, P1));
    answer(s, WISHES("3", ""));
    EXPECT_TRUE(reported(s, "\"version\":\"3\""));
    EXPECT_TRUE(!link_exists(lab_nl(t, NULL), T1));
}

TEST(what_failed_is_tried_again_before_the_next_resync)
{
    static const char *mappings[] = { "physnet1:br-late", NULL };
    struct service *s = start(t);
    struct err err = { 0 };

    s->net->options.bridge_mappings = mappings;
    answer(s, "{'version': '1', 'networks': [{'id': '" NET
              "', 'network_type': 'flat', 'physical_network': 'physnet1'}], "
              "'routers': [], 'security_groups': [], 'ports': [" PORT "]}");
    start_agent(s);
    EXPECT_TRUE(reported(s, "br-late"));
    EXPECT_OK(bridge_ensure(lab_nl(t, NULL), "br-late", NULL, &err), &err);
    EXPECT_TRUE(reported(s, "{\"id\":\"" P1 "\",\"status\":\"up\""));
}

/* --- Metadata. -------------------------------------------------------------- */

static void on_metadata(void *ctx, struct http_request *rq)
{
    const char *text = arena_printf(
        rq->arena, "%s?%s|%s|%s|%s|%s", rq->path, rq->query, http_header_get(rq, METADATA_HEADER_INSTANCE),
        http_header_get(rq, METADATA_HEADER_TENANT), http_header_get(rq, METADATA_HEADER_ADDRESS),
        http_header_get(rq, METADATA_HEADER_SIGNATURE));

    http_reply(rq, 200, "text/plain", text, strlen(text));
}

static struct http_head_result on_metadata_head(void *ctx, struct http_request *rq)
{
    return (struct http_head_result){ .way = HTTP_INLINE };
}

static void stop_http(void *arg)
{
    http_server_stop(arg, 100);
}

static const char *metadata_service(struct test *t)
{
    struct http_config hc = { .on_head = on_metadata_head, .on_request = on_metadata };
    struct http_server *server = NULL;
    struct err err = { 0 };

    EXPECT_OK(http_server_start(&hc, &server, &err), &err);
    test_cleanup(t, stop_http, server);
    return arena_printf(test_arena(t), "http://127.0.0.1:%u", http_server_port(server));
}

#define LEASE                                                                                 \
    "'hosts': [{'port_id': '" P1 "', 'mac_address': 'fa:16:3e:00:00:01', 'instance_id': '" VM \
    "', 'project_id': 'p1', "                                                                 \
    "'fixed_ips': [{'subnet_id': 's1', 'ip_address': '10.0.0.5', 'prefixlen': 24}]}]"
#define OPEN_PORT                                                      \
    "{'id': '" P1 "', 'network_id': '" NET                             \
    "', 'mac_address': 'fa:16:3e:00:00:01', 'port_security_enabled': " \
    "false, 'fixed_ips': []}"
#define ROUTED                                                                                                          \
    "{'version': '1', 'security_groups': [], 'ports': [" OPEN_PORT "], 'networks': [{'id': '" NET "', "                 \
    "'network_type': 'local', 'mtu': 1442, 'subnets': [{'id': 's1', 'cidr': '10.0.0.0/24', 'gateway_ip': '10.0.0.1'}, " \
    "{'id': 's6', 'cidr': '2001:db8:5::/64', 'gateway_ip': '2001:db8:5::1', 'ipv6_ra_mode': 'slaac', "                  \
    "'ipv6_address_mode': 'slaac'}], " LEASE "}], 'routers': [{'id': '" R                                               \
    "', 'interfaces': [{'port_id': 'r1', "                                                                              \
    "'mac_address': 'fa:16:3e:00:01:01', 'network_id': '" NET "', 'fixed_ips': [{'subnet_id': 's1', "                   \
    "'ip_address': '10.0.0.1', 'prefixlen': 24}, {'subnet_id': 's6', 'ip_address': '2001:db8:5::1', "                   \
    "'prefixlen': 64}]}]}]}"

TEST(metadata_comes_through_the_router_with_proof)
{
    struct service *s = start(t);
    const char *guest = net_guest(s->net, "a", T1, "fa:16:3e:00:00:01", "10.0.0.5/24", "10.0.0.1");
    uint8_t mac[DIGEST_MAX];
    char *out;

    s->net->options.metadata_url = metadata_service(t);
    s->net->options.metadata_secret = secret_of("xyz");
    answer(s, ROUTED);
    start_agent(s);
    EXPECT_TRUE(reported(s, R));
    EXPECT_TRUE(lab_until(t, guest, "busybox wget -q -O - http://169.254.169.254/openstack?a=b%20c", 0));
    EXPECT_INT(lab_run(t, guest, "busybox wget -q -O - http://169.254.169.254/openstack/x?a=b%20c", &out), 0);
    EXPECT_MATCH(out, "/openstack/x?a=b%20c|" VM "|p1|10.0.0.5|");
    EXPECT_MATCH(out, hex_encode(test_arena(t), mac, hmac_of(DIGEST_SHA256, "xyz", 3, VM, strlen(VM), mac)));

    /* Who is not in the wishes is told nothing, whatever it says of itself. */
    EXPECT_INT(lab_run(t, guest, "ip address del 10.0.0.5/24 dev eth0", NULL), 0);
    EXPECT_INT(lab_run(t, guest, "ip address add 10.0.0.66/24 dev eth0", NULL), 0);
    EXPECT_INT(lab_run(t, guest, "ip route add default via 10.0.0.1", NULL), 0);
    lab_run(t, guest,
            "busybox wget -q -S -O - --header X-Instance-ID:" VM " http://169.254.169.254/openstack", &out);
    EXPECT_MATCH(out, "404");
}

TEST(an_isolated_network_has_metadata_too)
{
    struct service *s = start(t);
    const char *guest = net_guest(s->net, "a", T1, "fa:16:3e:00:00:01", "10.0.0.5/24", NULL);
    char *out;

    s->net->options.metadata_url = metadata_service(t);
    answer(s,
           "{'version': '1', 'security_groups': [], 'routers': [], 'ports': [" OPEN_PORT
           "], 'networks': [{'id': '" NET
           "', 'network_type': 'local', 'subnets': [{'id': 's1', 'cidr': '10.0.0.0/24', 'enable_dhcp': true, "
           "'isolated': true}], 'dhcp': {'port_id': 'd1', 'mac_address': 'fa:16:3e:00:00:0d', 'fixed_ips': "
           "[{'subnet_id': 's1', 'ip_address': '10.0.0.2', 'prefixlen': 24}]}, " LEASE "}]}");
    start_agent(s);
    EXPECT_TRUE(reported(s, NET));
    EXPECT_INT(lab_run(t, guest, "ip route add 169.254.169.254/32 via 10.0.0.2", NULL), 0);
    EXPECT_TRUE(lab_until(t, guest, "busybox wget -q -O - http://169.254.169.254/", 0));
    EXPECT_INT(lab_run(t, guest, "busybox wget -q -O - http://169.254.169.254/latest", &out), 0);
    EXPECT_MATCH(out, "/latest?|" VM "|p1|10.0.0.5|");
}

TEST(a_guest_makes_its_ipv6_address_from_the_routers_word)
{
    struct service *s = start(t);
    const char *guest = net_guest(s->net, "a", T1, "fa:16:3e:00:00:01", NULL, NULL);

    answer(s, ROUTED);
    start_agent(s);
    EXPECT_TRUE(reported(s, R));
    EXPECT_TRUE(lab_until(t, guest, "grep -q 20010db800050000f8163efffe000001 /proc/net/if_inet6", 0));
    EXPECT_TRUE(lab_reaches(t, guest, "2001:db8:5::1"));
}

TEST_MAIN()

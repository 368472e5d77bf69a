/* SPDX-License-Identifier: Apache-2.0 */
/* The network roles' threads: one asks, converges and reports, one says that
 * the host lives, so that a long round does not make it look dead. */
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "agent/advertiser.h"
#include "agent/agent.h"
#include "agent/l3.h"
#include "agent/metadata.h"
#include "agent/network_wishes.h"
#include "agent/round.h"
#include "base/str.h"
#include "base/time.h"
#include "bus/bus.h"
#include "host/link.h"
#include "wire/json.h"

/* How soon to try again when the service did not answer or an item failed. */
#define RETRY_S         1
#define RETRY_FAILED_S  5
#define CALL_TIMEOUT_MS 15000

struct agent_network {
    struct agent_config config;
    struct bus *bus;
    pthread_t worker, heart;
    bool has_worker, has_heart;

    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool nudged, stopping;
    size_t devices, routers, networks; /* For the heartbeat, under the lock. */

    /* The worker's own. */
    json_t *answer; /* The last complete answer to "wishes". */
    char *reported; /* The last report that arrived. */
    bool complained;
    struct advertiser *advertiser;
    struct metadata_proxy *proxy;
    int64_t started_us;
};

/* --- Waiting. --------------------------------------------------------------- */

static struct timespec after_s(int64_t s)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    ts.tv_sec += s;
    return ts;
}

static bool is_stopping(struct agent_network *n)
{
    bool stopping;

    pthread_mutex_lock(&n->lock);
    stopping = n->stopping;
    pthread_mutex_unlock(&n->lock);
    return stopping;
}

/* Sleeps until the time, a nudge ('hear') or the end.  True when nudged. */
static bool wait_until(struct agent_network *n, struct timespec end, bool hear)
{
    bool nudged;

    pthread_mutex_lock(&n->lock);
    while (!n->stopping && !(hear && n->nudged) && pthread_cond_timedwait(&n->wake, &n->lock, &end) == 0)
        ;
    nudged = hear && n->nudged;
    if (hear)
        n->nudged = false;
    pthread_mutex_unlock(&n->lock);
    return nudged;
}

static void nudge(void *ctx)
{
    struct agent_network *n = ctx;

    pthread_mutex_lock(&n->lock);
    n->nudged = true;
    pthread_cond_broadcast(&n->wake);
    pthread_mutex_unlock(&n->lock);
}

static int on_nudge(void *ctx, struct bus_message *m, struct err *err)
{
    nudge(ctx);
    return 0;
}

/* --- Asking, converging, reporting. ------------------------------------------ */

/* Says once that the service is away, and once that it is back. */
static void complain(struct agent_network *n, const char *what, const struct err *err)
{
    if (!n->complained)
        log_warning(n->config.log, "the network service does not answer; the host stays as it is", "call",
                    what, "error", err->msg);
    n->complained = true;
}

static int call(struct agent_network *n, const char *method, const json_t *args, json_t **ret,
                struct err *err)
{
    int r = bus_call(n->bus, NETWORK_TOPIC, method, args, NULL, CALL_TIMEOUT_MS, ret, err);

    if (r < 0) {
        complain(n, method, err);
        return r;
    }
    if (n->complained)
        log_info(n->config.log, "the network service answers again");
    n->complained = false;
    return 0;
}

/* Asks for the wishes.  1: they are new, 0: as before, or -errno. */
static int ask(struct agent_network *n)
{
    auto_json json_t *args = json_object(), *roles = json_array(), *reply = NULL;
    struct err err = { 0 };
    int r;

    strv_foreach (role, n->config.network->roles)
        json_array_append_new(roles, json_string(*role));
    json_object_set_new(args, "host", json_string(n->config.host));
    json_object_set(args, "roles", roles);
    json_object_set_new(args, "known_version",
                        n->answer ? json_string(json_str(n->answer, "version")) : json_null());
    r = call(n, NETWORK_METHOD_WISHES, args, &reply, &err);
    if (r < 0)
        return r;
    if (n->answer && json_truth(reply, "unchanged", false))
        return 0;
    json_decref(n->answer);
    n->answer = json_incref(reply);
    return 1;
}

static bool is_bad(const struct outcome *o)
{
    return str_eq(o->status, NETWORK_STATUS_ERROR);
}

static void log_bad(struct agent_network *n, const char *what, const char *id, const struct outcome *o)
{
    if (is_bad(o))
        log_warning(n->config.log, "cannot make what is wished yet", "what", what, "id", id, "why",
                    o->reason);
}

static void log_failed(struct agent_network *n, const struct round *r)
{
    for (size_t i = 0; i < r->wishes->n_networks; i++) {
        log_bad(n, "network", r->wishes->networks[i].id, &r->networks[i]);
        log_bad(n, "DHCP server", r->wishes->networks[i].id, &r->dhcp[i]);
    }
    for (size_t i = 0; i < r->wishes->n_ports; i++)
        log_bad(n, "port", r->wishes->ports[i].id, &r->ports[i]);
    for (size_t i = 0; i < r->wishes->n_routers; i++)
        log_bad(n, "router", r->wishes->routers[i].id, &r->routers[i].router);
}

/* Reports when it is news or 'always'.  -errno when it did not arrive. */
static int report(struct agent_network *n, const struct round *r, bool always)
{
    auto_json json_t *args = NULL, *reply = NULL;
    auto_strbuf struct strbuf text = { 0 };
    struct err err = { 0 };
    bool is_news;
    int res;

    round_report(r, &text);
    is_news = !str_eq(n->reported, strbuf_str(&text));
    if (!always && !is_news)
        return 0;
    res = json_read(strbuf_str(&text), text.len, &args, &err);
    if (res >= 0)
        res = call(n, NETWORK_METHOD_REPORT, args, &reply, &err);
    if (res >= 0 && is_news)
        log_failed(n, r);
    free(n->reported);
    n->reported = res < 0 ? NULL : strdup(strbuf_str(&text));
    return res;
}

/* Whether anything failed that a further try may heal. */
static bool any_failed(const struct round *r)
{
    bool bad = false;

    for (size_t i = 0; i < r->wishes->n_networks; i++)
        bad = bad || is_bad(&r->networks[i]) || is_bad(&r->dhcp[i]);
    for (size_t i = 0; i < r->wishes->n_ports; i++)
        bad = bad || is_bad(&r->ports[i]);
    for (size_t i = 0; i < r->wishes->n_routers; i++)
        bad = bad || is_bad(&r->routers[i].router);
    return bad;
}

/* What the routers of this round say about IPv6. */
static void advertise(struct agent_network *n, const struct round *r)
{
    struct advert *list = NULL;
    size_t count = 0;

    for (size_t i = 0; round_has_role(r, NETWORK_ROLE_L3) && i < r->wishes->n_routers; i++) {
        const struct wish_router *w = &r->wishes->routers[i];
        auto_cleanup(nl_close) struct nl *nl = NULL;
        const char *netns = round_netns(r, router_netns(r->arena, w->id));

        if (w->bad || !w->admin_state_up || nl_open(netns, NETLINK_ROUTE, &nl, NULL) < 0)
            continue;
        for (size_t k = 0; k < w->n_interfaces; k++) {
            struct advert a = { .netns = netns };
            struct link l;

            if (!router_advert(r->wishes, &w->interfaces[k], &a.spec))
                continue;
            a.device = router_device(r->arena, "qr-", w->interfaces[k].port_id);
            if (link_get(nl, a.device, &l, NULL) < 0)
                continue;
            a.index = l.index;
            memcpy(a.mac, l.mac, MAC_LEN);
            list = arena_grow(r->arena, list, count * sizeof(a), (count + 1) * sizeof(a));
            list[count++] = a;
        }
    }
    advertiser_set(n->advertiser, list, count);
}

static void count(struct agent_network *n, const struct wishes *w)
{
    size_t networks = 0;

    for (size_t i = 0; i < w->n_networks; i++)
        networks += w->networks[i].dhcp != NULL;
    pthread_mutex_lock(&n->lock);
    n->devices = w->n_ports;
    n->routers = w->n_routers;
    n->networks = networks;
    pthread_mutex_unlock(&n->lock);
}

/* One round over the last answer.  Seconds until the next; less than the
 * resync's when something is to be tried again. */
static int64_t converge(struct agent_network *n, bool always)
{
    auto_arena struct arena a = { 0 };
    struct err err = { 0 };
    struct wishes w;
    struct round r;
    int res;

    res = wishes_read(&a, n->answer, &w, &err);
    if (res >= 0)
        res = round_run(&n->config, &a, &w, &r, &err);
    if (res < 0) {
        log_error(n->config.log, "cannot converge the host's network", "error", err.msg);
        /* An answer that cannot be read must not count as known. */
        json_decref(n->answer);
        n->answer = NULL;
        return RETRY_FAILED_S;
    }
    count(n, &w);
    advertise(n, &r);
    if (round_has_role(&r, NETWORK_ROLE_METADATA))
        metadata_proxy_set(n->proxy, &w);
    if (report(n, &r, always) < 0)
        return RETRY_S;
    return any_failed(&r) && n->config.network->resync_s > RETRY_FAILED_S ? RETRY_FAILED_S
                                                                          : n->config.network->resync_s;
}

static void *work(void *arg)
{
    struct agent_network *n = arg;
    int64_t resync_s = n->config.network->resync_s, full_us = -resync_s * 1000000, round_s = 0;

    while (!is_stopping(n)) {
        int news = ask(n);
        int64_t now_us = time_mono_us();
        bool due = now_us - full_us >= resync_s * 1000000;

        /* With the service away the last wishes still hold, and heal what breaks here. */
        if (n->answer && (news > 0 || due || round_s < resync_s)) {
            round_s = converge(n, due);
            full_us = due ? now_us : full_us;
        }
        wait_until(n, after_s(news < 0 ? RETRY_S : round_s), true);
    }
    return NULL;
}

/* --- Signs of life. ---------------------------------------------------------- */

static json_t *mapping_json(const char *const *list)
{
    json_t *o = json_object();

    strv_foreach (entry, list) {
        const char *colon = strchr(*entry, ':');

        if (colon)
            json_object_setn_new(o, *entry, (size_t) (colon - *entry), json_string(colon + 1));
    }
    return o;
}

static json_t *l2_configuration(struct agent_network *n)
{
    const struct agent_network_options *o = n->config.network;
    json_t *types = json_array(), *c = json_object();

    if (o->local_ip)
        json_array_append_new(types, json_string("vxlan"));
    json_object_set_new(c, "bridge_mappings", mapping_json(o->bridge_mappings));
    json_object_set_new(c, "interface_mappings", mapping_json(o->interface_mappings));
    json_object_set_new(c, "tunnel_types", types);
    json_object_set_new(c, "tunneling_ip", o->local_ip ? json_string(o->local_ip) : json_null());
    json_object_set_new(c, "l2_population", json_true());
    json_object_set_new(c, "extensions", json_array());
    json_object_set_new(c, "devices", json_integer((json_int_t) n->devices));
    return c;
}

static json_t *l3_configuration(struct agent_network *n)
{
    return json_pack("{s:s, s:b, s:i, s:s}", "agent_mode", "legacy", "handle_internal_only_routers", 1,
                     "routers", (int) n->routers, "interface_driver", "linuxbridge");
}

static json_t *dhcp_configuration(struct agent_network *n)
{
    return json_pack("{s:s, s:i, s:i}", "dhcp_driver", "dnsmasq", "dhcp_lease_duration", 86400, "networks",
                     (int) n->networks);
}

static json_t *metadata_configuration(struct agent_network *n)
{
    const char *url = n->config.network->metadata_url;

    return json_pack("{s:s}", "nova_metadata_url", url ? url : "");
}

static json_t *heartbeat(struct agent_network *n)
{
    static const struct {
        const char *role, *type, *binary, *topic;
        json_t *(*configuration)(struct agent_network *n);
    } kinds[] = {
        { NETWORK_ROLE_L2, NETWORK_AGENT_L2, NETWORK_BINARY_L2, "N/A", l2_configuration },
        { NETWORK_ROLE_L3, NETWORK_AGENT_L3, NETWORK_BINARY_L3, "l3_agent", l3_configuration },
        { NETWORK_ROLE_DHCP, NETWORK_AGENT_DHCP, NETWORK_BINARY_DHCP, "dhcp_agent", dhcp_configuration },
        { NETWORK_ROLE_METADATA, NETWORK_AGENT_METADATA, NETWORK_BINARY_METADATA, "N/A",
          metadata_configuration },
    };
    char started[TIME_TEXT_MAX];
    json_t *agents = json_array();

    pthread_mutex_lock(&n->lock);
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
        if (strv_contains(n->config.network->roles, kinds[i].role))
            json_array_append_new(
                agents, json_pack("{s:s, s:s, s:s, s:s, s:{}, s:o}", "agent_type", kinds[i].type, "binary",
                                  kinds[i].binary, "topic", kinds[i].topic, "role", kinds[i].role,
                                  "resource_versions", "configurations", kinds[i].configuration(n)));
    pthread_mutex_unlock(&n->lock);
    return json_pack("{s:s, s:s, s:o}", "host", n->config.host, "started_at",
                     time_write(started, n->started_us, TIME_ISO_Z), "agents", agents);
}

static void *beat(void *arg)
{
    struct agent_network *n = arg;

    while (!is_stopping(n)) {
        auto_json json_t *args = heartbeat(n), *reply = NULL;
        struct err err = { 0 };
        int r = bus_call(n->bus, NETWORK_TOPIC, NETWORK_METHOD_HEARTBEAT, args, NULL, 5000, &reply, &err);

        wait_until(n, after_s(r < 0 ? RETRY_S : n->config.network->report_s), false);
    }
    return NULL;
}

/* --- Beginning and end. ------------------------------------------------------ */

static int begin(struct agent_network *n, struct err *err)
{
    char topic[300], name[300];
    /* Nudges were lost while there was no connection, so a new one is a nudge. */
    struct bus_config bc = { .url = n->config.bus_url,
                             .name = name,
                             .workers = 1,
                             .log = n->config.log,
                             .on_connect = nudge,
                             .ctx = n };
    int r;

    snprintf(name, sizeof(name), "agent.network@%s", n->config.host);
    snprintf(topic, sizeof(topic), NETWORK_TOPIC_HOST, n->config.host);
    r = advertiser_new(n->config.log, &n->advertiser, err);
    if (r >= 0)
        r = metadata_proxy_new(&n->config, &n->proxy, err);
    if (r >= 0)
        r = bus_open(&bc, &n->bus, err);
    if (r >= 0)
        r = bus_subscribe(n->bus, NETWORK_TOPIC_CHANGED, on_nudge, n, err);
    if (r >= 0)
        r = bus_subscribe(n->bus, topic, on_nudge, n, err);
    if (r < 0)
        return r;
    r = -pthread_create(&n->worker, NULL, work, n);
    n->has_worker = r == 0;
    if (r == 0) {
        r = -pthread_create(&n->heart, NULL, beat, n);
        n->has_heart = r == 0;
    }
    return r < 0 ? err_set(err, r, "Cannot start a thread: %s", strerror(-r)) : 0;
}

int agent_network_start(const struct agent_config *c, struct agent_network **ret, struct err *err)
{
    struct agent_network *n = calloc(1, sizeof(*n));
    pthread_condattr_t attr;
    int r;

    if (!n)
        return err_set(err, -ENOMEM, "Out of memory");
    n->config = *c;
    n->started_us = time_now_us();
    pthread_mutex_init(&n->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&n->wake, &attr);
    pthread_condattr_destroy(&attr);
    r = begin(n, err);
    if (r < 0) {
        agent_network_stop(n);
        return r;
    }
    *ret = n;
    return 0;
}

void agent_network_stop(struct agent_network *n)
{
    if (!n)
        return;
    pthread_mutex_lock(&n->lock);
    n->stopping = true;
    pthread_cond_broadcast(&n->wake);
    pthread_mutex_unlock(&n->lock);
    if (n->has_worker)
        pthread_join(n->worker, NULL);
    if (n->has_heart)
        pthread_join(n->heart, NULL);
    if (n->bus)
        bus_close(n->bus);
    metadata_proxy_free(n->proxy);
    advertiser_free(n->advertiser);
    json_decref(n->answer);
    free(n->reported);
    pthread_cond_destroy(&n->wake);
    pthread_mutex_destroy(&n->lock);
    free(n);
}

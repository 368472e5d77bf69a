/* SPDX-License-Identifier: Apache-2.0 */
#include "network/model/heard.h"

#include "agent/network_wishes.h"
#include "base/hash.h"
#include "base/str.h"
#include "network/model/binding.h"
#include "network/model/change.h"
#include "network/model/events.h"
#include "network/model/ports.h"
#include "network/store/agents.h"
#include "network/store/networks.h"
#include "network/store/ports.h"
#include "network/store/routers.h"
#include "wire/json.h"

#define REASON_MAX 1024

/* --- heartbeats ------------------------------------------------------------------------- */

/* Ports that nobody could plug get another chance when an agent comes. */
static int rebind_failed(struct net_ctx *c, const char *host, struct err *err)
{
    const struct cond conds[] = {
        { .column = "host_id", .op = COND_EQ, .value = val_text(host) },
        { .column = "vif_type", .op = COND_EQ, .value = val_text("binding_failed") },
    };
    struct list ports;
    int r = ports_find(c, conds, ARRAY_SIZE(conds), &ports, err);

    for (size_t i = 0; r >= 0 && i < ports.count; i++) {
        struct port *p = list_at(&ports, i);

        r = port_move(c, p, host, err);
        if (r >= 0 && str_eq(p->status, STATUS_ACTIVE))
            r = event_send(c, p, EVENT_PLUGGED, false, err);
    }
    return r;
}

static const char *text_of(struct net_ctx *c, const json_t *o, const char *name, const char *otherwise)
{
    const char *s = json_str(o, name);

    return s ? arena_strdup(c->a, s) : otherwise;
}

static int agent_heard(struct net_ctx *c, const char *host, int64_t started_us, const json_t *j,
                       bool *ret_new, struct err *err)
{
    struct net_agent a = {
        .host = host,
        .agent_type = text_of(c, j, "agent_type", NULL),
        .binary = text_of(c, j, "binary", ""),
        .topic = text_of(c, j, "topic", "N/A"),
        .availability_zone = text_of(c, j, "availability_zone", c->n->opt->availability_zone),
        .configurations = "{}",
        .resource_versions = "{}",
        .started_at = started_us ? started_us : c->now_us,
        .heartbeat_at = c->now_us,
    };
    bool is_new = false;
    int r;

    if (str_empty(a.agent_type) || strlen(a.agent_type) > 64)
        return err_set(err, -EINVAL, "an agent of host '%.64s' has no agent_type", host);
    if (json_obj(j, "configurations"))
        a.configurations = json_text(c->a, json_obj(j, "configurations"));
    if (json_obj(j, "resource_versions"))
        a.resource_versions = json_text(c->a, json_obj(j, "resource_versions"));
    r = net_agent_heard(c, &a, &is_new, err);
    *ret_new = *ret_new || is_new;
    return r;
}

int heartbeat_heard(struct net_ctx *c, void *args, struct err *err)
{
    const json_t *msg = args, *agents = json_arr(msg, "agents");
    const char *host = text_of(c, msg, "host", NULL), *started = json_str(msg, "started_at");
    int64_t started_us = 0, version;
    bool is_new = false;
    int r = 0;

    if (str_empty(host) || strlen(host) > 255)
        return err_set(err, -EINVAL, "a heartbeat needs a host");
    if (started)
        (void) time_parse(started, &started_us);
    for (size_t i = 0; r >= 0 && i < json_array_size(agents); i++)
        r = agent_heard(c, host, started_us, json_array_get(agents, i), &is_new, err);
    if (r >= 0)
        r = wish_version_of(c, host, &version, err);
    if (r < 0 || !is_new)
        return r;
    r = rebind_failed(c, host, err);
    if (r >= 0) /* Its tunnel address may be news to the others. */
        r = change_peers(c, host, err);
    change_host(c, host);
    return r;
}

/* --- reports ------------------------------------------------------------------------------ */

struct hearing {
    struct net_ctx *c;
    const char *host;
};

static bool is_up(const json_t *item)
{
    return str_eq(json_str(item, "status"), NETWORK_STATUS_UP);
}

static const char *reason_of(struct net_ctx *c, const json_t *item)
{
    const char *s = json_str(item, "reason");

    return str_empty(s) ? NULL : arena_strndup(c->a, s, strnlen(s, REASON_MAX));
}

/* Writes what is up and the status that follows, and tells compute. */
static int port_is(struct net_ctx *c, struct port *p, bool l2_up, bool dhcp_up, const char *wiring,
                   struct err *err)
{
    static const char *const only[] = { "l2_up", "dhcp_up", "wiring", "status", NULL };
    const char *before = p->status;
    bool needs_dhcp = true;
    int r;

    if (p->l2_up == l2_up && p->dhcp_up == dhcp_up && str_eq(p->wiring, wiring))
        return 0;
    r = port_needs_dhcp(c, p, &needs_dhcp, err);
    if (r < 0)
        return r;
    p->l2_up = l2_up;
    p->dhcp_up = dhcp_up;
    p->wiring = wiring;
    p->status = port_status_of(c, p, needs_dhcp);
    r = port_write(c, p, only, err);
    if (r < 0 || str_eq(before, p->status))
        return r;
    return event_send(c, p, str_eq(p->status, STATUS_ACTIVE) ? EVENT_PLUGGED : EVENT_UNPLUGGED, false, err);
}

static int load_port(struct net_ctx *c, const char *id, struct port *ret, struct err *err)
{
    int r = id ? table_get(c->t, c->a, &port_table, id, ret, err) : -ENOENT;

    if (r == -ENOENT && err)
        err_clear(err);
    return r;
}

/* Ports of guests on the host. */
static int ports_reported(struct hearing *h, const json_t *ports, struct err *err)
{
    int r = 0;

    for (size_t i = 0; r >= 0 && i < json_array_size(ports); i++) {
        const json_t *item = json_array_get(ports, i);
        struct port p = { 0 };

        r = load_port(h->c, json_str(item, "id"), &p, err);
        if (r == -ENOENT || (r >= 0 && !str_eq(p.host_id, h->host))) {
            r = 0; /* Gone, or moved on. */
            continue;
        }
        if (r >= 0)
            r = port_is(h->c, &p, is_up(item), p.dhcp_up, reason_of(h->c, item), err);
    }
    return r;
}

/* Which ports of a network the DHCP server on this host serves now. */
static int dhcp_reported(struct hearing *h, const char *network_id, const json_t *dhcp, struct err *err)
{
    const struct cond cond = { .column = "network_id", .op = COND_EQ, .value = val_text(network_id) };
    const json_t *served = json_arr(dhcp, "ports");
    const char *runs_on = NULL;
    struct hash ids;
    struct list ports;
    int r = dhcp_host_of(h->c, network_id, &runs_on, err);

    if (r < 0 || !str_eq(runs_on, h->host))
        return r; /* It moved; the new host will tell. */
    r = ports_find(h->c, &cond, 1, &ports, err);
    hash_init(&ids);
    for (size_t i = 0; i < json_array_size(served); i++)
        if (json_string_value(json_array_get(served, i)))
            hash_put(&ids, json_string_value(json_array_get(served, i)), h);
    for (size_t i = 0; r >= 0 && i < ports.count; i++) {
        struct port *p = list_at(&ports, i);
        bool own = str_eq(p->device_owner, OWNER_DHCP), named = hash_get(&ids, p->id);

        if (own && str_eq(p->host_id, h->host))
            r = port_is(h->c, p, is_up(dhcp), true, reason_of(h->c, dhcp), err);
        else if (!own && named && !p->dhcp_up)
            r = port_is(h->c, p, p->l2_up, true, p->wiring, err);
    }
    hash_done(&ids);
    return r;
}

static int networks_reported(struct hearing *h, const json_t *networks, struct err *err)
{
    int r = 0;

    for (size_t i = 0; r >= 0 && i < json_array_size(networks); i++) {
        const json_t *item = json_array_get(networks, i), *dhcp = json_obj(item, "dhcp");
        const char *id = json_str(item, "id");

        if (id && dhcp)
            r = dhcp_reported(h, id, dhcp, err);
    }
    return r;
}

static int legs_reported(struct hearing *h, const json_t *ports, struct err *err)
{
    int r = 0;

    for (size_t i = 0; r >= 0 && i < json_array_size(ports); i++) {
        const json_t *item = json_array_get(ports, i);
        struct port p = { 0 };

        r = load_port(h->c, json_str(item, "id"), &p, err);
        if (r == -ENOENT || (r >= 0 && !str_eq(p.host_id, h->host)))
            r = 0;
        else if (r >= 0)
            r = port_is(h->c, &p, is_up(item), true, reason_of(h->c, item), err);
    }
    return r;
}

static int floating_reported(struct hearing *h, const char *router_id, const json_t *items, struct err *err)
{
    static const char *const only[] = { "status", NULL };
    int r = 0;

    for (size_t i = 0; r >= 0 && i < json_array_size(items); i++) {
        const json_t *item = json_array_get(items, i);
        const char *id = json_str(item, "id"), *status;
        struct floating_ip f = { 0 };

        r = id ? table_get(h->c->t, h->c->a, &floating_ip_table, id, &f, err) : -ENOENT;
        if (r == -ENOENT || (r >= 0 && !str_eq(f.router_id, router_id))) {
            err_clear(err);
            r = 0;
            continue;
        }
        status = is_up(item)                                              ? STATUS_ACTIVE
                 : str_eq(json_str(item, "status"), NETWORK_STATUS_ERROR) ? STATUS_ERROR
                                                                          : STATUS_DOWN;
        if (r >= 0 && !str_eq(status, f.status)) {
            f.status = status;
            r = floating_ip_write(h->c, &f, only, err);
        }
    }
    return r;
}

static int routers_reported(struct hearing *h, const json_t *routers, struct err *err)
{
    static const char *const only[] = { "status", NULL };
    int r = 0;

    for (size_t i = 0; r >= 0 && i < json_array_size(routers); i++) {
        const json_t *item = json_array_get(routers, i);
        const char *id = json_str(item, "id"), *status;
        struct l3_router l = { 0 };

        r = id ? table_get(h->c->t, h->c->a, &l3_router_table, id, &l, err) : -ENOENT;
        if (r == -ENOENT || (r >= 0 && !str_eq(l.host, h->host))) {
            err_clear(err);
            r = 0;
            continue;
        }
        status = str_eq(json_str(item, "status"), NETWORK_STATUS_ERROR) ? STATUS_ERROR : STATUS_ACTIVE;
        if (r >= 0 && !str_eq(status, l.status)) {
            l.status = status;
            r = l3_router_write(h->c, &l, only, err);
        }
        if (r >= 0)
            r = legs_reported(h, json_arr(item, "ports"), err);
        if (r >= 0)
            r = floating_reported(h, l.id, json_arr(item, "floating_ips"), err);
    }
    return r;
}

int report_heard(struct net_ctx *c, void *args, struct err *err)
{
    const json_t *msg = args;
    struct hearing h = { .c = c, .host = json_str(msg, "host") };
    int r;

    if (str_empty(h.host))
        return err_set(err, -EINVAL, "a report needs a host");
    r = networks_reported(&h, json_arr(msg, "networks"), err);
    if (r >= 0)
        r = ports_reported(&h, json_arr(msg, "ports"), err);
    return r < 0 ? r : routers_reported(&h, json_arr(msg, "routers"), err);
}

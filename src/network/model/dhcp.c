/* SPDX-License-Identifier: Apache-2.0 */
#include "network/model/dhcp.h"

#include "agent/network_wishes.h"
#include "base/str.h"
#include "network/ipnum.h"
#include "network/model/change.h"
#include "network/model/ipam.h"
#include "network/model/ports.h"
#include "network/model/schedule.h"
#include "network/store/agents.h"
#include "network/store/networks.h"
#include "network/store/ports.h"

/* Subnets in which the DHCP server has an address. */
static const char **served_subnets(struct net_ctx *c, const struct list *subnets, const char *gone)
{
    const char **ids = NULL;

    for (size_t i = 0; i < subnets->count; i++) {
        const struct subnet *s = list_at(subnets, i);

        if (s->enable_dhcp && !str_eq(s->id, gone))
            ids = strv_add(c->a, ids, s->id);
    }
    return ids;
}

static int find_port(struct net_ctx *c, const char *network_id, struct port *ret, struct err *err)
{
    const struct cond conds[] = {
        { .column = "network_id", .op = COND_EQ, .value = val_text(network_id) },
        { .column = "device_owner", .op = COND_EQ, .value = val_text(OWNER_DHCP) },
        { .column = "device_id", .op = COND_EQ, .value = val_text(dhcp_device_id(c->a, network_id)) },
    };
    int r = table_find(c->t, c->a, &port_table, conds, ARRAY_SIZE(conds), ret, err);

    return r < 0 ? r : port_fill(c, ret, err);
}

static int make_port(struct net_ctx *c, const char *network_id, const char *host, const json_t *wanted,
                     struct err *err)
{
    struct port p = { .network_id = network_id,
                      .device_owner = OWNER_DHCP,
                      .device_id = dhcp_device_id(c->a, network_id),
                      .host_id = host,
                      .admin_state_up = true };
    struct network n;
    int r = network_get(c, network_id, &n, err);

    if (r < 0)
        return r;
    p.project_id = n.project_id;
    r = port_make(c, &p, wanted, NULL, err);
    if (r >= 0 || err->status != 409)
        return r;
    /* No address is left: the ports that have them keep working without. */
    err_clear(err);
    return port_remove(c, p.id, err);
}

static json_t *wanted_of(const char *const *subnets)
{
    json_t *wanted = json_array();

    strv_foreach (id, subnets)
        json_array_append_new(wanted, json_pack("{s:s}", "subnet_id", *id));
    return wanted;
}

static bool serves_exactly(struct net_ctx *c, const struct port *p, const char *const *subnets,
                           struct err *err)
{
    struct allocation *all;
    size_t n;

    if (allocations_of_port(c, p->id, &all, &n, err) < 0 || n != strv_len(subnets))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!strv_contains(subnets, all[i].subnet_id))
            return false;
    return true;
}

static int stop(struct net_ctx *c, const char *network_id, struct err *err)
{
    struct port p = { 0 };
    int r = find_port(c, network_id, &p, err);

    if (r >= 0)
        r = port_unmake(c, &p, err);
    if (r == -ENOENT) {
        err_clear(err);
        r = 0;
    }
    return r < 0 ? r : dhcp_host_set(c, network_id, NULL, err);
}

static int run_on(struct net_ctx *c, const char *network_id, const char *host, const char *const *subnets,
                  struct err *err)
{
    auto_json json_t *wanted = wanted_of(subnets);
    struct port p = { 0 };
    int r = find_port(c, network_id, &p, err);

    if (r == -ENOENT) {
        err_clear(err);
        return make_port(c, network_id, host, wanted, err);
    }
    if (r >= 0 && !str_eq(p.host_id, host))
        r = port_move(c, &p, host, err);
    if (r >= 0 && !serves_exactly(c, &p, subnets, err))
        r = ipam_change(c, &p, wanted, err);
    return r < 0 ? r : change_network(c, network_id, err);
}

int dhcp_ensure_without(struct net_ctx *c, const char *network_id, const char *gone, struct err *err)
{
    const char **subnets, *host = NULL, *before = NULL;
    struct list all;
    int r = subnets_of_network(c, network_id, &all, err);

    if (r < 0)
        return r;
    subnets = served_subnets(c, &all, gone);
    if (!subnets)
        return stop(c, network_id, err);
    r = dhcp_host_of(c, network_id, &before, err);
    if (r >= 0)
        r = schedule_host(c, NETWORK_AGENT_DHCP, before, &host, err);
    if (r < 0 || !host)
        return r; /* Nobody can run it now; housekeeping looks again. */
    if (str_eq(host, before)) {
        struct port p = { 0 };

        r = find_port(c, network_id, &p, err);
        if (r >= 0 && str_eq(p.host_id, host) && serves_exactly(c, &p, (const char *const *) subnets, err))
            return 0;
        err_clear(err);
        if (r < 0 && r != -ENOENT)
            return r;
    }
    change_host(c, before);
    r = dhcp_host_set(c, network_id, host, err);
    if (r >= 0)
        r = run_on(c, network_id, host, (const char *const *) subnets, err);
    change_host(c, host);
    return r;
}

int dhcp_ensure(struct net_ctx *c, const char *network_id, struct err *err)
{
    return dhcp_ensure_without(c, network_id, NULL, err);
}

int dhcp_move(struct net_ctx *c, const char *network_id, const char *host, struct err *err)
{
    const char *before = NULL, **subnets;
    struct list all;
    int r = dhcp_host_of(c, network_id, &before, err);

    change_host(c, before);
    change_host(c, host);
    if (r >= 0 && !host)
        return stop(c, network_id, err);
    if (r >= 0)
        r = subnets_of_network(c, network_id, &all, err);
    if (r >= 0)
        r = dhcp_host_set(c, network_id, host, err);
    if (r < 0)
        return r;
    subnets = served_subnets(c, &all, NULL);
    return subnets ? run_on(c, network_id, host, (const char *const *) subnets, err) : 0;
}

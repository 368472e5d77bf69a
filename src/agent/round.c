/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/round.h"

#include <errno.h>
#include <string.h>

#include "agent/dhcp.h"
#include "agent/l2.h"
#include "agent/l3.h"
#include "agent/network_wishes.h"
#include "base/str.h"
#include "host/link.h"
#include "host/purge.h"
#include "wire/json.h"

bool round_has_role(const struct round *r, const char *role)
{
    return strv_contains(r->options->roles, role);
}

const char *round_mark(const struct round *r, const char *role)
{
    return arena_printf(r->arena, "stackd:%s:%s", r->config->prefix, role);
}

const char *round_netns(const struct round *r, const char *name)
{
    return arena_printf(r->arena, "%s/%s", r->options->netns_dir, name);
}

void outcome_fail(const struct round *r, struct outcome *o, const char *words)
{
    if (o->status && str_eq(o->status, NETWORK_STATUS_ERROR))
        return;
    o->status = NETWORK_STATUS_ERROR;
    o->reason = arena_strdup(r->arena, words);
}

void outcome_good(struct outcome *o, bool up)
{
    if (!o->status)
        o->status = up ? NETWORK_STATUS_UP : NETWORK_STATUS_DOWN;
}

int round_network(const struct round *r, const char *id)
{
    const struct wish_network *n = wishes_network(r->wishes, id);

    return n ? (int) (n - r->wishes->networks) : -1;
}

const char *mapping_get(struct arena *a, const char *const *list, const char *name)
{
    size_t len = name ? strlen(name) : 0;

    strv_foreach (entry, list)
        if (len && strncmp(*entry, name, len) == 0 && (*entry)[len] == ':' && (*entry)[len + 1])
            return arena_strdup(a, *entry + len + 1);
    return NULL;
}

int netns_mark(struct nl *nl, const char *mark, struct err *err)
{
    struct link_want want = { .alias = mark };

    return link_set(nl, "lo", &want, err);
}

bool netns_has_mark(const char *dir, const char *name, const char *mark)
{
    return host_netns_marked(dir, name, mark);
}

int round_run(const struct agent_config *c, struct arena *a, const struct wishes *w, struct round *ret,
              struct err *err)
{
    struct round r = { .config = c, .options = c->network, .arena = a, .wishes = w };
    int res;

    r.run_dir = c->network->run_dir ? c->network->run_dir : arena_printf(a, "/run/stackd-%s", c->prefix);
    r.networks = arena_array(a, struct outcome, w->n_networks + 1);
    r.dhcp = arena_array(a, struct outcome, w->n_networks + 1);
    r.ports = arena_array(a, struct outcome, w->n_ports + 1);
    r.routers = arena_array(a, struct router_outcome, w->n_routers + 1);
    for (size_t i = 0; i < w->n_routers; i++) {
        r.routers[i].interfaces = arena_array(a, struct outcome, w->routers[i].n_interfaces + 1);
        r.routers[i].floating_ips = arena_array(a, struct outcome, w->routers[i].n_floating_ips + 1);
    }
    res = nl_open(NULL, NETLINK_ROUTE, &r.nl, err);
    if (res < 0)
        return res;
    /* Bridges first: all others plug into them. */
    l2_converge(&r);
    if (round_has_role(&r, NETWORK_ROLE_DHCP))
        dhcp_converge(&r);
    if (round_has_role(&r, NETWORK_ROLE_L3))
        l3_converge(&r);
    nl_close(r.nl);
    r.nl = NULL;
    *ret = r;
    return 0;
}

/* --- The report. ------------------------------------------------------------ */

static void put_outcome(struct jw *j, const struct outcome *o)
{
    jw_str(j, "status", o->status ? o->status : NETWORK_STATUS_ERROR);
    jw_str(j, "reason", o->status ? o->reason : "Not reached in this round");
}

static void put_item(struct jw *j, const char *id, const struct outcome *o)
{
    jw_object(j, NULL);
    jw_str(j, "id", id);
    put_outcome(j, o);
    jw_end_object(j);
}

static void put_network(struct jw *j, const struct round *r, size_t i)
{
    const struct wish_network *n = &r->wishes->networks[i];

    jw_object(j, NULL);
    jw_str(j, "id", n->id);
    put_outcome(j, &r->networks[i]);
    if (n->dhcp && round_has_role(r, NETWORK_ROLE_DHCP)) {
        jw_object(j, "dhcp");
        put_outcome(j, &r->dhcp[i]);
        jw_str(j, "port_id", n->dhcp->port_id);
        jw_array(j, "ports");
        for (size_t k = 0; str_eq(r->dhcp[i].status, NETWORK_STATUS_UP) && k < n->n_hosts; k++)
            if (n->hosts[k].n_ips)
                jw_str(j, NULL, n->hosts[k].port_id);
        jw_end_array(j);
        jw_end_object(j);
    } else {
        jw_null(j, "dhcp");
    }
    jw_end_object(j);
}

static void put_router(struct jw *j, const struct round *r, size_t i)
{
    const struct wish_router *w = &r->wishes->routers[i];
    const struct router_outcome *o = &r->routers[i];
    const struct outcome *all = w->bad ? &o->router : NULL;

    jw_object(j, NULL);
    jw_str(j, "id", w->id);
    put_outcome(j, &o->router);
    jw_array(j, "ports");
    for (size_t k = 0; k < w->n_interfaces; k++)
        put_item(j, w->interfaces[k].port_id, all ? all : &o->interfaces[k]);
    if (w->gateway && w->gateway->port_id)
        put_item(j, w->gateway->port_id, all ? all : &o->gateway);
    jw_end_array(j);
    jw_array(j, "floating_ips");
    for (size_t k = 0; k < w->n_floating_ips; k++)
        put_item(j, w->floating_ips[k].id, all ? all : &o->floating_ips[k]);
    jw_end_array(j);
    jw_end_object(j);
}

void round_report(const struct round *r, struct strbuf *out)
{
    struct jw j;

    jw_init(&j, out);
    jw_object(&j, NULL);
    jw_str(&j, "host", r->config->host);
    jw_str(&j, "version", r->wishes->version);
    jw_strv(&j, "roles", r->options->roles);
    jw_array(&j, "ports");
    for (size_t i = 0; i < r->wishes->n_ports; i++)
        put_item(&j, r->wishes->ports[i].id, &r->ports[i]);
    jw_end_array(&j);
    jw_array(&j, "networks");
    for (size_t i = 0; i < r->wishes->n_networks; i++)
        put_network(&j, r, i);
    jw_end_array(&j);
    jw_array(&j, "routers");
    for (size_t i = 0; round_has_role(r, NETWORK_ROLE_L3) && i < r->wishes->n_routers; i++)
        put_router(&j, r, i);
    jw_end_array(&j);
    jw_end_object(&j);
}

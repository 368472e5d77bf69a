/* SPDX-License-Identifier: Apache-2.0 */
#include "network/model/binding.h"

#include "base/str.h"
#include "network/driver/driver.h"
#include "network/store/agents.h"
#include "network/store/networks.h"

static int try_drivers(struct net_ctx *c, struct binding *b, bool *bound, struct err *err)
{
    strv_foreach (name, c->n->opt->mechanisms) {
        for (size_t i = 0; mechanism_drivers[i]; i++) {
            const struct mechanism_driver *d = mechanism_drivers[i];
            struct list agents, all;
            int r;

            if (!str_eq(d->name, *name))
                continue;
            r = net_agents_alive(c, d->agent_type, b->host, &agents, err);
            if (r >= 0)
                r = net_agents_alive(c, d->agent_type, NULL, &all, err);
            if (r < 0)
                return r;
            b->alone = all.count == 1;
            b->agent = agents.count ? list_at(&agents, 0) : NULL;
            *bound = d->bind(c->n->opt, c->a, b);
            if (*bound)
                return 0;
        }
    }
    return 0;
}

int port_bind(struct net_ctx *c, struct port *p, struct err *err)
{
    struct network n = { 0 };
    struct binding b = { .port = p, .network = &n, .host = p->host_id };
    bool bound = false;
    int r;

    p->l2_up = p->dhcp_up = false;
    p->status = STATUS_DOWN;
    p->wiring = NULL;
    p->vif_details = "{}";
    p->vif_type = "unbound";
    if (str_empty(p->host_id))
        return 0;
    r = network_get(c, p->network_id, &n, err);
    if (r >= 0)
        r = try_drivers(c, &b, &bound, err);
    if (r < 0)
        return r;
    if (!bound) {
        p->vif_type = "binding_failed";
        p->wiring = arena_printf(c->a, "No agent that is alive on host %s can connect %s networks%s%s.",
                                 p->host_id, n.network_type, n.physical_network ? " on " : "",
                                 n.physical_network ? n.physical_network : "");
        return 0;
    }
    p->vif_type = b.vif_type;
    p->vif_details = b.vif_details;
    p->l2_up = p->dhcp_up = b.active;
    if (b.active && p->admin_state_up)
        p->status = STATUS_ACTIVE;
    return 0;
}

const char *port_status_of(struct net_ctx *c, const struct port *p, bool needs_dhcp)
{
    return p->admin_state_up && p->l2_up && (p->dhcp_up || !needs_dhcp) ? STATUS_ACTIVE : STATUS_DOWN;
}

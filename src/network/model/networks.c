/* SPDX-License-Identifier: Apache-2.0 */
#include "network/model/networks.h"

#include "base/str.h"
#include "network/model/change.h"
#include "network/model/floating.h"
#include "network/model/groups.h"
#include "network/model/ports.h"
#include "network/model/segments.h"
#include "network/store/networks.h"
#include "network/store/ports.h"
#include "network/store/routers.h"

#define MTU_MIN 68

static int check_mtu(struct net_ctx *c, struct network *n, struct err *err)
{
    int64_t max = segment_mtu(c->n->opt, n);

    if (!n->mtu)
        n->mtu = max;
    if (n->mtu < MTU_MIN || n->mtu > max)
        return err_http(err, 400, "InvalidInput",
                        "Invalid input for operation: Requested MTU %lld is not between %d and %lld.",
                        (long long) n->mtu, MTU_MIN, (long long) max);
    return 0;
}

static int only_default(struct net_ctx *c, const struct network *n, struct err *err)
{
    const struct cond conds[] = {
        { .column = "is_default", .op = COND_EQ, .value = val_int(1) },
        { .column = "id", .op = COND_NE, .value = val_text(n->id) },
    };
    int64_t others;
    int r;

    if (!n->is_default || !n->external)
        return 0;
    r = table_count(c->t, c->a, &network_table, conds, ARRAY_SIZE(conds), &others, err);
    if (r >= 0 && others)
        return err_http(err, 409, "DefaultExternalNetworkExists",
                        "A default external network already exists.");
    return r;
}

int network_create(struct net_ctx *c, void *obj, struct err *err)
{
    struct network *n = obj;
    int r;

    n->status = STATUS_ACTIVE;
    r = segment_allocate(c, n, err);
    if (r >= 0)
        r = check_mtu(c, n, err);
    if (r >= 0)
        r = only_default(c, n, err);
    if (r >= 0)
        r = default_group_ensure(c, n->project_id, NULL, err);
    return r < 0 ? r : table_insert(c->t, c->a, &network_table, n, err);
}

/* Sharing may not be taken back while others use it. */
static int check_unshare(struct net_ctx *c, const struct network *n, struct err *err)
{
    const struct cond conds[] = {
        { .column = "network_id", .op = COND_EQ, .value = val_text(n->id) },
        { .column = "project_id", .op = COND_NE, .value = val_text(n->project_id) },
        { .column = "project_id", .op = COND_NE, .value = val_text("") },
    };
    int64_t others;
    int r = table_count(c->t, c->a, &port_table, conds, ARRAY_SIZE(conds), &others, err);

    if (r >= 0 && others)
        return err_http(
            err, 409, "InvalidSharedSetting",
            "Unable to reconfigure sharing settings for network %s. Multiple tenants are using it.", n->id);
    return r;
}

static int check_internal(struct net_ctx *c, const struct network *n, struct err *err)
{
    const struct cond conds[] = {
        { .column = "network_id", .op = COND_EQ, .value = val_text(n->id) },
        { .column = "device_owner", .op = COND_EQ, .value = val_text(OWNER_ROUTER_GATEWAY) },
    };
    int64_t gateways;
    int r = table_count(c->t, c->a, &port_table, conds, ARRAY_SIZE(conds), &gateways, err);

    if (r >= 0 && gateways)
        return err_http(
            err, 409, "ExternalNetworkInUse",
            "External network %s cannot be updated to be made non-external, since it has existing "
            "gateway ports.",
            n->id);
    return r;
}

int network_update(struct net_ctx *c, const void *was, void *obj, struct err *err)
{
    const struct network *old = was;
    struct network *n = obj;
    int r = 0;

    if (old->shared && !n->shared)
        r = check_unshare(c, n, err);
    if (r >= 0 && old->external && !n->external)
        r = check_internal(c, n, err);
    if (r >= 0 && n->mtu != old->mtu)
        r = check_mtu(c, n, err);
    return r < 0 ? r : only_default(c, n, err);
}

int network_updated(struct net_ctx *c, const void *old, void *obj, struct err *err)
{
    const struct network *was = old, *n = obj;

    if (was->admin_state_up == n->admin_state_up && was->mtu == n->mtu &&
        str_eq(was->dns_domain, n->dns_domain))
        return 0;
    return change_network(c, n->id, err);
}

int network_delete(struct net_ctx *c, void *obj, struct err *err)
{
    const struct network *n = obj;
    const struct cond cond = { .column = "network_id", .op = COND_EQ, .value = val_text(n->id) };
    const char **busy = NULL;
    struct list ports;
    int r;

    r = ports_find(c, &cond, 1, &ports, err);
    if (r < 0)
        return r;
    for (size_t i = 0; i < ports.count; i++) {
        const struct port *p = list_at(&ports, i);

        if (str_eq(p->device_owner, OWNER_FLOATING_IP)) {
            r = floating_ip_drop_unused(c, p->device_id, err);
            if (r < 0)
                return r;
            if (r > 0)
                continue;
        }
        if (!str_eq(p->device_owner, OWNER_DHCP) && strv_len(busy) < 16)
            busy = strv_add(c->a, busy, p->id);
    }
    if (busy)
        return err_http(
            err, 409, "NetworkInUse",
            "Unable to complete operation on network %s. There are one or more ports still in use "
            "on the network, id for these ports is: %s.",
            n->id, strv_join(c->a, busy, ","));
    r = change_network(c, n->id, err);
    for (size_t i = 0; r >= 0 && i < ports.count; i++)
        r = port_remove(c, ((struct port *) list_at(&ports, i))->id, err);
    if (r >= 0)
        r = subnets_remove(c, n->id, err);
    return r < 0 ? r : segments_release(c, n->id, err);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* os-networks and os-tenant-networks (up to 2.35): the network service's networks. */
#include "base/str.h"
#include "compute/api/proxy.h"
#include "compute/api/routes.h"

#define LAST 35

/* What the network service has no word for is null, as it always was with it. */
static const char *const empty[] = { "cidr", "netmask", "gateway",    "broadcast",  "dns1",
                                     "dns2", "cidr_v6", "gateway_v6", "netmask_v6", NULL };
static const char *const admin_empty[] = {
    "created_at",
    "updated_at",
    "deleted_at",
    "deleted",
    "injected",
    "bridge",
    "vlan",
    "vpn_public_address",
    "host",
    "vpn_public_port",
    "vpn_private_address",
    "dhcp_start",
    "bridge_interface",
    "multi_host",
    "priority",
    "rxtx_base",
    "dhcp_server",
    "enable_dhcp",
    "share_address",
    "mtu",
    "project_id",
    NULL,
};

static void write_nulls(struct jw *w, const char *const *names)
{
    strv_foreach (name, names)
        jw_null(w, *name);
}

static void write_network(struct request *rq, struct jw *w, const char *name, const json_t *net)
{
    jw_object(w, name);
    jw_str(w, "id", json_str(net, "id"));
    jw_str(w, "label", json_str(net, "name"));
    write_nulls(w, empty);
    if (is_admin(rq))
        write_nulls(w, admin_empty);
    jw_end_object(w);
}

/* The other resource shows an unknown range as the word "None". */
static void write_tenant_network(struct request *rq, struct jw *w, const char *name, const json_t *net)
{
    jw_object(w, name);
    jw_str(w, "id", json_str(net, "id"));
    jw_str(w, "cidr", "None");
    jw_str(w, "label", json_str(net, "name"));
    jw_end_object(w);
}

typedef void (*write_fn)(struct request *rq, struct jw *w, const char *name, const json_t *net);

static int reply_list(struct request *rq, write_fn write, struct err *err)
{
    auto_json json_t *all = NULL;
    struct jw *w;
    json_t *net;
    size_t k;
    int r = proxy_list(rq, "networks", "networks", NULL, &all, err);

    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_array(w, "networks");
    json_array_foreach (all, k, net)
        write(rq, w, NULL, net);
    jw_end_array(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int reply_one(struct request *rq, write_fn write, struct err *err)
{
    auto_json json_t *all = NULL;
    struct jw *w;
    int r =
        proxy_list(rq, "networks", "networks", query_pair(rq->arena, "id", rq_param(rq, "id")), &all, err);

    if (r < 0)
        return r;
    if (!json_array_size(all))
        return err_http(err, 404, NULL, "Network not found");
    w = reply_begin(rq);
    jw_object(w, NULL);
    write(rq, w, "network", json_array_get(all, 0));
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int list_networks(struct request *rq, struct err *err)
{
    return reply_list(rq, write_network, err);
}

static int show_network(struct request *rq, struct err *err)
{
    return reply_one(rq, write_network, err);
}

static int list_tenant_networks(struct request *rq, struct err *err)
{
    return reply_list(rq, write_tenant_network, err);
}

static int show_tenant_network(struct request *rq, struct err *err)
{
    return reply_one(rq, write_tenant_network, err);
}

#define OLD .until = LAST, .flags = ROUTE_WORKER

/* clang-format off */
const struct route compute_network_routes[] = {
    { HTTP_GET, "/v2.1/os-networks",      "os_compute_api:os-networks:list", list_networks, OLD },
    { HTTP_GET, "/v2.1/os-networks/{id}", "os_compute_api:os-networks:show", show_network,  OLD },
    { HTTP_GET, "/v2.1/os-tenant-networks",      "os_compute_api:os-tenant-networks:list", list_tenant_networks, OLD },
    { HTTP_GET, "/v2.1/os-tenant-networks/{id}", "os_compute_api:os-tenant-networks:show", show_tenant_network,  OLD },
    { 0 },
};
/* clang-format on */

/* SPDX-License-Identifier: Apache-2.0 */
/* os-floating-ips, os-floating-ip-pools (up to 2.35) and the actions that give a server a floating
 * IP or take it (up to 2.43): the network service's floating IPs. */
#include "base/str.h"
#include "base/uuid.h"
#include "compute/api/actions.h"
#include "compute/api/proxy.h"
#include "compute/api/routes.h"

#define LAST        35
#define LAST_ACTION 43

static int external_networks(struct request *rq, json_t **ret, struct err *err)
{
    return proxy_list(rq, "networks", "networks", "router:external=true", ret, err);
}

static int list_pools(struct request *rq, struct err *err)
{
    auto_json json_t *pools = NULL;
    struct jw *w;
    json_t *net;
    size_t k;
    int r = external_networks(rq, &pools, err);

    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_array(w, "floating_ip_pools");
    json_array_foreach (pools, k, net) {
        jw_object(w, NULL);
        jw_str(w, "name", *json_str(net, "name") ? json_str(net, "name") : json_str(net, "id"));
        jw_end_object(w);
    }
    jw_end_array(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

static const json_t *with_id(const json_t *all, const char *id)
{
    json_t *o;
    size_t k;

    json_array_foreach ((json_t *) all, k, o)
        if (id && str_eq(json_str(o, "id"), id))
            return o;
    return NULL;
}

static void write_floating_ip(struct jw *w, const char *name, const json_t *f, const json_t *pools,
                              const json_t *ports)
{
    const json_t *pool = with_id(pools, json_str(f, "floating_network_id")),
                 *port = with_id(ports, json_str(f, "port_id"));
    const char *device = port ? json_str(port, "device_id") : NULL;

    jw_object(w, name);
    jw_str(w, "id", json_str(f, "id"));
    jw_str(w, "ip", json_str(f, "floating_ip_address"));
    jw_str(w, "fixed_ip", json_str(f, "fixed_ip_address"));
    jw_str(w, "instance_id", str_empty(device) ? NULL : device);
    jw_str(w, "pool", pool ? json_str(pool, "name") : json_str(f, "floating_network_id"));
    jw_end_object(w);
}

/* What the answers name beside the floating IPs themselves. */
static int others(struct request *rq, json_t **ret_pools, json_t **ret_ports, struct err *err)
{
    int r = external_networks(rq, ret_pools, err);

    return r < 0 ? r
                 : proxy_list(rq, "ports", "ports", query_pair(rq->arena, "tenant_id", rq->token->project_id),
                              ret_ports, err);
}

static int list_floating_ips(struct request *rq, struct err *err)
{
    auto_json json_t *all = NULL, *pools = NULL, *ports = NULL;
    struct jw *w;
    json_t *f;
    size_t k;
    int r = proxy_list(rq, "floatingips", "floatingips",
                       query_pair(rq->arena, "tenant_id", rq->token->project_id), &all, err);

    if (r >= 0)
        r = others(rq, &pools, &ports, err);
    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_array(w, "floating_ips");
    json_array_foreach (all, k, f)
        write_floating_ip(w, NULL, f, pools, ports);
    jw_end_array(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int reply_floating_ip(struct request *rq, const json_t *f, struct err *err)
{
    auto_json json_t *pools = NULL, *ports = NULL;
    struct jw *w;
    int r = others(rq, &pools, &ports, err);

    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    write_floating_ip(w, "floating_ip", f, pools, ports);
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int check_id(const char *id, struct err *err)
{
    return uuid_is_valid(id) ? 0 : err_http(err, 400, NULL, "Floating IP not found for ID %.255s", id);
}

static int show_floating_ip(struct request *rq, struct err *err)
{
    const char *id = rq_param(rq, "id");
    auto_json json_t *all = NULL;
    int r = check_id(id, err);

    if (r >= 0)
        r = proxy_call(rq, "network", HTTP_GET, arena_printf(rq->arena, "/v2.0/floatingips/%s", id), NULL,
                       &all, err);
    return r < 0 ? r : reply_floating_ip(rq, json_obj(all, "floatingip"), err);
}

struct allocation {
    const char *pool;
};

static const struct field allocation_fields[] = {
    FIELD(FIELD_STRING, allocation, pool, .use = ON_CREATE, .nullable = true, .max = 255),
    { 0 },
};

/* A pool is an external network, by name or id.  When none is asked for, the only one. */
static int find_pool(struct request *rq, const char *wanted, const char **ret_id, struct err *err)
{
    auto_json json_t *pools = NULL;
    json_t *net;
    size_t k;
    int r = external_networks(rq, &pools, err);

    if (r < 0)
        return r;
    json_array_foreach (pools, k, net)
        if (wanted ? str_eq(json_str(net, "name"), wanted) || str_eq(json_str(net, "id"), wanted)
                   : json_array_size(pools) == 1) {
            *ret_id = arena_strdup(rq->arena, json_str(net, "id"));
            return 0;
        }
    return err_http(err, 404, NULL, "Floating IP pool not found.");
}

static int create_floating_ip(struct request *rq, struct err *err)
{
    const struct allocation *in = rq->body;
    auto_json json_t *body = NULL, *answer = NULL;
    const char *pool = NULL;
    int r = find_pool(rq, in ? in->pool : NULL, &pool, err);

    if (r < 0)
        return r;
    body = json_pack("{s{ss}}", "floatingip", "floating_network_id", pool);
    r = proxy_call(rq, "network", HTTP_POST, arena_strdup(rq->arena, "/v2.0/floatingips"), body, &answer,
                   err);
    return r < 0 ? r : reply_floating_ip(rq, json_obj(answer, "floatingip"), err);
}

static int delete_floating_ip(struct request *rq, struct err *err)
{
    const char *id = rq_param(rq, "id");
    int r = check_id(id, err);

    if (r >= 0)
        r = proxy_call(rq, "network", HTTP_DELETE, arena_printf(rq->arena, "/v2.0/floatingips/%s", id), NULL,
                       NULL, err);
    return r < 0 ? r : reply_empty(rq, 202);
}

/* --- a server's ------------------------------------------------------------------------------- */

struct association {
    const char *address, *fixed_address;
};

static const struct field association_fields[] = {
    FIELD(FIELD_STRING, association, address, .use = ON_CREATE, .required = true, .check = check_address),
    FIELD(FIELD_STRING, association, fixed_address, .use = ON_CREATE, .nullable = true,
          .check = check_address),
    { 0 },
};

static int find_by_address(struct request *rq, const char *address, json_t **ret, struct err *err)
{
    auto_json json_t *all = NULL;
    int r = proxy_list(rq, "floatingips", "floatingips",
                       query_pair(rq->arena, "floating_ip_address", address), &all, err);

    if (r < 0)
        return r;
    if (!json_array_size(all))
        return err_http(err, 404, NULL, "floating IP not found");
    *ret = json_incref(json_array_get(all, 0));
    return 0;
}

/* The server's port that has 'fixed', or its first with an IPv4 address. */
static int choose_port(const struct instance *i, const char *fixed, json_t *ports, const char **ret_port,
                       const char **ret_fixed, struct err *err)
{
    json_t *p, *ip;
    size_t k, m;

    json_array_foreach (ports, k, p)
        json_array_foreach (json_arr(p, "fixed_ips"), m, ip) {
            const char *address = json_str(ip, "address");

            if (fixed ? !str_eq(address, fixed) : !address || strchr(address, ':'))
                continue;
            *ret_port = json_str(p, "id");
            *ret_fixed = address;
            return 0;
        }
    if (fixed)
        return err_http(err, 400, NULL, "Specified fixed address not assigned to instance");
    return err_http(err, 400, NULL, "No fixed IPs associated to instance %s", i->id);
}

static int bind_to(struct request *rq, const json_t *f, json_t *change, struct err *err)
{
    auto_json json_t *body = json_pack("{so}", "floatingip", change), *answer = NULL;

    return proxy_call(rq, "network", HTTP_PUT,
                      arena_printf(rq->arena, "/v2.0/floatingips/%s", json_str(f, "id")), body, &answer, err);
}

static int add_floating_ip(struct request *rq, struct err *err)
{
    const struct association *in = rq->body;
    const struct instance *i = instance_in(rq);
    auto_json json_t *ports = i->ports ? json_of(i->ports) : json_array(), *f = NULL;
    const char *port = NULL, *fixed = NULL;
    int r = choose_port(i, in->fixed_address, ports, &port, &fixed, err);

    if (r >= 0)
        r = rq_commit(rq, err);
    if (r >= 0)
        r = find_by_address(rq, in->address, &f, err);
    if (r >= 0)
        r = bind_to(rq, f, json_pack("{ss ss}", "port_id", port, "fixed_ip_address", fixed), err);
    return r < 0 ? r : reply_empty(rq, 202);
}

static bool has_port(const struct instance *i, const char *port)
{
    auto_json json_t *ports = i->ports ? json_of(i->ports) : json_array();

    return port && with_id(ports, port);
}

static int remove_floating_ip(struct request *rq, struct err *err)
{
    const struct association *in = rq->body;
    const struct instance *i = instance_in(rq);
    auto_json json_t *f = NULL;
    int r = rq_commit(rq, err);

    if (r >= 0)
        r = find_by_address(rq, in->address, &f, err);
    if (r < 0)
        return r;
    if (!has_port(i, json_str(f, "port_id")))
        return err_http(err, 409, NULL, "Floating IP %s is not associated with instance %s.", in->address,
                        i->id);
    r = bind_to(rq, f, json_pack("{sn}", "port_id"), err);
    return r < 0 ? r : reply_empty(rq, 202);
}

#define ALL    "/v2.1/os-floating-ips"
#define ACTION "/v2.1/servers/{server_id}/action"
#define OLD    .until = LAST, .flags = ROUTE_WORKER
#define ACT(a)                                                                                 \
    .action = (a), .load = load_instance, .target = instance_target, .in = association_fields, \
    .in_size = sizeof(struct association), .until = LAST_ACTION, .flags = ROUTE_WORKER

/* clang-format off */
const struct route compute_floating_ip_routes[] = {
    { HTTP_GET,    "/v2.1/os-floating-ip-pools", "os_compute_api:os-floating-ip-pools", list_pools, OLD },
    { HTTP_GET,    ALL,         "os_compute_api:os-floating-ips:list",   list_floating_ips,  OLD },
    { HTTP_POST,   ALL,         "os_compute_api:os-floating-ips:create", create_floating_ip, .until = LAST,
      .in = allocation_fields, .in_size = sizeof(struct allocation), .flags = ROUTE_WORKER | ROUTE_BODY_OPTIONAL },
    { HTTP_GET,    ALL "/{id}", "os_compute_api:os-floating-ips:show",   show_floating_ip,   OLD },
    { HTTP_DELETE, ALL "/{id}", "os_compute_api:os-floating-ips:delete", delete_floating_ip, OLD },
    { HTTP_POST,   ACTION,      "os_compute_api:os-floating-ips:add",    add_floating_ip,    ACT("addFloatingIp") },
    { HTTP_POST,   ACTION,      "os_compute_api:os-floating-ips:remove", remove_floating_ip, ACT("removeFloatingIp") },
    { 0 },
};
/* clang-format on */

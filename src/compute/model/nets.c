/* SPDX-License-Identifier: Apache-2.0 */
#include "compute/model/nets.h"

#include "base/str.h"
#include "client/network.h"
#include "compute/model/hosts.h"

static struct client_as as_service(const struct nets *n)
{
    return (struct client_as){ n->server->client, n->arena, NULL, n->request_id };
}

static struct compute *compute_in(const struct nets *n)
{
    return n->server->state;
}

static json_t *read_json(const char *text, json_t *otherwise)
{
    json_t *j = NULL;

    if (!text || json_read(text, strlen(text), &j, NULL) < 0)
        return otherwise;
    json_decref(otherwise);
    return j;
}

json_t *nets_port(json_t *ports, const char *id)
{
    size_t k;
    json_t *p;

    json_array_foreach (ports, k, p)
        if (str_eq(json_str(p, "id"), id))
            return p;
    return NULL;
}

bool nets_all_active(const char *ports)
{
    auto_json json_t *all = read_json(ports, json_array());
    size_t k;
    json_t *p;

    json_array_foreach (all, k, p)
        if (!json_truth(p, "active", false))
            return false;
    return true;
}

/* --- from the network service's form to ours ---------------------------------------- */

static json_t *addresses_of(const json_t *port)
{
    json_t *all = json_array(), *ip;
    size_t k;

    json_array_foreach (json_arr(port, "fixed_ips"), k, ip) {
        const char *address = json_str(ip, "ip_address");

        if (address)
            json_array_append_new(all,
                                  json_pack("{ss?sssi}", "subnet_id", json_str(ip, "subnet_id"), "address",
                                            address, "version", strchr(address, ':') ? 6 : 4));
    }
    return all;
}

static json_t *floating_of(const json_t *floating, const char *port_id)
{
    json_t *all = json_array(), *f;
    size_t k;

    json_array_foreach (floating, k, f)
        if (str_eq(json_str(f, "port_id"), port_id))
            json_array_append_new(all, json_pack("{ss?ss?}", "address", json_str(f, "floating_ip_address"),
                                                 "fixed_address", json_str(f, "fixed_ip_address")));
    return all;
}

static const json_t *network_of(const json_t *networks, const char *id)
{
    size_t k;
    json_t *n;

    json_array_foreach (networks, k, n)
        if (str_eq(json_str(n, "id"), id))
            return n;
    return NULL;
}

static json_t *entry_of(const json_t *port, const json_t *networks, const json_t *floating, const json_t *old)
{
    const char *id = json_str(port, "id"), *network_id = json_str(port, "network_id");
    const json_t *network = network_of(networks, network_id);
    json_t *details = json_obj(port, "binding:vif_details");

    return json_pack("{ss ss ss ss? sI ss? sO? sb sb ss? so so}", "id", id, "network_id", network_id, "label",
                     json_str(network, "name") ? json_str(network, "name") : "", "mac",
                     json_str(port, "mac_address"), "mtu", (json_int_t) json_int(network, "mtu", 1500),
                     "vif_type", json_str(port, "binding:vif_type"), "vif_details", details, "active",
                     str_eq(json_str(port, "status"), "ACTIVE"), "created", json_truth(old, "created", false),
                     "tag", json_str(old, "tag"), "fixed_ips", addresses_of(port), "floating_ips",
                     floating_of(floating, id));
}

static int list_device(const struct nets *n, const struct instance *i, json_t **ret, struct err *err)
{
    const struct client_as as = as_service(n);

    return network_port_list(&as, arena_printf(n->arena, "device_id=%s", i->id), ret, err);
}

/* What 'list' has for the ports: those whose 'key' is 'member' of a port.  None without ports. */
static int list_for(const struct nets *n, const json_t *ports, const char *key, const char *member,
                    int (*list)(const struct client_as *as, const char *query, json_t **ret, struct err *err),
                    json_t **ret, struct err *err)
{
    const struct client_as as = as_service(n);
    struct strbuf q;
    size_t k;
    json_t *p;

    strbuf_init(&q, n->arena);
    json_array_foreach ((json_t *) ports, k, p)
        strbuf_printf(&q, "%s%s=%s", k ? "&" : "", key, json_str(p, member));
    if (!q.len) {
        *ret = json_array();
        return 0;
    }
    return list(&as, strbuf_str(&q), ret, err);
}

static int networks_of(const struct nets *n, const json_t *ports, json_t **ret, struct err *err)
{
    return list_for(n, ports, "id", "network_id", network_list, ret, err);
}

static int floating_list(const struct nets *n, const json_t *ports, json_t **ret, struct err *err)
{
    return list_for(n, ports, "port_id", "id", network_floating_ip_list, ret, err);
}

/* i->ports from 'order' (what we know about each: id, created, tag) and the ports
 * as the network service has them; ports that are gone are left out. */
static int describe(const struct nets *n, struct instance *i, const json_t *order, const json_t *found,
                    bool with_floating, struct err *err)
{
    auto_json json_t *networks = NULL, *floating = NULL, *all = json_array();
    size_t k;
    json_t *o;
    int r = networks_of(n, found, &networks, err);

    if (r >= 0 && with_floating)
        r = floating_list(n, found, &floating, err);
    if (r < 0)
        return r;
    json_array_foreach ((json_t *) order, k, o) {
        const json_t *p = nets_port((json_t *) found, json_str(o, "id"));

        if (p)
            json_array_append_new(all, entry_of(p, networks, floating, o));
    }
    i->ports = json_text(n->arena, all);
    return 0;
}

int nets_refresh(const struct nets *n, struct instance *i, struct err *err)
{
    auto_json json_t *found = NULL, *known = read_json(i->ports, json_array());
    size_t k;
    json_t *p;
    int r = list_device(n, i, &found, err);

    if (r < 0)
        return r;
    json_array_foreach (found, k, p) /* Attached behind our back. */
        if (!nets_port(known, json_str(p, "id")))
            json_array_append_new(known, json_pack("{sssb}", "id", json_str(p, "id"), "created", 0));
    return describe(n, i, known, found, true, err);
}

/* --- making and binding --------------------------------------------------------------- */

static json_t *binding_of(const struct nets *n, const struct instance *i)
{
    const char *zone = hosts_zone(compute_in(n), n->arena, i->host);

    return json_pack("{ssssss?}", "device_id", i->id, "device_owner",
                     arena_printf(n->arena, "compute:%s", zone), "binding:host_id", i->host);
}

static int check_bound(const struct nets *n, const struct instance *i, const json_t *port, struct err *err)
{
    struct host_state h = { .vif_plugging = true };

    if (!str_eq(json_str(port, "binding:vif_type"), "binding_failed"))
        return 0;
    if (i->host)
        hosts_get(compute_in(n), n->arena, i->host, &h);
    if (!h.vif_plugging)
        return 0;
    return err_set(
        err, -EINVAL,
        "Binding failed for port %s: host %s has no network agent that can serve its network, please "
        "check neutron logs for more information.",
        json_str(port, "id"), i->host ? i->host : "-");
}

static int bind_given(const struct nets *n, const struct instance *i, const char *id, json_t **ret,
                      struct err *err)
{
    const struct client_as as = as_service(n);
    auto_json json_t *port = NULL, *change = binding_of(n, i);
    const char *device;
    int r = network_port_get(&as, id, &port, err);

    if (r < 0)
        return r;
    device = json_str(port, "device_id");
    if (!str_empty(device) && !str_eq(device, i->id))
        return err_set(err, -EINVAL, "Port %s is still in use.", id);
    if (str_eq(device, i->id) && str_eq(json_str(port, "binding:host_id"), i->host)) {
        *ret = steal(&port);
        return 0;
    }
    return network_port_update(&as, id, change, ret, err);
}

static int make_port(const struct nets *n, const struct instance *i, const json_t *request, json_t *groups,
                     json_t **ret, struct err *err)
{
    const struct client_as as = as_service(n);
    auto_json json_t *port = binding_of(n, i);
    const char *ip = json_str(request, "fixed_ip");

    json_object_set_new(port, "network_id", json_string(json_str(request, "net")));
    json_object_set_new(port, "tenant_id", json_string(i->project_id));
    json_object_set_new(port, "admin_state_up", json_true());
    if (json_array_size(groups))
        json_object_set(port, "security_groups", groups);
    if (ip)
        json_object_set_new(port, "fixed_ips", json_pack("[{ss}]", "ip_address", ip));
    return network_port_create(&as, port, ret, err);
}

/* A port that an earlier try made for this request: of the network, and neither given nor taken. */
static json_t *left_over(json_t *found, const json_t *requests, const json_t *taken, const char *network_id)
{
    size_t k, m;
    json_t *p, *rq;

    json_array_foreach (found, k, p) {
        bool given = nets_port((json_t *) taken, json_str(p, "id")) != NULL;

        json_array_foreach ((json_t *) requests, m, rq)
            given = given || str_eq(json_str(rq, "port"), json_str(p, "id"));
        if (!given && str_eq(json_str(p, "network_id"), network_id))
            return p;
    }
    return NULL;
}

static int fulfil(const struct nets *n, const struct instance *i, const json_t *request, json_t *groups,
                  json_t *old, json_t **ret, struct err *err)
{
    const char *given = json_str(request, "port");
    int r;

    if (given || old)
        r = bind_given(n, i, given ? given : json_str(old, "id"), ret, err);
    else
        r = make_port(n, i, request, groups, ret, err);
    return r < 0 ? r : check_bound(n, i, *ret, err);
}

/* A network without port security gives its ports no group, not even the default one. */
static bool has_no_group(const json_t *ports)
{
    json_t *p, *groups;
    size_t k;

    json_array_foreach (ports, k, p) {
        groups = json_object_get(p, "security_groups");
        if (!json_is_array(groups) || json_array_size(groups))
            return false;
    }
    return true;
}

int nets_allocate(const struct nets *n, struct instance *i, struct err *err)
{
    auto_json json_t *wanted = read_json(i->networks, json_object());
    auto_json json_t *found = NULL, *order = json_array(), *ports = json_array();
    json_t *requests = json_arr(wanted, "requests"), *rq;
    size_t k;
    int r = 0;

    if (!json_array_size(requests)) {
        i->ports = "[]";
        return 0;
    }
    r = list_device(n, i, &found, err);
    json_array_foreach (requests, k, rq) {
        auto_json json_t *port = NULL;
        json_t *old;

        if (r < 0)
            return r;
        old = left_over(found, requests, order, json_str(rq, "net"));
        r = fulfil(n, i, rq, json_arr(wanted, "groups"), json_str(rq, "port") ? NULL : old, &port, err);
        if (r < 0)
            return r;
        json_array_append(ports, port);
        json_array_append_new(order, json_pack("{sssbss?}", "id", json_str(port, "id"), "created",
                                               json_str(rq, "port") == NULL, "tag", json_str(rq, "tag")));
    }
    if (has_no_group(ports))
        i->security_groups = NULL;
    return r < 0 ? r : describe(n, i, order, ports, false, err);
}

int nets_attach(const struct nets *n, struct instance *i, const json_t *request, const char **ret_port,
                struct err *err)
{
    auto_json json_t *known = read_json(i->ports, json_array()), *found = NULL, *port = NULL;
    auto_json json_t *requests = json_pack("[O]", request);
    json_t *old;
    int r = list_device(n, i, &found, err);

    if (r < 0)
        return r;
    old = json_str(request, "port") ? NULL : left_over(found, requests, known, json_str(request, "net"));
    r = fulfil(n, i, request, NULL, old, &port, err);
    if (r < 0)
        return r;
    if (!nets_port(found, json_str(port, "id")))
        json_array_append(found, port);
    if (!nets_port(known, json_str(port, "id")))
        json_array_append_new(known,
                              json_pack("{sssbss?}", "id", json_str(port, "id"), "created",
                                        json_str(request, "port") == NULL, "tag", json_str(request, "tag")));
    *ret_port = arena_strdup(n->arena, json_str(port, "id"));
    return describe(n, i, known, found, true, err);
}

/* --- letting go -------------------------------------------------------------------------- */

static int let_go(const struct nets *n, const char *id, bool created, struct err *err)
{
    const struct client_as as = as_service(n);
    auto_json json_t *change =
        json_pack("{ssssss}", "device_id", "", "device_owner", "", "binding:host_id", "");
    auto_json json_t *port = NULL;
    int r;

    if (created)
        return network_port_delete(&as, id, err);
    r = network_port_update(&as, id, change, &port, err);
    return r == -ENOENT ? 0 : r;
}

/* True unless the port was there before the server and lives on. */
static bool goes_with(const struct instance *i, const char *port_id)
{
    auto_json json_t *known = read_json(i->ports, json_array());
    auto_json json_t *wanted = read_json(i->networks, json_object());
    const json_t *p = nets_port(known, port_id);
    json_t *rq;
    size_t k;

    if (p)
        return json_truth(p, "created", false);
    json_array_foreach (json_arr(wanted, "requests"), k, rq)
        if (str_eq(json_str(rq, "port"), port_id))
            return false;
    return true;
}

int nets_release(const struct nets *n, const struct instance *i, struct err *err)
{
    auto_json json_t *found = NULL;
    size_t k;
    json_t *p;
    int r = list_device(n, i, &found, err);

    json_array_foreach (found, k, p) {
        if (r < 0)
            break;
        r = let_go(n, json_str(p, "id"), goes_with(i, json_str(p, "id")), err);
    }
    return r;
}

int nets_detach(const struct nets *n, struct instance *i, const char *port_id, struct err *err)
{
    auto_json json_t *known = read_json(i->ports, json_array());
    size_t k;
    json_t *p;
    int r = let_go(n, port_id, goes_with(i, port_id), err);

    if (r < 0)
        return r;
    json_array_foreach (known, k, p)
        if (str_eq(json_str(p, "id"), port_id)) {
            json_array_remove(known, k);
            break;
        }
    i->ports = json_text(n->arena, known);
    return 0;
}

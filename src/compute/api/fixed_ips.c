/* SPDX-License-Identifier: Apache-2.0 */
/* addFixedIp and removeFixedIp (until 2.43): another address for a port that
 * the server has.  The guest is not told: DHCP gives it one address a port. */
#include "base/str.h"
#include "base/uuid.h"
#include "client/network.h"
#include "compute/api/actions.h"
#include "compute/api/common.h"
#include "compute/api/routes.h"

#define LAST   43
#define STATES "active paused stopped"

struct fixed_ip_change {
    const char *network_id, *address;
};

static const struct field add_fields[] = {
    FIELD_AS("networkId", FIELD_STRING, fixed_ip_change, network_id, .use = ON_CREATE, .required = true,
             .min = 1, .max = 36),
    { 0 },
};

static const struct field remove_fields[] = {
    FIELD(FIELD_STRING, fixed_ip_change, address, .use = ON_CREATE, .required = true, .check = check_address),
    { 0 },
};

static int may_change(struct request *rq, const char *what, struct err *err)
{
    const struct instance *i = instance_in(rq);
    int r = require_unlocked(rq, i, err);

    if (r >= 0)
        r = require_state(i, what, STATES, NULL, err);
    return r < 0 ? r : rq_commit(rq, err);
}

static int list_ports(const struct client_as *as, const struct instance *i, const char *net, json_t **ret,
                      struct err *err)
{
    return network_port_list(
        as, arena_printf(as->arena, "device_id=%s%s%s", i->id, net ? "&network_id=" : "", net ? net : ""),
        ret, err);
}

static int set_addresses(const struct client_as *as, const json_t *port, json_t *addresses, struct err *err)
{
    auto_json json_t *change = json_pack("{so}", "fixed_ips", addresses), *answer = NULL;

    return network_port_update(as, json_str(port, "id"), change, &answer, err);
}

/* The first subnet that has an address left gives one. */
static int add_from(const struct client_as *as, const json_t *port, const json_t *subnets, struct err *err)
{
    json_t *subnet;
    size_t k;
    int r = err_http(err, 400, NULL, "Network %s has no subnet.", json_str(port, "network_id"));

    json_array_foreach ((json_t *) subnets, k, subnet) {
        json_t *addresses = json_deep_copy(json_arr(port, "fixed_ips"));

        err_clear(err);
        json_array_append_new(addresses, json_pack("{ss}", "subnet_id", json_str(subnet, "id")));
        r = set_addresses(as, port, addresses, err);
        if (r >= 0)
            return 0;
    }
    return r;
}

static int add_fixed_ip(struct request *rq, struct err *err)
{
    const struct client_as as = { rq->server->client, rq->arena, NULL, rq->request_id };
    const char *net = ((const struct fixed_ip_change *) rq->body)->network_id;
    auto_json json_t *ports = NULL, *subnets = NULL;
    struct instance *i = instance_in(rq);
    int r = uuid_is_valid(net) ? may_change(rq, "add_fixed_ip", err) : -ENOENT;

    if (r >= 0)
        r = list_ports(&as, i, net, &ports, err);
    if (r == -ENOENT || (r >= 0 && !json_array_size(ports)))
        return err_http(err, 404, NULL, "Network could not be found for instance %s.", i->id);
    if (r >= 0)
        r = network_subnet_list(&as, arena_printf(rq->arena, "network_id=%s&fields=id", net), &subnets, err);
    if (r >= 0)
        r = add_from(&as, json_array_get(ports, 0), subnets, err);
    if (r >= 0)
        r = refresh_ports(rq, i, err);
    return r < 0 ? r : reply_empty(rq, 202);
}

/* '*ret' is all but the address, or null when the port has it not. */
static json_t *addresses_without(const json_t *port, const char *address)
{
    json_t *left = json_array(), *ip;
    bool found = false;
    size_t k;

    json_array_foreach (json_arr(port, "fixed_ips"), k, ip) {
        bool is_it = str_eq(json_str(ip, "ip_address"), address);

        found |= is_it;
        if (!is_it)
            json_array_append(left, ip);
    }
    if (found)
        return left;
    json_decref(left);
    return NULL;
}

static int remove_fixed_ip(struct request *rq, struct err *err)
{
    const struct client_as as = { rq->server->client, rq->arena, NULL, rq->request_id };
    const char *address = ((const struct fixed_ip_change *) rq->body)->address;
    struct instance *i = instance_in(rq);
    auto_json json_t *ports = NULL;
    json_t *left = NULL;
    size_t k = 0;
    int r = may_change(rq, "remove_fixed_ip", err);

    if (r >= 0)
        r = list_ports(&as, i, NULL, &ports, err);
    for (; r >= 0 && !left && k < json_array_size(ports); k++)
        left = addresses_without(json_array_get(ports, k), address);
    if (r >= 0 && !left)
        return err_http(err, 400, NULL, "Instance %s has no fixed IP %s.", i->id, address);
    if (r >= 0)
        r = set_addresses(&as, json_array_get(ports, k - 1), left, err);
    if (r >= 0)
        r = refresh_ports(rq, i, err);
    return r < 0 ? r : reply_empty(rq, 202);
}

#define ACTION HTTP_POST, "/v2.1/servers/{server_id}/action"
#define OF                                                                                       \
    .load = load_instance, .target = instance_target, .in_size = sizeof(struct fixed_ip_change), \
    .until = LAST, .flags = ROUTE_WORKER

const struct route compute_fixed_ip_routes[] = {
    { ACTION, "os_compute_api:os-multinic:add", add_fixed_ip, .action = "addFixedIp", .in = add_fields, OF },
    { ACTION, "os_compute_api:os-multinic:remove", remove_fixed_ip, .action = "removeFixedIp",
      .in = remove_fields, OF },
    { 0 },
};

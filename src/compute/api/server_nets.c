/* SPDX-License-Identifier: Apache-2.0 */
/* "networks" and "security_groups" of a new server: what the caller may use. */
#include "base/str.h"
#include "base/uuid.h"
#include "client/network.h"
#include "compute/api/servers.h"
#include "rest/dialect.h"

static struct client_as as_user(struct request *rq)
{
    return (struct client_as){ rq->server->client, rq->arena, rq->token->text, rq->request_id };
}

static json_t *entry(const char *net, const char *port, const char *fixed_ip, const char *tag)
{
    json_t *e = json_object();

    if (net)
        json_object_set_new(e, "net", json_string(net));
    if (port)
        json_object_set_new(e, "port", json_string(port));
    if (fixed_ip)
        json_object_set_new(e, "fixed_ip", json_string(fixed_ip));
    if (tag)
        json_object_set_new(e, "tag", json_string(tag));
    return e;
}

static int check_port(struct request *rq, const char *id, const char **ret_net, struct err *err)
{
    const struct client_as as = as_user(rq);
    auto_json json_t *port = NULL;
    int r = network_port_get(&as, id, &port, err);

    if (r == -ENOENT)
        return err_http(err, 400, NULL, "Port id %.255s could not be found.", id);
    if (r < 0)
        return r;
    if (!str_empty(json_str(port, "device_id")))
        return err_http(err, 409, NULL, "Port %s is still in use.", id);
    if (str_empty(json_str(port, "mac_address")))
        return err_http(err, 400, NULL, "Port %s is not usable for instance.", id);
    *ret_net = arena_strdup(rq->arena, json_str(port, "network_id"));
    return 0;
}

static int check_network(struct request *rq, const char *id, struct err *err)
{
    const struct client_as as = as_user(rq);
    auto_json json_t *found = NULL;
    int r = network_list(&as, arena_printf(rq->arena, "id=%s", id), &found, err);
    const json_t *n = json_array_get(found, 0);

    if (r < 0)
        return r;
    if (!n)
        return err_http(err, 400, NULL, "Network %.255s could not be found.", id);
    if (!json_array_size(json_arr(n, "subnets")))
        return err_http(err, 400, NULL, "Network %s requires a subnet in order to boot instances on.", id);
    if (json_truth(n, "router:external", false) && !json_truth(n, "shared", false) && !is_admin(rq))
        return err_http(err, 403, NULL, "It is not allowed to create an interface on external network %s",
                        id);
    return 0;
}

int read_network_request(struct request *rq, const char *net, const char *port, const char *fixed_ip,
                         const char *tag, json_t **ret, struct err *err)
{
    int r = port ? check_port(rq, port, &net, err) : check_network(rq, net, err);

    if (r >= 0)
        *ret = entry(net, port, fixed_ip, tag);
    return r;
}

/* Nothing is said: the one network that the project has. */
static int choose_network(struct request *rq, bool must, json_t *requests, struct err *err)
{
    const struct client_as as = { rq->server->client, rq->arena, NULL, rq->request_id };
    auto_json json_t *own = NULL, *shared = NULL;
    const json_t *n;
    int r = network_list(&as, arena_printf(rq->arena, "tenant_id=%s&shared=false", rq->token->project_id),
                         &own, err);

    if (r >= 0 && !json_array_size(own))
        r = network_list(&as, "shared=true", &shared, err);
    if (r < 0)
        return r;
    if (json_array_size(own) + json_array_size(shared) > 1)
        return err_http(err, 409, NULL,
                        "Multiple possible networks found, use a Network ID to be more specific.");
    n = json_array_get(json_array_size(own) ? own : shared, 0);
    if (n && json_array_size(json_arr(n, "subnets")))
        json_array_append_new(requests, entry(json_str(n, "id"), NULL, NULL, NULL));
    else if (must)
        return err_http(err, 400, NULL, "Unable to automatically allocate a network for project %s",
                        rq->token->project_id);
    return 0;
}

static int refuse(struct request *rq, const char *name, const json_t *v, const char *why, struct err *err)
{
    return rq->server->service->dialect->bad_field(rq, err, name, v, why);
}

static int read_entry(struct request *rq, const json_t *o, json_t *requests, struct err *err)
{
    const char *net = json_str(o, "uuid"), *port = json_str(o, "port"), *key;
    json_t *e, *v;
    size_t k;
    int r;

    if (!json_is_object(o))
        return refuse(rq, "networks", o, "is not of type 'object'", err);
    json_object_foreach ((json_t *) o, key, v) {
        if (!str_eq(key, "uuid") && !str_eq(key, "port") && !str_eq(key, "fixed_ip") &&
            !(str_eq(key, "tag") && (rq->version == 32 || rq->version >= 42)))
            return rq->server->service->dialect->unknown_field(rq, err, key);
        if (!json_is_string(v) && !(json_is_null(v) && !str_eq(key, "uuid")))
            return refuse(rq, key, v, "is not of type 'string'", err);
    }
    if (port && !uuid_is_valid(port))
        return refuse(rq, "port", json_object_get(o, "port"), "is not a 'uuid'", err);
    if (net && !uuid_is_valid(net))
        return refuse(rq, "uuid", json_object_get(o, "uuid"), "is not a 'uuid'", err);
    if (!port && !net)
        return err_http(err, 400, NULL, "Bad networks format: network uuid is not in proper format (None)");
    if (port && json_str(o, "fixed_ip"))
        return err_http(
            err, 400, NULL,
            "Specified Fixed IP '%.64s' cannot be used with port '%s': the two cannot be specified "
            "together.",
            json_str(o, "fixed_ip"), port);
    json_array_foreach (requests, k, e)
        if (port && str_eq(json_str(e, "port"), port))
            return err_http(err, 400, NULL, "Port ID %s is given twice.", port);
    r = read_network_request(rq, net, port, json_str(o, "fixed_ip"), json_str(o, "tag"), &e, err);
    if (r >= 0)
        json_array_append_new(requests, e);
    return r;
}

static int read_requests(struct request *rq, const char *text, json_t *requests, struct err *err)
{
    auto_json json_t *j = NULL;
    json_t *o;
    size_t k;
    int r = 0;

    if (!text && rq->version >= 37)
        return rq->server->service->dialect->missing_field(rq, err, "networks");
    if (!text)
        return choose_network(rq, false, requests, err);
    r = json_read(text, strlen(text), &j, err);
    if (r < 0)
        return r;
    if (json_is_string(j) && rq->version >= 37) {
        if (str_eq(json_string_value(j), "none"))
            return 0;
        if (str_eq(json_string_value(j), "auto"))
            return choose_network(rq, true, requests, err);
    }
    if (!json_is_array(j))
        return refuse(rq, "networks", j, "is not valid under any of the given schemas", err);
    if (!json_array_size(j) && rq->version < 37)
        return choose_network(rq, false, requests, err);
    json_array_foreach (j, k, o) {
        if (r < 0)
            break;
        r = read_entry(rq, o, requests, err);
    }
    return r;
}

/* --- security groups ------------------------------------------------------------------ */

static int find_group(struct request *rq, const json_t *all, const char *name, const char **ret_id,
                      struct err *err)
{
    const char *found = NULL;
    json_t *g;
    size_t k;

    json_array_foreach ((json_t *) all, k, g) {
        if (str_eq(json_str(g, "id"), name)) {
            *ret_id = json_str(g, "id");
            return 0;
        }
        if (!str_eq(json_str(g, "name"), name))
            continue;
        if (found)
            return err_http(
                err, 409, NULL,
                "Multiple security groups found matching '%.255s'. Use an ID to be more specific.", name);
        found = json_str(g, "id");
    }
    if (!found)
        return err_http(err, 400, NULL, "Security group %.255s not found for project %s.", name,
                        rq->token->project_id);
    *ret_id = found;
    return 0;
}

static int read_groups(struct request *rq, const char *text, json_t *ids, struct instance *i, struct err *err)
{
    const struct client_as as = as_user(rq);
    auto_json json_t *given = NULL, *all = NULL;
    const char **names = NULL;
    json_t *g;
    size_t k;
    int r = text ? json_read(text, strlen(text), &given, err) : 0;

    if (r < 0)
        return r;
    json_array_foreach (given, k, g) {
        const char *name = json_str(g, "name");

        if (!name || json_object_size(g) != 1)
            return refuse(rq, "security_groups", g, "is not an object with a 'name'", err);
        if (!strv_contains(names, name))
            names = strv_add(rq->arena, names, arena_strdup(rq->arena, name));
    }
    i->security_groups = names ? names : strv_add(rq->arena, NULL, "default");
    if (!names || (strv_len(names) == 1 && str_eq(names[0], "default")))
        return 0; /* Every port has it anyway. */
    r = network_group_list(&as, arena_printf(rq->arena, "tenant_id=%s", rq->token->project_id), &all, err);
    strv_foreach (n, names) {
        const char *id = NULL;

        if (r >= 0)
            r = find_group(rq, all, *n, &id, err);
        if (r >= 0)
            json_array_append_new(ids, json_string(id));
    }
    return r;
}

int read_networks(struct request *rq, const char *networks, const char *groups, struct instance *i,
                  struct err *err)
{
    auto_json json_t *requests = json_array(), *ids = json_array(), *all = NULL;
    int r = read_requests(rq, networks, requests, err);

    if (r >= 0)
        r = read_groups(rq, groups, ids, i, err);
    if (r < 0)
        return r;
    all = json_pack("{sOsO}", "requests", requests, "groups", ids);
    i->networks = json_text(rq->arena, all);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "client/network.h"

#include "wire/json.h"

static int call(const struct client_as *as, enum http_method method, char *path, const json_t *body,
                json_t **ret, struct err *err)
{
    return service_call(as, &(struct service_call){ "network", NULL, method, path, body }, ret, err);
}

/* The value inside the envelope. */
static int unwrap(json_t *all, const char *key, json_t **ret, struct err *err)
{
    json_t *v = json_object_get(all, key);

    if (v)
        *ret = json_incref(v);
    json_decref(all);
    return v ? 0 : err_set(err, -EIO, "the network service answered without '%s'", key);
}

static int list(const struct client_as *as, const char *plural, const char *key, const char *query,
                json_t **ret, struct err *err)
{
    json_t *all;
    int r = call(as, HTTP_GET,
                 arena_printf(as->arena, "/v2.0/%s%s%s", plural, query ? "?" : "", query ? query : ""), NULL,
                 &all, err);

    return r < 0 ? r : unwrap(all, key, ret, err);
}

int network_list(const struct client_as *as, const char *query, json_t **ret, struct err *err)
{
    return list(as, "networks", "networks", query, ret, err);
}

int network_port_list(const struct client_as *as, const char *query, json_t **ret, struct err *err)
{
    return list(as, "ports", "ports", query, ret, err);
}

int network_floating_ip_list(const struct client_as *as, const char *query, json_t **ret, struct err *err)
{
    return list(as, "floatingips", "floatingips", query, ret, err);
}

int network_group_list(const struct client_as *as, const char *query, json_t **ret, struct err *err)
{
    return list(as, "security-groups", "security_groups", query, ret, err);
}

int network_subnet_list(const struct client_as *as, const char *query, json_t **ret, struct err *err)
{
    return list(as, "subnets", "subnets", query, ret, err);
}

int network_port_get(const struct client_as *as, const char *id, json_t **ret, struct err *err)
{
    json_t *all;
    int r = call(as, HTTP_GET, arena_printf(as->arena, "/v2.0/ports/%s", id), NULL, &all, err);

    return r < 0 ? r : unwrap(all, "port", ret, err);
}

static int send_port(const struct client_as *as, enum http_method method, char *path, const json_t *port,
                     json_t **ret, struct err *err)
{
    json_t *body = json_pack("{sO}", "port", port), *all;
    int r = call(as, method, path, body, &all, err);

    json_decref(body);
    return r < 0 ? r : unwrap(all, "port", ret, err);
}

int network_port_create(const struct client_as *as, const json_t *port, json_t **ret, struct err *err)
{
    return send_port(as, HTTP_POST, arena_strdup(as->arena, "/v2.0/ports"), port, ret, err);
}

int network_port_update(const struct client_as *as, const char *id, const json_t *port, json_t **ret,
                        struct err *err)
{
    return send_port(as, HTTP_PUT, arena_printf(as->arena, "/v2.0/ports/%s", id), port, ret, err);
}

int network_port_delete(const struct client_as *as, const char *id, struct err *err)
{
    int r = call(as, HTTP_DELETE, arena_printf(as->arena, "/v2.0/ports/%s", id), NULL, NULL, err);

    return r == -ENOENT ? 0 : r;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "compute/api/proxy.h"

#include "base/str.h"
#include "wire/url.h"

#define PATCH_TYPE "application/openstack-images-v2.1-json-patch" /* Only images are changed by PATCH. */

int proxy_call(struct request *rq, const char *service, enum http_method method, char *path,
               const json_t *body, json_t **ret, struct err *err)
{
    const struct client_as as = { rq->server->client, rq->arena, rq->token->text, rq->request_id };
    const struct service_call call = { service, NULL, method,
                                       path,    body, method == HTTP_PATCH ? PATCH_TYPE : NULL };
    struct err why = { 0 };
    int r = service_call(&as, &call, ret, &why);

    if (r >= 0)
        return 0;
    if (why.status == 409)
        return err_http(err, str_has_prefix(why.msg, "Quota exceeded") ? 403 : 400, NULL, "%s", why.msg);
    if (why.status)
        return err_http(err, why.status, NULL, "%s", why.msg);
    return err_set(err, r, "%s", why.msg);
}

int proxy_list(struct request *rq, const char *plural, const char *key, const char *query, json_t **ret,
               struct err *err)
{
    auto_json json_t *all = NULL;
    char *path = arena_printf(rq->arena, "/v2.0/%s%s%s", plural, query ? "?" : "", query ? query : "");
    int r = proxy_call(rq, "network", HTTP_GET, path, NULL, &all, err);

    if (r < 0)
        return r;
    *ret = json_incref(json_arr(all, key));
    return *ret ? 0 : err_set(err, -EIO, "the network service answered without '%s'", key);
}

const char *query_pair(struct arena *a, const char *name, const char *value)
{
    struct strbuf b = { .arena = a };

    url_encode(&b, value);
    return arena_printf(a, "%s=%s", name, strbuf_str(&b));
}

/* --- security groups as compute shows them ----------------------------------------------------- */

static const json_t *group_by_id(const json_t *known, const char *id)
{
    json_t *g;
    size_t k;

    json_array_foreach ((json_t *) known, k, g)
        if (str_eq(json_str(g, "id"), id))
            return g;
    return NULL;
}

static void write_port(struct jw *w, const char *name, const json_t *rule, const char *key, int any)
{
    const char *protocol = json_str(rule, "protocol");

    if (json_is_integer(json_object_get(rule, key)) || !protocol)
        jw_value(w, name, json_object_get(rule, key));
    else
        jw_int(w, name, str_eq(protocol, "tcp") || str_eq(protocol, "udp") ? any : -1);
}

bool write_security_group_rule(struct jw *w, const char *name, const json_t *rule, const json_t *known)
{
    const char *remote = json_str(rule, "remote_group_id"), *cidr = json_str(rule, "remote_ip_prefix");
    const json_t *group = remote ? group_by_id(known, remote) : NULL;

    if (remote && !group)
        return false;
    jw_object(w, name);
    jw_str(w, "id", json_str(rule, "id"));
    jw_str(w, "parent_group_id", json_str(rule, "security_group_id"));
    jw_str(w, "ip_protocol", json_str(rule, "protocol"));
    write_port(w, "from_port", rule, "port_range_min", 1);
    write_port(w, "to_port", rule, "port_range_max", 65535);
    jw_object(w, "group");
    if (group) {
        jw_str(w, "name", json_str(group, "name"));
        jw_str(w, "tenant_id", json_str(group, "tenant_id"));
    }
    jw_end_object(w);
    jw_object(w, "ip_range");
    if (!group)
        jw_str(w, "cidr", cidr ? cidr : str_eq(json_str(rule, "ethertype"), "IPv6") ? "::/0" : "0.0.0.0/0");
    jw_end_object(w);
    jw_end_object(w);
    return true;
}

void write_security_group(struct jw *w, const char *name, const json_t *group, const json_t *known)
{
    json_t *rule;
    size_t k;

    jw_object(w, name);
    jw_str(w, "id", json_str(group, "id"));
    jw_str(w, "name", json_str(group, "name"));
    jw_str(w, "description", json_str(group, "description"));
    jw_str(w, "tenant_id", json_str(group, "tenant_id"));
    jw_array(w, "rules");
    json_array_foreach (json_arr(group, "security_group_rules"), k, rule)
        if (str_eq(json_str(rule, "direction"), "ingress"))
            write_security_group_rule(w, NULL, rule, known);
    jw_end_array(w);
    jw_end_object(w);
}

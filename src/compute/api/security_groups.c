/* SPDX-License-Identifier: Apache-2.0 */
/* os-security-groups and os-security-group-rules: the network service's groups, for clients that
 * ask compute for them (up to 2.35). */
#include "base/str.h"
#include "base/uuid.h"
#include "compute/api/proxy.h"
#include "compute/api/routes.h"
#include "rest/dialect.h"

#define LAST 35

/* The groups that the caller sees: its project's, or all of them for "all_tenants". */
static int list_visible(struct request *rq, bool all, json_t **ret, struct err *err)
{
    return proxy_list(rq, "security-groups", "security_groups",
                      all ? NULL : query_pair(rq->arena, "tenant_id", rq->token->project_id), ret, err);
}

static int asks_for_all(struct request *rq)
{
    const char *v = rq_query(rq, "all_tenants");
    bool all = false;

    return v && is_admin(rq) && str_to_bool(v, &all) >= 0 && all;
}

static int64_t number_in_query(struct request *rq, const char *name, int64_t otherwise)
{
    const char *v = rq_query(rq, name);
    int64_t n;

    return v && str_to_i64(v, &n) >= 0 && n >= 0 ? n : otherwise;
}

static int list_groups(struct request *rq, struct err *err)
{
    int64_t offset = number_in_query(rq, "offset", 0), limit = number_in_query(rq, "limit", INT32_MAX);
    auto_json json_t *all = NULL;
    struct jw *w;
    json_t *g;
    size_t k;
    int r = list_visible(rq, asks_for_all(rq), &all, err);

    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_array(w, "security_groups");
    json_array_foreach (all, k, g)
        if ((int64_t) k >= offset && (int64_t) k - offset < limit)
            write_security_group(w, NULL, g, all);
    jw_end_array(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

/* 'rule': the answer is its row, else the group itself. */
static int reply_group(struct request *rq, const json_t *group, const json_t *rule, struct err *err)
{
    auto_json json_t *known = NULL;
    struct jw *w;
    int r = list_visible(rq, false, &known, err);

    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    if (rule)
        write_security_group_rule(w, "security_group_rule", rule, known);
    else
        write_security_group(w, "security_group", group, known);
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int check_id(const char *id, const char *what, struct err *err)
{
    return uuid_is_valid(id) ? 0 : err_http(err, 400, NULL, "The %s id %.255s is no valid UUID.", what, id);
}

static char *path_of(struct request *rq, const char *plural, const char *id)
{
    return arena_printf(rq->arena, "/v2.0/%s/%s", plural, id);
}

static int show_group(struct request *rq, struct err *err)
{
    const char *id = rq_param(rq, "id");
    auto_json json_t *all = NULL;
    int r = check_id(id, "security group", err);

    if (r >= 0)
        r = proxy_call(rq, "network", HTTP_GET, path_of(rq, "security-groups", id), NULL, &all, err);
    return r < 0 ? r : reply_group(rq, json_obj(all, "security_group"), NULL, err);
}

struct group {
    const char *name, *description;
};

static const struct field group_fields[] = {
    FIELD(FIELD_STRING, group, name, .use = ON_IN, .required = true, .max = 255),
    FIELD(FIELD_STRING, group, description, .use = ON_IN, .nullable = true, .max = 255),
    { 0 },
};

static int send_group(struct request *rq, enum http_method method, char *path, struct err *err)
{
    const struct group *g = rq->body;
    auto_json json_t *body = json_object(), *answer = NULL;
    json_t *in = json_object();
    int r;

    if (g->name)
        json_object_set_new(in, "name", json_string(g->name));
    json_object_set_new(in, "description", json_string(g->description ? g->description : ""));
    json_object_set_new(body, "security_group", in);
    r = proxy_call(rq, "network", method, path, body, &answer, err);
    return r < 0 ? r : reply_group(rq, json_obj(answer, "security_group"), NULL, err);
}

static int create_group(struct request *rq, struct err *err)
{
    return send_group(rq, HTTP_POST, arena_strdup(rq->arena, "/v2.0/security-groups"), err);
}

static int update_group(struct request *rq, struct err *err)
{
    const char *id = rq_param(rq, "id");
    int r = check_id(id, "security group", err);

    return r < 0 ? r : send_group(rq, HTTP_PUT, path_of(rq, "security-groups", id), err);
}

static int delete_one(struct request *rq, const char *plural, const char *what, struct err *err)
{
    const char *id = rq_param(rq, "id");
    int r = check_id(id, what, err);

    if (r >= 0)
        r = proxy_call(rq, "network", HTTP_DELETE, path_of(rq, plural, id), NULL, NULL, err);
    return r < 0 ? r : reply_empty(rq, 202);
}

static int delete_group(struct request *rq, struct err *err)
{
    return delete_one(rq, "security-groups", "security group", err);
}

/* --- rules ------------------------------------------------------------------------------------- */

struct rule {
    const char *parent_group_id, *group_id, *ip_protocol, *cidr;
    int64_t from_port, to_port;
};

static const struct field rule_fields[] = {
    FIELD(FIELD_STRING, rule, parent_group_id, .use = ON_CREATE, .required = true),
    FIELD(FIELD_STRING, rule, group_id, .use = ON_CREATE, .nullable = true),
    FIELD(FIELD_STRING, rule, ip_protocol, .use = ON_CREATE, .nullable = true),
    FIELD(FIELD_STRING, rule, cidr, .use = ON_CREATE, .nullable = true),
    FIELD(FIELD_INT, rule, from_port, .use = ON_CREATE, .nullable = true, .lax = true),
    FIELD(FIELD_INT, rule, to_port, .use = ON_CREATE, .nullable = true, .lax = true),
    { 0 },
};

static int check_ports(struct request *rq, const struct rule *in, bool has_ports, struct err *err)
{
    bool icmp = str_has_prefix(in->ip_protocol, "icmp");

    if (!has_ports)
        return err_http(err, 400, NULL, "Not enough parameters to build a valid rule.");
    if (icmp && (in->from_port < -1 || in->from_port > 255 || in->to_port < -1 || in->to_port > 255))
        return err_http(err, 400, NULL, "Invalid port range %lld:%lld. For ICMP, the type:code must be valid",
                        (long long) in->from_port, (long long) in->to_port);
    if (!icmp && in->from_port == -1 && in->to_port == -1)
        return 0;
    if (!icmp && (in->from_port < 1 || in->to_port > 65535 || in->from_port > in->to_port))
        return err_http(err, 400, NULL,
                        "Invalid port range %lld:%lld. Valid TCP ports should be between 1-65535",
                        (long long) in->from_port, (long long) in->to_port);
    return 0;
}

static int check_rule(struct request *rq, const struct rule *in, bool has_ports, struct err *err)
{
    static const char *const protocols[] = { "tcp", "udp", "icmp", "icmpv6", NULL };
    int r = check_id(in->parent_group_id, "parent group", err);

    if (r >= 0 && in->group_id)
        r = check_id(in->group_id, "group", err);
    if (r < 0)
        return r;
    if (!in->ip_protocol && !in->group_id)
        return err_http(err, 400, NULL, "Not enough parameters to build a valid rule.");
    if (!in->ip_protocol)
        return 0;
    if (!strv_contains(protocols, in->ip_protocol))
        return err_http(err, 400, NULL, "Invalid IP protocol %.64s.", in->ip_protocol);
    return in->group_id && !has_ports ? 0 : check_ports(rq, in, has_ports, err);
}

static json_t *rule_for_network(const struct rule *in, bool has_ports)
{
    json_t *rule = json_pack("{ss ss ss?}", "security_group_id", in->parent_group_id, "direction", "ingress",
                             "protocol", in->ip_protocol);

    json_object_set_new(rule, "ethertype",
                        json_string((in->cidr && strchr(in->cidr, ':')) || str_eq(in->ip_protocol, "icmpv6")
                                        ? "IPv6"
                                        : "IPv4"));
    if (in->group_id)
        json_object_set_new(rule, "remote_group_id", json_string(in->group_id));
    else if (in->cidr)
        json_object_set_new(rule, "remote_ip_prefix", json_string(in->cidr));
    if (has_ports && in->from_port != -1)
        json_object_set_new(rule, "port_range_min", json_integer(in->from_port));
    if (has_ports && in->to_port != -1)
        json_object_set_new(rule, "port_range_max", json_integer(in->to_port));
    return rule;
}

static int create_rule(struct request *rq, struct err *err)
{
    struct rule in = *(const struct rule *) rq->body;
    bool has_ports = RQ_GIVEN(rq, rule, from_port) && RQ_GIVEN(rq, rule, to_port) &&
                     in.from_port != FIELD_NULL_INT && in.to_port != FIELD_NULL_INT;
    auto_json json_t *body = NULL, *answer = NULL;
    int r;

    if (in.ip_protocol)
        in.ip_protocol = str_lower(rq->arena, in.ip_protocol);
    r = check_rule(rq, &in, has_ports, err);
    if (r < 0)
        return r;
    body = json_pack("{so}", "security_group_rule", rule_for_network(&in, has_ports));
    r = proxy_call(rq, "network", HTTP_POST, arena_strdup(rq->arena, "/v2.0/security-group-rules"), body,
                   &answer, err);
    return r < 0 ? r : reply_group(rq, NULL, json_obj(answer, "security_group_rule"), err);
}

static int delete_rule(struct request *rq, struct err *err)
{
    return delete_one(rq, "security-group-rules", "security group rule", err);
}

#define GROUPS    "/v2.1/os-security-groups"
#define RULES     "/v2.1/os-security-group-rules"
#define OLD       .until = LAST, .flags = ROUTE_WORKER | ROUTE_IGNORE_UNKNOWN
#define IN(f, st) .in = (f), .in_size = sizeof(struct st)

/* clang-format off */
const struct route compute_security_group_routes[] = {
    { HTTP_GET,    GROUPS,         "os_compute_api:os-security-groups:get",    list_groups,  OLD },
    { HTTP_POST,   GROUPS,         "os_compute_api:os-security-groups:create", create_group, OLD, .key = "security_group",
      IN(group_fields, group) },
    { HTTP_GET,    GROUPS "/{id}", "os_compute_api:os-security-groups:show",   show_group,   OLD },
    { HTTP_PUT,    GROUPS "/{id}", "os_compute_api:os-security-groups:update", update_group, OLD, .key = "security_group",
      IN(group_fields, group) },
    { HTTP_DELETE, GROUPS "/{id}", "os_compute_api:os-security-groups:delete", delete_group, OLD },
    { HTTP_POST,   RULES,          "os_compute_api:os-security-groups:rule:create", create_rule, OLD,
      .key = "security_group_rule", IN(rule_fields, rule) },
    { HTTP_DELETE, RULES "/{id}",  "os_compute_api:os-security-groups:rule:delete", delete_rule, OLD },
    { 0 },
};
/* clang-format on */

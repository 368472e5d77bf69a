/* SPDX-License-Identifier: Apache-2.0 */
/* /v2.0/security-groups and /v2.0/security-group-rules */
#include "network/store/groups.h"

#include "base/hash.h"
#include "base/str.h"
#include "network/api/common.h"
#include "network/api/routes.h"
#include "network/model/groups.h"
#include "network/store/rows.h"

#define G(type, member, uses, ...) FIELD(type, security_group, member, .use = (uses), __VA_ARGS__)
#define R(type, member, uses, ...) FIELD(type, security_group_rule, member, .use = (uses), __VA_ARGS__)

static const struct field rule_fields[] = {
    OWNER_FIELDS(security_group_rule),
    R(FIELD_STRING, security_group_id, ON_CREATE | ON_SHOW | ON_FILTER | ON_SORT, .required = true),
    R(FIELD_STRING, description, ON_CREATE | ON_SHOW | ON_FILTER | ON_SORT, .max = 255, .value = "",
      .nullable = true),
    R(FIELD_STRING, direction, ON_CREATE | ON_SHOW | ON_FILTER | ON_SORT, .required = true,
      .choices = "ingress|egress"),
    R(FIELD_STRING, ethertype, ON_CREATE | ON_SHOW | ON_FILTER | ON_SORT, .value = "IPv4",
      .choices = "IPv4|IPv6"),
    R(FIELD_STRING, protocol, ON_CREATE | ON_SHOW | ON_FILTER | ON_SORT, .nullable = true, .lax = true,
      .max = 64),
    R(FIELD_INT, port_range_min, ON_CREATE | ON_SHOW | ON_FILTER | ON_SORT, .nullable = true, .lax = true),
    R(FIELD_INT, port_range_max, ON_CREATE | ON_SHOW | ON_FILTER | ON_SORT, .nullable = true, .lax = true),
    R(FIELD_STRING, remote_ip_prefix, ON_CREATE | ON_SHOW | ON_FILTER | ON_SORT, .nullable = true, .max = 64),
    R(FIELD_STRING, normalized_cidr, ON_SHOW),
    R(FIELD_STRING, remote_group_id, ON_CREATE | ON_SHOW | ON_FILTER | ON_SORT, .nullable = true),
    STANDARD_FIELDS(security_group_rule),
    FIELD_AS("security_group:project_id", FIELD_STRING, security_group_rule, group_project_id),
    FIELD_AS("ext_parent:project_id", FIELD_STRING, security_group_rule, group_project_id),
    R(FIELD_BOOL, belongs_to_default_sg, 0),
    { 0 },
};

/* Rules of own groups. */
static int before_list_rules(struct request *rq, struct query *q, struct err *err)
{
    struct net_ctx *c;
    struct txn *t;
    int r;

    if (!rq->token->project_id)
        return limit_to_project(rq, q, err);
    r = rq_txn_write(rq, &t, err);
    if (r >= 0)
        r = net_begin(rq, &c, err);
    if (r >= 0)
        r = default_group_ensure(c, rq->token->project_id, NULL, err);
    if (r < 0)
        return r;
    list_visible(rq, q, "security_group_id IN (SELECT g.id FROM security_groups g WHERE g.project_id = ?)");
    return 0;
}

static const struct net_resource rule_resource = {
    .rest = { .singular = "security_group_rule",
              .plural = "security_group_rules",
              .label = "security group rule",
              .not_found = "SecurityGroupRuleNotFound",
              .table = &security_group_rule_table,
              .fields = rule_fields,
              .before_list = before_list_rules,
              NET_HOOKS },
    .name = "security_group_rule",
    .quota = "security_group_rule",
    .parents = security_group_rule_parents,
    .create = security_group_rule_create,
    .remove = security_group_rule_delete,
    .fill = rules_fill,
};

/* --- groups --------------------------------------------------------------------------- */

static const struct field group_fields[] = {
    OWNER_FIELDS(security_group),
    NAME_FIELDS(security_group),
    G(FIELD_BOOL, stateful, ON_ALL, .lax = true, .value = "true"),
    G(FIELD_BOOL, shared, 0),
    FIELD_AS("security_group_rules", FIELD_JSON, security_group, rules, .use = ON_SHOW),
    G(FIELD_STRV, tags, ON_SHOW),
    STANDARD_FIELDS(security_group),
    { 0 },
};

static void write_rule(struct jw *w, const struct security_group_rule *r)
{
    static const char *const texts[] = { "id",        "project_id", "tenant_id", "security_group_id",
                                         "direction", "ethertype",  "protocol",  "description",
                                         NULL };
    const char *values[] = { r->id,        r->project_id, r->project_id, r->security_group_id,
                             r->direction, r->ethertype,  r->protocol,   r->description };

    jw_object(w, NULL);
    for (size_t i = 0; texts[i]; i++)
        jw_str(w, texts[i], values[i]);
    if (r->port_range_min == FIELD_NULL_INT)
        jw_null(w, "port_range_min");
    else
        jw_int(w, "port_range_min", r->port_range_min);
    if (r->port_range_max == FIELD_NULL_INT)
        jw_null(w, "port_range_max");
    else
        jw_int(w, "port_range_max", r->port_range_max);
    jw_str(w, "remote_ip_prefix", r->remote_ip_prefix);
    jw_str(w, "normalized_cidr", r->normalized_cidr);
    jw_str(w, "remote_group_id", r->remote_group_id);
    jw_time(w, "created_at", r->created_at, TIME_ISO_Z);
    jw_time(w, "updated_at", r->updated_at, TIME_ISO_Z);
    jw_int(w, "revision_number", r->revision_number);
    jw_end_object(w);
}

/* The rules of all groups of a list. */
static int fill_groups(struct net_ctx *c, struct list *groups, struct err *err)
{
    const char **ids = list_ids(c->a, groups, offsetof(struct security_group, id));
    struct list rules;
    struct hash by_id;
    int r = rules_of_groups(c, (const char *const *) ids, &rules, err);

    if (r < 0)
        return r;
    hash_init(&by_id);
    for (size_t i = 0; i < groups->count; i++) {
        struct strbuf *b = arena_new(c->a, struct strbuf);

        strbuf_init(b, c->a);
        strbuf_putc(b, '[');
        hash_put(&by_id, ((struct security_group *) list_at(groups, i))->id, b);
    }
    for (size_t i = 0; i < rules.count; i++) {
        const struct security_group_rule *rule = list_at(&rules, i);
        struct strbuf *b = hash_get(&by_id, rule->security_group_id);
        struct jw w;

        if (!b)
            continue;
        jw_init(&w, b);
        w.comma = b->len > 1;
        write_rule(&w, rule);
    }
    for (size_t i = 0; i < groups->count; i++) {
        struct security_group *g = list_at(groups, i);
        struct strbuf *b = hash_get(&by_id, g->id);

        strbuf_putc(b, ']');
        g->rules = strbuf_str(b);
    }
    hash_done(&by_id);
    return 0;
}

static int before_list_groups(struct request *rq, struct query *q, struct err *err)
{
    struct net_ctx *c;
    struct txn *t;
    int r = 0;

    if (rq->token->project_id)
        r = rq_txn_write(rq, &t, err);
    if (r >= 0)
        r = net_begin(rq, &c, err);
    if (r >= 0)
        r = default_group_ensure(c, rq->token->project_id, NULL, err);
    return r < 0 ? r : limit_to_project(rq, q, err);
}

static const struct net_resource group_resource = {
    .rest = { .singular = "security_group",
              .plural = "security_groups",
              .label = "security group",
              .not_found = "SecurityGroupNotFound",
              .table = &security_group_table,
              .fields = group_fields,
              .before_list = before_list_groups,
              NET_HOOKS },
    .name = "security_group",
    .quota = "security_group",
    .create = security_group_create,
    .update = security_group_update,
    .remove = security_group_delete,
    .fill = fill_groups,
    .revision = offsetof(struct security_group, revision_number),
};

/* clang-format off */
const struct route security_group_rule_routes[] = {
    { HTTP_GET,    "/v2.0/security-group-rules",      "-token-",                    resource_list,   &rule_resource.rest },
    { HTTP_POST,   "/v2.0/security-group-rules",      "-own-",                      net_create,      &rule_resource.rest, CREATES },
    { HTTP_GET,    "/v2.0/security-group-rules/{id}", "get_security_group_rule",    resource_show,   &rule_resource.rest,
      .load = net_load },
    { HTTP_DELETE, "/v2.0/security-group-rules/{id}", "delete_security_group_rule", resource_delete, &rule_resource.rest,
      .load = net_load },
    { 0 },
};

const struct route security_group_routes[] = {
    { HTTP_GET,    "/v2.0/security-groups",      "-token-",               resource_list,   &group_resource.rest },
    { HTTP_POST,   "/v2.0/security-groups",      "-own-",                 net_create,      &group_resource.rest, CREATES },
    { HTTP_GET,    "/v2.0/security-groups/{id}", "get_security_group",    resource_show,   &group_resource.rest,
      .load = net_load },
    { HTTP_PUT,    "/v2.0/security-groups/{id}", "update_security_group", resource_update, &group_resource.rest,
      .load = net_load },
    { HTTP_DELETE, "/v2.0/security-groups/{id}", "delete_security_group", resource_delete, &group_resource.rest,
      .load = net_load },
    { 0 },
};
/* clang-format on */

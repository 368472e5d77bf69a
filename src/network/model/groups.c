/* SPDX-License-Identifier: Apache-2.0 */
#include "network/model/groups.h"

#include "base/str.h"
#include "base/uuid.h"
#include "network/ipnum.h"
#include "network/model/change.h"
#include "network/store/groups.h"

static int add_rule(struct net_ctx *c, const struct security_group *g, const char *direction,
                    const char *ethertype, bool from_itself, struct err *err)
{
    const struct security_group_rule rule = {
        .id = uuid_new(c->a),
        .project_id = g->project_id,
        .security_group_id = g->id,
        .direction = direction,
        .ethertype = ethertype,
        .port_range_min = FIELD_NULL_INT,
        .port_range_max = FIELD_NULL_INT,
        .remote_group_id = from_itself ? g->id : NULL,
        .created_at = c->now_us,
        .updated_at = c->now_us,
    };

    return table_insert(c->t, c->a, &security_group_rule_table, &rule, err);
}

/* Everything may leave; members of a default group may also come in. */
static int add_first_rules(struct net_ctx *c, const struct security_group *g, struct err *err)
{
    int r = add_rule(c, g, "egress", "IPv4", false, err);

    if (r >= 0)
        r = add_rule(c, g, "egress", "IPv6", false, err);
    if (r >= 0 && g->is_default)
        r = add_rule(c, g, "ingress", "IPv4", true, err);
    if (r >= 0 && g->is_default)
        r = add_rule(c, g, "ingress", "IPv6", true, err);
    return r;
}

int default_group_ensure(struct net_ctx *c, const char *project_id, const char **ret, struct err *err)
{
    const char *id = NULL;
    struct security_group g = {
        .project_id = project_id,
        .name = "default",
        .description = "Default security group",
        .stateful = true,
        .is_default = true,
        .created_at = c->now_us,
        .updated_at = c->now_us,
    };
    int r;

    if (str_empty(project_id))
        return 0;
    r = default_group_of(c, project_id, &id, err);
    if (r >= 0 && !id) {
        g.id = id = uuid_new(c->a);
        r = default_group_claim(c, project_id, id, err);
        if (r == -EEXIST)
            return err_set(err, -EAGAIN, "somebody else makes the default group of this project");
        if (r >= 0)
            r = table_insert(c->t, c->a, &security_group_table, &g, err);
        if (r >= 0)
            r = add_first_rules(c, &g, err);
    }
    if (r >= 0 && ret)
        *ret = id;
    return r;
}

int security_group_create(struct net_ctx *c, void *obj, struct err *err)
{
    struct security_group *g = obj;
    int r = default_group_ensure(c, g->project_id, NULL, err);

    if (r >= 0 && str_eq(g->name, "default"))
        return err_http(err, 409, "SecurityGroupDefaultAlreadyExists",
                        "Default security group already exists.");
    if (r >= 0)
        r = table_insert(c->t, c->a, &security_group_table, g, err);
    return r < 0 ? r : add_first_rules(c, g, err);
}

int security_group_update(struct net_ctx *c, const void *was, void *obj, struct err *err)
{
    const struct security_group *old = was, *g = obj;
    int64_t used;
    int r;

    if (old->is_default && !str_eq(old->name, g->name))
        return err_http(err, 409, "SecurityGroupCannotUpdateDefault",
                        "Updating default security group not allowed.");
    if (!old->is_default && str_eq(g->name, "default"))
        return err_http(err, 409, "SecurityGroupDefaultAlreadyExists",
                        "Default security group already exists.");
    if (old->stateful == g->stateful)
        return 0;
    r = security_group_uses(c, g->id, &used, err);
    if (r >= 0 && used)
        return err_http(err, 409, "SecurityGroupInUse", "Security Group %s cannot be updated: it is in use.",
                        g->id);
    return r;
}

int security_group_delete(struct net_ctx *c, void *obj, struct err *err)
{
    const struct security_group *g = obj;
    int64_t used;
    int r = security_group_uses(c, g->id, &used, err);

    if (r >= 0 && used)
        return err_http(err, 409, "SecurityGroupInUse", "Security Group %s in use.", g->id);
    if (r >= 0 && g->is_default && !c->admin)
        return err_http(err, 409, "SecurityGroupCannotRemoveDefault",
                        "Insufficient rights for removing default security group.");
    if (r >= 0)
        r = change_group(c, g->id, err);
    return r < 0 ? r : security_group_forget(c, g->id, err);
}

int security_groups_check(struct net_ctx *c, const char *project_id, const char *const *ids, struct err *err)
{
    strv_foreach (id, ids) {
        struct security_group g = { 0 };
        int r = security_group_get(c, *id, &g, err);

        if (r >= 0 && !c->admin && !str_eq(g.project_id, project_id) && !str_eq(g.project_id, c->project_id))
            r = err_http(err, 404, "SecurityGroupNotFound", "Security group %.255s does not exist.", *id);
        if (r < 0)
            return r;
    }
    return 0;
}

/* --- rules --------------------------------------------------------------------------- */

static const char protocols[] =
    "ah|dccp|egp|esp|gre|hopopt|icmp|igmp|ip|ipip|ipv6-encap|ipv6-frag|ipv6-icmp|icmpv6|ipv6-nonxt|ipv6-opts|"
    "ipv6-route|ospf|pgm|rsvp|sctp|tcp|udp|udplite|vrrp";

static const struct {
    const char *number, *name;
} numbered[] = {
    { "1", "icmp" },   { "6", "tcp" },   { "17", "udp" },      { "58", "ipv6-icmp" },
    { "132", "sctp" }, { "33", "dccp" }, { "136", "udplite" },
};

static bool is_listed(const char *name)
{
    size_t n = strlen(name);

    for (const char *p = protocols; p; p = strchr(p, '|'), p = p ? p + 1 : NULL)
        if (strncmp(p, name, n) == 0 && (p[n] == '|' || !p[n]))
            return true;
    return false;
}

/* The name that a number stands for, where ports or ICMP types come in. */
static const char *meaning(const char *protocol)
{
    for (size_t i = 0; i < ARRAY_SIZE(numbered); i++)
        if (str_eq(numbered[i].number, protocol))
            return numbered[i].name;
    return protocol;
}

static bool is_icmp(const char *p)
{
    return str_eq(p, "icmp") || str_eq(p, "icmpv6") || str_eq(p, "ipv6-icmp");
}

static bool has_ports(const char *p)
{
    return str_eq(p, "tcp") || str_eq(p, "udp") || str_eq(p, "sctp") || str_eq(p, "dccp") ||
           str_eq(p, "udplite");
}

static int check_protocol(struct net_ctx *c, struct security_group_rule *rule, struct err *err)
{
    int64_t number;

    if (!rule->protocol)
        return 0;
    rule->protocol = str_lower(c->a, rule->protocol);
    if (str_eq(rule->protocol, "any") || str_eq(rule->protocol, "")) {
        rule->protocol = NULL;
        return 0;
    }
    if (str_to_i64(rule->protocol, &number) == 0 ? number < 0 || number > 255 : !is_listed(rule->protocol))
        return err_http(
            err, 400, "SecurityGroupRuleInvalidProtocol",
            "Security group rule protocol %.64s not supported. Only protocol values [%s] and integer "
            "representations [0 to 255] are supported.",
            rule->protocol, protocols);
    if (str_eq(rule->ethertype, "IPv6") && str_eq(rule->protocol, "icmp"))
        rule->protocol = "ipv6-icmp"; /* What the user means. */
    if (str_eq(rule->ethertype, "IPv6") && str_eq(rule->protocol, "icmpv6"))
        rule->protocol = "ipv6-icmp";
    if (str_eq(rule->ethertype, "IPv4") &&
        (str_has_prefix(rule->protocol, "ipv6-") || str_eq(rule->protocol, "icmpv6")))
        return err_http(err, 400, "SecurityGroupEthertypeConflictWithProtocol",
                        "Invalid ethertype %s for protocol %s.", rule->ethertype, rule->protocol);
    return 0;
}

static int check_icmp(const struct security_group_rule *rule, struct err *err)
{
    const int64_t v[] = { rule->port_range_min, rule->port_range_max };

    for (int i = 0; i < 2; i++)
        if (v[i] != FIELD_NULL_INT && (v[i] < 0 || v[i] > 255))
            return err_http(err, 400, "SecurityGroupInvalidIcmpValue",
                            "Invalid value for ICMP %s (%s) %lld. It must be 0 to 255.", i ? "code" : "type",
                            i ? "port_range_max" : "port_range_min", (long long) v[i]);
    if (v[0] == FIELD_NULL_INT && v[1] != FIELD_NULL_INT)
        return err_http(
            err, 400, "SecurityGroupMissingIcmpType",
            "ICMP code (port-range-max) %lld is provided but ICMP type (port-range-min) is missing.",
            (long long) v[1]);
    return 0;
}

static int check_ports(struct security_group_rule *rule, struct err *err)
{
    const char *p = meaning(rule->protocol);
    bool any = rule->port_range_min != FIELD_NULL_INT || rule->port_range_max != FIELD_NULL_INT;

    if (!any)
        return 0;
    if (!p)
        return err_http(err, 400, "SecurityGroupProtocolRequiredWithPorts",
                        "Must also specify protocol if port range is given.");
    if (is_icmp(p))
        return check_icmp(rule, err);
    if (!has_ports(p))
        return err_http(
            err, 400, "SecurityGroupInvalidProtocolForPortRange",
            "Invalid protocol %s for port range, only supported for TCP, UDP, UDPLITE, SCTP and DCCP.",
            rule->protocol);
    if (rule->port_range_min == FIELD_NULL_INT || rule->port_range_max == FIELD_NULL_INT ||
        rule->port_range_min > rule->port_range_max)
        return err_http(err, 400, "SecurityGroupInvalidPortRange",
                        "For TCP/UDP protocols, port_range_min must be <= port_range_max");
    if (rule->port_range_min < 1 || rule->port_range_max > 65535)
        return err_http(err, 400, "SecurityGroupInvalidPortValue", "Invalid value for port %lld",
                        (long long) (rule->port_range_min < 1 ? rule->port_range_min : rule->port_range_max));
    return 0;
}

static int check_remote(struct net_ctx *c, struct security_group_rule *rule, struct err *err)
{
    struct security_group g = { 0 };
    struct ipnet net;
    int r;

    if (rule->remote_group_id && rule->remote_ip_prefix)
        return err_http(err, 400, "SecurityGroupRemoteGroupAndRemoteIpPrefix",
                        "Only remote_ip_prefix or remote_group_id may be provided.");
    if (rule->remote_group_id) {
        r = security_group_get(c, rule->remote_group_id, &g, err);
        if (r >= 0 && !c->admin && !str_eq(g.project_id, c->project_id))
            r = err_http(err, 404, "SecurityGroupNotFound", "Security group %.255s does not exist.",
                         rule->remote_group_id);
        return r;
    }
    if (str_empty(rule->remote_ip_prefix)) {
        rule->remote_ip_prefix = NULL;
        return 0;
    }
    if (ipnet_parse(rule->remote_ip_prefix, &net, NULL) < 0)
        return err_http(err, 400, "HTTPBadRequest",
                        "Invalid input for remote_ip_prefix. Reason: '%.64s' is not a valid CIDR.",
                        rule->remote_ip_prefix);
    if ((net.net.version == 4) != str_eq(rule->ethertype, "IPv4"))
        return err_http(err, 400, "SecurityGroupRuleParameterConflict",
                        "Conflicting value ethertype %s for CIDR %s", rule->ethertype,
                        rule->remote_ip_prefix);
    return 0;
}

static int refuse_duplicate(struct net_ctx *c, const struct security_group_rule *rule, struct err *err)
{
    const char *groups[] = { rule->security_group_id, NULL };
    struct list all;
    int r = rules_of_groups(c, groups, &all, err);

    for (size_t i = 0; r >= 0 && i < all.count; i++) {
        const struct security_group_rule *o = list_at(&all, i);

        if (str_eq(o->direction, rule->direction) && str_eq(o->ethertype, rule->ethertype) &&
            str_eq(meaning(o->protocol), meaning(rule->protocol)) &&
            o->port_range_min == rule->port_range_min && o->port_range_max == rule->port_range_max &&
            str_eq(o->remote_group_id, rule->remote_group_id) &&
            str_eq(ipnet_canonical(c->a, o->remote_ip_prefix), ipnet_canonical(c->a, rule->remote_ip_prefix)))
            return err_http(err, 409, "SecurityGroupRuleExists",
                            "Security group rule already exists. Rule id is %s.", o->id);
    }
    return r;
}

int security_group_rule_parents(struct net_ctx *c, void *obj, struct err *err)
{
    struct list l = { obj, 1, sizeof(struct security_group_rule), false };
    struct security_group_rule *rule = obj;
    struct security_group g = { 0 };
    int r = security_group_get(c, rule->security_group_id, &g, err);

    if (r >= 0 && !c->admin && !str_eq(g.project_id, c->project_id))
        return err_http(err, 404, "SecurityGroupNotFound", "Security group %.255s does not exist.",
                        rule->security_group_id);
    return r < 0 ? r : rules_fill(c, &l, err);
}

int security_group_rule_create(struct net_ctx *c, void *obj, struct err *err)
{
    struct security_group_rule *rule = obj;
    int r;

    r = check_protocol(c, rule, err);
    if (r >= 0)
        r = check_ports(rule, err);
    if (r >= 0)
        r = check_remote(c, rule, err);
    if (r >= 0)
        r = refuse_duplicate(c, rule, err);
    if (r >= 0)
        r = table_insert(c->t, c->a, &security_group_rule_table, rule, err);
    return r < 0 ? r : change_group(c, rule->security_group_id, err);
}

int security_group_rule_delete(struct net_ctx *c, void *obj, struct err *err)
{
    return change_group(c, ((struct security_group_rule *) obj)->security_group_id, err);
}

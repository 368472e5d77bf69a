/* SPDX-License-Identifier: Apache-2.0 */
#include "network/store/agents.h"

#include "base/str.h"
#include "base/uuid.h"
#include "network/store/rows.h"

#define A(type, member) COLUMN(type, net_agent, member)

static const struct column columns[] = {
    A(FIELD_STRING, id),           A(FIELD_STRING, agent_type),
    A(FIELD_STRING, host),         COLUMN_AS("binary_", FIELD_STRING, net_agent, binary),
    A(FIELD_STRING, topic),        A(FIELD_STRING, availability_zone),
    A(FIELD_STRING, description),  A(FIELD_BOOL, admin_state_up),
    A(FIELD_JSON, configurations), A(FIELD_JSON, resource_versions),
    A(FIELD_TIME, started_at),     A(FIELD_TIME, heartbeat_at),
    A(FIELD_TIME, created_at),     { 0 },
};

const struct table net_agent_table = { "agents", "id", sizeof(struct net_agent), columns };

static int64_t alive_since(const struct net_ctx *c)
{
    return c->now_us - c->n->opt->agent_down_s * 1000000;
}

int net_agents_fill(struct net_ctx *c, struct list *agents, struct err *err)
{
    for (size_t i = 0; i < agents->count; i++) {
        struct net_agent *a = list_at(agents, i);

        a->alive = a->heartbeat_at > alive_since(c);
    }
    return 0;
}

int net_agents_alive(struct net_ctx *c, const char *type, const char *host, struct list *ret, struct err *err)
{
    const struct cond conds[] = {
        { .column = "agent_type", .op = COND_EQ, .value = val_text(type) },
        { .column = "heartbeat_at", .op = COND_GT, .value = val_int(alive_since(c)) },
        { .column = "admin_state_up", .op = COND_EQ, .value = val_int(1) },
        { .column = "host", .op = COND_EQ, .value = val_text(host) },
    };
    const struct sort_key sort = { "host", false };
    const struct query q = {
        .conds = conds, .n_conds = ARRAY_SIZE(conds) - (host ? 0 : 1), .sort = &sort, .n_sort = 1
    };

    return table_list(c->t, c->a, &net_agent_table, &q, ret, err);
}

int net_agent_heard(struct net_ctx *c, struct net_agent *a, bool *ret_new, struct err *err)
{
    static const char *const only[] = {
        "binary_", "topic", "configurations", "resource_versions", "started_at", "heartbeat_at", NULL
    };
    const struct cond conds[] = {
        { .column = "agent_type", .op = COND_EQ, .value = val_text(a->agent_type) },
        { .column = "host", .op = COND_EQ, .value = val_text(a->host) },
    };
    struct net_agent old = { 0 };
    int r;

    r = table_find(c->t, c->a, &net_agent_table, conds, ARRAY_SIZE(conds), &old, err);
    if (r == -ENOENT) {
        a->id = uuid_new(c->a);
        a->admin_state_up = true;
        a->created_at = c->now_us;
        *ret_new = true;
        return table_insert(c->t, c->a, &net_agent_table, a, err);
    }
    if (r < 0)
        return r;
    a->id = old.id;
    *ret_new = old.heartbeat_at <= alive_since(c) || !str_eq(old.configurations, a->configurations);
    return table_update(c->t, c->a, &net_agent_table, a, only, err);
}

int hosts_of_network(struct net_ctx *c, const char *network_id, const char ***ret, struct err *err)
{
    const struct val v[] = { val_text(network_id), val_text(network_id) };

    return sql_texts(
        c, ret, err,
        "SELECT w.host FROM wish_versions w WHERE EXISTS (SELECT 1 FROM ports p WHERE p.host_id = w.host "
        "AND p.network_id = ?) OR EXISTS (SELECT 1 FROM dhcp_bindings d WHERE d.host = w.host "
        "AND d.network_id = ?)",
        v, ARRAY_SIZE(v));
}

int hosts_of_group(struct net_ctx *c, const char *group_id, const char ***ret, struct err *err)
{
    const struct val v[] = { val_text(group_id), val_text(group_id) };

    return sql_texts(c, ret, err,
                     "SELECT w.host FROM wish_versions w WHERE EXISTS (SELECT 1 FROM ports p "
                     "JOIN port_security_groups g ON g.port_id = p.id WHERE p.host_id = w.host AND "
                     "(g.security_group_id = ? OR g.security_group_id IN "
                     "(SELECT r.security_group_id FROM security_group_rules r WHERE r.remote_group_id = ?)))",
                     v, ARRAY_SIZE(v));
}

int hosts_beside(struct net_ctx *c, const char *host, const char ***ret, struct err *err)
{
    const struct val v = val_text(host);

    return sql_texts(c, ret, err,
                     "SELECT w.host FROM wish_versions w WHERE EXISTS (SELECT 1 FROM ports p JOIN ports o "
                     "ON o.network_id = p.network_id WHERE p.host_id = w.host AND o.host_id = ?)",
                     &v, 1);
}

int wish_versions_bump(struct net_ctx *c, const char *const *hosts, struct err *err)
{
    size_t n = strv_len(hosts);
    struct val *v = arena_array(c->a, struct val, n + 1);
    int64_t r;

    if (!n)
        return 0;
    for (size_t i = 0; i < n; i++)
        v[i] = val_text(hosts[i]);
    r = sql_exec_v(c->t, err,
                   arena_printf(c->a, "UPDATE wish_versions SET version = version + 1 WHERE host IN (%s)",
                                sql_marks(c->a, n)),
                   v, n);
    return r < 0 ? (int) r : 0;
}

int wish_version_of(struct net_ctx *c, const char *host, int64_t *ret, struct err *err)
{
    int64_t r;

    r = sql_get_int(c->t, ret, err, "SELECT version FROM wish_versions WHERE host = ?", val_text(host));
    if (r != -ENOENT)
        return (int) r;
    r = sql_exec(c->t, err, "INSERT INTO wish_versions (host, version) VALUES (?, 1)", val_text(host));
    if (r == -EEXIST)
        return (int) sql_get_int(c->t, ret, err, "SELECT version FROM wish_versions WHERE host = ?",
                                 val_text(host));
    *ret = 1;
    return r < 0 ? (int) r : 0;
}

int dhcp_host_of(struct net_ctx *c, const char *network_id, const char **ret, struct err *err)
{
    struct rows rows;
    int r;

    r = sql_query(c->t, c->a, &rows, err, "SELECT host FROM dhcp_bindings WHERE network_id = ?",
                  val_text(network_id));
    if (r >= 0)
        *ret = rows.count ? rows_text(&rows, 0, 0) : NULL;
    return r;
}

int dhcp_host_set(struct net_ctx *c, const char *network_id, const char *host, struct err *err)
{
    int64_t r;

    r = sql_exec(c->t, err, "DELETE FROM dhcp_bindings WHERE network_id = ?", val_text(network_id));
    if (r >= 0 && host)
        r = sql_exec(c->t, err, "INSERT INTO dhcp_bindings (network_id, host) VALUES (?, ?)",
                     val_text(network_id), val_text(host));
    return r < 0 ? (int) r : 0;
}

int agent_load(struct net_ctx *c, const char *host, int64_t *ret, struct err *err)
{
    return sql_get_int(c->t, ret, err,
                       "SELECT (SELECT COUNT(*) FROM dhcp_bindings WHERE host = ?) + "
                       "(SELECT COUNT(*) FROM routers WHERE host = ?)",
                       val_text(host), val_text(host));
}

int networks_without_dhcp(struct net_ctx *c, const char *agent_type, const char ***ret, struct err *err)
{
    const struct val since = val_int(alive_since(c));
    const struct val v[] = { val_int(1), val_text(agent_type), since, val_text(agent_type), since };

    return sql_texts(
        c, ret, err,
        "SELECT DISTINCT s.network_id FROM subnets s WHERE s.enable_dhcp = ? AND NOT EXISTS "
        "(SELECT 1 FROM dhcp_bindings d JOIN agents a ON a.host = d.host WHERE d.network_id = s.network_id "
        "AND a.agent_type = ? AND a.heartbeat_at > ?) "
        "AND EXISTS (SELECT 1 FROM agents b WHERE b.agent_type = ? AND b.heartbeat_at > ?)",
        v, ARRAY_SIZE(v));
}

int routers_without_host(struct net_ctx *c, const char *agent_type, const char ***ret, struct err *err)
{
    const struct val since = val_int(alive_since(c));
    const struct val v[] = { val_text(agent_type), since, val_text(agent_type), since };

    return sql_texts(
        c, ret, err,
        "SELECT r.id FROM routers r WHERE EXISTS (SELECT 1 FROM ports p WHERE p.device_id = r.id AND "
        "p.device_owner LIKE 'network:router_%') AND NOT EXISTS "
        "(SELECT 1 FROM agents a WHERE a.host = r.host AND a.agent_type = ? AND a.heartbeat_at > ?) "
        "AND EXISTS (SELECT 1 FROM agents b WHERE b.agent_type = ? AND b.heartbeat_at > ?)",
        v, ARRAY_SIZE(v));
}

int networks_scheduled_to(struct net_ctx *c, const char *host, struct rows *ret, struct err *err)
{
    return sql_query(
        c->t, c->a, ret, err,
        "SELECT n.id, n.name, n.project_id, n.project_id, n.status, n.admin_state_up "
        "FROM networks n JOIN dhcp_bindings d ON d.network_id = n.id WHERE d.host = ? ORDER BY n.id",
        val_text(host));
}

int routers_scheduled_to(struct net_ctx *c, const char *host, struct rows *ret, struct err *err)
{
    return sql_query(c->t, c->a, ret, err,
                     "SELECT id, name, project_id, project_id, status, admin_state_up FROM routers "
                     "WHERE host = ? ORDER BY id",
                     val_text(host));
}

int dhcp_networks_of(struct net_ctx *c, const char *host, const char ***ret, struct err *err)
{
    const struct val v = val_text(host);

    return sql_texts(c, ret, err, "SELECT network_id FROM dhcp_bindings WHERE host = ?", &v, 1);
}

int wish_version_read(struct net_ctx *c, const char *host, int64_t *ret, struct err *err)
{
    return sql_get_int(c->t, ret, err, "SELECT version FROM wish_versions WHERE host = ?", val_text(host));
}

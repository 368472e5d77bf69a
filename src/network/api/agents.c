/* SPDX-License-Identifier: Apache-2.0 */
/* /v2.0/agents, and what is scheduled to them. */
#include "network/store/agents.h"

#include "agent/network_wishes.h"
#include "base/str.h"
#include "network/api/common.h"
#include "network/api/routes.h"
#include "network/model/dhcp.h"
#include "network/model/routers.h"
#include "network/store/networks.h"
#include "network/store/routers.h"

#define A(type, member, uses, ...) FIELD(type, net_agent, member, .use = (uses), __VA_ARGS__)

static const struct field fields[] = {
    A(FIELD_STRING, id, ON_SHOW | ON_FILTER | ON_SORT),
    A(FIELD_STRING, agent_type, ON_SHOW | ON_FILTER | ON_SORT),
    FIELD_AS("binary", FIELD_STRING, net_agent, binary, .use = ON_SHOW | ON_FILTER | ON_SORT,
             .column = "binary_"),
    A(FIELD_STRING, topic, ON_SHOW | ON_FILTER | ON_SORT),
    A(FIELD_STRING, host, ON_SHOW | ON_FILTER | ON_SORT),
    A(FIELD_STRING, availability_zone, ON_SHOW | ON_FILTER | ON_SORT),
    A(FIELD_STRING, description, ON_UPDATE | ON_SHOW | ON_FILTER, .max = 255, .nullable = true),
    A(FIELD_BOOL, admin_state_up, ON_UPDATE | ON_SHOW | ON_FILTER | ON_SORT, .lax = true),
    A(FIELD_BOOL, alive, ON_SHOW),
    A(FIELD_JSON, configurations, ON_SHOW),
    { 0 },
};

static void write_stamp(struct jw *w, const char *name, int64_t us)
{
    char buf[TIME_TEXT_MAX];

    time_write(buf, us, TIME_LOG);
    buf[19] = '\0'; /* "2026-01-02 03:04:05" */
    jw_str(w, name, us ? buf : NULL);
}

static void present(struct request *rq, struct jw *w, const void *obj)
{
    const struct net_agent *a = obj;

    if (rq_query(rq, "fields"))
        return;
    write_stamp(w, "created_at", a->created_at);
    write_stamp(w, "started_at", a->started_at);
    write_stamp(w, "heartbeat_timestamp", a->heartbeat_at);
}

/* alive= is no column. */
static int before_list(struct request *rq, struct query *q, struct err *err)
{
    const char *v = rq_query(rq, "alive");
    const struct network_state *n = rq->state;
    bool alive;

    if (!rq_can(rq, "get_agent")) /* A list leaves out what may not be seen. */
        rq_cond(rq, q, (struct cond){ .column = "id", .op = COND_NULL });
    if (v && str_to_bool(v, &alive) == 0)
        rq_cond(
            rq, q,
            (struct cond){ .column = "heartbeat_at",
                           .op = alive ? COND_GT : COND_LE,
                           .value = val_int(server_now_us(rq->server) - n->opt->agent_down_s * 1000000) });
    return 0;
}

static const struct net_resource resource = {
    .rest = { .singular = "agent",
              .plural = "agents",
              .not_found = "AgentNotFound",
              .table = &net_agent_table,
              .fields = fields,
              .before_list = before_list,
              .present = present,
              NET_HOOKS },
    .name = "agent",
    .fill = net_agents_fill,
};

/* --- schedules ------------------------------------------------------------------------------- */

static int load_named(struct request *rq, const char *param, const struct table *tab, void *ret,
                      struct err *err)
{
    struct net_ctx *c;
    int r = net_begin(rq, &c, err);

    if (r >= 0)
        r = table_get(c->t, c->a, tab, rq_param(rq, param), ret, err);
    if (r == -ENOENT)
        return err_http(err, 404, NULL, "The resource could not be found.");
    return r;
}

static int reply_agents(struct request *rq, const char *type, const char *host, struct err *err)
{
    const struct cond conds[] = {
        { .column = "agent_type", .op = COND_EQ, .value = val_text(type) },
        { .column = "host", .op = COND_EQ, .value = val_text(host ? host : "") },
    };
    const struct query q = { .conds = conds, .n_conds = ARRAY_SIZE(conds) };
    struct list agents;
    struct net_ctx *c;
    int r = net_begin(rq, &c, err);

    if (r >= 0)
        r = table_list(c->t, c->a, &net_agent_table, &q, &agents, err);
    if (r >= 0)
        r = net_agents_fill(c, &agents, err);
    return r < 0 ? r : reply_resources(rq, &resource.rest, &agents);
}

static int list_dhcp_agents(struct request *rq, struct err *err)
{
    const char *host = NULL;
    struct network n = { 0 };
    struct net_ctx *c;
    int r = load_named(rq, "network_id", &network_table, &n, err);

    if (r >= 0)
        r = net_begin(rq, &c, err);
    if (r >= 0)
        r = dhcp_host_of(c, n.id, &host, err);
    return r < 0 ? r : reply_agents(rq, NETWORK_AGENT_DHCP, host, err);
}

static int list_l3_agents(struct request *rq, struct err *err)
{
    struct l3_router l = { 0 };
    int r = load_named(rq, "router_id", &l3_router_table, &l, err);

    return r < 0 ? r : reply_agents(rq, NETWORK_AGENT_L3, l.host, err);
}

/* What an agent of the right type has been given: ids and names. */
static int reply_scheduled(struct request *rq, const char *type, const char *key, const char *const *columns,
                           int (*list)(struct net_ctx *, const char *, struct rows *, struct err *),
                           struct err *err)
{
    struct net_agent agent = { 0 };
    struct rows rows;
    struct net_ctx *c;
    struct jw *w;
    int r = load_named(rq, "agent_id", &net_agent_table, &agent, err);

    if (r >= 0)
        r = net_begin(rq, &c, err);
    if (r >= 0)
        r = list(c, str_eq(agent.agent_type, type) ? agent.host : "", &rows, err);
    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_array(w, key);
    for (size_t i = 0; i < rows.count; i++) {
        jw_object(w, NULL);
        for (size_t j = 0; columns[j]; j++) {
            if (str_eq(columns[j], "admin_state_up"))
                jw_bool(w, columns[j], rows_int(&rows, i, j, 0));
            else
                jw_str(w, columns[j], rows_text(&rows, i, j));
        }
        jw_array(w, "subnets");
        jw_end_array(w);
        jw_end_object(w);
    }
    jw_end_array(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

static const char *const scheduled_columns[] = { "id",     "name",           "project_id", "tenant_id",
                                                 "status", "admin_state_up", NULL };

static int list_agent_networks(struct request *rq, struct err *err)
{
    return reply_scheduled(rq, NETWORK_AGENT_DHCP, "networks", scheduled_columns, networks_scheduled_to, err);
}

static int list_agent_routers(struct request *rq, struct err *err)
{
    return reply_scheduled(rq, NETWORK_AGENT_L3, "routers", scheduled_columns, routers_scheduled_to, err);
}

/* --- by hand ------------------------------------------------------------------------------------- */

static int load_agent(struct request *rq, const char *type, struct net_agent *ret, struct err *err)
{
    int r = load_named(rq, "agent_id", &net_agent_table, ret, err);

    if (r >= 0 && !str_eq(ret->agent_type, type))
        return err_http(err, 409, str_eq(type, NETWORK_AGENT_L3) ? "InvalidL3Agent" : "InvalidDHCPAgent",
                        "Agent %s is not a valid %s or has been disabled", ret->id, type);
    return r;
}

static int add_network(struct request *rq, struct err *err)
{
    const char *id = json_str(rq->json, "network_id"), *before = NULL;
    struct net_agent agent = { 0 };
    struct network n = { 0 };
    struct net_ctx *c;
    int r = load_agent(rq, NETWORK_AGENT_DHCP, &agent, err);

    if (r >= 0)
        r = net_begin(rq, &c, err);
    if (r >= 0)
        r = network_get(c, id, &n, err);
    if (r >= 0)
        r = dhcp_host_of(c, n.id, &before, err);
    if (r >= 0 && str_eq(before, agent.host))
        return err_http(err, 409, "NetworkHostedByDHCPAgent",
                        "The network %s has been already hosted by the DHCP Agent %s.", n.id, agent.id);
    if (r >= 0)
        r = dhcp_move(c, n.id, agent.host, err);
    if (r >= 0)
        r = net_finish(rq, err);
    return r < 0 ? r : reply_text(rq, 201, "application/json", "null", 4);
}

static int remove_network(struct request *rq, struct err *err)
{
    const char *id = rq_param(rq, "network_id"), *before = NULL;
    struct net_agent agent = { 0 };
    struct net_ctx *c;
    int r = load_agent(rq, NETWORK_AGENT_DHCP, &agent, err);

    if (r >= 0)
        r = net_begin(rq, &c, err);
    if (r >= 0)
        r = dhcp_host_of(c, id, &before, err);
    if (r >= 0 && !str_eq(before, agent.host))
        return err_http(err, 409, "NetworkNotHostedByDhcpAgent",
                        "The network %s is not hosted by the DHCP agent %s.", id, agent.id);
    if (r >= 0)
        r = dhcp_move(c, id, NULL, err);
    if (r >= 0)
        r = net_finish(rq, err);
    return r < 0 ? r : reply_empty(rq, 204);
}

static int move_router(struct request *rq, const char *router_id, bool add, struct err *err)
{
    struct net_agent agent = { 0 };
    struct l3_router l = { 0 };
    struct net_ctx *c;
    int r = load_agent(rq, NETWORK_AGENT_L3, &agent, err);

    if (r >= 0)
        r = net_begin(rq, &c, err);
    if (r >= 0)
        r = l3_router_get(c, router_id, &l, err);
    if (r >= 0 && add && !str_empty(l.host) && !str_eq(l.host, agent.host))
        return err_http(err, 409, "RouterHostedByL3Agent", "The router %s has been already hosted by %s.",
                        l.id, l.host);
    if (r >= 0 && !add && !str_eq(l.host, agent.host))
        return err_http(err, 409, "RouterNotHostedByL3Agent", "The router %s is not hosted by L3 agent %s.",
                        l.id, agent.id);
    if (r >= 0)
        r = l3_router_move(c, &l, add ? agent.host : NULL, err);
    if (r >= 0)
        r = net_finish(rq, err);
    if (r < 0)
        return r;
    return add ? reply_text(rq, 201, "application/json", "null", 4) : reply_empty(rq, 204);
}

static int add_router(struct request *rq, struct err *err)
{
    return move_router(rq, json_str(rq->json, "router_id"), true, err);
}

static int remove_router(struct request *rq, struct err *err)
{
    return move_router(rq, rq_param(rq, "router_id"), false, err);
}

/* --- availability zones ------------------------------------------------------------------------ */

static int list_zones(struct request *rq, struct err *err)
{
    static const char *const kinds[] = { "network", "router" };
    const char *types[] = { NETWORK_AGENT_DHCP, NETWORK_AGENT_L3 };
    struct net_ctx *c;
    struct jw *w = reply_begin(rq);
    int r = net_begin(rq, &c, err);

    jw_object(w, NULL);
    jw_array(w, "availability_zones");
    for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(kinds); i++) {
        struct list agents = { 0 };

        r = net_agents_alive(c, types[i], NULL, &agents, err);
        if (r < 0 || !agents.count)
            continue;
        jw_object(w, NULL);
        jw_str(w, "name", c->n->opt->availability_zone);
        jw_str(w, "resource", kinds[i]);
        jw_str(w, "state", "available");
        jw_end_object(w);
    }
    jw_end_array(w);
    jw_end_object(w);
    return r < 0 ? r : reply_end(rq, 200);
}

/* clang-format off */
#define BY_HAND .in = net_no_fields, .in_size = 1, .flags = ROUTE_IGNORE_UNKNOWN

const struct route net_agent_routes[] = {
    { HTTP_GET,    "/v2.0/agents",      "-token-",      resource_list,   &resource.rest },
    { HTTP_GET,    "/v2.0/agents/{id}", "get_agent",    resource_show,   &resource.rest, .load = net_load },
    { HTTP_PUT,    "/v2.0/agents/{id}", "update_agent", resource_update, &resource.rest, .load = net_load },
    { HTTP_DELETE, "/v2.0/agents/{id}", "delete_agent", resource_delete, &resource.rest, .load = net_load },
    { HTTP_GET, "/v2.0/agents/{agent_id}/dhcp-networks",        "get_dhcp-networks", list_agent_networks },
    { HTTP_GET, "/v2.0/agents/{agent_id}/l3-routers",           "get_l3-routers",    list_agent_routers },
    { HTTP_POST,   "/v2.0/agents/{agent_id}/dhcp-networks",              "create_dhcp-network", add_network, BY_HAND },
    { HTTP_DELETE, "/v2.0/agents/{agent_id}/dhcp-networks/{network_id}", "delete_dhcp-network", remove_network },
    { HTTP_POST,   "/v2.0/agents/{agent_id}/l3-routers",                 "create_l3-router",    add_router, BY_HAND },
    { HTTP_DELETE, "/v2.0/agents/{agent_id}/l3-routers/{router_id}",     "delete_l3-router",    remove_router },
    { HTTP_GET, "/v2.0/networks/{network_id}/dhcp-agents",      "get_dhcp-agents",   list_dhcp_agents },
    { HTTP_GET, "/v2.0/routers/{router_id}/l3-agents",          "get_l3-agents",     list_l3_agents },
    { HTTP_GET, "/v2.0/availability_zones",                     "get_availability_zone", list_zones },
    { 0 },
};
/* clang-format on */

/* SPDX-License-Identifier: Apache-2.0 */
#include "network/store/routers.h"

#include "base/str.h"
#include "network/store/ports.h"
#include "network/store/rows.h"

#define R(type, member) COLUMN(type, l3_router, member)
#define F(type, member) COLUMN(type, floating_ip, member)

static const struct column router_columns[] = {
    R(FIELD_STRING, id),
    R(FIELD_STRING, project_id),
    R(FIELD_STRING, name),
    R(FIELD_STRING, description),
    R(FIELD_STRING, status),
    R(FIELD_BOOL, admin_state_up),
    R(FIELD_BOOL, enable_snat),
    R(FIELD_STRING, gw_port_id),
    R(FIELD_STRING, gw_network_id),
    R(FIELD_JSON, routes),
    R(FIELD_STRV, availability_zone_hints),
    R(FIELD_STRING, host),
    STANDARD_COLUMNS(l3_router),
    R(FIELD_STRV, tags),
    { 0 },
};

const struct table l3_router_table = { "routers", "id", sizeof(struct l3_router), router_columns };

static const struct column floating_columns[] = {
    F(FIELD_STRING, id),
    F(FIELD_STRING, project_id),
    F(FIELD_STRING, description),
    F(FIELD_STRING, status),
    F(FIELD_STRING, floating_network_id),
    F(FIELD_STRING, floating_ip_address),
    F(FIELD_STRING, floating_port_id),
    F(FIELD_STRING, port_id),
    F(FIELD_STRING, fixed_ip_address),
    F(FIELD_STRING, router_id),
    STANDARD_COLUMNS(floating_ip),
    F(FIELD_STRV, tags),
    { 0 },
};

const struct table floating_ip_table = { "floating_ips", "id", sizeof(struct floating_ip), floating_columns };

int l3_router_get(struct net_ctx *c, const char *id, struct l3_router *ret, struct err *err)
{
    int r = id ? table_get(c->t, c->a, &l3_router_table, id, ret, err) : -ENOENT;

    if (r == -ENOENT)
        return err_http(err, 404, "RouterNotFound", "Router %.255s could not be found", id ? id : "None");
    return r;
}

int floating_ip_get(struct net_ctx *c, const char *id, struct floating_ip *ret, struct err *err)
{
    int r = id ? table_get(c->t, c->a, &floating_ip_table, id, ret, err) : -ENOENT;

    if (r == -ENOENT)
        return err_http(err, 404, "FloatingIPNotFound", "Floating IP %.255s could not be found",
                        id ? id : "None");
    return r;
}

/* --- routers ----------------------------------------------------------------- */

static int fill_gateways(struct net_ctx *c, struct list *routers, struct err *err)
{
    const char **ids = list_ids(c->a, routers, offsetof(struct l3_router, gw_port_id));
    const struct cond cond = { .column = "id", .op = COND_IN, .list = ids };
    struct list ports = { 0 };
    struct hash by_id;
    int r;

    if (!ids[0])
        return 0;
    r = ports_find(c, &cond, 1, &ports, err);
    if (r >= 0)
        r = ports_fill(c, &ports, err);
    if (r < 0)
        return r;
    hash_init(&by_id);
    for (size_t i = 0; i < ports.count; i++)
        hash_put(&by_id, ((struct port *) list_at(&ports, i))->id, list_at(&ports, i));
    for (size_t i = 0; i < routers->count; i++) {
        struct l3_router *l = list_at(routers, i);
        const struct port *p = l->gw_port_id ? hash_get(&by_id, l->gw_port_id) : NULL;

        if (p)
            l->external_gateway_info =
                arena_printf(c->a, "{\"network_id\":\"%s\",\"enable_snat\":%s,\"external_fixed_ips\":%s}",
                             p->network_id, l->enable_snat ? "true" : "false", p->fixed_ips);
    }
    hash_done(&by_id);
    return 0;
}

int l3_routers_fill(struct net_ctx *c, struct list *routers, struct err *err)
{
    for (size_t i = 0; i < routers->count; i++) {
        struct l3_router *l = list_at(routers, i);

        l->external_gateway_info = NULL;
        l->availability_zones =
            str_empty(l->host) ? NULL : strv_add(c->a, NULL, c->n->opt->availability_zone);
    }
    return fill_gateways(c, routers, err);
}

int l3_router_ports(struct net_ctx *c, const char *router_id, const char *owner, struct list *ret,
                    struct err *err)
{
    const struct cond conds[] = {
        { .column = "device_id", .op = COND_EQ, .value = val_text(router_id) },
        { .column = "device_owner",
          .op = owner ? COND_EQ : COND_STARTS,
          .value = val_text(owner ? owner : "network:router_") },
    };
    int r = ports_find(c, conds, ARRAY_SIZE(conds), ret, err);

    return r < 0 || !ret->count ? r : ports_fill(c, ret, err);
}

int l3_router_write(struct net_ctx *c, struct l3_router *l, const char *const *only, struct err *err)
{
    l->revision_number++;
    l->updated_at = c->now_us;
    return table_update(c->t, c->a, &l3_router_table, l, row_stamped(c->a, only), err);
}

/* --- floating IPs ------------------------------------------------------------- */

static void write_details(struct net_ctx *c, struct floating_ip *f, const struct port *p)
{
    struct strbuf b;
    struct jw w;

    strbuf_init(&b, c->a);
    jw_init(&w, &b);
    jw_object(&w, NULL);
    jw_str(&w, "name", p->name);
    jw_str(&w, "network_id", p->network_id);
    jw_str(&w, "mac_address", p->mac_address);
    jw_bool(&w, "admin_state_up", p->admin_state_up);
    jw_str(&w, "status", p->status);
    jw_str(&w, "device_id", p->device_id);
    jw_str(&w, "device_owner", p->device_owner);
    jw_end_object(&w);
    f->port_details = strbuf_str(&b);
}

int floating_ips_fill(struct net_ctx *c, struct list *fips, struct err *err)
{
    const char **ids = list_ids(c->a, fips, offsetof(struct floating_ip, port_id));
    const struct cond cond = { .column = "id", .op = COND_IN, .list = ids };
    struct list ports = { 0 };
    struct hash by_id;
    int r;

    if (!ids[0])
        return 0;
    r = ports_find(c, &cond, 1, &ports, err);
    if (r < 0)
        return r;
    hash_init(&by_id);
    for (size_t i = 0; i < ports.count; i++)
        hash_put(&by_id, ((struct port *) list_at(&ports, i))->id, list_at(&ports, i));
    for (size_t i = 0; i < fips->count; i++) {
        struct floating_ip *f = list_at(fips, i);
        const struct port *p = f->port_id ? hash_get(&by_id, f->port_id) : NULL;

        f->port_details = NULL;
        if (p)
            write_details(c, f, p);
    }
    hash_done(&by_id);
    return 0;
}

int floating_ip_write(struct net_ctx *c, struct floating_ip *f, const char *const *only, struct err *err)
{
    f->revision_number++;
    f->updated_at = c->now_us;
    return table_update(c->t, c->a, &floating_ip_table, f, row_stamped(c->a, only), err);
}

int floating_ips_find(struct net_ctx *c, const char *column, const char *value, struct list *ret,
                      struct err *err)
{
    const struct cond cond = { .column = column, .op = COND_EQ, .value = val_text(value) };
    const struct query q = { .conds = &cond, .n_conds = 1 };

    return table_list(c->t, c->a, &floating_ip_table, &q, ret, err);
}

int router_between(struct net_ctx *c, const char *subnet_id, const char *network_id, const char **ret,
                   struct err *err)
{
    struct rows rows;
    int r = sql_query(c->t, c->a, &rows, err,
                      "SELECT r.id FROM routers r JOIN ports p ON p.device_id = r.id "
                      "JOIN ip_allocations a ON a.port_id = p.id "
                      "WHERE a.subnet_id = ? AND p.device_owner = ? AND r.gw_network_id = ? ORDER BY r.id",
                      val_text(subnet_id), val_text(OWNER_ROUTER_INTERFACE), val_text(network_id));

    if (r >= 0)
        *ret = rows.count ? rows_text(&rows, 0, 0) : NULL;
    return r;
}

int floating_ips_through(struct net_ctx *c, const char *router_id, const char *subnet_id, int64_t *ret,
                         struct err *err)
{
    return sql_get_int(c->t, ret, err,
                       "SELECT COUNT(*) FROM floating_ips f JOIN ip_allocations a ON a.port_id = f.port_id "
                       "AND a.ip_address = f.fixed_ip_address WHERE f.router_id = ? AND a.subnet_id = ?",
                       val_text(router_id), val_text(subnet_id));
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "network/store/ports.h"

#include "base/str.h"
#include "network/store/rows.h"

#define P(type, member) COLUMN(type, port, member)

static const struct column columns[] = {
    P(FIELD_STRING, id),
    P(FIELD_STRING, project_id),
    P(FIELD_STRING, network_id),
    P(FIELD_STRING, name),
    P(FIELD_STRING, description),
    P(FIELD_STRING, mac_address),
    P(FIELD_STRING, status),
    P(FIELD_BOOL, admin_state_up),
    P(FIELD_BOOL, port_security_enabled),
    P(FIELD_STRING, device_id),
    P(FIELD_STRING, device_owner),
    P(FIELD_STRING, host_id),
    P(FIELD_STRING, vnic_type),
    P(FIELD_STRING, vif_type),
    P(FIELD_JSON, vif_details),
    P(FIELD_JSON, profile),
    P(FIELD_JSON, allowed_address_pairs),
    P(FIELD_JSON, extra_dhcp_opts),
    P(FIELD_STRING, dns_name),
    P(FIELD_BOOL, l2_up),
    P(FIELD_BOOL, dhcp_up),
    P(FIELD_STRING, wiring),
    STANDARD_COLUMNS(port),
    P(FIELD_STRV, tags),
    { 0 },
};

const struct table port_table = { "ports", "id", sizeof(struct port), columns };

int port_get(struct net_ctx *c, const char *id, struct port *ret, struct err *err)
{
    int r = id ? table_get(c->t, c->a, &port_table, id, ret, err) : -ENOENT;

    if (r == -ENOENT)
        return err_http(err, 404, "PortNotFound", "Port %.255s could not be found.", id ? id : "None");
    return r < 0 ? r : port_fill(c, ret, err);
}

struct filling {
    struct net_ctx *c;
    struct hash ports, nets, texts; /* id -> port; id -> network; id -> strbuf of fixed_ips */
};

static void add_address(void *ctx, const struct rows *r, size_t row)
{
    struct filling *f = ctx;
    struct strbuf *b = hash_get(&f->texts, rows_text(r, row, 0));
    struct jw w;

    if (!b)
        return;
    jw_init(&w, b);
    w.comma = b->len > 1;
    jw_object(&w, NULL);
    jw_str(&w, "subnet_id", rows_text(r, row, 1));
    jw_str(&w, "ip_address", rows_text(r, row, 2));
    jw_end_object(&w);
}

static void add_group(void *ctx, const struct rows *r, size_t row)
{
    struct filling *f = ctx;
    struct port *p = hash_get(&f->ports, rows_text(r, row, 0));

    if (p)
        p->security_groups = strv_add(f->c->a, p->security_groups, rows_text(r, row, 1));
}

static void add_network(void *ctx, const struct rows *r, size_t row)
{
    struct filling *f = ctx;
    struct network *n = arena_new(f->c->a, struct network);

    n->project_id = rows_text(r, row, 1);
    n->shared = rows_int(r, row, 2, 0);
    hash_put(&f->nets, rows_text(r, row, 0), n);
}

static int read_all(struct filling *f, struct list *ports, struct err *err)
{
    const char **ids = list_ids(f->c->a, ports, offsetof(struct port, id));
    const char **nets = list_ids(f->c->a, ports, offsetof(struct port, network_id));
    int r;

    r = rows_for_ids(f->c, "SELECT port_id, subnet_id, ip_address FROM ip_allocations WHERE port_id IN", ids,
                     strv_len(ids), "", add_address, f, err);
    if (r >= 0)
        r = rows_for_ids(f->c, "SELECT port_id, security_group_id FROM port_security_groups WHERE port_id IN",
                         ids, strv_len(ids), "", add_group, f, err);
    if (r >= 0)
        r = rows_for_ids(f->c, "SELECT id, project_id, shared FROM networks WHERE id IN", nets,
                         strv_len(nets), "", add_network, f, err);
    return r;
}

int ports_fill(struct net_ctx *c, struct list *ports, struct err *err)
{
    struct filling f = { c, { 0 }, { 0 }, { 0 } };
    int r;

    hash_init(&f.ports);
    hash_init(&f.nets);
    hash_init(&f.texts);
    for (size_t i = 0; i < ports->count; i++) {
        struct port *p = list_at(ports, i);
        struct strbuf *b = arena_new(c->a, struct strbuf);

        p->security_groups = NULL;
        p->dns_assignment = "[]";
        strbuf_init(b, c->a);
        strbuf_putc(b, '[');
        hash_put(&f.ports, p->id, p);
        hash_put(&f.texts, p->id, b);
    }
    r = read_all(&f, ports, err);
    for (size_t i = 0; r >= 0 && i < ports->count; i++) {
        struct port *p = list_at(ports, i);
        struct strbuf *b = hash_get(&f.texts, p->id);
        const struct network *n = hash_get(&f.nets, p->network_id);

        strbuf_putc(b, ']');
        p->fixed_ips = strbuf_str(b);
        p->network_project_id = n ? n->project_id : NULL;
        p->network_shared = n && n->shared;
    }
    hash_done(&f.ports);
    hash_done(&f.nets);
    hash_done(&f.texts);
    return r;
}

int port_fill(struct net_ctx *c, struct port *p, struct err *err)
{
    struct list l = { p, 1, sizeof(*p), false };

    return ports_fill(c, &l, err);
}

int allocation_take(struct net_ctx *c, const struct port *p, const char *subnet_id, const char *ip,
                    struct err *err)
{
    int64_t r = sql_exec(c->t, err,
                         "INSERT INTO ip_allocations (port_id, subnet_id, network_id, ip_address) "
                         "VALUES (?, ?, ?, ?)",
                         val_text(p->id), val_text(subnet_id), val_text(p->network_id), val_text(ip));

    return r < 0 ? (int) r : 0;
}

int allocation_release(struct net_ctx *c, const char *port_id, const char *subnet_id, const char *ip,
                       struct err *err)
{
    int64_t r = sql_exec(c->t, err,
                         "DELETE FROM ip_allocations WHERE port_id = ? AND subnet_id = ? AND ip_address = ?",
                         val_text(port_id), val_text(subnet_id), val_text(ip));

    return r < 0 ? (int) r : 0;
}

int allocations_of_subnet(struct net_ctx *c, const char *subnet_id, const char ***ret, struct err *err)
{
    const struct val v = val_text(subnet_id);

    return sql_texts(c, ret, err, "SELECT ip_address FROM ip_allocations WHERE subnet_id = ?", &v, 1);
}

int allocations_of_port(struct net_ctx *c, const char *port_id, struct allocation **ret, size_t *ret_n,
                        struct err *err)
{
    struct allocation *all;
    struct rows rows;
    int r;

    r = sql_query(c->t, c->a, &rows, err,
                  "SELECT port_id, subnet_id, network_id, ip_address FROM ip_allocations WHERE port_id = ?",
                  val_text(port_id));
    if (r < 0)
        return r;
    all = arena_array(c->a, struct allocation, rows.count + 1);
    for (size_t i = 0; i < rows.count; i++)
        all[i] = (struct allocation){ rows_text(&rows, i, 0), rows_text(&rows, i, 1), rows_text(&rows, i, 2),
                                      rows_text(&rows, i, 3) };
    *ret = all;
    *ret_n = rows.count;
    return 0;
}

int allocation_owner(struct net_ctx *c, const char *subnet_id, const char *ip, const char **ret,
                     struct err *err)
{
    struct rows rows;
    int r;

    r = sql_query(c->t, c->a, &rows, err,
                  "SELECT port_id FROM ip_allocations WHERE subnet_id = ? AND ip_address = ?",
                  val_text(subnet_id), val_text(ip));
    if (r >= 0)
        *ret = rows.count ? rows_text(&rows, 0, 0) : NULL;
    return r;
}

int mac_is_taken(struct net_ctx *c, const char *network_id, const char *mac, bool *ret, struct err *err)
{
    int64_t n = 0;
    int r = sql_get_int(c->t, &n, err, "SELECT COUNT(*) FROM ports WHERE network_id = ? AND mac_address = ?",
                        val_text(network_id), val_text(mac));

    *ret = n > 0;
    return r;
}

int port_set_groups(struct net_ctx *c, const char *port_id, const char *const *groups, struct err *err)
{
    int64_t r;

    r = sql_exec(c->t, err, "DELETE FROM port_security_groups WHERE port_id = ?", val_text(port_id));
    strv_foreach (g, groups) {
        if (r < 0)
            break;
        r = sql_exec(c->t, err, "INSERT INTO port_security_groups (port_id, security_group_id) VALUES (?, ?)",
                     val_text(port_id), val_text(*g));
        if (r == -EEXIST)
            r = 0; /* Named twice. */
    }
    return r < 0 ? (int) r : 0;
}

int port_remove(struct net_ctx *c, const char *port_id, struct err *err)
{
    static const char *const statements[] = {
        "DELETE FROM ip_allocations WHERE port_id = ?",
        "DELETE FROM port_security_groups WHERE port_id = ?",
        "DELETE FROM ports WHERE id = ?",
    };
    int64_t r = 0;

    for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(statements); i++)
        r = sql_exec(c->t, err, statements[i], val_text(port_id));
    return r < 0 ? (int) r : 0;
}

int port_write(struct net_ctx *c, struct port *p, const char *const *only, struct err *err)
{
    p->revision_number++;
    p->updated_at = c->now_us;
    return table_update(c->t, c->a, &port_table, p, row_stamped(c->a, only), err);
}

int ports_find(struct net_ctx *c, const struct cond *conds, size_t n, struct list *ret, struct err *err)
{
    const struct query q = { .conds = conds, .n_conds = n };

    return table_list(c->t, c->a, &port_table, &q, ret, err);
}

int ports_in_subnet(struct net_ctx *c, const char *subnet_id, const char ***ret, struct err *err)
{
    const struct val v = val_text(subnet_id);

    return sql_texts(c, ret, err, "SELECT DISTINCT port_id FROM ip_allocations WHERE subnet_id = ?", &v, 1);
}

int allocations_drop_subnet(struct net_ctx *c, const char *subnet_id, struct err *err)
{
    int64_t r = sql_exec(c->t, err, "DELETE FROM ip_allocations WHERE subnet_id = ?", val_text(subnet_id));

    return r < 0 ? (int) r : 0;
}

int allocations_count(struct net_ctx *c, const char *subnet_id, int64_t *ret, struct err *err)
{
    return sql_get_int(c->t, ret, err, "SELECT COUNT(*) FROM ip_allocations WHERE subnet_id = ?",
                       val_text(subnet_id));
}

int port_needs_dhcp(struct net_ctx *c, const struct port *p, bool *ret, struct err *err)
{
    int64_t n = 0;
    int r = sql_get_int(c->t, &n, err,
                        "SELECT COUNT(*) FROM ip_allocations a JOIN subnets s ON s.id = a.subnet_id "
                        "JOIN dhcp_bindings d ON d.network_id = a.network_id "
                        "WHERE a.port_id = ? AND s.enable_dhcp = 1",
                        val_text(p->id));

    *ret = n > 0;
    return r;
}

struct gathering {
    struct arena *a;
    struct allocation *all;
    size_t n, cap;
};

static void gather(void *ctx, const struct rows *r, size_t row)
{
    struct gathering *g = ctx;

    if (g->n == g->cap) {
        size_t cap = g->cap ? g->cap * 2 : 64;

        g->all = arena_grow(g->a, g->all, g->cap * sizeof(*g->all), cap * sizeof(*g->all));
        g->cap = cap;
    }
    g->all[g->n++] = (struct allocation){ rows_text(r, row, 0), rows_text(r, row, 1), rows_text(r, row, 2),
                                          rows_text(r, row, 3) };
}

int allocations_of_networks(struct net_ctx *c, const char *const *networks, struct allocation **ret,
                            size_t *ret_n, struct err *err)
{
    struct gathering g = { .a = c->a };
    int r = rows_for_ids(
        c, "SELECT port_id, subnet_id, network_id, ip_address FROM ip_allocations WHERE network_id IN",
        networks, strv_len(networks), "", gather, &g, err);

    *ret = g.all;
    *ret_n = g.n;
    return r;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "network/store/networks.h"

#include "base/str.h"
#include "network/ipnum.h"
#include "network/store/rows.h"

#define N(type, member) COLUMN(type, network, member)
#define S(type, member) COLUMN(type, subnet, member)

static const struct column network_columns[] = {
    N(FIELD_STRING, id),
    N(FIELD_STRING, project_id),
    N(FIELD_STRING, name),
    N(FIELD_STRING, description),
    N(FIELD_STRING, status),
    N(FIELD_BOOL, admin_state_up),
    N(FIELD_BOOL, shared),
    N(FIELD_BOOL, external),
    N(FIELD_BOOL, is_default),
    N(FIELD_BOOL, port_security_enabled),
    N(FIELD_INT, mtu),
    N(FIELD_STRV, availability_zone_hints),
    N(FIELD_STRING, dns_domain),
    N(FIELD_STRING, network_type),
    N(FIELD_STRING, physical_network),
    N(FIELD_INT, segmentation_id),
    STANDARD_COLUMNS(network),
    N(FIELD_STRV, tags),
    { 0 },
};

const struct table network_table = { "networks", "id", sizeof(struct network), network_columns };

static const struct column subnet_columns[] = {
    S(FIELD_STRING, id),
    S(FIELD_STRING, project_id),
    S(FIELD_STRING, network_id),
    S(FIELD_STRING, name),
    S(FIELD_STRING, description),
    S(FIELD_INT, ip_version),
    S(FIELD_STRING, cidr),
    S(FIELD_STRING, gateway_ip),
    S(FIELD_BOOL, enable_dhcp),
    S(FIELD_STRING, ipv6_ra_mode),
    S(FIELD_STRING, ipv6_address_mode),
    S(FIELD_STRING, subnetpool_id),
    S(FIELD_STRV, dns_nameservers),
    S(FIELD_JSON, host_routes),
    S(FIELD_JSON, allocation_pools),
    S(FIELD_STRV, service_types),
    STANDARD_COLUMNS(subnet),
    S(FIELD_STRV, tags),
    { 0 },
};

const struct table subnet_table = { "subnets", "id", sizeof(struct subnet), subnet_columns };

int network_get(struct net_ctx *c, const char *id, struct network *ret, struct err *err)
{
    int r = id ? table_get(c->t, c->a, &network_table, id, ret, err) : -ENOENT;

    if (r == -ENOENT)
        return err_http(err, 404, "NetworkNotFound", "Network %.255s could not be found.", id ? id : "None");
    return r;
}

int subnet_get(struct net_ctx *c, const char *id, struct subnet *ret, struct err *err)
{
    int r = id ? table_get(c->t, c->a, &subnet_table, id, ret, err) : -ENOENT;

    if (r == -ENOENT)
        return err_http(err, 404, "SubnetNotFound", "Subnet %.255s could not be found.", id ? id : "None");
    return r;
}

int subnets_of_network(struct net_ctx *c, const char *network_id, struct list *ret, struct err *err)
{
    const struct cond cond = { .column = "network_id", .op = COND_EQ, .value = val_text(network_id) };
    const struct sort_key sort = { "created_at", false };
    const struct query q = { .conds = &cond, .n_conds = 1, .sort = &sort, .n_sort = 1 };

    return table_list(c->t, c->a, &subnet_table, &q, ret, err);
}

int segment_take(struct net_ctx *c, const char *type, const char *physical, int64_t id,
                 const char *network_id, struct err *err)
{
    int64_t r =
        sql_exec(c->t, err,
                 "INSERT INTO segments (network_type, physical_network, segmentation_id, network_id) "
                 "VALUES (?, ?, ?, ?)",
                 val_text(type), val_text(physical ? physical : ""), val_int(id), val_text(network_id));

    return r < 0 ? (int) r : 0;
}

int segments_release(struct net_ctx *c, const char *network_id, struct err *err)
{
    int64_t r = sql_exec(c->t, err, "DELETE FROM segments WHERE network_id = ?", val_text(network_id));

    return r < 0 ? (int) r : 0;
}

int segment_find_free(struct net_ctx *c, const char *type, const char *physical, int64_t first, int64_t last,
                      int64_t *ret, struct err *err)
{
    const char *phys = physical ? physical : "";
    struct rows rows;
    int64_t next;
    int r;

    r = sql_query(c->t, c->a, &rows, err,
                  "SELECT segmentation_id FROM segments WHERE network_type = ? AND physical_network = ? "
                  "AND segmentation_id = ?",
                  val_text(type), val_text(phys), val_int(first));
    if (r < 0)
        return r;
    if (!rows.count) {
        *ret = first;
        return 0;
    }
    /* The successor of a taken number that is not taken itself. */
    r = sql_query(
        c->t, c->a, &rows, err,
        "SELECT MIN(s.segmentation_id) + 1 FROM segments s WHERE s.network_type = ? "
        "AND s.physical_network = ? AND s.segmentation_id >= ? AND s.segmentation_id < ? "
        "AND NOT EXISTS (SELECT 1 FROM segments n WHERE n.network_type = s.network_type "
        "AND n.physical_network = s.physical_network AND n.segmentation_id = s.segmentation_id + 1)",
        val_text(type), val_text(phys), val_int(first), val_int(last));
    if (r < 0)
        return r;
    next = rows.count ? rows_int(&rows, 0, 0, 0) : 0;
    if (!next)
        return -ENOENT;
    *ret = next;
    return 0;
}

static void add_subnet(void *ctx, const struct rows *r, size_t row)
{
    struct hash *nets = ((void **) ctx)[0];
    struct network *n = hash_get(nets, rows_text(r, row, 1));

    if (n)
        n->subnets = strv_add(((void **) ctx)[1], n->subnets, rows_text(r, row, 0));
}

int networks_fill(struct net_ctx *c, struct list *nets, struct err *err)
{
    const char **ids = list_ids(c->a, nets, offsetof(struct network, id));
    struct hash by_id;
    int r;

    hash_init(&by_id);
    for (size_t i = 0; i < nets->count; i++) {
        struct network *n = list_at(nets, i);

        n->subnets = NULL;
        n->availability_zones = strv_add(c->a, NULL, c->n->opt->availability_zone);
        n->ipv4_scope = n->ipv6_scope = FIELD_NULL_INT;
        hash_put(&by_id, n->id, n);
    }
    r = rows_for_ids(c, "SELECT id, network_id FROM subnets WHERE network_id IN", ids, strv_len(ids),
                     " ORDER BY created_at, id", add_subnet, (void *[]){ &by_id, c->a }, err);
    hash_done(&by_id);
    return r;
}

static void add_network(void *ctx, const struct rows *r, size_t row)
{
    struct network *n = arena_new(((void **) ctx)[1], struct network);

    n->id = rows_text(r, row, 0);
    n->project_id = rows_text(r, row, 1);
    n->shared = rows_int(r, row, 2, 0);
    n->external = rows_int(r, row, 3, 0);
    hash_put(((void **) ctx)[0], n->id, n);
}

int subnets_fill(struct net_ctx *c, struct list *subnets, struct err *err)
{
    const char **ids = list_ids(c->a, subnets, offsetof(struct subnet, network_id));
    struct hash nets;
    int r;

    hash_init(&nets);
    r = rows_for_ids(c, "SELECT id, project_id, shared, external FROM networks WHERE id IN", ids,
                     strv_len(ids), "", add_network, (void *[]){ &nets, c->a }, err);
    for (size_t i = 0; r >= 0 && i < subnets->count; i++) {
        struct subnet *s = list_at(subnets, i);
        const struct network *n = hash_get(&nets, s->network_id);
        struct ipnet net;

        if (s->cidr) /* A new one may have only the length it wants. */
            s->prefixlen = ipnet_parse(s->cidr, &net, NULL) < 0 ? 0 : net.prefixlen;
        if (!n)
            continue;
        s->network_project_id = n->project_id;
        s->network_shared = n->shared;
        s->network_external = n->external;
    }
    hash_done(&nets);
    return r;
}

int subnets_remove(struct net_ctx *c, const char *network_id, struct err *err)
{
    int64_t r = sql_exec(c->t, err, "DELETE FROM subnets WHERE network_id = ?", val_text(network_id));

    if (r >= 0)
        r = sql_exec(c->t, err, "DELETE FROM dhcp_bindings WHERE network_id = ?", val_text(network_id));
    return r < 0 ? (int) r : 0;
}

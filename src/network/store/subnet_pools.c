/* SPDX-License-Identifier: Apache-2.0 */
#include "network/store/subnet_pools.h"

#include "network/store/rows.h"

#define P(type, member) COLUMN(type, subnet_pool, member)

static const struct column columns[] = {
    P(FIELD_STRING, id),           P(FIELD_STRING, project_id), P(FIELD_STRING, name),
    P(FIELD_STRING, description),  P(FIELD_INT, ip_version),    P(FIELD_STRV, prefixes),
    P(FIELD_INT, min_prefixlen),   P(FIELD_INT, max_prefixlen), P(FIELD_INT, default_prefixlen),
    P(FIELD_INT, default_quota),   P(FIELD_BOOL, shared),       P(FIELD_BOOL, is_default),
    STANDARD_COLUMNS(subnet_pool), P(FIELD_STRV, tags),         { 0 },
};

const struct table subnet_pool_table = { "subnetpools", "id", sizeof(struct subnet_pool), columns };

int subnet_pool_get(struct net_ctx *c, const char *id, struct subnet_pool *ret, struct err *err)
{
    int r = table_get(c->t, c->a, &subnet_pool_table, id, ret, err);

    if (r == -ENOENT)
        return err_http(err, 404, "SubnetPoolNotFound", "Subnet pool %.255s could not be found.", id);
    return r;
}

int subnet_pool_default(struct net_ctx *c, int64_t ip_version, struct subnet_pool *ret, struct err *err)
{
    const struct cond conds[] = {
        { .column = "is_default", .op = COND_EQ, .value = val_int(1) },
        { .column = "ip_version", .op = COND_EQ, .value = val_int(ip_version) },
    };

    return table_find(c->t, c->a, &subnet_pool_table, conds, ARRAY_SIZE(conds), ret, err);
}

int subnet_pool_lock(struct net_ctx *c, const char *id, struct err *err)
{
    int64_t n = sql_exec(c->t, err, "UPDATE subnetpools SET revision_number = revision_number WHERE id = ?",
                         val_text(id));

    return n < 0 ? (int) n : 0;
}

int subnet_pool_taken(struct net_ctx *c, const char *id, struct rows *ret, struct err *err)
{
    return sql_query(c->t, c->a, ret, err, "SELECT cidr, project_id FROM subnets WHERE subnetpool_id = ?",
                     val_text(id));
}

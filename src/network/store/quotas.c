/* SPDX-License-Identifier: Apache-2.0 */
#include "network/store/quotas.h"

#include "base/str.h"
#include "network/store/rows.h"

#define KIND(name, table)                                            \
    {                                                                \
#        name, table, offsetof(struct network_options, quota_##name) \
    }

const struct quota_kind net_quota_kinds[] = {
    KIND(network, "networks"),
    KIND(subnet, "subnets"),
    KIND(port, "ports"),
    KIND(router, "routers"),
    KIND(floatingip, "floating_ips"),
    KIND(security_group, "security_groups"),
    KIND(security_group_rule, "security_group_rules"),
    KIND(subnetpool, "subnetpools"),
    { 0 },
};

int64_t net_quota_default(const struct net_ctx *c, const struct quota_kind *k)
{
    return *(const int64_t *) ((const char *) c->n->opt + k->option);
}

int net_quota_limit(struct net_ctx *c, const struct quota_kind *k, const char *project_id, int64_t *ret,
                    struct err *err)
{
    int r = sql_get_int(c->t, ret, err, "SELECT limit_ FROM quotas WHERE project_id = ? AND resource = ?",
                        val_text(project_id), val_text(k->resource));

    if (r != -ENOENT)
        return r;
    *ret = net_quota_default(c, k);
    return 0;
}

int net_quota_used(struct net_ctx *c, const struct quota_kind *k, const char *project_id, int64_t *ret,
                   struct err *err)
{
    return sql_get_int(c->t, ret, err,
                       arena_printf(c->a, "SELECT COUNT(*) FROM %s WHERE project_id = ?", k->table),
                       val_text(project_id));
}

int net_quota_set(struct net_ctx *c, const char *resource, const char *project_id, int64_t limit,
                  struct err *err)
{
    int64_t r = sql_exec(c->t, err, "UPDATE quotas SET limit_ = ? WHERE project_id = ? AND resource = ?",
                         val_int(limit), val_text(project_id), val_text(resource));

    if (r == 0)
        r = sql_exec(c->t, err, "INSERT INTO quotas (project_id, resource, limit_) VALUES (?, ?, ?)",
                     val_text(project_id), val_text(resource), val_int(limit));
    return r < 0 ? (int) r : 0;
}

int net_quota_reset(struct net_ctx *c, const char *project_id, struct err *err)
{
    int64_t r = sql_exec(c->t, err, "DELETE FROM quotas WHERE project_id = ?", val_text(project_id));

    return r < 0 ? (int) r : r > 0;
}

int net_quota_projects(struct net_ctx *c, const char ***ret, struct err *err)
{
    return sql_texts(c, ret, err, "SELECT DISTINCT project_id FROM quotas ORDER BY project_id", NULL, 0);
}

/* Looks first: an INSERT that finds the row leaves a shared lock on it in
 * MariaDB, and two who have that wait for each other. */
int net_quota_lock(struct net_ctx *c, const char *project_id, struct err *err)
{
    struct rows rows;
    int64_t n;
    int r;

    if (db_kind(txn_db(c->t)) == DB_SQLITE)
        return 0; /* There is one writer. */
    r = sql_query(c->t, c->a, &rows, err, "SELECT project_id FROM quota_locks WHERE project_id = ?{lock}",
                  val_text(project_id));
    if (r < 0 || rows.count)
        return r;
    n = sql_exec(c->t, err, "INSERT INTO quota_locks (project_id) VALUES (?)", val_text(project_id));
    if (n == -EEXIST)
        return err_set(err, -EAGAIN, "somebody else begins to count for this project");
    return n < 0 ? (int) n : 0;
}

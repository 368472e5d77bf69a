/* SPDX-License-Identifier: Apache-2.0 */
#include "network/model/change.h"

#include "base/str.h"
#include "network/store/agents.h"
#include "network/store/quotas.h"

void change_host(struct net_ctx *c, const char *host)
{
    if (!str_empty(host) && !strv_contains(c->hosts, host))
        c->hosts = strv_add(c->a, c->hosts, host);
}

static void change_hosts(struct net_ctx *c, const char **hosts)
{
    strv_foreach (h, hosts)
        change_host(c, *h);
}

int change_network(struct net_ctx *c, const char *network_id, struct err *err)
{
    const char **hosts;
    int r = hosts_of_network(c, network_id, &hosts, err);

    if (r >= 0)
        change_hosts(c, hosts);
    return r;
}

int change_group(struct net_ctx *c, const char *group_id, struct err *err)
{
    const char **hosts;
    int r = hosts_of_group(c, group_id, &hosts, err);

    if (r >= 0)
        change_hosts(c, hosts);
    return r;
}

int change_groups(struct net_ctx *c, const char *const *group_ids, struct err *err)
{
    int r = 0;

    strv_foreach (g, group_ids)
        r = r < 0 ? r : change_group(c, *g, err);
    return r;
}

int change_peers(struct net_ctx *c, const char *host, struct err *err)
{
    const char **hosts;
    int r = hosts_beside(c, host, &hosts, err);

    if (r >= 0)
        change_hosts(c, hosts);
    return r;
}

int change_flush(struct net_ctx *c, struct err *err)
{
    return wish_versions_bump(c, c->hosts, err);
}

int net_quota_check(struct net_ctx *c, const char *resource, const char *project_id, int64_t more,
                    struct err *err)
{
    const struct quota_kind *k = net_quota_kinds;
    int64_t limit, used;
    int r;

    while (k->resource && !str_eq(k->resource, resource))
        k++;
    if (!k->resource || str_empty(project_id))
        return 0;
    r = net_quota_lock(c, project_id, err);
    if (r >= 0)
        r = net_quota_limit(c, k, project_id, &limit, err);
    if (r < 0 || limit < 0)
        return r;
    r = net_quota_used(c, k, project_id, &used, err);
    if (r >= 0 && used + more > limit)
        return err_http(err, 409, "OverQuota", "Quota exceeded for resources: ['%s'].", resource);
    return r;
}

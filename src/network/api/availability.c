/* SPDX-License-Identifier: Apache-2.0 */
/* /v2.0/network-ip-availabilities: how many addresses of a network are used. */
#include "base/str.h"
#include "network/api/common.h"
#include "network/api/routes.h"
#include "network/model/pools.h"
#include "network/store/networks.h"
#include "network/store/ports.h"

static int write_network(struct net_ctx *c, struct jw *w, const char *key, const struct network *n,
                         struct err *err)
{
    int64_t used = 0;
    ipval total = 0;
    struct list subnets;
    int r = subnets_of_network(c, n->id, &subnets, err);

    if (r < 0)
        return r;
    jw_object(w, key);
    jw_str(w, "network_id", n->id);
    jw_str(w, "network_name", n->name);
    jw_str(w, "project_id", n->project_id);
    jw_str(w, "tenant_id", n->project_id);
    jw_array(w, "subnet_ip_availability");
    for (size_t i = 0; r >= 0 && i < subnets.count; i++) {
        const struct subnet *s = list_at(&subnets, i);
        ipval all = pools_size(c->a, s->allocation_pools);
        int64_t taken = 0;

        r = allocations_count(c, s->id, &taken, err);
        jw_object(w, NULL);
        jw_str(w, "subnet_id", s->id);
        jw_str(w, "subnet_name", s->name);
        jw_str(w, "cidr", s->cidr);
        jw_int(w, "ip_version", s->ip_version);
        jw_raw(w, "total_ips", ipval_text(c->a, all));
        jw_int(w, "used_ips", taken);
        jw_end_object(w);
        total += all;
        used += taken;
    }
    jw_end_array(w);
    jw_raw(w, "total_ips", ipval_text(c->a, total));
    jw_int(w, "used_ips", used);
    jw_end_object(w);
    return r;
}

static int list_all(struct request *rq, struct err *err)
{
    static const char *const names[][2] = { { "network_id", "id" },
                                            { "network_name", "name" },
                                            { "project_id", "project_id" },
                                            { "tenant_id", "project_id" } };
    struct query q = { 0 };
    struct list nets;
    struct net_ctx *c;
    struct jw *w;
    int r = net_begin(rq, &c, err);

    if (!rq_can(rq, "get_network_ip_availability")) /* A list leaves out what may not be seen. */
        rq_cond(rq, &q, (struct cond){ .column = "id", .op = COND_NULL });
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        if (rq_query(rq, names[i][0]))
            rq_cond(rq, &q,
                    (struct cond){
                        .column = names[i][1], .op = COND_EQ, .value = val_text(rq_query(rq, names[i][0])) });
    if (r >= 0)
        r = table_list(c->t, c->a, &network_table, &q, &nets, err);
    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_array(w, "network_ip_availabilities");
    for (size_t i = 0; r >= 0 && i < nets.count; i++)
        r = write_network(c, w, NULL, list_at(&nets, i), err);
    jw_end_array(w);
    jw_end_object(w);
    return r < 0 ? r : reply_end(rq, 200);
}

static int show_one(struct request *rq, struct err *err)
{
    struct network n = { 0 };
    struct net_ctx *c;
    struct jw *w = reply_begin(rq);
    int r = net_begin(rq, &c, err);

    if (r >= 0)
        r = network_get(c, rq_param(rq, "network_id"), &n, err);
    jw_object(w, NULL);
    if (r >= 0)
        r = write_network(c, w, "network_ip_availability", &n, err);
    jw_end_object(w);
    return r < 0 ? r : reply_end(rq, 200);
}

const struct route availability_routes[] = {
    { HTTP_GET, "/v2.0/network-ip-availabilities", POLICY_TOKEN, list_all },
    { HTTP_GET, "/v2.0/network-ip-availabilities/{network_id}", "get_network_ip_availability", show_one },
    { 0 },
};

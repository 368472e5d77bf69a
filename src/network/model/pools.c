/* SPDX-License-Identifier: Apache-2.0 */
#include "network/model/pools.h"

#include "base/str.h"

static int range_of(const json_t *j, struct iprange *ret)
{
    struct iprange r;

    if (ipnum_parse(json_str(j, "start"), &r.first) < 0 || ipnum_parse(json_str(j, "end"), &r.last) < 0)
        return -EINVAL;
    *ret = r;
    return 0;
}

int pools_read(struct arena *a, const char *json, struct iprange **ret, size_t *ret_n)
{
    auto_json json_t *j = NULL;
    struct iprange *all;
    size_t n;

    if (str_empty(json)) {
        *ret = NULL;
        *ret_n = 0;
        return 0;
    }
    if (json_read(json, strlen(json), &j, NULL) < 0)
        return -EINVAL;
    n = json_array_size(j);
    all = arena_array(a, struct iprange, n + 1);
    for (size_t i = 0; i < n; i++)
        if (range_of(json_array_get(j, i), &all[i]) < 0)
            return -EINVAL;
    *ret = all;
    *ret_n = n;
    return 0;
}

char *pools_write(struct arena *a, const struct iprange *r, size_t n)
{
    struct strbuf b;
    struct jw w;

    strbuf_init(&b, a);
    jw_init(&w, &b);
    jw_array(&w, NULL);
    for (size_t i = 0; i < n; i++) {
        jw_object(&w, NULL);
        jw_str(&w, "start", ipnum_text(a, r[i].first));
        jw_str(&w, "end", ipnum_text(a, r[i].last));
        jw_end_object(&w);
    }
    jw_end_array(&w);
    return (char *) strbuf_str(&b);
}

char *pools_default(struct arena *a, const struct ipnet *net, const char *gateway)
{
    struct iprange all = ipnet_hosts(net), parts[2];
    struct ipnum gw;
    size_t n = 0;

    if (ipnum_parse(gateway, &gw) < 0 || !iprange_contains(&all, gw))
        return pools_write(a, &all, 1);
    if (gw.v > all.first.v)
        parts[n++] = (struct iprange){ all.first, { gw.version, gw.v - 1 } };
    if (gw.v < all.last.v)
        parts[n++] = (struct iprange){ { gw.version, gw.v + 1 }, all.last };
    return pools_write(a, parts, n);
}

ipval pools_size(struct arena *a, const char *json)
{
    struct iprange *r;
    ipval sum = 0;
    size_t n;

    if (pools_read(a, json, &r, &n) < 0)
        return 0;
    for (size_t i = 0; i < n; i++)
        sum += r[i].last.v - r[i].first.v + 1;
    return sum;
}

char *ipval_text(struct arena *a, ipval v)
{
    char digits[40];
    size_t at = sizeof(digits);

    digits[--at] = '\0';
    do {
        digits[--at] = (char) ('0' + (int) (v % 10));
        v /= 10;
    } while (v);
    return arena_strdup(a, digits + at);
}

static char *pool_text(struct arena *a, const struct iprange *r)
{
    return arena_printf(a, "%s-%s", ipnum_text(a, r->first), ipnum_text(a, r->last));
}

static int check_one(struct arena *a, const struct iprange *r, const struct ipnet *net, struct err *err)
{
    struct iprange hosts = ipnet_hosts(net);

    if (r->first.version != r->last.version || r->first.v > r->last.v)
        return err_http(err, 400, "InvalidAllocationPool", "The allocation pool %s is not valid.",
                        pool_text(a, r));
    if (net->net.version == 6)
        hosts.first = net->net;
    if (!iprange_contains(&hosts, r->first) || !iprange_contains(&hosts, r->last))
        return err_http(err, 400, "OutOfBoundsAllocationPool",
                        "The allocation pool %s spans beyond the subnet cidr %s.", pool_text(a, r),
                        ipnet_text(a, net));
    return 0;
}

static void sort(struct iprange *r, size_t n)
{
    for (size_t i = 1; i < n; i++)
        for (size_t j = i; j > 0 && r[j - 1].first.v > r[j].first.v; j--) {
            struct iprange t = r[j];

            r[j] = r[j - 1];
            r[j - 1] = t;
        }
}

int pools_check(struct arena *a, const char *json, const struct ipnet *net, const char **ret, struct err *err)
{
    struct iprange *r;
    size_t n;
    int e;

    if (pools_read(a, json, &r, &n) < 0)
        return err_http(err, 400, "HTTPBadRequest",
                        "Invalid input for allocation_pools. Reason: each needs a valid 'start' and 'end'.");
    if (n > 128)
        return err_http(err, 400, "InvalidInput", "Invalid input for operation: too many allocation pools.");
    for (size_t i = 0; i < n; i++) {
        e = check_one(a, &r[i], net, err);
        if (e < 0)
            return e;
    }
    sort(r, n);
    for (size_t i = 1; i < n; i++)
        if (r[i].first.v <= r[i - 1].last.v)
            return err_http(err, 409, "OverlappingAllocationPools",
                            "Found overlapping allocation pools: %s %s for subnet %s.",
                            pool_text(a, &r[i - 1]), pool_text(a, &r[i]), ipnet_text(a, net));
    *ret = pools_write(a, r, n);
    return 0;
}

int pools_check_gateway(struct arena *a, const char *json, const char *gateway, struct err *err)
{
    struct iprange *r;
    struct ipnum gw;
    size_t n;

    if (ipnum_parse(gateway, &gw) < 0 || pools_read(a, json, &r, &n) < 0)
        return 0;
    for (size_t i = 0; i < n; i++)
        if (iprange_contains(&r[i], gw))
            return err_http(err, 409, "GatewayConflictWithAllocationPools",
                            "Gateway ip %s conflicts with allocation pool %s.", gateway, pool_text(a, &r[i]));
    return 0;
}

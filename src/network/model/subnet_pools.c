/* SPDX-License-Identifier: Apache-2.0 */
#include "network/model/subnet_pools.h"

#include "base/str.h"
#include "network/ipnum.h"
#include "network/store/networks.h"
#include "network/store/subnet_pools.h"

#define MIN_V4 8
#define MIN_V6 64

static int bits_of(int64_t version)
{
    return version == 4 ? 32 : 128;
}

static ipval size_of(int64_t version, int prefixlen)
{
    int bits = bits_of(version) - prefixlen;

    return bits >= 128 ? 0 : (ipval) 1 << bits; /* Of ::/0 nobody asks. */
}

/* --- the pool itself -------------------------------------------------------------------------- */

static int read_prefixes(struct net_ctx *c, struct subnet_pool *p, struct err *err)
{
    const char **tidy = NULL;

    p->ip_version = 0;
    strv_foreach (text, p->prefixes) {
        struct ipnet net;

        if (!strchr(*text, '/') || ipnet_parse(*text, &net, NULL) < 0)
            return err_http(err, 400, "HTTPBadRequest",
                            "Invalid input for prefixes. Reason: '%.64s' is not a valid IP subnet.", *text);
        if (p->ip_version && p->ip_version != net.net.version)
            return err_http(err, 400, "PrefixVersionMismatch",
                            "Cannot mix IPv4 and IPv6 prefixes in a subnet pool.");
        p->ip_version = net.net.version;
        if (!strv_contains(tidy, ipnet_text(c->a, &net)))
            tidy = strv_add(c->a, tidy, ipnet_text(c->a, &net));
    }
    if (!tidy)
        return err_http(err, 400, "EmptySubnetPoolPrefixList", "Empty subnet pool prefix list.");
    p->prefixes = tidy;
    return 0;
}

static int check_bounds(const struct subnet_pool *p, struct err *err)
{
    int64_t lowest = p->ip_version == 4 ? MIN_V4 : 1;

    if (p->min_prefixlen < lowest || p->max_prefixlen > bits_of(p->ip_version))
        return err_http(err, 400, "UnsupportedMinSubnetPoolPrefix",
                        "Prefix lengths %lld to %lld are not supported for IPv%lld.",
                        (long long) p->min_prefixlen, (long long) p->max_prefixlen,
                        (long long) p->ip_version);
    if (p->min_prefixlen > p->max_prefixlen || p->default_prefixlen < p->min_prefixlen ||
        p->default_prefixlen > p->max_prefixlen)
        return err_http(err, 400, "IllegalSubnetPoolPrefixBounds",
                        "Illegal prefix bounds: min_prefixlen=%lld, default_prefixlen=%lld, "
                        "max_prefixlen=%lld.",
                        (long long) p->min_prefixlen, (long long) p->default_prefixlen,
                        (long long) p->max_prefixlen);
    return 0;
}

static int check_default(struct net_ctx *c, const struct subnet_pool *p, struct err *err)
{
    struct subnet_pool other;
    int r;

    if (!p->is_default)
        return 0;
    r = subnet_pool_default(c, p->ip_version, &other, err);
    if (r == -ENOENT || (r >= 0 && str_eq(other.id, p->id)))
        return 0;
    if (r >= 0)
        return err_http(
            err, 400, "InvalidInput",
            "Invalid input for operation: A default subnetpool for this IP family has already been "
            "set. Only one default may exist per IP family.");
    return r;
}

/* Members that were not given. */
static void fill_lengths(struct subnet_pool *p)
{
    if (!p->min_prefixlen)
        p->min_prefixlen = p->ip_version == 4 ? MIN_V4 : MIN_V6;
    if (!p->max_prefixlen)
        p->max_prefixlen = bits_of(p->ip_version);
    if (!p->default_prefixlen)
        p->default_prefixlen = p->min_prefixlen;
}

int subnet_pool_create(struct net_ctx *c, void *obj, struct err *err)
{
    struct subnet_pool *p = obj;
    int r = read_prefixes(c, p, err);

    if (r < 0)
        return r;
    fill_lengths(p);
    r = check_bounds(p, err);
    if (r >= 0)
        r = check_default(c, p, err);
    return r < 0 ? r : table_insert(c->t, c->a, &subnet_pool_table, p, err);
}

/* A pool only grows: each old prefix lies in one of the new ones. */
static int check_growth(const struct subnet_pool *old, const struct subnet_pool *p, struct err *err)
{
    strv_foreach (was, old->prefixes) {
        bool found = false;
        struct ipnet a, b;

        strv_foreach (is, p->prefixes)
            found = found || (ipnet_parse(*was, &a, NULL) >= 0 && ipnet_parse(*is, &b, NULL) >= 0 &&
                              a.net.version == b.net.version && b.prefixlen <= a.prefixlen &&
                              ipnet_contains(&b, a.net));
        if (!found)
            return err_http(err, 400, "IllegalSubnetPoolPrefixUpdate",
                            "Illegal update to prefixes: existing prefixes must be subset of new prefixes.");
    }
    return 0;
}

int subnet_pool_update(struct net_ctx *c, const void *was, void *obj, struct err *err)
{
    const struct subnet_pool *old = was;
    struct subnet_pool *p = obj;
    int r = read_prefixes(c, p, err);

    if (r >= 0 && p->ip_version != old->ip_version)
        return err_http(err, 400, "PrefixVersionMismatch",
                        "Cannot mix IPv4 and IPv6 prefixes in a subnet pool.");
    if (r >= 0)
        r = check_growth(old, p, err);
    if (r >= 0)
        r = check_bounds(p, err);
    return r < 0 ? r : check_default(c, p, err);
}

int subnet_pool_delete(struct net_ctx *c, void *obj, struct err *err)
{
    const struct subnet_pool *p = obj;
    struct rows taken;
    int r = subnet_pool_lock(c, p->id, err);

    if (r >= 0)
        r = subnet_pool_taken(c, p->id, &taken, err);
    if (r >= 0 && taken.count)
        return err_http(err, 400, "SubnetPoolDeleteError",
                        "Unable to delete subnet pool: Subnet pool has existing allocations.");
    return r;
}

/* --- cutting ---------------------------------------------------------------------------------- */

static int failed(struct err *err, const char *why)
{
    return err_http(err, 400, "SubnetAllocationError", "Failed to allocate subnet: %s.", why);
}

static int find_pool(struct net_ctx *c, struct subnet *s, struct subnet_pool *ret, struct err *err)
{
    int r;

    if (s->use_default_subnetpool && !s->subnetpool_id) {
        r = subnet_pool_default(c, s->ip_version, ret, err);
        return r == -ENOENT ? err_http(err, 400, "BadRequest",
                                       "Bad subnets request: No default subnetpool found for IPv%lld.",
                                       (long long) s->ip_version)
                            : r;
    }
    r = subnet_pool_get(c, s->subnetpool_id, ret, err);
    if (r >= 0 && !ret->shared && !c->admin && !str_eq(ret->project_id, c->project_id))
        return err_http(err, 404, "SubnetPoolNotFound", "Subnet pool %.255s could not be found.",
                        s->subnetpool_id);
    if (r >= 0 && ret->ip_version != s->ip_version)
        return err_http(err, 400, "BadRequest",
                        "Bad subnets request: Cannot allocate IPv%lld subnet from IPv%lld subnet pool.",
                        (long long) s->ip_version, (long long) ret->ip_version);
    return r;
}

/* Subnets of one network that come from pools come from the same. */
static int check_siblings(struct net_ctx *c, const struct subnet *s, const struct subnet_pool *p,
                          struct err *err)
{
    struct list all;
    int r = subnets_of_network(c, s->network_id, &all, err);

    for (size_t k = 0; r >= 0 && k < all.count; k++) {
        const struct subnet *other = list_at(&all, k);

        if (other->ip_version == s->ip_version && !str_eq(other->subnetpool_id, p->id))
            return err_http(
                err, 400, "NetworkSubnetPoolAffinityError",
                "Subnets hosted on the same network must be allocated from the same subnet pool.");
    }
    return r;
}

static int check_length(const struct subnet_pool *p, int64_t length, struct err *err)
{
    if (length < p->min_prefixlen)
        return err_http(err, 400, "MinPrefixSubnetAllocationError",
                        "Unable to allocate subnet with prefix length %lld, minimum allowed prefix is %lld.",
                        (long long) length, (long long) p->min_prefixlen);
    if (length > p->max_prefixlen)
        return err_http(err, 400, "MaxPrefixSubnetAllocationError",
                        "Unable to allocate subnet with prefix length %lld, maximum allowed prefix is %lld.",
                        (long long) length, (long long) p->max_prefixlen);
    return 0;
}

/* What of the pool's quota a net costs: addresses, in IPv6 nets of 64 bits. */
static ipval cost_of(int64_t version, int prefixlen)
{
    if (version == 4)
        return size_of(4, prefixlen);
    return prefixlen > 64 ? 1 : size_of(6, prefixlen) >> 64;
}

static int check_quota(const struct subnet_pool *p, const struct subnet *s, const struct ipnet *net,
                       const struct rows *taken, struct err *err)
{
    ipval used = cost_of(p->ip_version, net->prefixlen);
    struct ipnet other;

    if (p->default_quota == FIELD_NULL_INT)
        return 0;
    for (size_t k = 0; k < taken->count; k++)
        if (str_eq(rows_text(taken, k, 1), s->project_id) &&
            ipnet_parse(rows_text(taken, k, 0), &other, NULL) >= 0)
            used += cost_of(p->ip_version, other.prefixlen);
    if (used > (ipval) p->default_quota)
        return err_http(err, 409, "SubnetPoolQuotaExceeded", "Per-tenant subnet pool prefix quota exceeded.");
    return 0;
}

/* The last address of what is taken and overlaps 'net', when something does. */
static bool is_taken(const struct rows *taken, const struct ipnet *net, ipval *ret_last)
{
    struct ipnet other;

    for (size_t k = 0; k < taken->count; k++)
        if (ipnet_parse(rows_text(taken, k, 0), &other, NULL) >= 0 && ipnet_overlaps(net, &other)) {
            *ret_last = ipnet_range(&other).last.v;
            return true;
        }
    return false;
}

static bool cut_from(const struct ipnet *prefix, int length, const struct rows *taken, struct ipnet *ret)
{
    ipval size = size_of(prefix->net.version, length), last = ipnet_range(prefix).last.v, taken_last;
    struct ipnet net = { prefix->net, length };

    if (length < prefix->prefixlen)
        return false;
    while (is_taken(taken, &net, &taken_last)) {
        /* The next multiple of the size behind it; it may be the end of all addresses. */
        ipval next = (taken_last / size + 1) * size;

        if (next > last || next <= net.net.v)
            return false;
        net.net.v = next;
    }
    *ret = net;
    return true;
}

static int take_first(const struct subnet_pool *p, int length, const struct rows *taken, struct ipnet *ret,
                      struct err *err)
{
    strv_foreach (text, p->prefixes) {
        struct ipnet prefix;

        if (ipnet_parse(*text, &prefix, NULL) >= 0 && cut_from(&prefix, length, taken, ret))
            return 0;
    }
    return failed(err, "Insufficient prefix space to allocate subnet");
}

static int take_wanted(const struct subnet_pool *p, const char *cidr, const struct rows *taken,
                       struct ipnet *ret, struct err *err)
{
    bool inside = false;
    struct ipnet prefix;
    ipval last;

    if (!strchr(cidr, '/') || ipnet_parse(cidr, ret, NULL) < 0 || ret->net.version != p->ip_version)
        return err_http(err, 400, "HTTPBadRequest",
                        "Invalid input for cidr. Reason: '%.64s' is not a valid IP subnet.", cidr);
    strv_foreach (text, p->prefixes)
        inside = inside || (ipnet_parse(*text, &prefix, NULL) >= 0 && prefix.prefixlen <= ret->prefixlen &&
                            ipnet_contains(&prefix, ret->net));
    if (!inside || is_taken(taken, ret, &last))
        return failed(err, "Cannot allocate requested subnet from the available set of prefixes");
    return check_length(p, ret->prefixlen, err);
}

int subnet_pool_cut(struct net_ctx *c, struct subnet *s, struct err *err)
{
    bool given = GIVEN(c, subnet, prefixlen);
    struct subnet_pool p;
    struct rows taken;
    struct ipnet net;
    int64_t length;
    int r = find_pool(c, s, &p, err);

    if (r >= 0)
        r = check_siblings(c, s, &p, err);
    if (r >= 0)
        r = subnet_pool_lock(c, p.id, err);
    if (r >= 0)
        r = subnet_pool_taken(c, p.id, &taken, err);
    if (r < 0)
        return r;
    if (given && !str_empty(s->cidr))
        return err_http(err, 400, "BadRequest",
                        "Bad subnets request: cidr and prefixlen must not be supplied together.");
    length = given ? s->prefixlen : p.default_prefixlen;
    if (!str_empty(s->cidr))
        r = take_wanted(&p, s->cidr, &taken, &net, err);
    else if ((r = check_length(&p, length, err)) >= 0)
        r = take_first(&p, (int) length, &taken, &net, err);
    if (r >= 0)
        r = check_quota(&p, s, &net, &taken, err);
    if (r < 0)
        return r;
    s->cidr = ipnet_text(c->a, &net);
    s->subnetpool_id = p.id;
    return 0;
}

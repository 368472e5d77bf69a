/* SPDX-License-Identifier: Apache-2.0 */
#include "network/model/segments.h"

#include <stdio.h>

#include "base/str.h"
#include "network/driver/driver.h"
#include "network/store/networks.h"

static const struct type_driver *type_named(const struct network_options *o, const char *name)
{
    for (size_t i = 0; type_drivers[i]; i++)
        if (str_eq(type_drivers[i]->name, name) && strv_contains(o->type_drivers, name))
            return type_drivers[i];
    return NULL;
}

struct range {
    const char *physical; /* Null: the type has none. */
    int64_t first, last;
};

/* "physnet1:100:199", "physnet1", "1:1000". */
static int range_parse(struct arena *a, const struct type_driver *d, const char *text, struct range *ret)
{
    const char **part = str_split(a, text, ':');
    size_t at = d->physical ? 1 : 0, n = strv_len(part);
    struct range r = { d->physical ? part[0] : NULL, 0, -1 };

    if (n == at && d->physical) {
        *ret = r; /* Named only: no numbers for projects. */
        return 0;
    }
    if (n != at + 2 || str_to_i64(part[at], &r.first) < 0 || str_to_i64(part[at + 1], &r.last) < 0 ||
        r.first < d->min || r.last > d->max || r.first > r.last)
        return -EINVAL;
    *ret = r;
    return 0;
}

int segment_check_options(const struct network_options *o, struct err *err)
{
    auto_arena struct arena a;
    struct range r;

    arena_init(&a);
    for (size_t i = 0; type_drivers[i]; i++) {
        const struct type_driver *d = type_drivers[i];

        strv_foreach (text, d->ranges ? d->ranges(o) : NULL)
            if (range_parse(&a, d, *text, &r) < 0)
                return err_set(err, -EINVAL, "'%s' is no range of %s segments", *text, d->name);
    }
    return 0;
}

/* The next free number, raced for by its unique key. */
static int take_next(struct net_ctx *c, const struct type_driver *d, const char *physical, struct network *n,
                     struct err *err)
{
    strv_foreach (text, d->ranges ? d->ranges(c->n->opt) : NULL) {
        struct range range = { 0 };
        int r = range_parse(c->a, d, *text, &range);

        if (r < 0 || range.last < range.first || (physical && !str_eq(physical, range.physical)))
            continue;
        for (;;) {
            int64_t id;

            r = segment_find_free(c, d->name, range.physical, range.first, range.last, &id, err);
            if (r == -ENOENT)
                break;
            if (r >= 0)
                r = segment_take(c, d->name, range.physical, id, n->id, err);
            if (r == -EEXIST)
                continue;
            if (r < 0)
                return r;
            n->network_type = d->name;
            n->physical_network = range.physical;
            n->segmentation_id = id;
            return 0;
        }
    }
    return -ENOENT;
}

static int take_for_project(struct net_ctx *c, struct network *n, struct err *err)
{
    strv_foreach (name, c->n->opt->tenant_types) {
        const struct type_driver *d = type_named(c->n->opt, *name);
        int r;

        if (!d)
            continue;
        if (!d->numbered && !d->physical) {
            n->network_type = d->name;
            return 0;
        }
        r = take_next(c, d, NULL, n, err);
        if (r != -ENOENT)
            return r;
    }
    return err_http(err, 503, "NoNetworkAvailable",
                    "Unable to create the network. No tenant network is available for allocation.");
}

static int refuse(struct err *err, const char *words, const char *type)
{
    char text[256];

    snprintf(text, sizeof(text), words, type);
    return err_http(err, 400, "InvalidInput", "Invalid input for operation: %s.", text);
}

static int check_wanted(struct net_ctx *c, const struct type_driver *d, const struct network *n,
                        struct err *err)
{
    if (d->physical && str_empty(n->physical_network))
        return refuse(err, "physical_network required for %s provider network", d->name);
    if (!d->physical && n->physical_network)
        return refuse(err, "provider:physical_network specified for %s network", d->name);
    if (!d->numbered && n->segmentation_id != FIELD_NULL_INT)
        return refuse(err, "segmentation_id specified for %s provider network", d->name);
    if (n->segmentation_id != FIELD_NULL_INT && (n->segmentation_id < d->min || n->segmentation_id > d->max))
        return refuse(err, "segmentation_id out of range for %s network", d->name);
    if (d->has_physical && !d->has_physical(c->n->opt, n->physical_network))
        return err_http(
            err, 400, "InvalidInput",
            "Invalid input for operation: physical_network '%.64s' unknown for %s provider network.",
            n->physical_network, d->name);
    return 0;
}

static int in_use(const struct type_driver *d, const struct network *n, struct err *err)
{
    if (!d->numbered)
        return err_http(err, 409, "FlatNetworkInUse",
                        "Unable to create the flat network. Physical network %.64s is in use.",
                        n->physical_network);
    if (d->physical)
        return err_http(err, 409, "VlanIdInUse",
                        "Unable to create the network. The VLAN %lld on physical network %.64s is in use.",
                        (long long) n->segmentation_id, n->physical_network);
    return err_http(err, 409, "TunnelIdInUse", "Unable to create the network. The tunnel ID %lld is in use.",
                    (long long) n->segmentation_id);
}

static int take_wanted(struct net_ctx *c, const struct type_driver *d, struct network *n, struct err *err)
{
    int r = check_wanted(c, d, n, err);

    if (r < 0)
        return r;
    if (!d->numbered && !d->physical)
        return 0;
    if (d->numbered && n->segmentation_id == FIELD_NULL_INT) {
        r = take_next(c, d, n->physical_network, n, err);
        if (r == -ENOENT)
            return err_http(err, 503, "NoNetworkAvailable",
                            "Unable to create the network. No %s segment is available for allocation.",
                            d->name);
        return r;
    }
    r = segment_take(c, d->name, n->physical_network, d->numbered ? n->segmentation_id : 0, n->id, err);
    return r == -EEXIST ? in_use(d, n, err) : r;
}

int segment_allocate(struct net_ctx *c, struct network *n, struct err *err)
{
    const struct type_driver *d;

    if (!n->network_type && (n->physical_network || n->segmentation_id != FIELD_NULL_INT))
        return refuse(err, "%s required", "network_type");
    if (!n->network_type)
        return take_for_project(c, n, err);
    d = type_named(c->n->opt, n->network_type);
    if (!d)
        return err_http(err, 400, "InvalidInput",
                        "Invalid input for operation: network_type value '%.64s' not supported.",
                        n->network_type);
    return take_wanted(c, d, n, err);
}

int64_t segment_mtu(const struct network_options *o, const struct network *n)
{
    int64_t mtu = o->global_physnet_mtu, own;
    size_t len = n->physical_network ? strlen(n->physical_network) : 0;

    strv_foreach (m, o->physical_mtus)
        if (len && strncmp(*m, n->physical_network, len) == 0 && (*m)[len] == ':' &&
            str_to_i64(*m + len + 1, &own) == 0)
            mtu = own;
    for (size_t i = 0; type_drivers[i]; i++)
        if (str_eq(type_drivers[i]->name, n->network_type))
            mtu -= type_drivers[i]->overhead;
    return mtu;
}

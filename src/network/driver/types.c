/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds of segments. */
#include "base/str.h"
#include "network/driver/driver.h"

static const char *const *vlan_ranges(const struct network_options *o)
{
    return o->vlan_ranges;
}

static const char *const *vni_ranges(const struct network_options *o)
{
    return o->vni_ranges;
}

static bool vlan_has(const struct network_options *o, const char *physical)
{
    size_t n = strlen(physical);

    strv_foreach (r, o->vlan_ranges)
        if (strncmp(*r, physical, n) == 0 && ((*r)[n] == ':' || !(*r)[n]))
            return true;
    return false;
}

static bool flat_has(const struct network_options *o, const char *physical)
{
    return strv_contains(o->flat_networks, "*") || strv_contains(o->flat_networks, physical);
}

static const struct type_driver local = { .name = "local" };

static const struct type_driver flat = { .name = "flat", .physical = true, .has_physical = flat_has };

static const struct type_driver vlan = {
    .name = "vlan",
    .physical = true,
    .numbered = true,
    .min = 1,
    .max = 4094,
    .ranges = vlan_ranges,
    .has_physical = vlan_has,
};

static const struct type_driver vxlan = {
    .name = "vxlan",
    .numbered = true,
    .min = 1,
    .max = 16777215,
    .overhead = 50, /* Ethernet 14, IPv4 20, UDP 8, VXLAN 8. */
    .ranges = vni_ranges,
};

const struct type_driver *const type_drivers[] = { &local, &flat, &vlan, &vxlan, NULL };

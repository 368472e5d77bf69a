/* SPDX-License-Identifier: Apache-2.0 */
/* Who should have the server: each weigher's values are brought to 0…1 over
 * the hosts that are left, multiplied by its factor and added up. */
#include "base/str.h"
#include "compute/model/choice.h"

static double free_memory(const struct choice *c, const struct candidate *h)
{
    return (double) h->free_memory_mb;
}

static double free_vcpus(const struct choice *c, const struct candidate *h)
{
    return (double) h->free_vcpus;
}

static double free_disk(const struct choice *c, const struct candidate *h)
{
    return (double) h->free_disk_gb;
}

static double soft_affinity(const struct choice *c, const struct candidate *h)
{
    return str_eq(c->group_policy, "soft-affinity") ? (double) h->group_members : 0;
}

static double soft_anti_affinity(const struct choice *c, const struct candidate *h)
{
    return str_eq(c->group_policy, "soft-anti-affinity") ? -(double) h->group_members : 0;
}

const struct host_weigher host_weighers[] = {
    { "RAMWeigher", 1.0, free_memory },
    { "CPUWeigher", 1.0, free_vcpus },
    { "DiskWeigher", 1.0, free_disk },
    { "ServerGroupSoftAffinityWeigher", 10.0, soft_affinity },
    { "ServerGroupSoftAntiAffinityWeigher", 10.0, soft_anti_affinity },
    { 0 },
};

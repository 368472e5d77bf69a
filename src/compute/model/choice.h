/* SPDX-License-Identifier: Apache-2.0 */
/* Between the scheduler, its filters and its weighers. */
#pragma once

#include "compute/model/scheduler.h"

struct choice {
    struct compute *compute;
    struct arena *arena;
    const struct instance *instance;
    const json_t *extra_specs, *image, *hints; /* Objects, never null. */
    const json_t *tried;                       /* Names of hosts that are not to be tried again, or null. */
    struct list aggregates;
    const char *group_policy; /* Null: no group. */
    int64_t group_max_per_host;
    struct hash group_hosts; /* Host -> how many of the group (as a pointer's value). */
    struct hash hint_hosts;  /* Server of a hint -> its host. */
};

struct host_filter {
    const char *name;
    bool (*passes)(const struct choice *c, const struct candidate *h);
    bool of_image; /* Looks at the image, so a server with a new one must pass it again. */
};
extern const struct host_filter host_filters[]; /* Ended by a null name; the cheap ones first. */

struct host_weigher {
    const char *name;
    double factor;
    double (*weigh)(const struct choice *c, const struct candidate *h);
};
extern const struct host_weigher host_weighers[];

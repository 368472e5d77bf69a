/* SPDX-License-Identifier: Apache-2.0 */
/* Placement: who has how much of what, and who uses it. */
#pragma once

#include "rest/server.h"

extern const struct service placement_service;

#define PLACEMENT_MAX_INT         2147483647
#define PLACEMENT_CONCURRENT      "placement.concurrent_update"
#define PLACEMENT_INVENTORY_INUSE "placement.inventory.inuse"
#define PLACEMENT_DUPLICATE_NAME  "placement.duplicate_name"
#define PLACEMENT_BAD_VALUE       "placement.query.bad_value"

/* Section [placement]. */
struct placement_options {
    bool randomize_allocation_candidates;
    int64_t max_allocation_candidates;
    const char *incomplete_consumer_project_id, *incomplete_consumer_user_id;
};

/* A resource provider; a tree of them hangs on its root, which is its own. */
struct provider {
    int64_t id;
    const char *uuid, *name;
    int64_t generation; /* Counted up by every change of what it has or gives. */
    int64_t parent_id;  /* 0: none */
    int64_t root_id;
    const char *parent_uuid, *root_uuid;
    int64_t created_at, updated_at;
};

/* How much of a class a provider has. */
struct inventory {
    int64_t class_id;
    const char *class_name;
    int64_t total, reserved, min_unit, max_unit, step_size;
    double allocation_ratio;
    int64_t modified_at; /* Last change. */
};

/* What may be given out of it, whatever is in use. */
static inline double inventory_capacity(const struct inventory *i)
{
    return (double) (i->total - i->reserved) * i->allocation_ratio;
}

/* The same in whole units. */
static inline int64_t inventory_whole_capacity(const struct inventory *i)
{
    double c = inventory_capacity(i);

    return c >= 9e18 ? INT64_MAX : c <= -9e18 ? INT64_MIN : (int64_t) c;
}

/* Who uses resources: a server, a migration. */
struct consumer {
    const char *uuid, *project_id, *user_id;
    const char *type; /* Null: made before there were types. */
    int64_t generation;
};

/* One class of one provider that a consumer uses. */
struct allocation {
    const char *consumer;
    int64_t consumer_generation;
    int64_t provider_id;
    const char *provider_uuid;
    int64_t provider_generation;
    const char *class_name;
    int64_t class_id, used, created_at;
};

/* SPDX-License-Identifier: Apache-2.0 */
/* Placement as one table. */
#include "placement/api/routes.h"
#include "placement/model/standard.h"
#include "placement/placement.h"
#include "placement/policies.h"
#include "placement/store/names.h"
#include "placement/store/schema.h"

#define OPT(name, type, value, help, ...)                                               \
    {                                                                                   \
#        name, type, offsetof(struct placement_options, name), value, help, __VA_ARGS__ \
    }

#define NOBODY "00000000-0000-0000-0000-000000000000"

static const struct option options[] = {
    OPT(randomize_allocation_candidates, FIELD_BOOL, "false",
        "Give allocation candidates in random order, so that a limited list is a sample of all."),
    OPT(max_allocation_candidates, FIELD_INT, "100000",
        "Allocation candidates made for one request at the most; 0 is all.", .max = 10000000),
    OPT(incomplete_consumer_project_id, FIELD_STRING, NOBODY,
        "Project of consumers made by clients that name none (microversions before 1.8)."),
    OPT(incomplete_consumer_user_id, FIELD_STRING, NOBODY,
        "User of consumers made by clients that name none (microversions before 1.8)."),
    { 0 },
};

static int sync_names(struct txn *t, void *ctx, struct err *err)
{
    int64_t now_us = server_now_us(ctx);
    auto_arena struct arena a;
    int r;

    arena_init(&a);
    r = names_sync(t, &a, NAMES_CLASSES, standard_classes, now_us, err);
    return r < 0 ? r : names_sync(t, &a, NAMES_TRAITS, standard_traits, now_us, err);
}

static int init(struct server *s, struct err *err)
{
    return txn_run(s->db, sync_names, s, err);
}

static const struct route *const routes[] = {
    root_routes,       provider_routes,  inventory_routes, aggregate_routes, trait_routes, class_routes,
    allocation_routes, candidate_routes, usage_routes,     reshaper_routes,  NULL,
};

static const struct policy_rule *const policies[] = { placement_policies, NULL };

const struct service placement_service = {
    .name = "placement",
    .type = "placement",
    .description = "What there is of resources, and who uses it",
    .port = 8778,
    .dialect = &placement_dialect,
    .routes = routes,
    .policies = policies,
    .options = options,
    .options_size = sizeof(struct placement_options),
    .schemas = placement_schemas,
    .version_type = "placement",
    .version_major = 1,
    .version_min = 0,
    .version_max = 39,
    .init = init,
};

/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/model/limits.h"

#include "base/str.h"
#include "identity/store/limits.h"
#include "identity/store/projects.h"

static int check_nothing(struct txn *t, struct arena *a, const struct limit *l, struct err *err)
{
    return 0;
}

static int refuse(const struct limit *l, struct err *err)
{
    return err_http(
        err, 403, NULL,
        "Invalid resource limit: The resource limit (%s: %s, resource_name: %s, resource_limit: %lld, "
        "service_id: %s, region_id: %s) doesn't satisfy current hierarchy model..",
        l->project_id ? "project_id" : "domain_id", l->project_id ? l->project_id : l->domain_id,
        l->resource_name, (long long) l->resource_limit, l->service_id, l->region_id ? l->region_id : "None");
}

/* A project is within its domain: what the domain has, or what is registered. */
static int check_project(struct txn *t, struct arena *a, const struct limit *l, struct err *err)
{
    struct registered_limit reg = { 0 };
    struct limit above = *l, found = { 0 };
    struct project p = { 0 };
    int64_t max;
    int r = table_get(t, a, &project_table, l->project_id, &p, err);

    if (r < 0)
        return r;
    above.project_id = NULL;
    above.domain_id = p.domain_id;
    r = limit_find(t, a, &above, &found, err);
    max = found.resource_limit;
    if (r == -ENOENT) {
        r = registered_limit_find(t, a, l->service_id, l->region_id, l->resource_name, &reg, err);
        max = reg.default_limit;
    }
    return r < 0 ? r : l->resource_limit > max ? refuse(l, err) : 0;
}

/* No project of the domain has more than it. */
static int check_domain(struct txn *t, struct arena *a, const struct limit *l, struct err *err)
{
    int64_t most;
    int r = limit_most_of_projects(t, l, &most, err);

    return r < 0 ? r : l->resource_limit < most ? refuse(l, err) : 0;
}

static int check_two_levels(struct txn *t, struct arena *a, const struct limit *l, struct err *err)
{
    return l->project_id ? check_project(t, a, l, err) : check_domain(t, a, l, err);
}

static const struct limit_model models[] = {
    { "flat", "Limit enforcement and validation does not take project hierarchy into consideration.", 0,
      check_nothing },
    { "strict_two_level", "This model requires project hierarchy never exceeds a depth of two", 2,
      check_two_levels },
};

const struct limit_model *limit_model_named(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(models); i++)
        if (str_eq(models[i].name, name))
            return &models[i];
    return &models[0];
}

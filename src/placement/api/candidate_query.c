/* SPDX-License-Identifier: Apache-2.0 */
#include "placement/api/candidate_query.h"

#include "base/str.h"
#include "placement/api/common.h"
#include "placement/api/params.h"

#define VERSION_CANDIDATES 10
#define VERSION_LIMIT      16
#define VERSION_REQUIRED   17
#define VERSION_MEMBER_OF  21
#define VERSION_FORBIDDEN  22
#define VERSION_GROUPS     25
#define VERSION_TREES      29
#define VERSION_IN_TREE    31
#define VERSION_SUFFIXES   33 /* letters, not only numbers */
#define VERSION_ROOT       35
#define VERSION_SUBTREE    36
#define SUFFIX_CHARS       "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
#define SUFFIX_MAX         64

/* Parameters of one group; their names end in its suffix. */
static const struct {
    const char *name;
    unsigned since;
} group_params[] = {
    { "resources", VERSION_CANDIDATES },
    { "required", VERSION_REQUIRED },
    { "member_of", VERSION_MEMBER_OF },
    { "in_tree", VERSION_IN_TREE },
};
enum { RESOURCES, REQUIRED, MEMBER_OF, IN_TREE };

/* Parameters of the whole. */
static const struct {
    const char *name;
    unsigned since;
} wide_params[] = {
    { "limit", VERSION_LIMIT },
    { "group_policy", VERSION_GROUPS },
    { "root_required", VERSION_ROOT },
    { "same_subtree", VERSION_SUBTREE },
};

/* --- which parameter is it ---------------------------------------------------------------- */

static bool is_suffix(const struct request *rq, const char *s)
{
    size_t n = strlen(s);

    if (!n)
        return true;
    if (rq->version >= VERSION_SUFFIXES)
        return n <= SUFFIX_MAX && strspn(s, SUFFIX_CHARS) == n;
    return rq->version >= VERSION_GROUPS && *s != '0' && strspn(s, "0123456789") == n;
}

/* Row of group_params, or -1. */
static int group_param(const struct request *rq, const char *name, const char **ret_suffix)
{
    for (size_t i = 0; i < ARRAY_SIZE(group_params); i++) {
        size_t n = strlen(group_params[i].name);

        if (rq->version < group_params[i].since || strncmp(name, group_params[i].name, n) != 0 ||
            !is_suffix(rq, name + n))
            continue;
        *ret_suffix = name + n;
        return (int) i;
    }
    return -1;
}

static bool is_wide_param(const struct request *rq, const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(wide_params); i++)
        if (rq->version >= wide_params[i].since && str_eq(name, wide_params[i].name))
            return true;
    return false;
}

static int refuse_param(struct request *rq, const char *name, struct err *err)
{
    const char *suffix = rq->version >= VERSION_SUFFIXES ? "[a-zA-Z0-9_-]{1,64}" : "[1-9][0-9]*";
    const char *known = "";

    if (rq->version < VERSION_GROUPS)
        return query_refuse(err, "additionalProperties",
                            "Additional properties are not allowed ('%.255s' was unexpected)", name);
    for (size_t i = 0; i < ARRAY_SIZE(group_params); i++)
        if (rq->version >= group_params[i].since)
            known = arena_printf(rq->arena, "%s%s'^%s(%s)?$'", known, *known ? ", " : "",
                                 group_params[i].name, suffix);
    return query_refuse(err, "additionalProperties", "'%.100s' does not match any of the regexes: %s", name,
                        known);
}

static int check_params(struct request *rq, struct err *err)
{
    const char *suffix;

    for (size_t i = 0; i < rq->n_query; i++)
        if (!is_wide_param(rq, rq->query[i].name) && group_param(rq, rq->query[i].name, &suffix) < 0)
            return refuse_param(rq, rq->query[i].name, err);
    if (rq->version < VERSION_GROUPS && !rq_query_has(rq, "resources"))
        return query_refuse(err, "required", "'resources' is a required property");
    return 0;
}

/* --- groups ---------------------------------------------------------------------------------- */

static struct candidate_group *group_of(struct candidate_query *q, const char *suffix)
{
    for (size_t i = 0; i < q->n_groups; i++)
        if (str_eq(q->groups[i].suffix, suffix))
            return &q->groups[i];
    q->groups[q->n_groups] = (struct candidate_group){ .suffix = suffix, .same_provider = *suffix != '\0' };
    return &q->groups[q->n_groups++];
}

static int read_groups(struct request *rq, struct candidate_query *q, struct err *err)
{
    int r = 0;

    q->groups = arena_array(rq->arena, struct candidate_group, rq->n_query + 1);
    for (size_t i = 0; r >= 0 && i < rq->n_query; i++) {
        const char *suffix, *value = rq->query[i].value;
        int param = group_param(rq, rq->query[i].name, &suffix);
        struct candidate_group *g;

        if (param < 0)
            continue;
        g = group_of(q, suffix);
        if (param == RESOURCES)
            r = params_resources(rq, value, g, err);
        else if (param == REQUIRED)
            r = params_required(rq, g, err);
        else if (param == MEMBER_OF)
            r = params_member_of(rq, g, err);
        else
            r = params_in_tree(rq, value, g, err);
    }
    return r;
}

static bool is_in_subtree(const struct candidate_query *q, const char *suffix)
{
    for (size_t i = 0; i < q->n_same_subtrees; i++)
        if (strv_contains(q->same_subtrees[i], suffix))
            return true;
    return false;
}

static bool has_group(const struct candidate_query *q, const char *suffix)
{
    for (size_t i = 0; i < q->n_groups; i++)
        if (str_eq(q->groups[i].suffix, suffix))
            return true;
    return false;
}

/* From 1.36 on a group may ask for traits alone, when it says near what. */
static int check_subtree_groups(const struct candidate_query *q, struct err *err)
{
    size_t without = 0;

    for (size_t i = 0; i < q->n_groups; i++)
        without += !q->groups[i].n_amounts;
    if (without == q->n_groups)
        return err_http(err, 400, "placement.query.missing_value",
                        "There must be at least one resources or resources[$S] parameter.");
    for (size_t i = 0; i < q->n_groups; i++)
        if (!q->groups[i].n_amounts && !is_in_subtree(q, q->groups[i].suffix))
            return err_http(err, 400, PLACEMENT_BAD_VALUE,
                            "Resourceless suffixed group request should be specified in `same_subtree` query "
                            "param: bad group(s) - ['%s'].",
                            q->groups[i].suffix);
    for (size_t i = 0; i < q->n_same_subtrees; i++)
        strv_foreach (suffix, q->same_subtrees[i])
            if (!has_group(q, *suffix))
                return err_http(
                    err, 400, PLACEMENT_BAD_VALUE,
                    "Real suffixes should be specified in `same_subtree`: ['%.64s'] not found in the "
                    "request.",
                    *suffix);
    return 0;
}

/* Names of a parameter in groups that ask for no resources, or null. */
static const char *orphans(struct arena *a, const struct candidate_query *q, const char *param,
                           bool (*has)(const struct candidate_group *g))
{
    const char **names = NULL;

    for (size_t i = 0; i < q->n_groups; i++)
        if (!q->groups[i].n_amounts && has(&q->groups[i]))
            names = strv_add(a, names, arena_printf(a, "%s%s", param, q->groups[i].suffix));
    return names ? strv_join(a, names, ", ") : NULL;
}

static bool has_required(const struct candidate_group *g)
{
    return g->n_required > 0;
}

static bool has_member_of(const struct candidate_group *g)
{
    return g->n_member_of || g->forbidden_aggregates;
}

static bool has_anything(const struct candidate_group *g)
{
    return true;
}

static int check_orphans(struct arena *a, const struct candidate_query *q, struct err *err)
{
    const char *found = orphans(a, q, "required", has_required);

    if (found)
        return err_http(err, 400, NULL,
                        "All traits parameters must be associated with resources.  Found the following "
                        "orphaned traits keys: %.500s",
                        found);
    found = orphans(a, q, "member_of", has_member_of);
    if (found)
        return err_http(err, 400, NULL,
                        "All member_of parameters must be associated with resources. Found the following "
                        "orphaned member_of keys: %.500s",
                        found);
    if (orphans(a, q, "", has_anything))
        return err_http(err, 400, NULL, "All request groups must specify resources.");
    if (!q->n_groups)
        return err_http(err, 400, NULL,
                        "At least one request group (`resources` or `resources{$S}`) is required.");
    return 0;
}

/* Required and forbidden at once. */
static int check_conflicts(struct request *rq, const struct candidate_group *g, struct err *err)
{
    for (size_t i = 0; i < g->n_required; i++) {
        bool all = true;

        strv_foreach (name, g->required[i].names)
            all = all && strv_contains(g->forbidden.names, *name);
        if (all)
            return err_http(err, 400, NULL,
                            "Conflicting required and forbidden traits found in the following traits keys: "
                            "required%s: (%s)",
                            g->suffix, strv_join(rq->arena, g->required[i].names, ", "));
    }
    return 0;
}

static int check_groups(struct request *rq, const struct candidate_query *q, struct err *err)
{
    int r = rq->version >= VERSION_SUBTREE ? check_subtree_groups(q, err) : check_orphans(rq->arena, q, err);

    for (size_t i = 0; r >= 0 && rq->version >= VERSION_FORBIDDEN && i < q->n_groups; i++)
        r = check_conflicts(rq, &q->groups[i], err);
    return r;
}

/* --- the whole --------------------------------------------------------------------------------- */

static int read_limit(struct request *rq, struct candidate_query *q, struct err *err)
{
    const char *limit = rq_query(rq, "limit");

    if (!limit)
        return 0;
    if (*limit < '1' || *limit > '9' || str_to_i64(limit, &q->limit) < 0)
        return query_refuse(err, "pattern", "'%.64s' does not match '^[1-9][0-9]*$'", limit);
    return 0;
}

static int read_group_policy(struct request *rq, struct candidate_query *q, struct err *err)
{
    const char *policy = rq_query(rq, "group_policy");
    size_t granular = 0;

    if (policy && !str_eq(policy, "none") && !str_eq(policy, "isolate"))
        return query_refuse(err, "enum", "'%.64s' is not one of ['none', 'isolate']", policy);
    for (size_t i = 0; i < q->n_groups; i++)
        granular += q->groups[i].same_provider;
    if (!policy && granular > 1)
        return err_http(err, 400, NULL,
                        "The \"group_policy\" parameter is required when specifying more than one "
                        "\"resources{N}\" parameter.");
    q->isolate = policy && str_eq(policy, "isolate");
    return 0;
}

static int read_root_required(struct request *rq, struct candidate_query *q, struct err *err)
{
    const char *value = NULL;
    int r;

    for (size_t i = 0; i < rq->n_query; i++) {
        if (!str_eq(rq->query[i].name, "root_required"))
            continue;
        if (value)
            return err_http(err, 400, "placement.query.duplicate_key",
                            "Query parameter 'root_required' may be specified only once.");
        value = rq->query[i].value;
    }
    if (!value)
        return 0;
    r = params_traits(rq, value, &q->root_required.names, &q->root_forbidden.names, err);
    strv_foreach (name, q->root_required.names)
        if (strv_contains(q->root_forbidden.names, *name))
            return err_http(err, 400, PLACEMENT_BAD_VALUE,
                            "Conflicting required and forbidden traits found in root_required: %.255s",
                            *name);
    return r;
}

static int read_subtrees(struct request *rq, struct candidate_query *q, struct err *err)
{
    q->same_subtrees = arena_array(rq->arena, const char **, rq->n_query + 1);
    for (size_t i = 0; i < rq->n_query; i++) {
        const char **suffixes = NULL;

        if (!str_eq(rq->query[i].name, "same_subtree"))
            continue;
        strv_foreach (part, str_split(rq->arena, rq->query[i].value, ',')) {
            const char *suffix = str_trim(rq->arena, *part);

            if (!*suffix)
                return err_http(err, 400, PLACEMENT_BAD_VALUE,
                                "Empty string (unsuffixed group) can not be specified in `same_subtree` ");
            suffixes = strv_add(rq->arena, suffixes, suffix);
        }
        q->same_subtrees[q->n_same_subtrees++] = suffixes;
    }
    return 0;
}

int candidate_query_read(struct request *rq, struct candidate_query *q, struct err *err)
{
    const struct placement_options *opt = rq->server->options;
    int r;

    q->nested_aware = rq->version >= VERSION_TREES;
    q->randomize = opt->randomize_allocation_candidates;
    q->max = opt->max_allocation_candidates;
    r = check_params(rq, err);
    if (r >= 0)
        r = read_limit(rq, q, err);
    if (r >= 0)
        r = read_root_required(rq, q, err);
    if (r >= 0)
        r = read_subtrees(rq, q, err);
    if (r >= 0)
        r = read_groups(rq, q, err);
    if (r >= 0)
        r = check_groups(rq, q, err);
    return r < 0 ? r : read_group_policy(rq, q, err);
}

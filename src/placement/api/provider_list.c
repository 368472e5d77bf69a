/* SPDX-License-Identifier: Apache-2.0 */
/* GET /resource_providers, and how a provider is shown. */
#include "base/str.h"
#include "base/uuid.h"
#include "placement/api/common.h"
#include "placement/api/params.h"
#include "placement/api/providers.h"

#define VERSION_AGGREGATES  1
#define VERSION_TRAITS      6
#define VERSION_ALLOCATIONS 11
#define VERSION_TREES       14

static const struct {
    const char *rel;
    unsigned since;
} links[] = {
    { "inventories", 0 },
    { "usages", 0 },
    { "aggregates", VERSION_AGGREGATES },
    { "traits", VERSION_TRAITS },
    { "allocations", VERSION_ALLOCATIONS },
};

static void write_link(struct jw *w, const char *rel, const char *uuid, const char *below)
{
    jw_object(w, NULL);
    jw_str(w, "rel", rel);
    jw_printf(w, "href", "/resource_providers/%s%s%s", uuid, *below ? "/" : "", below);
    jw_end_object(w);
}

void provider_write(struct request *rq, struct jw *w, const struct provider *p)
{
    jw_object(w, NULL);
    jw_str(w, "uuid", p->uuid);
    jw_str(w, "name", p->name);
    jw_int(w, "generation", p->generation);
    jw_array(w, "links");
    write_link(w, "self", p->uuid, "");
    for (size_t i = 0; i < ARRAY_SIZE(links); i++)
        if (rq->version >= links[i].since)
            write_link(w, links[i].rel, p->uuid, links[i].rel);
    jw_end_array(w);
    if (rq->version >= VERSION_TREES) {
        jw_str(w, "parent_provider_uuid", p->parent_uuid);
        jw_str(w, "root_provider_uuid", p->root_uuid);
    }
    jw_end_object(w);
}

int64_t provider_modified_at(const struct provider *p)
{
    return p->updated_at ? p->updated_at : p->created_at;
}

static int check_list_query(struct request *rq, struct err *err)
{
    const char *names[8] = { "name", "uuid" }, *uuid = rq_query(rq, "uuid"), *tree = rq_query(rq, "in_tree");
    size_t n = 2;
    int r;

    if (rq->version >= 3)
        names[n++] = "member_of";
    if (rq->version >= 4)
        names[n++] = "resources";
    if (rq->version >= VERSION_TREES)
        names[n++] = "in_tree";
    if (rq->version >= 18)
        names[n++] = "required";
    r = query_allows(rq, names, err);
    if (r < 0)
        return r;
    if ((uuid && !uuid_is_valid(uuid)) || (tree && !uuid_is_valid(tree)))
        return query_refuse(err, "format", "'%.255s' is not a 'uuid'",
                            uuid && !uuid_is_valid(uuid) ? uuid : tree);
    return 0;
}

/* What cannot be said in plain SQL; false in '*ret_any' when nothing was asked. */
static int read_filters(struct request *rq, struct candidate_group *g, bool *ret_any, struct err *err)
{
    const char *resources = rq_query(rq, "resources");
    int r;

    g->suffix = "";
    *ret_any = resources || rq_query_has(rq, "member_of") || rq_query_has(rq, "required");
    r = params_member_of(rq, g, err);
    if (r >= 0)
        r = params_required(rq, g, err);
    return r < 0 || !resources ? r : params_resources(rq, resources, g, err);
}

static bool has_trait_named(const struct world *w, const struct world_provider *p, const char *name)
{
    const struct name *t = names_find(&w->traits, name);

    return t && world_has_trait(w, p, t);
}

static bool has_any_trait(const struct world *w, const struct world_provider *p, const char *const *names)
{
    strv_foreach (name, names)
        if (has_trait_named(w, p, *name))
            return true;
    return false;
}

static bool fits(const struct world *w, const struct candidate_group *g, const struct world_provider *p)
{
    for (size_t i = 0; i < g->n_member_of; i++)
        if (!world_has_any_aggregate(p, g->member_of[i]))
            return false;
    for (size_t i = 0; i < g->n_required; i++)
        if (!has_any_trait(w, p, g->required[i].names))
            return false;
    for (size_t i = 0; i < g->n_amounts; i++)
        if (!world_fits(p, names_find(&w->classes, g->amounts[i].class_name)->id, g->amounts[i].amount))
            return false;
    return !has_any_trait(w, p, g->forbidden.names) && !world_has_any_aggregate(p, g->forbidden_aggregates);
}

static int check_traits(const struct world *w, const char *const *names, struct err *err)
{
    strv_foreach (name, names)
        if (!names_find(&w->traits, *name))
            return err_http(err, 400, NULL,
                            "Invalid trait(s) in \"required\" parameter: No such trait(s): %.255s.", *name);
    return 0;
}

static int check_names(const struct world *w, const struct candidate_group *g, struct err *err)
{
    int r = check_traits(w, g->forbidden.names, err);

    for (size_t i = 0; r >= 0 && i < g->n_required; i++)
        r = check_traits(w, g->required[i].names, err);
    for (size_t i = 0; r >= 0 && i < g->n_amounts; i++)
        if (!names_find(&w->classes, g->amounts[i].class_name))
            return err_http(err, 400, NULL,
                            "Invalid resource class in resources parameter: No such resource class %.255s.",
                            g->amounts[i].class_name);
    return r;
}

/* Leaves in 'all' what fits. */
static int apply_filters(struct request *rq, struct txn *t, const struct candidate_group *g,
                         struct providers *all, struct err *err)
{
    struct world w;
    size_t n = 0;
    int r;

    r = world_load(t, rq->arena, &w, err);
    if (r >= 0)
        r = check_names(&w, g, err);
    for (size_t i = 0; r >= 0 && i < all->count; i++) {
        int at = world_find(&w, all->items[i].uuid);

        if (at >= 0 && fits(&w, g, &w.providers[at]))
            all->items[n++] = all->items[i];
    }
    all->count = n;
    return r;
}

int providers_list(struct request *rq, struct err *err)
{
    const char *tree = rq_query(rq, "in_tree");
    struct provider in_tree = { 0 };
    struct candidate_group g = { 0 };
    struct providers all = { 0 };
    int64_t modified = 0;
    bool filtered = false;
    struct txn *t;
    struct jw *w;
    int r;

    r = accept_json(rq, err);
    if (r >= 0)
        r = check_list_query(rq, err);
    if (r >= 0)
        r = read_filters(rq, &g, &filtered, err);
    if (r >= 0)
        r = rq_txn(rq, &t, err);
    if (r >= 0 && tree)
        r = provider_get(t, rq->arena, tree, &in_tree, err);
    if (r >= 0)
        r = provider_list(t, rq->arena, rq_query(rq, "uuid"), rq_query(rq, "name"), in_tree.root_id, &all,
                          err);
    else if (r == -ENOENT)
        r = 0; /* The tree is not there: no providers. */
    if (r >= 0 && filtered)
        r = apply_filters(rq, t, &g, &all, err);
    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_array(w, "resource_providers");
    for (size_t i = 0; i < all.count; i++) {
        modified =
            provider_modified_at(&all.items[i]) > modified ? provider_modified_at(&all.items[i]) : modified;
        provider_write(rq, w, &all.items[i]);
    }
    jw_end_array(w);
    jw_end_object(w);
    return reply_aged(rq, 200, modified);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* /resource_providers */
#include "placement/store/providers.h"

#include "base/str.h"
#include "base/uuid.h"
#include "placement/api/common.h"
#include "placement/api/params.h"
#include "placement/api/routes.h"

#define VERSION_AGGREGATES  1
#define VERSION_TRAITS      6
#define VERSION_ALLOCATIONS 11
#define VERSION_TREES       14
#define VERSION_POST_BODY   20
#define VERSION_MOVE        37

struct provider_body {
    const char *name, *uuid, *parent_provider_uuid;
};

static const struct field new_fields[] = {
    FIELD(FIELD_STRING, provider_body, name, .use = ON_CREATE, .required = true, .max = 200),
    FIELD(FIELD_STRING, provider_body, uuid, .use = ON_CREATE, .check = check_uuid),
    FIELD(FIELD_STRING, provider_body, parent_provider_uuid, .use = ON_CREATE, .nullable = true,
          .check = check_uuid, .since = VERSION_TREES),
    { 0 },
};

static const struct field changed_fields[] = {
    FIELD(FIELD_STRING, provider_body, name, .use = ON_CREATE, .required = true, .max = 200),
    FIELD(FIELD_STRING, provider_body, parent_provider_uuid, .use = ON_CREATE, .nullable = true,
          .check = check_uuid, .since = VERSION_TREES),
    { 0 },
};

/* --- the answer ---------------------------------------------------------------------- */

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

static void write_provider(struct request *rq, struct jw *w, const struct provider *p)
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

static int64_t modified_at(const struct provider *p)
{
    return p->updated_at ? p->updated_at : p->created_at;
}

static int reply_provider(struct request *rq, const struct provider *p)
{
    write_provider(rq, reply_begin(rq), p);
    return reply_aged(rq, 200, modified_at(p));
}

/* --- list ------------------------------------------------------------------------------ */

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

static int list_providers(struct request *rq, struct err *err)
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
        modified = modified_at(&all.items[i]) > modified ? modified_at(&all.items[i]) : modified;
        write_provider(rq, w, &all.items[i]);
    }
    jw_end_array(w);
    jw_end_object(w);
    return reply_aged(rq, 200, modified);
}

/* --- create and change ------------------------------------------------------------------ */

static int refuse_taken(struct request *rq, struct txn *t, const struct provider *p, struct err *err)
{
    struct providers same_name;
    struct provider same_uuid;
    const char *words;
    int r;

    r = provider_get(t, rq->arena, p->uuid, &same_uuid, err);
    if (r < 0 && r != -ENOENT)
        return r;
    words = r >= 0 ? arena_printf(rq->arena, "uuid: %s", p->uuid) : "";
    r = provider_list(t, rq->arena, NULL, p->name, 0, &same_name, err);
    if (r < 0)
        return r;
    if (same_name.count)
        words = arena_printf(rq->arena, "%s%sname: %s", words, *words ? ", " : "", p->name);
    if (!*words)
        return 0;
    return err_http(err, 409, PLACEMENT_DUPLICATE_NAME, "Conflicting resource provider %s already exists.",
                    words);
}

static int refuse_create(struct err *err, const struct provider *p, const char *why)
{
    return err_http(err, 400, NULL,
                    "Unable to create resource provider \"%s\", %s: Object action create failed because: %s",
                    p->name, p->uuid, why);
}

static int find_new_parent(struct request *rq, struct txn *t, struct provider *p, struct err *err)
{
    struct provider parent;
    int r;

    if (!p->parent_uuid)
        return 0;
    if (str_eq(p->parent_uuid, p->uuid))
        return refuse_create(
            err, p,
            "parent provider UUID cannot be same as UUID. Please set parent provider UUID to "
            "None if there is no parent.");
    r = provider_lock(t, rq->arena, p->parent_uuid, &parent, err);
    if (r == -ENOENT)
        return refuse_create(err, p, "parent provider UUID does not exist.");
    if (r < 0)
        return r;
    p->parent_id = parent.id;
    p->root_id = parent.root_id;
    p->root_uuid = parent.root_uuid;
    return 0;
}

static const char *dashed(struct request *rq, const char *uuid)
{
    uint8_t bytes[16];

    return !uuid || uuid_parse(uuid, bytes) < 0 ? uuid_new(rq->arena) : uuid_text(rq->arena, bytes);
}

static int create_provider(struct request *rq, struct err *err)
{
    struct provider_body in = { 0 };
    struct provider p;
    struct txn *t;
    int r;

    r = body_required(rq, err);
    if (r >= 0)
        r = body_read(rq, new_fields, NULL, &in, err);
    if (r < 0)
        return r;
    p = (struct provider){ .uuid = dashed(rq, in.uuid),
                           .name = in.name,
                           .parent_uuid = in.parent_provider_uuid };
    p.root_uuid = p.uuid;
    p.created_at = server_now_us(rq->server);
    r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = refuse_taken(rq, t, &p, err);
    if (r >= 0)
        r = find_new_parent(rq, t, &p, err);
    if (r >= 0)
        r = provider_insert(t, rq->arena, &p, err);
    if (r == -EEXIST && !err->status)
        return err_http(err, 409, PLACEMENT_DUPLICATE_NAME,
                        "Conflicting resource provider name: %s already exists.", p.name);
    if (r < 0)
        return r;
    reply_location(rq, arena_printf(rq->arena, "/resource_providers/%s", p.uuid));
    return rq->version >= VERSION_POST_BODY ? reply_provider(rq, &p) : reply_empty(rq, 201);
}

static int refuse_save(struct err *err, const struct provider *p, const char *action, const char *why)
{
    return err_http(err, 400, NULL,
                    "Unable to save resource provider %s: Object action %s failed because: %s", p->uuid,
                    action, why);
}

/* 'parent' is 'p' itself or somewhere below it. */
static int refuse_loop(struct request *rq, struct txn *t, const struct provider *p, struct provider parent,
                       struct err *err)
{
    int r;

    for (;;) {
        if (parent.id == p->id)
            return refuse_save(err, p, "update", "creating loop in the provider tree is not allowed.");
        if (!parent.parent_uuid)
            return 0;
        r = provider_get(t, rq->arena, parent.parent_uuid, &parent, err);
        if (r < 0)
            return r;
    }
}

static int move(struct request *rq, struct txn *t, struct provider *p, const char *parent_uuid,
                struct err *err)
{
    struct provider parent;
    int r;

    if (!parent_uuid) {
        if (p->parent_id && rq->version < VERSION_MOVE)
            return refuse_save(err, p, "update", "un-parenting a provider is not currently allowed.");
        p->parent_id = 0;
        p->parent_uuid = NULL;
        p->root_id = p->id;
        p->root_uuid = p->uuid;
        return 0;
    }
    r = provider_lock(t, rq->arena, parent_uuid, &parent, err);
    if (r == -ENOENT)
        return refuse_save(err, p, "create", "parent provider UUID does not exist.");
    if (r < 0)
        return r;
    if (p->parent_id && p->parent_id != parent.id && rq->version < VERSION_MOVE)
        return refuse_save(err, p, "update", "re-parenting a provider is not currently allowed.");
    r = refuse_loop(rq, t, p, parent, err);
    p->parent_id = parent.id;
    p->parent_uuid = parent.uuid;
    p->root_id = parent.root_id;
    p->root_uuid = parent.root_uuid;
    return r;
}

static int update_provider(struct request *rq, struct err *err)
{
    struct provider_body in = { 0 };
    struct provider p;
    struct txn *t;
    int r;

    r = body_required(rq, err);
    if (r >= 0)
        r = path_provider(rq, true, &t, &p, err);
    if (r >= 0)
        r = body_read(rq, changed_fields, NULL, &in, err);
    if (r >= 0 && rq->version >= VERSION_TREES && json_object_get(rq->json, "parent_provider_uuid"))
        r = move(rq, t, &p, in.parent_provider_uuid, err);
    if (r < 0)
        return r;
    p.name = in.name;
    p.updated_at = server_now_us(rq->server);
    r = provider_update(t, rq->arena, &p, err);
    if (r == -EEXIST)
        return err_http(err, 409, PLACEMENT_DUPLICATE_NAME,
                        "Conflicting resource provider %s already exists.", p.name);
    return r < 0 ? r : reply_provider(rq, &p);
}

static int show_provider(struct request *rq, struct err *err)
{
    struct provider p;
    struct txn *t;
    int r;

    r = accept_json(rq, err);
    if (r >= 0)
        r = path_provider(rq, false, &t, &p, err);
    return r < 0 ? r : reply_provider(rq, &p);
}

static int delete_provider(struct request *rq, struct err *err)
{
    const char *uuid = rq_param(rq, "uuid");
    int64_t children = 0, used = 0;
    struct provider p;
    struct txn *t;
    int r;

    r = path_provider(rq, true, &t, &p, err);
    if (r == -ENOENT)
        return err_http(err, 404, NULL, "No resource provider with uuid %.255s found for delete", uuid);
    if (r >= 0)
        r = provider_count_children(t, p.id, &children, err);
    if (r >= 0)
        r = provider_count_allocations(t, p.id, &used, err);
    if (r < 0)
        return r;
    if (children)
        return err_http(err, 409, "placement.resource_provider.cannot_delete_parent",
                        "Unable to delete parent resource provider %s: It has child resource providers.",
                        uuid);
    if (used)
        return err_http(err, 409, "placement.resource_provider.inuse",
                        "Unable to delete resource provider %s: Resource provider has allocations.", uuid);
    r = provider_delete(t, p.id, err);
    return r < 0 ? r : reply_empty(rq, 204);
}

/* clang-format off */
const struct route provider_routes[] = {
    { HTTP_GET,    "/resource_providers",        "placement:resource_providers:list",   list_providers },
    { HTTP_POST,   "/resource_providers",        "placement:resource_providers:create", create_provider },
    { HTTP_GET,    "/resource_providers/{uuid}", "placement:resource_providers:show",   show_provider },
    { HTTP_PUT,    "/resource_providers/{uuid}", "placement:resource_providers:update", update_provider },
    { HTTP_DELETE, "/resource_providers/{uuid}", "placement:resource_providers:delete", delete_provider },
    { 0 },
};
/* clang-format on */

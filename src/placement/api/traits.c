/* SPDX-License-Identifier: Apache-2.0 */
/* /traits and /resource_providers/{uuid}/traits */
#include "base/str.h"
#include "placement/api/common.h"
#include "placement/api/routes.h"
#include "placement/store/providers.h"

#define VERSION_TRAITS 6

struct traits_body {
    const char *traits; /* JSON */
    int64_t resource_provider_generation;
};

static const struct field fields[] = {
    FIELD(FIELD_JSON, traits_body, traits, .use = ON_CREATE, .required = true, .json = "array"),
    FIELD(FIELD_INT, traits_body, resource_provider_generation, .use = ON_CREATE, .required = true),
    { 0 },
};

static int64_t modified_at(const struct name *n)
{
    return n->updated_at ? n->updated_at : n->created_at;
}

/* --- /traits --------------------------------------------------------------------------- */

struct filter {
    const char **names; /* One of these. */
    const char *prefix;
    int associated; /* 1: some provider has it, 0: none has, -1: whatever. */
    const int64_t *ids;
};

static int read_filter(struct request *rq, struct filter *f, struct err *err)
{
    static const char *const known[] = { "name", "associated", NULL };
    const char *name = rq_query(rq, "name"), *associated = rq_query(rq, "associated");
    int r;

    f->associated = -1;
    r = query_allows(rq, known, err);
    if (r < 0)
        return r;
    if (name && !strchr(name, ':'))
        return err_http(err, 400, NULL,
                        "Badly formatted name parameter. Expected name query string parameter in form: "
                        "?name=[in|startswith]:[name1,name2|prefix]. Got: \"%.255s\"",
                        name);
    if (name && str_has_prefix(name, "in:"))
        f->names = str_split(rq->arena, name + 3, ',');
    else if (name && str_has_prefix(name, "startswith:"))
        f->prefix = name + strlen("startswith:");
    if (associated && !str_eq_nocase(associated, "true") && !str_eq_nocase(associated, "false"))
        return err_http(err, 400, NULL,
                        "The query parameter \"associated\" only accepts \"true\" or \"false\"");
    if (associated)
        f->associated = str_eq_nocase(associated, "true");
    return 0;
}

static bool fits(const struct filter *f, const struct name *n)
{
    bool found = false;

    if (f->names && !strv_contains(f->names, n->name))
        return false;
    if (f->prefix && !str_has_prefix(n->name, f->prefix))
        return false;
    for (const int64_t *id = f->ids; id && *id && !found; id++)
        found = *id == n->id;
    return f->associated < 0 || found == (f->associated == 1);
}

static int list_traits(struct request *rq, struct err *err)
{
    struct filter f = { 0 };
    int64_t modified = 0;
    struct names all;
    int64_t *ids;
    struct txn *t;
    struct jw *w;
    int r;

    r = accept_json(rq, err);
    if (r >= 0)
        r = read_filter(rq, &f, err);
    if (r >= 0)
        r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = names_load(t, rq->arena, NAMES_TRAITS, &all, err);
    if (r >= 0 && f.associated >= 0) {
        r = traits_associated(t, rq->arena, &ids, err);
        f.ids = ids;
    }
    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_array(w, "traits");
    for (size_t i = 0; i < all.count; i++) {
        if (!fits(&f, &all.items[i]))
            continue;
        jw_str(w, NULL, all.items[i].name);
        modified = modified_at(&all.items[i]) > modified ? modified_at(&all.items[i]) : modified;
    }
    jw_end_array(w);
    jw_end_object(w);
    return reply_aged(rq, 200, modified);
}

static int find_trait(struct request *rq, struct txn **t, struct name *ret, struct err *err)
{
    const char *name = rq_param(rq, "name");
    int r;

    r = rq_txn(rq, t, err);
    if (r >= 0)
        r = name_get(*t, rq->arena, NAMES_TRAITS, name, ret, err);
    return r == -ENOENT ? err_http(err, 404, NULL, "No such trait(s): %.255s.", name) : r;
}

static int show_trait(struct request *rq, struct err *err)
{
    struct name trait;
    struct txn *t;
    int r;

    r = find_trait(rq, &t, &trait, err);
    return r < 0 ? r : reply_aged_empty(rq, 204, trait.created_at);
}

static int put_trait(struct request *rq, struct err *err)
{
    const char *name = rq_param(rq, "name");
    struct name trait;
    int status = 204;
    struct txn *t;
    int r;

    if (!is_custom_name(name))
        return err_http(
            err, 400, NULL,
            "The trait is invalid. A valid trait must be no longer than 255 characters, start with "
            "the prefix \"CUSTOM_\" and use following characters: \"A\"-\"Z\", \"0\"-\"9\" and \"_\"");
    r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = name_get(t, rq->arena, NAMES_TRAITS, name, &trait, err);
    if (r == -ENOENT) {
        trait = (struct name){ .created_at = server_now_us(rq->server) };
        r = name_insert(t, rq->arena, NAMES_TRAITS, name, trait.created_at, err);
        status = r == -EEXIST ? 204 : 201;
    }
    if (r < 0 && r != -EEXIST)
        return r;
    reply_location(rq, arena_printf(rq->arena, "/traits/%s", name));
    return reply_aged_empty(rq, status, trait.created_at);
}

static int delete_trait(struct request *rq, struct err *err)
{
    const char *name = rq_param(rq, "name");
    bool in_use = false;
    struct name trait;
    struct txn *t;
    int r;

    r = find_trait(rq, &t, &trait, err);
    if (r < 0)
        return r;
    if (!is_custom_name(name))
        return err_http(err, 400, NULL, "Cannot delete standard trait %s.", name);
    r = trait_in_use(t, trait.id, &in_use, err);
    if (r >= 0 && in_use)
        return err_http(err, 409, NULL, "The trait %s is in use by a resource provider.", name);
    if (r >= 0)
        r = name_delete(t, rq->arena, NAMES_TRAITS, trait.id, err);
    return r < 0 ? r : reply_empty(rq, 204);
}

/* --- traits of a provider ----------------------------------------------------------------- */

static int reply_traits(struct request *rq, const struct provider *p, const struct names *all,
                        const int64_t *ids, size_t n)
{
    struct jw *w = reply_begin(rq);
    int64_t modified = 0;

    jw_object(w, NULL);
    jw_array(w, "traits");
    for (size_t i = 0; i < n; i++) {
        const struct name *trait = names_at(all, ids[i]);

        if (!trait)
            continue;
        jw_str(w, NULL, trait->name);
        modified = modified_at(trait) > modified ? modified_at(trait) : modified;
    }
    jw_end_array(w);
    jw_int(w, "resource_provider_generation", p->generation);
    jw_end_object(w);
    return reply_aged(rq, 200, modified);
}

static int list_provider_traits(struct request *rq, struct err *err)
{
    struct provider p;
    struct names all;
    int64_t *ids;
    struct txn *t;
    size_t n;
    int r;

    r = read_provider(rq, &t, &p, err);
    if (r >= 0)
        r = names_load(t, rq->arena, NAMES_TRAITS, &all, err);
    if (r >= 0)
        r = provider_traits(t, rq->arena, p.id, &ids, &n, err);
    return r < 0 ? r : reply_traits(rq, &p, &all, ids, n);
}

/* The numbers of the traits named, each once. */
static int find_ids(struct request *rq, const struct names *all, const json_t *list, int64_t **ret,
                    size_t *ret_n, struct err *err)
{
    const char **names = json_strv(rq->arena, list);
    int64_t *ids = arena_array(rq->arena, int64_t, strv_len(names) + 1);
    const char **missing = NULL;
    size_t n = 0, k;

    if (!names)
        return body_refuse(err, "type", "a trait is not of type 'string'");
    strv_foreach (name, names) {
        const struct name *trait = names_find(all, *name);

        if (!**name || strlen(*name) > 255)
            return body_refuse(err, **name ? "maxLength" : "minLength", "'%.100s' is too %s", *name,
                               **name ? "long" : "short");
        if (!trait) {
            missing = strv_add(rq->arena, missing, *name);
            continue;
        }
        for (k = 0; k < n && ids[k] != trait->id; k++)
            ;
        if (k == n)
            ids[n++] = trait->id;
    }
    if (missing)
        return err_http(err, 400, NULL, "No such trait %.900s", strv_join(rq->arena, missing, ", "));
    *ret = ids;
    *ret_n = n;
    return 0;
}

static int set_provider_traits(struct request *rq, struct err *err)
{
    struct traits_body in = { 0 };
    struct provider p;
    int64_t *ids = NULL;
    struct names all;
    struct txn *t;
    size_t n = 0;
    int r;

    r = body_required(rq, err);
    if (r >= 0)
        r = body_read(rq, fields, NULL, &in, err);
    if (r >= 0)
        r = lock_provider(rq, &t, &p, err);
    if (r >= 0 && p.generation != in.resource_provider_generation)
        return generation_conflict(
            err,
            "Resource provider's generation already changed. Please update the generation and try again.");
    if (r >= 0)
        r = names_load(t, rq->arena, NAMES_TRAITS, &all, err);
    if (r >= 0)
        r = find_ids(rq, &all, json_object_get(rq->json, "traits"), &ids, &n, err);
    if (r >= 0)
        r = provider_set_traits(t, p.id, ids, n, err);
    if (r >= 0)
        r = provider_touch(t, &p, server_now_us(rq->server), err);
    return r < 0 ? r : reply_traits(rq, &p, &all, ids, n);
}

static int delete_provider_traits(struct request *rq, struct err *err)
{
    struct provider p;
    struct txn *t;
    int r;

    r = lock_provider(rq, &t, &p, err);
    if (r >= 0)
        r = provider_set_traits(t, p.id, NULL, 0, err);
    if (r >= 0)
        r = provider_touch(t, &p, server_now_us(rq->server), err);
    return r < 0 ? r : reply_empty(rq, 204);
}

#define OF_PROVIDER "/resource_providers/{uuid}/traits"
#define RP          "placement:resource_providers:traits:"

/* clang-format off */
const struct route trait_routes[] = {
    { HTTP_GET,    "/traits",        "placement:traits:list",   list_traits,            .since = VERSION_TRAITS },
    { HTTP_GET,    "/traits/{name}", "placement:traits:show",   show_trait,             .since = VERSION_TRAITS },
    { HTTP_PUT,    "/traits/{name}", "placement:traits:update", put_trait,              .since = VERSION_TRAITS },
    { HTTP_DELETE, "/traits/{name}", "placement:traits:delete", delete_trait,           .since = VERSION_TRAITS },
    { HTTP_GET,    OF_PROVIDER,      RP "list",                 list_provider_traits,   .since = VERSION_TRAITS },
    { HTTP_PUT,    OF_PROVIDER,      RP "update",               set_provider_traits,    .since = VERSION_TRAITS },
    { HTTP_DELETE, OF_PROVIDER,      RP "delete",               delete_provider_traits, .since = VERSION_TRAITS },
    { 0 },
};
/* clang-format on */

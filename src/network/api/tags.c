/* SPDX-License-Identifier: Apache-2.0 */
/* /v2.0/{networks,…}/{id}/tags */
#include "base/str.h"
#include "network/api/common.h"
#include "network/api/routes.h"
#include "network/store/groups.h"
#include "network/store/networks.h"
#include "network/store/ports.h"
#include "network/store/routers.h"
#include "network/store/subnet_pools.h"

#define TAG_MAX  255
#define TAGS_MAX 50

/* What has tags: the collection's name in the path, and where they are. */
static const struct tagged {
    const char *path, *name;
    const struct table *table;
    size_t tags, revision, updated, project, id;
    const char *not_found, *label;
} kinds[] = {
#define TAGGED(path, name, table, st, not_found, label)                                                \
    {                                                                                                  \
        path, name, &table, offsetof(struct st, tags), offsetof(struct st, revision_number),           \
            offsetof(struct st, updated_at), offsetof(struct st, project_id), offsetof(struct st, id), \
            not_found, label                                                                           \
    }
    TAGGED("networks", "network", network_table, network, "NetworkNotFound", "Network"),
    TAGGED("subnetpools", "subnetpool", subnet_pool_table, subnet_pool, "SubnetPoolNotFound", "Subnet pool"),
    TAGGED("subnets", "subnet", subnet_table, subnet, "SubnetNotFound", "Subnet"),
    TAGGED("ports", "port", port_table, port, "PortNotFound", "Port"),
    TAGGED("routers", "router", l3_router_table, l3_router, "RouterNotFound", "Router"),
    TAGGED("floatingips", "floatingip", floating_ip_table, floating_ip, "FloatingIPNotFound", "Floating IP"),
    TAGGED("security-groups", "security_group", security_group_table, security_group, "SecurityGroupNotFound",
           "Security group"),
};

struct tags_of {
    const struct tagged *kind;
    char *obj;
    const char *project_id;
    const char **tags;
    const char *tag; /* In the path, or null. */
};

static const struct field target_fields[] = {
    FIELD(FIELD_STRING, tags_of, project_id),
    FIELD_AS("network:project_id", FIELD_STRING, tags_of, project_id),
    { 0 },
};

static const struct tagged *kind_of(const struct request *rq)
{
    const char *path = strchr(rq->route->path + 1, '/') + 1; /* Behind "/v2.0/". */

    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
        if (str_has_prefix(path, kinds[i].path) && path[strlen(kinds[i].path)] == '/')
            return &kinds[i];
    return NULL;
}

static const char *verb_of(const struct request *rq)
{
    if (rq->http->method == HTTP_PUT)
        return "update";
    return rq->http->method == HTTP_DELETE ? "delete" : "get";
}

/* The object, if the asker may know of it, and the tags it has. */
static int load(struct request *rq, struct err *err)
{
    struct tags_of *t = arena_new(rq->arena, struct tags_of);
    const char *id = rq_param(rq, "id");
    struct net_ctx *c;
    int r = net_begin(rq, &c, err);

    t->kind = kind_of(rq);
    if (!t->kind)
        return err_http(err, 404, NULL, "The resource could not be found.");
    t->obj = arena_alloc(rq->arena, t->kind->table->size);
    if (r >= 0)
        r = table_get(c->t, c->a, t->kind->table, id, t->obj, err);
    if (r < 0 && r != -ENOENT)
        return r;
    t->project_id = *(const char **) (t->obj + t->kind->project);
    t->tags = *(const char ***) (t->obj + t->kind->tags);
    t->tag = rq_param(rq, "tag");
    rq->object = t;
    if (r >= 0 && rq_authorize(rq, arena_printf(rq->arena, "%s_%s:tags", verb_of(rq), t->kind->name),
                               target_fields, t, err) >= 0)
        return 0;
    if (r >= 0 && str_eq(t->project_id, rq->token->project_id))
        return -EACCES;
    return err_http(err, 404, t->kind->not_found, "%s %.255s could not be found.", t->kind->label, id);
}

static int write_tags(struct request *rq, struct tags_of *t, struct err *err)
{
    static const char *const only[] = { "tags", "revision_number", "updated_at", NULL };
    struct net_ctx *c;
    int r = net_begin(rq, &c, err);

    if (r < 0)
        return r;
    *(const char ***) (t->obj + t->kind->tags) = t->tags;
    ++*(int64_t *) (t->obj + t->kind->revision);
    *(int64_t *) (t->obj + t->kind->updated) = c->now_us;
    return table_update(c->t, c->a, t->kind->table, t->obj, only, err);
}

static int check_tag(struct request *rq, const char *tag, struct err *err)
{
    auto_json json_t *v = json_string(tag);

    if (str_empty(tag) || str_utf8_len(tag) > TAG_MAX)
        return rq->server->service->dialect->bad_field(rq, err, "tags", v, "must have 1 to 255 characters");
    return 0;
}

static int not_found(const struct tags_of *t, struct err *err)
{
    return err_http(err, 404, "TagNotFound", "Tag %.255s could not be found.", t->tag);
}

static int reply_tags(struct request *rq, const struct tags_of *t)
{
    struct jw *w = reply_begin(rq);

    jw_object(w, NULL);
    jw_strv(w, "tags", (const char *const *) t->tags);
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int list_tags(struct request *rq, struct err *err)
{
    return reply_tags(rq, rq->object);
}

static int show_tag(struct request *rq, struct err *err)
{
    const struct tags_of *t = rq->object;

    return strv_contains(t->tags, t->tag) ? reply_empty(rq, 204) : not_found(t, err);
}

static int replace_tags(struct request *rq, struct err *err)
{
    const json_t *in = json_object_get(rq->json, "tags");
    const char **tags = json_is_array(in) ? json_strv(rq->arena, in) : NULL;
    struct tags_of *t = rq->object;
    int r = 0;

    if (!in)
        return rq->server->service->dialect->missing_field(rq, err, "tags");
    if (!json_is_array(in) || (json_array_size(in) && !tags) || json_array_size(in) > TAGS_MAX)
        return rq->server->service->dialect->bad_field(rq, err, "tags", in,
                                                       "is not a list of at most 50 tags");
    t->tags = NULL;
    strv_foreach (tag, tags) {
        r = r < 0 ? r : check_tag(rq, *tag, err);
        if (r >= 0 && !strv_contains(t->tags, *tag))
            t->tags = strv_add(rq->arena, t->tags, *tag);
    }
    if (r >= 0)
        r = write_tags(rq, t, err);
    return r < 0 ? r : reply_tags(rq, t);
}

static int add_tag(struct request *rq, struct err *err)
{
    struct tags_of *t = rq->object;
    int r = check_tag(rq, t->tag, err);

    if (r >= 0 && !strv_contains(t->tags, t->tag)) {
        if (strv_len(t->tags) >= TAGS_MAX)
            return err_http(err, 400, "BadRequest", "An object has at most %d tags.", TAGS_MAX);
        t->tags = strv_add(rq->arena, t->tags, t->tag);
        r = write_tags(rq, t, err);
    }
    return r < 0 ? r : reply_empty(rq, 201);
}

static int remove_tag(struct request *rq, struct err *err)
{
    struct tags_of *t = rq->object;
    const char **left = NULL;
    int r;

    if (!strv_contains(t->tags, t->tag))
        return not_found(t, err);
    strv_foreach (tag, t->tags)
        if (!str_eq(*tag, t->tag))
            left = strv_add(rq->arena, left, *tag);
    t->tags = left;
    r = write_tags(rq, t, err);
    return r < 0 ? r : reply_empty(rq, 204);
}

static int remove_tags(struct request *rq, struct err *err)
{
    struct tags_of *t = rq->object;
    int r;

    t->tags = NULL;
    r = write_tags(rq, t, err);
    return r < 0 ? r : reply_empty(rq, 204);
}

/* The rule depends on what the object is: load() asks it. */
/* clang-format off */
#define TAG_ROUTES(path)                                                                     \
    { HTTP_GET,    path "/{id}/tags",       POLICY_OWN, list_tags,    .load = load },        \
    { HTTP_PUT,    path "/{id}/tags",       POLICY_OWN, replace_tags, .load = load,          \
      .in = net_no_fields, .in_size = 1, .flags = ROUTE_IGNORE_UNKNOWN },                    \
    { HTTP_DELETE, path "/{id}/tags",       POLICY_OWN, remove_tags,  .load = load },        \
    { HTTP_GET,    path "/{id}/tags/{tag}", POLICY_OWN, show_tag,     .load = load },        \
    { HTTP_PUT,    path "/{id}/tags/{tag}", POLICY_OWN, add_tag,      .load = load },        \
    { HTTP_DELETE, path "/{id}/tags/{tag}", POLICY_OWN, remove_tag,   .load = load }

const struct route net_tag_routes[] = {
    TAG_ROUTES("/v2.0/networks"),
    TAG_ROUTES("/v2.0/subnets"),
    TAG_ROUTES("/v2.0/ports"),
    TAG_ROUTES("/v2.0/routers"),
    TAG_ROUTES("/v2.0/floatingips"),
    TAG_ROUTES("/v2.0/security-groups"),
    TAG_ROUTES("/v2.0/subnetpools"),
    { 0 },
};
/* clang-format on */

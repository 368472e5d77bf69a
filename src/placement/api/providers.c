/* SPDX-License-Identifier: Apache-2.0 */
/* /resource_providers */
#include "placement/store/providers.h"

#include "base/str.h"
#include "base/uuid.h"
#include "placement/api/common.h"
#include "placement/api/providers.h"
#include "placement/api/routes.h"

#define VERSION_TREES     14
#define VERSION_POST_BODY 20
#define VERSION_MOVE      37

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

static int reply_provider(struct request *rq, const struct provider *p)
{
    provider_write(rq, reply_begin(rq), p);
    return reply_aged(rq, 200, provider_modified_at(p));
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

    r = change_provider(rq, &t, &p, err);
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

    r = read_provider(rq, &t, &p, err);
    return r < 0 ? r : reply_provider(rq, &p);
}

static int delete_provider(struct request *rq, struct err *err)
{
    const char *uuid = rq_param(rq, "uuid");
    int64_t children = 0, used = 0;
    struct provider p;
    struct txn *t;
    int r;

    r = lock_provider(rq, &t, &p, err);
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
    { HTTP_GET,    "/resource_providers",        "placement:resource_providers:list",   providers_list },
    { HTTP_POST,   "/resource_providers",        "placement:resource_providers:create", create_provider },
    { HTTP_GET,    "/resource_providers/{uuid}", "placement:resource_providers:show",   show_provider },
    { HTTP_PUT,    "/resource_providers/{uuid}", "placement:resource_providers:update", update_provider },
    { HTTP_DELETE, "/resource_providers/{uuid}", "placement:resource_providers:delete", delete_provider },
    { 0 },
};
/* clang-format on */

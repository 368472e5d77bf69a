/* SPDX-License-Identifier: Apache-2.0 */
#include "image/api/common.h"

#include "base/str.h"
#include "image/store/images.h"
#include "image/store/members.h"

bool image_caller_is_admin(struct request *rq)
{
    return rq_can(rq, "context_is_admin");
}

/* What policy may ask about an image, beside its custom properties. */
static const struct field target_fields[] = {
    FIELD_AS("image_id", FIELD_STRING, image, id),
    FIELD_AS("project_id", FIELD_STRING, image, owner),
    FIELD_AS("tenant", FIELD_STRING, image, owner),
    FIELD(FIELD_STRING, image, owner),
    FIELD(FIELD_STRING, image, name),
    FIELD(FIELD_STRING, image, status),
    FIELD(FIELD_STRING, image, visibility),
    FIELD(FIELD_STRING, image, member_id),
    FIELD(FIELD_STRING, image, container_format),
    FIELD(FIELD_STRING, image, disk_format),
    FIELD_AS("protected", FIELD_BOOL, image, is_protected),
    FIELD(FIELD_BOOL, image, os_hidden),
    { 0 },
};

static const char *target_get(const void *ctx, struct arena *a, const char *name)
{
    const struct image *i = ctx;
    const struct field *f = field_named(target_fields, name);
    const struct image_property *p;
    const char *v;

    if (!f) {
        p = image_property_get(i, name);
        return p ? p->value : NULL;
    }
    v = field_text(a, f, i);
    return v ? v : POLICY_NONE;
}

bool image_allows(struct request *rq, const char *rule, const struct image *i)
{
    return rq_can_target(rq, rule, &(struct policy_target){ target_get, i });
}

static int not_found(const char *id, struct err *err)
{
    return err_http(err, 404, NULL, "No image found with ID %.255s", id);
}

int image_authorize(struct request *rq, const char *rule, const struct image *i, struct err *err)
{
    if (image_allows(rq, rule, i))
        return 0;
    if (!image_allows(rq, "get_image", i))
        return not_found(i->id, err);
    return err_http(err, 403, NULL, "You are not authorized to complete %s action.", rule);
}

int image_authorize_change(struct request *rq, const char *rule, const struct image *i, struct err *err)
{
    int r = image_authorize(rq, rule, i, err);

    if (r < 0 || rq->server->opt.enforce_new_defaults || image_caller_is_admin(rq))
        return r;
    if (!i->owner || !str_eq(i->owner, rq->token->project_id))
        return err_http(err, 403, NULL, "You do not own this image");
    return 0;
}

int image_authorize_visibility(struct request *rq, const struct image *i, const char *visibility,
                               struct err *err)
{
    if (str_eq(visibility, "public"))
        return image_authorize(rq, "publicize_image", i, err);
    if (str_eq(visibility, "community"))
        return image_authorize(rq, "communitize_image", i, err);
    return 0;
}

/* Sets member_id; true when the caller may know of the image. */
static int may_know(struct request *rq, struct txn *t, struct image *i, bool *ret, struct err *err)
{
    const char *project = rq->token->project_id;
    struct image_member m;
    int r;

    *ret = !i->owner || str_eq(i->owner, project) || str_eq(i->visibility, "public") ||
           str_eq(i->visibility, "community");
    if (!*ret && project && str_eq(i->visibility, "shared")) {
        r = image_member_find(t, rq->arena, i->id, project, &m, err);
        if (r < 0 && r != -ENOENT)
            return r;
        if (r >= 0)
            i->member_id = project;
        *ret = r >= 0;
        err_clear(err);
    }
    *ret = *ret || image_caller_is_admin(rq);
    return 0;
}

int image_reload(struct request *rq, struct image **ret, struct err *err)
{
    const char *id = rq_param(rq, "image_id");
    struct image *i = arena_new(rq->arena, struct image);
    struct list one = { i, 1, sizeof(*i), false };
    bool known = false;
    struct txn *t;
    int r;

    r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = table_get(t, rq->arena, &image_table, id, i, err);
    if (r >= 0)
        r = may_know(rq, t, i, &known, err);
    if (r == -ENOENT || (r >= 0 && !known))
        return not_found(id, err);
    if (r >= 0)
        r = image_expand(t, rq->arena, &one, err);
    if (r >= 0)
        *ret = i;
    return r;
}

int image_load(struct request *rq, struct err *err)
{
    struct image *i;
    int r = image_reload(rq, &i, err);

    if (r >= 0)
        rq->object = i;
    return r;
}

struct image_property *image_property_get(const struct image *i, const char *name)
{
    for (struct image_property *p = i->properties; p && p->name; p++)
        if (strcmp(p->name, name) == 0)
            return p;
    return NULL;
}

/* --- showing ----------------------------------------------------------------- */

bool image_has_data(const struct image *i)
{
    return str_eq(i->status, "active") || str_eq(i->status, "deactivated");
}

void image_write_location(struct request *rq, struct jw *w, const struct image *i)
{
    const struct image_state *s = image_of(rq);

    jw_object(w, NULL);
    jw_str(w, "url", s->driver->url(s->store, rq->arena, i->id));
    jw_object(w, "metadata");
    jw_str(w, "store", s->driver->name);
    jw_end_object(w);
    jw_end_object(w);
}

/* Only where the operator wants it: a place is of no use to users, and tells of
 * the inside. */
static void write_direct_url(struct request *rq, struct jw *w, const struct image *i)
{
    const struct image_state *s = image_of(rq);

    if (s->opt->show_image_direct_url && image_has_data(i) && image_allows(rq, "get_image_location", i))
        jw_str(w, "direct_url", s->driver->url(s->store, rq->arena, i->id));
}

void image_write(struct request *rq, struct jw *w, const char *name, const struct image *i)
{
    jw_object(w, name);
    for (const struct image_property *p = i->properties; p && p->name; p++)
        jw_str(w, p->name, p->value);
    fields_write(rq, w, image_resource.fields, i);
    jw_strv(w, "tags", i->tags);
    if (image_has_data(i))
        jw_str(w, "stores", image_of(rq)->driver->name);
    write_direct_url(rq, w, i);
    jw_printf(w, "self", "/v2/images/%s", i->id);
    jw_printf(w, "file", "/v2/images/%s/file", i->id);
    jw_str(w, "schema", "/v2/schemas/image");
    jw_end_object(w);
}

int image_reply(struct request *rq, const struct image *i, int status)
{
    image_write(rq, reply_begin(rq), NULL, i);
    return reply_end(rq, status);
}

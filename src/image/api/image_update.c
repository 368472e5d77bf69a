/* SPDX-License-Identifier: Apache-2.0 */
/* PATCH /v2/images/{image_id}: JSON patches of both media types.  Each change
 * is checked for itself, then all are made, in order, or none. */
#include "image/api/image_update.h"

#include "base/str.h"
#include "image/api/common.h"
#include "image/model/check.h"
#include "image/model/patch.h"
#include "image/store/images.h"

#define TYPE_DRAFT_4  "application/openstack-images-v2.0-json-patch"
#define TYPE_DRAFT_10 "application/openstack-images-v2.1-json-patch"

static bool is_type(const char *have, const char *want)
{
    size_t n = strlen(want);

    return have && strncasecmp(have, want, n) == 0 && (!have[n] || have[n] == ';' || have[n] == ' ');
}

static int read_draft(struct request *rq, bool *ret_draft_4, struct err *err)
{
    const char *type = rq_header(rq, "Content-Type");

    *ret_draft_4 = is_type(type, TYPE_DRAFT_4);
    if (*ret_draft_4 || is_type(type, TYPE_DRAFT_10))
        return 0;
    reply_header(rq, "Accept-Patch", TYPE_DRAFT_4 ", " TYPE_DRAFT_10);
    return err_http(err, 415, NULL, "Image PATCH expects Content-Type one of: %s, %s", TYPE_DRAFT_4,
                    TYPE_DRAFT_10);
}

/* --- one change ------------------------------------------------------------------ */

static int replace_format(const struct image *i, const char *name, struct err *err)
{
    if (str_eq(i->status, "queued") || str_eq(i->status, "importing"))
        return 0;
    return err_http(err, 403, NULL, "Attribute %s can be only replaced for a queued image.", name);
}

static int check_base_change(struct request *rq, const struct image *i, const struct patch *p,
                             struct err *err)
{
    if (p->op == PATCH_REMOVE)
        return err_http(err, 403, NULL, "Property %s may not be removed.", p->name);
    if (p->op == PATCH_ADD && p->draft_4)
        return err_http(err, 409, NULL, "Property %s already present.", p->name);
    if (str_eq(p->name, "owner") && !image_caller_is_admin(rq))
        return err_http(err, 403, NULL, "Owner can't be updated by non admin.");
    if (str_eq(p->name, "disk_format") || str_eq(p->name, "container_format"))
        return replace_format(i, p->name, err);
    if (str_eq(p->name, "visibility"))
        return image_authorize_visibility(rq, i, json_string_value(p->value), err);
    return 0;
}

static int change_base(struct request *rq, struct image *i, const struct patch *p, struct err *err)
{
    auto_json json_t *one = NULL;
    uint64_t given;
    int r = check_base_change(rq, i, p, err);

    if (r < 0)
        return r;
    one = json_pack("{s:O}", p->name, p->value);
    r = fields_read(rq, image_resource.fields, ON_UPDATE, UNKNOWN_REFUSE, one, i, &given, err);
    if (r >= 0)
        r = check_formats(image_of(rq)->opt, i, err);
    if (r >= 0 && str_eq(p->name, "tags"))
        r = check_tags(image_of(rq)->opt, rq->arena, i, err);
    return r;
}

static int change_property(struct request *rq, struct image *i, const struct patch *p, struct err *err)
{
    bool there = image_property_get(i, p->name) != NULL;

    if (p->op == PATCH_ADD && p->draft_4 && there)
        return err_http(err, 409, NULL, "Property %s already present.", p->name);
    if (p->op != PATCH_ADD && !there)
        return err_http(err, 409, NULL, "Property %s does not exist.", p->name);
    set_property(rq->arena, i, p->name, p->op == PATCH_REMOVE ? NULL : json_string_value(p->value));
    return 0;
}

static int change_locations(const struct patch *p, struct err *err)
{
    static const char *const words[] = { "add", "replace", "remove" };

    if (p->op == PATCH_REPLACE && !json_array_size(p->value))
        return err_http(err, 403, NULL, "Cannot set locations to empty list.");
    return err_http(err, 403, NULL, "It's not allowed to %s locations if locations are invisible.",
                    p->op == PATCH_REPLACE ? "update" : words[p->op]);
}

static int change(struct request *rq, struct image *i, const struct patch *p, struct err *err)
{
    const struct field *f = field_named(image_resource.fields, p->name);

    if (str_eq(p->name, "locations"))
        return change_locations(p, err);
    return f && (f->use & ON_UPDATE) ? change_base(rq, i, p, err) : change_property(rq, i, p, err);
}

/* --- all of them ------------------------------------------------------------------- */

static int save(struct request *rq, struct image *i, bool new_properties, struct err *err)
{
    static const char *const only[] = { "name",      "visibility",       "owner",       "is_protected",
                                        "os_hidden", "container_format", "disk_format", "min_disk",
                                        "min_ram",   "updated_at",       NULL };
    struct txn *t;
    int r = new_properties ? check_property_quota(image_of(rq)->opt, i, err) : 0;

    if (r >= 0)
        r = rq_txn(rq, &t, err);
    if (r < 0)
        return r;
    i->updated_at = server_now_us(rq->server);
    r = table_update(t, rq->arena, &image_table, i, only, err);
    if (r >= 0)
        r = image_write_properties(t, i, err);
    return r < 0 ? r : image_write_tags(t, i, err);
}

static bool has_new_property(const struct image *old, const struct image *now)
{
    for (const struct image_property *p = now->properties; p && p->name; p++)
        if (!image_property_get(old, p->name))
            return true;
    return false;
}

int image_update(struct request *rq, struct err *err)
{
    const struct image *old = rq->object;
    struct image *i = arena_memdup(rq->arena, old, sizeof(*old));
    struct patch *patches;
    size_t n;
    bool draft_4;
    int r = read_draft(rq, &draft_4, err);

    if (r >= 0)
        r = patch_read(rq->arena, rq->json, draft_4, &patches, &n, err);
    if (r >= 0)
        r = n ? image_authorize_change(rq, "modify_image", old, err)
              : image_authorize(rq, "get_image", old, err);
    for (size_t k = 0; r >= 0 && k < n; k++)
        r = change(rq, i, &patches[k], err);
    if (r >= 0 && n)
        r = save(rq, i, has_new_property(old, i), err);
    return r < 0 ? r : image_reply(rq, i, 200);
}

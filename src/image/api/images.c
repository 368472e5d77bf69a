/* SPDX-License-Identifier: Apache-2.0 */
/* /v2/images: create, show, delete.  Lists are in image_list.c, changes in
 * image_update.c. */
#include "image/store/images.h"
#include "base/str.h"
#include "base/uuid.h"
#include "image/api/common.h"
#include "image/api/image_list.h"
#include "image/api/image_update.h"
#include "image/api/routes.h"
#include "image/model/check.h"

#define I(type, member, uses, ...) FIELD(type, image, member, .use = (uses), __VA_ARGS__)

/* clang-format off */
static const struct field fields[] = {
    I(FIELD_STRING, name, ON_IN | ON_SHOW | ON_SORT, .nullable = true, .max = 255),
    I(FIELD_STRING, disk_format, ON_IN | ON_SHOW | ON_SORT, .nullable = true),
    I(FIELD_STRING, container_format, ON_IN | ON_SHOW | ON_SORT, .nullable = true),
    I(FIELD_STRING, visibility, ON_IN | ON_SHOW, .value = "shared", .choices = "community|public|private|shared"),
    I(FIELD_INT, size, ON_SHOW | ON_SORT),
    I(FIELD_INT, virtual_size, ON_SHOW),
    I(FIELD_STRING, status, ON_SHOW | ON_SORT),
    I(FIELD_STRING, checksum, ON_SHOW),
    FIELD_AS("protected", FIELD_BOOL, image, is_protected, .use = ON_IN | ON_SHOW),
    I(FIELD_INT, min_ram, ON_IN | ON_SHOW, .max = IMAGE_MIN_MAX),
    I(FIELD_INT, min_disk, ON_IN | ON_SHOW, .max = IMAGE_MIN_MAX),
    I(FIELD_STRING, owner, ON_IN | ON_SHOW, .nullable = true, .max = 255),
    I(FIELD_BOOL, os_hidden, ON_IN | ON_SHOW),
    I(FIELD_STRING, os_hash_algo, ON_SHOW),
    I(FIELD_STRING, os_hash_value, ON_SHOW),
    I(FIELD_STRING, id, ON_CREATE | ON_SHOW | ON_SORT, .check = check_image_id),
    I(FIELD_TIME, created_at, ON_SHOW | ON_SORT),
    I(FIELD_TIME, updated_at, ON_SHOW | ON_SORT),
    I(FIELD_STRV, tags, ON_IN),
    { 0 },
};
/* clang-format on */

const struct resource image_resource = {
    .singular = "image",
    .plural = "images",
    .table = &image_table,
    .fields = fields,
};

/* --- create ------------------------------------------------------------------ */

static int check_new_owner(struct request *rq, const struct image *i, struct err *err)
{
    bool may = image_allows(rq, "add_image", i), own = str_eq(i->owner, rq->token->project_id);

    /* The deprecated rule lets everybody; what is made for others is for who administers. */
    if (may && (own || rq->server->opt.enforce_new_defaults || image_caller_is_admin(rq)))
        return image_authorize_visibility(rq, i, i->visibility, err);
    if (!own)
        return err_http(err, 403, NULL, "You are not permitted to create images owned by '%s'",
                        i->owner ? i->owner : "None");
    return err_http(err, 403, NULL, "You are not authorized to complete %s action.", "add_image");
}

static int read_new(struct request *rq, struct image *i, struct err *err)
{
    uint64_t given;
    int r;

    if (!rq->json)
        return err_http(err, 400, NULL, "Body expected in request.");
    r = check_names_of_new(rq->json, err);
    if (r >= 0)
        r = fields_read(rq, fields, ON_CREATE, UNKNOWN_IGNORE, rq->json, i, &given, err);
    if (r >= 0)
        r = check_formats(image_of(rq)->opt, i, err);
    if (r >= 0)
        r = check_tags(image_of(rq)->opt, rq->arena, i, err);
    if (r >= 0)
        r = read_properties(rq->arena, rq->json, fields, i, err);
    if (r >= 0)
        r = check_property_quota(image_of(rq)->opt, i, err);
    if (r < 0)
        return r;
    if (!json_object_get(rq->json, "owner"))
        i->owner = rq->token->project_id;
    if (!i->id)
        i->id = uuid_new(rq->arena);
    i->status = "queued";
    i->size = i->virtual_size = FIELD_NULL_INT;
    i->created_at = i->updated_at = server_now_us(rq->server);
    return 0;
}

static int insert(struct request *rq, const struct image *i, struct err *err)
{
    bool was_deleted;
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    if (r >= 0)
        r = image_was_deleted(t, i->id, &was_deleted, err);
    if (r >= 0)
        r = was_deleted ? -EEXIST : table_insert(t, rq->arena, &image_table, i, err);
    if (r == -EEXIST)
        return err_http(err, 409, NULL, "Image ID %s already exists!", i->id);
    if (r >= 0)
        r = image_write_properties(t, i, err);
    return r < 0 ? r : image_write_tags(t, i, err);
}

static int create(struct request *rq, struct err *err)
{
    struct image *i = arena_new(rq->arena, struct image);
    int r = read_new(rq, i, err);

    if (r >= 0)
        r = check_new_owner(rq, i, err);
    if (r >= 0)
        r = insert(rq, i, err);
    if (r < 0)
        return r;
    reply_header(rq, "Location", arena_printf(rq->arena, "%s/v2/images/%s", rq_base_url(rq), i->id));
    if (strv_len(image_of(rq)->opt->enabled_import_methods))
        reply_header(rq, "OpenStack-image-import-methods",
                     strv_join(rq->arena, image_of(rq)->opt->enabled_import_methods, ","));
    reply_header(rq, "OpenStack-image-store-ids", image_of(rq)->driver->name);
    return image_reply(rq, i, 201);
}

/* --- show, delete --------------------------------------------------------------- */

static int show(struct request *rq, struct err *err)
{
    int r = image_authorize(rq, "get_image", rq->object, err);

    return r < 0 ? r : image_reply(rq, rq->object, 200);
}

/* Once nobody can find the image its bytes may go.  What a crash in between
 * leaves is removed at the next start. */
static void remove_data(struct request *rq, void *ctx)
{
    const struct image_state *s = image_of(rq);
    struct err err = { 0 };
    const char *id = ctx;

    if (s->driver->remove(s->store, IMAGE_DATA, id, &err) < 0 ||
        s->driver->remove(s->store, IMAGE_STAGING, id, &err) < 0)
        log_error(&rq->server->log, "the data of a deleted image stays", "image", id, "why", err.msg);
}

static int delete (struct request *rq, struct err *err)
{
    struct image *i = rq->object;
    struct txn *t;
    int r = image_authorize_change(rq, "delete_image", i, err);

    if (r < 0)
        return r;
    if (i->is_protected)
        return err_http(err, 403, NULL, "Image %s is protected and cannot be deleted.", i->id);
    r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = image_forget(t, i->id, server_now_us(rq->server), err);
    if (r < 0)
        return r;
    rq_after_commit(rq, remove_data, (void *) i->id);
    return reply_empty(rq, 204);
}

/* clang-format off */
const struct route image_routes[] = {
    { HTTP_GET,    "/v2/images",            "get_images", image_list },
    { HTTP_POST,   "/v2/images",            POLICY_OWN,   create },
    { HTTP_GET,    "/v2/images/{image_id}", POLICY_OWN,   show,         .load = image_load },
    { HTTP_PATCH,  "/v2/images/{image_id}", POLICY_OWN,   image_update, .load = image_load },
    { HTTP_DELETE, "/v2/images/{image_id}", POLICY_OWN,   delete,       .load = image_load },
    { 0 },
};
/* clang-format on */

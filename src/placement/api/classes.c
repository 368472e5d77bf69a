/* SPDX-License-Identifier: Apache-2.0 */
/* /resource_classes */
#include "base/str.h"
#include "placement/api/common.h"
#include "placement/api/routes.h"

#define VERSION_CLASSES 2
#define VERSION_ENSURE  7 /* PUT makes it, without a body. */

struct class_body {
    const char *name;
};

static const char *check_custom(const char *name)
{
    return is_custom_name(name) || strlen(name) > 255 ? NULL : "does not match '^CUSTOM_[A-Z0-9_]+$'";
}

static const struct field fields[] = {
    FIELD(FIELD_STRING, class_body, name, .use = ON_CREATE, .required = true, .max = 255,
          .check = check_custom),
    { 0 },
};

static int64_t modified_at(const struct name *n)
{
    return n->updated_at ? n->updated_at : n->created_at;
}

static void write_class(struct jw *w, const char *name)
{
    jw_object(w, NULL);
    jw_str(w, "name", name);
    jw_array(w, "links");
    jw_object(w, NULL);
    jw_str(w, "rel", "self");
    jw_printf(w, "href", "/resource_classes/%s", name);
    jw_end_object(w);
    jw_end_array(w);
    jw_end_object(w);
}

static int list_classes(struct request *rq, struct err *err)
{
    int64_t modified = 0;
    struct names all;
    struct txn *t;
    struct jw *w;
    int r;

    r = accept_json(rq, err);
    if (r >= 0)
        r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = names_load(t, rq->arena, NAMES_CLASSES, &all, err);
    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_array(w, "resource_classes");
    for (size_t i = 0; i < all.count; i++) {
        write_class(w, all.items[i].name);
        modified = modified_at(&all.items[i]) > modified ? modified_at(&all.items[i]) : modified;
    }
    jw_end_array(w);
    jw_end_object(w);
    return reply_aged(rq, 200, modified);
}

static int find_class(struct request *rq, struct txn **t, struct name *ret, struct err *err)
{
    const char *name = rq_param(rq, "name");
    int r;

    r = rq_txn(rq, t, err);
    if (r >= 0)
        r = name_get(*t, rq->arena, NAMES_CLASSES, name, ret, err);
    return r == -ENOENT ? err_http(err, 404, NULL, "No such resource class %.255s.", name) : r;
}

static int show_class(struct request *rq, struct err *err)
{
    struct name class;
    struct txn *t;
    int r;

    r = accept_json(rq, err);
    if (r >= 0)
        r = find_class(rq, &t, &class, err);
    if (r < 0)
        return r;
    write_class(reply_begin(rq), class.name);
    return reply_aged(rq, 200, modified_at(&class));
}

static int create_class(struct request *rq, struct err *err)
{
    struct class_body in = { 0 };
    struct txn *t;
    int r;

    r = body_required(rq, err);
    if (r >= 0)
        r = body_read(rq, fields, NULL, &in, err);
    if (r >= 0)
        r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = name_insert(t, rq->arena, NAMES_CLASSES, in.name, server_now_us(rq->server), err);
    if (r == -EEXIST)
        return err_http(err, 409, NULL, "Conflicting resource class already exists: %s", in.name);
    if (r < 0)
        return r;
    reply_location(rq, arena_printf(rq->arena, "/resource_classes/%s", in.name));
    return reply_empty(rq, 201);
}

static int rename_class(struct request *rq, struct err *err)
{
    struct class_body in = { 0 };
    struct name class;
    struct txn *t;
    int r;

    r = body_required(rq, err);
    if (r >= 0)
        r = body_read(rq, fields, NULL, &in, err);
    if (r >= 0)
        r = find_class(rq, &t, &class, err);
    if (r >= 0 && !is_custom_name(class.name))
        return err_http(err, 400, NULL, "Cannot update standard resource class %s", class.name);
    if (r >= 0)
        r = name_rename(t, rq->arena, NAMES_CLASSES, class.id, in.name, server_now_us(rq->server), err);
    if (r == -EEXIST)
        return err_http(err, 409, NULL, "Resource class already exists: %s", in.name);
    if (r < 0)
        return r;
    write_class(reply_begin(rq), in.name);
    return reply_end(rq, 200);
}

static int ensure_class(struct request *rq, struct err *err)
{
    const char *name = rq_param(rq, "name");
    struct name class;
    int status = 204;
    struct txn *t;
    int r;

    if (strlen(name) > 255)
        return body_refuse(err, "maxLength", "'%.255s' is too long", name);
    if (!is_custom_name(name))
        return body_refuse(err, "pattern", "'%.255s' does not match '^CUSTOM_[A-Z0-9_]+$'", name);
    r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = name_get(t, rq->arena, NAMES_CLASSES, name, &class, err);
    if (r == -ENOENT) {
        r = name_insert(t, rq->arena, NAMES_CLASSES, name, server_now_us(rq->server), err);
        status = r == -EEXIST ? 204 : 201;
    }
    if (r < 0 && r != -EEXIST)
        return r;
    reply_location(rq, arena_printf(rq->arena, "/resource_classes/%s", name));
    return reply_empty(rq, status);
}

static int delete_class(struct request *rq, struct err *err)
{
    bool in_use = false;
    struct name class;
    struct txn *t;
    int r;

    r = find_class(rq, &t, &class, err);
    if (r < 0)
        return r;
    if (!is_custom_name(class.name))
        return err_http(err, 400, NULL,
                        "Error in delete resource class: Cannot delete standard resource class %s.",
                        class.name);
    r = class_in_use(t, class.id, &in_use, err);
    if (r >= 0 && in_use)
        return err_http(err, 409, NULL,
                        "Error in delete resource class: Cannot delete resource class %s. Class is in use in "
                        "inventory.",
                        class.name);
    if (r >= 0)
        r = name_delete(t, rq->arena, NAMES_CLASSES, class.id, err);
    return r < 0 ? r : reply_empty(rq, 204);
}

#define ALL "/resource_classes"
#define ONE "/resource_classes/{name}"
#define P   "placement:resource_classes:"

/* clang-format off */
const struct route class_routes[] = {
    { HTTP_GET,    ALL, P "list",   list_classes, .since = VERSION_CLASSES },
    { HTTP_POST,   ALL, P "create", create_class, .since = VERSION_CLASSES },
    { HTTP_GET,    ONE, P "show",   show_class,   .since = VERSION_CLASSES },
    { HTTP_PUT,    ONE, P "update", rename_class, .since = VERSION_CLASSES, .until = VERSION_ENSURE - 1 },
    { HTTP_PUT,    ONE, P "update", ensure_class, .since = VERSION_ENSURE },
    { HTTP_DELETE, ONE, P "delete", delete_class, .since = VERSION_CLASSES },
    { 0 },
};
/* clang-format on */

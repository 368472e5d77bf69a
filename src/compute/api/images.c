/* SPDX-License-Identifier: Apache-2.0 */
/* images (up to 2.35) and their metadata (up to 2.38): the image service's images in the form that
 * compute's first clients know. */
#include "base/str.h"
#include "base/uuid.h"
#include "compute/api/proxy.h"
#include "compute/api/routes.h"
#include "compute/model/quota.h"
#include "rest/dialect.h"

#define LAST          35
#define LAST_METADATA 38
#define PAGE          1000 /* At most this many images an answer. */

/* Members of an image that are not its properties. */
static const char *const base_members[] = {
    "id",           "name",
    "status",       "visibility",
    "protected",    "owner",
    "checksum",     "size",
    "created_at",   "updated_at",
    "tags",         "self",
    "file",         "schema",
    "min_disk",     "min_ram",
    "disk_format",  "container_format",
    "virtual_size", "direct_url",
    "locations",    "os_hidden",
    "os_hash_algo", "os_hash_value",
    "stores",       "owner_specified",
    NULL,
};

static json_t *properties_of(const json_t *image)
{
    json_t *all = json_object(), *v;
    const char *key;

    json_object_foreach ((json_t *) image, key, v)
        if (!strv_contains(base_members, key))
            json_object_set(all, key, v);
    return all;
}

static const struct {
    const char *image, *shown; /* status */
    int progress;
} states[] = {
    { "active", "ACTIVE", 100 },   { "queued", "SAVING", 25 },         { "saving", "SAVING", 50 },
    { "importing", "SAVING", 50 }, { "uploading", "SAVING", 50 },      { "deleted", "DELETED", 0 },
    { "killed", "ERROR", 0 },      { "pending_delete", "DELETED", 0 },
};

static void write_status(struct jw *w, const char *status)
{
    for (size_t k = 0; k < ARRAY_SIZE(states); k++)
        if (str_eq(states[k].image, status)) {
            jw_str(w, "status", states[k].shown);
            jw_int(w, "progress", states[k].progress);
            return;
        }
    jw_str(w, "status", "UNKNOWN");
    jw_int(w, "progress", 0);
}

static void write_image_links(struct request *rq, struct jw *w, const char *id)
{
    const char *path = arena_printf(rq->arena, "images/%s", id);
    char *glance = NULL;

    jw_array(w, "links");
    jw_object(w, NULL);
    jw_str(w, "rel", "self");
    jw_str(w, "href", own_url(rq, path));
    jw_end_object(w);
    jw_object(w, NULL);
    jw_str(w, "rel", "bookmark");
    jw_str(w, "href", arena_printf(rq->arena, "%s/%s", rq_base_url(rq), path));
    jw_end_object(w);
    if (client_endpoint(rq->server->client, rq->arena, "image", &glance, NULL) >= 0) {
        jw_object(w, NULL);
        jw_str(w, "rel", "alternate");
        jw_str(w, "type", "application/vnd.openstack.image");
        jw_str(w, "href", arena_printf(rq->arena, "%s/images/%s", glance, id));
        jw_end_object(w);
    }
    jw_end_array(w);
}

static void write_server_of(struct request *rq, struct jw *w, const json_t *properties)
{
    const char *id = json_str(properties, "instance_uuid");

    if (str_empty(id))
        return;
    jw_object(w, "server");
    jw_str(w, "id", id);
    write_links(rq, w, arena_printf(rq->arena, "servers/%s", id));
    jw_end_object(w);
}

static void write_image(struct request *rq, struct jw *w, const char *name, const json_t *image, bool detail)
{
    auto_json json_t *properties = properties_of(image);
    const char *config = json_str(properties, "auto_disk_config");
    bool automatic = false;

    jw_object(w, name);
    jw_str(w, "id", json_str(image, "id"));
    jw_str(w, "name", json_str(image, "name"));
    write_image_links(rq, w, json_str(image, "id"));
    if (detail) {
        jw_int(w, "minRam", json_int(image, "min_ram", 0));
        jw_int(w, "minDisk", json_int(image, "min_disk", 0));
        jw_value(w, "metadata", properties);
        jw_str(w, "created", json_str(image, "created_at"));
        jw_str(w, "updated", json_str(image, "updated_at"));
        write_status(w, json_str(image, "status"));
        jw_value(w, "OS-EXT-IMG-SIZE:size", json_object_get(image, "size"));
        write_server_of(rq, w, properties);
        if (config && str_to_bool(config, &automatic) >= 0)
            jw_str(w, "OS-DCF:diskConfig", automatic ? "AUTO" : "MANUAL");
    }
    jw_end_object(w);
}

/* --- lists ------------------------------------------------------------------------------------- */

/* "http://…/servers/ID" or the id alone. */
static const char *last_part(const char *url)
{
    const char *slash = strrchr(url, '/');

    return slash ? slash + 1 : url;
}

static const char *status_asked(struct request *rq, const char *shown)
{
    for (size_t k = 0; k < ARRAY_SIZE(states); k++)
        if (str_eq_nocase(states[k].shown, shown))
            return states[k].image;
    return str_lower(rq->arena, shown);
}

/* The image service's name of a filter, or null: unknown ones are passed over. */
static const char *filter_of(struct request *rq, const struct query_param *p)
{
    static const struct {
        const char *ours, *theirs;
    } names[] = {
        { "name", "name" },       { "minRam", "min_ram" }, { "minDisk", "min_disk" },
        { "type", "image_type" }, { "limit", "limit" },    { "marker", "marker" },
    };

    for (size_t k = 0; k < ARRAY_SIZE(names); k++)
        if (str_eq(names[k].ours, p->name))
            return query_pair(rq->arena, names[k].theirs, p->value);
    if (str_eq(p->name, "status"))
        return query_pair(rq->arena, "status", status_asked(rq, p->value));
    if (str_eq(p->name, "server"))
        return query_pair(rq->arena, "instance_uuid", last_part(p->value));
    if (str_eq(p->name, "changes-since"))
        return query_pair(rq->arena, "updated_at", arena_printf(rq->arena, "gte:%s", p->value));
    if (str_has_prefix(p->name, "property-"))
        return query_pair(rq->arena, p->name + strlen("property-"), p->value);
    return NULL;
}

static int check_limit(struct request *rq, const char **filters, const char ***ret, struct err *err)
{
    const char *limit = rq_query(rq, "limit");
    int64_t n = 0;

    if (limit && (str_to_i64(limit, &n) < 0 || n < 0))
        return err_http(err, 400, NULL, "limit param must be an integer");
    *ret = limit ? filters : strv_add(rq->arena, filters, arena_printf(rq->arena, "limit=%d", PAGE));
    return 0;
}

static void write_next_page(struct request *rq, struct jw *w, const json_t *images, const char *path)
{
    const char **kept = NULL;
    const json_t *last = json_array_get(images, json_array_size(images) - 1);

    for (size_t k = 0; k < rq->n_query; k++)
        if (!str_eq(rq->query[k].name, "marker"))
            kept = strv_add(rq->arena, kept, query_pair(rq->arena, rq->query[k].name, rq->query[k].value));
    kept = strv_add(rq->arena, kept, query_pair(rq->arena, "marker", json_str(last, "id")));
    jw_array(w, "images_links");
    jw_object(w, NULL);
    jw_str(w, "rel", "next");
    jw_str(w, "href", own_url(rq, arena_printf(rq->arena, "%s?%s", path, strv_join(rq->arena, kept, "&"))));
    jw_end_object(w);
    jw_end_array(w);
}

static int reply_images(struct request *rq, bool detail, struct err *err)
{
    auto_json json_t *all = NULL;
    const char **filters = NULL;
    json_t *image, *images;
    struct jw *w;
    size_t k;
    int r;

    for (k = 0; k < rq->n_query; k++) {
        const char *f = filter_of(rq, &rq->query[k]);

        if (f)
            filters = strv_add(rq->arena, filters, f);
    }
    r = check_limit(rq, filters, &filters, err);
    if (r >= 0)
        r = proxy_call(rq, "image", HTTP_GET,
                       arena_printf(rq->arena, "/v2/images?%s", strv_join(rq->arena, filters, "&")), NULL,
                       &all, err);
    if (r < 0)
        return r;
    images = json_arr(all, "images");
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_array(w, "images");
    json_array_foreach (images, k, image)
        write_image(rq, w, NULL, image, detail);
    jw_end_array(w);
    if (json_str(all, "next") && json_array_size(images))
        write_next_page(rq, w, images, detail ? "images/detail" : "images");
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int list_images(struct request *rq, struct err *err)
{
    return reply_images(rq, false, err);
}

static int list_image_details(struct request *rq, struct err *err)
{
    return reply_images(rq, true, err);
}

/* --- one image --------------------------------------------------------------------------------- */

static char *path_of(struct request *rq)
{
    return arena_printf(rq->arena, "/v2/images/%s", rq_param(rq, "image_id"));
}

static int call_image(struct request *rq, enum http_method method, const json_t *body, json_t **ret,
                      struct err *err)
{
    int r = -ENOENT;

    if (uuid_is_valid(rq_param(rq, "image_id")))
        r = proxy_call(rq, "image", method, path_of(rq), body, ret, err);
    return r == -ENOENT ? err_http(err, 404, NULL, "Image not found.") : r;
}

static int show_image(struct request *rq, struct err *err)
{
    auto_json json_t *image = NULL;
    struct jw *w;
    int r = call_image(rq, HTTP_GET, NULL, &image, err);

    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    write_image(rq, w, "image", image, true);
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int delete_image(struct request *rq, struct err *err)
{
    int r = call_image(rq, HTTP_DELETE, NULL, NULL, err);

    return r < 0 ? r : reply_empty(rq, 204);
}

/* --- metadata ---------------------------------------------------------------------------------- */

static int load_properties(struct request *rq, json_t **ret, struct err *err)
{
    auto_json json_t *image = NULL;
    int r = call_image(rq, HTTP_GET, NULL, &image, err);

    if (r >= 0)
        *ret = properties_of(image);
    return r;
}

static int reply_metadata(struct request *rq, const json_t *properties)
{
    struct jw *w = reply_begin(rq);

    jw_object(w, NULL);
    jw_value(w, "metadata", properties);
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int reply_meta(struct request *rq, const char *key, const json_t *value)
{
    struct jw *w = reply_begin(rq);

    jw_object(w, NULL);
    jw_object(w, "meta");
    jw_value(w, key, value);
    jw_end_object(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int list_metadata(struct request *rq, struct err *err)
{
    auto_json json_t *all = NULL;
    int r = load_properties(rq, &all, err);

    return r < 0 ? r : reply_metadata(rq, all);
}

static int show_meta(struct request *rq, struct err *err)
{
    const char *key = rq_param(rq, "key");
    auto_json json_t *all = NULL;
    int r = load_properties(rq, &all, err);

    if (r < 0)
        return r;
    if (!json_object_get(all, key))
        return err_http(err, 404, NULL, "Metadata item was not found");
    return reply_meta(rq, key, json_object_get(all, key));
}

/* A member as JSON patch names it (RFC 6901). */
static const char *pointer(struct arena *a, const char *key)
{
    struct strbuf b = { .arena = a };

    strbuf_putc(&b, '/');
    for (; *key; key++)
        if (*key == '~')
            strbuf_puts(&b, "~0");
        else if (*key == '/')
            strbuf_puts(&b, "~1");
        else
            strbuf_putc(&b, *key);
    return strbuf_str(&b);
}

/* The changes that lead from 'old' to 'wanted'. */
static json_t *patch_between(struct arena *a, const json_t *old, const json_t *wanted)
{
    json_t *patch = json_array(), *v;
    const char *key;

    json_object_foreach ((json_t *) old, key, v)
        if (!json_object_get(wanted, key))
            json_array_append_new(patch, json_pack("{ss ss}", "op", "remove", "path", pointer(a, key)));
    json_object_foreach ((json_t *) wanted, key, v)
        if (!json_equal(json_object_get(old, key), v))
            json_array_append_new(patch,
                                  json_pack("{ss ss sO}", "op", json_object_get(old, key) ? "replace" : "add",
                                            "path", pointer(a, key), "value", v));
    return patch;
}

static int save_properties(struct request *rq, const json_t *old, const json_t *wanted, struct err *err)
{
    auto_json json_t *patch = patch_between(rq->arena, old, wanted), *answer = NULL;
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    if (r >= 0)
        r = quota_check_metadata(rq, t, json_object_size(wanted), err);
    if (r >= 0)
        r = rq_commit(rq, err);
    return r < 0 || !json_array_size(patch) ? r : call_image(rq, HTTP_PATCH, patch, &answer, err);
}

/* 'over': what is there stays unless it is given. */
static int set_metadata(struct request *rq, bool over, struct err *err)
{
    const json_t *in = json_object_get(rq->json, "metadata");
    auto_json json_t *old = NULL, *wanted = NULL;
    int r;

    if (!in)
        return rq->server->service->dialect->missing_field(rq, err, "metadata");
    r = check_string_map(rq, "metadata", in, 255, 255, err);
    if (r >= 0)
        r = load_properties(rq, &old, err);
    if (r < 0)
        return r;
    wanted = over ? json_copy(old) : json_object();
    json_object_update(wanted, (json_t *) in);
    r = save_properties(rq, old, wanted, err);
    return r < 0 ? r : reply_metadata(rq, wanted);
}

static int update_metadata(struct request *rq, struct err *err)
{
    return set_metadata(rq, true, err);
}

static int replace_metadata(struct request *rq, struct err *err)
{
    return set_metadata(rq, false, err);
}

static int set_meta(struct request *rq, struct err *err)
{
    const json_t *in = json_object_get(rq->json, "meta");
    const char *key = rq_param(rq, "key");
    auto_json json_t *old = NULL, *wanted = NULL;
    int r;

    if (!in)
        return rq->server->service->dialect->missing_field(rq, err, "meta");
    r = check_string_map(rq, "meta", in, 255, 255, err);
    if (r < 0)
        return r;
    if (json_object_size(in) != 1 || !json_str(in, key))
        return err_http(err, 400, NULL, "Request body and URI mismatch");
    r = load_properties(rq, &old, err);
    if (r < 0)
        return r;
    wanted = json_copy(old);
    json_object_update(wanted, (json_t *) in);
    r = save_properties(rq, old, wanted, err);
    return r < 0 ? r : reply_meta(rq, key, json_object_get(in, key));
}

static int delete_meta(struct request *rq, struct err *err)
{
    const char *key = rq_param(rq, "key");
    auto_json json_t *old = NULL, *wanted = NULL;
    int r = load_properties(rq, &old, err);

    if (r < 0)
        return r;
    if (!json_object_get(old, key))
        return err_http(err, 404, NULL, "Invalid metadata key");
    wanted = json_copy(old);
    json_object_del(wanted, key);
    r = save_properties(rq, old, wanted, err);
    return r < 0 ? r : reply_empty(rq, 204);
}

#define ONE  "/v2.1/images/{image_id}"
#define OLD  POLICY_TOKEN
#define UP   .until = LAST, .flags = ROUTE_WORKER
#define META .until = LAST_METADATA, .flags = ROUTE_WORKER

/* clang-format off */
const struct route compute_image_routes[] = {
    { HTTP_GET,    "/v2.1/images",        OLD, list_images,        UP },
    { HTTP_GET,    "/v2.1/images/detail", OLD, list_image_details, UP },
    { HTTP_GET,    ONE,                   OLD, show_image,         UP },
    { HTTP_DELETE, ONE,                   OLD, delete_image,       UP },
    { HTTP_GET,    ONE "/metadata",       OLD, list_metadata,      META },
    { HTTP_POST,   ONE "/metadata",       OLD, update_metadata,    META },
    { HTTP_PUT,    ONE "/metadata",       OLD, replace_metadata,   META },
    { HTTP_GET,    ONE "/metadata/{key}", OLD, show_meta,          META },
    { HTTP_PUT,    ONE "/metadata/{key}", OLD, set_meta,           META },
    { HTTP_DELETE, ONE "/metadata/{key}", OLD, delete_meta,        META },
    { 0 },
};
/* clang-format on */

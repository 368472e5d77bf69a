/* SPDX-License-Identifier: Apache-2.0 */
/* /v2/schemas: what images and members look like, in JSON Schema. */
#include "base/str.h"
#include "image/api/routes.h"
#include "image/image.h"

#define UUID_PATTERN "^([0-9a-fA-F]){8}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){12}$"

enum property_flag {
    NULLABLE = 1,
    READ_ONLY = 2,
    DISK_FORMATS = 4,
    CONTAINER_FORMATS = 8,
};

struct property {
    const char *name, *type, *help;
    unsigned flags;
    int max_length;
    const char *choices; /* "a|b" */
    const char *pattern, *items;
};

/* clang-format off */
static const struct property image_properties[] = {
    { "id", "string", "Names the image.", .pattern = UUID_PATTERN },
    { "name", "string", "What people call the image.", NULLABLE, 255 },
    { "status", "string", "What state the image is in.", READ_ONLY, .choices =
      "queued|saving|active|killed|deleted|uploading|importing|pending_delete|deactivated" },
    { "visibility", "string", "Who may use the image.", .choices = "community|public|private|shared" },
    { "protected", "boolean", "Whether the image is safe from deletion." },
    { "os_hidden", "boolean", "Whether lists leave the image out unless they are asked for hidden ones." },
    { "checksum", "string", "MD5 of the data.", NULLABLE | READ_ONLY, 32 },
    { "os_hash_algo", "string", "How os_hash_value was calculated.", NULLABLE | READ_ONLY, 64 },
    { "os_hash_value", "string", "Digest of the data, in hexadecimal digits.", NULLABLE | READ_ONLY, 128 },
    { "owner", "string", "Project that owns the image.", NULLABLE, 255 },
    { "size", "integer", "Bytes of data.", NULLABLE | READ_ONLY },
    { "virtual_size", "integer", "Bytes of the disk that a guest sees.", NULLABLE | READ_ONLY },
    { "container_format", "string", "What is around the disk.", NULLABLE | CONTAINER_FORMATS },
    { "disk_format", "string", "How the disk is written.", NULLABLE | DISK_FORMATS },
    { "created_at", "string", "When the image was made.", READ_ONLY },
    { "updated_at", "string", "When the image was changed last.", READ_ONLY },
    { "tags", "array", "Words that belong to the image.", .items = "{\"type\": \"string\", \"maxLength\": 255}" },
    { "direct_url", "string", "Where the data lies.", READ_ONLY },
    { "min_ram", "integer", "MiB of memory that a server needs for the image." },
    { "min_disk", "integer", "GiB of disk that a server needs for the image." },
    { "self", "string", "Path of the image.", READ_ONLY },
    { "file", "string", "Path of the data.", READ_ONLY },
    { "stores", "string", "Stores that have the data.", READ_ONLY },
    { "schema", "string", "Path of this schema.", READ_ONLY },
    { "locations", "array", "Where the data lies, all places.", .items =
      "{\"type\": \"object\", \"required\": [\"url\", \"metadata\"], \"properties\": "
      "{\"url\": {\"type\": \"string\", \"maxLength\": 255}, \"metadata\": {\"type\": \"object\"}}}" },
    { 0 },
};

static const struct property member_properties[] = {
    { "member_id", "string", "Project with which the image is shared." },
    { "image_id", "string", "The image.", .pattern = UUID_PATTERN },
    { "created_at", "string", "When the image was shared." },
    { "updated_at", "string", "When the status was changed last." },
    { "status", "string", "Whether the project wants the image.", .choices = "pending|accepted|rejected" },
    { "schema", "string", "Path of this schema.", READ_ONLY },
    { 0 },
};
/* clang-format on */

static void write_type(struct jw *w, const struct property *p)
{
    if (!(p->flags & NULLABLE)) {
        jw_str(w, "type", p->type);
        return;
    }
    jw_array(w, "type");
    jw_str(w, NULL, "null");
    jw_str(w, NULL, p->type);
    jw_end_array(w);
}

static void write_enum(struct request *rq, struct jw *w, const struct property *p)
{
    const struct image_options *o = image_of(rq)->opt;
    const char **values = p->flags & DISK_FORMATS        ? o->disk_formats
                          : p->flags & CONTAINER_FORMATS ? o->container_formats
                          : p->choices                   ? str_split(rq->arena, p->choices, '|')
                                                         : NULL;

    if (!values)
        return;
    jw_array(w, "enum");
    if (p->flags & NULLABLE)
        jw_null(w, NULL);
    strv_foreach (v, values)
        jw_str(w, NULL, *v);
    jw_end_array(w);
}

static void write_properties(struct request *rq, struct jw *w, const struct property *properties)
{
    jw_object(w, "properties");
    for (const struct property *p = properties; p->name; p++) {
        jw_object(w, p->name);
        write_type(w, p);
        jw_str(w, "description", p->help);
        if (p->flags & READ_ONLY)
            jw_bool(w, "readOnly", true);
        if (p->max_length)
            jw_int(w, "maxLength", p->max_length);
        if (p->pattern)
            jw_str(w, "pattern", p->pattern);
        if (p->items)
            jw_raw(w, "items", p->items);
        write_enum(rq, w, p);
        jw_end_object(w);
    }
    jw_end_object(w);
}

static void write_link(struct jw *w, const char *rel, const char *href)
{
    jw_object(w, NULL);
    jw_str(w, "rel", rel);
    jw_str(w, "href", href);
    jw_end_object(w);
}

/* The members of one thing's schema, into the open object. */
static void write_image(struct request *rq, struct jw *w)
{
    jw_str(w, "name", "image");
    write_properties(rq, w, image_properties);
    jw_object(w, "additionalProperties");
    jw_str(w, "type", "string");
    jw_end_object(w);
    jw_array(w, "links");
    write_link(w, "self", "{self}");
    write_link(w, "enclosure", "{file}");
    write_link(w, "describedby", "{schema}");
    jw_end_array(w);
}

static void write_member(struct request *rq, struct jw *w)
{
    jw_str(w, "name", "member");
    write_properties(rq, w, member_properties);
}

static void write_text_property(struct jw *w, const char *name)
{
    jw_object(w, name);
    jw_str(w, "type", "string");
    jw_end_object(w);
}

static int reply_one(struct request *rq, void (*one)(struct request *rq, struct jw *w))
{
    struct jw *w = reply_begin(rq);

    jw_object(w, NULL);
    one(rq, w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int reply_many(struct request *rq, const char *name, bool paged,
                      void (*one)(struct request *rq, struct jw *w))
{
    struct jw *w = reply_begin(rq);

    jw_object(w, NULL);
    jw_str(w, "name", name);
    jw_object(w, "properties");
    jw_object(w, name);
    jw_str(w, "type", "array");
    jw_object(w, "items");
    one(rq, w);
    jw_end_object(w);
    jw_end_object(w);
    if (paged) {
        write_text_property(w, "first");
        write_text_property(w, "next");
    }
    write_text_property(w, "schema");
    jw_end_object(w);
    jw_array(w, "links");
    if (paged) {
        write_link(w, "first", "{first}");
        write_link(w, "next", "{next}");
    }
    write_link(w, "describedby", "{schema}");
    jw_end_array(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int show_image(struct request *rq, struct err *err)
{
    return reply_one(rq, write_image);
}

static int show_images(struct request *rq, struct err *err)
{
    return reply_many(rq, "images", true, write_image);
}

static int show_member(struct request *rq, struct err *err)
{
    return reply_one(rq, write_member);
}

static int show_members(struct request *rq, struct err *err)
{
    return reply_many(rq, "members", false, write_member);
}

const struct route image_schema_routes[] = {
    { HTTP_GET, "/v2/schemas/image", POLICY_TOKEN, show_image },
    { HTTP_GET, "/v2/schemas/images", POLICY_TOKEN, show_images },
    { HTTP_GET, "/v2/schemas/member", POLICY_TOKEN, show_member },
    { HTTP_GET, "/v2/schemas/members", POLICY_TOKEN, show_members },
    { 0 },
};

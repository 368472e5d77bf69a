/* SPDX-License-Identifier: Apache-2.0 */
#include "image/model/check.h"

#include <stdio.h>

#include "base/str.h"
#include "base/uuid.h"

const char *check_image_id(const char *v)
{
    return uuid_is_dashed(v) ? NULL : "does not match '8-4-4-4-12 hexadecimal digits'";
}

int schema_error(struct err *err, const char *fmt, ...)
{
    char words[700];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(words, sizeof(words), fmt, ap);
    va_end(ap);
    return err_http(err, 400, NULL, "Provided object does not match schema 'image': %s", words);
}

/* --- names --------------------------------------------------------------------- */

/* What nobody may give when creating ('new'), and what nobody may change. */
static const struct {
    const char *name;
    bool new, change;
} read_only[] = {
    { "direct_url", true, true },    { "self", true, true },         { "file", true, true },
    { "schema", true, true },        { "stores", true, true },       { "created_at", true, true },
    { "updated_at", true, true },    { "status", true, true },       { "checksum", true, true },
    { "size", true, true },          { "virtual_size", true, true }, { "os_hash_algo", true, true },
    { "os_hash_value", true, true }, { "id", false, true },
};

static bool is_reserved(const char *name)
{
    return str_eq(name, "location") || str_eq(name, "deleted") || str_eq(name, "deleted_at") ||
           str_has_prefix(name, "os_glance");
}

int check_name(const char *name, enum name_use use, struct err *err)
{
    for (size_t i = 0; i < ARRAY_SIZE(read_only); i++)
        if (str_eq(read_only[i].name, name) && (use == NAME_NEW ? read_only[i].new : read_only[i].change))
            return err_http(err, 403, NULL, "Attribute '%s' is read-only.", name);
    if (is_reserved(name))
        return err_http(err, 403, NULL, "Attribute '%.255s' is reserved.", name);
    return 0;
}

int check_names_of_new(const json_t *body, struct err *err)
{
    const char *name;
    json_t *v;
    int r = 0;

    json_object_foreach ((json_t *) body, name, v)
        if (r >= 0)
            r = check_name(name, NAME_NEW, err);
    return r;
}

/* --- values -------------------------------------------------------------------- */

static int check_format(const char *name, const char *v, const char **allowed, struct err *err)
{
    struct arena a;
    int r;

    if (!v || strv_contains(allowed, v))
        return 0;
    arena_init(&a);
    r = schema_error(err, "'%.100s' is not one of [None, '%s'] (%s)", v, strv_join(&a, allowed, "', '"),
                     name);
    arena_done(&a);
    return r;
}

int check_formats(const struct image_options *o, const struct image *i, struct err *err)
{
    int r = check_format("disk_format", i->disk_format, o->disk_formats, err);

    return r < 0 ? r : check_format("container_format", i->container_format, o->container_formats, err);
}

int check_tags(const struct image_options *o, struct arena *a, struct image *i, struct err *err)
{
    const char **once = NULL;

    strv_foreach (tag, i->tags) {
        if (str_utf8_len(*tag) > 255)
            return schema_error(err, "'%.100s...' is too long (tags)", *tag);
        if (!strv_contains(once, *tag))
            once = strv_add(a, once, *tag);
    }
    i->tags = once;
    if (once)
        strv_sort(once);
    if (o->image_tag_quota >= 0 && (int64_t) strv_len(once) > o->image_tag_quota)
        return err_http(err, 413, NULL,
                        "The limit has been exceeded on the number of allowed image tags. Attempted: %zu, "
                        "Maximum: %lld",
                        strv_len(once), (long long) o->image_tag_quota);
    return 0;
}

int check_property_quota(const struct image_options *o, const struct image *i, struct err *err)
{
    int64_t n = 0;

    for (const struct image_property *p = i->properties; p && p->name; p++)
        n += !str_has_prefix(p->name, "os_glance");
    if (o->image_property_quota >= 0 && n > o->image_property_quota)
        return err_http(err, 413, NULL,
                        "The limit has been exceeded on the number of allowed image properties. Attempted: "
                        "%lld, Maximum: %lld",
                        (long long) n, (long long) o->image_property_quota);
    return 0;
}

static int compare_properties(const void *a, const void *b)
{
    return strcmp(((const struct image_property *) a)->name, ((const struct image_property *) b)->name);
}

int read_properties(struct arena *a, const json_t *body, const struct field *fields, struct image *i,
                    struct err *err)
{
    size_t n = 0;
    const char *name;
    json_t *v;

    i->properties = arena_array(a, struct image_property, json_object_size(body) + 1);
    json_object_foreach ((json_t *) body, name, v) {
        bool known = false;

        for (const struct field *f = fields; f->name; f++)
            known = known || str_eq(f->name, name);
        if (known)
            continue;
        if (!json_is_string(v))
            return schema_error(err, "the value of '%.255s' is not of type 'string'", name);
        if (str_utf8_len(name) > 255)
            return err_http(err, 400, NULL, "Custom property should not be greater than 255 characters.");
        i->properties[n++] =
            (struct image_property){ arena_strdup(a, name), arena_strdup(a, json_string_value(v)) };
    }
    qsort(i->properties, n, sizeof(*i->properties), compare_properties);
    return 0;
}

void set_property(struct arena *a, struct image *i, const char *name, const char *value)
{
    struct image_property *all;
    size_t n = 0, k = 0;

    while (i->properties && i->properties[n].name)
        n++;
    all = arena_array(a, struct image_property, n + 2);
    for (size_t j = 0; j < n; j++)
        if (strcmp(i->properties[j].name, name) != 0)
            all[k++] = i->properties[j];
    if (value)
        all[k++] = (struct image_property){ name, value };
    qsort(all, k, sizeof(*all), compare_properties);
    i->properties = all;
}

int check_ready_for_data(const struct image *i, struct err *err)
{
    if (!i->disk_format && !i->container_format)
        return err_http(err, 400, NULL,
                        "Properties disk_format, container_format must be set prior to saving data.");
    if (!i->disk_format || !i->container_format)
        return err_http(err, 400, NULL, "Property %s must be set prior to saving data.",
                        i->disk_format ? "container_format" : "disk_format");
    return 0;
}

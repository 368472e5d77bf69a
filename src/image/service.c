/* SPDX-License-Identifier: Apache-2.0 */
/* Images as one table. */
#include "base/str.h"
#include "image/api/routes.h"
#include "image/image.h"
#include "image/model/status.h"
#include "image/operations/operations.h"
#include "image/policies.h"
#include "image/store/schema.h"
#include "wire/httpc.h"

#define OPT(name, type, value, help, ...)                                           \
    {                                                                               \
#        name, type, offsetof(struct image_options, name), value, help, __VA_ARGS__ \
    }

static const struct option options[] = {
    OPT(driver, FIELD_STRING, "file", "Where the data of images is kept: file, a folder.", .choices = "file"),
    OPT(data_dir, FIELD_STRING, NULL, "Folder of the data; without it image/data below the state directory."),
    OPT(staging_dir, FIELD_STRING, NULL,
        "Folder of data that waits for its import, on the same file system; without it image/staging below the "
        "state directory."),
    OPT(image_size_cap, FIELD_INT, "1099511627776", "Bytes that an image may have at the most.", .min = 1,
        .max = INT64_C(9223372036854775807)),
    OPT(image_property_quota, FIELD_INT, "128", "Custom properties of an image; -1 is any number.", .min = -1,
        .max = 1000000),
    OPT(image_tag_quota, FIELD_INT, "128", "Tags of an image; -1 is any number.", .min = -1, .max = 1000000),
    OPT(image_member_quota, FIELD_INT, "128", "Projects that an image is shared with; -1 is any number.",
        .min = -1, .max = 1000000),
    OPT(limit_param_default, FIELD_INT, "25", "Images in a page when the client does not say.", .min = 1,
        .max = 1000000),
    OPT(api_limit_max, FIELD_INT, "1000", "Images in a page at the most.", .min = 1, .max = 1000000),
    OPT(require_image_format_match, FIELD_BOOL, "true",
        "Refuse data that is not of the disk format its image names."),
    OPT(gpt_safety_checks_nonfatal, FIELD_STRV, NULL,
        "Checks of partition tables whose failure does not refuse an image (mbr)."),
    OPT(disk_formats, FIELD_STRV, "ami,ari,aki,vhd,vhdx,vmdk,raw,qcow2,vdi,iso,ploop",
        "Disk formats that an image may have."),
    OPT(container_formats, FIELD_STRV, "ami,ari,aki,bare,ovf,ova,docker,compressed",
        "Container formats that an image may have."),
    OPT(enabled_import_methods, FIELD_STRV, "glance-direct,web-download",
        "Ways to import data: glance-direct, of what was staged, and web-download, from a URL."),
    OPT(import_allowed_schemes, FIELD_STRV, "http,https", "Schemes of URLs to import from."),
    OPT(import_disallowed_schemes, FIELD_STRV, NULL,
        "Schemes that are refused when none is allowed by name."),
    OPT(import_allowed_hosts, FIELD_STRV, NULL, "Hosts to import from; without any, all."),
    OPT(import_disallowed_hosts, FIELD_STRV, NULL, "Hosts that are refused when none is allowed by name."),
    OPT(import_allowed_ports, FIELD_STRV, "80,443", "Ports to import from."),
    OPT(import_disallowed_ports, FIELD_STRV, NULL, "Ports that are refused when none is allowed by name."),
    OPT(show_image_direct_url, FIELD_BOOL, "false",
        "Show where the data lies to whoever may see an image's locations."),
    { 0 },
};

static const struct image_driver *driver_named(const char *name)
{
    for (const struct image_driver *const *d = image_drivers; *d; d++)
        if (str_eq((*d)->name, name))
            return *d;
    return NULL;
}

static const char *dir_of(struct server *s, const char *given, const char *name)
{
    return str_empty(given) ? arena_printf(&s->arena, "%s/image/%s", s->state_dir, name) : given;
}

static int init(struct server *s, struct err *err)
{
    struct image_state *st = arena_new(&s->arena, struct image_state);
    int r;

    st->log = &s->log;
    st->opt = s->options;
    st->driver = driver_named(st->opt->driver);
    s->state = st;
    if (!st->driver)
        return err_set(err, -EINVAL, "there is no driver '%s' for images", st->opt->driver);
    st->data_dir = dir_of(s, st->opt->data_dir, "data");
    st->staging_dir = dir_of(s, st->opt->staging_dir, "staging");
    r = st->driver->open(st->data_dir, st->staging_dir, &st->store, err);
    if (r >= 0)
        r = httpc_new(&(struct httpc_config){ 0 }, &st->http, err);
    return r < 0 ? r : status_recover(s, err);
}

static void done(struct server *s)
{
    struct image_state *st = s->state;

    if (st->http)
        httpc_free(st->http);
    if (st->store)
        st->driver->close(st->store);
}

static const struct route *const routes[] = {
    image_version_routes,
    image_routes,
    image_data_routes,
    image_tag_routes,
    image_member_routes,
    image_action_routes,
    image_schema_routes,
    image_info_routes,
    image_location_routes,
    image_import_routes,
    NULL,
};

static const struct policy_rule *const policies[] = { image_policies, NULL };

const struct service image_service = {
    .name = "image",
    .type = "image",
    .description = "Images: what servers boot from",
    .port = 9292,
    .dialect = &glance_dialect,
    .routes = routes,
    .policies = policies,
    .options = options,
    .options_size = sizeof(struct image_options),
    .schemas = image_schemas,
    .operations = image_operations,
    .init = init,
    .done = done,
};

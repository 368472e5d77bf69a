/* SPDX-License-Identifier: Apache-2.0 */
/* Images: what servers boot from.  The rows say what is known of an image, a
 * driver keeps its bytes. */
#pragma once

#include "base/field.h"
#include "image/driver/driver.h"
#include "rest/server.h"

extern const struct service image_service;

struct httpc;

/* Section [image]. */
struct image_options {
    const char *driver, *data_dir, *staging_dir;
    int64_t image_size_cap;
    int64_t image_property_quota, image_tag_quota, image_member_quota;
    int64_t limit_param_default, api_limit_max;
    bool require_image_format_match, show_image_direct_url;
    const char **gpt_safety_checks_nonfatal;
    const char **disk_formats, **container_formats;
    const char **enabled_import_methods;
    const char **import_allowed_schemes, **import_disallowed_schemes, **import_allowed_hosts,
        **import_disallowed_hosts, **import_allowed_ports, **import_disallowed_ports;
};

#define IMAGE_CHUNK (256 * 1024) /* Bytes in one piece between client and store. */

/* What a running image service keeps. */
struct image_state {
    const struct log *log;
    struct image_options *opt;
    const struct image_driver *driver;
    void *store; /* The driver's. */
    const char *data_dir, *staging_dir;
    struct httpc *http; /* For imports. */
};

static inline struct image_state *image_of(const struct request *rq)
{
    return rq->state;
}

/* A member's row: the image is shared with project 'member_id'. */
struct image_member {
    const char *image_id, *member_id, *status;
    int64_t created_at, updated_at;
};

struct image {
    const char *id, *name, *status, *visibility, *owner;
    bool is_protected, os_hidden;
    const char *checksum, *os_hash_algo, *os_hash_value;
    int64_t size, virtual_size; /* FIELD_NULL_INT: not known. */
    const char *container_format, *disk_format;
    int64_t min_disk, min_ram;
    int64_t created_at, updated_at;

    /* From tables of their own; see image_expand(). */
    const char **tags;
    struct image_property *properties; /* Ended by a null name, sorted by name. */
    const char *member_id;             /* The caller's project when the image is shared with it. */
};

/* A custom property. */
struct image_property {
    const char *name, *value;
};

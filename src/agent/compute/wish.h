/* SPDX-License-Identifier: Apache-2.0 */
/* A server as the compute service wishes it (doc/wishes-compute.md), read from
 * JSON and checked: what later becomes part of a path, a command or XML has a
 * form that can do no harm there. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

enum guest_power {
    GUEST_NONE, /* There is no guest. */
    GUEST_RUNNING,
    GUEST_SHUTDOWN,
    GUEST_PAUSED,
    GUEST_SUSPENDED, /* Saved to disk. */
    GUEST_CRASHED,
};

/* The contract's word. */
const char *guest_power_text(enum guest_power p);

struct wish_image {
    const char *id, *name, *disk_format, *container_format;
    int64_t size;
    const char *checksum; /* MD5, hex; or null. */
    const char *os_hash_algo, *os_hash_value;
    const char *file;         /* The data as a path, or null. */
    const json_t *properties; /* May be null. */
};

enum wish_disk_kind { WISH_DISK_ROOT, WISH_DISK_EPHEMERAL, WISH_DISK_SWAP };

struct wish_disk {
    enum wish_disk_kind kind;
    int index;
    uint64_t size_bytes; /* 0: the size of the image. */
};

struct wish_nic {
    const char *port_id, *tap, *mac, *model;
    int64_t mtu;
};

struct wish_file {
    const char *path, *data; /* Base64. */
};

struct wish_server {
    const char *id, *name, *instance_name, *project_id, *user_id;
    bool busy;
    int64_t generation;
    enum guest_power power;
    int64_t shutdown_timeout_s;
    const char *flavor_name;
    int64_t vcpus, memory_mb;
    const struct wish_image *image, *kernel, *ramdisk; /* May be null. */
    const char *image_endpoint, *image_token;
    struct wish_disk *disks;
    size_t n_disks;
    struct wish_nic *nics;
    size_t n_nics;
    const char *config_drive_label; /* Null: no config drive. */
    struct wish_file *files;
    size_t n_files;
    bool vnc;
};

/* Reads a SERVER; strings belong to 'o', lists to the arena.  0 or -EINVAL. */
int wish_server_read(struct arena *a, const json_t *o, struct wish_server *ret, struct err *err);

/* Reads a NIC.  0 or -EINVAL. */
int wish_nic_read(const json_t *o, struct wish_nic *ret, struct err *err);

/* A property of the image, or of null. */
const char *wish_image_property(const struct wish_image *i, const char *name);

/* Letters, digits and "-_." only, not at the start a dot or dash: safe as a
 * file's name and as an argument. */
bool wish_is_name(const char *s, size_t max);

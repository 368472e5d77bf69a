/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/compute/wish.h"

#include <ctype.h>
#include <net/if.h>
#include <string.h>

#include "agent/compute_wishes.h"
#include "base/str.h"
#include "base/uuid.h"
#include "wire/json.h"

#define GIB              (UINT64_C(1) << 30)
#define MIB              (UINT64_C(1) << 20)
#define MAX_DISK_GB      (1 << 20)
#define MAX_DISKS        32
#define MAX_NICS         64
#define MAX_DRIVE_FILES  4096
#define SHUTDOWN_DEFAULT 60

static const char *const powers[] = {
    [GUEST_NONE] = COMPUTE_POWER_NONE,           [GUEST_RUNNING] = COMPUTE_POWER_RUNNING,
    [GUEST_SHUTDOWN] = COMPUTE_POWER_SHUTDOWN,   [GUEST_PAUSED] = COMPUTE_POWER_PAUSED,
    [GUEST_SUSPENDED] = COMPUTE_POWER_SUSPENDED, [GUEST_CRASHED] = COMPUTE_POWER_CRASHED,
};

const char *guest_power_text(enum guest_power p)
{
    return powers[p];
}

bool wish_is_name(const char *s, size_t max)
{
    size_t n = s ? strlen(s) : 0;

    if (n == 0 || n > max || s[0] == '.' || s[0] == '-')
        return false;
    for (size_t i = 0; i < n; i++)
        if (!isascii(s[i]) || !(isalnum((unsigned char) s[i]) || strchr("-_.", s[i])))
            return false;
    return true;
}

const char *wish_image_property(const struct wish_image *i, const char *name)
{
    return i && i->properties ? json_str(i->properties, name) : NULL;
}

static int bad(struct err *err, const char *what)
{
    return err_set(err, -EINVAL, "The wish for the server has no valid %s", what);
}

static int read_power(const json_t *o, enum guest_power *ret, struct err *err)
{
    const char *text = json_str(o, "power");

    for (enum guest_power p = GUEST_RUNNING; p <= GUEST_SUSPENDED; p++)
        if (str_eq(text ? text : COMPUTE_POWER_RUNNING, powers[p])) {
            *ret = p;
            return 0;
        }
    return bad(err, "power");
}

static int read_image(struct arena *a, const json_t *o, const struct wish_image **ret, struct err *err)
{
    struct wish_image *i;

    *ret = NULL;
    if (!json_is_object(o))
        return 0;
    i = arena_new(a, struct wish_image);
    *i = (struct wish_image){
        .id = json_str(o, "id"),
        .name = json_str(o, "name"),
        .disk_format = json_str(o, "disk_format"),
        .container_format = json_str(o, "container_format"),
        .size = json_int(o, "size", 0),
        .checksum = json_str(o, "checksum"),
        .os_hash_algo = json_str(o, "os_hash_algo"),
        .os_hash_value = json_str(o, "os_hash_value"),
        .file = json_str(o, "file"),
        .properties = json_obj(o, "properties"),
    };
    if (!wish_is_name(i->id, 64) || i->size < 0)
        return bad(err, "image");
    if ((i->os_hash_value && !wish_is_name(i->os_hash_value, 128)) ||
        (i->checksum && !wish_is_name(i->checksum, 64)))
        return bad(err, "image hash");
    *ret = i;
    return 0;
}

static int read_disk(const json_t *o, struct wish_disk *ret, struct err *err)
{
    static const char *const kinds[] = { [WISH_DISK_ROOT] = COMPUTE_DISK_ROOT,
                                         [WISH_DISK_EPHEMERAL] = COMPUTE_DISK_EPHEMERAL,
                                         [WISH_DISK_SWAP] = COMPUTE_DISK_SWAP };
    const char *kind = json_str(o, "kind");
    int64_t gb = json_int(o, "size_gb", 0), mb = json_int(o, "size_mb", 0), index = json_int(o, "index", 0);

    if (gb < 0 || gb > MAX_DISK_GB || mb < 0 || mb > MAX_DISK_GB * INT64_C(1024) || index < 0 || index > 99)
        return bad(err, "disk size");
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
        if (str_eq(kind, kinds[i])) {
            *ret = (struct wish_disk){ .kind = (enum wish_disk_kind) i,
                                       .index = (int) index,
                                       .size_bytes = (uint64_t) gb * GIB + (uint64_t) mb * MIB };
            return 0;
        }
    return bad(err, "disk");
}

static int read_disks(struct arena *a, const json_t *list, struct wish_server *w, struct err *err)
{
    const json_t *o;
    size_t i;
    int r = 0;

    if (json_array_size(list) > MAX_DISKS)
        return bad(err, "number of disks");
    w->disks = arena_array(a, struct wish_disk, json_array_size(list) + 1);
    json_array_foreach (list, i, o) {
        r = read_disk(o, &w->disks[i], err);
        if (r < 0)
            return r;
        w->n_disks++;
    }
    return 0;
}

static bool is_mac(const char *s)
{
    if (!s || strlen(s) != 17)
        return false;
    for (size_t i = 0; i < 17; i++)
        if (i % 3 == 2 ? s[i] != ':' : !isxdigit((unsigned char) s[i]))
            return false;
    return true;
}

int wish_nic_read(const json_t *o, struct wish_nic *ret, struct err *err)
{
    struct wish_nic n = {
        .port_id = json_str(o, "port_id"),
        .tap = json_str(o, "tap"),
        .mac = json_str(o, "mac"),
        .model = json_str(o, "model"),
        .mtu = json_int(o, "mtu", 0),
    };

    if (!wish_is_name(n.port_id, 64) || !wish_is_name(n.tap, IFNAMSIZ - 1) || !is_mac(n.mac))
        return bad(err, "network interface");
    if (n.mtu < 0 || n.mtu > 65535 || (n.model && !wish_is_name(n.model, 32)))
        return bad(err, "network interface");
    *ret = n;
    return 0;
}

static int read_nics(struct arena *a, const json_t *list, struct wish_server *w, struct err *err)
{
    const json_t *o;
    size_t i;

    if (json_array_size(list) > MAX_NICS)
        return bad(err, "number of network interfaces");
    w->nics = arena_array(a, struct wish_nic, json_array_size(list) + 1);
    json_array_foreach (list, i, o) {
        int r = wish_nic_read(o, &w->nics[i], err);

        if (r < 0)
            return r;
        w->n_nics++;
    }
    return 0;
}

/* A relative path whose parts are names, so that nothing is written elsewhere. */
static bool is_inner_path(struct arena *a, const char *path)
{
    if (str_empty(path) || strlen(path) > 255)
        return false;
    strv_foreach (part, str_split(a, path, '/'))
        if (!wish_is_name(*part, 100))
            return false;
    return true;
}

static int read_drive(struct arena *a, const json_t *drive, struct wish_server *w, struct err *err)
{
    const json_t *list = json_arr(drive, "files"), *o;
    const char *label = json_str(drive, "label");
    size_t i;

    if (!json_is_object(drive))
        return 0;
    w->config_drive_label = label ? label : "config-2";
    if (!wish_is_name(w->config_drive_label, 32) || json_array_size(list) > MAX_DRIVE_FILES)
        return bad(err, "config drive");
    w->files = arena_array(a, struct wish_file, json_array_size(list) + 1);
    json_array_foreach (list, i, o) {
        struct wish_file f = { json_str(o, "path"), json_str(o, "data") };

        if (!is_inner_path(a, f.path) || !f.data)
            return bad(err, "file of the config drive");
        w->files[w->n_files++] = f;
    }
    return 0;
}

static int check_scalars(const struct wish_server *w, struct err *err)
{
    if (!uuid_is_dashed(w->id))
        return bad(err, "id");
    if (!wish_is_name(w->instance_name, 64))
        return bad(err, "instance_name");
    if (w->vcpus < 1 || w->vcpus > 4096 || w->memory_mb < 1 || w->memory_mb > (1 << 26))
        return bad(err, "flavor");
    return 0;
}

int wish_server_read(struct arena *a, const json_t *o, struct wish_server *ret, struct err *err)
{
    const json_t *flavor = json_obj(o, "flavor");
    struct wish_server w = {
        .id = json_str(o, "id"),
        .name = json_str(o, "name"),
        .instance_name = json_str(o, "instance_name"),
        .project_id = json_str(o, "project_id"),
        .user_id = json_str(o, "user_id"),
        .busy = json_truth(o, "busy", false),
        .generation = json_int(o, "generation", 1),
        .shutdown_timeout_s = json_int(o, "shutdown_timeout_s", SHUTDOWN_DEFAULT),
        .flavor_name = json_str(flavor, "name"),
        .vcpus = json_int(flavor, "vcpus", 0),
        .memory_mb = json_int(flavor, "memory_mb", 0),
        .image_endpoint = json_str(o, "image_endpoint"),
        .image_token = json_str(o, "image_token"),
        .vnc = json_truth(json_obj(o, "console"), "vnc", true),
    };
    int r = check_scalars(&w, err);

    if (r >= 0)
        r = read_power(o, &w.power, err);
    if (r >= 0)
        r = read_image(a, json_obj(o, "image"), &w.image, err);
    if (r >= 0)
        r = read_image(a, json_obj(o, "kernel"), &w.kernel, err);
    if (r >= 0)
        r = read_image(a, json_obj(o, "ramdisk"), &w.ramdisk, err);
    if (r >= 0)
        r = read_disks(a, json_arr(o, "disks"), &w, err);
    if (r >= 0)
        r = read_nics(a, json_arr(o, "nics"), &w, err);
    if (r >= 0)
        r = read_drive(a, json_obj(o, "config_drive"), &w, err);
    if (r >= 0)
        *ret = w;
    return r;
}

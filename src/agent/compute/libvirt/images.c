/* SPDX-License-Identifier: Apache-2.0 */
/* The image cache: each image once, checked before a guest sees it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "agent/compute/libvirt/lv.h"
#include "agent/compute/transfer.h"
#include "base/str.h"
#include "base/uuid.h"
#include "io/proc.h"
#include "io/sock.h"
#include "wire/json.h"

#define INFO_LIMIT_S    30
#define CONVERT_LIMIT_S 3600
#define UNUSED_S        (24 * 3600)
#define MEMORY_LIMIT    "--as=2147483648"

int lv_qemu_img(const char *const *args, unsigned limit_s, struct arena *a, char **ret_out, struct err *err)
{
    const char **argv = NULL;
    struct proc_result result = { 0 };
    int r;

    /* A crafted image can make it eat the machine. */
    argv = strv_add(a, argv, "prlimit");
    argv = strv_add(a, argv, MEMORY_LIMIT);
    argv = strv_add(a, argv, arena_printf(a, "--cpu=%u", limit_s));
    argv = strv_add(a, argv, "qemu-img");
    strv_foreach (arg, args)
        argv = strv_add(a, argv, *arg);
    r = proc_run(a, argv, NULL, limit_s * 1000, &result, err);
    if (ret_out)
        *ret_out = result.out;
    return r;
}

/* qemu-img's name of a format, and whether guests' disks may lie over it. */
static const struct format {
    const char *name, *qemu;
    bool is_base;
} formats[] = {
    { "qcow2", "qcow2", true }, { "raw", "raw", true },    { "ami", "raw", true },    { "aki", "raw", true },
    { "ari", "raw", true },     { "iso", "raw", true },    { "vmdk", "vmdk", false }, { "vdi", "vdi", false },
    { "vhd", "vpc", false },    { "vhdx", "vhdx", false }, { "qed", "qed", false },
};

static const struct format *format_of(const struct wish_image *i)
{
    for (size_t k = 0; k < ARRAY_SIZE(formats); k++)
        if (str_eq(i->disk_format, formats[k].name))
            return &formats[k];
    return NULL;
}

static int refuse(const struct wish_image *i, const char *why, struct err *err)
{
    return err_set(err, -EINVAL, "Image %s is unacceptable: %s", i->id, why);
}

/* What an image must not have: ways to other files of the host. */
static int check_info(const struct wish_image *i, const json_t *info, struct err *err)
{
    const json_t *data = json_at(info, "format-specific.data");
    const char *type = json_str(data, "create-type");

    if (json_object_get(info, "backing-filename") || json_object_get(info, "full-backing-filename"))
        return refuse(i, "it has a backing file", err);
    if (json_object_get(data, "data-file"))
        return refuse(i, "it has an external data file", err);
    if (type && !str_eq(type, "monolithicSparse") && !str_eq(type, "streamOptimized"))
        return refuse(i, "it is a VMDK with more than one file", err);
    return 0;
}

static int look_into(const struct wish_image *i, const char *path, const char *format, struct arena *a,
                     uint64_t *ret_size, struct err *err)
{
    const char *const args[] = { "info", "--output=json", "-f", format, path, NULL };
    auto_json json_t *info = NULL;
    char *out = NULL;
    int r = lv_qemu_img(args, INFO_LIMIT_S, a, &out, NULL);

    if (r >= 0)
        r = json_read(out, strlen(out), &info, NULL);
    if (r < 0)
        return refuse(i, arena_printf(a, "it cannot be read as %s", i->disk_format), err);
    r = check_info(i, info, err);
    if (r >= 0)
        *ret_size = (uint64_t) json_int(info, "virtual-size", 0);
    return r;
}

/* Fetches into 'path'; what was there of an earlier try is lost. */
static int fetch(struct lv *lv, const struct wish_server *s, const struct wish_image *i, const char *path,
                 struct task *t, struct err *err)
{
    auto_close int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    int r;

    if (fd < 0)
        return err_set(err, -errno, "Cannot store the data of image %s: %s", i->id, strerror(errno));
    r = image_fetch(lv->http, s, i, fd, t, err);
    if (r >= 0 && fsync(fd) < 0)
        r = err_set(err, -errno, "Cannot store the data of image %s: %s", i->id, strerror(errno));
    return r;
}

/* From a format that no disk may lie over. */
static int convert(const struct format *f, const char *from, const char *to, struct arena *a, struct err *err)
{
    const char *const args[] = { "convert", "-t", "none", "-f", f->qemu, "-O", "qcow2", from, to, NULL };
    const char *const again[] = { "convert", "-f", f->qemu, "-O", "qcow2", from, to, NULL };
    int r = lv_qemu_img(args, CONVERT_LIMIT_S, a, NULL, err);

    return r < 0 ? lv_qemu_img(again, CONVERT_LIMIT_S, a, NULL, err)
                 : r; /* Not all file systems do without a cache. */
}

/* Root's, and readable for QEMU. */
static int seal(const struct lv *lv, const char *from, const char *to, struct err *err)
{
    if (chown(from, 0, lv->gid) < 0 || chmod(from, 0640) < 0 || rename(from, to) < 0)
        return err_set(err, -errno, "Cannot keep an image: %s", strerror(errno));
    return 0;
}

/* What a small file unfolds to may fill the host. */
static int check_size(uint64_t size, uint64_t limit, struct err *err)
{
    if (!limit || size <= limit)
        return 0;
    return err_set(err, -EINVAL,
                   "Flavor's disk is too small for requested image. Flavor disk is %" PRIu64
                   " bytes, image is %" PRIu64 " bytes.",
                   limit, size);
}

static int make_base(struct lv *lv, const struct wish_server *s, const struct wish_image *i,
                     const struct format *f, const char *path, uint64_t limit, struct task *t,
                     struct arena *a, struct err *err)
{
    const char *part = arena_printf(a, "%s.part", path), *converted = arena_printf(a, "%s.converted", path);
    uint64_t size;
    int r = fetch(lv, s, i, part, t, err);

    if (r >= 0)
        r = look_into(i, part, f->qemu, a, &size, err);
    if (r >= 0)
        r = check_size(size, limit, err);
    if (r >= 0 && !f->is_base) {
        r = convert(f, part, converted, a, err);
        if (r >= 0)
            r = seal(lv, converted, path, err);
        unlink(converted);
    } else if (r >= 0) {
        r = seal(lv, part, path, err);
    }
    unlink(part);
    return r;
}

/* A lock between threads and processes, gone with the descriptor. */
static int lock_base(const char *path, struct task *t, struct arena *a, struct err *err)
{
    int fd = open(arena_printf(a, "%s.lock", path), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd < 0)
        return err_set(err, -errno, "Cannot lock an image: %s", strerror(errno));
    while (flock(fd, LOCK_EX | LOCK_NB) < 0)
        if (!lv_pause(t, 100)) {
            close(fd);
            return err_set(err, -ECANCELED, "cancelled");
        }
    return fd;
}

int lv_base_ensure(struct lv *lv, const struct wish_server *s, const struct wish_image *i, uint64_t limit,
                   struct task *t, struct arena *a, struct lv_base *ret, struct err *err)
{
    const struct format *f = format_of(i);
    const char *hash = i->os_hash_value ? i->os_hash_value : i->checksum ? i->checksum : "none";
    struct lv_base base;
    auto_close int lock = -1;
    int r = 0;

    if (!f)
        return refuse(
            i, arena_printf(a, "its disk format is %s", i->disk_format ? i->disk_format : "not set"), err);
    base.format = f->is_base ? f->qemu : "qcow2";
    base.path = arena_printf(a, "%s/%s-%.32s.%s", lv->bases, i->id, hash, base.format);
    lock = lock_base(base.path, t, a, err);
    if (lock < 0)
        return lock;
    if (access(base.path, F_OK) < 0)
        r = make_base(lv, s, i, f, base.path, limit, t, a, err);
    if (r >= 0)
        r = look_into(i, base.path, base.format, a, &base.virtual_size, err);
    if (r >= 0)
        r = check_size(base.virtual_size, limit, err);
    if (r >= 0) {
        utimensat(AT_FDCWD, base.path, NULL, 0); /* Asked for now. */
        *ret = base;
    }
    return r;
}

int lv_disk_check(struct lv *lv, const char *path, struct arena *a, struct err *err)
{
    const char *const args[] = { "info", "--output=json", "-U", "-f", "qcow2", path, NULL };
    const char *bases = arena_printf(a, "%s/", lv->bases), *backing, *format;
    auto_json json_t *info = NULL;
    char *out = NULL;
    int r = lv_qemu_img(args, INFO_LIMIT_S, a, &out, err);

    if (r >= 0)
        r = json_read(out, strlen(out), &info, err);
    if (r < 0)
        return err_prefix(err, r, "Cannot look at a disk");
    backing = json_str(info, "full-backing-filename");
    format = json_str(info, "backing-filename-format");
    if (json_object_get(json_at(info, "format-specific.data"), "data-file"))
        return err_set(err, -EPERM, "The disk has an external data file");
    if (!backing && !json_object_get(info, "backing-filename"))
        return 0;
    if (!str_has_prefix(backing, bases) || strchr(backing + strlen(bases), '/') ||
        !(str_eq(format, "qcow2") || str_eq(format, "raw")))
        return err_set(err, -EPERM, "The disk lies over a file that is no image");
    return 0;
}

/* --- Leaving what nobody needs. ------------------------------------------------------ */

/* The file that a root disk lies over is written in its head; null: none.
 * Kernels and ramdisks are in the definition instead, see lv_bases_clean(). */
static const char *backing_of(struct lv *lv, const char *id, struct arena *a)
{
    const char *const args[] = { "info", "--output=json", "-U", "-f", "qcow2", lv_path(a, lv, id, "disk"),
                                 NULL };
    auto_json json_t *o = NULL;
    char *out;

    if (lv_qemu_img(args, INFO_LIMIT_S, a, &out, NULL) < 0 || json_read(out, strlen(out), &o, NULL) < 0)
        return NULL;
    return arena_strdup(a, json_str(o, "full-backing-filename"));
}

/* All that guests of this host need, or false when that cannot be told. */
static bool list_needed(struct lv *lv, struct arena *a, const char ***ret)
{
    virDomainPtr *domains = NULL;
    int n = lv->api->virConnectListAllDomains(lv->api->conn, &domains, 0);
    DIR *d = n < 0 ? NULL : opendir(lv->instances);
    bool sure = d != NULL;

    for (int i = 0; i < n; i++) {
        char *xml = lv_xml_of(lv, domains[i], a);

        /* Compared as text: a path in it is in use. */
        sure = sure && xml;
        *ret = xml ? strv_add(a, *ret, xml) : *ret;
        lv->api->virDomainFree(domains[i]);
    }
    free(domains);
    for (struct dirent *e = d ? readdir(d) : NULL; e && sure; e = readdir(d)) {
        const char *base;

        if (!uuid_is_dashed(e->d_name) || access(lv_path(a, lv, e->d_name, "disk"), F_OK) < 0)
            continue;
        base = backing_of(lv, e->d_name, a);
        sure = base != NULL;
        *ret = base ? strv_add(a, *ret, base) : *ret;
    }
    if (d)
        closedir(d);
    return sure;
}

static bool is_needed(const char **needed, const char *path)
{
    strv_foreach (text, needed)
        if (strstr(*text, path))
            return true;
    return false;
}

/* Under the image's lock, so that nobody is about to lay a disk over it. */
static void drop_base(struct lv *lv, const char *path, const char **needed, struct arena *a)
{
    auto_close int lock = open(arena_printf(a, "%s.lock", path), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    struct stat st;

    if (lock < 0 || flock(lock, LOCK_EX | LOCK_NB) < 0 || stat(path, &st) < 0)
        return;
    if (time(NULL) - st.st_mtime > UNUSED_S && !is_needed(needed, path)) {
        log_info(lv->config.agent->log, "removing an image that no guest needs", "path", path);
        unlink(path);
    }
}

void lv_bases_clean(struct lv *lv)
{
    auto_arena struct arena a = { 0 };
    const char **needed = NULL;
    DIR *d;

    if (!list_needed(lv, &a, &needed) || !(d = opendir(lv->bases)))
        return;
    for (struct dirent *e = readdir(d); e; e = readdir(d))
        if (str_has_suffix(e->d_name, ".qcow2") || str_has_suffix(e->d_name, ".raw"))
            drop_base(lv, arena_printf(&a, "%s/%s", lv->bases, e->d_name), needed, &a);
    closedir(d);
}

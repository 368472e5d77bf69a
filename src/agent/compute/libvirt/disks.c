/* SPDX-License-Identifier: Apache-2.0 */
/* A server's files: disks, config drive, console log, and what is noted of it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/compute/libvirt/lv.h"
#include "base/str.h"
#include "base/uuid.h"
#include "io/proc.h"
#include "io/sock.h"
#include "wire/json.h"

#define IMG_LIMIT_S     120
#define LOG_MAX         (2 * 1024 * 1024)
#define LOG_KEEP        (256 * 1024)
#define DRIVE_TIMEOUT   30000
#define DRIVE_FILES_MAX (64 * 1024 * 1024)

char *lv_path(struct arena *a, const struct lv *lv, const char *id, const char *file)
{
    return arena_printf(a, "%s/%s/%s", lv->instances, id, file);
}

int lv_give(const struct lv *lv, const char *path)
{
    return chown(path, lv->uid, lv->gid) < 0 || chmod(path, 0600) < 0 ? -errno : 0;
}

static int cannot(struct err *err, int code, const char *what)
{
    return err_set(err, code, "Cannot %s: %s", what, strerror(-code));
}

/* --- What is noted. ------------------------------------------------------------------ */

int lv_state_read(struct lv *lv, const char *id, struct arena *a, struct lv_state *ret)
{
    auto_json json_t *o = NULL;
    size_t n;
    char *text;
    int r = file_read(a, lv_path(a, lv, id, "state.json"), 65536, &text, &n);

    *ret = (struct lv_state){ 0 };
    if (r >= 0)
        r = json_read(text, n, &o, NULL);
    if (r < 0)
        return r;
    ret->generation = json_int(o, "generation", 0);
    ret->instance_name = arena_strdup(a, json_str(o, "instance_name"));
    ret->reboot_op = arena_strdup(a, json_str(o, "reboot_op"));
    ret->snapshot_op = arena_strdup(a, json_str(o, "snapshot_op"));
    return 0;
}

int lv_state_write(struct lv *lv, const char *id, const struct lv_state *s, struct err *err)
{
    auto_arena struct arena a = { 0 };
    auto_json json_t *o =
        json_pack("{s:I, s:s?, s:s?, s:s?}", "generation", (json_int_t) s->generation, "instance_name",
                  s->instance_name, "reboot_op", s->reboot_op, "snapshot_op", s->snapshot_op);
    char *text = json_text(&a, o);
    int r = file_write_atomic(lv_path(&a, lv, id, "state.json"), text, strlen(text), 0600);

    return r < 0 ? cannot(err, r, "note the server's state") : 0;
}

/* --- Disks. --------------------------------------------------------------------------- */

static char *disk_path(struct arena *a, const struct lv *lv, const char *id, const struct wish_disk *d)
{
    const char *name = d->kind == WISH_DISK_ROOT   ? "disk"
                       : d->kind == WISH_DISK_SWAP ? "disk.swap"
                                                   : arena_printf(a, "disk.eph%d", d->index);

    return lv_path(a, lv, id, name);
}

/* Made aside, so that what has the name is whole. */
static int finish_disk(struct lv *lv, const char *part, const char *path, struct err *err)
{
    int r = lv_give(lv, part);

    if (r >= 0 && rename(part, path) < 0)
        r = -errno;
    return r < 0 ? cannot(err, r, "make a disk") : 0;
}

static int make_root(struct lv *lv, const struct wish_server *s, const struct wish_disk *d, const char *path,
                     struct task *t, struct arena *a, struct err *err)
{
    const char *part = arena_printf(a, "%s.part", path);
    struct lv_base base;
    uint64_t size;
    int r = lv_base_ensure(lv, s, s->image, d->size_bytes, t, a, &base, err);

    if (r < 0)
        return r;
    size = d->size_bytes ? d->size_bytes : base.virtual_size;
    const char *const args[] = { "create",    "-q", "-f",      "qcow2", "-F",
                                 base.format, "-b", base.path, part,    arena_printf(a, "%" PRIu64, size),
                                 NULL };
    r = lv_qemu_img(args, IMG_LIMIT_S, a, NULL, err);
    return r < 0 ? err_prefix(err, r, "Cannot make the root disk") : finish_disk(lv, part, path, err);
}

static int make_swap_or_file_system(struct arena *a, const struct wish_disk *d, const char *part,
                                    struct err *err)
{
    const char *label = arena_printf(a, "ephemeral%d", d->index);
    const char *const swap[] = { "mkswap", "-q", part, NULL };
    const char *const ext4[] = { "mkfs.ext4", "-q", "-F", "-L", label, part, NULL };

    return proc_run(a, d->kind == WISH_DISK_SWAP ? swap : ext4, NULL, IMG_LIMIT_S * 1000, NULL, err);
}

static int make_empty(struct lv *lv, const struct wish_disk *d, const char *path, struct arena *a,
                      struct err *err)
{
    const char *part = arena_printf(a, "%s.part", path);
    auto_close int fd = open(part, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    int r;

    if (fd < 0 || ftruncate(fd, (off_t) d->size_bytes) < 0)
        return cannot(err, -errno, "make a disk");
    r = make_swap_or_file_system(a, d, part, err);
    return r < 0 ? err_prefix(err, r, "Cannot make a disk") : finish_disk(lv, part, path, err);
}

/* A flavor may have grown since the disk was made. */
static int grow_root(struct lv *lv, const char *path, const struct wish_disk *d, struct arena *a,
                     struct err *err)
{
    const char *const info[] = { "info", "--output=json", "-f", "qcow2", path, NULL };
    const char *const grow[] = { "resize", "-q", "-f",
                                 "qcow2",  path, arena_printf(a, "%" PRIu64, d->size_bytes),
                                 NULL };
    auto_json json_t *o = NULL;
    char *out;
    int r = lv_disk_check(lv, path, a, err);

    if (r >= 0)
        r = lv_qemu_img(info, IMG_LIMIT_S, a, &out, err);
    if (r >= 0)
        r = json_read(out, strlen(out), &o, err);
    if (r >= 0 && (uint64_t) json_int(o, "virtual-size", INT64_MAX) < d->size_bytes)
        r = lv_qemu_img(grow, IMG_LIMIT_S, a, NULL, err);
    return r < 0 ? err_prefix(err, r, "Cannot look at the root disk") : 0;
}

static int ensure_disk(struct lv *lv, const struct wish_server *s, const struct wish_disk *d, struct task *t,
                       struct err *err)
{
    auto_arena struct arena a = { 0 };
    char *path = disk_path(&a, lv, s->id, d);
    bool is_there = access(path, F_OK) == 0;

    if (d->kind == WISH_DISK_ROOT) {
        if (is_there)
            return d->size_bytes ? grow_root(lv, path, d, &a, err) : 0;
        if (!s->image)
            return err_set(err, -EINVAL, "The server has a root disk but no image");
        return make_root(lv, s, d, path, t, &a, err);
    }
    return is_there || !d->size_bytes ? 0 : make_empty(lv, d, path, &a, err);
}

/* --- The config drive. ------------------------------------------------------------------ */

static int write_drive_file(struct arena *a, const char *dir, const struct wish_file *f, struct err *err)
{
    char *path = arena_printf(a, "%s/%s", dir, f->path), *slash = strrchr(path, '/');
    uint8_t *data;
    size_t n;
    int r = base64_decode(a, f->data, strlen(f->data), &data, &n);

    if (r < 0)
        return err_set(err, r, "The config drive's file %s is not Base64", f->path);
    *slash = '\0';
    r = dir_make(path, 0700);
    *slash = '/';
    if (r >= 0)
        r = file_write_atomic(path, data, n, 0600);
    return r < 0 ? cannot(err, r, "write the config drive") : 0;
}

static int make_drive(struct lv *lv, const struct wish_server *s, struct err *err)
{
    auto_arena struct arena a = { 0 };
    char *dir = lv_path(&a, lv, s->id, "drive.tmp"), *part = lv_path(&a, lv, s->id, "disk.config.part");
    char *path = lv_path(&a, lv, s->id, "disk.config");
    const char *const argv[] = { "genisoimage",
                                 "-quiet",
                                 "-o",
                                 part,
                                 "-ldots",
                                 "-allow-lowercase",
                                 "-allow-multidot",
                                 "-l",
                                 "-publisher",
                                 "stackd",
                                 "-J",
                                 "-r",
                                 "-V",
                                 s->config_drive_label,
                                 dir,
                                 NULL };
    int r = dir_remove(dir);

    if (r >= 0)
        r = dir_make(dir, 0700);
    if (r < 0)
        return cannot(err, r, "write the config drive");
    for (size_t i = 0; i < s->n_files && r >= 0; i++)
        r = write_drive_file(&a, dir, &s->files[i], err);
    if (r >= 0)
        r = proc_run(&a, argv, NULL, DRIVE_TIMEOUT, NULL, err);
    if (r >= 0)
        r = finish_disk(lv, part, path, err);
    dir_remove(dir);
    return r;
}

/* --- All of it. ---------------------------------------------------------------------------- */

static int begin_directory(struct lv *lv, const char *id, struct arena *a, struct err *err)
{
    char *dir = arena_printf(a, "%s/%s", lv->instances, id);
    int r = dir_make(dir, 0711);

    /* Whatever the umask is: QEMU's user must get through, and see nothing else. */
    if (r >= 0 && chmod(dir, 0711) < 0)
        r = -errno;
    return r < 0 ? cannot(err, r, "make the server's directory") : 0;
}

static void drop_disks(struct lv *lv, const char *id)
{
    auto_arena struct arena a = { 0 };
    char *dir = arena_printf(&a, "%s/%s", lv->instances, id);
    DIR *d = opendir(dir);

    for (struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d))
        if (str_has_prefix(e->d_name, "disk"))
            unlinkat(dirfd(d), e->d_name, 0);
    if (d)
        closedir(d);
}

int lv_disks_ensure(struct lv *lv, const struct wish_server *s, struct task *t, struct err *err)
{
    auto_arena struct arena a = { 0 };
    struct lv_state state;
    int r = begin_directory(lv, s->id, &a, err);

    if (r < 0)
        return r;
    if (lv_state_read(lv, s->id, &a, &state) < 0 || state.generation < s->generation) {
        drop_disks(lv, s->id);
        state = (struct lv_state){ s->generation, s->instance_name, state.reboot_op, state.snapshot_op };
        r = lv_state_write(lv, s->id, &state, err);
    }
    for (size_t i = 0; i < s->n_disks && r >= 0; i++)
        r = ensure_disk(lv, s, &s->disks[i], t, err);
    if (r >= 0 && s->n_files)
        r = make_drive(lv, s, err);
    return r;
}

int lv_boot_files(struct lv *lv, const struct wish_server *s, struct task *t, struct arena *a,
                  const char **ret_kernel, const char **ret_ramdisk, struct err *err)
{
    struct lv_base base = { 0 };
    int r = 0;

    *ret_kernel = *ret_ramdisk = NULL;
    if (s->kernel) {
        r = lv_base_ensure(lv, s, s->kernel, 0, t, a, &base, err);
        *ret_kernel = r < 0 ? NULL : base.path;
    }
    if (r >= 0 && s->kernel && s->ramdisk) {
        r = lv_base_ensure(lv, s, s->ramdisk, 0, t, a, &base, err);
        *ret_ramdisk = r < 0 ? NULL : base.path;
    }
    return r;
}

/* --- The console's log. --------------------------------------------------------------------- */

int lv_console_begin(struct lv *lv, const char *id, struct err *err)
{
    auto_arena struct arena a = { 0 };
    char *path = lv_path(&a, lv, id, "console.log");
    auto_close int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    int r = fd < 0 ? -errno : lv_give(lv, path);

    return r < 0 ? cannot(err, r, "make the console's log") : 0;
}

/* QEMU appends, so what is cut off here does not come back as a hole. */
static void trim(const char *path)
{
    auto_close int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_APPEND);
    auto_free char *tail = NULL;
    struct stat st;
    ssize_t n;

    if (fd < 0 || fstat(fd, &st) < 0 || st.st_size <= LOG_MAX)
        return;
    tail = malloc(LOG_KEEP);
    n = tail ? pread(fd, tail, LOG_KEEP, st.st_size - LOG_KEEP) : -1;
    if (n > 0 && ftruncate(fd, 0) == 0)
        write_all(fd, tail, (size_t) n);
}

void lv_console_trim(struct lv *lv)
{
    auto_arena struct arena a = { 0 };
    DIR *d = opendir(lv->instances);

    for (struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d))
        if (uuid_is_dashed(e->d_name))
            trim(lv_path(&a, lv, e->d_name, "console.log"));
    if (d)
        closedir(d);
}

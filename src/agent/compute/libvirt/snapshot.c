/* SPDX-License-Identifier: Apache-2.0 */
/* The root disk as it is at one moment, sent to the image service. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/compute/libvirt/lv.h"
#include "agent/compute/transfer.h"
#include "base/str.h"
#include "wire/json.h"

#define COPY_LIMIT_S 3600
#define POLL_MS      100

/* --- A copy under a running guest. ------------------------------------------------------ */

/* An empty disk of the same size for QEMU to copy into. */
static int make_target(struct lv *lv, const char *disk, const char *path, struct arena *a, struct err *err)
{
    const char *const info[] = { "info", "--output=json", "-U", "-f", "qcow2", disk, NULL };
    auto_json json_t *o = NULL;
    char *out;
    int r = lv_qemu_img(info, 30, a, &out, err);

    if (r >= 0)
        r = json_read(out, strlen(out), &o, err);
    if (r >= 0) {
        char *size = arena_printf(a, "%" PRId64, json_int(o, "virtual-size", 0));
        const char *const create[] = { "create", "-q", "-f", "qcow2", path, size, NULL };

        r = lv_qemu_img(create, 30, a, NULL, err);
    }
    if (r >= 0)
        r = lv_give(lv, path);
    return r < 0 ? err_prefix(err, r, "Cannot prepare the snapshot") : 0;
}

/* Waits until the copy follows the guest's writes. */
static int wait_copied(struct lv *lv, virDomainPtr d, const char *target, struct task *t, struct err *err)
{
    virDomainBlockJobInfo info = { 0 };

    for (;;) {
        int r = lv->api->virDomainGetBlockJobInfo(d, target, &info, 0);

        if (r < 0)
            return libvirt_error(lv->api, err, "Cannot copy the disk");
        if (r == 0)
            return err_set(err, -EIO, "The copy of the disk ended too early");
        if (info.end)
            atomic_store(&t->progress, (int) (info.cur * 60 / info.end));
        /* Both may be nothing before the job has counted. */
        if (info.end && info.cur == info.end)
            return 0;
        if (!lv_pause(t, POLL_MS))
            return err_set(err, -ECANCELED, "cancelled");
    }
}

/* The end is refused while the last writes are still on their way. */
static int end_copy(struct lv *lv, virDomainPtr d, const char *target, struct task *t, struct err *err)
{
    for (int i = 0; lv->api->virDomainBlockJobAbort(d, target, 0) < 0; i++) {
        if (i == 100)
            return libvirt_error(lv->api, err, "Cannot end the copy of the disk");
        lv_pause(t, POLL_MS);
    }
    return 0;
}

/* True when the mirror holds all, so that an abort leaves a whole copy. */
static int copy_live(struct lv *lv, virDomainPtr d, const char *target, const char *disk, const char *path,
                     struct task *t, struct arena *a, struct err *err)
{
    char *xml = arena_printf(a, "<disk type='file'><source file='%s'/><driver type='qcow2'/></disk>", path);
    int r;

    /* Left by a predecessor that ended in the midst of it. */
    lv->api->virDomainBlockJobAbort(d, target, 0);
    r = make_target(lv, disk, path, a, err);
    if (r < 0)
        return r;
    if (lv->api->virDomainBlockCopy(d, target, xml, NULL, 0,
                                    VIR_DOMAIN_BLOCK_COPY_REUSE_EXT | VIR_DOMAIN_BLOCK_COPY_TRANSIENT_JOB) <
        0)
        return libvirt_error(lv->api, err, "Cannot copy the disk");
    r = wait_copied(lv, d, target, t, err);
    if (r < 0)
        lv->api->virDomainBlockJobAbort(d, target, 0);
    return r < 0 ? r : end_copy(lv, d, target, t, err);
}

/* --- Sending. ------------------------------------------------------------------------------ */

static int convert(const char *from, const char *format, const char *to, struct arena *a, struct err *err)
{
    const char *const args[] = { "convert", "-f", "qcow2", "-O", format, from, to, NULL };
    int r = lv_qemu_img(args, COPY_LIMIT_S, a, NULL, err);

    return r < 0 ? err_prefix(err, r, "Cannot write the snapshot") : 0;
}

struct source {
    int fd;
    struct task *task;
    uint64_t size, sent;
};

static ssize_t read_source(void *ctx, char *buf, size_t max)
{
    struct source *s = ctx;
    ssize_t n = atomic_load(&s->task->cancelled) ? -1 : read(s->fd, buf, max);

    if (n > 0) {
        s->sent += (uint64_t) n;
        atomic_store(&s->task->progress, 70 + (int) (s->sent * 29 / s->size));
    }
    return n;
}

static int send_file(struct lv *lv, const struct wish_server *s, const char *image_id, const char *path,
                     struct task *t, struct err *err)
{
    struct source source = { .task = t };
    auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0)
        return err_set(err, -errno, "Cannot read the snapshot: %s", strerror(errno));
    source.fd = fd;
    source.size = (uint64_t) st.st_size + 1;
    return image_send(lv->http, s, image_id, read_source, &source, st.st_size, err);
}

/* --- All of it. ------------------------------------------------------------------------------- */

static int take(struct lv *lv, const struct wish_server *s, virDomainPtr d, const char *image_id,
                const char *format, struct task *t, struct err *err)
{
    auto_arena struct arena a = { 0 };
    char *disk = lv_path(&a, lv, s->id, "disk"), *copy = lv_path(&a, lv, s->id, "snapshot.copy");
    char *out = lv_path(&a, lv, s->id, "snapshot.out"), *xml = lv_xml_of(lv, d, &a);
    const char **targets = xml ? lv_xml_targets(&a, xml, "disk") : NULL;
    bool live = lv->api->virDomainIsActive(d) == 1;
    int r = 0;

    unlink(copy);
    r = lv_disk_check(lv, disk, &a, err);
    if (r < 0)
        return r;
    if (live && !targets)
        return err_set(err, -EINVAL, "The guest has no disk");
    if (live)
        r = copy_live(lv, d, targets[0], disk, copy, t, &a, err);
    /* What QEMU copied into is whole already; what it never touched has to be flattened. */
    if (r >= 0 && !(live && str_eq(format, "qcow2")))
        r = convert(live ? copy : disk, format, out, &a, err);
    if (r >= 0)
        r = send_file(lv, s, image_id, live && str_eq(format, "qcow2") ? copy : out, t, err);
    unlink(copy);
    unlink(out);
    return r;
}

int lv_snapshot(void *self, const char *host, const struct wish_server *s, const char *image_id,
                const char *disk_format, const char *op, struct task *t, struct err *err)
{
    struct lv *lv = self;
    auto_arena struct arena a = { 0 };
    struct lv_state state;
    virDomainPtr d;
    int r;

    if (!str_eq(disk_format, "qcow2") && !str_eq(disk_format, "raw"))
        return err_set(err, -EINVAL, "Snapshots are qcow2 or raw, not %s", disk_format);
    d = lv_domain(lv, s->id);
    if (!d)
        return err_set(err, -ENOENT, "Instance %s could not be found", s->id);
    lv_state_read(lv, s->id, &a, &state);
    if (str_eq(state.snapshot_op, op) && !str_eq(op, "-")) {
        r = 0;
    } else {
        r = take(lv, s, d, image_id, disk_format, t, err);
        state.snapshot_op = op;
        if (r >= 0)
            r = lv_state_write(lv, s->id, &state, err);
    }
    lv->api->virDomainFree(d);
    return r;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A hypervisor without guests: it keeps a line a server in
 * STATE/fake/HOST/SERVER and answers at once (SERVER.screen holds the port of a
 * screen, if there is one).  For trying the cloud where no guest can run, and
 * for thousands of hosts in one process. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "agent/compute/driver.h"
#include "agent/compute/transfer.h"
#include "base/str.h"
#include "base/uuid.h"
#include "io/sock.h"

#define HOST_VCPUS     64
#define HOST_MEMORY_MB (256 * 1024)
#define HOST_DISK_GB   4000
#define EMPTY_DISK     (256 * 1024)

struct fake {
    const char *state_dir;
    struct httpc *http;
};

struct record {
    char instance_name[65], reboot_op[65], snapshot_op[65];
    int power;
    long long vcpus, memory_mb;
};

static char *record_path(struct arena *a, struct fake *f, const char *host, const char *id)
{
    return arena_printf(a, "%s/fake/%s/%s", f->state_dir, host, id);
}

static bool record_read(struct fake *f, const char *host, const char *id, struct record *ret)
{
    auto_arena struct arena a = { 0 };
    struct record r = { 0 };
    char *text;

    if (!uuid_is_dashed(id) || file_read(&a, record_path(&a, f, host, id), 4096, &text, NULL) < 0)
        return false;
    if (sscanf(text, "%64s %d %lld %lld %64s %64s", r.instance_name, &r.power, &r.vcpus, &r.memory_mb,
               r.reboot_op, r.snapshot_op) != 6 ||
        r.power < GUEST_NONE || r.power > GUEST_CRASHED)
        return false;
    *ret = r;
    return true;
}

/* Without fsync: what a fake loses with the machine is nothing. */
static int record_write(struct fake *f, const char *host, const char *id, const struct record *r,
                        struct err *err)
{
    auto_arena struct arena a = { 0 };
    auto_close int fd = -1;
    char *path = record_path(&a, f, host, id), *aside = arena_printf(&a, "%s~", path);
    char *text = arena_printf(&a, "%s %d %lld %lld %s %s\n", r->instance_name, r->power, r->vcpus,
                              r->memory_mb, r->reboot_op, r->snapshot_op);

    fd = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || write_all(fd, text, strlen(text)) < 0 || rename(aside, path) < 0)
        return err_set(err, -errno, "Cannot keep the server's state: %s", strerror(errno));
    return 0;
}

/* The server's record, by the wish where it has none yet. */
static struct record record_of(struct fake *f, const char *host, const struct wish_server *s)
{
    struct record r = { .power = GUEST_NONE, .reboot_op = "-", .snapshot_op = "-" };

    record_read(f, host, s->id, &r);
    snprintf(r.instance_name, sizeof(r.instance_name), "%s", s->instance_name);
    r.vcpus = s->vcpus;
    r.memory_mb = s->memory_mb;
    return r;
}

static int fake_open(const struct compute_driver_config *c, void **ret, struct err *err)
{
    auto_arena struct arena a = { 0 };
    struct fake *f;
    int r = 0;

    strv_foreach (host, c->hosts) {
        r = dir_make(arena_printf(&a, "%s/fake/%s", c->agent->state_dir, *host), 0700);
        if (r < 0)
            return err_set(err, r, "Cannot make the directory of host %s: %s", *host, strerror(-r));
    }
    f = calloc(1, sizeof(*f));
    if (!f)
        return err_set(err, -ENOMEM, "Out of memory");
    f->state_dir = c->agent->state_dir;
    r = httpc_new(&(struct httpc_config){ 0 }, &f->http, err);
    if (r < 0) {
        free(f);
        return r;
    }
    *ret = f;
    return 0;
}

static void fake_close(void *self)
{
    struct fake *f = self;

    httpc_free(f->http);
    free(f);
}

static int fake_list(void *self, const char *host, struct arena *a, struct guest **ret, size_t *ret_n,
                     struct err *err)
{
    struct fake *f = self;
    char *path = arena_printf(a, "%s/fake/%s", f->state_dir, host);
    DIR *d = opendir(path);
    struct guest *list = NULL;
    struct record r;
    size_t n = 0;

    if (!d)
        return err_set(err, -errno, "Cannot read the servers of host %s: %s", host, strerror(errno));
    for (struct dirent *e = readdir(d); e; e = readdir(d)) {
        if (!record_read(f, host, e->d_name, &r))
            continue;
        list = arena_grow(a, list, n * sizeof(*list), (n + 1) * sizeof(*list));
        list[n++] = (struct guest){ arena_strdup(a, e->d_name), arena_strdup(a, r.instance_name),
                                    (enum guest_power) r.power };
    }
    closedir(d);
    *ret = list;
    *ret_n = n;
    return 0;
}

static int fake_facts(void *self, const char *host, struct arena *a, struct host_facts *ret, struct err *err)
{
    struct guest *guests;
    struct record rec;
    size_t n;
    int r = fake_list(self, host, a, &guests, &n, err);

    if (r < 0)
        return r;
    *ret = (struct host_facts){
        .hypervisor_type = "fake",
        .virt_type = "fake",
        .hypervisor_version = 1000,
        .vcpus = HOST_VCPUS,
        .memory_mb = HOST_MEMORY_MB,
        .local_gb = HOST_DISK_GB,
        .disk_available_gb = HOST_DISK_GB,
        .cpu_arch = "x86_64",
        .cpu_model = "fake",
        .cpu_vendor = "fake",
        .cores = HOST_VCPUS,
        .threads = 1,
        .sockets = 1,
    };
    for (size_t i = 0; i < n; i++) {
        if (guests[i].power != GUEST_RUNNING || !record_read(self, host, guests[i].id, &rec))
            continue;
        ret->memory_mb_used += rec.memory_mb;
        ret->running_vms++;
    }
    return 0;
}

static enum guest_power fake_power(void *self, const struct which *w)
{
    struct record r;

    return record_read(self, w->host, w->id, &r) ? (enum guest_power) r.power : GUEST_NONE;
}

static int fake_prepare(void *self, const char *host, const struct wish_server *s, struct task *t,
                        struct err *err)
{
    struct record r = record_of(self, host, s);

    return record_write(self, host, s->id, &r, err);
}

static int fake_converge(void *self, const char *host, const struct wish_server *s, struct task *t,
                         struct err *err)
{
    struct record r = record_of(self, host, s);

    r.power = s->power;
    return record_write(self, host, s->id, &r, err);
}

static int fake_destroy(void *self, const struct which *w, struct task *t, struct err *err)
{
    auto_arena struct arena a = { 0 };

    if (uuid_is_dashed(w->id) && unlink(record_path(&a, self, w->host, w->id)) < 0 && errno != ENOENT)
        return err_set(err, -errno, "Cannot remove the server: %s", strerror(errno));
    return 0;
}

/* Where a guest must be. */
static int need_record(struct fake *f, const char *host, const char *id, struct record *ret, struct err *err)
{
    if (record_read(f, host, id, ret) && ret->power != GUEST_NONE)
        return 0;
    return err_set(err, -ENOENT, "Instance %s could not be found on host %s", id, host);
}

static int fake_reboot(void *self, const char *host, const struct wish_server *s, bool hard, const char *op,
                       struct task *t, struct err *err)
{
    struct record rec;
    int r = need_record(self, host, s->id, &rec, err);

    if (r < 0)
        return r;
    rec.power = GUEST_RUNNING;
    snprintf(rec.reboot_op, sizeof(rec.reboot_op), "%s", op);
    return record_write(self, host, s->id, &rec, err);
}

struct bytes {
    const char *data;
    size_t n, at;
};

static ssize_t read_bytes(void *ctx, char *buf, size_t max)
{
    struct bytes *b = ctx;
    size_t n = b->n - b->at < max ? b->n - b->at : max;

    memcpy(buf, b->data + b->at, n);
    b->at += n;
    return (ssize_t) n;
}

/* A qcow2 disk of 512 MiB that holds nothing: the header, the table of
 * reference counts, one block of them and the first table. */
static void write_empty_qcow2(uint8_t *d)
{
    static const uint8_t header[72] = {
        'Q', 'F', 'I', 0xfb, [7] = 2, [23] = 16, [28] = 0x20, [39] = 1, [45] = 3, [53] = 1, [59] = 1
    };

    memcpy(d, header, sizeof(header));
    d[0x10005] = 2;
    for (int i = 0; i < 4; i++)
        d[0x20001 + 2 * i] = 1;
}

/* Long enough for a person, or a test, to find that a snapshot is being made. */
#define SNAPSHOT_NS 250000000

static int fake_snapshot(void *self, const char *host, const struct wish_server *s, const char *image_id,
                         const char *disk_format, const char *op, struct task *t, struct err *err)
{
    struct fake *f = self;
    auto_arena struct arena a = { 0 };
    struct bytes b = { arena_alloc(&a, EMPTY_DISK), EMPTY_DISK, 0 };
    struct record rec;
    int r = need_record(f, host, s->id, &rec, err);

    if (r < 0 || str_eq(rec.snapshot_op, op))
        return r;
    if (str_eq(disk_format, "qcow2"))
        write_empty_qcow2((uint8_t *) b.data);
    nanosleep(&(struct timespec){ .tv_nsec = SNAPSHOT_NS }, NULL);
    r = image_send(f->http, s, image_id, read_bytes, &b, EMPTY_DISK, err);
    if (r < 0)
        return r;
    snprintf(rec.snapshot_op, sizeof(rec.snapshot_op), "%s", op);
    return record_write(f, host, s->id, &rec, err);
}

static int fake_plug(void *self, const char *host, const struct wish_server *s, const struct wish_nic *n,
                     struct task *t, struct err *err)
{
    struct record rec;

    return need_record(self, host, s->id, &rec, err);
}

#define FAKE_CONSOLE_LINES 64

static int fake_console(void *self, const struct which *w, int64_t lines, struct arena *a, char **ret,
                        struct err *err)
{
    struct record rec;
    struct strbuf out = { .arena = a };
    int r = need_record(self, w->host, w->id, &rec, err);

    /* As many lines as a guest's first messages, so that who asks for the last few gets as many. */
    for (int64_t k = lines >= 0 && lines < FAKE_CONSOLE_LINES ? FAKE_CONSOLE_LINES - lines : 0;
         r >= 0 && k < FAKE_CONSOLE_LINES; k++)
        strbuf_printf(&out, "[%4lld.000000] %s: the fake driver runs no guest\n", (long long) k,
                      rec.instance_name);
    if (r >= 0)
        *ret = arena_strdup(a, strbuf_str(&out));
    return r;
}

static int fake_vnc(void *self, const struct which *w, struct arena *a, const char **ret_host,
                    uint16_t *ret_port, struct err *err)
{
    char *path = arena_printf(a, "%s.screen", record_path(a, self, w->host, w->id)), *text;
    struct record rec;
    int64_t port = 9;
    int r = need_record(self, w->host, w->id, &rec, err);

    /* Port 9 discards: whoever looks at the screen of a guest that is not there sees nothing.
     * Who wants to see something writes the port of a screen beside the record. */
    if (r >= 0 && file_read(a, path, 16, &text, NULL) >= 0)
        str_to_i64(str_trim(a, text), &port);
    *ret_host = "127.0.0.1";
    *ret_port = (uint16_t) port;
    return r;
}

static int fake_diagnostics(void *self, const struct which *w, json_t **ret, struct err *err)
{
    struct record rec;
    int r = need_record(self, w->host, w->id, &rec, err);

    if (r >= 0)
        *ret = json_pack("{s:s, s:s, s:s, s:s, s:n, s:I, s:[], s:[], s:[], s:{s:I, s:n}}", "state",
                         guest_power_text((enum guest_power) rec.power), "driver", "libvirt", "hypervisor",
                         "fake", "hypervisor_os", "linux", "uptime", "num_cpus", (json_int_t) rec.vcpus,
                         "cpu_details", "nic_details", "disk_details", "memory_details", "maximum",
                         (json_int_t) rec.memory_mb, "used");
    return r;
}

const struct compute_driver compute_driver_fake = {
    .name = "fake",
    .instant = true,
    .open = fake_open,
    .close = fake_close,
    .facts = fake_facts,
    .list = fake_list,
    .power = fake_power,
    .prepare = fake_prepare,
    .converge = fake_converge,
    .destroy = fake_destroy,
    .reboot = fake_reboot,
    .snapshot = fake_snapshot,
    .attach = fake_plug,
    .detach = fake_plug,
    .console_output = fake_console,
    .vnc = fake_vnc,
    .diagnostics = fake_diagnostics,
};

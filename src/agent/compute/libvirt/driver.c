/* SPDX-License-Identifier: Apache-2.0 */
/* The libvirt driver: its beginning, the host's facts, and questions about guests. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "agent/compute/libvirt/lv.h"
#include "base/str.h"
#include "base/time.h"
#include "base/uuid.h"
#include "host/accel.h"
#include "host/reaper.h"
#include "io/sock.h"

#define CONSOLE_MAX (100 * 1024)
#define CLEAN_US    (6 * 3600 * INT64_C(1000000))

/* --- Beginning. --------------------------------------------------------------------- */

static int cannot(struct err *err, const char *what, int code)
{
    return err_set(err, code, "Cannot %s: %s", what, strerror(-code));
}

/* A directory that QEMU's user may go through whatever the umask is. */
static int make_passage(const char *path, unsigned mode, struct err *err)
{
    int r = dir_make(path, mode);

    if (r >= 0 && chmod(path, mode) < 0)
        r = -errno;
    return r < 0 ? cannot(err, "make a directory for guests", r) : 0;
}

/* True when every directory up to the root lets others through; the state
 * directory itself is opened for passing (not for reading) if need be. */
static bool is_reachable(struct arena *a, const char *dir)
{
    char *path = arena_strdup(a, dir), *slash;
    struct stat st;

    if (stat(path, &st) < 0 || (!(st.st_mode & S_IXOTH) && chmod(path, (st.st_mode & 07777) | S_IXOTH) < 0))
        return false;
    while ((slash = strrchr(path, '/')) && slash != path) {
        *slash = '\0';
        if (stat(path, &st) < 0 || !(st.st_mode & S_IXOTH))
            return false;
    }
    return true;
}

/* Where no udev gave /dev/kvm to its group it is root's alone.  libvirt then
 * finds KVM as root and misses it as QEMU's user, and asks QEMU for its
 * abilities anew each time, for many seconds.  So this does what udev does. */
static void open_kvm(struct lv *lv)
{
    struct stat st;

    if (!lv->uid || stat("/dev/kvm", &st) < 0 || st.st_uid != 0 || st.st_gid != 0 || (st.st_mode & 0077))
        return;
    if (chown("/dev/kvm", 0, lv->gid) == 0 && chmod("/dev/kvm", 0660) == 0)
        log_info(lv->config.agent->log, "gave /dev/kvm to the group of QEMU's user", "user", lv->qemu_user);
}

static int choose_user(struct lv *lv, struct err *err)
{
    const char *name = lv->options->qemu_user;
    bool automatic = str_empty(name) || str_eq(name, "auto");
    const struct passwd *pw;

    if (str_eq(name, "root") || geteuid() != 0)
        return 0;
    pw = getpwnam(automatic ? "libvirt-qemu" : name);
    if (!pw && automatic)
        return 0;
    if (!pw)
        return err_set(err, -EINVAL, "There is no user %s to run QEMU as", name);
    if (!is_reachable(&lv->arena, lv->config.agent->state_dir)) {
        if (!automatic)
            return err_set(err, -EACCES, "The user %s does not reach the state directory", name);
        log_warning(lv->config.agent->log,
                    "QEMU runs as root: the user libvirt-qemu does not reach the state directory");
        return 0;
    }
    lv->qemu_user = arena_strdup(&lv->arena, pw->pw_name);
    lv->uid = pw->pw_uid;
    lv->gid = pw->pw_gid;
    open_kvm(lv);
    return 0;
}

static int make_directories(struct lv *lv, const char *root, struct err *err)
{
    static const char *const inner[] = { "lib", "run", "cache", "log" };
    int r = make_passage(root, 0711, err);

    for (size_t i = 0; i < ARRAY_SIZE(inner) && r >= 0; i++)
        r = make_passage(arena_printf(&lv->arena, "%s/%s", root, inner[i]), 0711, err);
    if (r >= 0)
        r = make_passage(lv->instances, 0711, err);
    return r < 0 ? r : make_passage(lv->bases, 0711, err);
}

/* No security driver, cgroups or namespaces: those are the machine's
 * libvirtd's business; files belong to QEMU's user from their making. */
static int write_settings(struct lv *lv, const char *root, struct err *err)
{
    char *text =
        arena_printf(&lv->arena,
                     "security_driver = \"none\"\nuser = \"+%u\"\ngroup = \"+%u\"\ndynamic_ownership = 0\n"
                     "remember_owner = 0\nnamespaces = []\ncgroup_controllers = []\n"
                     "stdio_handler = \"file\"\nmax_core = 0\n",
                     lv->uid, lv->gid);
    char *dir = arena_printf(&lv->arena, "%s/etc", root);
    int r = dir_make(dir, 0700);

    if (r >= 0)
        r = file_write_atomic(arena_printf(&lv->arena, "%s/qemu.conf", dir), text, strlen(text), 0600);
    return r < 0 ? cannot(err, "write libvirt's settings", r) : 0;
}

static void choose_accelerator(struct lv *lv)
{
    const char *wish = lv->options->virt_type, *why = NULL;

    lv->kvm =
        str_eq(wish, "kvm") ||
        (str_eq(wish, "auto") && accel_has_kvm(&lv->arena, lv->config.agent->state_dir, lv->qemu_user, &why));
    if (why)
        log_info(lv->config.agent->log, "guests are emulated", "reason", why);
}

static int on_lifecycle(virConnectPtr conn, virDomainPtr d, int event, int detail, void *ctx)
{
    struct lv *lv = ctx;
    char id[VIR_UUID_STRING_BUFLEN];
    const char *reason = NULL;
    enum guest_power power = GUEST_SHUTDOWN;

    if (event == VIR_DOMAIN_EVENT_SUSPENDED && detail == VIR_DOMAIN_EVENT_SUSPENDED_IOERROR) {
        power = GUEST_PAUSED;
        reason = "The guest was stopped because its disk could not be written";
    } else if (event == VIR_DOMAIN_EVENT_CRASHED ||
               (event == VIR_DOMAIN_EVENT_STOPPED && detail == VIR_DOMAIN_EVENT_STOPPED_CRASHED)) {
        power = GUEST_CRASHED;
        reason = "The guest crashed";
    } else if (event == VIR_DOMAIN_EVENT_STOPPED && detail == VIR_DOMAIN_EVENT_STOPPED_SAVED) {
        power = GUEST_SUSPENDED;
    } else if (event != VIR_DOMAIN_EVENT_STOPPED) {
        return 0;
    }
    if (lv->api->virDomainGetUUIDString(d, id) == 0)
        lv->config.on_event(lv->config.ctx, lv->host, id, power, reason);
    return 0;
}

static int connect_libvirt(struct lv *lv, const char *root, struct err *err)
{
    char *uri = arena_printf(&lv->arena, "qemu:///embed?root=%s", root);
    int r = libvirt_open(uri, &lv->api, err);

    if (r < 0)
        return r;
    lv->events = lv->api->virConnectDomainEventRegisterAny(lv->api->conn, NULL, VIR_DOMAIN_EVENT_ID_LIFECYCLE,
                                                           VIR_DOMAIN_EVENT_CALLBACK(on_lifecycle), lv, NULL);
    return lv->events < 0 ? libvirt_error(lv->api, err, "Cannot listen to libvirt") : 0;
}

static void lv_close(void *self)
{
    struct lv *lv = self;

    if (lv->api && lv->events >= 0)
        lv->api->virConnectDomainEventDeregisterAny(lv->api->conn, lv->events);
    libvirt_close(lv->api);
    reaper_stop(lv->reaper);
    if (lv->http)
        httpc_free(lv->http);
    arena_done(&lv->arena);
    free(lv);
}

static int lv_open(const struct compute_driver_config *c, void **ret, struct err *err)
{
    struct lv *lv = calloc(1, sizeof(*lv));
    char *root;
    int r;

    if (!lv)
        return err_set(err, -ENOMEM, "Out of memory");
    lv->config = *c;
    lv->events = -1;
    lv->cleaned_us = time_mono_us();
    lv->options = c->agent->compute;
    lv->host = c->hosts[0];
    root = arena_printf(&lv->arena, "%s/libvirt", c->agent->state_dir);
    lv->instances = arena_printf(&lv->arena, "%s/instances", c->agent->state_dir);
    lv->bases = arena_printf(&lv->arena, "%s/_base", lv->instances);
    r = choose_user(lv, err);
    if (r >= 0)
        r = make_directories(lv, root, err);
    if (r >= 0)
        r = write_settings(lv, root, err);
    if (r >= 0)
        r = httpc_new(&(struct httpc_config){ 0 }, &lv->http, err);
    if (r >= 0)
        r = reaper_start("qemu-system-", &lv->reaper, err);
    if (r >= 0) {
        choose_accelerator(lv);
        r = connect_libvirt(lv, root, err);
    }
    if (r < 0) {
        lv_close(lv);
        return r;
    }
    *ret = lv;
    return 0;
}

/* --- The host. ----------------------------------------------------------------------- */

/* The value behind "name : " in a file of /proc, or "". */
static char *proc_value(struct arena *a, const char *text, const char *name)
{
    size_t n = strlen(name);

    for (const char *line = text; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
        const char *colon = strchr(line, ':'), *end = strchrnul(line, '\n');

        if (strncmp(line, name, n) == 0 && colon && colon < end &&
            strspn(line + n, " \t") == colon - line - n)
            return str_trim(a, arena_strndup(a, colon + 1, (size_t) (end - colon - 1)));
    }
    return "";
}

static int64_t proc_number(struct arena *a, const char *text, const char *name)
{
    return strtoll(proc_value(a, text, name), NULL, 10);
}

static void read_cpu(struct arena *a, struct host_facts *f)
{
    char *text = "";
    int64_t cores, siblings;

    file_read(a, "/proc/cpuinfo", 4 << 20, &text, NULL);
    cores = proc_number(a, text, "cpu cores");
    siblings = proc_number(a, text, "siblings");
    f->cpu_arch = "x86_64";
    f->cpu_model = proc_value(a, text, "model name");
    f->cpu_vendor = proc_value(a, text, "vendor_id");
    f->cpu_features = str_split(a, proc_value(a, text, "flags"), ' ');
    f->cores = cores > 0 ? (int) cores : (int) f->vcpus;
    f->threads = cores > 0 && siblings > cores ? (int) (siblings / cores) : 1;
    f->sockets = (int) f->vcpus / (f->cores * f->threads);
    f->sockets = f->sockets < 1 ? 1 : f->sockets;
}

static int lv_facts(void *self, const char *host, struct arena *a, struct host_facts *ret, struct err *err)
{
    struct lv *lv = self;
    struct host_facts f = { .hypervisor_type = "QEMU",
                            .virt_type = lv->kvm ? "kvm" : "qemu",
                            .vcpus = sysconf(_SC_NPROCESSORS_ONLN) };
    unsigned long version = 0;
    char *memory = "";
    struct statvfs v = { 0 };

    if (lv->api->virConnectGetVersion(lv->api->conn, &version) < 0)
        return libvirt_error(lv->api, err, "Cannot ask libvirt");
    f.hypervisor_version = (int64_t) version;
    f.running_vms = lv->api->virConnectNumOfDomains(lv->api->conn);
    file_read(a, "/proc/meminfo", 65536, &memory, NULL);
    f.memory_mb = proc_number(a, memory, "MemTotal") / 1024;
    f.memory_mb_used = f.memory_mb - proc_number(a, memory, "MemAvailable") / 1024;
    if (statvfs(lv->instances, &v) == 0) {
        f.local_gb = (int64_t) (v.f_blocks * v.f_frsize >> 30);
        f.disk_available_gb = (int64_t) (v.f_bavail * v.f_frsize >> 30);
    }
    read_cpu(a, &f);
    lv_console_trim(lv);
    if (time_mono_us() - lv->cleaned_us > CLEAN_US) {
        lv->cleaned_us = time_mono_us();
        lv_bases_clean(lv);
    }
    *ret = f;
    return 0;
}

/* Directories of servers without a domain: what a failure left. */
static void add_directories(struct lv *lv, struct arena *a, struct guest **list, size_t *n)
{
    DIR *d = opendir(lv->instances);
    size_t domains = *n;

    for (struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d)) {
        struct lv_state state;
        bool known = !uuid_is_dashed(e->d_name);

        for (size_t i = 0; i < domains && !known; i++)
            known = str_eq((*list)[i].id, e->d_name);
        if (known)
            continue;
        lv_state_read(lv, e->d_name, a, &state);
        *list = arena_grow(a, *list, *n * sizeof(**list), (*n + 1) * sizeof(**list));
        (*list)[(*n)++] = (struct guest){ arena_strdup(a, e->d_name), state.instance_name, GUEST_NONE };
    }
    if (d)
        closedir(d);
}

static int lv_list(void *self, const char *host, struct arena *a, struct guest **ret, size_t *ret_n,
                   struct err *err)
{
    struct lv *lv = self;
    virDomainPtr *domains = NULL;
    int count = lv->api->virConnectListAllDomains(lv->api->conn, &domains, 0);
    struct guest *list;
    size_t n = 0;

    if (count < 0)
        return libvirt_error(lv->api, err, "Cannot list the guests");
    list = arena_array(a, struct guest, (size_t) count + 1);
    for (int i = 0; i < count; i++) {
        char id[VIR_UUID_STRING_BUFLEN];

        if (lv->api->virDomainGetUUIDString(domains[i], id) == 0)
            list[n++] =
                (struct guest){ arena_strdup(a, id), arena_strdup(a, lv->api->virDomainGetName(domains[i])),
                                lv_power_of(lv, domains[i]) };
        lv->api->virDomainFree(domains[i]);
    }
    free(domains);
    add_directories(lv, a, &list, &n);
    *ret = list;
    *ret_n = n;
    return 0;
}

/* --- Questions about a guest. ------------------------------------------------------------ */

static enum guest_power lv_power(void *self, const struct which *w)
{
    struct lv *lv = self;
    virDomainPtr d = lv_domain(lv, w->id);
    enum guest_power p = d ? lv_power_of(lv, d) : GUEST_NONE;

    if (d)
        lv->api->virDomainFree(d);
    return p;
}

/* Replaces what is no UTF-8 and what a terminal's reader does not need. */
static char *clean_text(struct arena *a, const char *s, size_t n)
{
    char *out = arena_alloc(a, n + 1), *p = out;

    for (size_t i = 0; i < n;) {
        unsigned char c = (unsigned char) s[i];
        size_t len = c < 0x80 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;

        if (c == 0 || i + len > n || !str_is_utf8(s + i, len)) {
            *p++ = '?';
            i++;
            continue;
        }
        memcpy(p, s + i, len);
        p += len;
        i += len;
    }
    *p = '\0';
    return out;
}

/* The last 'lines' lines of 's'; all when negative. */
static const char *last_lines(const char *s, int64_t lines)
{
    const char *p = s + strlen(s);
    int64_t seen = 0;

    if (lines < 0)
        return s;
    if (p > s && p[-1] == '\n')
        p--;
    while (p > s && !(p[-1] == '\n' && ++seen == lines))
        p--;
    return p;
}

static int lv_console(void *self, const struct which *w, int64_t lines, struct arena *a, char **ret,
                      struct err *err)
{
    struct lv *lv = self;
    auto_close int fd =
        open(lv_path(a, lv, w->id, "console.log"), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    char *buf = arena_alloc(a, CONSOLE_MAX + 1);
    struct stat st;
    ssize_t n;

    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return err_set(err, -ENOENT, "Instance %s has no console log", w->id);
    n = pread(fd, buf, CONSOLE_MAX, st.st_size > CONSOLE_MAX ? st.st_size - CONSOLE_MAX : 0);
    if (n < 0)
        return err_set(err, -errno, "Cannot read the console's log: %s", strerror(errno));
    *ret = lines == 0 ? "" : (char *) last_lines(clean_text(a, buf, (size_t) n), lines);
    return 0;
}

static int lv_vnc(void *self, const struct which *w, struct arena *a, const char **ret_host,
                  uint16_t *ret_port, struct err *err)
{
    struct lv *lv = self;
    virDomainPtr d = lv_domain(lv, w->id);
    char *xml, *port;
    int64_t n = 0;

    if (!d)
        return err_set(err, -ENOENT, "Instance %s could not be found", w->id);
    xml = lv_xml_of(lv, d, a);
    lv->api->virDomainFree(d);
    port = xml ? lv_xml_attribute(a, xml, "graphics", "port") : NULL;
    if (!port || str_to_i64(port, &n) < 0 || n <= 0 || n > 65535)
        return err_set(err, -ENOENT, "Instance %s has no screen now", w->id);
    *ret_host =
        str_has_prefix(lv->options->vnc_listen, "127.") ? lv->options->vnc_listen : lv->options->host_ip;
    *ret_port = (uint16_t) n;
    return 0;
}

const struct compute_driver compute_driver_libvirt = {
    .name = "libvirt",
    .vif_plugging = true,
    .open = lv_open,
    .close = lv_close,
    .facts = lv_facts,
    .list = lv_list,
    .power = lv_power,
    .prepare = lv_prepare,
    .converge = lv_converge,
    .destroy = lv_destroy,
    .reboot = lv_reboot,
    .snapshot = lv_snapshot,
    .attach = lv_attach,
    .detach = lv_detach,
    .console_output = lv_console,
    .vnc = lv_vnc,
    .diagnostics = lv_diagnostics,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* The compute role with real guests: it runs as a process of its own in a
 * network namespace of the test's, over a local bus, with wishes written by
 * hand and an image service that is a few lines. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/compute/libvirt/lv.h"
#include "agent/compute_wishes.h"
#include "base/str.h"
#include "base/time.h"
#include "bus/bus.h"
#include "crypto/digest.h"
#include "host/link.h"
#include "host/nl.h"
#include "io/proc.h"
#include "io/sock.h"
#include "kit/test.h"
#include "wire/http.h"
#include "wire/json.h"

#define VM     "99999999-0000-4000-8000-000000000001"
#define PORT   "aaaaaaaa-1000-4000-8000-00000000000"
#define HOST   "h1"
#define BOOT_S 180

/* --- The agent's process. -------------------------------------------------------------- */

static int run_agent(const char *state, const char *bus)
{
    struct log log = { .fd = 2, .level = LOG_LEVEL_INFO, .component = "agent" };
    struct agent_compute_options options = { .driver = "libvirt",
                                             .virt_type = "auto",
                                             .host_ip = "127.0.0.1",
                                             .vnc_listen = "127.0.0.1",
                                             .qemu_user = "auto",
                                             .cpu_mode = "auto",
                                             .workers = 4 };
    struct agent_config config = { .host = HOST,
                                   .prefix = "guesttest",
                                   .bus_url = bus,
                                   .log = &log,
                                   .compute = &options,
                                   .state_dir = state };
    struct agent_compute *agent;
    struct err err = { 0 };
    sigset_t set;
    int signo;

    umask(027);
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    if (agent_compute_start(&config, &agent, &err) < 0) {
        fprintf(stderr, "agent: %s\n", err.msg);
        return 1;
    }
    sigwait(&set, &signo);
    agent_compute_stop(agent);
    return 0;
}

/* --- What is around it. ------------------------------------------------------------------ */

struct cloud {
    struct test *t;
    const char *state, *bus_url, *image_path, *upload_path;
    const char *kernel_path, *ramdisk_path;
    struct bus_hub *hub;
    struct bus *bus;
    struct http_server *images;
    char *image_url, *image_hash;
    pid_t agent;
    pthread_mutex_t lock;
    json_t *beat, *reports, *wishes;
    size_t fetched;
};

static void pause_ms(long ms)
{
    struct timespec ts = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

    nanosleep(&ts, NULL);
}

static int on_call(void *ctx, struct bus_message *m, struct err *err)
{
    struct cloud *c = ctx;
    json_t *o;
    size_t i;

    pthread_mutex_lock(&c->lock);
    if (str_eq(m->method, COMPUTE_METHOD_WISHES)) {
        m->reply = json_deep_copy(c->wishes);
    } else if (str_eq(m->method, COMPUTE_METHOD_HEARTBEAT)) {
        json_decref(c->beat);
        c->beat = json_deep_copy(m->args);
    } else {
        json_array_foreach (json_arr(m->args, "servers"), i, o)
            json_object_set_new(c->reports, json_str(o, "id"), json_deep_copy(o));
    }
    pthread_mutex_unlock(&c->lock);
    return 0;
}

static struct http_head_result on_head(void *ctx, struct http_request *rq)
{
    return (struct http_head_result){ HTTP_WORKER, .stream_body = true };
}

static int take_upload(struct cloud *c, struct http_request *rq)
{
    auto_close int fd = open(c->upload_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    static const size_t piece = 65536;
    char *buf = arena_alloc(rq->arena, piece);
    ssize_t n;

    while ((n = http_body_read(rq, buf, piece)) > 0)
        if (write_all(fd, buf, (size_t) n) < 0)
            return -EIO;
    return n < 0 ? (int) n : 0;
}

static void on_image(void *ctx, struct http_request *rq)
{
    struct cloud *c = ctx;
    struct stat st;
    int fd;

    if (!str_eq(http_header_get(rq, "X-Auth-Token"), "secret")) {
        http_reply(rq, 401, "text/plain", "", 0);
    } else if (rq->method == HTTP_PUT) {
        http_reply(rq, take_upload(c, rq) < 0 ? 400 : 204, NULL, "", 0);
    } else {
        fd = open(strstr(rq->path, "kernel1")    ? c->kernel_path
                  : strstr(rq->path, "ramdisk1") ? c->ramdisk_path
                                                 : c->image_path,
                  O_RDONLY | O_CLOEXEC);
        fstat(fd, &st);
        c->fetched++;
        http_reply_fd(rq, 200, "application/octet-stream", fd, 0, (uint64_t) st.st_size);
    }
}

static void start_agent(struct cloud *c)
{
    const char *const argv[] = { "/proc/self/exe", "--agent", c->state, c->bus_url, NULL };
    struct proc_spec spec = { .argv = argv, .new_session = 1 };
    struct err err = { 0 };

    EXPECT_OK(proc_spawn(&spec, &c->agent, &err), &err);
}

static void kill_agent(struct cloud *c, int signo)
{
    if (c->agent <= 0)
        return;
    kill(c->agent, signo);
    waitpid(c->agent, NULL, 0);
    c->agent = 0;
}

static void stop_all(void *arg)
{
    struct cloud *c = arg;

    kill_agent(c, SIGTERM);
    if (c->images)
        http_server_stop(c->images, 1000);
    if (c->bus)
        bus_close(c->bus);
    if (c->hub)
        bus_hub_stop(c->hub);
    json_decref(c->beat);
    json_decref(c->reports);
    json_decref(c->wishes);
}

/* Host 'h1' answers; waits until it listens. */
static int ask(struct cloud *c, const char *method, const json_t *args, json_t **ret, struct err *err)
{
    const char *topic = arena_printf(test_arena(c->t), COMPUTE_TOPIC_HOST, HOST);
    int64_t end = time_mono_us() + 30 * 1000000;
    int r;

    for (;;) {
        *ret = NULL;
        err_clear(err);
        r = bus_call(c->bus, topic, method, args, NULL, 20000, ret, err);
        if ((r != -EHOSTDOWN && r != -EAGAIN) || time_mono_us() > end)
            return r;
        pause_ms(100);
    }
}

/* Asks until it is done.  Power afterwards. */
static const char *do_it(struct cloud *c, const char *method, json_t *args, int limit_s)
{
    int64_t end = time_mono_us() + limit_s * INT64_C(1000000), begin = time_mono_us();
    const char *power = NULL;
    struct err err = { 0 };

    while (!power) {
        auto_json json_t *reply = NULL;

        EXPECT_OK(ask(c, method, args, &reply, &err), &err);
        if (str_eq(json_str(reply, "state"), COMPUTE_STATE_DONE))
            power = arena_strdup(test_arena(c->t), json_str(reply, "power_state"));
        EXPECT_TRUE(power || time_mono_us() < end);
    }
    fprintf(stderr, "  %s: %s after %.1f s\n", method, power, (double) (time_mono_us() - begin) / 1e6);
    json_decref(args);
    return power;
}

static json_t *which(void)
{
    return json_pack("{s:s, s:s}", "server_id", VM, "instance_name", "instance-00000001");
}

static json_t *nic(int i)
{
    char port[64], tap[16], mac[18];

    snprintf(port, sizeof(port), PORT "%d", i);
    snprintf(tap, sizeof(tap), "tapgt%d", i);
    snprintf(mac, sizeof(mac), "fa:16:3e:00:00:0%d", i);
    return json_pack("{s:s, s:s, s:s, s:i}", "port_id", port, "tap", tap, "mac", mac, "mtu", 1450);
}

static json_t *server(struct cloud *c, const char *power, int nics)
{
    const char *meta = "{\"uuid\":\"" VM "\",\"hostname\":\"wished-name\",\"name\":\"wished-name\"}";
    struct stat st;
    json_t *list = json_array(), *s, *image;

    for (int i = 1; i <= nics; i++)
        json_array_append_new(list, nic(i));
    stat(c->image_path, &st);
    image = json_pack("{s:s, s:s, s:s, s:I, s:s, s:s}", "id", "img1", "disk_format", "qcow2",
                      "container_format", "bare", "size", (json_int_t) st.st_size, "os_hash_algo", "sha512",
                      "os_hash_value", c->image_hash);
    s = json_pack("{s:s, s:s, s:s, s:i, s:s, s:i, s:{s:s, s:i, s:i}, s:o, s:s, s:s, s:o}", "id", VM, "name",
                  "<web> & 'co'", "instance_name", "instance-00000001", "generation", 1, "power", power,
                  "shutdown_timeout_s", 60, "flavor", "name", "m1", "vcpus", 1, "memory_mb", 128, "image",
                  image, "image_endpoint", c->image_url, "image_token", "secret", "nics", list);
    json_object_set_new(
        s, "disks",
        json_pack("[{s:s, s:i}, {s:s, s:i}]", "kind", "root", "size_gb", 1, "kind", "swap", "size_mb", 16));
    json_object_set_new(s, "config_drive",
                        json_pack("{s:s, s:[{s:s, s:s}]}", "label", "config-2", "files", "path",
                                  "openstack/latest/meta_data.json", "data",
                                  base64_encode(test_arena(c->t), meta, strlen(meta))));
    return s;
}

static json_t *order(struct cloud *c, const char *power, int nics)
{
    return json_pack("{s:o, s:s}", "server", server(c, power, nics), "op", "op");
}

static const char *console(struct cloud *c)
{
    auto_json json_t *reply = NULL, *args = json_pack("{s:s}", "server_id", VM);
    struct err err = { 0 };

    return ask(c, COMPUTE_METHOD_CONSOLE_OUTPUT, args, &reply, &err) < 0
               ? ""
               : arena_strdup(test_arena(c->t), json_str(reply, "output"));
}

static bool console_shows(struct cloud *c, const char *words)
{
    int64_t end = time_mono_us() + BOOT_S * INT64_C(1000000), begin = time_mono_us();

    while (time_mono_us() < end) {
        if (strstr(console(c), words)) {
            fprintf(stderr, "  \"%s\" after %.1f s\n", words, (double) (time_mono_us() - begin) / 1e6);
            return true;
        }
        pause_ms(500);
    }
    fprintf(stderr, "%s\n", console(c));
    return false;
}

/* The guest's QEMU, by the name that libvirt gave it; 0: none. */
static pid_t find_qemu(struct test *t)
{
    const char *const argv[] = { "pgrep", "-f", "qemu-system.*uuid " VM, NULL };
    struct proc_result r = { 0 };

    return proc_run(test_arena(t), argv, NULL, 5000, &r, NULL) < 0 ? 0 : (pid_t) atoi(r.out);
}

static bool reported(struct cloud *c, const char *power)
{
    int64_t end = time_mono_us() + 30 * INT64_C(1000000);
    bool found = false;

    while (!found && time_mono_us() < end) {
        pthread_mutex_lock(&c->lock);
        found = str_eq(json_str(json_obj(c->reports, VM), "power_state"), power);
        pthread_mutex_unlock(&c->lock);
        pause_ms(50);
    }
    return found;
}

static void forget_reports(struct cloud *c)
{
    pthread_mutex_lock(&c->lock);
    json_object_clear(c->reports);
    pthread_mutex_unlock(&c->lock);
}

static char *hash_file(struct test *t, const char *path)
{
    auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct digest *d = digest_new(DIGEST_SHA512);
    char buf[65536], *hex;
    ssize_t n;

    while ((n = read(fd, buf, sizeof(buf))) > 0)
        digest_add(d, buf, (size_t) n);
    hex = digest_finish_hex(d, test_arena(t));
    digest_free(d);
    return hex;
}

static const char *image_dir(void)
{
    const char *dir = getenv("STACKD_GUEST");

    return dir ? dir : getenv("STACKD_GUEST_DEFAULT");
}

static const char *image_file(struct test *t, const char *name)
{
    return arena_printf(test_arena(t), "%s/stackd-guest.%s", image_dir(), name);
}

static struct cloud *start(struct test *t)
{
    struct cloud *c = arena_new(test_arena(t), struct cloud);
    struct http_config hc = { .on_head = on_head, .on_request = on_image, .ctx = c };
    const char *socket = test_path(t, "bus.sock");
    struct err err = { 0 };

    c->t = t;
    c->state = test_path(t, "state");
    /* As far as QEMU's own user must come. */
    EXPECT_INT(chmod(test_tmpdir(t), 0711), 0);
    c->bus_url = arena_printf(test_arena(t), "local:%s", socket);
    c->image_path = image_file(t, "qcow2");
    c->kernel_path = image_file(t, "vmlinuz");
    c->ramdisk_path = image_file(t, "initrd");
    c->image_hash = hash_file(t, c->image_path);
    c->upload_path = test_path(t, "upload");
    pthread_mutex_init(&c->lock, NULL);
    c->reports = json_object();
    c->wishes = json_pack("{s:[]}", "servers");
    test_cleanup(t, stop_all, c);
    EXPECT_OK(bus_hub_start(socket, 0600, NULL, &c->hub, &err), &err);
    EXPECT_OK(bus_open(&(struct bus_config){ .url = c->bus_url, .name = "service" }, &c->bus, &err), &err);
    EXPECT_OK(bus_listen(c->bus, COMPUTE_TOPIC, on_call, c, &err), &err);
    EXPECT_OK(http_server_start(&hc, &c->images, &err), &err);
    c->image_url = arena_printf(test_arena(t), "http://127.0.0.1:%u", (unsigned) http_server_port(c->images));
    start_agent(c);
    return c;
}

/* --- The story. ---------------------------------------------------------------------------- */

static void expect_upload_is_qcow2(struct cloud *c)
{
    const char *const argv[] = { "qemu-img", "check", "-q", "-f", "qcow2", c->upload_path, NULL };
    const char *const info[] = { "qemu-img", "info", "-f", "qcow2", c->upload_path, NULL };
    struct proc_result r = { 0 };
    struct err err = { 0 };

    EXPECT_OK(proc_run(test_arena(c->t), argv, NULL, 30000, NULL, &err), &err);
    EXPECT_OK(proc_run(test_arena(c->t), info, NULL, 30000, &r, &err), &err);
    EXPECT_TRUE(!strstr(r.out, "backing file"));
    EXPECT_MATCH(r.out, "1 GiB");
}

static json_t *snapshot_order(struct cloud *c, const char *power, const char *op)
{
    return json_pack("{s:o, s:s, s:s, s:s}", "server", server(c, power, 1), "image_id", "snap", "disk_format",
                     "qcow2", "op", op);
}

static json_t *nic_order(struct cloud *c, int nics, int which_nic)
{
    return json_pack("{s:o, s:o}", "server", server(c, "running", nics), "nic", nic(which_nic));
}

static void wish_for(struct cloud *c, const char *power)
{
    pthread_mutex_lock(&c->lock);
    json_decref(c->wishes);
    c->wishes = json_pack("{s:[o]}", "servers", server(c, power, 1));
    pthread_mutex_unlock(&c->lock);
}

TEST(a_guest_lives_through_everything_and_leaves_nothing)
{
    struct cloud *c = start(t);
    auto_json json_t *vnc = NULL, *diag = NULL, *args = which();
    struct err err = { 0 };
    pid_t qemu;

    EXPECT_INT(tap_ensure("tapgt1", &err), 0);
    EXPECT_INT(tap_ensure("tapgt2", &err), 0);
    EXPECT_STR(do_it(c, COMPUTE_METHOD_PREPARE, order(c, "running", 1), 120), "none");
    EXPECT_INT(c->fetched, 1);
    EXPECT_STR(do_it(c, COMPUTE_METHOD_CONVERGE, order(c, "running", 1), 120), "running");
    EXPECT_TRUE(console_shows(c, "stackd guest up"));
    EXPECT_TRUE(console_shows(c, "wished-name login:"));
    EXPECT_OK(ask(c, COMPUTE_METHOD_VNC, args, &vnc, &err), &err);
    close(sock_connect_tcp(json_str(vnc, "host"), (uint16_t) json_int(vnc, "port", 0), 2000, &err));
    EXPECT_INT(err.code, 0);
    EXPECT_OK(ask(c, COMPUTE_METHOD_DIAGNOSTICS, args, &diag, &err), &err);
    EXPECT_INT(json_array_size(json_arr(diag, "disk_details")), 3);
    EXPECT_STR(json_str(json_array_get(json_arr(diag, "nic_details"), 0), "mac_address"),
               "fa:16:3e:00:00:01");

    /* The agent dies; the guest does not notice, and the next agent finds it. */
    wish_for(c, "running");
    qemu = find_qemu(t);
    EXPECT_TRUE(qemu > 0);
    kill_agent(c, SIGKILL);
    EXPECT_INT(kill(qemu, 0), 0);
    start_agent(c);
    EXPECT_TRUE(reported(c, "running"));
    EXPECT_INT(find_qemu(t), qemu);
    /* Also when it ends in peace. */
    forget_reports(c);
    kill_agent(c, SIGTERM);
    EXPECT_INT(kill(qemu, 0), 0);
    start_agent(c);
    EXPECT_TRUE(reported(c, "running"));
    EXPECT_INT(find_qemu(t), qemu);

    EXPECT_STR(do_it(c, COMPUTE_METHOD_ATTACH, nic_order(c, 2, 2), 30), "running");
    EXPECT_TRUE(console_shows(c, "stackd guest up"));
    EXPECT_STR(do_it(c, COMPUTE_METHOD_DETACH, nic_order(c, 1, 2), 60), "running");

    EXPECT_STR(do_it(c, COMPUTE_METHOD_SNAPSHOT, snapshot_order(c, "running", "live"), 120), "running");
    expect_upload_is_qcow2(c);

    EXPECT_STR(do_it(c, COMPUTE_METHOD_CONVERGE, order(c, "paused", 1), 20), "paused");
    EXPECT_STR(do_it(c, COMPUTE_METHOD_CONVERGE, order(c, "running", 1), 20), "running");
    EXPECT_STR(do_it(c, COMPUTE_METHOD_CONVERGE, order(c, "suspended", 1), 60), "suspended");
    EXPECT_INT(find_qemu(t), 0);
    EXPECT_STR(do_it(c, COMPUTE_METHOD_CONVERGE, order(c, "running", 1), 60), "running");
    EXPECT_STR(do_it(c, COMPUTE_METHOD_CONVERGE, order(c, "shutdown", 1), 90), "shutdown");
    EXPECT_INT(find_qemu(t), 0);
    EXPECT_STR(do_it(c, COMPUTE_METHOD_SNAPSHOT, snapshot_order(c, "shutdown", "off"), 120), "shutdown");
    expect_upload_is_qcow2(c);
    EXPECT_STR(do_it(c, COMPUTE_METHOD_CONVERGE, order(c, "running", 1), 60), "running");
    EXPECT_TRUE(console_shows(c, "stackd guest up"));
    qemu = find_qemu(t);
    EXPECT_STR(
        do_it(c, COMPUTE_METHOD_REBOOT,
              json_pack("{s:o, s:s, s:s}", "server", server(c, "running", 1), "type", "SOFT", "op", "r1"),
              180),
        "running");
    EXPECT_TRUE(find_qemu(t) != qemu);
    qemu = find_qemu(t);
    EXPECT_STR(
        do_it(c, COMPUTE_METHOD_REBOOT,
              json_pack("{s:o, s:s, s:s}", "server", server(c, "running", 1), "type", "SOFT", "op", "r1"),
              20),
        "running");
    EXPECT_INT(find_qemu(t), qemu);

    /* A guest that ends by itself is news. */
    forget_reports(c);
    kill(qemu, SIGKILL);
    EXPECT_TRUE(reported(c, "shutdown"));
    EXPECT_STR(do_it(c, COMPUTE_METHOD_CONVERGE, order(c, "running", 1), 60), "running");

    EXPECT_STR(do_it(c, COMPUTE_METHOD_DESTROY, which(), 30), "none");
    EXPECT_INT(find_qemu(t), 0);
    EXPECT_INT(access(arena_printf(test_arena(t), "%s/instances/" VM, c->state), F_OK), -1);
    EXPECT_INT(
        access(arena_printf(test_arena(t), "%s/libvirt/etc/libvirt/qemu/instance-00000001.xml", c->state),
               F_OK),
        -1);
    EXPECT_INT(c->fetched, 1);
}

/* An image without a hash, of this size on the wire. */
static json_t *plain_image(const char *id, const char *format, const char *path)
{
    struct stat st;

    EXPECT_INT(stat(path, &st), 0);
    return json_pack("{s:s, s:s, s:s, s:I}", "id", id, "disk_format", format, "container_format", format,
                     "size", (json_int_t) st.st_size);
}

TEST(a_kernel_outside_the_disk_boots_on_q35)
{
    struct cloud *c = start(t);
    json_t *o = order(c, "running", 0), *s = json_object_get(o, "server"), *image;

    c->image_path = image_file(t, "img");
    image = plain_image("ami1", "ami", c->image_path);
    json_object_set_new(image, "properties",
                        json_pack("{s:s, s:s}", "hw_machine_type", "q35", "hw_vif_model", "<bad>"));
    json_object_set_new(s, "image", image);
    json_object_set_new(s, "kernel", plain_image("kernel1", "aki", c->kernel_path));
    json_object_set_new(s, "ramdisk", plain_image("ramdisk1", "ari", c->ramdisk_path));
    json_object_set_new(s, "disks", json_pack("[{s:s, s:i}]", "kind", "root", "size_gb", 0));
    EXPECT_STR(do_it(c, COMPUTE_METHOD_CONVERGE, o, 60), "running");
    EXPECT_TRUE(console_shows(c, "stackd guest up"));
    EXPECT_TRUE(console_shows(c, "wished-name login:"));
    EXPECT_STR(do_it(c, COMPUTE_METHOD_DESTROY, which(), 30), "none");
}

/* What prepare says to an image that a test made with qemu-img. */
static int prepare_bad(struct cloud *c, const char *const *make, struct err *err)
{
    auto_json json_t *o = order(c, "running", 0), *reply = NULL;

    EXPECT_OK(proc_run(test_arena(c->t), make, NULL, 30000, NULL, err), err);
    json_object_set_new(json_object_get(o, "server"), "image", plain_image("bad1", "qcow2", c->image_path));
    return ask(c, COMPUTE_METHOD_PREPARE, o, &reply, err);
}

TEST(an_image_that_points_at_the_hosts_files_is_refused)
{
    struct cloud *c = start(t);
    const char *path = test_path(t, "bad.qcow2"), *data = test_path(t, "data.raw");
    const char *const backed[] = { "qemu-img", "create",        "-q", "-f", "qcow2", "-F", "raw",
                                   "-b",       "/etc/hostname", path, NULL };
    const char *const external[] = {
        "qemu-img", "create", "-q", "-f", "qcow2", "-o", arena_printf(test_arena(t), "data_file=%s", data),
        path,       "1M",     NULL
    };
    const char *const large[] = { "qemu-img", "create", "-q", "-f", "qcow2", path, "2G", NULL };
    struct err err = { 0 };

    c->image_path = path;
    EXPECT_INT(prepare_bad(c, backed, &err), -EINVAL);
    EXPECT_MATCH(err.msg, "backing file");
    EXPECT_INT(prepare_bad(c, external, &err), -EINVAL);
    EXPECT_MATCH(err.msg, "data file");
    EXPECT_INT(prepare_bad(c, large, &err), -EINVAL);
    EXPECT_MATCH(err.msg, "too small");
}

/* --- The cache. --------------------------------------------------------------------------- */

static void on_event(void *ctx, const char *host, const char *id, enum guest_power power, const char *reason)
{
}

/* A file of this age in the cache. */
static char *base_of_age(struct test *t, const char *dir, const char *name, int64_t age_s)
{
    char *path = arena_printf(test_arena(t), "%s/%s", dir, name);
    struct timespec times[2] = { { .tv_sec = time(NULL) - age_s }, { .tv_sec = time(NULL) - age_s } };

    EXPECT_INT(file_write_atomic(path, "x", 1, 0600), 0);
    EXPECT_INT(utimensat(AT_FDCWD, path, times, 0), 0);
    return path;
}

static void close_driver(void *self)
{
    compute_driver_libvirt.close(self);
}

TEST(an_image_goes_that_nobody_needs_and_stays_under_a_disk)
{
    struct agent_compute_options options = { .driver = "libvirt",
                                             .virt_type = "qemu",
                                             .vnc_listen = "127.0.0.1" };
    struct agent_config agent = {
        .host = HOST, .prefix = "t", .compute = &options, .state_dir = test_path(t, "s")
    };
    const char *const hosts[] = { HOST, NULL };
    struct compute_driver_config dc = { .agent = &agent, .hosts = hosts, .on_event = on_event };
    struct err err = { 0 };
    char *old, *fresh, *used, *disk;
    struct lv *lv;
    void *self;

    EXPECT_INT(chmod(test_tmpdir(t), 0711), 0);
    EXPECT_INT(dir_make(agent.state_dir, 0750), 0);
    EXPECT_OK(compute_driver_libvirt.open(&dc, &self, &err), &err);
    test_cleanup(t, close_driver, self);
    lv = self;
    old = base_of_age(t, lv->bases, "old.raw", 2 * 24 * 3600);
    fresh = base_of_age(t, lv->bases, "fresh.raw", 60);
    used = base_of_age(t, lv->bases, "used.raw", 2 * 24 * 3600);
    disk = lv_path(test_arena(t), lv, VM, "disk");
    EXPECT_INT(dir_make(arena_printf(test_arena(t), "%s/" VM, lv->instances), 0711), 0);
    const char *const overlay[] = {
        "create", "-q", "-f", "qcow2", "-F", "raw", "-b", used, disk, "1M", NULL
    };
    EXPECT_OK(lv_qemu_img(overlay, 30, test_arena(t), NULL, &err), &err);
    lv_bases_clean(lv);
    EXPECT_INT(access(old, F_OK), -1);
    EXPECT_INT(access(fresh, F_OK), 0);
    EXPECT_INT(access(used, F_OK), 0);
}

int main(int argc, char **argv)
{
    extern const struct test_case *const __start_test_cases[], *const __stop_test_cases[];
    auto_cleanup(nl_close) struct nl *nl = NULL;

    if (argc == 4 && str_eq(argv[1], "--agent"))
        return run_agent(argv[2], argv[3]);
    if (geteuid() != 0 || !image_dir() || access(image_dir(), R_OK) < 0) {
        fprintf(stderr, "skipped: needs root and the guest's images in $STACKD_GUEST\n");
        return 77;
    }
    if (unshare(CLONE_NEWNET) < 0 || nl_open(NULL, NETLINK_ROUTE, &nl, NULL) < 0 ||
        link_set(nl, "lo", &(struct link_want){ .up = true }, NULL) < 0)
        return 1;
    return test_main(argc, argv, __start_test_cases, __stop_test_cases);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What the libvirt driver does to a host's files and writes into definitions,
 * without libvirt: images that lie, disks that were tampered with, names that
 * are markup.  Needs qemu-img. */
#include "agent/compute/libvirt/lv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/agent.h"
#include "base/str.h"
#include "crypto/digest.h"
#include "io/proc.h"
#include "io/sock.h"
#include "kit/test.h"
#include "wire/http.h"
#include "wire/json.h"

#define SERVER "11111111-0000-4000-8000-000000000001"
#define GIB    (UINT64_C(1) << 30)

struct host {
    struct test *t;
    struct lv lv;
    struct agent_config agent;
    struct agent_compute_options options;
    struct task task;
    struct wish_image image;
    struct wish_disk disk;
    struct wish_server server;
};

static void drop_http(void *http)
{
    httpc_free(http);
}

static struct host *make_host(struct test *t)
{
    struct host *h = arena_new(test_arena(t), struct host);
    struct err err = { 0 };

    *h = (struct host){ .t = t,
                        .agent = { .prefix = "lab", .log = NULL },
                        .options = { .vnc_listen = "127.0.0.1" } };
    h->lv = (struct lv){ .options = &h->options, .host = "h1", .uid = geteuid(), .gid = getegid() };
    h->lv.config.agent = &h->agent;
    h->lv.instances = test_path(t, "instances");
    h->lv.bases = test_path(t, "instances/_base");
    EXPECT_INT(dir_make(h->lv.bases, 0711), 0);
    EXPECT_OK(httpc_new(&(struct httpc_config){ 0 }, &h->lv.http, &err), &err);
    test_cleanup(t, drop_http, h->lv.http);
    h->image = (struct wish_image){ .id = "i1", .disk_format = "qcow2" };
    h->disk = (struct wish_disk){ .kind = WISH_DISK_ROOT, .size_bytes = GIB };
    h->server = (struct wish_server){ .id = SERVER,
                                      .name = "web",
                                      .instance_name = "instance-1",
                                      .vcpus = 1,
                                      .memory_mb = 64,
                                      .image = &h->image,
                                      .disks = &h->disk,
                                      .n_disks = 1 };
    return h;
}

/* Runs a program that must succeed. */
static void run(struct test *t, const char *const *argv)
{
    struct err err = { 0 };

    EXPECT_OK(proc_run(test_arena(t), argv, NULL, 60000, NULL, &err), &err);
}

#define RUN(...) run(h->t, (const char *const[]){ __VA_ARGS__, NULL })

/* The image's data is this file of the host, with its true hash. */
static void use_file(struct host *h, const char *path)
{
    size_t n;
    char *data;

    EXPECT_INT(file_read(test_arena(h->t), path, 64 << 20, &data, &n), 0);
    h->image.file = path;
    h->image.size = (int64_t) n;
    h->image.os_hash_algo = "sha256";
    h->image.os_hash_value = digest_hex(test_arena(h->t), DIGEST_SHA256, data, n);
}

static int make_disks(struct host *h, struct err *err)
{
    return lv_disks_ensure(&h->lv, &h->server, &h->task, err);
}

/* Files of the cache but locks. */
static int count_bases(struct host *h)
{
    char *command = arena_printf(test_arena(h->t), "ls -A '%s' | grep -vc '[.]lock$'", h->lv.bases);
    const char *const argv[] = { "sh", "-c", command, NULL };
    struct proc_result result = { 0 };

    proc_run(test_arena(h->t), argv, NULL, 10000, &result, NULL);
    return atoi(result.out);
}

static bool has_disk(struct host *h)
{
    return access(lv_path(test_arena(h->t), &h->lv, SERVER, "disk"), F_OK) == 0;
}

/* --- Images that lie. ------------------------------------------------------------------ */

TEST(a_disk_larger_than_the_flavor_is_refused_and_nothing_stays)
{
    struct host *h = make_host(t);
    char *path = test_path(t, "huge");
    struct err err = { 0 };

    RUN("qemu-img", "create", "-q", "-f", "qcow2", path, "2T");
    use_file(h, path);
    EXPECT_INT(make_disks(h, &err), -EINVAL);
    EXPECT_MATCH(err.msg, "too small for requested image");
    EXPECT_INT(count_bases(h), 0);
    EXPECT_TRUE(!has_disk(h));

    /* In the cache for a larger flavor it is as little a disk of the small one. */
    h->disk.size_bytes = 4096 * GIB;
    EXPECT_OK(make_disks(h, &err), &err);
    EXPECT_INT(count_bases(h), 1);
    h->disk.size_bytes = GIB;
    h->server.generation = 5;
    EXPECT_INT(make_disks(h, &err), -EINVAL);
    EXPECT_TRUE(!has_disk(h));
}

TEST(what_unfolds_to_more_than_the_flavor_is_not_unfolded)
{
    struct host *h = make_host(t);
    char *raw = test_path(t, "raw"), *path = test_path(t, "bomb.vmdk");
    struct err err = { 0 };
    struct stat st;

    /* Bytes that compress a thousandfold, in the format that is converted before use. */
    RUN("sh", "-c",
        arena_printf(test_arena(t), "yes bomb | head -c 200000000 > '%s'; truncate -s 3G '%s'", raw, raw));
    RUN("qemu-img", "convert", "-f", "raw", "-O", "vmdk", "-o", "subformat=streamOptimized", raw, path);
    unlink(raw);
    EXPECT_INT(stat(path, &st), 0);
    EXPECT_TRUE(st.st_size < 20000000);
    use_file(h, path);
    h->image.disk_format = "vmdk";
    EXPECT_INT(make_disks(h, &err), -EINVAL);
    EXPECT_MATCH(err.msg, "too small for requested image");
    EXPECT_INT(count_bases(h), 0);
}

TEST(an_image_that_names_files_of_the_host_is_refused)
{
    struct host *h = make_host(t);
    char *secret = test_path(t, "secret"), *path = test_path(t, "liar");
    struct err err = { 0 };

    EXPECT_INT(file_write_atomic(secret, "topsecret", 9, 0600), 0);
    RUN("qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", secret, path, "1M");
    use_file(h, path);
    EXPECT_INT(make_disks(h, &err), -EINVAL);
    EXPECT_MATCH(err.msg, "backing file");
    RUN("qemu-img", "create", "-q", "-f", "qcow2", "-o",
        arena_printf(test_arena(t), "data_file=%s,data_file_raw=on", test_path(t, "data")), path, "1M");
    use_file(h, path);
    EXPECT_INT(make_disks(h, &err), -EINVAL);
    EXPECT_MATCH(err.msg, "data file");
    EXPECT_INT(count_bases(h), 0);
    EXPECT_TRUE(!has_disk(h));
}

/* Links inside an image are bytes: nobody mounts it. */
TEST(a_raw_image_with_the_head_of_another_format_stays_raw)
{
    struct host *h = make_host(t);
    char *secret = test_path(t, "secret"), *path = test_path(t, "liar");
    struct err err = { 0 };
    auto_json json_t *info = NULL;
    char *out;

    EXPECT_INT(file_write_atomic(secret, "topsecret", 9, 0600), 0);
    RUN("qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", secret, path, "1M");
    use_file(h, path);
    h->image.disk_format = "raw";
    EXPECT_OK(make_disks(h, &err), &err);
    const char *const args[] = {
        "info", "--output=json", "-f", "qcow2", lv_path(test_arena(t), &h->lv, SERVER, "disk"), NULL
    };
    EXPECT_OK(lv_qemu_img(args, 30, test_arena(t), &out, &err), &err);
    EXPECT_OK(json_read(out, strlen(out), &info, &err), &err);
    EXPECT_STR(json_str(info, "backing-filename-format"), "raw");
    EXPECT_MATCH(json_str(info, "full-backing-filename"), h->lv.bases);
}

TEST(words_of_users_make_no_other_base_file)
{
    struct host *h = make_host(t);
    char *path = test_path(t, "disk.raw");
    struct err err = { 0 };

    RUN("truncate", "-s", "1M", path);
    use_file(h, path);
    h->image.disk_format = "raw";
    for (int i = 0; i < 5; i++) {
        auto_json json_t *p = json_pack("{ss ss}", "os_type", arena_printf(test_arena(t), "type%d", i),
                                        "os_distro", arena_printf(test_arena(t), "../%d", i));

        h->image.properties = p;
        h->image.name = arena_printf(test_arena(t), "name %d", i);
        h->server.generation = i;
        EXPECT_OK(make_disks(h, &err), &err);
        h->image.properties = NULL;
    }
    EXPECT_INT(count_bases(h), 1);
}

/* --- Data that was altered on its way. -------------------------------------------------- */

static struct http_head_result on_head(void *ctx, struct http_request *rq)
{
    return (struct http_head_result){ .way = HTTP_WORKER };
}

static void send_altered(void *ctx, struct http_request *rq)
{
    http_reply(rq, 200, "application/octet-stream", ctx, strlen(ctx));
}

static void stop_http(void *s)
{
    http_server_stop(s, 1000);
}

TEST(an_altered_image_is_not_kept)
{
    struct host *h = make_host(t);
    struct http_config c = {
        .threads = 1, .workers = 1, .on_head = on_head, .on_request = send_altered, .ctx = "AAAAAAAA"
    };
    struct http_server *s;
    struct err err = { 0 };

    EXPECT_OK(http_server_start(&c, &s, &err), &err);
    test_cleanup(t, stop_http, s);
    h->server.image_endpoint = arena_printf(test_arena(t), "http://127.0.0.1:%u", http_server_port(s));
    h->server.image_token = "x";
    h->image.disk_format = "raw";
    h->image.size = 8;
    h->image.os_hash_algo = "sha256";
    h->image.os_hash_value = digest_hex(test_arena(t), DIGEST_SHA256, "AAAAAAAB", 8);
    EXPECT_INT(make_disks(h, &err), -EBADMSG);
    EXPECT_INT(count_bases(h), 0);
    EXPECT_TRUE(!has_disk(h));
    /* Nor more bytes than were promised. */
    h->image.size = 4;
    h->image.os_hash_value = digest_hex(test_arena(t), DIGEST_SHA256, "AAAA", 4);
    EXPECT_TRUE(make_disks(h, &err) < 0);
    EXPECT_INT(count_bases(h), 0);
    h->image.size = 8;
    h->image.os_hash_value = digest_hex(test_arena(t), DIGEST_SHA256, "AAAAAAAA", 8);
    EXPECT_OK(make_disks(h, &err), &err);
}

TEST(a_file_of_the_host_is_no_image_without_its_hash)
{
    struct host *h = make_host(t);
    char *secret = test_path(t, "secret"), *link = test_path(t, "link");
    struct err err = { 0 };

    EXPECT_INT(file_write_atomic(secret, "topsecret", 9, 0600), 0);
    h->image = (struct wish_image){ .id = "i1", .disk_format = "raw", .file = secret, .size = 9 };
    EXPECT_INT(make_disks(h, &err), -EAGAIN); /* It would have to be fetched. */
    EXPECT_INT(symlink(secret, link), 0);
    use_file(h, secret);
    h->image.file = link;
    EXPECT_INT(make_disks(h, &err), -EAGAIN);
    EXPECT_INT(count_bases(h), 0);
}

/* --- Links and races in the cache. -------------------------------------------------------- */

TEST(links_in_the_cache_are_not_followed)
{
    struct host *h = make_host(t);
    char *path = test_path(t, "disk.raw"), *victim = test_path(t, "victim"), *base, *text;
    struct err err = { 0 };
    size_t n;

    RUN("truncate", "-s", "1M", path);
    use_file(h, path);
    h->image.disk_format = "raw";
    base = arena_printf(test_arena(t), "%s/i1-%.32s.raw", h->lv.bases, h->image.os_hash_value);
    EXPECT_INT(file_write_atomic(victim, "untouched", 9, 0600), 0);
    EXPECT_INT(symlink(victim, arena_printf(test_arena(t), "%s.part", base)), 0);
    EXPECT_TRUE(make_disks(h, &err) < 0);
    EXPECT_INT(file_read(test_arena(t), victim, 100, &text, &n), 0);
    EXPECT_STR(text, "untouched");
    unlink(arena_printf(test_arena(t), "%s.part", base));
    unlink(arena_printf(test_arena(t), "%s.lock", base));
    EXPECT_INT(symlink(victim, arena_printf(test_arena(t), "%s.lock", base)), 0);
    EXPECT_TRUE(make_disks(h, &err) < 0);
    unlink(arena_printf(test_arena(t), "%s.lock", base));
    EXPECT_OK(make_disks(h, &err), &err);
}

/* --- Snapshots. ----------------------------------------------------------------------------- */

TEST(a_disk_that_names_another_file_is_not_read)
{
    struct host *h = make_host(t);
    char *path = test_path(t, "disk.raw"), *secret = test_path(t, "secret");
    char *disk = lv_path(test_arena(t), &h->lv, SERVER, "disk");
    struct err err = { 0 };

    RUN("truncate", "-s", "1M", path);
    EXPECT_INT(file_write_atomic(secret, "topsecret", 9, 0600), 0);
    use_file(h, path);
    h->image.disk_format = "raw";
    EXPECT_OK(make_disks(h, &err), &err);
    EXPECT_OK(lv_disk_check(&h->lv, disk, test_arena(t), &err), &err);
    /* Whoever is QEMU can write the head of its disk. */
    RUN("qemu-img", "rebase", "-u", "-f", "qcow2", "-F", "raw", "-b", secret, disk);
    EXPECT_INT(lv_disk_check(&h->lv, disk, test_arena(t), &err), -EPERM);
    EXPECT_INT(make_disks(h, &err), -EPERM);
    RUN("qemu-img", "rebase", "-u", "-f", "qcow2", "-F", "raw", "-b",
        arena_printf(test_arena(t), "%s/../../secret", h->lv.bases), disk);
    EXPECT_INT(lv_disk_check(&h->lv, disk, test_arena(t), &err), -EPERM);
    RUN("qemu-img", "rebase", "-u", "-f", "qcow2", "-F", "raw", "-b",
        arena_printf(test_arena(t), "json:{\"driver\":\"file\",\"filename\":\"%s\"}", secret), disk);
    EXPECT_INT(lv_disk_check(&h->lv, disk, test_arena(t), &err), -EPERM);
    RUN("qemu-img", "create", "-q", "-f", "qcow2", "-o",
        arena_printf(test_arena(t), "data_file=%s,data_file_raw=on", test_path(t, "data")), disk, "1M");
    EXPECT_INT(lv_disk_check(&h->lv, disk, test_arena(t), &err), -EPERM);
}

/* --- The console. ------------------------------------------------------------------------------ */

TEST(a_console_that_prints_without_end_is_cut)
{
    struct host *h = make_host(t);
    const struct which who = { "h1", SERVER, NULL };
    char *log = lv_path(test_arena(t), &h->lv, SERVER, "console.log"), *text;
    struct err err = { 0 };
    struct stat st;

    EXPECT_INT(dir_make(arena_printf(test_arena(t), "%s/" SERVER, h->lv.instances), 0711), 0);
    EXPECT_OK(lv_console_begin(&h->lv, SERVER, &err), &err);
    RUN("sh", "-c", arena_printf(test_arena(t), "head -c 5000000 /dev/urandom | tr -d '\\n' > '%s'", log));
    EXPECT_OK(compute_driver_libvirt.console_output(&h->lv, &who, -1, test_arena(t), &text, &err), &err);
    EXPECT_TRUE(strlen(text) <= 100 * 1024 && str_is_utf8(text, strlen(text)));
    lv_console_trim(&h->lv);
    EXPECT_INT(stat(log, &st), 0);
    EXPECT_TRUE(st.st_size <= 256 * 1024);
    /* It is the guest's to write, not to choose: a link is not followed. */
    unlink(log);
    EXPECT_INT(symlink("/etc/passwd", log), 0);
    EXPECT_INT(compute_driver_libvirt.console_output(&h->lv, &who, -1, test_arena(t), &text, &err), -ENOENT);
    EXPECT_TRUE(lv_console_begin(&h->lv, SERVER, &err) < 0);
}

/* --- Definitions. -------------------------------------------------------------------------------- */

#define EVIL "x</name><devices><disk type='file'><source file='/etc/shadow'/></disk></devices>]]>&\"\n\x01"

TEST(markup_in_what_users_name_is_text_in_a_definition)
{
    struct host *h = make_host(t);
    auto_json json_t *properties = json_object();
    static const char *const names[] = { "hw_disk_bus",      "hw_vif_model",     "hw_video_model",
                                         "hw_machine_type",  "hw_cdrom_bus",     "os_command_line",
                                         "hw_firmware_type", "hw_pointer_model", "hw_qemu_guest_agent" };
    struct wish_nic nic = { .port_id = "p", .tap = "tap0", .mac = "fa:16:3e:00:00:01", .model = EVIL };
    struct err err = { 0 };
    char *xml;

    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        json_object_set_new(properties, names[i], json_string(EVIL));
    h->image.properties = properties;
    h->server.name = h->server.project_id = h->server.flavor_name = EVIL;
    h->server.nics = &nic;
    h->server.n_nics = 1;
    h->server.vnc = true;
    xml = lv_domain_xml(test_arena(t), &h->lv, &h->server, "/k", "/r", &err);
    EXPECT_TRUE(xml);
    EXPECT_TRUE(!strstr(xml, "/etc/shadow'/>") && !strstr(xml, "]]>") && !strchr(xml, '\x01'));
    EXPECT_MATCH(xml, "&lt;/name&gt;&lt;devices&gt;");
    EXPECT_INT(file_write_atomic(test_path(t, "domain.xml"), xml, strlen(xml), 0600), 0);
    RUN("python3", "-c",
        "import sys, xml.etree.ElementTree as e; r = e.parse(sys.argv[1]).getroot();"
        "assert len(r.findall('devices')) == 1 and len(r.findall('.//disk')) == 1, 'markup became devices';"
        "assert all(s.get('file').startswith(sys.argv[2]) for s in r.findall('.//source'))",
        test_path(t, "domain.xml"), h->lv.instances);
}

TEST_MAIN()

/* SPDX-License-Identifier: Apache-2.0 */
#include "lab.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>

#include "base/str.h"
#include "base/time.h"
#include "host/link.h"
#include "host/netns.h"
#include "io/proc.h"
#include "io/sock.h"

static void write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd >= 0) {
        (void) !write(fd, text, strlen(text));
        close(fd);
    }
}

static void unmount(void *arg)
{
    while (umount2(arg, MNT_DETACH) == 0)
        ;
}

/* Takes the names away, so that the namespaces end. */
static void forget_all(void *arg)
{
    struct arena a = { 0 };

    strv_foreach (name, netns_list(&a, arg, ""))
        netns_delete(arg, *name, NULL);
    arena_done(&a);
}

const char *lab_enter(struct test *t)
{
    char map[64];
    char *dir = test_path(t, "netns");
    uid_t uid = geteuid();
    int flags = CLONE_NEWNET | CLONE_NEWNS | (uid ? CLONE_NEWUSER : 0);
    struct link_want up = { .up = true };

    EXPECT_INT(unshare(flags), 0);
    if (uid) {
        snprintf(map, sizeof(map), "0 %u 1", uid);
        write_file("/proc/self/setgroups", "deny");
        write_file("/proc/self/uid_map", map);
    }
    EXPECT_INT(mount("", "/", "none", MS_PRIVATE | MS_REC, NULL), 0);
    /* Programs that shed their rights read files here. */
    chmod(test_tmpdir(t), 0755);
    EXPECT_INT(dir_make(dir, 0755), 0);
    test_cleanup(t, unmount, dir);
    test_cleanup(t, forget_all, dir);
    EXPECT_INT(link_set(lab_nl(t, NULL), "lo", &up, NULL), 0);
    return dir;
}

static void close_nl(void *arg)
{
    nl_close(arg);
}

struct nl *lab_nl(struct test *t, const char *netns)
{
    struct err err = { 0 };
    struct nl *nl = NULL;

    EXPECT_OK(nl_open(netns, NETLINK_ROUTE, &nl, &err), &err);
    test_cleanup(t, close_nl, nl);
    return nl;
}

const char *lab_guest(struct test *t, const char *dir, const char *name, const char *tap, const char *mac)
{
    const char *path = arena_printf(test_arena(t), "%s/%s", dir, name);
    struct err err = { 0 };
    uint8_t bytes[MAC_LEN];
    struct link_want want = { .mac = bytes, .up = true };

    EXPECT_INT(mac_parse(mac, bytes), 0);
    EXPECT_OK(netns_ensure(dir, name, &err), &err);
    EXPECT_OK(veth_ensure(lab_nl(t, NULL), tap, "eth0", path, "lab", &err), &err);
    EXPECT_OK(link_set(lab_nl(t, path), "eth0", &want, &err), &err);
    return path;
}

struct command {
    struct arena *arena;
    const char *line;
    struct proc_result result;
};

static int run_here(void *ctx, struct err *err)
{
    struct command *c = ctx;

    return proc_run(c->arena, str_split(c->arena, c->line, ' '), NULL, 20000, &c->result, err);
}

int lab_run(struct test *t, const char *netns, const char *command, char **ret_out)
{
    struct command c = { .arena = test_arena(t), .line = command, .result.status = -1 };
    struct err err = { 0 };
    int r = netns_run(netns, run_here, &c, &err);

    if (ret_out)
        *ret_out = arena_printf(c.arena, "%s%s", c.result.out ? c.result.out : "",
                                c.result.err ? c.result.err : err.msg);
    return r < 0 && c.result.status <= 0 ? r : c.result.status;
}

bool lab_until(struct test *t, const char *netns, const char *command, int code)
{
    int64_t end = time_mono_us() + 10 * 1000000;

    while (lab_run(t, netns, command, NULL) != code) {
        struct timespec pause = { .tv_nsec = 50 * 1000000 };

        if (time_mono_us() > end)
            return false;
        nanosleep(&pause, NULL);
    }
    return true;
}

struct door {
    const char *ip;
    uint16_t port;
    int fd;
};

static int listen_here(void *ctx, struct err *err)
{
    struct door *d = ctx;

    d->fd = sock_listen_tcp(d->ip, d->port, 4, err);
    return d->fd < 0 ? d->fd : 0;
}

static int connect_here(void *ctx, struct err *err)
{
    struct door *d = ctx;
    /* Long enough for a second try of the kernel: a bridge's port opens a moment after its cable. */
    int fd = sock_connect_tcp(d->ip, d->port, 1500, err);

    if (fd < 0)
        return fd;
    close(fd);
    return 0;
}

bool lab_connects(struct test *t, const char *from, const char *to, const char *ip, uint16_t port)
{
    struct door in = { "0.0.0.0", port, -1 }, out = { ip, port, -1 };
    struct err err = { 0 };
    int r;

    if (strchr(ip, ':'))
        in.ip = "::";
    EXPECT_OK(netns_run(to, listen_here, &in, &err), &err);
    r = netns_run(from, connect_here, &out, &err);
    close(in.fd);
    return r == 0;
}

bool lab_pings(struct test *t, const char *from, const char *ip)
{
    const char *command = arena_printf(test_arena(t), "busybox ping -c 2 -i 0.2 -W 1 -q %s", ip);

    return lab_run(t, from, command, NULL) == 0;
}

bool lab_reaches(struct test *t, const char *from, const char *ip)
{
    return lab_until(t, from, arena_printf(test_arena(t), "busybox ping -c 1 -W 1 -q %s", ip), 0);
}

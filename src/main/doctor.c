/* SPDX-License-Identifier: Apache-2.0 */
/* `stackd doctor`: whether this host can carry a cloud with guests, and what
 * to do where it cannot. */
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <sys/statvfs.h>
#include <sys/wait.h>

#include "base/str.h"
#include "base/time.h"
#include "host/accel.h"
#include "io/proc.h"
#include "io/sock.h"
#include "main/commands.h"
#include "main/pidfile.h"
#include "main/roles.h"

enum verdict { WELL, NOTE, ILL };

struct finding {
    enum verdict verdict;
    const char *words;
    const char *remedy; /* Null: nothing to do. */
};

struct check {
    const char *name;
    struct finding (*look)(struct setup *s);
};

static struct finding found(enum verdict v, const char *words, const char *remedy)
{
    return (struct finding){ v, words, remedy };
}

static struct finding look_root(struct setup *s)
{
    if (geteuid() == 0)
        return found(WELL, "root", NULL);
    return found(NOTE, "not root: APIs run, guests and networks do not", "run as root for real guests");
}

static struct finding look_program(struct setup *s, const char *program, const char *package)
{
    const char *const argv[] = { "sh", "-c", "command -v \"$1\"", "sh", program, NULL };
    struct proc_result out;

    if (proc_run(&s->arena, argv, NULL, 5000, &out, NULL) >= 0)
        return found(WELL, str_trim(&s->arena, out.out), NULL);
    return found(ILL, arena_printf(&s->arena, "there is no %s", program),
                 arena_printf(&s->arena, "apt-get install %s", package));
}

static struct finding look_qemu(struct setup *s)
{
    return look_program(s, "qemu-system-x86_64", "qemu-system-x86");
}

static struct finding look_qemu_img(struct setup *s)
{
    return look_program(s, "qemu-img", "qemu-utils");
}

static struct finding look_dnsmasq(struct setup *s)
{
    return look_program(s, "dnsmasq", "dnsmasq-base");
}

static struct finding look_kvm(struct setup *s)
{
    auto_close int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
    struct err err = { 0 };

    if (fd >= 0 && accel_try_kvm(NULL, &err) >= 0)
        return found(WELL, "KVM runs guests", NULL);
    if (fd >= 0)
        return found(NOTE,
                     arena_printf(&s->arena, "%s: guests run emulated (TCG), some ten times slower", err.msg),
                     "use a machine with (nested) hardware virtualisation");
    if (errno == ENOENT)
        return found(NOTE, "there is no /dev/kvm: guests run emulated (TCG), some ten times slower",
                     "switch on virtualisation in the firmware, or nested virtualisation below");
    return found(NOTE, arena_printf(&s->arena, "/dev/kvm: %s", strerror(errno)),
                 "run as root, or as group kvm");
}

/* Tries it in a child, which takes the namespace with it. */
static struct finding look_namespaces(struct setup *s)
{
    pid_t pid = fork();
    int status;

    if (pid == 0)
        _exit(unshare(CLONE_NEWNET) < 0);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (pid > 0 && status == 0)
        return found(WELL, "a network namespace can be made", NULL);
    return found(geteuid() ? NOTE : ILL, "network namespaces cannot be made",
                 "run as root, with CONFIG_NET_NS");
}

static struct finding look_nftables(struct setup *s)
{
    const char *const argv[] = { "nft", "--check", "add table inet stackd_doctor", NULL };
    struct err err = { 0 };

    if (proc_run(&s->arena, argv, NULL, 5000, NULL, &err) >= 0)
        return found(WELL, "the kernel takes nftables rules", NULL);
    return found(geteuid() ? NOTE : ILL, arena_strdup(&s->arena, err.msg),
                 "apt-get install nftables; a kernel with CONFIG_NF_TABLES_INET");
}

static struct finding look_bridges(struct setup *s)
{
    if (access("/proc/sys/net/bridge/bridge-nf-call-iptables", F_OK) == 0)
        return found(WELL, "bridges and their packet filter", NULL);
    return found(NOTE, "br_netfilter is not loaded: security groups need it", "modprobe br_netfilter");
}

static struct finding look_disk(struct setup *s)
{
    const char *path = access(s->state_dir, F_OK) == 0 ? s->state_dir : "/";
    struct statvfs v;
    uint64_t free_gib;

    if (statvfs(path, &v) < 0)
        return found(ILL, arena_printf(&s->arena, "%s: %s", path, strerror(errno)), NULL);
    free_gib = (uint64_t) v.f_bavail * v.f_frsize >> 30;
    return found(free_gib >= 5 ? WELL : NOTE,
                 arena_printf(&s->arena, "%" PRIu64 " GiB free at %s", free_gib, path),
                 free_gib >= 5 ? NULL : "images and guests' disks want more room");
}

static struct finding look_memory(struct setup *s)
{
    int64_t mib = (int64_t) sysconf(_SC_AVPHYS_PAGES) * sysconf(_SC_PAGESIZE) >> 20;

    return found(mib >= 512 ? WELL : NOTE, arena_printf(&s->arena, "%" PRId64 " MiB of memory unused", mib),
                 mib >= 512 ? NULL : "guests want memory");
}

static struct finding look_clock(struct setup *s)
{
    /* Tokens are compared by time: a clock before this program's release is wrong for sure. */
    if (time_now_us() > INT64_C(1735689600000000))
        return found(WELL, time_text(&s->arena, time_now_us(), TIME_ISO_Z), NULL);
    return found(ILL, "the clock is wrong", "apt-get install chrony");
}

/* Roles that run without a supervisor that would look after them. */
static struct finding look_orphans(struct setup *s)
{
    const char **left = NULL;
    struct running who;

    if (running_find(s, "stackd", &who) >= 0)
        return found(WELL, "the cloud is up", NULL);
    for (const struct stackd_role *const *r = roles; *r; r++)
        if (running_find(s, (*r)->name, &who) >= 0)
            left = strv_add(&s->arena, left, (*r)->name);
    if (!left)
        return found(WELL, "none", NULL);
    return found(NOTE,
                 arena_printf(&s->arena, "run without a supervisor: %s", strv_join(&s->arena, left, ", ")),
                 "'stackd down' ends them, 'stackd up' starts them anew");
}

static struct finding look_config(struct setup *s)
{
    struct err err = { 0 };

    if (setup_check(s, &err) >= 0)
        return found(WELL, s->config_path ? s->config_path : "no file: all defaults", NULL);
    return found(ILL, arena_strdup(&s->arena, err.msg), "correct the file");
}

static const struct check checks[] = {
    { "privilege", look_root },    { "configuration", look_config },  { "kvm", look_kvm },
    { "qemu", look_qemu },         { "qemu-img", look_qemu_img },     { "dnsmasq", look_dnsmasq },
    { "nftables", look_nftables }, { "namespaces", look_namespaces }, { "bridges", look_bridges },
    { "disk", look_disk },         { "memory", look_memory },         { "clock", look_clock },
    { "orphans", look_orphans },
};

int command_doctor(const struct cli *cli, struct err *err)
{
    static const char *const marks[] = { [WELL] = "ok", [NOTE] = "note", [ILL] = "BAD" };
    auto_setup struct setup s = { 0 };
    bool ill = false;
    int r = setup_load(&s, cli, err);

    if (r < 0)
        return r;
    for (size_t i = 0; i < ARRAY_SIZE(checks); i++) {
        struct finding f = checks[i].look(&s);

        printf("%-5s %-14s %s\n", marks[f.verdict], checks[i].name, f.words);
        if (f.remedy)
            printf("%-5s %-14s   -> %s\n", "", "", f.remedy);
        ill = ill || f.verdict == ILL;
    }
    return ill;
}

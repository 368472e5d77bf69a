/* SPDX-License-Identifier: Apache-2.0 */
#include "host/accel.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "base/time.h"
#include "io/proc.h"
#include "io/sock.h"

#define QEMU     "qemu-system-x86_64"
#define LIMIT_MS 6000
/* isa-debug-exit ends QEMU with twice the value written, plus one. */
#define EXIT_GOOD (0x2a << 1 | 1)

/* A boot sector: 64-bit mode with paging, as any kernel has it, then fifty
 * million turns of a loop, then QEMU is told to end.  Where the guest's
 * privileged code is emulated piece by piece this takes minutes. */
static const uint8_t boot_sector[512] = {
    0xfa,                                                    /* cli */
    0x31,          0xc0,                                     /* xor ax, ax */
    0x8e,          0xd8, 0x8e, 0xc0, 0x8e, 0xd0,             /* ds = es = ss = 0 */
    0xbc,          0x00, 0x7c,                               /* mov sp, 0x7c00 */
    0xfc,                                                    /* cld */
    0xbf,          0x00, 0x10,                               /* mov di, 0x1000: page tables */
    0xb9,          0x00, 0x18,                               /* mov cx, 0x1800 */
    0xf3,          0xab,                                     /* rep stosw */
    0xc7,          0x06, 0x00, 0x10, 0x03, 0x20,             /* [0x1000] = 0x2003 */
    0xc7,          0x06, 0x00, 0x20, 0x03, 0x30,             /* [0x2000] = 0x3003 */
    0xc7,          0x06, 0x00, 0x30, 0x83, 0x00,             /* [0x3000] = 0x0083: the first 2 MiB */
    0x66,          0xb8, 0x20, 0x00, 0x00, 0x00,             /* mov eax, PAE */
    0x0f,          0x22, 0xe0,                               /* mov cr4, eax */
    0x66,          0xb8, 0x00, 0x10, 0x00, 0x00,             /* mov eax, 0x1000 */
    0x0f,          0x22, 0xd8,                               /* mov cr3, eax */
    0x66,          0xb9, 0x80, 0x00, 0x00, 0xc0,             /* mov ecx, EFER */
    0x0f,          0x32,                                     /* rdmsr */
    0x66,          0x0d, 0x00, 0x01, 0x00, 0x00,             /* or eax, LME */
    0x0f,          0x30,                                     /* wrmsr */
    0x0f,          0x01, 0x16, 0x80, 0x7c,                   /* lgdt [0x7c80] */
    0x0f,          0x20, 0xc0,                               /* mov eax, cr0 */
    0x66,          0x0d, 0x01, 0x00, 0x00, 0x80,             /* or eax, PG | PE */
    0x0f,          0x22, 0xc0,                               /* mov cr0, eax */
    0xea,          0x60, 0x7c, 0x08, 0x00,                   /* jmp 0x08:0x7c60 */
    [0x60] = 0xb9, 0x80, 0xf0, 0xfa, 0x02,                   /* mov ecx, 50,000,000 */
    0xff,          0xc9,                                     /* dec ecx */
    0x75,          0xfc,                                     /* jnz back */
    0x66,          0xba, 0xf4, 0x00,                         /* mov dx, 0xf4 */
    0xb0,          0x2a,                                     /* mov al, 0x2a */
    0xee,                                                    /* out dx, al */
    0xf4,          0xeb, 0xfd,                               /* hlt; jmp back */
    [0x80] = 0x0f, 0x00, 0x90, 0x7c, 0x00, 0x00,             /* limit and address of the table */
    [0x98] = 0x00, 0x00, 0x00, 0x00, 0x00, 0x9a, 0x20, 0x00, /* 64-bit code */
    [510] = 0x55,  0xaa,
};

/* A file that 'user' can read. */
static int write_sector(char path[static 64])
{
    auto_close int fd = -1;

    snprintf(path, 64, "/tmp/stackd-accel-XXXXXX");
    fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0 || write_all(fd, boot_sector, sizeof(boot_sector)) < 0 || fchmod(fd, 0644) < 0)
        return -errno;
    return 0;
}

/* Waits until the child ended; its exit code, or -ETIMEDOUT after killing it. */
static int wait_child(pid_t pid)
{
    int64_t end = time_mono_us() + LIMIT_MS * 1000;
    int status;

    do {
        struct timespec pause = { .tv_nsec = 20 * 1000000 };

        if (waitpid(pid, &status, WNOHANG) == pid)
            return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
        nanosleep(&pause, NULL);
    } while (time_mono_us() < end);
    proc_stop(pid, 0);
    return -ETIMEDOUT;
}

static int run_guest(const char *accel, const char *user, struct err *err)
{
    char path[64];
    auto_arena struct arena a = { 0 };
    int r = write_sector(path);
    const char *drive = arena_printf(&a, "file=%s,format=raw,if=ide,snapshot=on", path);
    const char *const argv[] = {
        QEMU,         "-accel", accel, "-nodefaults", "-no-user-config",
        "-display",   "none",   "-m",  "16",          "-M",
        "pc",         "-drive", drive, "-device",     "isa-debug-exit,iobase=0xf4,iosize=0x01",
        "-no-reboot", NULL
    };
    struct proc_spec spec = { .argv = argv, .user = user, .log_path = "/dev/null", .new_session = 1 };
    pid_t pid;

    if (r < 0)
        return err_set(err, r, "Cannot write a file: %s", strerror(-r));
    r = proc_spawn(&spec, &pid, err);
    if (r >= 0)
        r = wait_child(pid);
    unlink(path);
    if (r == -ETIMEDOUT)
        return err_set(err, r, "KVM takes a guest but does not run it at a usable speed");
    if (r >= 0 && r != EXIT_GOOD)
        return err_set(err, -EIO, "QEMU with KVM ends with code %d", r);
    return r < 0 ? r : 0;
}

int accel_try_kvm(const char *user, struct err *err)
{
    if (access("/dev/kvm", F_OK) < 0)
        return err_set(err, -ENOENT, "There is no /dev/kvm");
    return run_guest("kvm", user, err);
}

bool accel_has_kvm(struct arena *a, const char *cache_dir, const char *user, const char **ret_why)
{
    const char *const argv[] = { QEMU, "--version", NULL };
    struct proc_result version = { .out = "" };
    char *boot = "", *key, *old = NULL, *path = arena_printf(a, "%s/accel", cache_dir);
    struct err err = { 0 };
    const char *why;
    int r;

    file_read(a, "/proc/sys/kernel/random/boot_id", 100, &boot, NULL);
    proc_run(a, argv, NULL, 5000, &version, NULL);
    key = arena_printf(a, "%s %.60s %s\n", str_trim(a, boot), version.out, user ? user : "-");
    for (char *p = key; *p; p++)
        if (*p == '\n' && p[1])
            *p = ' ';
    if (file_read(a, path, 4096, &old, NULL) >= 0 && str_has_prefix(old, key)) {
        why = str_trim(a, old + strlen(key));
    } else {
        r = accel_try_kvm(user, &err);
        why = r < 0 ? arena_strdup(a, err.msg) : "";
        key = arena_printf(a, "%s%s\n", key, why);
        file_write_atomic(path, key, strlen(key), 0600);
    }
    if (ret_why)
        *ret_why = *why ? why : NULL;
    return !*why;
}

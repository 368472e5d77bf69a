/* SPDX-License-Identifier: Apache-2.0 */
#include "host/netns.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/str.h"
#include "io/sock.h"

int netns_run(const char *path, int (*fn)(void *ctx, struct err *err), void *ctx, struct err *err)
{
    auto_close int home = -1, target = -1;
    int r;

    if (!path)
        return fn(ctx, err);
    home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    if (home < 0)
        return err_set(err, -errno, "Cannot open the current network namespace: %s", strerror(errno));
    target = open(path, O_RDONLY | O_CLOEXEC);
    if (target < 0)
        return err_set(err, -errno, "Cannot open the network namespace '%s': %s", path, strerror(errno));
    if (setns(target, CLONE_NEWNET) < 0)
        return err_set(err, -errno, "Cannot enter the network namespace '%s': %s", path, strerror(errno));
    r = fn(ctx, err);
    /* A thread that cannot go home would do its next work on the wrong host. */
    if (setns(home, CLONE_NEWNET) < 0)
        abort();
    return r;
}

bool netns_exists(const char *dir, const char *name)
{
    char path[512];
    struct statfs fs;

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    return statfs(path, &fs) == 0 && fs.f_type == NSFS_MAGIC;
}

/* Mounts made in 'dir' must reach other mount namespaces, and unmounts too, or
 * a namespace that was deleted would live on in a service's private view. */
static int share_directory(const char *dir, struct err *err)
{
    if (dir_make(dir, 0755) < 0)
        return err_set(err, -errno, "Cannot make the directory '%s': %s", dir, strerror(errno));
    if (mount("", dir, "none", MS_SHARED | MS_REC, NULL) == 0)
        return 0;
    if (errno != EINVAL || mount(dir, dir, "none", MS_BIND | MS_REC, NULL) < 0 ||
        mount("", dir, "none", MS_SHARED | MS_REC, NULL) < 0)
        return err_set(err, -errno, "Cannot share mounts in '%s': %s", dir, strerror(errno));
    return 0;
}

struct birth {
    const char *path;
    int code;
    struct err err;
};

static int loopback_up(void)
{
    auto_close int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct ifreq rq = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };

    return fd < 0 || ioctl(fd, SIOCSIFFLAGS, &rq) < 0 ? -errno : 0;
}

/* On a thread of its own, which leaves the new namespace behind when it ends. */
static void *give_birth(void *arg)
{
    struct birth *b = arg;

    if (unshare(CLONE_NEWNET) < 0)
        b->code = err_set(&b->err, -errno, "Cannot make a network namespace: %s", strerror(errno));
    else if (loopback_up() < 0)
        b->code =
            err_set(&b->err, -errno, "Cannot bring up the loopback of a new namespace: %s", strerror(errno));
    else if (mount("/proc/thread-self/ns/net", b->path, "none", MS_BIND, NULL) < 0)
        b->code =
            err_set(&b->err, -errno, "Cannot name a network namespace '%s': %s", b->path, strerror(errno));
    return NULL;
}

int netns_ensure(const char *dir, const char *name, struct err *err)
{
    char path[512];
    struct birth b = { .path = path };
    pthread_t thread;
    int fd, r;

    if (netns_exists(dir, name))
        return 0;
    r = share_directory(dir, err);
    if (r < 0)
        return r;
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0444);
    if (fd < 0)
        return err_set(err, -errno, "Cannot make '%s': %s", path, strerror(errno));
    close(fd);
    r = pthread_create(&thread, NULL, give_birth, &b);
    if (r != 0) {
        unlink(path);
        return err_set(err, -r, "Cannot start a thread: %s", strerror(r));
    }
    pthread_join(thread, NULL);
    if (b.code < 0) {
        unlink(path);
        return err_set(err, b.code, "%s", b.err.msg);
    }
    return 0;
}

int netns_delete(const char *dir, const char *name, struct err *err)
{
    char path[512];

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    while (netns_exists(dir, name))
        if (umount2(path, MNT_DETACH) < 0)
            return err_set(err, -errno, "Cannot unmount '%s': %s", path, strerror(errno));
    if (unlink(path) < 0 && errno != ENOENT)
        return err_set(err, -errno, "Cannot remove '%s': %s", path, strerror(errno));
    return 0;
}

const char **netns_list(struct arena *a, const char *dir, const char *prefix)
{
    const char **names = NULL;
    struct dirent *e;
    DIR *d = opendir(dir);

    while (d && (e = readdir(d)))
        if (e->d_name[0] != '.' && str_has_prefix(e->d_name, prefix))
            names = strv_add(a, names, arena_strdup(a, e->d_name));
    if (d)
        closedir(d);
    return names ? names : arena_array(a, const char *, 1);
}

struct sysctl_request {
    const char *key, *value;
};

static int sysctl_write(void *ctx, struct err *err)
{
    const struct sysctl_request *rq = ctx;
    auto_close int fd = -1;
    char path[256], now[256];
    size_t len = strlen(rq->value);
    ssize_t n;

    snprintf(path, sizeof(path), "/proc/sys/%s", rq->key);
    fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return err_set(err, -errno, "Cannot open the kernel setting '%s': %s", rq->key, strerror(errno));
    n = read(fd, now, sizeof(now) - 1);
    if (n >= 0 && (size_t) n >= len && memcmp(now, rq->value, len) == 0 && (size_t) n == len + 1)
        return 0;
    if (pwrite(fd, rq->value, len, 0) < 0)
        return err_set(err, -errno, "Cannot set the kernel setting '%s' to '%s': %s", rq->key, rq->value,
                       strerror(errno));
    return 0;
}

int sysctl_ensure(const char *path, const char *key, const char *value, struct err *err)
{
    struct sysctl_request rq = { key, value };

    return netns_run(path, sysctl_write, &rq, err);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "io/sock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/str.h"
#include "base/time.h"
#include "base/uuid.h"

static void addrinfo_free(struct addrinfo *ai)
{
    freeaddrinfo(ai);
}
DEFINE_CLEANUP(struct addrinfo *, addrinfo_free);

/* --- TCP --- */

static int resolve(const char *address, uint16_t port, int flags, struct addrinfo **ret, struct err *err)
{
    struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = flags };
    char text[8];
    int r;

    snprintf(text, sizeof(text), "%u", port);
    r = getaddrinfo(str_empty(address) ? NULL : address, text, &hints, ret);
    if (r == 0)
        return 0;
    return err_set(err, r == EAI_SYSTEM && errno ? -errno : -EADDRNOTAVAIL, "cannot resolve '%s': %s",
                   address ? address : "", gai_strerror(r));
}

static int listen_on(const struct addrinfo *ai, int backlog)
{
    auto_close int fd = socket(ai->ai_family, ai->ai_socktype | SOCK_CLOEXEC, ai->ai_protocol);
    int on = 1, off = 0;

    if (fd < 0)
        return -errno;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
        return -errno;
    if (ai->ai_family == AF_INET6) /* "::" takes IPv4 as well, whatever the system's default. */
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
    if (bind(fd, ai->ai_addr, ai->ai_addrlen) < 0 || listen(fd, backlog) < 0)
        return -errno;
    return steal_fd(&fd);
}

int sock_listen_tcp(const char *address, uint16_t port, int backlog, struct err *err)
{
    auto_cleanup(addrinfo_free) struct addrinfo *list = NULL;
    int r;

    /* All addresses: IPv6's, which takes both; without IPv6 the other one. */
    if (str_empty(address)) {
        r = sock_listen_tcp("::", port, backlog, err);
        return r == -EAFNOSUPPORT || r == -EADDRNOTAVAIL ? sock_listen_tcp("0.0.0.0", port, backlog, err) : r;
    }
    r = resolve(address, port, AI_PASSIVE, &list, err);
    if (r < 0)
        return r;
    r = -EADDRNOTAVAIL;
    for (const struct addrinfo *ai = list; ai; ai = ai->ai_next) {
        r = listen_on(ai, backlog);
        if (r >= 0)
            return r;
    }
    return err_set(err, r, "cannot listen on %s port %u: %s", address, port, strerror(-r));
}

int sock_port(int fd)
{
    union {
        struct sockaddr sa;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
        struct sockaddr_storage all;
    } u = { 0 };
    socklen_t len = sizeof(u);

    if (getsockname(fd, &u.sa, &len) < 0)
        return -errno;
    if (u.sa.sa_family == AF_INET)
        return ntohs(u.in.sin_port);
    if (u.sa.sa_family == AF_INET6)
        return ntohs(u.in6.sin6_port);
    return -EAFNOSUPPORT;
}

/* Waits for 'events' until the monotonic time 'until_us' (0: without end). */
static int wait_fd(int fd, short events, int64_t until_us)
{
    struct pollfd p = { .fd = fd, .events = events };
    int r, ms;

    do {
        int64_t left_us = until_us - time_mono_us();

        ms = !until_us                  ? -1
             : left_us <= 0             ? 0
             : left_us / 1000 < INT_MAX ? (int) (left_us / 1000 + 1)
                                        : INT_MAX;
        r = poll(&p, 1, ms);
    } while (r < 0 && errno == EINTR);
    return r < 0 ? -errno : r == 0 ? -ETIMEDOUT : 0;
}

static int connect_to(const struct addrinfo *ai, int64_t until_us)
{
    auto_close int fd =
        socket(ai->ai_family, ai->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, ai->ai_protocol);
    socklen_t len = sizeof(int);
    int on = 1, r, error = 0;

    if (fd < 0)
        return -errno;
    if (connect(fd, ai->ai_addr, ai->ai_addrlen) < 0) {
        if (errno != EINPROGRESS && errno != EINTR)
            return -errno;
        r = wait_fd(fd, POLLOUT, until_us);
        if (r < 0)
            return r;
        if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
            return -errno;
        if (error)
            return -error;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK) < 0)
        return -errno;
    return steal_fd(&fd);
}

int sock_connect_tcp(const char *address, uint16_t port, unsigned timeout_ms, struct err *err)
{
    auto_cleanup(addrinfo_free) struct addrinfo *list = NULL;
    int64_t until_us = timeout_ms ? time_mono_us() + (int64_t) timeout_ms * 1000 : 0;
    int r;

    r = resolve(address, port, 0, &list, err);
    if (r < 0)
        return r;
    r = -EADDRNOTAVAIL;
    for (const struct addrinfo *ai = list; ai; ai = ai->ai_next) {
        r = connect_to(ai, until_us);
        if (r >= 0)
            return r;
    }
    return err_set(err, r, "cannot connect to %s port %u: %s", address ? address : "", port, strerror(-r));
}

/* --- Unix --- */

static int unix_address(const char *path, struct sockaddr_un *ret, struct err *err)
{
    size_t n = strlen(path);

    *ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
    if (n == 0 || n >= sizeof(ret->sun_path))
        return err_set(err, -ENAMETOOLONG, "the socket path '%s' must have 1 to %zu bytes", path,
                       sizeof(ret->sun_path) - 1);
    memcpy(ret->sun_path, path, n + 1);
    return 0;
}

static int unix_connect(const struct sockaddr_un *addr)
{
    auto_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int r;

    if (fd < 0)
        return -errno;
    do
        r = connect(fd, (const struct sockaddr *) addr, sizeof(*addr));
    while (r < 0 && errno == EINTR);
    return r < 0 ? -errno : steal_fd(&fd);
}

int sock_connect_unix(const char *path, struct err *err)
{
    struct sockaddr_un addr;
    int r;

    r = unix_address(path, &addr, err);
    if (r < 0)
        return r;
    r = unix_connect(&addr);
    return r < 0 ? err_set(err, r, "cannot connect to '%s': %s", path, strerror(-r)) : r;
}

/* Removes a socket at 'path' that nobody listens on. */
static int unix_remove_stale(const struct sockaddr_un *addr)
{
    struct stat st;
    int r;

    if (lstat(addr->sun_path, &st) < 0)
        return errno == ENOENT ? 0 : -errno;
    if (!S_ISSOCK(st.st_mode))
        return -EEXIST;
    r = unix_connect(addr);
    if (r >= 0) {
        close(r);
        return -EADDRINUSE;
    }
    if (r != -ECONNREFUSED)
        return r == -EAGAIN ? -EADDRINUSE : r; /* EAGAIN: its queue is full, so somebody listens. */
    return unlink(addr->sun_path) < 0 && errno != ENOENT ? -errno : 0;
}

int sock_listen_unix(const char *path, unsigned mode, int backlog, struct err *err)
{
    auto_close int fd = -1;
    struct sockaddr_un addr;
    int r;

    r = unix_address(path, &addr, err);
    if (r < 0)
        return r;
    r = unix_remove_stale(&addr);
    if (r < 0)
        return err_set(err, r, "cannot listen on '%s': %s", path, strerror(-r));

    /* The mode of the descriptor becomes that of the path, less the umask: at
     * no time may more connect than 'mode' says. */
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || fchmod(fd, mode) < 0 || bind(fd, (struct sockaddr *) &addr, sizeof(addr)) < 0 ||
        chmod(path, mode) < 0 || listen(fd, backlog) < 0)
        return err_set(err, -errno, "cannot listen on '%s': %s", path, strerror(errno));
    return steal_fd(&fd);
}

/* --- whole buffers --- */

int write_all(int fd, const void *data, size_t n)
{
    const char *p = data;
    bool is_socket = true;

    while (n > 0) {
        ssize_t k = is_socket ? send(fd, p, n, MSG_NOSIGNAL) : write(fd, p, n);
        int r;

        if (k >= 0) {
            p += k;
            n -= (size_t) k;
        } else if (errno == ENOTSOCK && is_socket) {
            is_socket = false;
        } else if (errno == EAGAIN) {
            r = wait_fd(fd, POLLOUT, 0);
            if (r < 0)
                return r;
        } else if (errno != EINTR) {
            return -errno;
        }
    }
    return 0;
}

int read_all(int fd, void *data, size_t n)
{
    char *p = data;

    while (n > 0) {
        ssize_t k = read(fd, p, n);
        int r;

        if (k == 0)
            return -ENODATA;
        if (k > 0) {
            p += k;
            n -= (size_t) k;
        } else if (errno == EAGAIN) {
            r = wait_fd(fd, POLLIN, 0);
            if (r < 0)
                return r;
        } else if (errno != EINTR) {
            return -errno;
        }
    }
    return 0;
}

/* --- files --- */

int file_read(struct arena *a, const char *path, size_t max, char **ret, size_t *ret_n)
{
    auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    size_t n = 0, cap = 4096;
    struct stat st;
    char *buf;

    if (fd < 0 || fstat(fd, &st) < 0)
        return -errno;
    if (S_ISREG(st.st_mode) && st.st_size > 0 && (uint64_t) st.st_size > max)
        return -EFBIG;
    if (S_ISREG(st.st_mode) && st.st_size > 0)
        cap = (size_t) st.st_size + 2; /* One to see the end of the file, one for the null. */

    /* The size is only a hint: files in /proc have none, others grow. */
    buf = arena_alloc(a, cap);
    for (;;) {
        ssize_t k = read(fd, buf + n, cap - 1 - n);

        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0)
            return -errno;
        if (k == 0)
            break;
        n += (size_t) k;
        if (n > max)
            return -EFBIG;
        if (n + 1 == cap) {
            buf = arena_grow(a, buf, cap, 2 * cap);
            cap *= 2;
        }
    }
    buf[n] = 0;
    *ret = buf;
    if (ret_n)
        *ret_n = n;
    return 0;
}

static int write_aside(const char *aside, const void *data, size_t n, unsigned mode)
{
    auto_close int fd = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    int r;

    if (fd < 0)
        return -errno;
    if (fchmod(fd, mode) < 0)
        return -errno;
    r = write_all(fd, data, n);
    if (r < 0)
        return r;
    return fsync(fd) < 0 ? -errno : 0;
}

/* Makes the rename durable. */
static int sync_parent(struct arena *a, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *dir = !slash ? "." : slash == path ? "/" : arena_strndup(a, path, (size_t) (slash - path));
    auto_close int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return -errno;
    return fsync(fd) < 0 && errno != EINVAL ? -errno : 0; /* EINVAL: the file system cannot. */
}

int file_write_atomic(const char *path, const void *data, size_t n, unsigned mode)
{
    auto_arena struct arena a;
    const char *aside;
    uint64_t salt;
    int r;

    arena_init(&a);
    random_bytes(&salt, sizeof(salt));
    aside = arena_printf(&a, "%s.%016llx.tmp", path, (unsigned long long) salt);
    r = write_aside(aside, data, n, mode);
    if (r >= 0 && rename(aside, path) < 0)
        r = -errno;
    if (r < 0) {
        if (r != -EEXIST)
            unlink(aside);
        return r;
    }
    return sync_parent(&a, path);
}

/* --- directories --- */

static int make_one(const char *path, unsigned mode)
{
    struct stat st;

    if (mkdir(path, mode) == 0 &&
        chmod(path, mode) == 0) /* The mode is meant as it stands, whatever the umask. */
        return 0;
    if (errno != EEXIST)
        return -errno;
    if (stat(path, &st) < 0)
        return -errno;
    return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

int dir_make(const char *path, unsigned mode)
{
    char part[PATH_MAX];
    size_t n = strlen(path);
    int r;

    if (n == 0)
        return -ENOENT;
    if (n >= sizeof(part))
        return -ENAMETOOLONG;
    memcpy(part, path, n + 1);
    for (char *p = part + 1; *p; p++) {
        if (*p != '/' || p[-1] == '/')
            continue;
        *p = 0;
        r = make_one(part, mode | 0700);
        if (r < 0)
            return r;
        *p = '/';
    }
    return make_one(part, mode);
}

static int remove_at(int parent, const char *name);

static int empty_dir(int fd)
{
    struct dirent *e;
    DIR *d;
    int r = 0;

    d = fdopendir(fd);
    if (!d) {
        r = -errno;
        close(fd);
        return r;
    }
    while (r >= 0 && (errno = 0, e = readdir(d)))
        if (!str_eq(e->d_name, ".") && !str_eq(e->d_name, ".."))
            r = remove_at(dirfd(d), e->d_name);
    if (r >= 0 && errno)
        r = -errno;
    closedir(d);
    return r;
}

/* Removes a name of any type.  Going down by descriptors, not by paths, means
 * that nobody can move us elsewhere by putting a symlink in the way. */
static int remove_at(int parent, const char *name)
{
    int fd, r;

    if (unlinkat(parent, name, 0) == 0 || errno == ENOENT)
        return 0;
    if (errno != EISDIR && errno != EPERM)
        return -errno;
    fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? 0 : -errno;
    r = empty_dir(fd);
    if (r < 0)
        return r;
    return unlinkat(parent, name, AT_REMOVEDIR) < 0 && errno != ENOENT ? -errno : 0;
}

int dir_remove(const char *path)
{
    return remove_at(AT_FDCWD, path);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The listening socket and the thread that accepts.  libmicrohttpd could do
 * this itself, but its threads race with the one that wants it to stop: both
 * take the socket out of epoll, and the second ends the process. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "io/sock.h"
#include "wire/http_impl.h"

#define BACKLOG    1024
#define BREATHE_MS 20 /* How long to wait when there is no room for a connection. */

int http_listen(struct http_server *s, struct err *err)
{
    struct sockaddr_storage sa;
    socklen_t n = sizeof(sa);
    int fd = s->c.listen_fd;

    if (fd <= 0) {
        fd = sock_listen_tcp(s->c.address, s->c.port, BACKLOG, err);
        if (fd < 0)
            return fd;
        s->listen_fd = fd;
    } else {
        s->listen_fd = fd;
        if (listen(fd, BACKLOG) < 0)
            return err_set(err, -errno, "cannot listen on the given socket");
    }
    if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) < 0 || getsockname(fd, (void *) &sa, &n) < 0)
        return err_set(err, -errno, "cannot prepare the listening socket");
    if (sa.ss_family == AF_INET)
        s->port = ntohs(((struct sockaddr_in *) &sa)->sin_port);
    else if (sa.ss_family == AF_INET6)
        s->port = ntohs(((struct sockaddr_in6 *) &sa)->sin6_port);
    return 0;
}

/* Accepts what waits.  False when there is no room for more. */
static bool accept_some(struct http_server *s)
{
    while (atomic_load_explicit(&s->open, memory_order_relaxed) < s->c.max_connections) {
        struct sockaddr_storage sa;
        socklen_t n = sizeof(sa);
        int fd = accept4(s->listen_fd, (struct sockaddr *) &sa, &n, SOCK_CLOEXEC | SOCK_NONBLOCK);

        if (fd >= 0)
            MHD_add_connection(s->daemon, fd, (struct sockaddr *) &sa, n); /* Closes it if it fails. */
        else if (errno != EINTR && errno != ECONNABORTED)
            return errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM;
    }
    return false;
}

static void *accept_main(void *arg)
{
    struct http_server *s = arg;
    struct pollfd fds[2] = { { .fd = s->accept_stop, .events = POLLIN },
                             { .fd = s->listen_fd, .events = POLLIN } };
    bool room = true;

    for (;;) {
        /* Without room the clients wait in the backlog. */
        if (poll(fds, room ? 2 : 1, room ? -1 : BREATHE_MS) < 0 && errno != EINTR)
            return NULL;
        if (fds[0].revents)
            return NULL;
        room = accept_some(s);
    }
}

int http_accept_start(struct http_server *s, struct err *err)
{
    sigset_t all, old;
    int r;

    s->accept_stop = eventfd(0, EFD_CLOEXEC);
    if (s->accept_stop < 0)
        return err_set(err, -errno, "cannot start to accept connections");
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    r = pthread_create(&s->accept_thread, NULL, accept_main, s);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (r != 0)
        return err_set(err, -r, "cannot start to accept connections");
    s->accepts = true;
    return 0;
}

void http_accept_stop(struct http_server *s)
{
    if (s->accepts) {
        eventfd_write(s->accept_stop, 1);
        pthread_join(s->accept_thread, NULL);
        s->accepts = false;
    }
    if (s->accept_stop >= 0)
        close(s->accept_stop);
    if (s->listen_fd >= 0)
        close(s->listen_fd);
    s->accept_stop = s->listen_fd = -1;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Connections that stopped being HTTP: each has a thread of its own, which the
 * server counts, so that stopping it ends and awaits them all.
 *
 * libmicrohttpd reports the end of such a connection with its own lock held;
 * that report only wakes the thread, which then ends the exchange. */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire/http_impl.h"

/* Gives the connection back and ends the exchange.  The count goes down last:
 * libmicrohttpd's daemon must stand until then. */
static void upgrade_end(struct http_exchange *x)
{
    struct http_server *s = x->server;

    /* Stopping the server must not shut a number that is someone else's by
     * then. */
    pthread_mutex_lock(&s->lock);
    x->upgrade_fd = -1;
    pthread_mutex_unlock(&s->lock);
    MHD_upgrade_action(x->upgrade_handle, MHD_UPGRADE_ACTION_CLOSE);
    while (sem_wait(&x->upgrade_over) < 0)
        continue;
    sem_destroy(&x->upgrade_over);
    http_exchange_end(x, true);
    pthread_mutex_lock(&s->lock);
    s->upgrade_threads--;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

static void *upgrade_main(void *arg)
{
    struct http_exchange *x = arg;
    int fd = fcntl(x->upgrade_fd, F_DUPFD_CLOEXEC, 0), flags;

    if (fd >= 0) {
        flags = fcntl(fd, F_GETFL);
        fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
        x->reply.take(x->reply.ctx, fd, x->upgrade_extra, x->upgrade_extra_len);
    }
    /* A peer of a connection that nobody holds any more shall see it end
     * now, not when the server's thread gets to it. */
    shutdown(x->upgrade_fd, SHUT_RDWR);
    upgrade_end(x);
    return NULL;
}

/* Counts a thread in, unless the server is being torn down. */
static bool upgrade_admit(struct http_exchange *x)
{
    struct http_server *s = x->server;
    bool ok;

    pthread_mutex_lock(&s->lock);
    ok = !s->cut;
    if (ok) {
        s->upgrade_threads++;
        s->running--;
        x->upgraded = true;
        pthread_cond_broadcast(&s->changed);
    }
    pthread_mutex_unlock(&s->lock);
    return ok;
}

static bool upgrade_start(struct http_exchange *x)
{
    struct http_server *s = x->server;
    pthread_attr_t attr;
    pthread_t thread;
    int r;

    if (!upgrade_admit(x))
        return false;
    sem_init(&x->upgrade_over, 0, 0);
    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    r = pthread_create(&thread, &attr, upgrade_main, x);
    pthread_attr_destroy(&attr);
    if (r == 0)
        return true;
    sem_destroy(&x->upgrade_over);
    pthread_mutex_lock(&s->lock);
    s->upgrade_threads--;
    s->running++;
    x->upgraded = false;
    pthread_mutex_unlock(&s->lock);
    return false;
}

void http_upgrade_begin(void *cls, struct MHD_Connection *c, void *con_cls, const char *extra, size_t n,
                        MHD_socket fd, struct MHD_UpgradeResponseHandle *handle)
{
    struct http_exchange *x = cls;

    x->upgrade_extra = arena_memdup(&x->arena, extra, n);
    x->upgrade_extra_len = n;
    x->upgrade_fd = fd;
    x->upgrade_handle = handle;
    if (!upgrade_start(x))
        MHD_upgrade_action(handle, MHD_UPGRADE_ACTION_CLOSE);
}

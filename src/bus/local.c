/* SPDX-License-Identifier: Apache-2.0 */
/* The local driver: one unix stream socket to the hub, frames both ways. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "bus/driver.h"
#include "io/sock.h"

#define READS_PER_TURN 16

struct local {
    struct bus *bus;
    char *path;
    int fd;
    struct frame_reader in;
    struct frame_queue out;
    uint64_t announced; /* Ids of our own announcements have the top bit set ... */
    uint64_t confirmed; /* ... and so have their answers. */
};

#define ANNOUNCE_ID (1ull << 63)

static int local_open(struct bus *b, const char *rest, void **ret, struct err *err)
{
    struct local *l;

    if (*rest != '/')
        return err_set(err, -EINVAL, "The local bus needs an absolute path: 'local:/path'.");
    l = calloc(1, sizeof(*l));
    if (!l || !(l->path = strdup(rest))) {
        free(l);
        return err_set(err, -ENOMEM, "No memory for the bus.");
    }
    l->bus = b;
    l->fd = -1;
    *ret = l;
    return 0;
}

static void local_disconnect(void *self)
{
    struct local *l = self;

    if (l->fd >= 0)
        close(steal_fd(&l->fd));
    frame_reader_done(&l->in);
    frame_queue_done(&l->out);
    l->announced = l->confirmed = 0;
}

static void local_close(void *self)
{
    struct local *l = self;

    local_disconnect(l);
    free(l->path);
    free(l);
}

static int local_connect(void *self, struct err *err)
{
    struct local *l = self;

    l->fd = sock_connect_unix(l->path, err);
    return l->fd < 0 ? l->fd : 0;
}

static int lost(struct err *err, int r)
{
    return err_set(err, r, r == -ENODATA ? "The hub closed the connection." : "The connection to the hub: %s",
                   strerror(-r));
}

static void local_take(struct local *l, struct frame *f)
{
    if (f->type <= FRAME_PUBLISH) {
        bus_deliver(l->bus, f);
    } else if (f->id & ANNOUNCE_ID) {
        l->confirmed = f->id & ~ANNOUNCE_ID;
        frame_unref(f);
    } else {
        bus_answer(l->bus, f);
    }
}

static int local_read(struct local *l, struct err *err)
{
    struct frame *f;
    int r;

    l->in.budget = READS_PER_TURN;
    while ((r = frame_read(&l->in, l->fd, &f)) >= 0)
        local_take(l, f);
    return r == -EAGAIN ? 0 : lost(err, r);
}

static int local_write(struct local *l, struct err *err)
{
    int r = frame_queue_write(&l->out, l->fd);

    return r == -EAGAIN || r >= 0 ? 0 : lost(err, r);
}

static int local_send(void *self, struct frame *f, struct err *err)
{
    struct local *l = self;
    int r = frame_queue_add(&l->out, f);

    return r < 0 ? err_set(err, r, "No memory to send.") : local_write(l, err);
}

static int local_wait(void *self, int wake_fd, int timeout_ms, struct err *err)
{
    struct local *l = self;
    struct pollfd p[2] = { { .fd = l->fd, .events = POLLIN }, { .fd = wake_fd, .events = POLLIN } };
    int r;

    if (l->out.head)
        p[0].events |= POLLOUT;
    r = poll(p, 2, timeout_ms);
    if (r < 0)
        return errno == EINTR ? 0 : err_set(err, -errno, "cannot wait for the hub");
    if (p[0].revents & POLLOUT)
        r = local_write(l, err);
    if (r >= 0)
        r = local_read(l, err);
    return r < 0 ? r : 0;
}

static int local_announce(void *self, const char *topic, bool all, struct err *err)
{
    struct local *l = self;
    uint64_t id = ++l->announced;
    auto_frame struct frame *f =
        frame_new(all ? FRAME_SUBSCRIBE : FRAME_LISTEN, id | ANNOUNCE_ID, topic, NULL, NULL, NULL, 0);
    int64_t until = time_mono_us() + BUS_CONNECT_MS * 1000;
    int r = f ? local_send(l, f, err) : err_set(err, -ENOMEM, "No memory to listen.");

    while (r >= 0 && l->confirmed < id) {
        if (time_mono_us() > until)
            return err_set(err, -ETIMEDOUT, "The hub does not answer.");
        r = local_wait(l, -1, 100, err);
    }
    return r;
}

static bool local_is_sending(void *self)
{
    return ((struct local *) self)->out.head != NULL;
}

const struct bus_driver bus_driver_local = {
    .scheme = "local:",
    .open = local_open,
    .close = local_close,
    .connect = local_connect,
    .disconnect = local_disconnect,
    .announce = local_announce,
    .send = local_send,
    .wait = local_wait,
    .is_sending = local_is_sending,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* The hub of the local driver: one thread that knows who listens to what and
 * passes frames on.  It looks into heads, never into bodies.
 *
 * Nothing waits here for anybody: a connection that does not read has a
 * bounded queue; what does not fit is answered with -EAGAIN (calls, casts) or
 * dropped with a line in the log (publications, answers). */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/hash.h"
#include "base/macros.h"
#include "bus/bus.h"
#include "bus/driver.h"
#include "bus/frame.h"
#include "io/loop.h"
#include "io/sock.h"

#define QUEUE_COUNT_MAX  20000
#define QUEUE_BYTES_MAX  (64u << 20)
#define ANSWER_BYTES_MAX (4u * QUEUE_BYTES_MAX) /* An answer was asked for: it gets more room. */
#define TOPICS_MAX       4096                   /* Of one connection. */
#define CONNS_MAX        4096
#define READS_PER_TURN   16

struct conn {
    struct conn *next, **link;
    struct bus_hub *hub;
    struct loop_source *source;
    int fd;
    bool writing; /* Waits until there is room in the socket. */
    size_t topics;
    struct frame_reader in;
    struct frame_queue out;
};

/* Those on a topic, in the order in which they came. */
struct group {
    struct conn **conns;
    size_t count, cap, turn;
};

struct topic {
    char *name;
    struct group listeners, subscribers;
};

/* A call on its way: who asked and who shall answer.  Its id is the place in
 * the table and a counter, so that a late answer never reaches another. */
struct route {
    struct conn *caller, *callee;
    uint64_t caller_id;
    uint32_t turn;
    uint32_t next_free; /* Place + 1; 0 ends the list. */
};

struct bus_hub {
    const struct log *log;
    char *path;
    int fd;
    struct loop *loop;
    struct loop_source *source;
    pthread_t thread;
    struct conn *conns;
    size_t n_conns;
    struct hash topics;
    struct route *routes;
    uint32_t n_routes, free_route;
};

/* --- Sending --------------------------------------------------------------- */

/* Writes what goes; a broken connection is ended by its own event. */
static void conn_flush(struct conn *c)
{
    int r = frame_queue_write(&c->out, c->fd);
    bool writing = r == -EAGAIN;

    if (r < 0 && r != -EAGAIN) {
        shutdown(c->fd, SHUT_RDWR);
        frame_queue_done(&c->out);
    }
    if (writing != c->writing)
        loop_fd_events(c->source, writing ? EPOLLIN | EPOLLOUT : EPOLLIN);
    c->writing = writing;
}

static bool conn_has_room(const struct conn *c, size_t bytes_max)
{
    return c->out.count < QUEUE_COUNT_MAX && c->out.bytes < bytes_max;
}

static void conn_send(struct conn *c, struct frame *f)
{
    if (frame_queue_add(&c->out, f) < 0)
        log_error(c->hub->log, "no memory: the hub drops a message", "topic", f->topic);
    else
        conn_flush(c);
}

static void conn_send_done(struct conn *c, uint64_t id)
{
    auto_frame struct frame *f = id ? frame_new(FRAME_DONE, id, NULL, NULL, NULL, NULL, 0) : NULL;

    if (f)
        conn_send(c, f);
}

static void attr_printf(4, 5) conn_send_error(struct conn *c, uint64_t id, int code, const char *fmt, ...)
{
    auto_frame struct frame *f = NULL;
    char words[FRAME_NAME_MAX + 128];
    struct err e = { 0 };
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(words, sizeof(words), fmt, ap);
    va_end(ap);
    err_set(&e, code, "%s", words);
    f = frame_new_error(id, &e);
    if (f)
        conn_send(c, f);
}

/* --- Topics ---------------------------------------------------------------- */

static struct topic *topic_get(struct bus_hub *h, const char *name, bool make)
{
    struct topic *t = hash_get(&h->topics, name);

    if (t || !make)
        return t;
    t = calloc(1, sizeof(*t));
    if (!t || !(t->name = strdup(name))) {
        free(t);
        return NULL;
    }
    hash_put(&h->topics, t->name, t);
    return t;
}

static void topic_free(struct topic *t)
{
    free(t->listeners.conns);
    free(t->subscribers.conns);
    free(t->name);
    free(t);
}

static bool group_has(const struct group *g, const struct conn *c)
{
    for (size_t i = 0; i < g->count; i++)
        if (g->conns[i] == c)
            return true;
    return false;
}

static int group_add(struct group *g, struct conn *c)
{
    if (g->count == g->cap) {
        size_t cap = g->cap ? g->cap * 2 : 4;
        struct conn **conns = realloc(g->conns, cap * sizeof(*conns));

        if (!conns)
            return -ENOMEM;
        g->conns = conns;
        g->cap = cap;
    }
    g->conns[g->count++] = c;
    c->topics++;
    return 0;
}

static void group_remove(struct group *g, const struct conn *c)
{
    for (size_t i = 0; i < g->count; i++)
        if (g->conns[i] == c) {
            memmove(g->conns + i, g->conns + i + 1, (g->count - i - 1) * sizeof(*g->conns));
            g->count--;
            return;
        }
}

/* The next in turn that has room; '*ret_any' says whether there was anybody. */
static struct conn *group_pick(struct group *g, bool *ret_any)
{
    *ret_any = g->count > 0;
    for (size_t i = 0; i < g->count; i++) {
        struct conn *c = g->conns[g->turn++ % g->count];

        if (conn_has_room(c, QUEUE_BYTES_MAX))
            return c;
    }
    return NULL;
}

/* --- Routes of calls ------------------------------------------------------- */

static uint64_t route_id(const struct bus_hub *h, const struct route *r)
{
    return (uint64_t) r->turn << 32 | (uint64_t) (r - h->routes + 1);
}

static struct route *route_new(struct bus_hub *h, struct conn *caller, uint64_t caller_id,
                               struct conn *callee)
{
    struct route *r;

    if (!h->free_route) {
        uint32_t n = h->n_routes ? h->n_routes * 2 : 64;
        struct route *routes = n < 1u << 24 ? realloc(h->routes, n * sizeof(*routes)) : NULL;

        if (!routes)
            return NULL;
        memset(routes + h->n_routes, 0, (n - h->n_routes) * sizeof(*routes));
        for (uint32_t i = h->n_routes; i < n; i++)
            routes[i].next_free = i + 1 < n ? i + 2 : 0;
        h->free_route = h->n_routes + 1;
        h->routes = routes;
        h->n_routes = n;
    }
    r = &h->routes[h->free_route - 1];
    h->free_route = r->next_free;
    r->caller = caller;
    r->caller_id = caller_id;
    r->callee = callee;
    return r;
}

static struct route *route_get(struct bus_hub *h, uint64_t id)
{
    uint32_t place = (uint32_t) id;
    struct route *r = place && place <= h->n_routes ? &h->routes[place - 1] : NULL;

    return r && r->callee && r->turn == id >> 32 ? r : NULL;
}

static void route_free(struct bus_hub *h, struct route *r)
{
    *r = (struct route){ .turn = (r->turn + 1) & 0x7fffffff, .next_free = h->free_route };
    h->free_route = (uint32_t) (r - h->routes) + 1;
}

/* The connection ends: who waits for it is told, what it waits for is not
 * wanted any more. */
static void routes_leave(struct bus_hub *h, const struct conn *c)
{
    for (uint32_t i = 0; i < h->n_routes; i++) {
        struct route *r = &h->routes[i];

        if (r->callee == c) {
            if (r->caller && r->caller != c)
                conn_send_error(r->caller, r->caller_id, -EHOSTDOWN,
                                "The service went away before it answered.");
            route_free(h, r);
        } else if (r->caller == c) {
            r->caller = NULL;
        }
    }
}

/* --- What comes in --------------------------------------------------------- */

static int take_call(struct conn *c, struct frame *f)
{
    struct topic *t = topic_get(c->hub, f->topic, false);
    bool any = false;
    struct conn *to = t ? group_pick(&t->listeners, &any) : NULL;
    struct route *r;

    if (!to) {
        if (any)
            conn_send_error(c, f->id, -EAGAIN, "Those who listen on '%s' have too much to do.", f->topic);
        else
            conn_send_error(c, f->id, -EHOSTDOWN, "Nobody listens on '%s'.", f->topic);
        return 0;
    }
    if (f->type == FRAME_CAST) {
        uint64_t id = f->id;

        frame_set_id(f, 0);
        conn_send(to, f);
        conn_send_done(c, id);
        return 0;
    }
    r = route_new(c->hub, c, f->id, to);
    if (!r) {
        conn_send_error(c, f->id, -EAGAIN, "Too many calls are under way.");
        return 0;
    }
    frame_set_id(f, route_id(c->hub, r));
    conn_send(to, f);
    return 0;
}

static int take_publish(struct conn *c, struct frame *f)
{
    struct topic *t = topic_get(c->hub, f->topic, false);

    for (size_t i = 0; t && i < t->subscribers.count; i++) {
        struct conn *to = t->subscribers.conns[i];

        if (conn_has_room(to, QUEUE_BYTES_MAX))
            conn_send(to, f);
        else
            log_warning(c->hub->log, "a subscriber does not read: a publication is dropped", "topic",
                        f->topic, "method", f->method);
    }
    return 0;
}

static int take_answer(struct conn *c, struct frame *f)
{
    struct route *r = route_get(c->hub, f->id);

    if (!r || r->callee != c)
        return 0; /* Late, or not its call to answer. */
    frame_set_id(f, r->caller_id);
    if (r->caller && conn_has_room(r->caller, ANSWER_BYTES_MAX))
        conn_send(r->caller, f);
    else if (r->caller)
        log_warning(c->hub->log, "a caller does not read: its answer is dropped");
    route_free(c->hub, r);
    return 0;
}

static int take_listen(struct conn *c, struct frame *f)
{
    struct topic *t = *f->topic && c->topics < TOPICS_MAX ? topic_get(c->hub, f->topic, true) : NULL;
    struct group *g;
    int r = 0;

    if (!t)
        return -EPROTO;
    g = f->type == FRAME_LISTEN ? &t->listeners : &t->subscribers;
    if (!group_has(g, c))
        r = group_add(g, c);
    if (r >= 0)
        conn_send_done(c, f->id);
    return r;
}

static int take_nothing(struct conn *c, struct frame *f)
{
    return 0;
}

static int (*const takers[])(struct conn *c, struct frame *f) = {
    [FRAME_CALL] = take_call,     [FRAME_CAST] = take_call,        [FRAME_PUBLISH] = take_publish,
    [FRAME_REPLY] = take_answer,  [FRAME_ERROR] = take_answer,     [FRAME_DONE] = take_nothing,
    [FRAME_LISTEN] = take_listen, [FRAME_SUBSCRIBE] = take_listen,
};

/* --- Connections ----------------------------------------------------------- */

static void conn_leave_topics(struct conn *c)
{
    struct bus_hub *h = c->hub;

    hash_foreach (it, &h->topics) {
        struct topic *t = it->value;

        group_remove(&t->listeners, c);
        group_remove(&t->subscribers, c);
        if (t->listeners.count + t->subscribers.count == 0) {
            hash_remove(&h->topics, t->name);
            topic_free(t);
        }
    }
}

static void conn_free(struct conn *c)
{
    *c->link = c->next;
    if (c->next)
        c->next->link = c->link;
    c->hub->n_conns--;
    conn_leave_topics(c);
    routes_leave(c->hub, c);
    if (c->source)
        loop_remove(c->source);
    frame_reader_done(&c->in);
    frame_queue_done(&c->out);
    close(c->fd);
    loop_fd_events(c->hub->source, EPOLLIN);
    free(c);
}

static void conn_event(void *ctx, uint32_t events)
{
    struct conn *c = ctx;
    int r = 0;

    if (events & EPOLLOUT)
        conn_flush(c);
    c->in.budget = READS_PER_TURN;
    while (r >= 0) {
        auto_frame struct frame *f = NULL;

        r = frame_read(&c->in, c->fd, &f);
        if (r >= 0)
            r = takers[f->type](c, f);
    }
    if (r == -EAGAIN)
        return;
    if (r != -ENODATA && r != -ECONNRESET)
        log_warning(c->hub->log, "the hub ends a connection", "error", strerror(-r));
    conn_free(c);
}

static void hub_accept(void *ctx, uint32_t events)
{
    struct bus_hub *h = ctx;
    int fd = accept4(h->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    struct conn *c;

    if (fd < 0 && h->conns && (errno == EMFILE || errno == ENFILE)) {
        log_warning(h->log, "the hub has no descriptors left: new connections wait");
        loop_fd_events(h->source, 0); /* Until one ends, see conn_free(). */
    }
    if (fd < 0)
        return;
    c = h->n_conns < CONNS_MAX ? calloc(1, sizeof(*c)) : NULL;
    if (!c) {
        close(fd);
        return;
    }
    *c = (struct conn){ .next = h->conns, .link = &h->conns, .hub = h, .fd = fd };
    if (h->conns)
        h->conns->link = &c->next;
    h->conns = c;
    h->n_conns++;
    if (loop_fd(h->loop, fd, EPOLLIN, conn_event, c, &c->source) < 0)
        conn_free(c);
}

/* --- The hub --------------------------------------------------------------- */

static void *hub_main(void *arg)
{
    struct bus_hub *h = arg;
    struct err e = { 0 };

    if (loop_run(h->loop, &e) < 0)
        log_error(h->log, "the hub's loop ended", "error", e.msg);
    return NULL;
}

static void hub_free(struct bus_hub *h)
{
    while (h->conns)
        conn_free(h->conns);
    if (h->loop)
        loop_free(h->loop);
    if (h->fd >= 0)
        close(h->fd);
    hash_done(&h->topics);
    free(h->routes);
    free(h->path);
    free(h);
}

static int hub_init(struct bus_hub *h, const char *path, unsigned mode, struct err *err)
{
    int r = loop_new(&h->loop, err);

    if (r < 0)
        return r;
    h->path = strdup(path);
    if (!h->path)
        return err_set(err, -ENOMEM, "No memory for the hub.");
    h->fd = sock_listen_unix(path, mode, 128, err);
    if (h->fd < 0)
        return h->fd;
    r = loop_fd(h->loop, h->fd, EPOLLIN, hub_accept, h, &h->source);
    return r < 0 ? err_set(err, r, "Cannot watch the hub's socket.") : 0;
}

int bus_hub_start(const char *path, unsigned mode, const struct log *log, struct bus_hub **ret,
                  struct err *err)
{
    struct bus_hub *h = calloc(1, sizeof(*h));
    sigset_t all, old;
    int r;

    if (!h)
        return err_set(err, -ENOMEM, "No memory for the hub.");
    h->log = log;
    h->fd = -1;
    hash_init(&h->topics);
    r = hub_init(h, path, mode, err);
    if (r >= 0) {
        sigfillset(&all); /* Signals are the main thread's. */
        pthread_sigmask(SIG_SETMASK, &all, &old);
        r = -pthread_create(&h->thread, NULL, hub_main, h);
        pthread_sigmask(SIG_SETMASK, &old, NULL);
        if (r < 0)
            err_set(err, r, "Cannot start the hub's thread: %s", strerror(-r));
    }
    if (r < 0) {
        hub_free(h);
        return r;
    }
    *ret = h;
    return 0;
}

void bus_hub_stop(struct bus_hub *h)
{
    loop_stop(h->loop);
    pthread_join(h->thread, NULL);
    unlink(h->path);
    hub_free(h);
}

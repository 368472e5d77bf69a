/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP server: its life, and the life of each exchange.  What happens to a
 * request in between is in http_way.c. */
#include "wire/http.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/die.h"
#include "base/str.h"
#include "base/time.h"
#include "io/sock.h"
#include "wire/http_impl.h"

/* --- An exchange begins and ends. ------------------------------------------ */

/* An exchange in its first state, with whatever memory 'arena' kept. */
static void exchange_init(struct http_exchange *x, struct http_server *s, struct MHD_Connection *c)
{
    struct arena arena = x->arena;

    *x = (struct http_exchange){ .server = s, .connection = c, .arena = arena };
    x->reply.fd = -1;
    x->reply.headers_end = &x->reply.headers;
    x->rq.arena = &x->arena;
    x->rq.exchange = x;
    x->rq.peer = x->peer;
    x->rq.target = x->rq.path = x->rq.query = x->rq.method_text = "";
}

static struct http_exchange *exchange_take(struct http_server *s, struct MHD_Connection *c)
{
    struct http_exchange *x;

    pthread_mutex_lock(&s->lock);
    x = s->spare;
    if (x) {
        s->spare = x->next;
        s->spare_count--;
    } else {
        x = malloc(sizeof(*x));
        if (!x)
            die("out of memory");
        arena_init(&x->arena);
    }
    exchange_init(x, s, c);
    x->next = s->live;
    if (x->next)
        x->next->prev = x;
    s->live = x;
    s->running++;
    pthread_mutex_unlock(&s->lock);
    return x;
}

static void exchange_give(struct http_exchange *x)
{
    struct http_server *s = x->server;
    bool keep;

    pthread_mutex_lock(&s->lock);
    if (x->prev)
        x->prev->next = x->next;
    else
        s->live = x->next;
    if (x->next)
        x->next->prev = x->prev;
    if (!x->upgraded)
        s->running--;
    keep = s->spare_count < HTTP_SPARE_MAX;
    if (keep) {
        x->next = s->spare;
        s->spare = x;
        s->spare_count++;
    }
    if (atomic_load_explicit(&s->stopping, memory_order_relaxed))
        pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
    if (!keep) {
        arena_done(&x->arena);
        free(x);
    }
}

/* Takes the query out of libmicrohttpd's sight: it would note each parameter in
 * the connection's memory, and when some hundreds fill that, it neither answers
 * nor closes.  Ours is the copy. */
static void query_hide(const char *uri)
{
    char *mark = strchr((char *) (uintptr_t) uri, '?'); /* In its own buffer, which it parses in place. */

    if (mark && mark[1])
        mark[1] = '\0';
}

/* libmicrohttpd's first word of a request: its target as it was sent. */
static void *on_target(void *cls, const char *uri, struct MHD_Connection *c)
{
    struct http_server *s = cls;
    struct http_exchange *x = exchange_take(s, c);
    size_t n = uri ? strlen(uri) : 0;

    x->rq.start_us = time_mono_us();
    x->raw = arena_strndup(&x->arena, uri ? uri : "", n);
    x->raw_end = uri ? uri + n : NULL;
    if (uri)
        query_hide(uri);
    return x;
}

void http_exchange_end(struct http_exchange *x, bool completed)
{
    const struct http_config *c = &x->server->c;
    struct http_reply *r = &x->reply;
    uint64_t bytes = r->kind == HTTP_REPLY_STREAM ? r->sent : r->size;

    if (x->begun && c->on_done) {
        if (x->rq.method == HTTP_HEAD || r->status == 204 || r->status == 304 || !r->queued)
            bytes = 0;
        c->on_done(c->ctx, &x->rq, completed && r->queued ? r->status : 499, bytes);
    }
    http_reply_release(r);
    if (x->stream)
        http_stream_free(x);
    arena_reset(&x->arena);
    exchange_give(x);
}

static void on_completed(void *cls, struct MHD_Connection *c, void **con_cls,
                         enum MHD_RequestTerminationCode code)
{
    struct http_exchange *x = *con_cls;

    *con_cls = NULL;
    if (!x)
        return;
    if (x->upgraded) {
        sem_post(&x->upgrade_over);
        return;
    }
    if (x->stream &&
        !http_stream_abandon(x, code == MHD_REQUEST_TERMINATED_CLIENT_ABORT ? -EBADMSG : -ECONNRESET))
        return;
    http_exchange_end(x, code == MHD_REQUEST_TERMINATED_COMPLETED_OK);
}

static void on_connection(void *cls, struct MHD_Connection *c, void **socket_context,
                          enum MHD_ConnectionNotificationCode code)
{
    struct http_server *s = cls;

    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        atomic_fetch_add_explicit(&s->connections, 1, memory_order_relaxed);
        atomic_fetch_add_explicit(&s->open, 1, memory_order_relaxed);
    } else {
        atomic_fetch_sub_explicit(&s->open, 1, memory_order_relaxed);
    }
}

/* libmicrohttpd shall not decode paths: http_head_read() does, strictly. */
static size_t on_unescape(void *cls, struct MHD_Connection *c, char *s)
{
    return strlen(s);
}

bool http_pool_run(struct http_server *s, void (*fn)(void *x), struct http_exchange *x)
{
    bool ok;

    pthread_mutex_lock(&s->lock);
    ok = !s->cut && pool_run(s->pool, fn, x);
    if (ok)
        s->jobs++;
    pthread_mutex_unlock(&s->lock);
    return ok;
}

bool http_pool_is_cut(struct http_server *s)
{
    bool cut;

    pthread_mutex_lock(&s->lock);
    cut = s->cut;
    pthread_mutex_unlock(&s->lock);
    return cut;
}

void http_pool_done(struct http_server *s)
{
    pthread_mutex_lock(&s->lock);
    s->jobs--;
    if (s->cut)
        pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

/* --- The server. ------------------------------------------------------------- */

/* As many connections as there are descriptors, less some for everything else. */
static unsigned connections_limit(unsigned wanted)
{
    struct rlimit l;
    rlim_t most;

    if (getrlimit(RLIMIT_NOFILE, &l) < 0 || l.rlim_cur == RLIM_INFINITY)
        return wanted;
    most = l.rlim_cur > 512 ? l.rlim_cur - 128 : l.rlim_cur / 4 * 3;
    return wanted < most ? wanted : (unsigned) most;
}

static void config_complete(struct http_config *c)
{
    c->address = c->address ? c->address : "127.0.0.1";
    c->threads = c->threads ? c->threads : 2;
    c->workers = c->workers ? c->workers : 16;
    c->timeout_s = c->timeout_s ? c->timeout_s : 75;
    c->max_connections = connections_limit(c->max_connections ? c->max_connections : 16384);
    c->max_header_bytes = c->max_header_bytes ? c->max_header_bytes : (size_t) 24 << 10;
}

#define DAEMON_OPTIONS 16

static void option_add(struct MHD_OptionItem *options, enum MHD_OPTION o, intptr_t value, const void *p)
{
    size_t n = 0;

    while (options[n].option != MHD_OPTION_END)
        n++;
    options[n] = (struct MHD_OptionItem){ o, value, (void *) p };
    options[n + 1] = (struct MHD_OptionItem){ MHD_OPTION_END, 0, NULL };
}

static int tls_options(struct http_server *s, struct arena *a, struct MHD_OptionItem *options,
                       struct err *err)
{
    char *cert, *key;
    size_t n;
    int r;

    r = file_read(a, s->c.tls_cert, 1 << 20, &cert, &n);
    if (r < 0)
        return err_set(err, r, "cannot read the certificate '%s'", s->c.tls_cert);
    r = s->c.tls_key ? file_read(a, s->c.tls_key, 1 << 20, &key, &n) : -EINVAL;
    if (r < 0)
        return err_set(err, r, "cannot read the key of the certificate '%s'", s->c.tls_cert);
    option_add(options, MHD_OPTION_HTTPS_MEM_CERT, 0, cert);
    option_add(options, MHD_OPTION_HTTPS_MEM_KEY, 0, key);
    return 0;
}

static int daemon_start(struct http_server *s, struct err *err)
{
    unsigned flags =
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_ALLOW_UPGRADE | MHD_USE_TURBO;
    struct MHD_OptionItem options[DAEMON_OPTIONS] = { { MHD_OPTION_END } };
    auto_arena struct arena a = { 0 };
    int r;

    if (s->c.tls_cert) {
        r = tls_options(s, &a, options, err);
        if (r < 0)
            return r;
        flags |= MHD_USE_TLS;
    }
    if (s->c.threads > 1)
        option_add(options, MHD_OPTION_THREAD_POOL_SIZE, s->c.threads, NULL);
    option_add(options, MHD_OPTION_CONNECTION_TIMEOUT, s->c.timeout_s, NULL);
    /* Ours is the limit, which leaves clients in the backlog; this one would
     * drop them, when they come faster than they are counted. */
    option_add(options, MHD_OPTION_CONNECTION_LIMIT, s->c.max_connections + 64 * s->c.threads, NULL);
    /* A third more for what libmicrohttpd notes of each header, and for the
     * reply's.  Above 32 KiB it maps memory for each connection, which nearly
     * doubles what a short one costs. */
    option_add(options, MHD_OPTION_CONNECTION_MEMORY_LIMIT, s->c.max_header_bytes + s->c.max_header_bytes / 3,
               NULL);
    option_add(options, MHD_OPTION_NOTIFY_COMPLETED, (intptr_t) on_completed, s);
    option_add(options, MHD_OPTION_NOTIFY_CONNECTION, (intptr_t) on_connection, s);
    option_add(options, MHD_OPTION_UNESCAPE_CALLBACK, (intptr_t) on_unescape, s);
    option_add(options, MHD_OPTION_URI_LOG_CALLBACK, (intptr_t) on_target, s);

    s->daemon =
        MHD_start_daemon(flags, 0, NULL, NULL, http_access, s, MHD_OPTION_ARRAY, options, MHD_OPTION_END);
    return s->daemon ? 0 : err_set(err, -EIO, "cannot start the HTTP server");
}

static void server_free(struct http_server *s)
{
    struct http_exchange *x;

    if (s->pool)
        pool_free(s->pool);
    http_accept_stop(s);
    while ((x = s->spare)) {
        s->spare = x->next;
        arena_done(&x->arena);
        free(x);
    }
    pthread_cond_destroy(&s->changed);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

static struct http_server *server_new(const struct http_config *c)
{
    struct http_server *s = calloc(1, sizeof(*s));
    pthread_condattr_t attr;

    if (!s)
        die("out of memory");
    s->c = *c;
    config_complete(&s->c);
    s->listen_fd = s->accept_stop = -1;
    pthread_mutex_init(&s->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&s->changed, &attr);
    pthread_condattr_destroy(&attr);
    return s;
}

int http_server_start(const struct http_config *c, struct http_server **ret, struct err *err)
{
    struct http_server *s = server_new(c);
    int r;

    r = http_listen(s, err);
    if (r >= 0) {
        s->pool = pool_new("http", s->c.workers, 0);
        r = daemon_start(s, err);
    }
    if (r >= 0)
        r = http_accept_start(s, err);
    if (r < 0) {
        if (s->daemon)
            MHD_stop_daemon(s->daemon);
        server_free(s);
        return r;
    }
    *ret = s;
    return 0;
}

uint16_t http_server_port(const struct http_server *s)
{
    return s->port;
}

/* Waits until 'busy' says no, at most until 'deadline' (null: without end). */
static void changed_wait(struct http_server *s, bool (*busy)(const struct http_server *s),
                         const struct timespec *deadline)
{
    int r = 0;

    while (busy(s) && r == 0) {
        if (deadline)
            r = pthread_cond_timedwait(&s->changed, &s->lock, deadline);
        else
            r = pthread_cond_wait(&s->changed, &s->lock);
    }
}

static bool has_running(const struct http_server *s)
{
    return s->running > 0;
}

static bool has_threads(const struct http_server *s)
{
    return s->upgrade_threads > 0 || s->jobs > 0;
}

/* Ends what did not end by itself: bodies that are being read break, upgraded
 * connections are shut, and nothing new gets a worker. */
static void live_cut(struct http_server *s)
{
    s->cut = true;
    for (struct http_exchange *x = s->live; x; x = x->next) {
        if (x->stream)
            http_stream_break(x, -ECONNRESET);
        if (x->upgraded && x->upgrade_fd >= 0)
            shutdown(x->upgrade_fd, SHUT_RDWR);
    }
}

void http_server_stop(struct http_server *s, unsigned grace_ms)
{
    struct timespec deadline;

    if (!s)
        return;
    atomic_store(&s->stopping, true);
    clock_gettime(CLOCK_MONOTONIC, &deadline);
    deadline.tv_sec += grace_ms / 1000;
    deadline.tv_nsec += grace_ms % 1000 * 1000000L;
    if (deadline.tv_nsec >= 1000000000L) {
        deadline.tv_sec++;
        deadline.tv_nsec -= 1000000000L;
    }
    http_accept_stop(s);

    pthread_mutex_lock(&s->lock);
    changed_wait(s, has_running, &deadline);
    live_cut(s);
    changed_wait(s, has_threads, NULL);
    pthread_mutex_unlock(&s->lock);

    /* Each job resumed its connection, which this needs. */
    MHD_stop_daemon(s->daemon);
    server_free(s);
}

void http_server_stats(const struct http_server *s, struct http_stats *ret)
{
    struct http_server *m = (struct http_server *) s;
    unsigned busy = 0;
    size_t queued = 0;

    pthread_mutex_lock(&m->lock);
    ret->active = s->running;
    pthread_mutex_unlock(&m->lock);
    ret->connections = atomic_load_explicit(&m->connections, memory_order_relaxed);
    ret->requests = atomic_load_explicit(&m->requests, memory_order_relaxed);
    pool_stats(s->pool, &busy, &queued);
    ret->workers_busy = busy;
    ret->workers_queued = queued;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies of requests: collected in the arena, or streamed to a worker through
 * a ring that bounds what one upload may hold in memory. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "wire/http_impl.h"

int http_body_collect(struct http_exchange *x, const char *data, size_t n)
{
    size_t have = x->rq.body_len, cap = x->body_cap;

    if (n > x->body_limit - have)
        return -EFBIG;
    if (have + n + 1 > cap) {
        /* What was announced is believed up to 64 KiB; more must come first. */
        if (!cap && x->rq.content_length < (64 << 10))
            cap = x->rq.content_length + 1;
        while (have + n + 1 > cap)
            cap = cap ? cap * 2 : 4096;
        x->body = arena_grow(&x->arena, x->body, x->body_cap, cap);
        x->body_cap = cap;
    }
    memcpy(x->body + have, data, n);
    x->body[have + n] = '\0';
    x->rq.body = x->body;
    x->rq.body_len = have + n;
    return 0;
}

void http_stream_new(struct http_exchange *x)
{
    struct http_stream *st = arena_new(&x->arena, struct http_stream);

    st->ring = malloc(HTTP_STREAM_RING);
    if (!st->ring)
        die("out of memory");
    pthread_mutex_init(&st->lock, NULL);
    pthread_cond_init(&st->more, NULL);
    /* A stop looks through the exchanges that are alive, under the server's lock. */
    pthread_mutex_lock(&x->server->lock);
    x->stream = st;
    pthread_mutex_unlock(&x->server->lock);
}

void http_stream_free(struct http_exchange *x)
{
    struct http_stream *st = x->stream;

    pthread_mutex_lock(&x->server->lock);
    x->stream = NULL;
    pthread_mutex_unlock(&x->server->lock);
    pthread_cond_destroy(&st->more);
    pthread_mutex_destroy(&st->lock);
    free(st->ring);
}

/* Copies as much as fits behind what the ring holds. */
static size_t ring_put(struct http_stream *st, const char *data, size_t n)
{
    size_t at = (st->start + st->count) % HTTP_STREAM_RING, first;

    if (n > HTTP_STREAM_RING - st->count)
        n = HTTP_STREAM_RING - st->count;
    first = n < HTTP_STREAM_RING - at ? n : HTTP_STREAM_RING - at;
    memcpy(st->ring + at, data, first);
    memcpy(st->ring, data + first, n - first);
    st->count += n;
    return n;
}

static size_t ring_take(struct http_stream *st, char *buf, size_t n)
{
    size_t first;

    if (n > st->count)
        n = st->count;
    first = n < HTTP_STREAM_RING - st->start ? n : HTTP_STREAM_RING - st->start;
    memcpy(buf, st->ring + st->start, first);
    memcpy(buf + first, st->ring, n - first);
    st->start = (st->start + n) % HTTP_STREAM_RING;
    st->count -= n;
    return n;
}

size_t http_stream_put(struct http_exchange *x, const char *data, size_t n)
{
    struct http_stream *st = x->stream;
    size_t put = n;

    pthread_mutex_lock(&st->lock);
    if (!st->worker_done) {
        put = ring_put(st, data, n);
        /* Only with data left, or a chunked body would go on all the same. */
        if (put < n) {
            st->suspended = true;
            MHD_suspend_connection(x->connection);
        }
        pthread_cond_signal(&st->more);
    }
    pthread_mutex_unlock(&st->lock);
    return put;
}

bool http_stream_put_end(struct http_exchange *x)
{
    struct http_stream *st = x->stream;
    bool done;

    pthread_mutex_lock(&st->lock);
    st->eof = true;
    done = st->worker_done;
    if (!done) {
        st->suspended = true;
        MHD_suspend_connection(x->connection);
    }
    pthread_cond_signal(&st->more);
    pthread_mutex_unlock(&st->lock);
    return done;
}

void http_stream_break(struct http_exchange *x, int why)
{
    struct http_stream *st = x->stream;

    pthread_mutex_lock(&st->lock);
    if (!st->failed)
        st->failed = why;
    pthread_cond_signal(&st->more);
    pthread_mutex_unlock(&st->lock);
}

bool http_stream_abandon(struct http_exchange *x, int why)
{
    struct http_stream *st = x->stream;
    bool done;

    pthread_mutex_lock(&st->lock);
    if (!st->failed)
        st->failed = why;
    st->abandoned = true;
    done = st->worker_done;
    pthread_cond_signal(&st->more);
    pthread_mutex_unlock(&st->lock);
    return done;
}

/* Lets the server thread go on.  Under the lock. */
static void stream_resume(struct http_exchange *x)
{
    if (x->stream->suspended) {
        x->stream->suspended = false;
        MHD_resume_connection(x->connection);
    }
}

void http_stream_finish(struct http_exchange *x)
{
    struct http_stream *st = x->stream;
    bool orphan;

    pthread_mutex_lock(&st->lock);
    st->worker_done = true;
    orphan = st->abandoned;
    if (!orphan)
        stream_resume(x);
    pthread_mutex_unlock(&st->lock);
    if (orphan)
        http_exchange_end(x, false);
}

static ssize_t collected_read(struct http_exchange *x, void *buf, size_t n)
{
    size_t left = x->rq.body_len - x->read_pos;

    if (n > left)
        n = left;
    if (n)
        memcpy(buf, x->rq.body + x->read_pos, n);
    x->read_pos += n;
    return n;
}

/* Waits for more, and looks from time to time whether the client is still there:
 * of an end that comes together with the last bytes libmicrohttpd hears nothing
 * when it waits by epoll, until the connection's idle time is over.  Under the
 * lock, so that the connection cannot be closed meanwhile. */
static void wait_for_more(struct http_exchange *x)
{
    struct http_stream *st = x->stream;
    const union MHD_ConnectionInfo *info;
    struct timespec until;
    char c;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 1;
    if (pthread_cond_timedwait(&st->more, &st->lock, &until) != ETIMEDOUT || st->abandoned || st->failed ||
        st->count || st->eof)
        return;
    info = MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (info && recv(info->connect_fd, &c, 1, MSG_PEEK | MSG_DONTWAIT) == 0)
        st->failed = -ECONNRESET;
}

ssize_t http_body_read(struct http_request *rq, void *buf, size_t n)
{
    struct http_exchange *x = rq->exchange;
    struct http_stream *st = x->stream;
    ssize_t r;

    if (!st)
        return collected_read(x, buf, n);

    pthread_mutex_lock(&st->lock);
    /* The first read lifts the hold in which no byte was asked for; later
     * ones wait for half the ring, so that threads do not take turns for
     * each piece. */
    while (!st->count && !st->eof && !st->failed) {
        stream_resume(x);
        wait_for_more(x);
    }
    if (st->failed) {
        r = st->failed;
    } else {
        r = ring_take(st, buf, n);
        if (!st->eof && st->count <= HTTP_STREAM_RING / 2)
            stream_resume(x);
    }
    pthread_mutex_unlock(&st->lock);
    return r;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The way of a request, from its headers to its reply: what each call of
 * libmicrohttpd means, by the phase that the exchange is in. */
#include "wire/http_impl.h"

static void worker_main(void *arg)
{
    struct http_exchange *x = arg;
    struct http_server *s = x->server;

    if (http_pool_is_cut(s))
        http_refuse(x, 503, "the server is stopping");
    else
        s->c.on_request(s->c.ctx, &x->rq);
    if (x->stream) {
        http_stream_finish(x);
    } else {
        x->phase = HTTP_PHASE_REPLY;
        MHD_resume_connection(x->connection);
    }
    http_pool_done(s);
}

/* A body that nobody wants: the client may be in the middle of sending it and
 * would not see an answer if the connection were just closed, so it is read
 * and dropped, unless it is long or the client asked first. */
static enum http_phase phase_without_body(const struct http_exchange *x)
{
    uint64_t n = x->rq.content_length;

    if (n == 0)
        return HTTP_PHASE_REPLY;
    if (x->expects || (n != HTTP_SIZE_UNKNOWN && n > HTTP_DRAIN_MAX))
        return HTTP_PHASE_REFUSE;
    return HTTP_PHASE_DRAIN;
}

/* Answers 'status' instead of going on. */
static enum http_phase refuse(struct http_exchange *x, int status, const char *words)
{
    http_refuse(x, status, words);
    x->close = true;
    return phase_without_body(x);
}

static enum http_phase stream_start(struct http_exchange *x)
{
    http_head_own(x);
    http_stream_new(x);
    if (x->expects) {
        x->stream->suspended = true;
        MHD_suspend_connection(x->connection);
    }
    if (http_pool_run(x->server, worker_main, x))
        return x->expects ? HTTP_PHASE_HOLD : HTTP_PHASE_STREAM;
    http_stream_free(x);
    if (x->expects)
        MHD_resume_connection(x->connection);
    return refuse(x, 503, "the server is stopping");
}

/* Asks on_head how the request goes on. */
static enum http_phase head_decide(struct http_exchange *x)
{
    struct http_server *s = x->server;
    struct http_head_result h;

    x->begun = true;
    atomic_fetch_add_explicit(&s->requests, 1, memory_order_relaxed);
    h = s->c.on_head(s->c.ctx, &x->rq);
    x->way = h.way;
    x->body_limit = h.body_limit ? h.body_limit : HTTP_BODY_LIMIT;
    if (h.way == HTTP_REPLIED)
        return phase_without_body(x);
    if (h.way == HTTP_WORKER && h.stream_body && x->rq.content_length)
        return stream_start(x);
    if (x->rq.content_length != HTTP_SIZE_UNKNOWN && x->rq.content_length > x->body_limit)
        return refuse(x, 413, "the body is too large");
    return HTTP_PHASE_BODY;
}

static enum MHD_Result phase_head(struct http_exchange *x, const char *data, size_t *n)
{
    x->phase = head_decide(x);
    return x->phase == HTTP_PHASE_REFUSE ? http_reply_queue(x) : MHD_YES;
}

static enum MHD_Result phase_refuse(struct http_exchange *x, const char *data, size_t *n)
{
    return http_reply_queue(x);
}

/* The whole request is here: runs its handler. */
static enum MHD_Result request_run(struct http_exchange *x)
{
    const struct http_config *c = &x->server->c;

    if (x->way == HTTP_WORKER && c->on_body && c->on_body(c->ctx, &x->rq))
        x->way = HTTP_INLINE;
    if (x->way == HTTP_INLINE) {
        x->phase = HTTP_PHASE_REPLY;
        c->on_request(c->ctx, &x->rq);
        return http_reply_queue(x);
    }
    x->phase = HTTP_PHASE_WORK;
    MHD_suspend_connection(x->connection);
    if (!http_pool_run(x->server, worker_main, x)) {
        http_refuse(x, 503, "the server is stopping");
        x->phase = HTTP_PHASE_REPLY;
        MHD_resume_connection(x->connection);
    }
    return MHD_YES;
}

static enum MHD_Result phase_body(struct http_exchange *x, const char *data, size_t *n)
{
    if (*n == 0)
        return request_run(x);
    if (http_body_collect(x, data, *n) < 0) {
        http_refuse(x, 413, "the body is too large");
        x->close = true;
        x->drained = x->rq.body_len;
        x->phase = HTTP_PHASE_DRAIN;
    }
    *n = 0;
    return MHD_YES;
}

static enum MHD_Result phase_drain(struct http_exchange *x, const char *data, size_t *n)
{
    if (*n == 0) {
        x->phase = HTTP_PHASE_REPLY;
        return http_reply_queue(x);
    }
    x->drained += *n;
    *n = 0;
    return x->drained > HTTP_DRAIN_MAX ? MHD_NO : MHD_YES;
}

/* The worker wants the body, or was done without it. */
static enum MHD_Result phase_hold(struct http_exchange *x, const char *data, size_t *n)
{
    bool done;

    pthread_mutex_lock(&x->stream->lock);
    done = x->stream->worker_done;
    pthread_mutex_unlock(&x->stream->lock);
    x->phase = done ? HTTP_PHASE_REFUSE : HTTP_PHASE_STREAM;
    return done ? http_reply_queue(x) : MHD_YES;
}

static enum MHD_Result phase_stream(struct http_exchange *x, const char *data, size_t *n)
{
    if (*n) {
        *n -= http_stream_put(x, data, *n);
        return MHD_YES;
    }
    x->phase = HTTP_PHASE_REPLY;
    return http_stream_put_end(x) ? http_reply_queue(x) : MHD_YES;
}

/* Suspended: no call is expected until the worker changed the phase. */
static enum MHD_Result phase_work(struct http_exchange *x, const char *data, size_t *n)
{
    return MHD_NO;
}

static enum MHD_Result phase_reply(struct http_exchange *x, const char *data, size_t *n)
{
    return http_reply_queue(x);
}

static enum MHD_Result (*const phases[HTTP_PHASES])(struct http_exchange *x, const char *data, size_t *n) = {
    [HTTP_PHASE_HEAD] = phase_head,   [HTTP_PHASE_REFUSE] = phase_refuse, [HTTP_PHASE_BODY] = phase_body,
    [HTTP_PHASE_DRAIN] = phase_drain, [HTTP_PHASE_HOLD] = phase_hold,     [HTTP_PHASE_STREAM] = phase_stream,
    [HTTP_PHASE_WORK] = phase_work,   [HTTP_PHASE_REPLY] = phase_reply,
};

enum MHD_Result http_access(void *cls, struct MHD_Connection *c, const char *url, const char *method,
                            const char *version, const char *data, size_t *n, void **con_cls)
{
    struct http_exchange *x = *con_cls;
    const char *words;
    int status;

    if (!x)
        return MHD_NO;
    if (x->phase == HTTP_PHASE_HEAD) {
        status = http_head_read(x, method, version, &words);
        if (status) {
            http_refuse(x, status, words);
            x->phase = HTTP_PHASE_REFUSE;
            return http_reply_queue(x);
        }
    }
    return phases[x->phase](x, data, n);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The reply: recorded in the exchange by whoever runs the handler, handed to
 * libmicrohttpd by the server thread. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/die.h"
#include "base/str.h"
#include "wire/http_impl.h"

static const struct {
    int status;
    const char *text;
} statuses[] = {
    { 101, "Switching Protocols" },
    { 200, "OK" },
    { 201, "Created" },
    { 202, "Accepted" },
    { 203, "Non-Authoritative Information" },
    { 204, "No Content" },
    { 205, "Reset Content" },
    { 206, "Partial Content" },
    { 207, "Multi-Status" },
    { 300, "Multiple Choices" },
    { 301, "Moved Permanently" },
    { 302, "Found" },
    { 303, "See Other" },
    { 304, "Not Modified" },
    { 305, "Use Proxy" },
    { 307, "Temporary Redirect" },
    { 308, "Permanent Redirect" },
    { 400, "Bad Request" },
    { 401, "Unauthorized" },
    { 402, "Payment Required" },
    { 403, "Forbidden" },
    { 404, "Not Found" },
    { 405, "Method Not Allowed" },
    { 406, "Not Acceptable" },
    { 407, "Proxy Authentication Required" },
    { 408, "Request Timeout" },
    { 409, "Conflict" },
    { 410, "Gone" },
    { 411, "Length Required" },
    { 412, "Precondition Failed" },
    { 413, "Request Entity Too Large" },
    { 414, "URI Too Long" },
    { 415, "Unsupported Media Type" },
    { 416, "Range Not Satisfiable" },
    { 417, "Expectation Failed" },
    { 422, "Unprocessable Entity" },
    { 423, "Locked" },
    { 424, "Failed Dependency" },
    { 425, "Too Early" },
    { 426, "Upgrade Required" },
    { 428, "Precondition Required" },
    { 429, "Too Many Requests" },
    { 431, "Request Header Fields Too Large" },
    { 499, "Client Disconnect" },
    { 500, "Internal Server Error" },
    { 501, "Not Implemented" },
    { 502, "Bad Gateway" },
    { 503, "Service Unavailable" },
    { 504, "Gateway Timeout" },
    { 505, "HTTP Version Not Supported" },
    { 507, "Insufficient Storage" },
};

const char *http_status_text(int status)
{
    for (size_t i = 0; i < ARRAY_SIZE(statuses); i++) {
        if (statuses[i].status == status)
            return statuses[i].text;
    }
    return "Unknown";
}

/* --- Recording. ----------------------------------------------------------- */

void http_reply_header(struct http_request *rq, const char *name, const char *value)
{
    struct http_reply *r = &rq->exchange->reply;
    struct http_reply_header *h = arena_new(rq->arena, struct http_reply_header);

    h->name = arena_strdup(rq->arena, name);
    h->value = arena_strdup(rq->arena, value);
    *r->headers_end = h;
    r->headers_end = &h->next;
}

/* Begins a reply; one that was recorded before is dropped, but its headers. */
static struct http_reply *reply_begin(struct http_request *rq, enum http_reply_kind kind, int status,
                                      const char *type)
{
    struct http_reply *r = &rq->exchange->reply;

    http_reply_release(r);
    r->kind = kind;
    r->status = status < 101 || status > 599 ? 500 : status;
    r->type = arena_strdup(rq->arena, type);
    r->body = NULL;
    r->size = r->offset = 0;
    return r;
}

void http_reply(struct http_request *rq, int status, const char *content_type, const void *body, size_t n)
{
    struct http_reply *r = reply_begin(rq, HTTP_REPLY_TEXT, status, content_type);

    r->body = body;
    r->size = n;
}

void http_reply_fd(struct http_request *rq, int status, const char *content_type, int fd, uint64_t offset,
                   uint64_t n)
{
    struct http_reply *r = reply_begin(rq, HTTP_REPLY_FD, status, content_type);

    r->fd = fd;
    r->offset = offset;
    r->size = n;
}

void http_reply_stream(struct http_request *rq, int status, const char *content_type, uint64_t size,
                       ssize_t (*read)(void *ctx, uint64_t pos, char *buf, size_t max),
                       void (*done)(void *ctx), void *ctx)
{
    struct http_reply *r = reply_begin(rq, HTTP_REPLY_STREAM, status, content_type);

    r->size = size;
    r->read = read;
    r->done = done;
    r->ctx = ctx;
}

void http_reply_upgrade(struct http_request *rq, const char *protocol,
                        void (*take)(void *ctx, int fd, const char *extra, size_t extra_len), void *ctx)
{
    struct http_reply *r = reply_begin(rq, HTTP_REPLY_UPGRADE, 101, NULL);

    http_reply_header(rq, "Upgrade", protocol);
    r->take = take;
    r->ctx = ctx;
}

void http_refuse(struct http_exchange *x, int status, const char *words)
{
    const struct http_config *c = &x->server->c;
    const char *text;

    if (c->on_bad)
        c->on_bad(c->ctx, &x->rq, status, words);
    if (x->reply.kind != HTTP_REPLY_NONE)
        return;
    text = arena_printf(&x->arena, "%d %s: %s\n", status, http_status_text(status), words);
    http_reply(&x->rq, status, "text/plain; charset=UTF-8", text, strlen(text));
}

/* --- Bodies made piece by piece. ------------------------------------------- */

/* What a worker read ahead.  The connection is suspended while it reads, so
 * one thread at a time is here. */
struct http_piece {
    size_t len, pos;
    ssize_t end; /* MHD_CONTENT_READER_...; 0 while there is more. */
    char data[HTTP_STREAM_PIECE];
};

static ssize_t stream_read(struct http_exchange *x, uint64_t pos, char *buf, size_t max)
{
    ssize_t n = x->reply.read ? x->reply.read(x->reply.ctx, pos, buf, max) : -1;

    if (n == 0)
        return MHD_CONTENT_READER_END_OF_STREAM;
    return n < 0 || (size_t) n > max ? MHD_CONTENT_READER_END_WITH_ERROR : n;
}

/* Worker: reads the next piece. */
static void piece_fill(void *arg)
{
    struct http_exchange *x = arg;
    struct http_server *s = x->server;
    struct http_piece *p = x->reply.piece;
    ssize_t n = MHD_CONTENT_READER_END_WITH_ERROR;

    if (!http_pool_is_cut(s))
        n = stream_read(x, x->reply.sent, p->data, sizeof(p->data));
    p->pos = 0;
    p->len = n < 0 ? 0 : n;
    p->end = n < 0 ? n : 0;
    MHD_resume_connection(x->connection);
    http_pool_done(s);
}

/* Server thread: gives what was read ahead, or suspends and has more read. */
static ssize_t piece_take(struct http_exchange *x, char *buf, size_t max)
{
    struct http_piece *p = x->reply.piece;

    if (p->pos == p->len) {
        if (p->end)
            return p->end;
        MHD_suspend_connection(x->connection);
        if (http_pool_run(x->server, piece_fill, x))
            return 0;
        p->end = MHD_CONTENT_READER_END_WITH_ERROR;
        MHD_resume_connection(x->connection);
        return 0;
    }
    if (max > p->len - p->pos)
        max = p->len - p->pos;
    memcpy(buf, p->data + p->pos, max);
    p->pos += max;
    return max;
}

static ssize_t stream_pull(void *cls, uint64_t pos, char *buf, size_t max)
{
    struct http_exchange *x = cls;
    ssize_t n = x->reply.piece ? piece_take(x, buf, max) : stream_read(x, pos, buf, max);

    if (n > 0)
        x->reply.sent += n;
    return n;
}

/* --- Handing over. --------------------------------------------------------- */

static struct MHD_Response *text_make(struct http_exchange *x)
{
    const struct http_reply *r = &x->reply;

    /* HEAD may say a length without having the bytes. */
    if (r->size && !r->body)
        return MHD_create_response_from_callback(r->size, 1024, stream_pull, x, NULL);
    return MHD_create_response_from_buffer(r->size, (void *) r->body, MHD_RESPMEM_PERSISTENT);
}

static struct MHD_Response *fd_make(struct http_exchange *x)
{
    struct http_reply *r = &x->reply;
    struct MHD_Response *m = MHD_create_response_from_fd_at_offset64(r->size, r->fd, r->offset);

    if (m)
        r->fd = -1;
    return m;
}

static struct MHD_Response *stream_make(struct http_exchange *x)
{
    struct http_reply *r = &x->reply;
    uint64_t size = r->size == HTTP_SIZE_UNKNOWN ? MHD_SIZE_UNKNOWN : r->size;

    if (x->way == HTTP_WORKER && r->read && x->rq.method != HTTP_HEAD) {
        r->piece = malloc(sizeof(*r->piece));
        if (!r->piece)
            die("out of memory");
        r->piece->len = r->piece->pos = 0;
        r->piece->end = 0;
    }
    return MHD_create_response_from_callback(size, 32 << 10, stream_pull, x, NULL);
}

static struct MHD_Response *upgrade_make(struct http_exchange *x)
{
    return MHD_create_response_for_upgrade(http_upgrade_begin, x);
}

static struct MHD_Response *(*const makers[])(struct http_exchange *x) = {
    [HTTP_REPLY_TEXT] = text_make,
    [HTTP_REPLY_FD] = fd_make,
    [HTTP_REPLY_STREAM] = stream_make,
    [HTTP_REPLY_UPGRADE] = upgrade_make,
};

static void headers_add(struct http_exchange *x, struct MHD_Response *m)
{
    const struct http_reply *r = &x->reply;

    if (r->type && r->status != 204)
        MHD_add_response_header(m, "Content-Type", r->type);
    for (const struct http_reply_header *h = r->headers; h; h = h->next)
        MHD_add_response_header(m, h->name, h->value);
    if (x->close ||
        (atomic_load_explicit(&x->server->stopping, memory_order_relaxed) && r->kind != HTTP_REPLY_UPGRADE))
        MHD_add_response_header(m, "Connection", "close");
}

enum MHD_Result http_reply_queue(struct http_exchange *x)
{
    struct http_reply *r = &x->reply;
    struct MHD_Response *m;
    enum MHD_Result ok;

    if (r->kind == HTTP_REPLY_NONE)
        http_refuse(x, 500, "the handler gave no reply");
    m = makers[r->kind](x);
    if (!m)
        return MHD_NO;
    headers_add(x, m);
    ok = MHD_queue_response(x->connection, r->status, m);
    r->queued = ok == MHD_YES;
    MHD_destroy_response(m);
    return ok;
}

void http_reply_release(struct http_reply *r)
{
    if (r->kind == HTTP_REPLY_FD && r->fd >= 0)
        close(r->fd);
    if (r->kind == HTTP_REPLY_STREAM && r->done)
        r->done(r->ctx);
    free(r->piece);
    r->piece = NULL;
    r->fd = -1;
    r->kind = HTTP_REPLY_NONE;
}

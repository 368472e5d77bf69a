/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP server: bytes to requests and back (libmicrohttpd inside).
 *
 * A request comes to 'on_head' when its headers are there.  That call settles
 * the framing (what smuggles is refused before it: CL with TE, two lengths,
 * unknown codings, bad Host), then says how the request goes on: inline on the
 * server's thread, or on the worker pool, where blocking is allowed; and
 * whether the body is collected or streamed.  'on_request' then runs once and
 * must set a reply.  Memory of a request comes from its arena. */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/log.h"
#include "base/strbuf.h"

struct http_server;
struct http_exchange; /* One request and its reply. */

enum http_method {
    HTTP_GET,
    HTTP_HEAD,
    HTTP_POST,
    HTTP_PUT,
    HTTP_PATCH,
    HTTP_DELETE,
    HTTP_COPY,
    HTTP_OPTIONS,
    HTTP_OTHER,
};

const char *http_method_text(enum http_method m);
const char *http_status_text(int status); /* "Not Found" */

struct http_header {
    const char *name, *value;
};

/* What the request says.  Valid until the reply was sent. */
struct http_request {
    enum http_method method;
    const char *method_text;
    const char *target;      /* As sent, without the query. */
    const char *path;        /* Decoded; dot segments are refused. */
    const char *query;       /* As sent, without '?'; never null. */
    const char *peer;        /* Address of the client, text. */
    uint64_t content_length; /* UINT64_MAX: chunked. 0: none. */
    const char *body;        /* Collected body, null-terminated; null if none or streamed. */
    size_t body_len;
    struct arena *arena;
    int64_t start_us; /* Monotonic time of arrival. */
    void *user;       /* For on_head to leave something for on_request. */
    struct http_exchange *exchange;
};

/* The value of a header (name in any case), or null.  A header that came
 * twice and may not is refused before on_head. */
const char *http_header_get(const struct http_request *rq, const char *name);

/* How the request goes on after on_head. */
enum http_way {
    HTTP_INLINE,  /* on_request runs on the server's thread: must not block. */
    HTTP_WORKER,  /* on_request runs on the worker pool. */
    HTTP_REPLIED, /* on_head set a reply already; on_request does not run. */
};

struct http_head_result {
    enum http_way way;
    bool stream_body;    /* Worker only: read with http_body_read(). */
    uint64_t body_limit; /* Collected bodies beyond this answer 413 (0: the default, 1 MiB). */
};

struct http_config {
    const char *address;            /* "127.0.0.1", "::"; null 127.0.0.1 */
    uint16_t port;                  /* 0: the kernel's choice, see http_server_port(). */
    int listen_fd;                  /* A bound socket to take over (> 0), or 0. */
    unsigned threads;               /* Server threads (default 2). */
    unsigned workers;               /* Worker threads, started on demand (default 16). */
    unsigned timeout_s;             /* Idle connection timeout (default 75). */
    unsigned max_connections;       /* Default 16384; limited by RLIMIT_NOFILE. */
    size_t max_header_bytes;        /* Default 24 KiB, beyond 431. */
    const char *tls_cert, *tls_key; /* PEM files; null: plain. */
    const struct log *log;
    struct http_head_result (*on_head)(void *ctx, struct http_request *rq);
    void (*on_request)(void *ctx, struct http_request *rq);
    /* Asked on the server's thread when the body of an HTTP_WORKER request has
     * been collected: true runs it inline after all.  May be null. */
    bool (*on_body)(void *ctx, struct http_request *rq);
    void (*on_done)(void *ctx, struct http_request *rq, int status,
                    uint64_t bytes); /* After the reply; for the log.  499: the client went before its end.
                                        On any thread. */
    void (*on_bad)(void *ctx, struct http_request *rq, int status, const char *words); /* To answer what the
                                       server itself refuses (framing, size) in the service's dialect; null: text. */
    void *ctx;
};

int http_server_start(const struct http_config *c, struct http_server **ret, struct err *err);

uint16_t http_server_port(const struct http_server *s);

/* Stops accepting, lets running requests end (at most 'grace_ms'), frees. */
void http_server_stop(struct http_server *s, unsigned grace_ms);

/* Numbers for /metrics. */
struct http_stats {
    uint64_t connections, requests, active, workers_busy, workers_queued;
};
void http_server_stats(const struct http_server *s, struct http_stats *ret);

/* Streamed body: blocks for data.  Bytes read, 0 at the end, or -errno
 * (-ECONNRESET: the client went away; -EBADMSG: shorter than announced).
 * Reads a collected body as well.  The first call lets a client go on that
 * waits for 100 Continue; replying without it refuses the body unsent. */
ssize_t http_body_read(struct http_request *rq, void *buf, size_t n);

/* --- The reply: set headers, then one of the bodies. ---------------------- */

/* Adds a header; both strings are copied. */
void http_reply_header(struct http_request *rq, const char *name, const char *value);

/* Status and a body that lives in the request's arena (not copied).  The
 * reply to HEAD has the headers (with Content-Length) and no body; there, and
 * with 304, 'body' may be null and 'n' the length GET would have. */
void http_reply(struct http_request *rq, int status, const char *content_type, const void *body, size_t n);

/* A part of a file; takes over 'fd'. */
void http_reply_fd(struct http_request *rq, int status, const char *content_type, int fd, uint64_t offset,
                   uint64_t n);

/* A body made piece by piece: 'read' gives bytes, 0 at the end, -1 to cut the
 * connection.  It runs on the worker pool, and may block, when on_request did.
 * 'size' UINT64_MAX when unknown.  'done' is called at the end.  For HEAD
 * 'read' may be null. */
void http_reply_stream(struct http_request *rq, int status, const char *content_type, uint64_t size,
                       ssize_t (*read)(void *ctx, uint64_t pos, char *buf, size_t max),
                       void (*done)(void *ctx), void *ctx);

/* Hands the connection over as a raw stream after a 101 reply (websockets):
 * 'take' gets a descriptor that it owns, on a thread of its own, and returns
 * when the connection is over. */
void http_reply_upgrade(struct http_request *rq, const char *protocol,
                        void (*take)(void *ctx, int fd, const char *extra, size_t extra_len), void *ctx);

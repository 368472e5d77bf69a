/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the HTTP server share.  Nobody else includes this.
 *
 * An exchange belongs to its connection's server thread, but for the time in
 * which a worker runs its handler.  Of a collected request the connection is
 * suspended meanwhile, so that only one thread touches the exchange.  Of a
 * streamed one both run: what they share is in 'struct http_stream', under its
 * lock.  Locks are taken in the order server, stream, libmicrohttpd's; it
 * calls us with none of its own held (but see http_upgrade.c). */
#pragma once

#include <microhttpd.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "io/pool.h"
#include "wire/http.h"

#define HTTP_BODY_LIMIT   ((uint64_t) 1 << 20)
#define HTTP_DRAIN_MAX    ((uint64_t) 64 << 20) /* Of a refused body; what sends more is cut off. */
#define HTTP_STREAM_RING  ((size_t) 256 << 10)
#define HTTP_STREAM_PIECE ((size_t) 128 << 10)
#define HTTP_SPARE_MAX    64
#define HTTP_SIZE_UNKNOWN UINT64_MAX

/* Where a request is; what the next call of its server thread means. */
enum http_phase {
    HTTP_PHASE_HEAD,   /* The headers are there, nothing was looked at. */
    HTTP_PHASE_REFUSE, /* Answer in place of the body, then close. */
    HTTP_PHASE_BODY,   /* Collecting the body. */
    HTTP_PHASE_DRAIN,  /* The reply is known; the rest of the body is thrown away. */
    HTTP_PHASE_HOLD,   /* Suspended: does the worker want the body at all? */
    HTTP_PHASE_STREAM, /* Handing the body to the worker. */
    HTTP_PHASE_WORK,   /* Suspended until the worker is done. */
    HTTP_PHASE_REPLY,  /* The reply is recorded and goes out. */
    HTTP_PHASES,
};

enum http_reply_kind {
    HTTP_REPLY_NONE,
    HTTP_REPLY_TEXT,
    HTTP_REPLY_FD,
    HTTP_REPLY_STREAM,
    HTTP_REPLY_UPGRADE,
};

struct http_reply_header {
    const char *name, *value;
    struct http_reply_header *next;
};

struct http_reply {
    enum http_reply_kind kind;
    int status;
    const char *type;
    struct http_reply_header *headers, **headers_end;
    const void *body;
    uint64_t size, offset;
    int fd; /* Ours until it is queued; -1: none. */
    ssize_t (*read)(void *ctx, uint64_t pos, char *buf, size_t max);
    void (*done)(void *ctx);
    void (*take)(void *ctx, int fd, const char *extra, size_t extra_len);
    void *ctx;
    uint64_t sent; /* Of a stream. */
    struct http_piece *piece;
    bool queued;
};

struct http_field {
    const char *name, *value;
    size_t name_len;
};

/* A body on its way from the server thread to the worker. */
struct http_stream {
    pthread_mutex_t lock;
    pthread_cond_t more; /* Something came, or will never come. */
    char *ring;
    size_t start, count;
    bool eof, suspended, worker_done;
    bool abandoned; /* The server thread is done with the exchange; the worker ends it. */
    int failed;     /* -errno once the client is gone. */
};

struct http_exchange {
    struct http_request rq;
    struct arena arena;
    struct http_server *server;
    struct MHD_Connection *connection;
    struct http_exchange *next, *prev; /* In the server's list. */

    enum http_phase phase;
    enum http_way way;
    bool begun;     /* on_head was asked, so on_done is told. */
    bool collected; /* The body is collected: rq.body is being filled. */
    bool expects;   /* The client waits for 100 Continue. */
    bool close;     /* Say "Connection: close". */
    bool upgraded;  /* A thread of http_upgrade.c has it, and ends it. */

    char *raw; /* The target with its query, as sent. */
    const char *raw_end;
    struct http_field *fields;
    size_t fields_count, fields_cap;

    char *body;
    size_t body_cap;
    uint64_t body_limit, drained;
    size_t read_pos; /* Of http_body_read() in a collected body. */

    struct http_stream *stream;
    struct http_reply reply;
    int upgrade_fd;
    struct MHD_UpgradeResponseHandle *upgrade_handle;
    sem_t upgrade_over; /* libmicrohttpd is done with the connection. */
    const char *upgrade_extra;
    size_t upgrade_extra_len;
    char peer[64];
};

struct http_server {
    struct http_config c;
    struct MHD_Daemon *daemon;
    struct pool *pool;

    int listen_fd, accept_stop; /* -1: none. */
    uint16_t port;
    pthread_t accept_thread;
    bool accepts; /* That thread runs. */

    pthread_mutex_t lock;
    pthread_cond_t changed;             /* A request or an upgraded connection ended. */
    struct http_exchange *live, *spare; /* Running; kept for their memory. */
    unsigned spare_count, running, upgrade_threads, jobs;
    bool cut; /* Nothing new may start; what waits ends. */

    atomic_bool stopping; /* Replies say "Connection: close". */
    _Atomic uint64_t connections, requests, open;
};

/* --- http.c: the life of an exchange. -------------------------------------- */

/* Runs 'fn' on the pool.  False when the server is being torn down.  'fn' ends
 * quickly when http_pool_is_cut(), and calls http_pool_done() as its very last
 * deed, when it resumed what it is for. */
bool http_pool_run(struct http_server *s, void (*fn)(void *x), struct http_exchange *x);
bool http_pool_is_cut(struct http_server *s);
void http_pool_done(struct http_server *s);

/* The exchange is over: tells on_done, frees. */
void http_exchange_end(struct http_exchange *x, bool completed);

/* --- http_way.c: the way of a request. --------------------------------------- */

/* libmicrohttpd calls this with the headers, with each piece of the body, at
 * the end, and again after a resume. */
enum MHD_Result http_access(void *cls, struct MHD_Connection *c, const char *url, const char *method,
                            const char *version, const char *data, size_t *n, void **con_cls);

/* --- http_accept.c: new connections. ---------------------------------------- */

/* Makes or takes over the listening socket. */
int http_listen(struct http_server *s, struct err *err);

int http_accept_start(struct http_server *s, struct err *err);

/* No more connections; closes the socket.  May be repeated. */
void http_accept_stop(struct http_server *s);

/* --- http_head.c: what the headers say. ------------------------------------ */

/* Fills x->rq.  0, or the HTTP status to refuse it with and '*ret_words'. */
int http_head_read(struct http_exchange *x, const char *method, const char *version, const char **ret_words);

/* Copies what points into the connection's memory, for a worker that may
 * outlive it. */
void http_head_own(struct http_exchange *x);

/* --- http_body.c: bodies. -------------------------------------------------- */

/* Takes 'n' bytes into the collected body; 0, or -EFBIG above the limit. */
int http_body_collect(struct http_exchange *x, const char *data, size_t n);

void http_stream_new(struct http_exchange *x);
void http_stream_free(struct http_exchange *x);

/* Server thread: hands over what there is room for and returns how much that
 * was; suspends the connection when that is not all.  What comes after the
 * worker is done is thrown away. */
size_t http_stream_put(struct http_exchange *x, const char *data, size_t n);

/* Server thread: no more will come.  True when the worker is done already;
 * if not, the connection is suspended until it is. */
bool http_stream_put_end(struct http_exchange *x);

/* Reading fails from now on. */
void http_stream_break(struct http_exchange *x, int why);

/* Server thread: the connection is gone.  True when the worker is done, so
 * that the exchange is the caller's to end; if not, the worker ends it. */
bool http_stream_abandon(struct http_exchange *x, int why);

/* Worker: done with the request; it must not be touched any more. */
void http_stream_finish(struct http_exchange *x);

/* --- http_reply.c: the reply. ---------------------------------------------- */

/* Answers what the server itself refuses: on_bad, or plain text. */
void http_refuse(struct http_exchange *x, int status, const char *words);

/* Hands the recorded reply to libmicrohttpd.  Server thread only. */
enum MHD_Result http_reply_queue(struct http_exchange *x);

/* Releases what the reply holds. */
void http_reply_release(struct http_reply *r);

/* --- http_upgrade.c -------------------------------------------------------- */

/* libmicrohttpd's call when the 101 went out. */
void http_upgrade_begin(void *cls, struct MHD_Connection *c, void *con_cls, const char *extra, size_t n,
                        MHD_socket fd, struct MHD_UpgradeResponseHandle *handle);

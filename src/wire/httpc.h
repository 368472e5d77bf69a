/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP client (libcurl inside): one pool of keep-alive connections, calls
 * that block, safe from many threads.  Redirects are not followed. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/err.h"
#include "wire/http.h"

struct httpc;

struct httpc_config {
    unsigned timeout_ms;         /* Of a whole call (default 60,000). */
    unsigned connect_timeout_ms; /* Default 5,000. */
    const char *ca_file;         /* Null: the system's. */
    bool insecure;
    const char *cert_file, *key_file; /* PEM of this client; null: it shows none. */
};

int httpc_new(const struct httpc_config *c, struct httpc **ret, struct err *err);
void httpc_free(struct httpc *c);

struct httpc_request {
    enum http_method method;
    const char *url;
    const struct http_header *headers; /* Ended by a null name; may be null. */
    const void *body;                  /* Null: none, unless 'read'. */
    size_t body_len;
    ssize_t (*read)(void *ctx, char *buf, size_t max);  /* Streams the body up; 0 ends, <0 aborts. */
    int64_t read_size;                                  /* -1: chunked. */
    int (*write)(void *ctx, const char *buf, size_t n); /* Streams a 2xx body down; non-zero aborts. */
    void *ctx;
    unsigned timeout_ms; /* 0: the configuration's. */
    size_t max_body;     /* Of a collected reply; default 64 MiB. */
};

struct httpc_reply {
    int status;
    const char *body; /* Null-terminated, in the arena; "" when streamed. */
    size_t body_len;
    struct http_header *headers; /* Ended by a null name. */
};

/* One call.  0 when an HTTP answer came, whatever its status; -ECONNREFUSED,
 * -ETIMEDOUT, -EHOSTUNREACH, -EIO with words otherwise. */
int httpc_call(struct httpc *c, struct arena *a, const struct httpc_request *rq, struct httpc_reply *ret,
               struct err *err);

/* A header of the reply (name in any case), or null. */
const char *httpc_header(const struct httpc_reply *r, const char *name);

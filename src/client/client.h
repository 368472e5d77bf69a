/* SPDX-License-Identifier: Apache-2.0 */
/* How one service calls another: over HTTP, as its own user, at the endpoint
 * that the catalog names.  A real Keystone, Glance … fits behind it too.
 *
 * One client a process, safe from many threads.  It keeps its token and the
 * catalog, renews both before they expire and once after a 401. */
#pragma once

#include <jansson.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/err.h"
#include "base/log.h"
#include "base/secret.h"
#include "wire/httpc.h"

struct client;

/* Section [service_auth_NAME], and [service_auth] for what it lacks. */
struct client_options {
    const char *auth_url; /* "http://127.0.0.1:5000/v3" */
    const char *username, *user_domain, *project, *project_domain, *region, *interface;
    struct secret password;
    const char *password_file; /* Read at each login, so that a rotated password is found. */
    int64_t timeout_ms;
};
extern const struct option client_option_table[];

int client_new(const struct client_options *o, const struct log *log, struct client **ret, struct err *err);
void client_free(struct client *c);

struct client_request {
    const char *service; /* Type in the catalog: "image". */
    enum http_method method;
    const char *path;                  /* Behind the endpoint's URL: "/v2/images/…" */
    const char *version;               /* OpenStack-API-Version's value ("placement 1.39"), or null. */
    const char *request_id;            /* Passed on as X-OpenStack-Request-ID, or null. */
    const char *token;                 /* Instead of the service's own: acts as that user. */
    const struct http_header *headers; /* More headers, ended by a null name; may be null. */
    const char *body;                  /* JSON text, or null. */
    const char *content_type;          /* Of the body; null: application/json. */
    struct httpc_request *raw; /* To stream: read, write, ctx, read_size are taken from it; or null. */
    unsigned timeout_ms;       /* 0: the configuration's. */
};

struct client_reply {
    int status;
    json_t *json; /* Null when the body was no JSON; released by client_reply_done(). */
    struct httpc_reply http;
};

/* One call.  0 for any HTTP answer below 400.  For 400 and above -errno by
 * err_code_of_status() with the status in 'err->status' and the service's own
 * words in 'err'; '*ret' is filled then too.  -EHOSTDOWN when the service
 * cannot be reached. */
int client_call(struct client *c, struct arena *a, const struct client_request *rq, struct client_reply *ret,
                struct err *err);
void client_reply_done(struct client_reply *r);
#define auto_client_reply __attribute__((cleanup(client_reply_done)))

/* The URL of a service type in the catalog. */
int client_endpoint(struct client *c, struct arena *a, const char *service, char **ret, struct err *err);

/* The service's own token, for calls that are made otherwise. */
int client_token(struct client *c, struct arena *a, const char **ret, struct err *err);

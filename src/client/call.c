/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"
#include "client/internal.h"
#include "wire/json.h"

#define HEADERS_MAX 24

/* Identity is where we log in, whatever the catalog says of it. */
static int service_url(struct client *c, const struct session *s, const char *service, const char **ret,
                       struct err *err)
{
    *ret = str_eq(service, "identity") ? c->opt.auth_url : hash_get(&s->urls, service);
    if (*ret)
        return 0;
    return err_set(err, -EHOSTDOWN, "the catalog has no %s endpoint of the %s service%s%s", c->opt.interface,
                   service, c->opt.region ? " in region " : "", c->opt.region ? c->opt.region : "");
}

static int add_headers(const struct client_request *rq, const char *token, struct http_header *to,
                       struct err *err)
{
    size_t n = 0;

    to[n++] = (struct http_header){ "X-Auth-Token", rq->token ? rq->token : token };
    if (rq->version)
        to[n++] = (struct http_header){ "OpenStack-API-Version", rq->version };
    if (rq->request_id)
        to[n++] = (struct http_header){ "X-OpenStack-Request-ID", rq->request_id };
    if (rq->body)
        to[n++] =
            (struct http_header){ "Content-Type", rq->content_type ? rq->content_type : "application/json" };
    for (const struct http_header *h = rq->headers; h && h->name; h++) {
        if (n == HEADERS_MAX)
            return err_set(err, -E2BIG, "too many headers");
        to[n++] = *h;
    }
    to[n] = (struct http_header){ 0 };
    return 0;
}

static bool streams(const struct client_request *rq)
{
    return rq->raw && (rq->raw->read || rq->raw->write);
}

static int call_once(struct client *c, const struct session *s, struct arena *a,
                     const struct client_request *rq, struct client_reply *ret, struct err *err)
{
    struct http_header headers[HEADERS_MAX + 1];
    struct httpc_request http = { 0 };
    const char *url;
    int r = service_url(c, s, rq->service, &url, err);

    if (r >= 0)
        r = add_headers(rq, s->token, headers, err);
    if (r < 0)
        return r;
    if (rq->raw)
        http = *rq->raw;
    http.method = rq->method;
    http.url = arena_printf(a, "%s%s", url, rq->path);
    http.headers = headers;
    if (rq->body) {
        http.body = rq->body;
        http.body_len = strlen(rq->body);
    }
    if (rq->timeout_ms)
        http.timeout_ms = rq->timeout_ms;
    r = httpc_call(c->http, a, &http, &ret->http, err);
    if (r == -ETIMEDOUT)
        return err_prefix(err, r, "the %s service did not answer in time", rq->service);
    if (r < 0) {
        err_prefix(err, r, "the %s service cannot be reached", rq->service);
        if (r == -EIO && streams(rq)) /* It may have been our own stream that broke off. */
            return r;
        if (err)
            err->code = -EHOSTDOWN;
        return -EHOSTDOWN;
    }
    ret->status = ret->http.status;
    if (ret->http.body_len)
        json_read(ret->http.body, ret->http.body_len, &ret->json, NULL);
    return 0;
}

/* A body that streams up cannot be sent a second time. */
static bool may_repeat(const struct client_request *rq)
{
    return !rq->token && !(rq->raw && rq->raw->read);
}

int client_call(struct client *c, struct arena *a, const struct client_request *rq, struct client_reply *ret,
                struct err *err)
{
    int r = 0;

    *ret = (struct client_reply){ 0 };
    for (int attempt = 0; attempt < 2; attempt++) {
        struct session *s;

        client_reply_done(ret);
        r = session_get(c, &s, err);
        if (r < 0)
            return r;
        r = call_once(c, s, a, rq, ret, err);
        if (r >= 0 && ret->status == 401 && !rq->token)
            session_drop(c, s);
        session_put(c, s);
        if (r < 0 || ret->status != 401 || !may_repeat(rq))
            break;
    }
    if (r < 0 || ret->status < 400)
        return r;
    return reply_error(ret, rq->service, err);
}

int client_endpoint(struct client *c, struct arena *a, const char *service, char **ret, struct err *err)
{
    struct session *s;
    const char *url;
    int r = session_get(c, &s, err);

    if (r < 0)
        return r;
    r = service_url(c, s, service, &url, err);
    if (r >= 0)
        *ret = arena_strdup(a, url);
    session_put(c, s);
    return r;
}

int client_token(struct client *c, struct arena *a, const char **ret, struct err *err)
{
    struct session *s;
    int r = session_get(c, &s, err);

    if (r < 0)
        return r;
    *ret = arena_strdup(a, s->token);
    session_put(c, s);
    return 0;
}

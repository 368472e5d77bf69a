/* SPDX-License-Identifier: Apache-2.0 */
/* The role "console": noVNC's page, and the way from its websocket to a
 * guest's screen.
 *
 * A console's URL carries a token that compute gave out and that ends soon.
 * Compute says for which guest it stands (os-console-auth-tokens, as the
 * services' user); whoever has no valid one reaches nothing behind us.  A page
 * of another site may not use a browser that knows a token, so the websocket's
 * Origin must be our own. */
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>

#include "base/str.h"
#include "base/time.h"
#include "client/client.h"
#include "io/sock.h"
#include "main/parts.h"
#include "wire/http.h"
#include "wire/json.h"
#include "wire/url.h"
#include "wire/ws.h"

#define CONNECT_MS 5000

/* Section [console]. */
struct console_options {
    const char *bind_host;
    int64_t bind_port;
    const char *web_dir;
    const char **allowed_origins;
};

#define OPT(name, type, value, help, ...)                                             \
    {                                                                                 \
#        name, type, offsetof(struct console_options, name), value, help, __VA_ARGS__ \
    }

static const struct option options[] = {
    OPT(bind_host, FIELD_STRING, "127.0.0.1", "Address to listen on."),
    OPT(bind_port, FIELD_INT, "6080", "Port to listen on.", .max = 65535),
    OPT(web_dir, FIELD_STRING, "/usr/share/novnc", "noVNC's files."),
    OPT(allowed_origins, FIELD_STRV, NULL,
        "Hosts whose pages may open consoles besides our own, as they stand in the browser's address."),
    { 0 },
};

const struct role_section console_sections[] = { { "console", options }, { 0 } };

struct console {
    struct role_run *run;
    struct console_options opt;
    struct http_server *http;
};

/* Addresses hold tokens, so none is told to other sites; and no page of theirs
 * may frame one of ours. */
static void protect(struct http_request *rq)
{
    http_reply_header(rq, "X-Content-Type-Options", "nosniff");
    http_reply_header(rq, "Referrer-Policy", "no-referrer");
    http_reply_header(rq, "Content-Security-Policy", "frame-ancestors 'self'");
}

static void reply_words(struct http_request *rq, int status, const char *words)
{
    protect(rq);
    http_reply(rq, status, "text/plain; charset=utf-8", words, strlen(words));
}

/* --- noVNC's files ----------------------------------------------------------- */

static const char *type_of(const char *path)
{
    static const struct {
        const char *end, *type;
    } types[] = {
        { ".html", "text/html; charset=utf-8" },
        { ".js", "text/javascript; charset=utf-8" },
        { ".css", "text/css; charset=utf-8" },
        { ".json", "application/json" },
        { ".svg", "image/svg+xml" },
        { ".png", "image/png" },
        { ".ico", "image/x-icon" },
        { ".woff", "font/woff" },
        { ".ttf", "font/ttf" },
        { ".mp3", "audio/mpeg" },
        { ".oga", "audio/ogg" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(types); i++)
        if (str_has_suffix(path, types[i].end))
            return types[i].type;
    return "application/octet-stream";
}

/* The page that the compute service names connects by itself.  In Debian's
 * package it is a link to the one that waits for a click. */
static const char *page_of(const char *path)
{
    return strcmp(path, "/vnc_auto.html") == 0 ? "/vnc_lite.html" : path;
}

static void reply_file(struct console *c, struct http_request *rq)
{
    /* The server decoded the path and refused dot segments. */
    const char *path = arena_printf(rq->arena, "%s%s", c->opt.web_dir, page_of(rq->path));
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        if (fd >= 0)
            close(fd);
        reply_words(rq, 404, "There is no such page.\n");
        return;
    }
    protect(rq);
    http_reply_fd(rq, 200, type_of(path), fd, 0, (uint64_t) st.st_size);
}

/* --- The websocket ------------------------------------------------------------ */

/* "https://host:port/…" as "host:port". */
static const char *host_of_origin(struct arena *a, const char *origin)
{
    const char *host = strstr(origin, "://");

    host = host ? host + 3 : origin;
    return arena_strndup(a, host, strcspn(host, "/"));
}

/* Programs send no Origin; browsers always do. */
static bool origin_is_ours(struct console *c, struct http_request *rq)
{
    const char *origin = http_header_get(rq, "Origin"), *host = http_header_get(rq, "Host");

    if (!origin)
        return true;
    origin = host_of_origin(rq->arena, origin);
    return str_eq_nocase(origin, host ? host : "") ||
           strv_contains((const char *const *) c->opt.allowed_origins, origin);
}

static const char *token_of(struct http_request *rq)
{
    struct query_param *q;
    size_t n;

    if (query_parse(rq->arena, rq->query, &q, &n) < 0)
        return NULL;
    for (size_t i = 0; i < n; i++)
        if (str_eq(q[i].name, "token"))
            return q[i].value;
    return NULL;
}

/* Only what is part of a path without more ado. */
static bool is_token(const char *s)
{
    size_t n = s ? strspn(s, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_") : 0;

    return n > 0 && n <= 128 && !s[n];
}

struct target {
    const char *server_id, *host;
    uint16_t port;
};

static int ask_compute(struct console *c, struct arena *a, const char *token, struct target *ret,
                       struct err *err)
{
    const struct client_request rq = {
        .service = "compute",
        .method = HTTP_GET,
        .path = arena_printf(a, "/os-console-auth-tokens/%s", token),
        .version = "compute 2.31",
    };
    auto_client_reply struct client_reply reply = { 0 };
    const json_t *o;
    int64_t port;
    int r = client_call(c->run->client, a, &rq, &reply, err);

    if (r < 0)
        return r;
    o = json_obj(reply.json, "console");
    port = json_int(o, "port", 0);
    *ret = (struct target){
        .server_id = arena_strdup(a, json_str(o, "instance_uuid")),
        .host = arena_strdup(a, json_str(o, "host")),
        .port = (uint16_t) port,
    };
    if (!ret->host || port <= 0 || port > UINT16_MAX)
        return err_set(err, -EIO, "compute did not say where the console is");
    return 0;
}

struct session {
    struct log log;
    int peer;
    int64_t started_us;
    char server_id[64];
};

/* On a thread of its own until either side ends. */
static void relay(void *ctx, int fd, const char *extra, size_t extra_len)
{
    struct session *s = ctx;
    char seconds[32];

    ws_relay(fd, s->peer, extra, extra_len);
    close(fd);
    close(s->peer);
    snprintf(seconds, sizeof(seconds), "%lld", (long long) ((time_mono_us() - s->started_us) / 1000000));
    log_info(&s->log, "console closed", "server", s->server_id, "seconds", seconds);
    free(s);
}

static int open_session(struct console *c, const struct target *to, struct session **ret, struct err *err)
{
    int peer = sock_connect_tcp(to->host, to->port, CONNECT_MS, err);
    struct session *s;

    if (peer < 0)
        return peer;
    s = calloc(1, sizeof(*s));
    if (!s) {
        close(peer);
        return err_set(err, -ENOMEM, "out of memory");
    }
    s->log = c->run->log;
    s->peer = peer;
    s->started_us = time_mono_us();
    snprintf(s->server_id, sizeof(s->server_id), "%s", to->server_id ? to->server_id : "");
    *ret = s;
    return 0;
}

/* 401 for a bad token; 502 when compute or the guest's screen is not there. */
static void refuse(struct console *c, struct http_request *rq, const struct err *e)
{
    bool bad_token = e->status == 404 || e->status == 400;

    log_warning(&c->run->log, "console refused", "peer", rq->peer, "why", e->msg);
    if (bad_token)
        reply_words(rq, 401, "The console's token is not valid, or no longer.\n");
    else
        reply_words(rq, 502, "The console cannot be reached.\n");
}

static void open_console(struct console *c, struct http_request *rq)
{
    const char *token = token_of(rq);
    struct session *s = NULL;
    struct target to = { 0 };
    struct err err = { 0 };
    int r;

    if (!origin_is_ours(c, rq)) {
        log_warning(&c->run->log, "console refused: a page of another site", "peer", rq->peer);
        reply_words(rq, 403, "A page of another site may not open consoles.\n");
        return;
    }
    r = is_token(token) ? 0 : err_http(&err, 404, NULL, "there is no token");
    if (r >= 0)
        r = ask_compute(c, rq->arena, token, &to, &err);
    if (r >= 0)
        r = open_session(c, &to, &s, &err);
    if (r < 0) {
        refuse(c, rq, &err);
        return;
    }
    if (ws_handshake(rq, &err) < 0) {
        close(s->peer);
        free(s);
        reply_words(rq, 400, arena_strdup(rq->arena, err.msg));
        return;
    }
    log_info(&c->run->log, "console opened", "server", to.server_id, "peer", rq->peer);
    http_reply_upgrade(rq, "websocket", relay, s);
}

/* --- The server ----------------------------------------------------------------- */

static struct http_head_result on_head(void *ctx, struct http_request *rq)
{
    return (struct http_head_result){ .way = HTTP_WORKER };
}

static void on_request(void *ctx, struct http_request *rq)
{
    struct console *c = ctx;
    const char *upgrade = http_header_get(rq, "Upgrade");

    if (rq->method != HTTP_GET && rq->method != HTTP_HEAD)
        reply_words(rq, 405, "Only GET.\n");
    else if (upgrade && str_eq_nocase(upgrade, "websocket"))
        open_console(c, rq);
    else if (strcmp(rq->path, "/healthcheck") == 0)
        reply_words(rq, 200, "OK\n");
    else
        reply_file(c, rq);
}

int console_role_start(struct role_run *r, struct err *err)
{
    struct console *c = arena_new(&r->setup->arena, struct console);
    struct http_config http = {
        .threads = 1, .log = &r->log, .on_head = on_head, .on_request = on_request, .ctx = c
    };
    int e = config_read(r->setup->config, "console", options, &c->opt, err);

    if (e < 0)
        return e;
    c->run = r;
    http.address = c->opt.bind_host;
    http.port = (uint16_t) c->opt.bind_port;
    e = http_server_start(&http, &c->http, err);
    if (e < 0)
        return e;
    r->self = c;
    r->url = arena_printf(&r->setup->arena, "http://%s:%u",
                          str_eq(c->opt.bind_host, "0.0.0.0") ? "127.0.0.1" : c->opt.bind_host,
                          http_server_port(c->http));
    if (access(c->opt.web_dir, R_OK) < 0)
        log_warning(&r->log, "noVNC's files are missing: apt-get install novnc", "dir", c->opt.web_dir);
    return 0;
}

void console_role_stop(struct role_run *r)
{
    struct console *c = r->self;

    http_server_stop(c->http, (unsigned) r->setup->opt.stop_grace_s * 100);
}

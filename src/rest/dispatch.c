/* SPDX-License-Identifier: Apache-2.0 */
#include "rest/dispatch.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/str.h"
#include "base/uuid.h"
#include "rest/metrics.h"
#include "rest/router.h"
#include "rest/version.h"

#define RETRIES_MAX 5
#define RETRY_US    (2 * INT64_C(1000000)) /* Who has waited for a lock in vain is told so. */

static const struct dialect *dialect_of(const struct request *rq)
{
    return rq->server->service->dialect;
}

/* --- answers that are errors ------------------------------------------------ */

static void add_common_headers(struct request *rq)
{
    http_reply_header(rq->http, "X-Openstack-Request-Id", rq->request_id);
    if (dialect_of(rq)->own_request_id)
        http_reply_header(rq->http, dialect_of(rq)->own_request_id, rq->request_id);
    if (dialect_of(rq)->vary)
        http_reply_header(rq->http, "Vary", dialect_of(rq)->vary);
    version_answer(rq);
}

/* A path may name what must not be in a log. */
static const char *path_for_log(const struct request *rq)
{
    return rq->route && (rq->route->flags & ROUTE_SECRET_PATH) ? rq->route->path : rq->http->path;
}

static void answer_error(struct request *rq, const struct err *e)
{
    int status = err_status(e);
    struct err shown = *e;
    const char *type;

    if (status >= 500 && status != 501 && status != 503 && status != 504) {
        /* Words of the inside are for the log, not for strangers. */
        log_error(&rq->server->log, "request failed", "request", rq->request_id, "path", path_for_log(rq),
                  "why", e->msg);
        if (!e->status)
            err_set(&shown, -EIO, "An unexpected error prevented the server from fulfilling your request.");
    } else if (status >= 503) {
        log_warning(&rq->server->log, "request cannot be served now", "request", rq->request_id, "path",
                    path_for_log(rq), "why", e->msg);
    }
    reply_begin(rq);
    type = dialect_of(rq)->error(rq, status, &shown, &rq->out);
    rq->status = status;
    http_reply(rq->http, status, type, strbuf_str(&rq->out), rq->out.len);
}

static struct http_head_result refuse(struct request *rq, const struct err *e)
{
    answer_error(rq, e);
    add_common_headers(rq);
    return (struct http_head_result){ .way = HTTP_REPLIED };
}

/* --- what every server answers ---------------------------------------------- */

/* For balancers: whether to send anybody here. */
static void answer_health(struct request *rq)
{
    const struct server *s = rq->server;
    const char *off = s->opt.healthcheck_disable_file, *words = "OK\n";
    struct err e = { 0 };

    if (off && access(off, F_OK) == 0)
        words = "DISABLED BY FILE\n";
    else if (s->db && db_kind(s->db) == DB_SQLITE && db_ping(s->db, &e) < 0)
        words = "DATABASE\n";
    reply_text(rq, str_eq(words, "OK\n") ? 200 : 503, "text/plain", words, strlen(words));
}

static bool answer_own_paths(struct request *rq)
{
    const char *path = rq->http->path;
    bool get = rq->http->method == HTTP_GET || rq->http->method == HTTP_HEAD;

    if (get && strcmp(path, "/healthcheck") == 0) {
        answer_health(rq);
        return true;
    }
    if (get && strcmp(path, "/metrics") == 0) {
        reply_begin(rq);
        metrics_write(rq->server, rq->server->metrics, &rq->out);
        reply_text(rq, 200, "text/plain; version=0.0.4", strbuf_str(&rq->out), rq->out.len);
        return true;
    }
    return false;
}

/* --- the head ---------------------------------------------------------------- */

static int read_query(struct request *rq, struct err *err)
{
    int r = query_parse(rq->arena, rq->http->query, &rq->query, &rq->n_query);

    return r < 0 ? err_http(err, 400, NULL, "The query string is malformed or has too many parameters.") : 0;
}

/* "/v2.1/<project>/servers" as "/v2.1/servers", when the service allows both;
 * the project is checked against the token later. */
static const char *without_project(struct request *rq, const char *path, const char **ret_project)
{
    const char *first, *end;
    char *id;

    if (!dialect_of(rq)->project_in_path || path[0] != '/')
        return NULL;
    first = strchr(path + 1, '/');
    end = first ? strchr(first + 1, '/') : NULL;
    if (!end)
        return NULL;
    id = arena_strndup(rq->arena, first + 1, (size_t) (end - first - 1));
    if (!uuid_is_valid(id))
        return NULL;
    *ret_project = id;
    return arena_printf(rq->arena, "%.*s%s", (int) (first - path), path, end);
}

/* What clients of the version before microversions call "/v2/servers". */
static const char *path_of(struct request *rq)
{
    const struct service *svc = rq->server->service;
    const char *rest = rq->http->path;

    if (!rq->legacy || !rest[strlen(svc->legacy_prefix)] || !rest[strlen(svc->legacy_prefix) + 1])
        return rest;
    return arena_printf(rq->arena, "%s%s", svc->version_prefix, rest + strlen(svc->legacy_prefix));
}

static const struct route_set *find_routes(struct request *rq)
{
    const char *path = path_of(rq), *project = NULL, *shorter = without_project(rq, path, &project);
    const struct route_set *set =
        router_find(rq->server->router, rq->arena, shorter ? shorter : path, rq->params);
    size_t n;

    if (shorter && set) {
        rq->path_project = project;
        return set;
    }
    if (shorter)
        set = router_find(rq->server->router, rq->arena, path, rq->params);
    n = strlen(path);
    if (!set && n > 1 && path[n - 1] == '/' && !dialect_of(rq)->exact_paths)
        set = router_find(rq->server->router, rq->arena, arena_strndup(rq->arena, path, n - 1), rq->params);
    return set;
}

/* A 405 must say what would be allowed (RFC 9110). */
static void add_allow(struct request *rq)
{
    const char **names = NULL;

    for (const struct route **r = rq->routes->routes; *r; r++) {
        const char *name = http_method_text((*r)->method);

        if (!strv_contains(names, name))
            names = strv_add(rq->arena, names, name);
    }
    http_reply_header(rq->http, "Allow", strv_join(rq->arena, names, ", "));
}

static int pick_route(struct request *rq, const char *action, struct err *err)
{
    bool has_method;

    rq->route = route_pick(rq->routes, rq->http->method, action, rq->version, &has_method);
    if (rq->route)
        return 0;
    if (!has_method) {
        add_allow(rq);
        return err_http(err, 405, NULL, "The method is not allowed for the requested URL.");
    }
    if (action && !route_knows_action(rq->routes, rq->http->method, action))
        return err_http(err, rq->version ? 400 : 404, NULL, "There is no such action: %s", action);
    return err_http(err, 404, NULL, "The resource could not be found.");
}

static bool is_open(const struct request *rq)
{
    return rq->route && str_eq(rq->route->policy, POLICY_OPEN);
}

/* The words of identity's silence, and of a refusal; what has to wait stays as it is. */
static int refuse_token(struct request *rq, int r, struct err *err)
{
    if (r == -EWOULDBLOCK)
        return r;
    rq->checked_token = true;
    if (r != -EKEYREJECTED && r != -ENOENT)
        return err_http(err, 503, NULL,
                        "The token cannot be checked now: the identity service does not answer.");
    return is_open(rq) ? 0 : dialect_of(rq)->unauthorized(rq, err);
}

/* Whether a token's rules, if it has some, allow this request. */
static bool allows(const struct request *rq, const struct token *t)
{
    return token_allows(t, rq->server->service->type, rq->http->method_text, rq->http->path);
}

static bool is_of_service(const struct request *rq, const struct token *t)
{
    strv_foreach (role, rq->server->opt.service_token_roles)
        if (token_has_role(t, *role))
            return true;
    return false;
}

/* Who asks in the user's name, when that is a service: '*ret' is null without. */
static int check_service_token(struct request *rq, bool may_block, const struct token **ret, struct err *err)
{
    const struct token_source *source = &rq->server->tokens;
    const char *text = source->check_expired ? rq_header(rq, "X-Service-Token") : NULL;
    struct token *t;
    int r;

    *ret = NULL;
    if (str_empty(text))
        return 0;
    t = arena_new(rq->arena, struct token);
    r = source->check(source->self, rq->arena, text, may_block, t, err);
    if (r < 0)
        return r;
    if (!allows(rq, t) || (rq->server->opt.service_token_roles_required && !is_of_service(rq, t)))
        return -EKEYREJECTED;
    *ret = t;
    return 0;
}

/* A service ends in the user's name what the user began: the time of the user's
 * token may be over by then, and its access rules were for the request to that
 * service, which looked at them. */
static int check_token(struct request *rq, bool may_block, struct err *err)
{
    const struct token_source *source = &rq->server->tokens;
    const char *text = rq_header(rq, "X-Auth-Token");
    const struct token *service;
    bool in_name;
    struct token *t;
    int r;

    if (rq->checked_token)
        return 0;
    if (str_empty(text))
        return is_open(rq) ? 0 : dialect_of(rq)->unauthorized(rq, err);
    r = check_service_token(rq, may_block, &service, err);
    if (r < 0)
        return refuse_token(rq, r, err);
    in_name = service && is_of_service(rq, service);
    t = arena_new(rq->arena, struct token);
    r = (in_name ? source->check_expired : source->check)(source->self, rq->arena, text, may_block, t, err);
    if (r < 0)
        return refuse_token(rq, r, err);
    rq->checked_token = true;
    if (!in_name && !allows(rq, t))
        return dialect_of(rq)->unauthorized(rq, err);
    t->service = service;
    rq->token = t;
    return 0;
}

static bool may_run_inline(const struct request *rq)
{
    unsigned flags = rq->route ? rq->route->flags : 0;

    if (policy_waits(rq->server->policy)) /* A rule asks another server. */
        return false;
    if (flags & ROUTE_INLINE)
        return true;
    if (!rq->route || (flags & (ROUTE_WORKER | ROUTE_STREAM)))
        return false;
    if (rq->http->method != HTTP_GET && rq->http->method != HTTP_HEAD)
        return false;
    return !rq->server->db || db_kind(rq->server->db) == DB_SQLITE;
}

/* A service may have to ask somebody else before it answers. */
static int prepare(struct request *rq, bool may_block, struct err *err)
{
    const struct service *svc = rq->server->service;

    return svc->prepare ? svc->prepare(rq, may_block, err) : 0;
}

struct http_head_result dispatch_head(void *ctx, struct http_request *http)
{
    struct request *rq = arena_new(http->arena, struct request);
    struct http_head_result how = { .way = HTTP_WORKER };
    struct err err = { 0 };
    int r;

    rq->arena = http->arena;
    rq->http = http;
    rq->server = ctx;
    rq->state = rq->server->state;
    rq->request_id = reqid_new(rq->arena);
    http->user = rq;
    if (answer_own_paths(rq)) {
        add_common_headers(rq);
        return (struct http_head_result){ .way = HTTP_REPLIED };
    }
    rq->global_request_id = rq_header(rq, "X-OpenStack-Request-ID");
    r = read_query(rq, &err);
    if (r >= 0)
        r = version_negotiate(rq, &err);
    if (r < 0)
        return refuse(rq, &err);
    rq->routes = find_routes(rq);
    if (!rq->routes) {
        err_http(&err, 404, NULL, "The resource could not be found.");
        return refuse(rq, &err);
    }
    if (!route_has_actions(rq->routes, http->method)) {
        r = pick_route(rq, NULL, &err);
        if (r < 0)
            return refuse(rq, &err);
    }
    r = check_token(rq, false, &err);
    if (r < 0 && r != -EWOULDBLOCK)
        return refuse(rq, &err);
    if (r >= 0 && may_run_inline(rq) && prepare(rq, false, &err) != -EWOULDBLOCK)
        how.way = HTTP_INLINE;
    how.stream_body = rq->route && (rq->route->flags & ROUTE_STREAM);
    how.body_limit = (uint64_t) rq->server->opt.max_body_bytes;
    return how;
}

/* --- the body ---------------------------------------------------------------- */

static bool wants_body(const struct request *rq)
{
    enum http_method m = rq->http->method;

    if (rq->route && (rq->route->flags & (ROUTE_STREAM | ROUTE_RAW_BODY)))
        return false;
    return m == HTTP_POST || m == HTTP_PUT || m == HTTP_PATCH || (m == HTTP_DELETE && rq->http->body_len);
}

static void free_json(struct request *rq)
{
    json_decref(rq->json);
    rq->json = rq->in = NULL;
}

/* "application/json" or "application/...+json", whatever parameters follow. */
static bool is_json_type(const char *type)
{
    size_t n = strcspn(type, "; \t");

    return strncasecmp(type, "application/", 12) == 0 &&
           (n == 16 ? strncasecmp(type + 12, "json", 4) == 0
                    : n > 17 && strncasecmp(type + n - 5, "+json", 5) == 0);
}

/* Where the dialect has words of its own for bodies, it looks at each. */
static int read_strict_body(struct request *rq, struct err *err)
{
    const char *type = rq_header(rq, "Content-Type");
    struct err inner = { 0 };

    if (!str_empty(type) && !is_json_type(type))
        return dialect_of(rq)->bad_body(rq, err, true);
    if (json_read(rq->http->body, rq->http->body_len, &rq->json, &inner) >= 0 && json_is_object(rq->json))
        return 0;
    free_json(rq);
    return dialect_of(rq)->bad_body(rq, err, false);
}

static int read_body(struct request *rq, struct err *err)
{
    const char *type = rq_header(rq, "Content-Type");
    struct err inner = { 0 }; /* 'err' may be null. */
    int r;

    if (!wants_body(rq) || rq->json || !rq->http->body_len)
        return 0;
    if (dialect_of(rq)->bad_body)
        return read_strict_body(rq, err);
    if (type && !strstr(type, "json")) {
        if (rq->route && !rq->route->in && !rq->route->key && !rq->route->resource)
            return 0; /* It reads no body: whatever came is not looked at. */
        return err_http(err, 415, NULL, "Unsupported Content-Type");
    }
    r = json_read(rq->http->body, rq->http->body_len, &rq->json, &inner);
    return r < 0 ? err_http(err, 400, NULL, "Malformed request body: %s", inner.msg) : 0;
}

/* An action that nobody knows, on something that is not there: the latter is what is said. */
static int refuse_action(struct request *rq, const char *action, struct err *err)
{
    const struct route *const *r = rq->routes->routes;
    struct err missing = { 0 };
    int found = 0;

    while (*r && !((*r)->action && (*r)->load))
        r++;
    if (*r) {
        rq->route = *r;
        found = (*r)->load(rq, &missing);
        rq->route = NULL;
        rq->object = NULL;
    }
    if (found != -ENOENT)
        return pick_route(rq, action, err);
    *err = missing;
    return found;
}

bool dispatch_body(void *ctx, struct http_request *http)
{
    struct request *rq = http->user;
    const struct route *route = rq->route;

    return route && route->is_quick && !policy_waits(rq->server->policy) && read_body(rq, NULL) >= 0 &&
           rq->json && route->is_quick(rq);
}

static int pick_action(struct request *rq, struct err *err)
{
    const char *action = NULL;
    struct err unknown = { 0 };

    if (rq->route)
        return 0;
    if (json_is_object(rq->json) && json_object_size(rq->json) == 1)
        action = json_object_iter_key(json_object_iter(rq->json));
    if (!action)
        return err_http(err, 400, NULL, "Malformed request body: it must be an object with one action.");
    return pick_route(rq, action, &unknown) < 0 ? refuse_action(rq, action, err) : 0;
}

static const struct field *route_fields(const struct route *r)
{
    return r->in                                                                ? r->in
           : r->resource && (r->method != HTTP_GET && r->method != HTTP_DELETE) ? r->resource->fields
                                                                                : NULL;
}

static int open_envelope(struct request *rq, struct err *err)
{
    const struct route *route = rq->route;
    const char *key = route->key ? route->key : route->action;

    if (!key && route->resource && route_fields(route) && !route->in)
        key = route->resource->singular;
    rq->in = key && json_is_object(rq->json) ? json_object_get(rq->json, key) : key ? NULL : rq->json;
    if (rq->in && !json_is_null(rq->in))
        return 0;
    if (route->action || (route->flags & ROUTE_BODY_OPTIONAL))
        return 0;
    if (route->flags & ROUTE_ENVELOPE || (rq->in && dialect_of(rq)->empty_envelope))
        return dialect_of(rq)->bad_field(rq, err, NULL, rq->in, "is not of type 'object'");
    return dialect_of(rq)->empty_envelope ? 0 : dialect_of(rq)->missing_field(rq, err, key);
}

static int read_fields(struct request *rq, struct err *err)
{
    const struct route *route = rq->route;
    const struct field *fields = route_fields(route);
    unsigned use = route->use ? route->use : rq->http->method == HTTP_POST ? ON_CREATE : ON_UPDATE;
    bool ignore = dialect_of(rq)->ignore_unknown || rq->legacy || (route->flags & ROUTE_IGNORE_UNKNOWN);
    size_t size = route->in_size ? route->in_size : route->resource ? route->resource->table->size : 0;
    auto_json json_t *empty = NULL;
    int r;

    if ((!fields && !route->key && !route->action) || (fields && !fields->name))
        return 0; /* The handler looks at rq->json itself. */
    r = open_envelope(rq, err);
    if (r < 0 || !fields || !size)
        return r;
    if (!route->in && use == ON_UPDATE && rq->object)
        rq->body = arena_memdup(rq->arena, rq->object, size); /* What is not given stays. */
    else
        rq->body = arena_alloc(rq->arena, size);
    if (!rq->in || json_is_null(rq->in))
        empty = json_object();
    return fields_read(rq, fields, use, ignore ? UNKNOWN_IGNORE : UNKNOWN_REFUSE, empty ? empty : rq->in,
                       rq->body, &rq->given, err);
}

/* --- object and policy ---------------------------------------------------------- */

static bool is_plain_one(const struct route *r)
{
    return r->handler == resource_show || r->handler == resource_update || r->handler == resource_delete;
}

static int load_what_is_named(struct request *rq, struct err *err)
{
    if (rq->route->load)
        return rq->route->load(rq, err);
    return rq->route->resource && is_plain_one(rq->route) ? resource_load(rq, err) : 0;
}

/* The rule that this request is asked for. */
static const char *rule_of(struct request *rq)
{
    return rq->route->rule ? rq->route->rule(rq) : rq->route->policy;
}

/* What is not there answers 404, but where the dialect says so only to those
 * who might have seen it. */
static int load_object(struct request *rq, struct err *err)
{
    struct err refusal = { 0 };
    int r = load_what_is_named(rq, err), allowed;

    if (r != -ENOENT || !dialect_of(rq)->policy_first || rq->route->policy[0] == '-' ||
        (rq->route->flags & ROUTE_FOUND_FIRST))
        return r;
    allowed = rq_authorize(rq, rule_of(rq), NULL, NULL, &refusal);
    if (allowed >= 0)
        return r;
    *err = refusal;
    return allowed;
}

static int ask_policy(struct request *rq, struct err *err)
{
    const struct route *route = rq->route;
    const struct field *fields = route->target     ? route->target
                                 : route->resource ? route->resource->fields
                                                   : NULL;

    if (route->policy[0] == '-')
        return 0;
    return rq_authorize(rq, rule_of(rq), fields, fields ? rq->object : NULL, err);
}

/* A project in the path that is not the token's: as upstream, 400 in the
 * services that have it there, unless the token may act for all. */
static int check_path_project(struct request *rq, struct err *err)
{
    if (!rq->path_project || !rq->token || (rq->route->flags & ROUTE_ANY_PROJECT))
        return 0;
    if (str_eq(rq->path_project, rq->token->project_id))
        return 0;
    return err_http(err, 400, NULL,
                    "Malformed request URL: URL's project_id '%s' doesn't match Context's project_id '%s'",
                    rq->path_project, rq->token->project_id ? rq->token->project_id : "None");
}

static int run_once(struct request *rq, struct err *err)
{
    int r = check_token(rq, true, err);

    if (r >= 0)
        r = read_body(rq, err);
    if (r >= 0)
        r = pick_action(rq, err);
    if (r >= 0)
        r = check_path_project(rq, err);
    if (r >= 0)
        r = prepare(rq, true, err);
    if (r >= 0)
        r = load_object(rq, err);
    if (r >= 0)
        r = ask_policy(rq, err);
    if (r >= 0)
        r = read_fields(rq, err);
    if (r >= 0)
        r = rq->route->handler(rq, err);
    if (r >= 0)
        r = rq_commit(rq, err);
    if (rq->txn)
        txn_rollback(&rq->txn);
    return r;
}

void dispatch_request(void *ctx, struct http_request *http)
{
    struct request *rq = http->user;
    struct err err = { 0 };
    int64_t until_us = time_mono_us() + RETRY_US;
    int r, tries = 0;

    policy_refresh(rq->server->policy);
    do {
        err_clear(&err);
        r = run_once(rq, &err);
    } while (r == -EAGAIN && !rq->committed && !(rq->route && rq->route->flags & ROUTE_STREAM) &&
             ++tries < RETRIES_MAX && time_mono_us() < until_us);
    if (rq->committed && rq->server->service->changed)
        rq->server->service->changed(rq);
    if (r < 0) {
        if (!err.code)
            err_set(&err, r, "The request failed: %s", strerror(-r));
        answer_error(rq, &err);
    } else if (rq->after_commit) {
        rq->after_commit(rq, rq->after_commit_ctx);
    }
    add_common_headers(rq);
    free_json(rq);
}

/* --- after the answer ------------------------------------------------------------- */

void dispatch_done(void *ctx, struct http_request *http, int status, uint64_t bytes)
{
    struct server *s = ctx;
    struct request *rq = http->user;
    const struct token *t = rq ? rq->token : NULL;
    int64_t us = time_mono_us() - http->start_us;
    char code[16], ms[32], size[24];

    metrics_count(s->metrics, status, us);
    if (s->log.level > LOG_LEVEL_INFO)
        return;
    snprintf(code, sizeof(code), "%d", status);
    snprintf(ms, sizeof(ms), "%lld.%03d", (long long) (us / 1000), (int) (us % 1000));
    snprintf(size, sizeof(size), "%llu", (unsigned long long) bytes);
    log_info(&s->log, "request", "request", rq ? rq->request_id : NULL, "user", t ? t->user_id : NULL,
             "project", t ? t->project_id : NULL, "method", http->method_text, "path", path_for_log(rq),
             "status", code, "ms", ms, "bytes", size, "peer", http->peer);
}

void dispatch_bad(void *ctx, struct http_request *http, int status, const char *words)
{
    struct request *rq = http->user;
    struct err e = { 0 };

    if (!rq) {
        rq = arena_new(http->arena, struct request);
        rq->arena = http->arena;
        rq->http = http;
        rq->server = ctx;
        rq->request_id = reqid_new(rq->arena);
        http->user = rq;
    }
    err_http(&e, status, NULL, "%s", words);
    answer_error(rq, &e);
    add_common_headers(rq);
}

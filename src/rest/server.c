/* SPDX-License-Identifier: Apache-2.0 */
#include "rest/server.h"

#include <stdio.h>

#include "base/str.h"
#include "io/sock.h"
#include "rest/dispatch.h"
#include "rest/metrics.h"
#include "rest/router.h"

#define OPT(name, type, value, help, ...)                                            \
    {                                                                                \
#        name, type, offsetof(struct server_options, name), value, help, __VA_ARGS__ \
    }

const struct option server_option_table[] = {
    OPT(bind_host, FIELD_STRING, "127.0.0.1", "Address to listen on."),
    OPT(bind_port, FIELD_INT, "0", "Port to listen on; 0 is the service's usual one.", .max = 65535),
    OPT(threads, FIELD_INT, "2", "Threads that serve connections and what needs no waiting.", .min = 1,
        .max = 64),
    OPT(workers, FIELD_INT, "48", "Threads, started on demand, for requests that wait or calculate.",
        .min = 1, .max = 512),
    OPT(database, FIELD_STRING, NULL,
        "Where the service keeps its rows: sqlite:///path, mysql://user:password@host/name or "
        "postgresql://user:password@host/name. {schema} stands for the name of each schema the service has. "
        "Without it: a SQLite file for each schema below the state directory."),
    OPT(database_connections, FIELD_INT, "16", "Connections to the database at the most.", .min = 1,
        .max = 512),
    OPT(policy_file, FIELD_STRING, NULL,
        "Rules that replace the default ones, in the language of oslo.policy."),
    OPT(policy_dirs, FIELD_STRV, NULL,
        "Folders with further files of rules, read in the order of their names; later rules win."),
    OPT(enforce_scope, FIELD_BOOL, "true", "Refuse tokens whose scope a rule does not name."),
    OPT(enforce_new_defaults, FIELD_BOOL, "false",
        "Stop honouring the older form of rules that have one. OpenStack does so by default since 2024.2; up to "
        "Zed it did not, and neither does stackd, so that users with roles of an older cloud keep what they may."),
    OPT(remote_content_type, FIELD_STRING, "application/x-www-form-urlencoded",
        "How the server of a rule's http: check is asked.",
        .choices = "application/x-www-form-urlencoded|application/json"),
    OPT(remote_ssl_verify_server_crt, FIELD_BOOL, "true",
        "Check the certificate of an https: check's server."),
    OPT(remote_ssl_ca_crt_file, FIELD_STRING, NULL,
        "Authorities that sign such certificates; without it, the system's."),
    OPT(remote_ssl_client_crt_file, FIELD_STRING, NULL, "The certificate that is shown to such a server."),
    OPT(remote_ssl_client_key_file, FIELD_STRING, NULL, "The key of that certificate."),
    OPT(remote_timeout_ms, FIELD_INT, "60000", "After so long without an answer the check does not hold.",
        .min = 1, .max = 600000),
    OPT(remote_parallel, FIELD_INT, "8", "Questions to such servers at once; the others wait.", .min = 1,
        .max = 512),
    OPT(service_token_roles, FIELD_STRV, "service",
        "Roles of which a service's user has one: with that user's token as X-Service-Token, requests may go on with "
        "a user's token that has expired meanwhile. Identity itself takes no service tokens."),
    OPT(service_token_roles_required, FIELD_BOOL, "true",
        "Refuse requests whose X-Service-Token is of a user without such a role. If false it is then only one for "
        "rules to ask about, as for a keystonemiddleware that was not told otherwise."),
    OPT(trust_forwarded, FIELD_BOOL, "false",
        "Believe X-Forwarded-Proto and X-Forwarded-Host of a proxy in front."),
    OPT(public_endpoint, FIELD_STRING, NULL,
        "Base of the links in answers, when it is not what the client used."),
    OPT(healthcheck_disable_file, FIELD_STRING, NULL,
        "While this file is there, /healthcheck answers 503 and a balancer sends nobody here any more; all else goes on."),
    OPT(max_body_bytes, FIELD_INT, "1048576", "A larger request body is refused with 413.", .min = 1024,
        .max = 1 << 30),
    OPT(max_limit, FIELD_INT, "0", "Rows of a page at the most; 0 is the service's usual number.",
        .max = 100000),
    { 0 },
};

struct db *server_db(const struct server *s, const char *schema)
{
    return hash_get(&s->dbs, schema);
}

int64_t server_now_us(const struct server *s)
{
    return clock_now_us(&s->clock);
}

uint16_t server_port(const struct server *s)
{
    return http_server_port(s->http);
}

/* The database URL of a schema. */
static int schema_url(struct server *s, const struct schema *schema, char **ret, struct err *err)
{
    const char *url = s->opt.database, *mark = url ? strstr(url, "{schema}") : NULL;
    char *dir;

    if (mark) {
        *ret = arena_printf(&s->arena, "%.*s%s%s", (int) (mark - url), url, schema->name,
                            mark + strlen("{schema}"));
    } else if (!str_empty(url)) {
        if (s->service->schemas[1].name)
            return err_set(err, -EINVAL, "[%s] database: '%s' has several schemas, so the URL needs {schema}",
                           s->service->name, s->service->name);
        *ret = arena_strdup(&s->arena, url);
    } else {
        dir = arena_printf(&s->arena, "%s/%s", s->state_dir, s->service->name);
        if (dir_make(dir, 0700) < 0)
            return err_set(err, -EIO, "cannot create '%s'", dir);
        *ret = arena_printf(&s->arena, "sqlite:///%s/%s.db", dir[0] == '/' ? dir + 1 : dir, schema->name);
    }
    return 0;
}

static int open_databases(struct server *s, bool as_they_are, struct err *err)
{
    for (const struct schema *sc = s->service->schemas; sc && sc->name; sc++) {
        struct db *d;
        char *url = NULL;
        int r;

        r = schema_url(s, sc, &url, err);
        if (r >= 0)
            r = db_open(url, (unsigned) s->opt.database_connections, &d, err);
        if (r < 0)
            return r;
        hash_put(&s->dbs, sc->name, d);
        if (!s->db)
            s->db = d;
        r = as_they_are ? 0 : db_migrate(d, sc->migrations, err);
        if (r < 0)
            return err_prefix(err, r, "database of %s", sc->name);
    }
    return 0;
}

static int check_fields(const struct route *route, struct err *err)
{
    const struct field *f = route->in ? route->in : route->resource ? route->resource->fields : NULL;
    size_t n = 0;

    for (; f && f->name; f++)
        n++;
    return n > FIELD_MAX ? err_set(err, -EINVAL, "%s: more than %d fields", route->path, FIELD_MAX) : 0;
}

/* What would otherwise be found by the first user. */
static int check_routes(struct server *s, struct err *err)
{
    for (const struct route *const *t = s->service->routes; *t; t++)
        for (const struct route *r = *t; r->path; r++) {
            int e = check_fields(r, err);

            if (e < 0)
                return e;
            if (!r->policy || !r->handler)
                return err_set(err, -EINVAL, "%s: a route needs a policy rule and a handler", r->path);
            if (r->policy[0] != '-' && !policy_has(s->policy, r->policy))
                return err_set(err, -EINVAL, "%s: there is no policy rule '%s'", r->path, r->policy);
        }
    return 0;
}

void policy_config_of(const struct server_options *o, struct policy_config *ret)
{
    ret->file = o->policy_file;
    ret->dirs = o->policy_dirs;
    ret->enforce_scope = o->enforce_scope;
    ret->enforce_new_defaults = o->enforce_new_defaults;
    ret->remote_content_type = o->remote_content_type;
    ret->remote_ca_file = o->remote_ssl_ca_crt_file;
    ret->remote_cert_file = o->remote_ssl_client_crt_file;
    ret->remote_key_file = o->remote_ssl_client_key_file;
    ret->remote_insecure = !o->remote_ssl_verify_server_crt;
    ret->remote_timeout_ms = (unsigned) o->remote_timeout_ms;
    ret->remote_parallel = (unsigned) o->remote_parallel;
}

static int compile_policy(struct server *s, struct err *err)
{
    struct policy_config c = { .log = &s->log };

    policy_config_of(&s->opt, &c);
    if (s->service->policies_instead)
        c.instead = s->service->policies_instead(s->options);
    return policy_new(s->service->policies, &c, &s->policy, err);
}

static int listen_http(struct server *s, int listen_fd, struct err *err)
{
    struct http_config c = {
        .address = s->opt.bind_host,
        .port = s->opt.bind_port ? (uint16_t) s->opt.bind_port : s->service->port,
        .listen_fd = listen_fd,
        .threads = (unsigned) s->opt.threads,
        .workers = (unsigned) s->opt.workers,
        .log = &s->log,
        .on_head = dispatch_head,
        .on_request = dispatch_request,
        .on_body = dispatch_body,
        .on_done = dispatch_done,
        .on_bad = dispatch_bad,
        .ctx = s,
    };

    return http_server_start(&c, &s->http, err);
}

static int start_worker(struct server *s, const struct server_setup *setup, struct err *err)
{
    struct worker_config c = {
        .db = s->db,
        .kinds = s->service->operations,
        .ctx = s,
        .owner = s->service->name,
        .log = &s->log,
        .stop_at = setup->stop_at,
        .stop_file = setup->stop_file,
    };

    return s->service->operations && !setup->no_workers ? worker_start(&c, &s->worker, err) : 0;
}

static int bring_up(struct server *s, const struct server_setup *setup, struct err *err)
{
    const struct service *svc = s->service;
    int r;

    r = config_read(s->config, svc->name, server_option_table, &s->opt, err);
    if (r >= 0 && svc->options) {
        s->options = arena_alloc(&s->arena, svc->options_size);
        r = config_read(s->config, svc->name, svc->options, s->options, err);
    }
    if (r >= 0)
        r = compile_policy(s, err);
    if (r >= 0)
        r = check_routes(s, err);
    if (r >= 0)
        r = open_databases(s, setup->as_it_is, err);
    if (r < 0 || setup->as_it_is)
        return r;
    s->router = router_new(&s->arena, svc->routes);
    s->metrics = arena_new(&s->arena, struct metrics);
    if (svc->init)
        r = svc->init(s, err);
    if (r >= 0)
        r = start_worker(s, setup, err);
    if (r >= 0)
        r = listen_http(s, setup->listen_fd, err);
    if (r >= 0 && svc->start)
        r = svc->start(s, err);
    return r;
}

int server_start(const struct service *svc, const struct server_setup *setup, struct server **ret,
                 struct err *err)
{
    struct server *s = calloc(1, sizeof(*s));
    int r;

    if (!s)
        return err_set(err, -ENOMEM, "out of memory");
    s->service = svc;
    s->config = setup->config;
    s->state_dir = setup->state_dir;
    s->client = setup->client;
    s->bus = setup->bus;
    s->started_us = time_now_us();
    if (setup->log)
        s->log = *setup->log;
    s->log.component = svc->name;
    if (setup->tokens)
        s->tokens = *setup->tokens;
    arena_init(&s->arena);
    hash_init(&s->dbs);
    r = bring_up(s, setup, err);
    if (r < 0) {
        server_stop(s, 0);
        return r;
    }
    *ret = s;
    return 0;
}

void server_stop(struct server *s, unsigned grace_ms)
{
    if (s->http && s->service->stop)
        s->service->stop(s);
    if (s->http)
        http_server_stop(s->http, grace_ms);
    if (s->worker)
        worker_stop(s->worker);
    if (s->state && s->service->done)
        s->service->done(s);
    hash_foreach (it, &s->dbs)
        db_close(it->value);
    hash_done(&s->dbs);
    if (s->policy)
        policy_free(s->policy);
    arena_done(&s->arena);
    free(s);
}

void service_dump_routes(const struct service *svc, struct strbuf *out)
{
    for (const struct route *const *t = svc->routes; *t; t++)
        for (const struct route *r = *t; r->path; r++) {
            strbuf_printf(out, "%s\t%s\t%s\t%s\t", svc->name, http_method_text(r->method), r->path,
                          r->action ? r->action : "");
            if (r->since)
                strbuf_printf(out, "%u.%u", svc->version_major, r->since);
            strbuf_putc(out, '\t');
            if (r->until)
                strbuf_printf(out, "%u.%u", svc->version_major, r->until);
            strbuf_printf(out, "\t%s\n", r->policy);
        }
}

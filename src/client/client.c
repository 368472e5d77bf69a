/* SPDX-License-Identifier: Apache-2.0 */
/* Logging in, and the catalog that comes with it. */
#include "base/str.h"
#include "base/time.h"
#include "client/internal.h"
#include "io/sock.h"
#include "wire/json.h"

#define RENEW_BEFORE_US 120000000
#define PASSWORD_MAX    4096

#define OPT(name, type, value, help, ...)                                            \
    {                                                                                \
#        name, type, offsetof(struct client_options, name), value, help, __VA_ARGS__ \
    }

const struct option client_option_table[] = {
    OPT(auth_url, FIELD_STRING, NULL, "Where identity is; without it, the identity of this configuration."),
    OPT(username, FIELD_STRING, NULL,
        "The service's user. These options may stand in [service_auth_ROLE] too, for one role alone."),
    OPT(user_domain, FIELD_STRING, "Default", "Name of the user's domain."),
    OPT(project, FIELD_STRING, "service", "Name of the project to work in."),
    OPT(project_domain, FIELD_STRING, "Default", "Name of the project's domain."),
    OPT(region, FIELD_STRING, NULL, "Whose endpoints are used; without it, [stackd] region."),
    OPT(interface, FIELD_STRING, "internal", "Which endpoints are used.", .choices = "public|internal|admin"),
    OPT(password, FIELD_SECRET, NULL, "The user's password; better in a file of its own:"),
    OPT(password_file, FIELD_STRING, NULL,
        "Holds the password; without it and the password, secrets/USERNAME in the state directory."),
    OPT(timeout_ms, FIELD_INT, "30000", "How long a call to another service may take.", .min = 100,
        .max = 3600000),
    { 0 },
};

const char *trim_url(struct arena *a, const char *url)
{
    size_t n = strlen(url);

    while (n && url[n - 1] == '/')
        n--;
    return arena_strndup(a, url, n);
}

static void copy_options(struct client *c, const struct client_options *o)
{
    struct arena *a = &c->arena;

    c->opt = (struct client_options){
        .auth_url = trim_url(a, o->auth_url),
        .username = arena_strdup(a, o->username),
        .user_domain = arena_strdup(a, o->user_domain ? o->user_domain : "Default"),
        .project = arena_strdup(a, o->project ? o->project : "service"),
        .project_domain = arena_strdup(a, o->project_domain ? o->project_domain : "Default"),
        .region = arena_strdup(a, o->region),
        .interface = arena_strdup(a, o->interface ? o->interface : "internal"),
        .password = secret_of(arena_strdup(a, secret_expose(o->password))),
        .password_file = arena_strdup(a, o->password_file),
        .timeout_ms = o->timeout_ms,
    };
}

int client_new(const struct client_options *o, const struct log *log, struct client **ret, struct err *err)
{
    struct httpc_config config = { .timeout_ms = o->timeout_ms > 0 ? (unsigned) o->timeout_ms : 0 };
    struct client *c;
    int r;

    if (str_empty(o->auth_url) || str_empty(o->username))
        return err_set(err, -EINVAL, "[service_auth] needs auth_url and username");
    c = calloc(1, sizeof(*c));
    if (!c)
        return err_set(err, -ENOMEM, "out of memory");
    arena_init(&c->arena);
    copy_options(c, o);
    c->log = log;
    r = httpc_new(&config, &c->http, err);
    if (r < 0) {
        arena_done(&c->arena);
        free(c);
        return r;
    }
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->changed, NULL);
    *ret = c;
    return 0;
}

void client_free(struct client *c)
{
    if (c->session)
        session_put(c, c->session);
    httpc_free(c->http);
    pthread_mutex_destroy(&c->lock);
    pthread_cond_destroy(&c->changed);
    arena_done(&c->arena);
    free(c);
}

/* --- Logging in -------------------------------------------------------------- */

static void name_with_domain(struct jw *w, const char *name, const char *domain)
{
    jw_str(w, "name", name);
    jw_object(w, "domain");
    jw_str(w, "name", domain);
    jw_end_object(w);
}

static void write_login(struct strbuf *b, const struct client_options *o, const char *password)
{
    struct jw w;

    jw_init(&w, b);
    jw_object(&w, NULL);
    jw_object(&w, "auth");
    jw_object(&w, "identity");
    jw_strv(&w, "methods", (const char *const[]){ "password", NULL });
    jw_object(&w, "password");
    jw_object(&w, "user");
    name_with_domain(&w, o->username, o->user_domain);
    jw_str(&w, "password", password);
    jw_end_object(&w);
    jw_end_object(&w);
    jw_end_object(&w);
    jw_object(&w, "scope");
    jw_object(&w, "project");
    name_with_domain(&w, o->project, o->project_domain);
    jw_end_object(&w);
    jw_end_object(&w);
    jw_end_object(&w);
    jw_end_object(&w);
}

static int load_password(struct client *c, struct arena *a, const char **ret, struct err *err)
{
    char *text;
    int r;

    if (secret_expose(c->opt.password)) {
        *ret = secret_expose(c->opt.password);
        return 0;
    }
    if (!c->opt.password_file)
        return err_set(err, -EINVAL, "the service's user '%s' has no password configured", c->opt.username);
    r = file_read(a, c->opt.password_file, PASSWORD_MAX, &text, NULL);
    if (r < 0)
        return err_set(err, r, "cannot read '%s': %s", c->opt.password_file, strerror(-r));
    text[strcspn(text, "\r\n")] = '\0';
    *ret = text;
    return 0;
}

/* Keeps the endpoints of our interface and region. */
static void take_catalog(struct client *c, struct session *s, const json_t *catalog)
{
    size_t i, k;
    json_t *service, *endpoint;

    json_array_foreach (catalog, i, service) {
        const char *type = json_str(service, "type");

        json_array_foreach (json_arr(service, "endpoints"), k, endpoint) {
            const char *region = json_str(endpoint, "region_id"), *url = json_str(endpoint, "url");

            if (!type || !url || !str_eq(json_str(endpoint, "interface"), c->opt.interface) ||
                (c->opt.region && !str_eq(region, c->opt.region)))
                continue;
            hash_put(&s->urls, arena_strdup(&s->arena, type), (void *) trim_url(&s->arena, url));
        }
    }
}

static void session_free(struct session *s)
{
    hash_done(&s->urls);
    arena_done(&s->arena);
    free(s);
}

/* Half of a short life is kept in reserve, two minutes of a long one. */
static int64_t renewal_time(const char *expires_at)
{
    int64_t now_us = time_now_us(), expires_us;

    if (!expires_at || time_parse(expires_at, &expires_us) < 0)
        return now_us + RENEW_BEFORE_US;
    if (expires_us - now_us < 2 * (int64_t) RENEW_BEFORE_US)
        return now_us + (expires_us - now_us) / 2;
    return expires_us - RENEW_BEFORE_US;
}

static int read_session(struct client *c, const struct httpc_reply *reply, struct session **ret,
                        struct err *err)
{
    const char *token = httpc_header(reply, "X-Subject-Token");
    auto_json json_t *j = NULL;
    struct session *s;

    if (!token || json_read(reply->body, reply->body_len, &j, NULL) < 0)
        return err_set(err, -EIO, "%s is no identity service", c->opt.auth_url);
    s = calloc(1, sizeof(*s));
    if (!s)
        return err_set(err, -ENOMEM, "out of memory");
    s->refs = 1;
    arena_init(&s->arena);
    hash_init(&s->urls);
    s->token = arena_strdup(&s->arena, token);
    s->renew_us = renewal_time(json_str(json_obj(j, "token"), "expires_at"));
    take_catalog(c, s, json_arr(json_obj(j, "token"), "catalog"));
    *ret = s;
    return 0;
}

static int log_in(struct client *c, struct session **ret, struct err *err)
{
    auto_arena struct arena a;
    const struct http_header headers[] = { { "Content-Type", "application/json" }, { 0 } };
    struct client_reply reply = { 0 };
    struct httpc_request rq = { .method = HTTP_POST, .headers = headers };
    const char *password = NULL;
    struct strbuf body;
    int r;

    arena_init(&a);
    strbuf_init(&body, &a);
    r = load_password(c, &a, &password, err);
    if (r < 0)
        return r;
    write_login(&body, &c->opt, password);
    rq.url = arena_printf(&a, "%s/auth/tokens", c->opt.auth_url);
    rq.body = strbuf_str(&body);
    rq.body_len = body.len;
    r = httpc_call(c->http, &a, &rq, &reply.http, err);
    secret_wipe(body.data, body.len);
    if (r < 0) { /* Gone or broken off: whoever calls may try again. */
        r = r == -ETIMEDOUT ? r : -EHOSTDOWN;
        err_prefix(err, r, "identity cannot be reached");
        if (err)
            err->code = r;
        return r;
    }
    if (reply.http.status >= 400)
        /* Ours to put right, not the caller's: no 401 of somebody else's request. */
        return err_set(err, -EHOSTDOWN, "identity refused the service's user '%s' (%d)", c->opt.username,
                       reply.http.status);
    return read_session(c, &reply.http, ret, err);
}

/* --- The present login ------------------------------------------------------- */

static void put_locked(struct session *s)
{
    if (--s->refs == 0)
        session_free(s);
}

void session_put(struct client *c, struct session *s)
{
    pthread_mutex_lock(&c->lock);
    put_locked(s);
    pthread_mutex_unlock(&c->lock);
}

void session_drop(struct client *c, const struct session *s)
{
    pthread_mutex_lock(&c->lock);
    if (c->session == s) {
        put_locked(c->session);
        c->session = NULL;
    }
    pthread_mutex_unlock(&c->lock);
}

/* With the lock held: logs in without it; one thread at a time. */
static int renew_locked(struct client *c, struct err *err)
{
    struct session *s = NULL;
    int r;

    c->logging_in = true;
    pthread_mutex_unlock(&c->lock);
    r = log_in(c, &s, err);
    pthread_mutex_lock(&c->lock);
    c->logging_in = false;
    pthread_cond_broadcast(&c->changed);
    if (r < 0)
        return r;
    if (c->session)
        put_locked(c->session);
    c->session = s;
    return 0;
}

static bool is_usable(const struct session *s)
{
    return s && time_now_us() < s->renew_us;
}

int session_get(struct client *c, struct session **ret, struct err *err)
{
    int r = 0;

    pthread_mutex_lock(&c->lock);
    while (!is_usable(c->session) && c->logging_in)
        pthread_cond_wait(&c->changed, &c->lock);
    if (!is_usable(c->session))
        r = renew_locked(c, err);
    if (r >= 0 && c->session) {
        c->session->refs++;
        *ret = c->session;
    } else if (r >= 0) {
        r = err_set(err, -EAGAIN, "the login was dropped meanwhile");
    }
    pthread_mutex_unlock(&c->lock);
    return r;
}

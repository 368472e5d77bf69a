/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/driver/directory/ldap_conn.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/str.h"
#include "base/time.h"
#include "base/uuid.h"
#include "identity/driver/directory/ldap_options.h"

#define TIMEOUT_S 30 /* Where the configuration says "never": a worker is not held for good. */
#define SECOND_US INT64_C(1000000)
#define SLOW_US   SECOND_US
#define REST_US   (5 * SECOND_US)

struct conn {
    LDAP *ld;
    int64_t born_us;
    bool bound; /* As [ldap] user. */
};

struct pool {
    pthread_mutex_t lock;
    struct conn *idle; /* The last used is the last: the others may grow old. */
    size_t n, max;
    int64_t lifetime_us;
};

struct ldap_server {
    const struct ldap_options *o;
    char *urls; /* As libldap wants them: with spaces between. */
    struct pool searches, logins;
    atomic_bool without_pages; /* The server knows no paged results. */
    /* While it lets callers wait in vain, those after them are told at once: they would hold up workers. */
    _Atomic int64_t refused_until_us;
};

/* --- errors ----------------------------------------------------------------------------- */

static int refuse(int rc, struct err *err)
{
    switch (rc) {
    case LDAP_SERVER_DOWN:
    case LDAP_CONNECT_ERROR:
    case LDAP_TIMEOUT:
    case LDAP_UNAVAILABLE:
    case LDAP_BUSY:
        return err_http(err, 503, NULL, "The directory of users cannot be asked now: %s.",
                        ldap_err2string(rc));
    case LDAP_NO_SUCH_OBJECT:
        return err_set(err, -ENOENT, "There is no such entry.");
    case LDAP_INVALID_CREDENTIALS:
    case LDAP_INAPPROPRIATE_AUTH:
        return err_set(err, -EKEYREJECTED, "The directory refuses the name or the password.");
    case LDAP_SIZELIMIT_EXCEEDED:
        return err_http(err, 500, NULL,
                        "Number of User/Group entities returned by LDAP exceeded size limit. Contact your "
                        "LDAP administrator.");
    default:
        return err_set(err, -EIO, "the directory of users says: %s", ldap_err2string(rc));
    }
}

/* --- one connection ------------------------------------------------------------------------ */

static struct timeval patience(const struct ldap_options *o)
{
    return (struct timeval){ .tv_sec = o->connection_timeout > 0 ? o->connection_timeout : TIMEOUT_S };
}

static int number_named(const char *name, const char *const *names, const int *numbers)
{
    for (size_t i = 0; names[i]; i++)
        if (str_eq(names[i], name))
            return numbers[i];
    return -1;
}

static int set_tls(LDAP *ld, const struct ldap_options *o)
{
    static const char *const names[] = { "demand", "never", "allow", NULL };
    static const int numbers[] = { LDAP_OPT_X_TLS_DEMAND, LDAP_OPT_X_TLS_NEVER, LDAP_OPT_X_TLS_ALLOW };
    int require = number_named(o->tls_req_cert, names, numbers), client = 0, rc;

    if (!o->use_tls && !strstr(o->url, "ldaps://"))
        return LDAP_SUCCESS;
    rc = ldap_set_option(ld, LDAP_OPT_X_TLS_REQUIRE_CERT, &require);
    if (rc == LDAP_SUCCESS && !str_empty(o->tls_cacertfile))
        rc = ldap_set_option(ld, LDAP_OPT_X_TLS_CACERTFILE, o->tls_cacertfile);
    else if (rc == LDAP_SUCCESS && !str_empty(o->tls_cacertdir))
        rc = ldap_set_option(ld, LDAP_OPT_X_TLS_CACERTDIR, o->tls_cacertdir);
    if (rc == LDAP_SUCCESS)
        rc = ldap_set_option(ld, LDAP_OPT_X_TLS_NEWCTX, &client);
    return rc;
}

/* False: as libldap does, which is to follow.  It would send the next server
 * our page's cookie along, and that server refuses it. */
static bool says_whether_to_chase(const struct ldap_options *o, bool *ret)
{
    *ret = false;
    return str_empty(o->chase_referrals) ? o->page_size > 0 : str_to_bool(o->chase_referrals, ret) >= 0;
}

static int set_options(LDAP *ld, const struct ldap_options *o)
{
    static const char *const names[] = { "never", "searching", "always", "finding", NULL };
    static const int numbers[] = { LDAP_DEREF_NEVER, LDAP_DEREF_SEARCHING, LDAP_DEREF_ALWAYS,
                                   LDAP_DEREF_FINDING };
    struct timeval wait = patience(o);
    int version = LDAP_VERSION3, deref = number_named(o->alias_dereferencing, names, numbers);
    int level = (int) o->debug_level, rc;
    bool chase;

    rc = ldap_set_option(ld, LDAP_OPT_PROTOCOL_VERSION, &version);
    if (rc == LDAP_SUCCESS)
        rc = ldap_set_option(ld, LDAP_OPT_NETWORK_TIMEOUT, &wait);
    if (rc == LDAP_SUCCESS)
        rc = ldap_set_option(ld, LDAP_OPT_TIMEOUT, &wait);
    if (rc == LDAP_SUCCESS && deref >= 0)
        rc = ldap_set_option(ld, LDAP_OPT_DEREF, &deref);
    if (rc == LDAP_SUCCESS && level >= 0)
        rc = ldap_set_option(NULL, LDAP_OPT_DEBUG_LEVEL, &level);
    if (rc == LDAP_SUCCESS && says_whether_to_chase(o, &chase))
        rc = ldap_set_option(ld, LDAP_OPT_REFERRALS, chase ? LDAP_OPT_ON : LDAP_OPT_OFF);
    return rc == LDAP_SUCCESS ? set_tls(ld, o) : rc;
}

static void conn_close(struct conn *c)
{
    if (c->ld)
        ldap_unbind_ext(c->ld, NULL, NULL);
    c->ld = NULL;
}

static int bind_as(LDAP *ld, const char *dn, struct secret password)
{
    const char *text = secret_expose(password) ? secret_expose(password) : "";
    struct berval cred = { .bv_len = strlen(text), .bv_val = (char *) text };

    return ldap_sasl_bind_s(ld, dn, LDAP_SASL_SIMPLE, &cred, NULL, NULL, NULL);
}

static int conn_open(const struct ldap_server *s, struct conn *c)
{
    int rc = ldap_initialize(&c->ld, s->urls);

    c->born_us = time_mono_us();
    if (rc == LDAP_SUCCESS)
        rc = set_options(c->ld, s->o);
    if (rc == LDAP_SUCCESS && s->o->use_tls)
        rc = ldap_start_tls_s(c->ld, NULL, NULL);
    if (rc != LDAP_SUCCESS)
        conn_close(c);
    return rc;
}

/* --- pools ---------------------------------------------------------------------------------- */

static void pool_init(struct pool *p, bool used, int64_t max, int64_t lifetime_s)
{
    pthread_mutex_init(&p->lock, NULL);
    p->max = used ? (size_t) max : 0;
    p->idle = calloc(p->max + 1, sizeof(*p->idle));
    p->lifetime_us = lifetime_s * SECOND_US;
    if (!p->idle)
        p->max = 0;
}

static void pool_done(struct pool *p)
{
    for (size_t i = 0; i < p->n; i++)
        conn_close(&p->idle[i]);
    free(p->idle);
    pthread_mutex_destroy(&p->lock);
}

/* A kept one, or none with c->ld null. */
static void pool_take(struct pool *p, struct conn *c)
{
    int64_t oldest_us = time_mono_us() - p->lifetime_us;
    struct conn old = { 0 };

    do {
        conn_close(&old);
        *c = (struct conn){ 0 };
        pthread_mutex_lock(&p->lock);
        if (p->n)
            *c = p->idle[--p->n];
        pthread_mutex_unlock(&p->lock);
        if (c->ld && c->born_us < oldest_us)
            old = *c;
    } while (old.ld);
}

static void pool_give(struct pool *p, struct conn *c)
{
    bool kept = false;

    pthread_mutex_lock(&p->lock);
    if (p->n < p->max) {
        p->idle[p->n++] = *c;
        kept = true;
    }
    pthread_mutex_unlock(&p->lock);
    if (!kept)
        conn_close(c);
}

/* Several are to start at different servers. */
static void shuffle(const char **urls)
{
    size_t n = strv_len(urls);

    for (size_t i = n; i > 1; i--) {
        uint32_t random;
        const char *other;

        random_bytes(&random, sizeof(random));
        other = urls[random % i];
        urls[random % i] = urls[i - 1];
        urls[i - 1] = other;
    }
}

static char *list_urls(const struct ldap_options *o)
{
    static const char between[] = ", \t\n";
    auto_arena struct arena a;
    const char **urls = NULL;
    size_t n;

    arena_init(&a);
    for (const char *p = o->url + strspn(o->url, between); *p; p += n + strspn(p + n, between)) {
        n = strcspn(p, between);
        urls = strv_add(&a, urls, arena_strndup(&a, p, n));
    }
    if (o->randomize_urls && urls)
        shuffle(urls);
    return strdup(urls ? strv_join(&a, urls, " ") : "");
}

struct ldap_server *ldap_server_new(const struct ldap_options *o)
{
    struct ldap_server *s = calloc(1, sizeof(*s));

    if (!s)
        return NULL;
    s->o = o;
    s->urls = list_urls(o);
    pool_init(&s->searches, o->use_pool, o->pool_size, o->pool_connection_lifetime);
    pool_init(&s->logins, o->use_pool && o->use_auth_pool, o->auth_pool_size,
              o->auth_pool_connection_lifetime);
    return s;
}

void ldap_server_free(struct ldap_server *s)
{
    if (!s)
        return;
    pool_done(&s->searches);
    pool_done(&s->logins);
    free(s->urls);
    free(s);
}

/* --- trying ------------------------------------------------------------------------------------ */

static bool is_dead(int rc)
{
    return rc == LDAP_SERVER_DOWN || rc == LDAP_CONNECT_ERROR || rc == LDAP_TIMEOUT ||
           rc == LDAP_UNAVAILABLE || rc == LDAP_PROTOCOL_ERROR;
}

/* What is done with a connection; an LDAP result code. */
typedef int (*use_fn)(struct ldap_server *s, struct conn *c, void *ctx, bool *repeatable);

/* With kept connections until one works or none is left, then with new ones as
 * often as the configuration says. */
static int with_conn(struct ldap_server *s, struct pool *p, use_fn use, void *ctx)
{
    int64_t tries = s->o->use_pool ? s->o->pool_retry_max : 1, began_us = time_mono_us();
    bool repeatable = true, slow = false, kept;
    struct conn c;
    int rc;

    if (began_us < atomic_load(&s->refused_until_us))
        return LDAP_SERVER_DOWN;
    do {
        pool_take(p, &c);
        kept = c.ld != NULL;
        rc = kept ? LDAP_SUCCESS : conn_open(s, &c);
        if (rc == LDAP_SUCCESS)
            rc = use(s, &c, ctx, &repeatable);
        if (!is_dead(rc)) {
            if (c.ld)
                pool_give(p, &c);
            return rc;
        }
        conn_close(&c);
        slow = time_mono_us() - began_us > SLOW_US;
        if (!kept && --tries > 0 && !slow)
            usleep((useconds_t) (s->o->pool_retry_delay * (double) SECOND_US));
    } while (repeatable && !slow && (kept || tries > 0));
    if (slow)
        atomic_store(&s->refused_until_us, time_mono_us() + REST_US);
    return rc;
}

/* --- search -------------------------------------------------------------------------------------- */

struct searching {
    const struct ldap_search *what;
    struct err *err;
    size_t found;
    bool more;
    int failed;   /* What found() said. */
    bool unbound; /* It did not come to the search: [ldap] user was refused. */
};

static int take_entries(LDAP *ld, LDAPMessage *res, struct searching *g)
{
    const struct ldap_search *w = g->what;

    for (LDAPMessage *e = ldap_first_entry(ld, res); e; e = ldap_next_entry(ld, e)) {
        if (w->limit && g->found == w->limit) {
            g->more = true;
            return 0;
        }
        g->found++;
        g->failed = w->found(w->ctx, ld, e, g->err);
        if (g->failed < 0)
            return g->failed;
    }
    return 0;
}

/* One request and all of its answers.  'cookie': where the next page begins. */
static int search_page(struct ldap_server *s, LDAP *ld, struct searching *g, int64_t page_size,
                       struct berval *cookie)
{
    const struct ldap_search *w = g->what;
    struct timeval wait = patience(s->o);
    LDAPControl *page = NULL, **answered = NULL, *controls[] = { NULL, NULL };
    LDAPMessage *res = NULL;
    ber_int_t count;
    int rc, result = LDAP_OTHER, id, limit = w->limit && !page_size ? (int) w->limit + 1 : 0;

    if (page_size) {
        rc = ldap_create_page_control(ld, (ber_int_t) page_size, cookie->bv_val ? cookie : NULL, 0, &page);
        if (rc != LDAP_SUCCESS)
            return rc;
        controls[0] = page;
    }
    rc = ldap_search_ext(ld, w->base, w->scope, w->filter, (char **) w->attrs, 0, controls, NULL, &wait,
                         limit, &id);
    ldap_control_free(page);
    if (rc != LDAP_SUCCESS)
        return rc;
    rc = ldap_result(ld, id, LDAP_MSG_ALL, &wait, &res);
    if (rc <= 0) {
        ldap_msgfree(res);
        if (rc == 0)
            ldap_abandon_ext(ld, id, NULL, NULL);
        return rc == 0 ? LDAP_TIMEOUT : LDAP_SERVER_DOWN;
    }
    rc = ldap_parse_result(ld, res, &result, NULL, NULL, NULL, &answered, 0);
    ber_memfree(cookie->bv_val);
    *cookie = (struct berval){ 0 };
    if (rc == LDAP_SUCCESS && (result == LDAP_SUCCESS || result == LDAP_SIZELIMIT_EXCEEDED))
        take_entries(ld, res, g);
    if (rc == LDAP_SUCCESS && page_size && result == LDAP_SUCCESS) {
        page = ldap_control_find(LDAP_CONTROL_PAGEDRESULTS, answered, NULL);
        if (!page || ldap_parse_pageresponse_control(ld, page, &count, cookie) != LDAP_SUCCESS)
            atomic_store(&s->without_pages, true);
    }
    ldap_controls_free(answered);
    ldap_msgfree(res);
    /* More than was asked for is there: so we asked. */
    if (result == LDAP_SIZELIMIT_EXCEEDED && w->limit && g->found >= w->limit) {
        g->more = true;
        result = LDAP_SUCCESS;
    }
    return rc == LDAP_SUCCESS ? result : rc;
}

/* As [ldap] user; what goes wrong there is no fault of whoever asks. */
static int bind_search(struct ldap_server *s, struct conn *c, struct searching *g)
{
    int rc = LDAP_SUCCESS;

    if (!c->bound && !str_empty(s->o->user))
        rc = bind_as(c->ld, s->o->user, s->o->password);
    c->bound = rc == LDAP_SUCCESS;
    g->unbound = rc != LDAP_SUCCESS;
    return rc;
}

static int use_search(struct ldap_server *s, struct conn *c, void *ctx, bool *repeatable)
{
    struct searching *g = ctx;
    struct berval cookie = { 0 };
    int64_t page_size = atomic_load(&s->without_pages) ? 0 : s->o->page_size;
    int rc = bind_search(s, c, g);

    if (rc != LDAP_SUCCESS)
        return rc;
    do {
        rc = search_page(s, c->ld, g, page_size, &cookie);
    } while (rc == LDAP_SUCCESS && cookie.bv_len && !g->more && g->failed >= 0);
    ber_memfree(cookie.bv_val);
    *repeatable = !g->found;
    return rc;
}

int ldap_server_search(struct ldap_server *s, const struct ldap_search *what, struct err *err)
{
    struct searching g = { .what = what, .err = err };
    int rc = with_conn(s, &s->searches, use_search, &g);

    if (g.unbound && (rc == LDAP_INVALID_CREDENTIALS || rc == LDAP_INAPPROPRIATE_AUTH))
        return err_http(err, 500, NULL,
                        "Unable to authenticate against Identity backend - Invalid username or password");
    if (rc != LDAP_SUCCESS)
        return refuse(rc, err);
    return g.failed < 0 ? g.failed : g.more;
}

/* --- login --------------------------------------------------------------------------------------- */

struct proving {
    const char *dn;
    struct secret password;
};

static int use_prove(struct ldap_server *s, struct conn *c, void *ctx, bool *repeatable)
{
    const struct proving *p = ctx;

    return bind_as(c->ld, p->dn, p->password);
}

int ldap_server_prove(struct ldap_server *s, const char *dn, struct secret password, struct err *err)
{
    struct proving p = { dn, password };
    int rc;

    /* A bind without a name or a password is one as nobody, and succeeds (RFC 4513, 5.1.2). */
    if (str_empty(dn) || str_empty(secret_expose(password)))
        return refuse(LDAP_INVALID_CREDENTIALS, err);
    rc = with_conn(s, &s->logins, use_prove, &p);
    if (rc == LDAP_SUCCESS)
        return 0;
    /* Whatever else the directory says of this login (locked, expired, no such entry): it is none. */
    rc = is_dead(rc) || rc == LDAP_BUSY ? rc : LDAP_INVALID_CREDENTIALS;
    return refuse(rc, err);
}

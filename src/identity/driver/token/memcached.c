/* SPDX-License-Identifier: Apache-2.0 */
/* Stored tokens in memcached: quick, and gone with its restart.
 *
 * Everybody who reaches memcached may write to it, so what is kept there is
 * sealed with the key repository's key together with the record's own name:
 * what was planted, altered or moved to another name is no token. */
#include <libmemcached/memcached.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "crypto/fernet.h"
#include "identity/driver/token/keyring.h"
#include "identity/driver/token/records.h"
#include "identity/identity.h"

#define PREFIX         "stackd-token-"
#define PORT           11211
#define TIMEOUT_MS     1000
#define RELATIVE_MAX_S (30 * 24 * 3600) /* memcached takes a greater number for a moment. */
#define IDLE_MAX       32
#define SECOND_US      1000000

/* A handle serves one thread at a time; those not in use wait here. */
struct memcached {
    memcached_st *pattern;
    pthread_mutex_t lock;
    memcached_st *idle[IDLE_MAX];
    unsigned n;
    int64_t window_us; /* How long an expired token may still be asked for. */
    const struct server *server;
};

static int add_server(memcached_st *m, struct arena *a, const char *name, struct err *err)
{
    const char *colon = strrchr(name, ':');
    int64_t port = PORT;

    if (colon && (str_to_i64(colon + 1, &port) < 0 || port < 1 || port > 65535))
        return err_set(err, -EINVAL, "[identity] memcached_servers: '%s' is no host:port", name);
    if (colon)
        name = arena_strndup(a, name, (size_t) (colon - name));
    if (memcached_server_add(m, name, (in_port_t) port) != MEMCACHED_SUCCESS)
        return err_set(err, -EINVAL, "[identity] memcached_servers: '%s' cannot be used", name);
    return 0;
}

/* No server is ever left out for another: a token would then be in two places. */
static int set_up(memcached_st *m, struct arena *a, const char **servers, struct err *err)
{
    int r = 0;

    memcached_behavior_set(m, MEMCACHED_BEHAVIOR_DISTRIBUTION, MEMCACHED_DISTRIBUTION_CONSISTENT);
    memcached_behavior_set(m, MEMCACHED_BEHAVIOR_CONNECT_TIMEOUT, TIMEOUT_MS);
    memcached_behavior_set(m, MEMCACHED_BEHAVIOR_POLL_TIMEOUT, TIMEOUT_MS);
    memcached_behavior_set(m, MEMCACHED_BEHAVIOR_TCP_NODELAY, 1);
    strv_foreach (name, servers)
        r = r < 0 ? r : add_server(m, a, *name, err);
    return r;
}

static void close_memcached(void *self)
{
    struct memcached *m = self;

    while (m->n)
        memcached_free(m->idle[--m->n]);
    if (m->pattern)
        memcached_free(m->pattern);
    pthread_mutex_destroy(&m->lock);
    free(m);
}

static int open_memcached(struct server *s, void **ret, struct err *err)
{
    const struct identity_options *opt = ((struct identity *) s->state)->opt;
    struct memcached *m = calloc(1, sizeof(*m));
    int r;

    if (!m)
        return err_set(err, -ENOMEM, "out of memory");
    pthread_mutex_init(&m->lock, NULL);
    m->server = s;
    m->window_us = opt->allow_expired_window_s * SECOND_US;
    m->pattern = memcached_create(NULL);
    r = m->pattern ? set_up(m->pattern, &s->arena, opt->memcached_servers, err) : -ENOMEM;
    if (r < 0) {
        close_memcached(m);
        return r;
    }
    *ret = m;
    return 0;
}

static memcached_st *take(struct memcached *m)
{
    memcached_st *h = NULL;

    pthread_mutex_lock(&m->lock);
    if (m->n)
        h = m->idle[--m->n];
    pthread_mutex_unlock(&m->lock);
    return h ? h : memcached_clone(NULL, m->pattern);
}

static void give(struct memcached *m, memcached_st *h)
{
    pthread_mutex_lock(&m->lock);
    if (m->n < IDLE_MAX) {
        m->idle[m->n++] = h;
        h = NULL;
    }
    pthread_mutex_unlock(&m->lock);
    if (h)
        memcached_free(h);
}

/* One question; 'ctx' is what it needs. */
typedef memcached_return_t (*ask_fn)(memcached_st *h, const char *key, void *ctx);

static void drop_idle(struct memcached *m)
{
    pthread_mutex_lock(&m->lock);
    while (m->n)
        memcached_free(m->idle[--m->n]);
    pthread_mutex_unlock(&m->lock);
}

/* A handle whose connection broke is thrown away, for it would sulk for
 * seconds, and so are the others, which had the same server; the question is
 * asked once more with a new one. */
static int ask(struct memcached *m, const char *digest, ask_fn fn, void *ctx, struct err *err)
{
    char key[sizeof(PREFIX) + 64];
    memcached_return_t rc = MEMCACHED_FAILURE;

    snprintf(key, sizeof(key), PREFIX "%s", digest);
    for (int i = 0; i < 2; i++) {
        memcached_st *h = take(m);

        if (!h)
            return err_set(err, -ENOMEM, "out of memory");
        rc = fn(h, key, ctx);
        if (rc == MEMCACHED_SUCCESS || rc == MEMCACHED_NOTFOUND) {
            give(m, h);
            return rc == MEMCACHED_SUCCESS ? 0 : -ENOENT;
        }
        memcached_free(h);
        drop_idle(m);
    }
    return err_http(err, 503, NULL, "The store of tokens cannot be asked now: %s.",
                    memcached_strerror(NULL, rc));
}

/* --- sealing ------------------------------------------------------------------------------ */

static struct keyring *keys_of(const struct memcached *m)
{
    return ((const struct identity *) m->server->state)->keys;
}

static const char *seal(const struct memcached *m, struct arena *a, const struct token_record *rec)
{
    const char *text = arena_printf(a, "%s %s", rec->key, rec->claims);

    return fernet_encrypt(a, keyring_keys(keys_of(m)), rec->issued_us / SECOND_US, text, strlen(text));
}

/* The claims, or null.  Another process may have sealed them with a newer key. */
static const char *unseal(const struct memcached *m, struct arena *a, const char *key, const char *text)
{
    size_t n, len = strlen(key);
    int64_t time_s;
    uint8_t *data;

    if (fernet_decrypt(a, keyring_keys(keys_of(m)), text, &data, &n, &time_s) < 0 &&
        fernet_decrypt(a, keyring_fresh(keys_of(m)), text, &data, &n, &time_s) < 0)
        return NULL;
    return n > len && memcmp(data, key, len) == 0 && data[len] == ' '
               ? arena_strndup(a, (const char *) data + len + 1, n - len - 1)
               : NULL;
}

/* --- records ------------------------------------------------------------------------------ */

struct setting {
    const char *text;
    time_t expires;
};

static memcached_return_t set(memcached_st *h, const char *key, void *ctx)
{
    const struct setting *s = ctx;

    return memcached_set(h, key, strlen(key), s->text, strlen(s->text), s->expires, 0);
}

static int put(void *self, const struct token_record *rec, struct err *err)
{
    struct memcached *m = self;
    auto_arena struct arena a = { 0 };
    int64_t left_s = (rec->expires_us + m->window_us - server_now_us(m->server)) / SECOND_US + 1;
    struct setting s = { seal(m, &a, rec), left_s > RELATIVE_MAX_S ? time(NULL) + left_s
                                           : left_s > 0            ? left_s
                                                                   : 1 };

    return ask(m, rec->key, set, &s, err);
}

struct getting {
    struct arena *arena;
    const char *text;
};

static memcached_return_t fetch(memcached_st *h, const char *key, void *ctx)
{
    struct getting *g = ctx;
    memcached_return_t rc;
    uint32_t flags;
    size_t n;
    char *value = memcached_get(h, key, strlen(key), &n, &flags, &rc);

    if (value && rc == MEMCACHED_SUCCESS)
        g->text = arena_strndup(g->arena, value, n);
    else if (rc == MEMCACHED_SUCCESS)
        rc = MEMCACHED_NOTFOUND;
    free(value);
    return rc;
}

static int get(void *self, struct arena *a, const char *key, const char **ret_claims, struct err *err)
{
    struct getting g = { a, NULL };
    int r = ask(self, key, fetch, &g, err);

    if (r >= 0)
        *ret_claims = unseal(self, a, key, g.text);
    return r < 0 ? r : *ret_claims ? 0 : -ENOENT;
}

static memcached_return_t drop(memcached_st *h, const char *key, void *ctx)
{
    return memcached_delete(h, key, strlen(key), 0);
}

static int forget(void *self, const char *key, struct err *err)
{
    int r = ask(self, key, drop, NULL, err);

    return r == -ENOENT ? 0 : r;
}

const struct token_records memcached_token_records = {
    .name = "memcached",
    .forgetful = true,
    .open = open_memcached,
    .close = close_memcached,
    .put = put,
    .get = get,
    .forget = forget,
};

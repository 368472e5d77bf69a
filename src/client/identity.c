/* SPDX-License-Identifier: Apache-2.0 */
#include "client/identity.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/die.h"
#include "base/generation.h"
#include "base/str.h"
#include "base/time.h"
#include "client/packed.h"
#include "crypto/digest.h"
#include "wire/json.h"

#define SHARDS          16
#define SHARD_ENTRIES   640 /* 10,240 in all. */
#define SHARD_BUCKETS   1024
#define KEY_BYTES       32
#define REFUSED_FOR_US  1000000
#define TOKEN_MAX_CHARS 16384
#define REOPEN_AFTER_US 1000000

enum entry_state {
    ENTRY_ASKING, /* A thread asks identity; others wait for it. */
    ENTRY_VALID,
    ENTRY_REFUSED,
    ENTRY_FAILED, /* Could not be asked; only for those who waited. */
};

/* What is asked of a token. */
struct question {
    const char *text;
    bool expired_too;       /* Its time does not count: a service asks in its user's name. */
    uint8_t key[KEY_BYTES]; /* See key_of(). */
};

/* What is known of a token. */
struct entry {
    struct entry *next;          /* In its bucket. */
    struct entry *newer, *older; /* By last use. */
    uint8_t key[KEY_BYTES];
    enum entry_state state;
    unsigned waiting; /* Threads that wait for the answer. */
    uint64_t generation;
    int64_t until_us;          /* Monotonic. */
    int64_t expires_us;        /* By the clock. */
    int code;                  /* ENTRY_FAILED */
    struct packed_token token; /* ENTRY_VALID */
};

struct shard {
    pthread_mutex_t lock;
    pthread_cond_t answered;
    struct entry *buckets[SHARD_BUCKETS];
    struct entry *newest, *oldest;
    size_t count;
};

struct token_cache {
    struct client *client;
    unsigned ttl_s;
    char *generation_path;
    pthread_mutex_t generation_lock;
    struct generation generation; /* Opened as soon as identity made the page. */
    _Atomic bool generation_is_open;
    int64_t tried_us;
    struct shard shards[SHARDS];
};

int token_cache_new(struct client *c, const char *generation_path, unsigned ttl_s, struct token_cache **ret,
                    struct err *err)
{
    struct token_cache *t = calloc(1, sizeof(*t));

    if (!t)
        return err_set(err, -ENOMEM, "out of memory");
    t->client = c;
    t->ttl_s = ttl_s;
    t->generation_path = generation_path ? strdup(generation_path) : NULL;
    pthread_mutex_init(&t->generation_lock, NULL);
    for (size_t i = 0; i < SHARDS; i++) {
        pthread_mutex_init(&t->shards[i].lock, NULL);
        pthread_cond_init(&t->shards[i].answered, NULL);
    }
    *ret = t;
    return 0;
}

/* --- A shard's entries: all with its lock held ------------------------------- */

static struct shard *shard_of(struct token_cache *t, const uint8_t *key)
{
    return &t->shards[key[0] % SHARDS];
}

static struct entry **bucket_of(struct shard *s, const uint8_t *key)
{
    return &s->buckets[(key[1] | key[2] << 8) % SHARD_BUCKETS];
}

static struct entry *find(struct shard *s, const uint8_t *key)
{
    struct entry *e = *bucket_of(s, key);

    while (e && memcmp(e->key, key, KEY_BYTES) != 0)
        e = e->next;
    return e;
}

static void unlink_use(struct shard *s, struct entry *e)
{
    *(e->newer ? &e->newer->older : &s->newest) = e->older;
    *(e->older ? &e->older->newer : &s->oldest) = e->newer;
    e->newer = e->older = NULL;
}

static void link_newest(struct shard *s, struct entry *e)
{
    e->older = s->newest;
    *(s->newest ? &s->newest->newer : &s->oldest) = e;
    s->newest = e;
}

static void touch(struct shard *s, struct entry *e)
{
    if (s->newest == e)
        return;
    unlink_use(s, e);
    link_newest(s, e);
}

static void drop(struct shard *s, struct entry *e)
{
    struct entry **at = bucket_of(s, e->key);

    while (*at != e)
        at = &(*at)->next;
    *at = e->next;
    unlink_use(s, e);
    s->count--;
    packed_free(&e->token);
    free(e);
}

static bool is_in_use(const struct entry *e)
{
    return e->state == ENTRY_ASKING || e->waiting;
}

static void make_room(struct shard *s)
{
    struct entry *e = s->oldest;

    while (e && s->count >= SHARD_ENTRIES) {
        struct entry *newer = e->newer;

        if (!is_in_use(e))
            drop(s, e);
        e = newer;
    }
}

static struct entry *add(struct shard *s, const uint8_t *key)
{
    struct entry *e = calloc(1, sizeof(*e)), **bucket = bucket_of(s, key);

    if (!e)
        die("out of memory");
    make_room(s);
    memcpy(e->key, key, KEY_BYTES);
    e->next = *bucket;
    *bucket = e;
    link_newest(s, e);
    s->count++;
    return e;
}

static void flush_shard(struct shard *s)
{
    struct entry *e = s->oldest;

    while (e) {
        struct entry *newer = e->newer;

        if (is_in_use(e))
            e->until_us = 0; /* What is being asked is not believed beyond those who wait. */
        else
            drop(s, e);
        e = newer;
    }
}

void token_cache_flush(struct token_cache *t)
{
    for (size_t i = 0; i < SHARDS; i++) {
        pthread_mutex_lock(&t->shards[i].lock);
        flush_shard(&t->shards[i]);
        pthread_mutex_unlock(&t->shards[i].lock);
    }
}

void token_cache_free(struct token_cache *t)
{
    token_cache_flush(t);
    for (size_t i = 0; i < SHARDS; i++) {
        pthread_mutex_destroy(&t->shards[i].lock);
        pthread_cond_destroy(&t->shards[i].answered);
    }
    generation_close(&t->generation);
    pthread_mutex_destroy(&t->generation_lock);
    free(t->generation_path);
    free(t);
}

/* --- Whether an entry still holds --------------------------------------------- */

static uint64_t generation_now(struct token_cache *t)
{
    return t->generation_is_open ? generation_get(&t->generation) : 0;
}

/* Identity may make its page after we started, or run elsewhere. */
static void open_generation(struct token_cache *t)
{
    int64_t now_us = time_mono_us();

    if (t->generation_is_open || !t->generation_path)
        return;
    pthread_mutex_lock(&t->generation_lock);
    if (!t->generation_is_open && (!t->tried_us || now_us - t->tried_us > REOPEN_AFTER_US)) {
        t->tried_us = now_us;
        if (generation_open(&t->generation, t->generation_path, false, NULL) >= 0)
            t->generation_is_open = true;
    }
    pthread_mutex_unlock(&t->generation_lock);
}

static bool holds(struct token_cache *t, const struct entry *e)
{
    if (e->state == ENTRY_FAILED || e->generation != generation_now(t) || time_mono_us() >= e->until_us)
        return false;
    return e->state == ENTRY_REFUSED || time_now_us() < e->expires_us;
}

static int refuse(struct err *err)
{
    return err_set(err, -EKEYREJECTED, "the token is not valid");
}

/* The answer of an entry that holds. */
static int answer(struct shard *s, struct entry *e, struct arena *a, struct token *ret, struct err *err)
{
    if (e->state == ENTRY_REFUSED)
        return refuse(err);
    touch(s, e);
    packed_copy(&e->token, a, ret);
    return 0;
}

/* --- Asking identity ----------------------------------------------------------- */

static void read_owner(struct arena *a, const json_t *o, const char **id, const char **name,
                       const char **domain_id, const char **domain_name)
{
    const json_t *domain = json_obj(o, "domain");

    *id = arena_strdup(a, json_str(o, "id"));
    *name = arena_strdup(a, json_str(o, "name"));
    if (domain_id) {
        *domain_id = arena_strdup(a, json_str(domain, "id"));
        *domain_name = arena_strdup(a, json_str(domain, "name"));
    }
}

static int64_t read_time(const json_t *o, const char *name)
{
    const char *text = json_str(o, name);
    int64_t us = 0;

    return text && time_parse(text, &us) >= 0 ? us : 0;
}

/* A trust or an application credential behind the token. */
static void read_delegation(struct arena *a, const json_t *o, struct token *t)
{
    const json_t *ac = json_obj(o, "application_credential"), *rules = json_arr(ac, "access_rules"), *rule;
    static const char *const names[] = { "service", "method", "path" };
    size_t i;

    t->trust_id = arena_strdup(a, json_str(json_obj(o, "OS-TRUST:trust"), "id"));
    t->app_cred_id = arena_strdup(a, json_str(ac, "id"));
    t->restricted = ac && json_truth(ac, "restricted", true);
    t->has_access_rules = rules != NULL;
    json_array_foreach (rules, i, rule)
        for (size_t k = 0; k < ARRAY_SIZE(names); k++) {
            const char *text = json_str(rule, names[k]);

            t->access_rules = strv_add(a, t->access_rules, arena_strdup(a, text ? text : ""));
        }
}

static int read_token(struct arena *a, const json_t *j, const char *text, struct token *ret)
{
    const json_t *o = json_obj(j, "token"), *roles = json_arr(o, "roles");
    struct token t = { .text = arena_strdup(a, text) };

    if (!o)
        return -EIO;
    read_owner(a, json_obj(o, "user"), &t.user_id, &t.user_name, &t.user_domain_id, &t.user_domain_name);
    read_owner(a, json_obj(o, "project"), &t.project_id, &t.project_name, &t.project_domain_id,
               &t.project_domain_name);
    read_owner(a, json_obj(o, "domain"), &t.domain_id, &t.domain_name, NULL, NULL);
    t.not_admin_project = !json_truth(o, "is_admin_project", true);
    t.system = json_truth(json_obj(o, "system"), "all", false);
    t.n_roles = json_array_size(roles);
    t.roles = arena_array(a, struct role_ref, t.n_roles);
    for (size_t i = 0; i < t.n_roles; i++)
        read_owner(a, json_array_get(roles, i), &t.roles[i].id, &t.roles[i].name, NULL, NULL);
    t.methods = json_strv(a, json_arr(o, "methods"));
    t.audit_ids = json_strv(a, json_arr(o, "audit_ids"));
    read_delegation(a, o, &t);
    t.issued_us = read_time(o, "issued_at");
    t.expires_us = read_time(o, "expires_at");
    if (!t.user_id || !t.expires_us)
        return -EIO;
    *ret = t;
    return 0;
}

static int ask(struct token_cache *t, struct arena *a, const struct question *q, struct token *ret,
               struct err *err)
{
    const struct http_header headers[] = { { "X-Subject-Token", q->text },
                                           { "OpenStack-Identity-Access-Rules", "1.0" },
                                           { 0 } };
    const struct client_request rq = { .service = "identity",
                                       .method = HTTP_GET,
                                       .path = q->expired_too ? "/auth/tokens?nocatalog=1&allow_expired=1"
                                                              : "/auth/tokens?nocatalog=1",
                                       .headers = headers };
    auto_client_reply struct client_reply reply = { 0 };
    int r = client_call(t->client, a, &rq, &reply, err);

    if (r >= 0 && read_token(a, reply.json, q->text, ret) < 0)
        return err_set(err, -EHOSTDOWN, "the identity service answered no token");
    if (r >= 0 || reply.status == 0)
        return r < 0 && r != -EHOSTDOWN ? err_prefix(err, -EHOSTDOWN, "cannot ask identity"), -EHOSTDOWN : r;
    if (reply.status == 404 || reply.status == 400)
        return refuse(err);
    return err_set(err, -EHOSTDOWN, "the identity service answered %d", reply.status);
}

/* Until when an answer about the token holds, by the clock.  A trust may end
 * together with its token, so that identity is asked again then; how long an
 * expired token is still good for a service it alone knows. */
static int64_t end_of(const struct question *q, const struct token *token)
{
    return q->expired_too && token->expires_us <= time_now_us() ? INT64_MAX : token->expires_us;
}

/* Records what identity said. */
static void settle(struct token_cache *t, const struct question *q, struct entry *e, int code,
                   const struct token *token)
{
    bool flushed = e->until_us == 0;

    packed_free(&e->token);
    e->code = code;
    e->expires_us = INT64_MAX;
    if (code >= 0) {
        e->state = ENTRY_VALID;
        e->token = packed_new(token);
        e->expires_us = end_of(q, token);
        e->until_us = time_mono_us() + (int64_t) t->ttl_s * 1000000;
    } else if (code == -EKEYREJECTED) {
        e->state = ENTRY_REFUSED;
        e->until_us = time_mono_us() + REFUSED_FOR_US;
    } else {
        e->state = ENTRY_FAILED;
    }
    if (flushed)
        e->until_us = 0;
}

/* Asks with the lock given up meanwhile; others that want the same token wait. */
static int ask_for_all(struct token_cache *t, struct shard *s, struct entry *e, struct arena *a,
                       const struct question *q, struct token *ret, struct err *err)
{
    int r;

    e->state = ENTRY_ASKING;
    e->until_us = 1;
    /* Taken before the question: a change during it makes the answer old. */
    e->generation = generation_now(t);
    pthread_mutex_unlock(&s->lock);
    r = ask(t, a, q, ret, err);
    pthread_mutex_lock(&s->lock);
    settle(t, q, e, r, ret);
    pthread_cond_broadcast(&s->answered);
    if (e->state == ENTRY_FAILED && !e->waiting)
        drop(s, e);
    return r;
}

/* Waits for the answer that another thread gets.  Only its failure is taken as
 * it comes: an answer is looked at like any other, since rights may have
 * changed after that thread asked. */
static int wait_for_answer(struct shard *s, struct entry *e, struct err *err)
{
    int r = 0;

    e->waiting++;
    while (e->state == ENTRY_ASKING)
        pthread_cond_wait(&s->answered, &s->lock);
    e->waiting--;
    if (e->state == ENTRY_FAILED) {
        r = err_set(err, e->code, "the identity service does not answer");
        if (!e->waiting)
            drop(s, e);
    }
    return r;
}

/* With the shard's lock held. */
static int check_locked(struct token_cache *t, struct shard *s, const struct question *q, struct arena *a,
                        bool may_block, struct token *ret, struct err *err)
{
    struct entry *e;

    while ((e = find(s, q->key)) && e->state == ENTRY_ASKING) {
        int r = may_block ? wait_for_answer(s, e, err) : -EWOULDBLOCK;

        if (r < 0)
            return r;
    }
    if (e && holds(t, e))
        return answer(s, e, a, ret, err);
    if (!may_block)
        return -EWOULDBLOCK;
    return ask_for_all(t, s, e ? e : add(s, q->key), a, q, ret, err);
}

/* The two questions have answers of their own, so that what a service may still
 * do with an expired token is never taken for an answer to anybody else, and a
 * refusal of one is none of the other. */
static void key_of(struct question *q, size_t n)
{
    uint8_t digest[DIGEST_MAX];

    digest_of(DIGEST_SHA256, q->text, n, digest);
    memcpy(q->key, digest, KEY_BYTES);
    if (q->expired_too)
        q->key[KEY_BYTES - 1] ^= 1;
}

static int answer_to(struct token_cache *t, struct question *q, struct arena *a, bool may_block,
                     struct token *ret, struct err *err)
{
    size_t n = strlen(q->text);
    struct shard *s;
    int r;

    if (n == 0 || n > TOKEN_MAX_CHARS)
        return refuse(err);
    key_of(q, n);
    open_generation(t);
    s = shard_of(t, q->key);
    pthread_mutex_lock(&s->lock);
    r = check_locked(t, s, q, a, may_block, ret, err);
    pthread_mutex_unlock(&s->lock);
    return r;
}

static int check(void *self, struct arena *a, const char *text, bool may_block, struct token *ret,
                 struct err *err)
{
    struct question q = { .text = text };

    return answer_to(self, &q, a, may_block, ret, err);
}

static int check_expired(void *self, struct arena *a, const char *text, bool may_block, struct token *ret,
                         struct err *err)
{
    struct question q = { .text = text, .expired_too = true };

    return answer_to(self, &q, a, may_block, ret, err);
}

struct token_source token_cache_source(struct token_cache *t)
{
    return (struct token_source){ .check = check, .self = t, .check_expired = check_expired };
}

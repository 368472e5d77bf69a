/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/model/views.h"

#include <pthread.h>
#include <string.h>

#include "base/hash.h"
#include "base/uuid.h"

#define SHARDS 8

/* Direct-mapped: a newer token takes the place of an older one with the same
 * hash, which bounds the memory without any bookkeeping. */
struct slot {
    char *text;
    uint64_t generation;
    struct token_view view;
    struct arena arena; /* Owns text and view. */
};

struct shard {
    pthread_mutex_t lock;
    struct slot *slots;
};

struct token_views {
    struct shard shards[SHARDS];
    size_t slots_each;
    uint64_t k0, k1;
};

struct token_views *token_views_new(size_t max)
{
    struct token_views *v = calloc(1, sizeof(*v));

    if (!v)
        return NULL;
    random_bytes(&v->k0, sizeof(v->k0));
    random_bytes(&v->k1, sizeof(v->k1));
    v->slots_each = max && max < SHARDS ? 1 : max / SHARDS;
    for (size_t i = 0; i < SHARDS; i++) {
        pthread_mutex_init(&v->shards[i].lock, NULL);
        if (!max)
            continue;
        v->shards[i].slots = calloc(v->slots_each, sizeof(struct slot));
    }
    return v;
}

void token_views_free(struct token_views *v)
{
    for (size_t i = 0; i < SHARDS; i++) {
        for (size_t k = 0; v->shards[i].slots && k < v->slots_each; k++)
            arena_done(&v->shards[i].slots[k].arena);
        free(v->shards[i].slots);
        pthread_mutex_destroy(&v->shards[i].lock);
    }
    free(v);
}

static const char **copy_strv(struct arena *a, const char *const *v)
{
    size_t n = 0;
    const char **c;

    while (v && v[n])
        n++;
    c = arena_array(a, const char *, n + 1);
    for (size_t i = 0; i < n; i++)
        c[i] = arena_strdup(a, v[i]);
    return c;
}

/* Everything that a view points to, into another arena. */
static void copy_view(struct arena *a, const struct token_view *from, const char *text, enum view_part part,
                      struct token_view *to)
{
    struct token_view v = *from;
    struct token *t = &v.token;
    const char **strings[] = {
        &t->user_id,        &t->user_name,      &t->user_domain_id,    &t->user_domain_name,
        &t->project_id,     &t->project_name,   &t->project_domain_id, &t->project_domain_name,
        &t->domain_id,      &t->domain_name,    &v.user_json,          &v.issued.user_id,
        &v.issued.scope_id, &v.issued.trust_id, &v.issued.app_cred_id, &t->trust_id,
        &t->app_cred_id,    &v.trustor_id,      &v.trustee_id,
    };

    for (size_t i = 0; i < ARRAY_SIZE(strings); i++)
        *strings[i] = arena_strdup(a, *strings[i]);
    for (size_t i = 0; i < ARRAY_SIZE(v.issued.audit_ids); i++)
        v.issued.audit_ids[i] = arena_strdup(a, v.issued.audit_ids[i]);
    v.body = part >= VIEW_FULL ? arena_strdup(a, v.body) : NULL;
    v.body_brief = part == VIEW_BRIEF || part == VIEW_ALL ? arena_strdup(a, v.body_brief) : NULL;
    t->text = text;
    t->extra = NULL;
    t->roles = arena_array(a, struct role_ref, t->n_roles + 1);
    for (size_t i = 0; i < t->n_roles; i++)
        t->roles[i] = (struct role_ref){ arena_strdup(a, from->token.roles[i].id),
                                         arena_strdup(a, from->token.roles[i].name) };
    t->access_rules = copy_strv(a, from->token.access_rules);
    t->methods = copy_strv(a, from->token.methods);
    t->audit_ids = copy_strv(a, from->token.audit_ids);
    *to = v;
}

static struct slot *slot_of(struct token_views *v, const char *text, struct shard **ret)
{
    uint64_t h;

    if (!v->slots_each) /* Nothing is kept. */
        return NULL;
    h = siphash13(v->k0, v->k1, text, strlen(text));
    *ret = &v->shards[h % SHARDS];
    return (*ret)->slots ? &(*ret)->slots[h / SHARDS % v->slots_each] : NULL;
}

bool views_get(struct token_views *v, uint64_t generation, const char *text, enum view_part part,
               struct arena *a, struct token_view *ret)
{
    struct shard *shard;
    struct slot *s = slot_of(v, text, &shard);
    bool found;

    if (!s)
        return false;
    pthread_mutex_lock(&shard->lock);
    found = s->text && s->generation == generation && strcmp(s->text, text) == 0;
    if (found)
        copy_view(a, &s->view, text, part, ret);
    pthread_mutex_unlock(&shard->lock);
    return found;
}

void views_put(struct token_views *v, uint64_t generation, const char *text, const struct token_view *view)
{
    struct shard *shard;
    struct slot *s = slot_of(v, text, &shard);

    if (!s)
        return;
    pthread_mutex_lock(&shard->lock);
    arena_done(&s->arena);
    s->text = arena_strdup(&s->arena, text);
    s->generation = generation;
    copy_view(&s->arena, view, s->text, VIEW_ALL, &s->view);
    pthread_mutex_unlock(&shard->lock);
}

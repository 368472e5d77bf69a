/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/model/seen.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/hash.h"

#define SEEN_MAX 100000

struct times {
    int64_t at_us, members_at_us;
};

struct seen {
    pthread_mutex_t lock;
    struct hash times;
    struct arena arena; /* Of keys and times. */
};

struct seen *seen_new(void)
{
    struct seen *s = calloc(1, sizeof(*s));

    if (!s)
        return NULL;
    pthread_mutex_init(&s->lock, NULL);
    hash_init(&s->times);
    arena_init(&s->arena);
    return s;
}

void seen_free(struct seen *s)
{
    if (!s)
        return;
    hash_done(&s->times);
    arena_done(&s->arena);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

void seen_note(struct seen *s, const char *id, bool members, int64_t at_us)
{
    struct times *t;

    if (!s)
        return;
    pthread_mutex_lock(&s->lock);
    if (s->times.count >= SEEN_MAX) {
        hash_clear(&s->times);
        arena_reset(&s->arena);
    }
    t = hash_get(&s->times, id);
    if (!t) {
        t = arena_new(&s->arena, struct times);
        hash_put(&s->times, arena_strdup(&s->arena, id), t);
    }
    t->at_us = at_us;
    if (members)
        t->members_at_us = at_us;
    pthread_mutex_unlock(&s->lock);
}

int64_t seen_at(struct seen *s, const char *id, bool members)
{
    const struct times *t;
    int64_t at_us = 0;

    if (!s)
        return 0;
    pthread_mutex_lock(&s->lock);
    t = hash_get(&s->times, id);
    if (t)
        at_us = members ? t->members_at_us : t->at_us;
    pthread_mutex_unlock(&s->lock);
    return at_us;
}

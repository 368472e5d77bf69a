/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/die.h"
#include "base/uuid.h"

/* A slot with a key is taken.  One without is free, or was taken once and
 * must be walked over: then h says so. */
enum { SLOT_FREE = 0, SLOT_DELETED = 1 };

#define CAP_FIRST 16

static inline uint64_t rotl(uint64_t x, int b)
{
    return (x << b) | (x >> (64 - b));
}

static inline void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotl(v[1], 13) ^ v[0];
    v[0] = rotl(v[0], 32);
    v[2] += v[3];
    v[3] = rotl(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotl(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotl(v[1], 17) ^ v[2];
    v[2] = rotl(v[2], 32);
}

/* The last bytes, below the length that stands in the top one. */
static inline uint64_t read_rest(const uint8_t *p, size_t left, size_t n)
{
    uint64_t m = (uint64_t) n << 56;

    for (size_t i = 0; i < left; i++)
        m |= (uint64_t) p[i] << (8 * i);
    return m;
}

uint64_t siphash13(uint64_t k0, uint64_t k1, const void *data, size_t n)
{
    const uint8_t *p = data;
    uint64_t v[4] = { k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261,
                      k1 ^ 0x7465646279746573 };
    uint64_t m;
    size_t left = n;

    for (; left >= 8; left -= 8, p += 8) {
        m = read_le64(p);
        v[3] ^= m;
        sip_round(v);
        v[0] ^= m;
    }
    m = read_rest(p, left, n);
    v[3] ^= m;
    sip_round(v);
    v[0] ^= m;
    v[2] ^= 0xff;
    for (int i = 0; i < 3; i++)
        sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

void hash_init(struct hash *h)
{
    *h = (struct hash){ 0 };
}

void hash_done(struct hash *h)
{
    free(h->slots);
    hash_init(h);
}

static uint64_t hash_of(const struct hash *h, const char *key)
{
    return siphash13(h->k0, h->k1, key, strlen(key));
}

/* The slot that holds 'key', or null. */
static struct hash_slot *find(const struct hash *h, const char *key, uint64_t v)
{
    if (!h->cap)
        return NULL;
    for (size_t i = v & (h->cap - 1);; i = (i + 1) & (h->cap - 1)) {
        struct hash_slot *s = &h->slots[i];

        if (!s->key && s->h == SLOT_FREE)
            return NULL;
        if (s->key && s->h == v && strcmp(s->key, key) == 0)
            return s;
    }
}

/* The first slot without a key on the way of 'v'. */
static struct hash_slot *find_room(const struct hash *h, uint64_t v)
{
    size_t i = v & (h->cap - 1);

    while (h->slots[i].key)
        i = (i + 1) & (h->cap - 1);
    return &h->slots[i];
}

static void resize(struct hash *h, size_t cap)
{
    struct hash_slot *old = h->slots;
    size_t old_cap = h->cap;

    if (!old) {
        uint64_t k[2];

        random_bytes(k, sizeof(k));
        h->k0 = k[0];
        h->k1 = k[1];
    }
    h->slots = calloc(cap, sizeof(*h->slots));
    if (!h->slots)
        die("out of memory");
    h->cap = cap;
    h->deleted = 0;
    for (size_t i = 0; i < old_cap; i++)
        if (old[i].key)
            *find_room(h, old[i].h) = old[i];
    free(old);
}

/* Keeps a quarter of the slots free, so that a search always ends. */
static void make_room(struct hash *h)
{
    if (!h->cap)
        resize(h, CAP_FIRST);
    else if ((h->count + h->deleted + 1) * 4 > h->cap * 3)
        resize(h, (h->count + 1) * 2 > h->cap ? h->cap * 2 : h->cap);
}

void *hash_get(const struct hash *h, const char *key)
{
    struct hash_slot *s = h->count ? find(h, key, hash_of(h, key)) : NULL;

    return s ? s->value : NULL;
}

void *hash_put(struct hash *h, const char *key, void *value)
{
    struct hash_slot *s;
    uint64_t v;

    /* Null is what hash_get() says of a key that is not there. */
    if (!value)
        return hash_remove(h, key);
    make_room(h);
    v = hash_of(h, key);
    s = find(h, key, v);
    if (s) {
        void *old = s->value;

        /* Also the key: the value's owner usually holds both. */
        *s = (struct hash_slot){ .key = key, .value = value, .h = v };
        return old;
    }
    s = find_room(h, v);
    if (s->h == SLOT_DELETED)
        h->deleted--;
    *s = (struct hash_slot){ .key = key, .value = value, .h = v };
    h->count++;
    return NULL;
}

void *hash_remove(struct hash *h, const char *key)
{
    struct hash_slot *s = h->count ? find(h, key, hash_of(h, key)) : NULL;
    void *old;

    if (!s)
        return NULL;
    old = s->value;
    *s = (struct hash_slot){ .h = SLOT_DELETED };
    h->count--;
    h->deleted++;
    return old;
}

void hash_clear(struct hash *h)
{
    if (h->slots)
        memset(h->slots, 0, h->cap * sizeof(*h->slots));
    h->count = h->deleted = 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A map from strings to pointers (open addressing, SipHash-1-3 keyed from the
 * system's random source, so that strangers cannot choose collisions).
 * Keys are borrowed.  Not for several threads at once. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hash_slot {
    const char *key;
    void *value;
    uint64_t h;
};

struct hash {
    struct hash_slot *slots;
    size_t cap, count, deleted;
    uint64_t k0, k1;
};

void hash_init(struct hash *h);
void hash_done(struct hash *h);

/* The value under 'key', or null. */
void *hash_get(const struct hash *h, const char *key);

/* Stores; returns the value that was there before, or null. */
void *hash_put(struct hash *h, const char *key, void *value);

/* Takes out; returns the value, or null.  The key is no longer used. */
void *hash_remove(struct hash *h, const char *key);

/* Removes all, keeps memory. */
void hash_clear(struct hash *h);

/* Visits slots in no order.  No put inside the loop. */
#define hash_foreach(it, h)                                                         \
    for (struct hash_slot *it = (h)->slots; it && it < (h)->slots + (h)->cap; it++) \
        if (it->key && it->value)

uint64_t siphash13(uint64_t k0, uint64_t k1, const void *data, size_t n);

/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/model/proofs.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Direct-mapped: a newer one takes an older one's place. */
struct proofs {
    pthread_mutex_t lock;
    size_t n;
    uint8_t slots[][PROOF_BYTES];
};

struct proofs *proofs_new(size_t max)
{
    struct proofs *p = calloc(1, sizeof(*p) + max * PROOF_BYTES);

    if (!p)
        return NULL;
    p->n = max;
    pthread_mutex_init(&p->lock, NULL);
    return p;
}

void proofs_free(struct proofs *p)
{
    if (!p)
        return;
    pthread_mutex_destroy(&p->lock);
    free(p);
}

static uint8_t *slot_of(struct proofs *p, const uint8_t *proof)
{
    uint64_t h;

    memcpy(&h, proof, sizeof(h));
    return p->slots[h % p->n];
}

bool proofs_have(struct proofs *p, const uint8_t proof[static PROOF_BYTES])
{
    bool have;

    if (!p)
        return false;
    pthread_mutex_lock(&p->lock);
    have = memcmp(slot_of(p, proof), proof, PROOF_BYTES) == 0;
    pthread_mutex_unlock(&p->lock);
    return have;
}

void proofs_add(struct proofs *p, const uint8_t proof[static PROOF_BYTES])
{
    if (!p)
        return;
    pthread_mutex_lock(&p->lock);
    memcpy(slot_of(p, proof), proof, PROOF_BYTES);
    pthread_mutex_unlock(&p->lock);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/names.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

#define LENGTH_MAX 64
#define COUNT_MAX  512

void names_init(struct names *n)
{
    pthread_mutex_init(&n->lock, NULL);
    hash_init(&n->set);
}

void names_done(struct names *n)
{
    hash_foreach (it, &n->set)
        free(it->value);
    hash_done(&n->set);
    pthread_mutex_destroy(&n->lock);
}

const char *names_keep(struct names *n, const char *name)
{
    char *kept;

    if (str_empty(name) || strlen(name) > LENGTH_MAX)
        return NULL;
    pthread_mutex_lock(&n->lock);
    kept = hash_get(&n->set, name);
    if (!kept && n->set.count < COUNT_MAX && (kept = strdup(name)))
        hash_put(&n->set, kept, kept);
    pthread_mutex_unlock(&n->lock);
    return kept;
}

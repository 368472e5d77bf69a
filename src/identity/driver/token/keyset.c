/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/driver/token/keyset.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/hash.h"
#include "base/time.h"

#define LOOK_EVERY_US 1000000
#define PATHS_MAX     4

/* Keys that were replaced stay until the end, because a thread may still use
 * them; a rotation is a matter of days. */
struct held {
    void *keys;
    struct held *before;
};

struct keyset {
    const struct keyset_kind *kind;
    char *paths[PATHS_MAX + 1];
    _Atomic(void *) now;
    _Atomic int64_t looked_us; /* Monotonic. */
    pthread_mutex_t lock;      /* Guards what follows. */
    uint64_t seen;
    struct held *all;
};

/* A number that is another one when a path has changed; 0 while one is missing. */
static uint64_t look(const struct keyset *k)
{
    uint64_t sum = 1;

    for (char *const *p = k->paths; *p; p++) {
        struct stat st;

        if (stat(*p, &st) < 0)
            return 0;
        const uint64_t facts[] = { (uint64_t) st.st_mtim.tv_sec, (uint64_t) st.st_mtim.tv_nsec, st.st_ino,
                                   (uint64_t) st.st_size };
        sum = siphash13(sum, (uint64_t) (p - k->paths), facts, sizeof(facts)) | 1;
    }
    return sum;
}

/* Whoever can put a key there makes tokens of anybody.  A sticky folder, as
 * secrets are mounted in containers, lets nobody else take a file away. */
static int refuse_if_open_to_all(const char *path, struct err *err)
{
    struct stat st;

    if (stat(path, &st) < 0 || !(st.st_mode & S_IWOTH) || (S_ISDIR(st.st_mode) && st.st_mode & S_ISVTX))
        return 0;
    return err_set(err, -EPERM, "everybody may write to %s: no key there can be trusted", path);
}

static int check_modes(const struct keyset *k, struct err *err)
{
    int r = 0;

    for (char *const *p = k->paths; *p && r >= 0; p++) {
        char *end = strrchr(*p, '/'), *folder = end && end > *p ? strndup(*p, (size_t) (end - *p)) : NULL;

        r = refuse_if_open_to_all(*p, err);
        if (r >= 0 && folder)
            r = refuse_if_open_to_all(folder, err);
        free(folder);
    }
    return r;
}

/* Looks before reading: a change meanwhile is seen the next time. */
static int load(struct keyset *k, struct err *err)
{
    uint64_t seen = look(k);
    struct held *h;
    int r;

    if (k->all && (!seen || seen == k->seen))
        return 0;
    h = calloc(1, sizeof(*h));
    if (!h)
        return err_set(err, -ENOMEM, "out of memory");
    r = check_modes(k, err);
    if (r >= 0)
        r = k->kind->load((const char *const *) k->paths, &h->keys, err);
    if (r < 0) {
        free(h);
        return r;
    }
    h->before = k->all;
    k->all = h;
    k->seen = seen;
    atomic_store(&k->now, h->keys);
    return 0;
}

int keyset_open(const struct keyset_kind *kind, const char *const *paths, struct keyset **ret,
                struct err *err)
{
    struct keyset *k = calloc(1, sizeof(*k));
    int r = 0;

    if (!k)
        return err_set(err, -ENOMEM, "out of memory");
    k->kind = kind;
    pthread_mutex_init(&k->lock, NULL);
    for (unsigned i = 0; r >= 0 && paths[i]; i++) {
        k->paths[i] = i < PATHS_MAX ? strdup(paths[i]) : NULL;
        r = k->paths[i] ? 0 : err_set(err, -ENOMEM, "out of memory");
    }
    if (r >= 0)
        r = load(k, err);
    if (r < 0) {
        keyset_close(k);
        return r;
    }
    *ret = k;
    return 0;
}

void keyset_close(struct keyset *k)
{
    if (!k)
        return;
    while (k->all) {
        struct held *h = k->all;

        k->all = h->before;
        k->kind->free(h->keys);
        free(h);
    }
    for (char **p = k->paths; *p; p++)
        free(*p);
    pthread_mutex_destroy(&k->lock);
    free(k);
}

/* With the lock, which it gives back. */
static const void *look_locked(struct keyset *k)
{
    atomic_store(&k->looked_us, time_mono_us());
    (void) load(k, NULL); /* Half-way through a rotation the old keys still open what they did. */
    pthread_mutex_unlock(&k->lock);
    return atomic_load(&k->now);
}

const void *keyset_fresh(struct keyset *k)
{
    pthread_mutex_lock(&k->lock);
    return look_locked(k);
}

const void *keyset_now(struct keyset *k)
{
    if (time_mono_us() - atomic_load(&k->looked_us) >= LOOK_EVERY_US && pthread_mutex_trylock(&k->lock) == 0)
        return look_locked(k);
    return atomic_load(&k->now);
}

const char *keyset_path(const struct keyset *k, unsigned i)
{
    return k->paths[i];
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/model/keyring.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/time.h"

#define LOOK_EVERY_US 1000000

/* Sets that were replaced stay until the end, because a thread may still use
 * one; a rotation is a matter of days. */
struct held {
    struct fernet_keys *keys;
    struct held *before;
};

struct keyring {
    char *dir;
    _Atomic(struct fernet_keys *) now;
    _Atomic int64_t looked_us; /* Monotonic. */
    pthread_mutex_t lock;      /* Guards what follows. */
    struct timespec changed;
    struct held *all;
};

static bool has_changed(struct keyring *k, struct timespec *ret)
{
    struct stat st;

    if (stat(k->dir, &st) < 0)
        return false;
    *ret = st.st_mtim;
    return st.st_mtim.tv_sec != k->changed.tv_sec || st.st_mtim.tv_nsec != k->changed.tv_nsec;
}

/* The time is taken before reading: a change meanwhile is seen the next time. */
static int load(struct keyring *k, struct err *err)
{
    struct timespec when;
    struct held *h;
    int r;

    if (!has_changed(k, &when))
        return 0;
    h = calloc(1, sizeof(*h));
    if (!h)
        return err_set(err, -ENOMEM, "out of memory");
    r = fernet_load(k->dir, &h->keys, err);
    if (r < 0) {
        free(h);
        return r;
    }
    h->before = k->all;
    k->all = h;
    k->changed = when;
    atomic_store(&k->now, h->keys);
    return 0;
}

int keyring_open(const char *dir, struct keyring **ret, struct err *err)
{
    struct keyring *k = calloc(1, sizeof(*k));
    int r;

    if (!k)
        return err_set(err, -ENOMEM, "out of memory");
    k->dir = strdup(dir);
    pthread_mutex_init(&k->lock, NULL);
    r = k->dir ? fernet_setup(dir, err) : -ENOMEM;
    if (r >= 0)
        r = load(k, err);
    if (r < 0) {
        keyring_close(k);
        return r;
    }
    *ret = k;
    return 0;
}

void keyring_close(struct keyring *k)
{
    if (!k)
        return;
    while (k->all) {
        struct held *h = k->all;

        k->all = h->before;
        fernet_free(h->keys);
        free(h);
    }
    pthread_mutex_destroy(&k->lock);
    free(k->dir);
    free(k);
}

const struct fernet_keys *keyring_fresh(struct keyring *k)
{
    atomic_store(&k->looked_us, time_mono_us());
    if (pthread_mutex_trylock(&k->lock) == 0) {
        (void) load(k,
                    NULL); /* A folder half-way through a rotation: the old keys still open what they did. */
        pthread_mutex_unlock(&k->lock);
    }
    return atomic_load(&k->now);
}

const struct fernet_keys *keyring_keys(struct keyring *k)
{
    if (time_mono_us() - atomic_load(&k->looked_us) >= LOOK_EVERY_US)
        return keyring_fresh(k);
    return atomic_load(&k->now);
}

const char *keyring_dir(const struct keyring *k)
{
    return k->dir;
}

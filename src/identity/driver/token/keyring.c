/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/driver/token/keyring.h"

#include "identity/driver/token/keyset.h"

static int load(const char *const *paths, void **ret, struct err *err)
{
    return fernet_load(paths[0], (struct fernet_keys **) ret, err);
}

static void unload(void *keys)
{
    fernet_free(keys);
}

static const struct keyset_kind kind = { load, unload };

/* A ring is a key set with a name of its own. */
static struct keyset *set_of(struct keyring *k)
{
    return (struct keyset *) k;
}

int keyring_open(const char *dir, struct keyring **ret, struct err *err)
{
    const char *paths[] = { dir, NULL };
    int r = fernet_setup(dir, err);

    return r < 0 ? r : keyset_open(&kind, paths, (struct keyset **) ret, err);
}

void keyring_close(struct keyring *k)
{
    keyset_close(set_of(k));
}

const struct fernet_keys *keyring_fresh(struct keyring *k)
{
    return keyset_fresh(set_of(k));
}

const struct fernet_keys *keyring_keys(struct keyring *k)
{
    return keyset_now(set_of(k));
}

const char *keyring_dir(const struct keyring *k)
{
    return keyset_path((const struct keyset *) k, 0);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A key repository that may be rotated while we run: its keys are read again
 * when the folder has changed. */
#pragma once

#include "crypto/fernet.h"

struct keyring;

/* Makes the repository when it has no keys, and loads it. */
int keyring_open(const char *dir, struct keyring **ret, struct err *err);
void keyring_close(struct keyring *k);

/* The keys of now; they stay valid until the ring is closed.  Looks at the
 * folder at most once a second. */
const struct fernet_keys *keyring_keys(struct keyring *k);

/* The same with a look at the folder in any case. */
const struct fernet_keys *keyring_fresh(struct keyring *k);

const char *keyring_dir(const struct keyring *k);

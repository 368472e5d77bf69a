/* SPDX-License-Identifier: Apache-2.0 */
/* Fernet tokens: sealed, small, stored nowhere.  The keys are those that
 * receipts use too, so they belong to the instance. */
#include "identity/driver/token/keyring.h"
#include "identity/driver/token/payload.h"
#include "identity/identity.h"

static int open_fernet(struct server *s, void **ret, struct err *err)
{
    *ret = ((struct identity *) s->state)->keys;
    return 0;
}

static void close_fernet(void *self)
{
}

static int issue(void *self, struct arena *a, const struct issued_token *is, const char *body,
                 const char **ret_text, struct err *err)
{
    *ret_text = token_encode(a, keyring_keys(self), is);
    return 0;
}

static int read_fernet(void *self, struct arena *a, const char *text, struct issued_token *ret,
                       struct err *err)
{
    const struct fernet_keys *keys = keyring_keys(self), *fresh;

    if (token_decode(a, keys, text, ret) >= 0)
        return 0;
    fresh =
        keyring_fresh(self); /* Rotated twice within a second: another process may use what was just made. */
    return fresh == keys ? -EBADMSG : token_decode(a, fresh, text, ret);
}

static const void *keys(void *self)
{
    return keyring_keys(self);
}

const struct token_driver fernet_token_driver = {
    .name = "fernet",
    .unknown = "Could not recognize Fernet token",
    .open = open_fernet,
    .close = close_fernet,
    .issue = issue,
    .read = read_fernet,
    .keys = keys,
};

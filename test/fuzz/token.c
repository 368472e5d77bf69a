/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever lies in a token that our own key sealed: it is decoded or refused,
 * and what is decoded is the same after it was encoded again. */
#include "identity/driver/token/payload.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct fernet_keys *make_keys(void)
{
    char dir[] = "/tmp/fuzz-token-XXXXXX";
    struct fernet_keys *k = NULL;

    if (!mkdtemp(dir) || fernet_setup(dir, NULL) < 0 || fernet_load(dir, &k, NULL) < 0)
        abort();
    return k;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct fernet_keys *keys;
    struct issued_token t, again;
    auto_arena struct arena a;

    if (!keys)
        keys = make_keys();
    arena_init(&a);
    if (token_decode(&a, keys, fernet_encrypt(&a, keys, 1700000000, data, n), &t) < 0)
        return 0;
    if (!t.user_id || !t.audit_ids[0] || t.expires_us < 0 || (t.scope != SCOPE_NONE && !t.scope_id))
        abort();
    if (strlen(t.audit_ids[0]) > 64 || (t.audit_ids[1] && strlen(t.audit_ids[1]) > 64))
        return 0; /* Longer than any that we make. */
    if (token_decode(&a, keys, token_encode(&a, keys, &t), &again) < 0)
        abort();
    if (!str_eq(t.user_id, again.user_id) || !str_eq(t.scope_id, again.scope_id) || t.scope != again.scope)
        abort();
    return 0;
}

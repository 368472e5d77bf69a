/* SPDX-License-Identifier: Apache-2.0 */
/* No bytes of a stranger open as a token. */
#include "crypto/fernet.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct fernet_keys *make_keys(void)
{
    char dir[] = "/tmp/fuzz-fernet-XXXXXX";
    struct fernet_keys *k = NULL;

    if (!mkdtemp(dir) || fernet_setup(dir, NULL) < 0 || fernet_load(dir, &k, NULL) < 0)
        abort();
    return k;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct fernet_keys *keys;
    auto_arena struct arena a;
    uint8_t *out, *sealed;
    size_t out_n;
    char *token;

    if (!keys)
        keys = make_keys();
    arena_init(&a);
    if (fernet_decrypt(&a, keys, arena_strndup(&a, n ? (const char *) data : "", n), &out, &out_n, NULL) >= 0)
        abort();
    if (fernet_decrypt(&a, keys, base64url_encode(&a, data, n, false), &out, &out_n, NULL) >= 0)
        abort();

    token = fernet_encrypt(&a, keys, (int64_t) n, data, n);
    if (fernet_decrypt(&a, keys, token, &sealed, &out_n, NULL) < 0 || out_n != n ||
        (n && memcmp(sealed, data, n)))
        abort();
    return 0;
}

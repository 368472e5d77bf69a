/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/digest.h"

#include <limits.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/die.h"
#include "base/str.h"

struct digest {
    EVP_MD_CTX *ctx;
};

static const struct {
    const EVP_MD *(*md)(void);
    size_t size;
} digests[] = {
    [DIGEST_MD5] = { EVP_md5, 16 },
    [DIGEST_SHA1] = { EVP_sha1, 20 },
    [DIGEST_SHA256] = { EVP_sha256, 32 },
    [DIGEST_SHA512] = { EVP_sha512, 64 },
};

/* OpenSSL fails here only without memory or with a broken installation; no
 * caller could go on, and a made-up digest would be worse than the end. */
static void must(int ok)
{
    if (!ok)
        die("digest: the cryptographic library failed");
}

size_t digest_size(enum digest_kind kind)
{
    return digests[kind].size;
}

size_t digest_of(enum digest_kind kind, const void *data, size_t n, uint8_t ret[static DIGEST_MAX])
{
    unsigned len = 0;

    must(EVP_Digest(n ? data : "", n, ret, &len, digests[kind].md(), NULL));
    return len;
}

char *digest_hex(struct arena *a, enum digest_kind kind, const void *data, size_t n)
{
    uint8_t sum[DIGEST_MAX];
    size_t len = digest_of(kind, data, n, sum);

    return hex_encode(a, sum, len);
}

size_t hmac_of(enum digest_kind kind, const void *key, size_t key_len, const void *data, size_t n,
               uint8_t ret[static DIGEST_MAX])
{
    unsigned len = 0;

    must(key_len <= INT_MAX);
    must(HMAC(digests[kind].md(), key_len ? key : "", (int) key_len, n ? data : (const void *) "", n, ret,
              &len) != NULL);
    return len;
}

struct digest *digest_new(enum digest_kind kind)
{
    struct digest *d = calloc(1, sizeof(*d));

    must(d != NULL);
    d->ctx = EVP_MD_CTX_new();
    must(d->ctx != NULL);
    must(EVP_DigestInit_ex(d->ctx, digests[kind].md(), NULL));
    return d;
}

void digest_add(struct digest *d, const void *data, size_t n)
{
    if (n)
        must(EVP_DigestUpdate(d->ctx, data, n));
}

char *digest_finish_hex(struct digest *d, struct arena *a)
{
    uint8_t sum[DIGEST_MAX];
    unsigned len = 0;

    must(EVP_DigestFinal_ex(d->ctx, sum, &len));
    return hex_encode(a, sum, len);
}

void digest_free(struct digest *d)
{
    if (!d)
        return;
    EVP_MD_CTX_free(d->ctx);
    free(d);
}

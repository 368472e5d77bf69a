/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/es256.h"

#include <dirent.h>
#include <fcntl.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "crypto/pem.h"
#include "io/sock.h"

#define PUBLIC_MAX 64
#define FILE_MAX   16384

struct es256_keys {
    EVP_PKEY *private;
    EVP_PKEY *public[PUBLIC_MAX];
    unsigned n;
};

/* --- making -------------------------------------------------------------------- */

/* The public key first: what is signed with a private key must be verifiable. */
int es256_make(const char *private_path, const char *public_path, struct err *err)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    BIO *private = BIO_new(BIO_s_mem()), *public = BIO_new(BIO_s_mem());
    int r = -EIO;

    if (access(private_path, F_OK) == 0)
        r = err_set(err, -EEXIST, "'%s' is there already", private_path);
    else if (!key || !private || !public ||
             !PEM_write_bio_PKCS8PrivateKey(private, key, NULL, NULL, 0, NULL, NULL) ||
             !PEM_write_bio_PUBKEY(public, key))
        r = err_set(err, -EIO, "no key pair could be made");
    else
        r = pem_write_new(public_path, 0644, public, err);
    if (r >= 0)
        r = pem_write_new(private_path, 0600, private, err);
    BIO_free(private);
    BIO_free(public);
    EVP_PKEY_free(key);
    return r;
}

/* --- loading ------------------------------------------------------------------- */

static bool is_p256(const EVP_PKEY *key)
{
    char group[64] = "";

    return EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
           EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof(group), NULL) &&
           (strcmp(group, "prime256v1") == 0 || strcmp(group, "P-256") == 0);
}

static int read_key(const char *path, bool private, EVP_PKEY **ret, struct err *err)
{
    auto_arena struct arena a;
    EVP_PKEY *key = NULL;
    char *text;
    size_t n;
    BIO *b;
    int r;

    arena_init(&a);
    r = file_read(&a, path, FILE_MAX, &text, &n);
    if (r < 0)
        return err_set(err, r, "cannot read '%s': %s", path, strerror(-r));
    b = BIO_new_mem_buf(text, (int) n);
    if (b)
        key =
            private ? PEM_read_bio_PrivateKey(b, NULL, NULL, NULL) : PEM_read_bio_PUBKEY(b, NULL, NULL, NULL);
    BIO_free(b);
    explicit_bzero(text, n);
    if (!key || !is_p256(key)) {
        EVP_PKEY_free(key);
        return err_set(err, -EINVAL, "'%s' holds no %s key of P-256 in PEM form", path,
                       private ? "private" : "public");
    }
    *ret = key;
    return 0;
}

static int read_public(struct es256_keys *k, const char *dir, struct err *err)
{
    auto_arena struct arena a;
    DIR *d = opendir(dir);
    struct dirent *e;
    int r = d ? 0 : err_set(err, -errno, "cannot read the folder '%s': %s", dir, strerror(errno));

    arena_init(&a);
    while (r >= 0 && (e = readdir(d))) {
        if (e->d_name[0] == '.')
            continue;
        if (k->n == PUBLIC_MAX)
            r = err_set(err, -E2BIG, "'%s' holds more than %d keys", dir, PUBLIC_MAX);
        else
            r = read_key(arena_printf(&a, "%s/%s", dir, e->d_name), false, &k->public[k->n], err);
        k->n += r >= 0;
    }
    if (d)
        closedir(d);
    if (r >= 0 && !k->n)
        r = err_set(err, -ENOENT, "'%s' holds no public key", dir);
    return r;
}

int es256_load(const char *private_path, const char *public_dir, struct es256_keys **ret, struct err *err)
{
    struct es256_keys *k = calloc(1, sizeof(*k));
    int r;

    if (!k)
        return err_set(err, -ENOMEM, "out of memory");
    r = read_key(private_path, true, &k->private, err);
    if (r >= 0)
        r = read_public(k, public_dir, err);
    if (r < 0) {
        es256_free(k);
        return r;
    }
    *ret = k;
    return 0;
}

void es256_free(struct es256_keys *k)
{
    if (!k)
        return;
    EVP_PKEY_free(k->private);
    for (unsigned i = 0; i < k->n; i++)
        EVP_PKEY_free(k->public[i]);
    free(k);
}

/* --- signatures ---------------------------------------------------------------- */

/* OpenSSL writes two numbers in DER; RFC 7518 has them bare, 32 bytes each. */
static bool bare_of_der(const uint8_t *der, size_t n, uint8_t ret[static ES256_SIGNATURE])
{
    ECDSA_SIG *s = d2i_ECDSA_SIG(NULL, &der, (long) n);
    bool good = s && BN_bn2binpad(ECDSA_SIG_get0_r(s), ret, 32) == 32 &&
                BN_bn2binpad(ECDSA_SIG_get0_s(s), ret + 32, 32) == 32;

    ECDSA_SIG_free(s);
    return good;
}

static int der_of_bare(const uint8_t bare[static ES256_SIGNATURE], uint8_t **ret)
{
    ECDSA_SIG *s = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(bare, 32, NULL), *t = BN_bin2bn(bare + 32, 32, NULL);
    int n = -1;

    if (s && r && t && ECDSA_SIG_set0(s, r, t)) {
        r = t = NULL;
        n = i2d_ECDSA_SIG(s, ret);
    }
    BN_free(r);
    BN_free(t);
    ECDSA_SIG_free(s);
    return n;
}

int es256_sign(const struct es256_keys *k, const void *data, size_t n, uint8_t ret[static ES256_SIGNATURE])
{
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    uint8_t der[128];
    size_t len = sizeof(der);
    bool good = c && EVP_DigestSignInit(c, NULL, EVP_sha256(), NULL, k->private) == 1 &&
                EVP_DigestSign(c, der, &len, data, n) == 1 && bare_of_der(der, len, ret);

    EVP_MD_CTX_free(c);
    return good ? 0 : -EIO;
}

static bool verify_one(EVP_PKEY *key, const void *data, size_t n, const uint8_t *der, size_t len)
{
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    bool good = c && EVP_DigestVerifyInit(c, NULL, EVP_sha256(), NULL, key) == 1 &&
                EVP_DigestVerify(c, der, len, data, n) == 1;

    EVP_MD_CTX_free(c);
    return good;
}

bool es256_verify(const struct es256_keys *k, const void *data, size_t n,
                  const uint8_t signature[static ES256_SIGNATURE])
{
    uint8_t *der = NULL;
    int len = der_of_bare(signature, &der);
    bool good = false;

    for (unsigned i = 0; len > 0 && !good && i < k->n; i++)
        good = verify_one(k->public[i], data, n, der, (size_t) len);
    OPENSSL_free(der);
    return good;
}

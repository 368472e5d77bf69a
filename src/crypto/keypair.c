/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/keypair.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "base/str.h"
#include "crypto/digest.h"

#define RSA_BITS 2048
#define VALID_S  (10L * 365 * 24 * 3600)
#define BLOB_MAX 16384

/* --- fingerprints ---------------------------------------------------------- */

static char *with_colons(struct arena *a, const uint8_t *d, size_t n)
{
    char *s = arena_alloc(a, n * 3 + 1);

    for (size_t i = 0; i < n; i++)
        snprintf(s + i * 3, 4, "%02x%s", d[i], i + 1 < n ? ":" : "");
    return s;
}

/* The blob begins with the length and the text of the key's type. */
static bool names_type(const uint8_t *blob, size_t n, const char *type)
{
    size_t len = strlen(type);

    return n > 4 + len && blob[0] == 0 && blob[1] == 0 && (size_t) (blob[2] << 8 | blob[3]) == len &&
           memcmp(blob + 4, type, len) == 0;
}

int ssh_key_fingerprint(struct arena *a, const char *line, char **ret, struct err *err)
{
    const char **parts = str_split(a, str_trim(a, line), ' ');
    uint8_t *blob, md5[DIGEST_MAX];
    size_t n;

    if (strv_len(parts) < 2 || strlen(parts[1]) > BLOB_MAX || strchr(str_trim(a, line), '\n'))
        return err_set(err, -EINVAL, "the key is not one line of a type, base64 and a comment");
    if (base64_decode(a, parts[1], strlen(parts[1]), &blob, &n) < 0)
        return err_set(err, -EINVAL, "the key's data is no base64");
    if (!names_type(blob, n, parts[0]))
        return err_set(err, -EINVAL, "the key's data is not of the type '%.64s'", parts[0]);
    digest_of(DIGEST_MD5, blob, n, md5);
    *ret = with_colons(a, md5, digest_size(DIGEST_MD5));
    return 0;
}

static char *cert_fingerprint(struct arena *a, X509 *x)
{
    uint8_t sum[EVP_MAX_MD_SIZE];
    unsigned n = 0;

    X509_digest(x, EVP_sha1(), sum, &n);
    return with_colons(a, sum, n);
}

int x509_fingerprint(struct arena *a, const char *pem, char **ret, struct err *err)
{
    BIO *in = BIO_new_mem_buf(pem, -1);
    X509 *x = in ? PEM_read_bio_X509(in, NULL, NULL, NULL) : NULL;

    BIO_free(in);
    if (!x)
        return err_set(err, -EINVAL, "the key is no certificate in PEM form");
    *ret = cert_fingerprint(a, x);
    X509_free(x);
    return 0;
}

/* --- making ------------------------------------------------------------------ */

static char *bio_text(struct arena *a, BIO *b)
{
    char *p;
    long n = BIO_get_mem_data(b, &p);

    return arena_strndup(a, p, (size_t) n);
}

static void put_length(uint8_t **p, size_t n)
{
    *(*p)++ = (uint8_t) (n >> 24);
    *(*p)++ = (uint8_t) (n >> 16);
    *(*p)++ = (uint8_t) (n >> 8);
    *(*p)++ = (uint8_t) n;
}

/* RFC 4251: a leading zero when the top bit is set. */
static void put_mpint(uint8_t **p, const BIGNUM *n)
{
    size_t pad = BN_num_bits(n) % 8 == 0;

    put_length(p, (size_t) BN_num_bytes(n) + pad);
    if (pad)
        *(*p)++ = 0;
    *p += BN_bn2bin(n, *p);
}

static char *ssh_line(struct arena *a, EVP_PKEY *key, const char *comment)
{
    uint8_t blob[1024], *p = blob;
    BIGNUM *e = NULL, *n = NULL;
    char *line = NULL;

    if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e) &&
        EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n)) {
        put_length(&p, 7);
        memcpy(p, "ssh-rsa", 7);
        p += 7;
        put_mpint(&p, e);
        put_mpint(&p, n);
        line = arena_printf(a, "ssh-rsa %s %s", base64_encode(a, blob, (size_t) (p - blob)), comment);
    }
    BN_free(e);
    BN_free(n);
    return line;
}

int ssh_key_make(struct arena *a, const char *comment, struct keypair_made *ret, struct err *err)
{
    EVP_PKEY *key = EVP_RSA_gen(RSA_BITS);
    BIO *out = BIO_new(BIO_s_mem());
    struct keypair_made made = { 0 };
    int r = -EIO;

    if (key && out && PEM_write_bio_PrivateKey_traditional(out, key, NULL, NULL, 0, NULL, NULL)) {
        made.private_key = secret_of(bio_text(a, out));
        made.public_key = ssh_line(a, key, comment);
        r = made.public_key ? ssh_key_fingerprint(a, made.public_key, &made.fingerprint, err) : -EIO;
    }
    BIO_free(out);
    EVP_PKEY_free(key);
    if (r < 0)
        return err_set(err, r, "no key could be made");
    *ret = made;
    return 0;
}

static bool add_extension(X509 *x, int nid, const char *value)
{
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
    bool good = e && X509_add_ext(x, e, -1);

    X509_EXTENSION_free(e);
    return good;
}

static bool fill_certificate(struct arena *a, X509 *x, EVP_PKEY *key, const char *user_id)
{
    X509_NAME *name = X509_get_subject_name(x);
    const char *upn = arena_printf(a, "otherName:1.3.6.1.4.1.311.20.2.3;UTF8:%s@localhost", user_id);
    BIGNUM *serial = BN_new();
    bool good = serial && BN_rand(serial, 126, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) &&
                BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(x));

    BN_free(serial);
    return good && X509_set_version(x, X509_VERSION_3) && X509_gmtime_adj(X509_getm_notBefore(x), 0) &&
           X509_gmtime_adj(X509_getm_notAfter(x), VALID_S) && X509_set_pubkey(x, key) &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *) user_id, -1, -1,
                                      0) &&
           X509_set_issuer_name(x, name) && add_extension(x, NID_ext_key_usage, "clientAuth") &&
           add_extension(x, NID_subject_alt_name, upn) && X509_sign(x, key, EVP_sha256());
}

int x509_make(struct arena *a, const char *user_id, struct keypair_made *ret, struct err *err)
{
    EVP_PKEY *key = EVP_RSA_gen(RSA_BITS);
    BIO *private = BIO_new(BIO_s_mem()), *public = BIO_new(BIO_s_mem());
    X509 *x = X509_new();
    int r = -EIO;

    if (key && private && public && x && fill_certificate(a, x, key, user_id) &&
        PEM_write_bio_PKCS8PrivateKey(private, key, NULL, NULL, 0, NULL, NULL) &&
        PEM_write_bio_X509(public, x)) {
        ret->private_key = secret_of(bio_text(a, private));
        ret->public_key = bio_text(a, public);
        ret->fingerprint = cert_fingerprint(a, x);
        r = 0;
    }
    X509_free(x);
    BIO_free(private);
    BIO_free(public);
    EVP_PKEY_free(key);
    return r < 0 ? err_set(err, r, "no certificate could be made") : 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A new authority and the signer's certificate by it. */
#include <fcntl.h>
#include <openssl/bn.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "crypto/cms.h"
#include "crypto/pem.h"
#include "io/sock.h"

#define RSA_BITS 2048
#define VALID_S  (3650L * 24 * 3600)

static bool extend(X509 *x, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509_EXTENSION *e;
    bool good;

    X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
    e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    good = e && X509_add_ext(x, e, -1);
    X509_EXTENSION_free(e);
    return good;
}

/* 'issuer' null: it certifies itself, and others. */
static X509 *certify(EVP_PKEY *key, const char *common_name, X509 *issuer, EVP_PKEY *issuer_key)
{
    X509 *x = X509_new();
    BIGNUM *serial = BN_new();
    X509_NAME *name = x ? X509_get_subject_name(x) : NULL;
    bool good =
        x && serial && BN_rand(serial, 126, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) &&
        BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(x)) && X509_set_version(x, X509_VERSION_3) &&
        X509_gmtime_adj(X509_getm_notBefore(x), -60) && X509_gmtime_adj(X509_getm_notAfter(x), VALID_S) &&
        X509_set_pubkey(x, key) &&
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *) common_name, -1, -1,
                                   0) &&
        X509_set_issuer_name(x, issuer ? X509_get_subject_name(issuer) : name) &&
        extend(x, issuer ? issuer : x, NID_basic_constraints, issuer ? "CA:FALSE" : "critical,CA:TRUE") &&
        extend(x, issuer ? issuer : x, NID_key_usage,
               issuer ? "critical,digitalSignature,nonRepudiation" : "critical,keyCertSign,cRLSign") &&
        extend(x, issuer ? issuer : x, NID_subject_key_identifier, "hash") &&
        extend(x, issuer ? issuer : x, NID_authority_key_identifier, "keyid:always") &&
        X509_sign(x, issuer_key, EVP_sha256());

    BN_free(serial);
    if (good)
        return x;
    X509_free(x);
    return NULL;
}

static int write_pair(const char *cert_path, X509 *cert, const char *key_path, EVP_PKEY *key, struct err *err)
{
    BIO *c = BIO_new(BIO_s_mem()), *k = BIO_new(BIO_s_mem());
    int r = -EIO;

    if (c && k && PEM_write_bio_X509(c, cert) &&
        PEM_write_bio_PKCS8PrivateKey(k, key, NULL, NULL, 0, NULL, NULL))
        r = pem_write_new(key_path, 0600, k, err);
    if (r >= 0)
        r = pem_write_new(cert_path, 0644, c, err);
    BIO_free(c);
    BIO_free(k);
    return r;
}

int cms_make(const struct cms_paths *p, const char *common_name, struct err *err)
{
    const char *paths[] = { p->cert, p->key, p->ca_cert, p->ca_key };
    EVP_PKEY *key, *ca_key;
    X509 *ca, *cert;
    int r = -EIO;

    for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
        if (access(paths[i], F_OK) == 0)
            return err_set(err, -EEXIST, "'%s' is there already", paths[i]);
    key = EVP_RSA_gen(RSA_BITS);
    ca_key = EVP_RSA_gen(RSA_BITS);
    ca = key && ca_key ? certify(ca_key, "stackd signing authority", NULL, ca_key) : NULL;
    cert = ca ? certify(key, common_name, ca, ca_key) : NULL;
    if (cert)
        r = write_pair(p->ca_cert, ca, p->ca_key, ca_key, err);
    else
        err_set(err, r, "no certificates could be made");
    if (r >= 0)
        r = write_pair(p->cert, cert, p->key, key, err);
    X509_free(cert);
    X509_free(ca);
    EVP_PKEY_free(ca_key);
    EVP_PKEY_free(key);
    return r;
}

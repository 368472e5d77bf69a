/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/cms.h"

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/strbuf.h"
#include "io/sock.h"

#define DOCUMENT_MAX 65536
#define LINE         64
#define BEGIN        "-----BEGIN CMS-----\n"
#define END          "-----END CMS-----\n"

struct cms_signer {
    X509 *cert;
    EVP_PKEY *key;
    X509_STORE *authorities;
    STACK_OF(X509) * certs; /* Only 'cert'. */
};

/* --- loading ------------------------------------------------------------------------- */

static int read_cert(const char *path, X509 **ret, struct err *err)
{
    BIO *b = BIO_new_file(path, "r");

    *ret = b ? PEM_read_bio_X509(b, NULL, NULL, NULL) : NULL;
    BIO_free(b);
    return *ret ? 0 : err_set(err, -EINVAL, "'%s' holds no certificate in PEM form", path);
}

static int read_key(const char *path, EVP_PKEY **ret, struct err *err)
{
    BIO *b = BIO_new_file(path, "r");

    *ret = b ? PEM_read_bio_PrivateKey(b, NULL, NULL, NULL) : NULL;
    BIO_free(b);
    return *ret ? 0 : err_set(err, -EINVAL, "'%s' holds no private key in PEM form", path);
}

static int load(struct cms_signer *s, const char *cert_path, const char *key_path, const char *ca_path,
                struct err *err)
{
    int r = read_cert(cert_path, &s->cert, err);

    if (r >= 0)
        r = read_key(key_path, &s->key, err);
    if (r < 0)
        return r;
    if (X509_check_private_key(s->cert, s->key) != 1)
        return err_set(err, -EINVAL, "the key in '%s' is not that of the certificate in '%s'", key_path,
                       cert_path);
    s->authorities = X509_STORE_new();
    s->certs = sk_X509_new_null();
    if (!s->authorities || !s->certs || !sk_X509_push(s->certs, s->cert))
        return err_set(err, -ENOMEM, "out of memory");
    if (X509_STORE_load_file(s->authorities, ca_path) != 1)
        return err_set(err, -EINVAL, "'%s' holds no certificate in PEM form", ca_path);
    /* The certificate's own purpose is not asked, as 'openssl cms' with S/MIME's
     * would be content with any that may sign. */
    X509_STORE_set_purpose(s->authorities, X509_PURPOSE_ANY);
    return 0;
}

int cms_load(const char *cert_path, const char *key_path, const char *ca_path, struct cms_signer **ret,
             struct err *err)
{
    struct cms_signer *s = calloc(1, sizeof(*s));
    int r = s ? load(s, cert_path, key_path, ca_path, err) : err_set(err, -ENOMEM, "out of memory");

    ERR_clear_error();
    if (r < 0) {
        cms_free(s);
        return r;
    }
    *ret = s;
    return 0;
}

void cms_free(struct cms_signer *s)
{
    if (!s)
        return;
    sk_X509_free(s->certs);
    X509_STORE_free(s->authorities);
    EVP_PKEY_free(s->key);
    X509_free(s->cert);
    free(s);
}

/* --- signing ------------------------------------------------------------------------- */

int cms_sign(struct arena *a, const struct cms_signer *s, const void *data, size_t n, uint8_t **ret,
             size_t *ret_n, struct err *err)
{
    const unsigned flags = CMS_NOCERTS | CMS_NOATTR | CMS_NOSMIMECAP | CMS_BINARY;
    BIO *in = BIO_new_mem_buf(data, (int) n);
    CMS_ContentInfo *c = CMS_sign(NULL, NULL, NULL, NULL, flags | CMS_PARTIAL);
    uint8_t *der = NULL;
    int len = -1;

    if (in && c && CMS_add1_signer(c, s->cert, s->key, EVP_sha256(), flags) && CMS_final(c, in, NULL, flags))
        len = i2d_CMS_ContentInfo(c, &der);
    if (len > 0) {
        *ret = arena_memdup(a, der, (size_t) len);
        *ret_n = (size_t) len;
    }
    OPENSSL_free(der);
    CMS_ContentInfo_free(c);
    BIO_free(in);
    ERR_clear_error();
    return len > 0 ? 0 : err_set(err, -EIO, "The document cannot be signed.");
}

int cms_verify(struct arena *a, const struct cms_signer *s, const uint8_t *der, size_t n, uint8_t **ret,
               size_t *ret_n)
{
    const uint8_t *p = der;
    CMS_ContentInfo *c = n <= DOCUMENT_MAX ? d2i_CMS_ContentInfo(NULL, &p, (long) n) : NULL;
    BIO *out = BIO_new(BIO_s_mem());
    char *data;
    int r = -EBADMSG;

    /* Nothing behind the document, nothing but a signed one, and no certificate
     * but ours may have signed. */
    if (c && out && p == der + n && OBJ_obj2nid(CMS_get0_type(c)) == NID_pkcs7_signed &&
        CMS_verify(c, s->certs, s->authorities, NULL, out, CMS_NOINTERN | CMS_BINARY) == 1) {
        long len = BIO_get_mem_data(out, &data);

        *ret = arena_memdup(a, data, (size_t) len);
        *ret_n = (size_t) len;
        r = 0;
    }
    BIO_free(out);
    CMS_ContentInfo_free(c);
    ERR_clear_error();
    return r;
}

/* --- the text form ------------------------------------------------------------------- */

char *cms_to_pem(struct arena *a, const uint8_t *der, size_t n)
{
    const char *text = base64_encode(a, der, n);
    size_t len = strlen(text);
    struct strbuf b;

    strbuf_init(&b, a);
    strbuf_puts(&b, BEGIN);
    for (size_t i = 0; i < len; i += LINE) {
        strbuf_add(&b, text + i, len - i < LINE ? len - i : LINE);
        strbuf_putc(&b, '\n');
    }
    strbuf_puts(&b, END);
    return (char *) strbuf_str(&b);
}

int cms_of_pem(struct arena *a, const char *pem, size_t n, uint8_t **ret, size_t *ret_n)
{
    struct strbuf b;

    if (n < strlen(BEGIN) + strlen(END) || memcmp(pem, BEGIN, strlen(BEGIN)) != 0 ||
        memcmp(pem + n - strlen(END), END, strlen(END)) != 0)
        return -EBADMSG;
    strbuf_init(&b, a);
    for (size_t i = strlen(BEGIN); i < n - strlen(END); i++)
        if (pem[i] != '\n')
            strbuf_putc(&b, pem[i]);
    return base64_decode(a, strbuf_str(&b), b.len, ret, ret_n) < 0 ? -EBADMSG : 0;
}

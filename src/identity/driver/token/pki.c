/* SPDX-License-Identifier: Apache-2.0 */
/* PKI and PKIZ tokens: the answer of POST /v3/auth/tokens, signed (CMS), so that
 * whoever has the certificates can read and check it without asking.  They are
 * long, so clients may name one by its digest; for that, and for the list of
 * revoked ones, each is stored. */
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "crypto/cms.h"
#include "crypto/deflate.h"
#include "crypto/digest.h"
#include "identity/driver/token/keyset.h"
#include "identity/driver/token/pki.h"
#include "identity/driver/token/records.h"
#include "identity/identity.h"
#include "io/sock.h"

#define TEXT_MAX    32768
#define CONTENT_MAX 65536
#define PKIZ        "PKIZ_"

enum { CERT, KEY, CA_CERT, N_PATHS };

struct pki_tokens {
    struct keyset *keys;
    const char *ca_key; /* The authority's, which may be elsewhere. */
    enum digest_kind hash;
    const struct token_records *records;
    void *store;
};

/* --- certificates ---------------------------------------------------------------------- */

static const char *path_or(struct server *s, const char *path, const char *name)
{
    return str_empty(path) ? arena_printf(&s->arena, "%s/identity/pki/%s", s->state_dir, name) : path;
}

static struct cms_paths paths_of(struct server *s)
{
    const struct identity_options *opt = ((struct identity *) s->state)->opt;

    return (struct cms_paths){ .cert = path_or(s, opt->pki_certfile, "certs/signing_cert.pem"),
                               .key = path_or(s, opt->pki_keyfile, "private/signing_key.pem"),
                               .ca_cert = path_or(s, opt->pki_ca_certs, "certs/ca.pem"),
                               .ca_key = path_or(s, opt->pki_ca_key, "private/cakey.pem") };
}

static int make_folder_of(const char *path, unsigned mode, struct err *err)
{
    const char *slash = strrchr(path, '/');
    auto_arena struct arena a;
    int r = 0;

    arena_init(&a);
    if (slash && slash != path)
        r = dir_make(arena_strndup(&a, path, (size_t) (slash - path)), mode);
    return r < 0 ? err_set(err, r, "cannot create the folder of '%s'", path) : 0;
}

static int make_missing(const struct cms_paths *p, struct err *err)
{
    int r;

    if (access(p->cert, F_OK) == 0 && access(p->key, F_OK) == 0 && access(p->ca_cert, F_OK) == 0)
        return 0;
    r = make_folder_of(p->key, 0700, err);
    if (r >= 0)
        r = make_folder_of(p->ca_key, 0700, err);
    if (r >= 0)
        r = make_folder_of(p->cert, 0755, err);
    if (r >= 0)
        r = make_folder_of(p->ca_cert, 0755, err);
    return r < 0 ? r : cms_make(p, "identity", err);
}

int pki_setup(struct server *s, struct strbuf *out, struct err *err)
{
    struct cms_paths p = paths_of(s);
    int r = make_missing(&p, err);

    if (r >= 0)
        strbuf_printf(out,
                      "The certificate that signs is %s, its key %s,\nand that of its authority %s.\n"
                      "Clients get them from /v3/OS-SIMPLE-CERT/certificates and /v3/OS-SIMPLE-CERT/ca.\n",
                      p.cert, p.key, p.ca_cert);
    return r;
}

static int load_keys(const char *const *paths, void **ret, struct err *err)
{
    return cms_load(paths[CERT], paths[KEY], paths[CA_CERT], (struct cms_signer **) ret, err);
}

static void free_keys(void *keys)
{
    cms_free(keys);
}

static int open_pki(struct server *s, void **ret, struct err *err)
{
    static const struct keyset_kind kind = { load_keys, free_keys };
    const struct identity_options *opt = ((struct identity *) s->state)->opt;
    struct pki_tokens *p = arena_new(&s->arena, struct pki_tokens);
    struct cms_paths files = paths_of(s);
    const char *paths[N_PATHS + 1] = { [CERT] = files.cert, [KEY] = files.key, [CA_CERT] = files.ca_cert };
    int r;

    if (!str_eq(opt->token_store, sql_token_records.name))
        return err_set(err, -EINVAL,
                       "[identity] token_store must be sql: the list of revoked tokens needs it");
    p->hash = str_eq(opt->token_hash_algorithm, "sha256") ? DIGEST_SHA256 : DIGEST_MD5;
    p->records = &sql_token_records;
    p->ca_key = files.ca_key;
    r = make_missing(&files, err);
    if (r >= 0)
        r = p->records->open(s, &p->store, err);
    if (r >= 0)
        r = keyset_open(&kind, paths, &p->keys, err);
    if (r >= 0)
        *ret = p;
    return r;
}

static void close_pki(void *self)
{
    struct pki_tokens *p = self;

    p->records->close(p->store);
    keyset_close(p->keys);
}

static const char **secrets(void *self, struct arena *a)
{
    const struct pki_tokens *p = self;

    return strv_add(a, strv_add(a, NULL, keyset_path(p->keys, KEY)), p->ca_key);
}

static int certificate(void *self, struct arena *a, bool authority, const char **ret_pem, struct err *err)
{
    const struct pki_tokens *p = self;
    const char *path = keyset_path(p->keys, authority ? CA_CERT : CERT);
    char *text;
    int r = file_read(a, path, CONTENT_MAX, &text, NULL);

    if (r < 0)
        return err_set(err, r, "cannot read '%s'", path);
    *ret_pem = text;
    return 0;
}

static int sign(void *self, struct arena *a, const char *text, const char **ret_pem, struct err *err)
{
    const struct pki_tokens *p = self;
    uint8_t *der;
    size_t n;
    int r = cms_sign(a, keyset_now(p->keys), text, strlen(text), &der, &n, err);

    if (r >= 0)
        *ret_pem = cms_to_pem(a, der, n);
    return r;
}

/* --- from a signed document to a text, and back --------------------------------------------- */

/* Base64 with '-' in the place of '/'. */
static int pki_text(struct arena *a, const uint8_t *der, size_t n, const char **ret)
{
    char *text = base64_encode(a, der, n);

    for (char *p = text; (p = strchr(p, '/'));)
        *p = '-';
    *ret = text;
    return 0;
}

static int pki_document(struct arena *a, const char *text, size_t n, uint8_t **ret, size_t *ret_n)
{
    char *copy = arena_strndup(a, text, n);

    if (strchr(copy, '/')) /* A token has one spelling. */
        return -EBADMSG;
    for (char *p = copy; (p = strchr(p, '-'));)
        *p = '/';
    return base64_decode(a, copy, n, ret, ret_n) < 0 ? -EBADMSG : 0;
}

/* What is compressed is the text form of the document. */
static int pkiz_text(struct arena *a, const uint8_t *der, size_t n, const char **ret)
{
    const char *pem = cms_to_pem(a, der, n);
    uint8_t *packed;
    size_t len;
    int r = deflate_data(a, pem, strlen(pem), &packed, &len);

    if (r >= 0)
        *ret = arena_printf(a, PKIZ "%s", base64url_encode(a, packed, len, true));
    return r;
}

static int pkiz_document(struct arena *a, const char *text, size_t n, uint8_t **ret, size_t *ret_n)
{
    uint8_t *packed, *pem;
    size_t len;

    if (!str_has_prefix(text, PKIZ) || (n - strlen(PKIZ)) % 4 ||
        base64url_decode(a, text + strlen(PKIZ), n - strlen(PKIZ), &packed, &len) < 0 ||
        inflate_data(a, packed, len, CONTENT_MAX, &pem, &len) < 0)
        return -EBADMSG;
    return cms_of_pem(a, (char *) pem, len, ret, ret_n);
}

/* --- tokens ------------------------------------------------------------------------------------ */

typedef int (*text_fn)(struct arena *a, const uint8_t *der, size_t n, const char **ret);
typedef int (*document_fn)(struct arena *a, const char *text, size_t n, uint8_t **ret, size_t *ret_n);

/* The digest comes with the token's text, so that stays what clients compute. */
static int issue_as(struct pki_tokens *p, text_fn text_of, struct arena *a, const struct issued_token *is,
                    const char *body, const char **ret_text, struct err *err)
{
    const char *text, *hash;
    uint8_t *der;
    size_t n;
    int r = cms_sign(a, keyset_now(p->keys), body, strlen(body), &der, &n, err);

    if (r >= 0)
        r = text_of(a, der, n, &text);
    if (r < 0)
        return r;
    hash = digest_hex(a, p->hash, text, strlen(text));
    r = token_record_put(p->records, p->store, hash, hash, is, err);
    if (r >= 0)
        *ret_text = text;
    return r;
}

static int issue_pki(void *self, struct arena *a, const struct issued_token *is, const char *body,
                     const char **ret_text, struct err *err)
{
    return issue_as(self, pki_text, a, is, body, ret_text, err);
}

static int issue_pkiz(void *self, struct arena *a, const struct issued_token *is, const char *body,
                      const char **ret_text, struct err *err)
{
    return issue_as(self, pkiz_text, a, is, body, ret_text, err);
}

/* Who issues may have a newer certificate than we have seen. */
static int verify(struct keyset *set, struct arena *a, const uint8_t *der, size_t n)
{
    const void *keys = keyset_now(set), *fresh;
    uint8_t *data;
    size_t len;

    if (cms_verify(a, keys, der, n, &data, &len) >= 0)
        return 0;
    fresh = keyset_fresh(set);
    return fresh == keys ? -EBADMSG : cms_verify(a, fresh, der, n, &data, &len);
}

/* A signed document can be written in several ways that are all verified; a
 * token has one, and that is stored. */
static int read_as(struct pki_tokens *p, document_fn document_of, struct arena *a, const char *text,
                   struct issued_token *ret, struct err *err)
{
    size_t n = strnlen(text, TEXT_MAX + 1), len;
    uint8_t *der;

    if (n != 2 * digest_size(p->hash)) {
        if (n > TEXT_MAX || document_of(a, text, n, &der, &len) < 0 || verify(p->keys, a, der, len) < 0)
            return -EBADMSG;
        text = digest_hex(a, p->hash, text, n);
    }
    return token_record_get(p->records, p->store, a, text, ret, err);
}

static int read_pki(void *self, struct arena *a, const char *text, struct issued_token *ret, struct err *err)
{
    return read_as(self, pki_document, a, text, ret, err);
}

static int read_pkiz(void *self, struct arena *a, const char *text, struct issued_token *ret, struct err *err)
{
    return read_as(self, pkiz_document, a, text, ret, err);
}

static const void *keys(void *self)
{
    return keyset_now(((struct pki_tokens *) self)->keys);
}

static int64_t flush(void *self, int64_t before_us, struct err *err)
{
    const struct pki_tokens *p = self;

    return p->records->flush(p->store, before_us, err);
}

#define SHARED                                                                              \
    .open = open_pki, .close = close_pki, .keys = keys, .flush = flush, .secrets = secrets, \
    .certificate = certificate, .sign = sign

const struct token_driver pki_token_driver = {
    SHARED,           .name = "pki", .unknown = "This is not a recognized PKI token", .issue = issue_pki,
    .read = read_pki,
};

const struct token_driver pkiz_token_driver = {
    SHARED,
    .name = "pkiz",
    .unknown = "This is not a recognized PKIZ token",
    .issue = issue_pkiz,
    .read = read_pkiz,
};

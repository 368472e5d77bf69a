/* SPDX-License-Identifier: Apache-2.0 */
/* JWS tokens (RFC 7515, ES256): signed, readable by anybody, stored nowhere.
 * Every process that issues has a private key; whose public key lies in the
 * folder of all, its tokens are valid. */
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "base/uuid.h"
#include "crypto/es256.h"
#include "identity/driver/token/claims.h"
#include "identity/driver/token/driver.h"
#include "identity/driver/token/keyset.h"
#include "identity/identity.h"
#include "io/sock.h"

#define TEXT_MAX 4096
#define HEADER   "{\"alg\":\"ES256\",\"typ\":\"JWT\"}"

enum { PRIVATE_KEY, PUBLIC_KEYS, PRIVATE_FOLDER };

static int load_keys(const char *const *paths, void **ret, struct err *err)
{
    return es256_load(paths[PRIVATE_KEY], paths[PUBLIC_KEYS], (struct es256_keys **) ret, err);
}

static void free_keys(void *keys)
{
    es256_free(keys);
}

static const struct keyset_kind kind = { load_keys, free_keys };

/* --- the pair ------------------------------------------------------------------------ */

/* A pair that takes the place of the former; the former's public key stays, so
 * that its tokens live on. */
static int make_pair(const char *private, const char *public_dir, struct err *err)
{
    auto_arena struct arena a;
    char *aside, *public;
    int r;

    arena_init(&a);
    aside = arena_printf(&a, "%s.new", private);
    public = arena_printf(&a, "%s/%s.pem", public_dir, uuid_new_hex(&a));
    (void) unlink(aside);
    r = es256_make(aside, public, err);
    if (r >= 0 && rename(aside, private) < 0)
        r = err_set(err, -errno, "cannot create '%s': %s", private, strerror(errno));
    return r;
}

static int open_jws(struct server *s, void **ret, struct err *err)
{
    const struct identity_options *opt = ((struct identity *) s->state)->opt;
    const char *private_dir = opt->jws_private_key_repository, *public_dir = opt->jws_public_key_repository;
    const char *paths[4] = { 0 };
    int r;

    if (str_empty(private_dir))
        private_dir = arena_printf(&s->arena, "%s/identity/jws-keys/private", s->state_dir);
    if (str_empty(public_dir))
        public_dir = arena_printf(&s->arena, "%s/identity/jws-keys/public", s->state_dir);
    paths[PRIVATE_KEY] = arena_printf(&s->arena, "%s/private.pem", private_dir);
    paths[PUBLIC_KEYS] = public_dir;
    paths[PRIVATE_FOLDER] = private_dir;
    r = dir_make(private_dir, 0700);
    if (r >= 0)
        r = dir_make(public_dir, 0755);
    if (r < 0)
        return err_set(err, r, "cannot create '%s' and '%s'", private_dir, public_dir);
    if (access(paths[PRIVATE_KEY], F_OK) < 0) {
        r = make_pair(paths[PRIVATE_KEY], public_dir, err);
        if (r < 0)
            return r;
    }
    return keyset_open(&kind, paths, (struct keyset **) ret, err);
}

static void close_jws(void *self)
{
    keyset_close(self);
}

static const char **secrets(void *self, struct arena *a)
{
    return strv_add(a, NULL, keyset_path(self, PRIVATE_KEY));
}

static int renew(void *self, struct strbuf *out, struct err *err)
{
    const char *private = keyset_path(self, PRIVATE_KEY), *public = keyset_path(self, PUBLIC_KEYS);
    int r = make_pair(private, public, err);

    if (r >= 0)
        strbuf_printf(out,
                      "Made a new key pair: %s and a public key in %s.\n"
                      "Copy the public key to every host that validates; running processes take it within a "
                      "second.\n",
                      private, public);
    return r;
}

/* --- tokens -------------------------------------------------------------------------- */

static int issue(void *self, struct arena *a, const struct issued_token *is, const char *body,
                 const char **ret_text, struct err *err)
{
    const char *claims = token_claims_write(a, is);
    char *text = arena_printf(a, "%s.%s", base64url_encode(a, HEADER, strlen(HEADER), false),
                              base64url_encode(a, claims, strlen(claims), false));
    uint8_t signature[ES256_SIGNATURE];

    if (es256_sign(keyset_now(self), text, strlen(text), signature) < 0)
        return err_set(err, -EIO, "The token cannot be signed.");
    *ret_text = arena_printf(a, "%s.%s", text, base64url_encode(a, signature, sizeof(signature), false));
    return 0;
}

/* Only the algorithm of ours, and no extension that we would have to know. */
static bool header_is_ours(struct arena *a, const char *text, size_t n)
{
    auto_json json_t *o = NULL;
    uint8_t *data;
    size_t len;

    if (base64url_decode(a, text, n, &data, &len) < 0 || json_read((char *) data, len, &o, NULL) < 0)
        return false;
    return str_eq(json_str(o, "alg"), "ES256") && !json_object_get(o, "crit") && !json_object_get(o, "b64");
}

/* Who issues may have a newer pair than we have seen. */
static bool verify(struct keyset *set, const char *text, size_t n,
                   const uint8_t signature[static ES256_SIGNATURE])
{
    const void *keys = keyset_now(set), *fresh;

    if (es256_verify(keys, text, n, signature))
        return true;
    fresh = keyset_fresh(set);
    return fresh != keys && es256_verify(fresh, text, n, signature);
}

static int read_jws(void *self, struct arena *a, const char *text, struct issued_token *ret, struct err *err)
{
    size_t n = strnlen(text, TEXT_MAX + 1);
    const char *claims = n <= TEXT_MAX ? strchr(text, '.') : NULL;
    const char *signature = claims ? strchr(++claims, '.') : NULL;
    uint8_t *bytes, *data;
    size_t len;

    /* A token has one spelling, and that is without padding. */
    if (!signature || strchr(text, '=') || !header_is_ours(a, text, (size_t) (claims - 1 - text)))
        return -EBADMSG;
    signature++;
    if (base64url_decode(a, signature, strlen(signature), &bytes, &len) < 0 || len != ES256_SIGNATURE ||
        !verify(self, text, (size_t) (signature - 1 - text), bytes) ||
        base64url_decode(a, claims, (size_t) (signature - 1 - claims), &data, &len) < 0)
        return -EBADMSG;
    return token_claims_read(a, (char *) data, len, ret);
}

static const void *keys(void *self)
{
    return keyset_now(self);
}

const struct token_driver jws_token_driver = {
    .name = "jws",
    .unknown = "This is not a recognized JWS token",
    .open = open_jws,
    .close = close_jws,
    .issue = issue,
    .read = read_jws,
    .keys = keys,
    .renew = renew,
    .secrets = secrets,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a pki token's text, as a document within a pki or pkiz token, as
 * what a pkiz token packs, and as a signed document: refused, in bounded memory. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "crypto/cms.h"
#include "crypto/deflate.h"
#include "identity/identity.h"
#include "rest/server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define DIGEST_TEXT 32 /* Such a text is looked up, and here is no database. */

static char dir[] = "/tmp/fuzz-cms-XXXXXX";

static void *open_driver(void)
{
    static struct identity_options opt = { .token_store = "sql", .token_hash_algorithm = "md5" };
    static struct identity id = { .opt = &opt };
    static struct server s = { .state = &id, .state_dir = dir };
    void *self;

    if (!mkdtemp(dir) || pki_token_driver.open(&s, &self, NULL) < 0)
        abort();
    return self;
}

static struct cms_signer *load_signer(void)
{
    struct cms_signer *s;
    auto_arena struct arena a;

    arena_init(&a);
    if (cms_load(arena_printf(&a, "%s/identity/pki/certs/signing_cert.pem", dir),
                 arena_printf(&a, "%s/identity/pki/private/signing_key.pem", dir),
                 arena_printf(&a, "%s/identity/pki/certs/ca.pem", dir), &s, NULL) < 0)
        abort();
    return s;
}

static void must_refuse(const struct token_driver *d, void *self, struct arena *a, const char *text)
{
    struct issued_token t;

    if (strlen(text) != DIGEST_TEXT && d->read(self, a, text, &t, NULL) != -EBADMSG)
        abort();
}

static char *pkiz(struct arena *a, const void *packed, size_t n)
{
    return arena_printf(a, "PKIZ_%s", base64url_encode(a, packed, n, true));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct cms_signer *signer;
    static void *self;
    auto_arena struct arena a;
    uint8_t *out, *der;
    const char *pem;
    size_t len;

    arena_init(&a);
    if (!n) /* Nothing to compare with. */
        return 0;
    if (!self) {
        self = open_driver();
        signer = load_signer();
    }
    must_refuse(&pki_token_driver, self, &a, arena_strndup(&a, (const char *) data, n));
    must_refuse(&pki_token_driver, self, &a, base64_encode(&a, data, n));
    must_refuse(&pkiz_token_driver, self, &a, arena_strndup(&a, (const char *) data, n));
    must_refuse(&pkiz_token_driver, self, &a, pkiz(&a, data, n));
    pem = cms_to_pem(&a, data, n);
    if (cms_of_pem(&a, pem, strlen(pem), &out, &len) < 0 || len != n || memcmp(out, data, n) != 0)
        abort();
    if (deflate_data(&a, pem, strlen(pem), &out, &len) < 0)
        abort();
    must_refuse(&pkiz_token_driver, self, &a, pkiz(&a, out, len));
    (void) cms_of_pem(&a, (const char *) data, n, &out, &len);
    if (inflate_data(&a, data, n, 65536, &out, &len) >= 0 && len > 65536)
        abort();
    if (n > 60000)
        return 0;
    /* What our key signed is what was signed. */
    if (cms_sign(&a, signer, data, n, &der, &len, NULL) < 0)
        abort();
    if (cms_verify(&a, signer, der, len, &out, &len) < 0 || len != n || memcmp(out, data, n) != 0)
        abort();
    return 0;
}

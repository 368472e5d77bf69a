/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/driver/token/records.h"

#include <string.h>

#include "crypto/digest.h"
#include "identity/driver/token/claims.h"

char *token_record_key(struct arena *a, const char *text)
{
    return digest_hex(a, DIGEST_SHA256, text, strlen(text));
}

int token_record_put(const struct token_records *r, void *self, const char *text, const char *public_id,
                     const struct issued_token *is, struct err *err)
{
    auto_arena struct arena a;

    arena_init(&a);
    return r->put(self,
                  &(struct token_record){ .key = token_record_key(&a, text),
                                          .user_id = is->user_id,
                                          .audit_id = is->audit_ids[0],
                                          .public_id = public_id,
                                          .claims = token_claims_write(&a, is),
                                          .issued_us = is->issued_us,
                                          .expires_us = is->expires_us },
                  err);
}

int token_record_get(const struct token_records *r, void *self, struct arena *a, const char *text,
                     struct issued_token *ret, struct err *err)
{
    const char *claims;
    int got = r->get(self, a, token_record_key(a, text), &claims, err);

    if (got >= 0)
        return token_claims_read(a, claims, strlen(claims), ret);
    return got == -ENOENT ? -EBADMSG : got;
}

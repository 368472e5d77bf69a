/* SPDX-License-Identifier: Apache-2.0 */
/* The contract of token providers: how a token becomes a text and the text a
 * token again.  Who a token is for, whether it was revoked and what it allows
 * is the model's business (model/check.h); a provider knows nothing of it.
 *
 * All functions may be called from several threads at once, none inside a
 * transaction. */
#pragma once

#include <stdbool.h>

#include "base/strbuf.h"
#include "identity/issued.h"

struct server;

struct token_driver {
    const char *name;    /* As [identity] token_provider has it. */
    const char *unknown; /* Words for a text that is none of its tokens. */

    /* Reads the configuration and the keys; '*ret' is the 'self' of what follows. */
    int (*open)(struct server *s, void **ret, struct err *err);
    void (*close)(void *self);

    /* Makes the text of a token, and stores what has to be stored.  Times are
     * whole seconds.  'body' is what POST /v3/auth/tokens answers, for those
     * that carry it.  -EHOSTDOWN: cannot be done now. */
    int (*issue)(void *self, struct arena *a, const struct issued_token *is, const char *body,
                 const char **ret_text, struct err *err);

    /* Reads any text that a stranger may send.  -EBADMSG: none of ours;
     * -EHOSTDOWN: cannot be told now. */
    int (*read)(void *self, struct arena *a, const char *text, struct issued_token *ret, struct err *err);

    /* True when tokens may go away by themselves, so that no answer about one is
     * given without having asked read(). Null: they do not. */
    bool (*forgets)(void *self);

    /* A number that changes with the keys, or null without keys.  Tokens whose
     * key was taken away must not live on in caches. */
    const void *(*keys)(void *self);

    /* Forgets a revoked token; null when nothing is stored. */
    int (*forget)(void *self, const char *text, struct err *err);

    /* Removes what expired before; how many, or -errno.  Null as above. */
    int64_t (*flush)(void *self, int64_t before_us, struct err *err);

    /* Makes new keys for issuing: `stackd identity create_jws_keypair` and its
     * like.  'out' is told where.  Null: none to make. */
    int (*renew)(void *self, struct strbuf *out, struct err *err);

    /* Files whose reader could make tokens, ended by null.  Null: none but the
     * folder of the keyring. */
    const char **(*secrets)(void *self, struct arena *a);

    /* Of those that sign with a certificate (else null): the certificate or its
     * authority's in PEM form, and any text signed. */
    int (*certificate)(void *self, struct arena *a, bool authority, const char **ret_pem, struct err *err);
    int (*sign)(void *self, struct arena *a, const char *text, const char **ret_pem, struct err *err);
};

/* A driver that is open. */
struct token_provider {
    const struct token_driver *driver;
    void *self;
};

extern const struct token_driver fernet_token_driver, jws_token_driver, uuid_token_driver, pki_token_driver,
    pkiz_token_driver;

/* Opens the provider of that name. */
int token_provider_open(struct server *s, const char *name, struct token_provider *ret, struct err *err);
void token_provider_close(struct token_provider *p);

/* SPDX-License-Identifier: Apache-2.0 */
/* Keystone's fernet payloads: a MessagePack array whose first item is the form
 * (0 unscoped, 1 domain, 2 project, 3 trust, 8 system, 9 application
 * credential). */
#pragma once

#include "crypto/fernet.h"
#include "identity/issued.h"

/* Token text in the arena. */
char *token_encode(struct arena *a, const struct fernet_keys *keys, const struct issued_token *t);

/* 0, or -EBADMSG for what no key opens or has another form. */
int token_decode(struct arena *a, const struct fernet_keys *keys, const char *text, struct issued_token *ret);

/* The same for a receipt of a part of a login: user, methods, times. */
char *receipt_encode(struct arena *a, const struct fernet_keys *keys, const struct issued_token *t);
int receipt_decode(struct arena *a, const struct fernet_keys *keys, const char *text,
                   struct issued_token *ret);

/* SPDX-License-Identifier: Apache-2.0 */
/* What a token carries, whatever its form: who, how proven, where, until when. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

enum token_scope { SCOPE_NONE, SCOPE_DOMAIN, SCOPE_PROJECT, SCOPE_SYSTEM };

/* Bits of 'methods', by Keystone's default order of [auth] methods. */
enum token_method {
    METHOD_EXTERNAL = 1,
    METHOD_PASSWORD = 2,
    METHOD_TOKEN = 4,
    METHOD_OAUTH1 = 8,
    METHOD_MAPPED = 16,
    METHOD_APPLICATION_CREDENTIAL = 32,
    METHOD_TOTP = 64,     /* Not among the defaults: whoever wants it puts it behind them. */
    METHOD_EC2 = 1 << 16, /* Fernet tokens have it elsewhere; see driver/token/payload.c. */
};

struct issued_token {
    const char *user_id;
    unsigned methods;
    enum token_scope scope;
    const char *scope_id; /* Domain or project; "all" for the system. */
    int64_t issued_us, expires_us;
    const char *audit_ids[3]; /* Own, then the first of the chain; null ends. */
    /* Of a delegated token, at most one; its scope is a project (a trust may
     * have none). */
    const char *trust_id, *app_cred_id;
    /* token_describe() may keep what it finds for this generation, counted from
     * 1 and read before the transaction began; 0: it may not. */
    uint64_t generation;
};

/* A token that is stored, because its text does not say what it is. */
struct token_record {
    const char *key; /* Digest of what the client shows. */
    const char *user_id, *audit_id;
    const char *public_id; /* How lists of revoked tokens name it; may be null. */
    const char *claims;    /* JSON */
    int64_t issued_us, expires_us;
};

/* The bit of a method's name; 0 for an unknown one. */
unsigned method_named(const char *name);

/* Whether the holder did not prove to be the user, but that the user lent him
 * something (an application credential, a pair of keys).  Also without any:
 * Keystone's tokens for pairs had no bit at first. */
static inline bool methods_delegate(unsigned methods)
{
    return !methods || (methods & (METHOD_APPLICATION_CREDENTIAL | METHOD_OAUTH1 | METHOD_EC2));
}

/* A new audit id: 22 characters. */
const char *audit_id_new(struct arena *a);

/* Names of methods as a list, in the order of the bits. */
const char **methods_names(struct arena *a, unsigned methods);

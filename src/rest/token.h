/* SPDX-License-Identifier: Apache-2.0 */
/* Who asks: what a checked token says. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

struct role_ref {
    const char *id, *name;
};

struct token {
    const char *text; /* The token itself; to be passed on, never logged. */
    const char *user_id, *user_name, *user_domain_id, *user_domain_name;
    const char *project_id, *project_name, *project_domain_id,
        *project_domain_name; /* Null unless so scoped. */
    const char *domain_id, *domain_name;
    bool system;            /* Scoped to the whole system. */
    bool not_admin_project; /* One project is for administrators, and this is another scope. */
    struct role_ref *roles;
    size_t n_roles;
    const char **methods, **audit_ids;
    int64_t issued_us, expires_us;
    const char *trust_id;    /* Of a token that somebody else's trust gave, else null. */
    const char *app_cred_id; /* Of a token got with an application credential, else null. */
    bool restricted;         /* May not make or delete application credentials and trusts. */
    bool has_access_rules;   /* Only what one of the rules names is allowed. */
    /* Three texts a rule: type of the service, method, path (in which "*" or
     * {name} is one segment and "**" anything). */
    const char **access_rules;
    const void *extra; /* What the source itself needs (identity: its decoded token). */
    /* The token of the service that asks in the user's name (X-Service-Token), or null. */
    const struct token *service;
};

bool token_has_role(const struct token *t, const char *name);

/* True when the token's access rules, if it has any, allow the request. */
bool token_allows(const struct token *t, const char *service_type, const char *method, const char *path);

/* Where a server asks about tokens.  Identity answers itself, others through
 * client/identity. */
struct token_source {
    /* Fills 'ret' in the arena.  -EKEYREJECTED: not valid (401); -EHOSTDOWN:
     * cannot be checked now (503); -EWOULDBLOCK: would have to wait and
     * 'may_block' is false. */
    int (*check)(void *self, struct arena *a, const char *text, bool may_block, struct token *ret,
                 struct err *err);
    void *self;
    /* The same, also for a token that has expired and that identity still tells
     * services of (allow_expired).  Null: no service tokens are taken here. */
    int (*check_expired)(void *self, struct arena *a, const char *text, bool may_block, struct token *ret,
                         struct err *err);
};

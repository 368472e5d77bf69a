/* SPDX-License-Identifier: Apache-2.0 */
/* Whom a token is of and where it holds, read at once: every check of a token
 * that no cache answers comes through here. */
#pragma once

#include "identity/identity.h"

/* Who is gone has a null id.  Of each row only what a token says or a check
 * asks for is filled in: ids, names, enabled, a user's password_expires_us and
 * domain_id, the scope's is_domain, domain_id and parent_id. */
struct standing {
    struct user user;
    bool in_groups; /* The user is in some group. */
    struct project user_domain;
    struct project scope; /* The project or domain. */
    struct project scope_domain;
};

/* Reads user 'user_id' and project or domain 'scope_id' (null: none) with
 * their domains.  0 also when they are gone. */
int standing_get(struct txn *t, struct arena *a, const char *user_id, const char *scope_id,
                 struct standing *ret, struct err *err);

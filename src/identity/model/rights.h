/* SPDX-License-Identifier: Apache-2.0 */
/* What a token's holder may do there now: the one place where rights come
 * from.  Whoever authenticates, rescopes, validates, delegates or signs a
 * request asks here, so a right that was taken away is gone for all of them. */
#pragma once

#include "identity/identity.h"
#include "identity/issued.h"
#include "identity/store/standings.h"

struct rights {
    struct role_ref *roles;
    size_t n;
    /* Of a delegated token: what delegates it, else null. */
    const struct trust *trust;
    const struct application_credential *app_cred;
    struct access_rule *access_rules; /* With app_cred->has_access_rules. */
    size_t n_access_rules;
    int64_t until_us;           /* When a part of the delegation ends without anybody's doing; 0: never. */
    const char *acting_user_id; /* Whose name the token bears: the trustor's, when impersonated. */
};

/* Looks up what 'is' gives now.  -EKEYREJECTED when a part of the delegation
 * is gone, expired or no longer covered by who delegated; no roles at all is
 * not an error here.  'known' is what was read of its user and scope in the
 * same transaction, or null. */
int rights_of(struct server *s, struct txn *t, struct arena *a, const struct issued_token *is,
              const struct standing *known, struct rights *ret, struct err *err);

/* The trust 'id' when it holds: not expired, every trust that it was made from
 * as well, nobody in the chain disabled.  '*ret_origin' is the user whose
 * rights it passes on.  -ENOENT, or -EACCES with words. */
int trust_load(struct server *s, struct txn *t, struct arena *a, const char *id, struct trust *ret,
               const char **ret_origin, struct err *err);

/* Whether 'child' may be made from 'parent' (also asked again at every use).
 * -EACCES with words. */
int trust_redelegation_check(struct server *s, const struct trust *parent, const struct trust *child,
                             struct err *err);

/* Role ids and all that they imply. */
int roles_with_implied(struct txn *t, struct arena *a, const char *const *ids, const char ***ret,
                       struct err *err);

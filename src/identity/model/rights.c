/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/model/rights.h"

#include "base/str.h"
#include "identity/store/application_credentials.h"
#include "identity/store/assignments.h"
#include "identity/store/implied_roles.h"
#include "identity/store/projects.h"
#include "identity/store/roles.h"
#include "identity/store/trusts.h"
#include "identity/store/users.h"

#define CHAIN_MAX 32

static const char *const types[] = {
    [SCOPE_DOMAIN] = "domain", [SCOPE_PROJECT] = "project", [SCOPE_SYSTEM] = "system"
};

static int gone(struct err *err, const char *words)
{
    return err_set(err, -EKEYREJECTED, "%s", words);
}

/* --- trusts ------------------------------------------------------------------------ */

int trust_redelegation_check(struct server *s, const struct trust *parent, const struct trust *child,
                             struct err *err)
{
    const struct identity *id = s->state;
    int64_t max = id->opt->max_redelegation_count;

    if (parent->redelegation_count <= 0 || parent->redelegation_count > max)
        return err_http(err, 403, NULL,
                        "Remaining redelegation depth of %lld out of allowed range of [0..%lld]",
                        (long long) parent->redelegation_count, (long long) max);
    if (child->remaining_uses != FIELD_NULL_INT)
        return err_http(
            err, 403, NULL,
            "Field \"remaining_uses\" is set to %lld while it must not be set in order to redelegate "
            "a trust",
            (long long) child->remaining_uses);
    if (parent->expires_at && (!child->expires_at || child->expires_at > parent->expires_at))
        return err_http(err, 403, NULL,
                        "Requested expiration time is more than redelegated trust can provide");
    strv_foreach (role, child->role_ids)
        if (!strv_contains(parent->role_ids, *role))
            return err_http(err, 403, NULL, "Some of requested roles are not in redelegated trust");
    if (!str_eq(parent->project_id, child->project_id))
        return err_http(err, 403, NULL, "A redelegated trust holds in the same project");
    if (child->impersonation && !parent->impersonation)
        return err_http(
            err, 403, NULL,
            "Impersonation is not allowed because redelegated trust does not specify impersonation. "
            "Redelegated trust id: %s",
            parent->id);
    return 0;
}

static int user_works(struct txn *t, struct arena *a, const char *id, struct err *err)
{
    struct user u = { 0 };
    struct project domain = { 0 };
    int r = table_get(t, a, &user_table, id, &u, err);

    if (r >= 0 && u.enabled)
        r = table_get(t, a, &project_table, u.domain_id, &domain, err);
    if (r == -ENOENT || (r >= 0 && (!u.enabled || !domain.enabled)))
        return err_http(err, 403, NULL, "One of the trust agents is disabled or deleted");
    return r;
}

int trust_load(struct server *s, struct txn *t, struct arena *a, const char *id, struct trust *ret,
               const char **ret_origin, struct err *err)
{
    struct trust child = { 0 }, parent;
    int r = table_get(t, a, &trust_table, id, &child, err);

    if (r >= 0 && child.expires_at && child.expires_at <= server_now_us(s))
        return -ENOENT;
    if (r < 0)
        return r;
    *ret = child;
    *ret_origin = child.trustor_user_id;
    r = user_works(t, a, child.trustor_user_id, err);
    for (unsigned depth = 0; r >= 0 && !str_empty(child.redelegated_trust_id); depth++) {
        if (depth > CHAIN_MAX)
            return -ENOENT;
        parent = (struct trust){ 0 };
        r = table_get(t, a, &trust_table, child.redelegated_trust_id, &parent, err);
        if (r >= 0)
            r = trust_redelegation_check(s, &parent, &child, err);
        if (r >= 0)
            r = user_works(t, a, parent.trustee_user_id, err);
        if (r >= 0)
            r = user_works(t, a, parent.trustor_user_id, err);
        child = parent;
        *ret_origin = parent.trustor_user_id;
    }
    return r;
}

/* The list grows while it is walked: implied roles imply further ones. */
int roles_with_implied(struct txn *t, struct arena *a, const char *const *ids, const char ***ret,
                       struct err *err)
{
    const char **all = NULL;
    struct inference *pairs;
    size_t n;
    int r = inferences_list(t, a, NULL, &pairs, &n, err);

    if (r < 0)
        return r;
    strv_foreach (id, ids)
        all = strv_add(a, all, *id);
    for (size_t i = 0; all && all[i]; i++)
        for (size_t k = 0; k < n; k++)
            if (str_eq(pairs[k].prior.id, all[i]) && !strv_contains(all, pairs[k].implied.id))
                all = strv_add(a, all, pairs[k].implied.id);
    *ret = all;
    return 0;
}

static bool has_role(const struct rights *g, const char *id)
{
    for (size_t i = 0; i < g->n; i++)
        if (str_eq(g->roles[i].id, id))
            return true;
    return false;
}

/* Only those of 'ids' stay. */
static void keep_roles(struct rights *g, const char *const *ids)
{
    size_t n = 0;

    for (size_t i = 0; i < g->n; i++)
        if (strv_contains(ids, g->roles[i].id))
            g->roles[n++] = g->roles[i];
    g->n = n;
}

/* Roles of domains never stand in a token, so they are none that could miss. */
static int counts(struct txn *t, struct arena *a, const char *role_id, struct err *err)
{
    return role_is_global(t, a, role_id, err);
}

static int rights_by_trust(struct server *s, struct txn *t, struct arena *a, const struct issued_token *is,
                           struct rights *g, struct err *err)
{
    struct trust *trust = arena_new(a, struct trust);
    const char *origin, **ids;
    int r = trust_load(s, t, a, is->trust_id, trust, &origin, err);

    if (r == -ENOENT || r == -EACCES)
        return gone(err, "The trust is gone, expired or no longer complete.");
    if (r < 0)
        return r;
    if (!str_eq(trust->trustee_user_id, is->user_id) || !str_eq(trust->project_id, is->scope_id))
        return gone(err, "The user is not the trustee.");
    g->trust = trust;
    g->until_us = trust->expires_at; /* Those that it was made from end no sooner. */
    g->acting_user_id = trust->impersonation ? trust->trustor_user_id : is->user_id;
    r = roles_of_user(t, a, origin, "project", trust->project_id, NULL, &g->roles, &g->n, err);
    if (r >= 0)
        r = roles_with_implied(t, a, trust->role_ids, &ids, err);
    if (r < 0)
        return r;
    strv_foreach (id, ids) {
        if (has_role(g, *id))
            continue;
        r = counts(t, a, *id, err);
        if (r)
            return r < 0 ? r : gone(err, "Trustee has no delegated roles.");
    }
    keep_roles(g, ids);
    return 0;
}

static int rights_by_app_cred(struct server *s, struct txn *t, struct arena *a, const struct issued_token *is,
                              const struct standing *known, struct rights *g, struct err *err)
{
    struct application_credential *ac = arena_new(a, struct application_credential);
    int r = table_get(t, a, &application_credential_table, is->app_cred_id, ac, err);

    if (r == -ENOENT || (r >= 0 && ac->expires_at && ac->expires_at <= server_now_us(s)))
        return gone(err, "The application credential is gone or expired.");
    if (r < 0)
        return r;
    if (!str_eq(ac->user_id, is->user_id) || !str_eq(ac->project_id, is->scope_id))
        return gone(err, "The application credential is of another user or project.");
    g->app_cred = ac;
    g->until_us = ac->expires_at;
    r = access_rules_of(t, a, ac, &g->access_rules, &g->n_access_rules, err);
    if (r >= 0)
        r = roles_of_user(t, a, is->user_id, "project", is->scope_id, known, &g->roles, &g->n, err);
    if (r >= 0)
        keep_roles(g, ac->role_ids);
    return r;
}

int rights_of(struct server *s, struct txn *t, struct arena *a, const struct issued_token *is,
              const struct standing *known, struct rights *ret, struct err *err)
{
    struct rights g = { .acting_user_id = is->user_id };
    int r = 0;

    if (is->trust_id)
        r = rights_by_trust(s, t, a, is, &g, err);
    else if (is->app_cred_id)
        r = rights_by_app_cred(s, t, a, is, known, &g, err);
    else if (is->scope != SCOPE_NONE)
        r = roles_of_user(t, a, is->user_id, types[is->scope], is->scope_id, known, &g.roles, &g.n, err);
    if (r >= 0)
        *ret = g;
    return r;
}

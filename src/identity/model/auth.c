/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/model/auth.h"

#include "base/str.h"
#include "identity/model/credentials.h"
#include "identity/model/mfa.h"
#include "identity/model/mirror.h"
#include "identity/model/passwords.h"
#include "identity/model/revocations.h"
#include "identity/model/rights.h"
#include "identity/store/application_credentials.h"
#include "identity/store/projects.h"
#include "identity/store/trusts.h"
#include "identity/store/users.h"

#define SECOND_US 1000000

/* --- who ----------------------------------------------------------------------------------- */

/* The domain's id by id or name; null when there is none.  An empty id is none:
 * projects without a domain are the domains themselves. */
static int domain_id_of(struct txn *t, struct arena *a, const char *id, const char *name, const char **ret,
                        struct err *err)
{
    struct project d = { 0 };
    int r;

    *ret = str_empty(id) ? NULL : id;
    if (id || !name)
        return 0;
    r = project_find(t, a, "", name, &d, err);
    *ret = r >= 0 ? d.id : NULL;
    return r == -ENOENT ? 0 : r;
}

/* A domain's directory is asked first, if there can be one. */
static int find_in_directory(struct server *s, struct arena *a, const struct auth_request *rq,
                             struct mirrored *ret, struct err *err)
{
    auto_rollback struct txn *t = NULL;
    const char *domain_id = NULL;
    int r = txn_begin(s->db, false, &t, err);

    if (r >= 0 && !rq->user_id)
        r = domain_id_of(t, a, rq->user_domain_id, rq->user_domain_name, &domain_id, err);
    if (r < 0)
        return r;
    txn_rollback(&t);
    return mirror_find_user(s, a, rq->user_id, domain_id, rq->user_name, ret, err);
}

static int find_row(struct server *s, struct arena *a, const struct auth_request *rq, const char *user_id,
                    struct user *ret, struct err *err)
{
    auto_rollback struct txn *t = NULL;
    const char *domain_id;
    int r;

    r = txn_begin(s->db, false, &t, err);
    if (r < 0)
        return r;
    if (user_id)
        return table_get(t, a, &user_table, user_id, ret, err);
    r = domain_id_of(t, a, rq->user_domain_id, rq->user_domain_name, &domain_id, err);
    if (r < 0)
        return r;
    return domain_id ? user_find(t, a, domain_id, rq->user_name, ret, err) : -ENOENT;
}

/* The row; and who it is in a directory, if it is of one. */
static int find_somebody(struct server *s, struct arena *a, const struct auth_request *rq, struct user *ret,
                         struct mirrored *who, struct err *err)
{
    const struct identity *id = s->state;
    int r = id->directories ? find_in_directory(s, a, rq, who, err) : 0;

    return r < 0 ? r : find_row(s, a, rq, who->directory ? who->id : rq->user_id, ret, err);
}

static int find_user(struct server *s, struct arena *a, const struct auth_request *rq, struct user *ret,
                     struct err *err)
{
    struct mirrored who = { 0 };
    int r = find_somebody(s, a, rq, ret, &who, err);

    directory_put(who.directory);
    return r;
}

/* The directory has the last word; nobody's password takes it as long. */
static int prove_to_directory(struct arena *a, const struct mirrored *who, const struct user *u,
                              struct secret password, struct err *err)
{
    const struct directory *d = who->directory;
    int r = d->driver->prove(d->self, a, u ? &who->entry : NULL, password, err);

    return r == -EKEYREJECTED || (r >= 0 && (!u || !u->enabled)) ? auth_refused(err) : r;
}

/* Whoever does not exist costs the same time as whoever does. */
static int prove_password(struct server *s, struct arena *a, const struct auth_request *rq, struct user *u,
                          struct err *err)
{
    struct user nobody = { 0 };
    struct mirrored who = { 0 };
    int r = find_somebody(s, a, rq, u, &who, err);

    if (who.directory) {
        if (r >= 0 || r == -ENOENT)
            r = prove_to_directory(a, &who, r < 0 ? NULL : u, rq->password, err);
        directory_put(who.directory);
        return r;
    }
    if (r < 0 && r != -ENOENT)
        return r;
    r = password_prove(s, a, r < 0 ? &nobody : u, rq->password, err);
    if (r < 0)
        return r;
    if (u->password_expires_us && u->password_expires_us <= server_now_us(s) &&
        !user_option(u, "ignore_password_expiry"))
        return err_http(err, 401, NULL, "The password is expired and needs to be changed for user: %s.",
                        u->id);
    return 0;
}

/* The user that the other methods named, when no password did. */
static int need_named_user(struct server *s, struct arena *a, const struct auth_request *rq, struct user *u,
                           struct err *err)
{
    int r = u->id ? 0 : find_user(s, a, rq, u, err);

    return r == -ENOENT || (r >= 0 && !u->enabled) ? auth_refused(err) : r;
}

static int same_user(struct issued_token *is, const char *user_id, struct err *err)
{
    if (is->user_id && strcmp(is->user_id, user_id) != 0)
        return auth_refused(err);
    is->user_id = user_id;
    return 0;
}

/* --- with a token -------------------------------------------------------------------------- */

/* What was delegated must not become more by going through here. */
static int refuse_delegated(const struct identity *id, const struct auth_request *rq,
                            const struct issued_token *old, struct err *err)
{
    if (old->trust_id)
        return err_http(
            err, 403, NULL,
            "You are not authorized to perform the requested action: Using trust-scoped token to create "
            "another token. Create a new trust-scoped token instead.");
    if (old->scope == SCOPE_SYSTEM && (rq->scope == SCOPE_PROJECT || rq->scope == SCOPE_DOMAIN))
        return err_http(
            err, 403, NULL,
            "You are not authorized to perform the requested action: Using a system-scoped token to "
            "create a project-scoped or domain-scoped token is not allowed..");
    if (old->app_cred_id || methods_delegate(old->methods))
        return err_http(err, 403, NULL,
                        "You are not authorized to perform the requested action: Using a delegated token to "
                        "create another token is not allowed..");
    if (!id->opt->allow_rescope_scoped_token && (old->scope == SCOPE_PROJECT || old->scope == SCOPE_DOMAIN))
        return err_http(err, 403, NULL,
                        "You are not authorized to perform the requested action: rescope a scoped token.");
    return 0;
}

/* 404, as Keystone has it. */
static int refuse_token(struct err *err)
{
    const struct err why = err ? *err : (struct err){ 0 };

    return err_http(err, 404, NULL, "%s", why.msg);
}

/* A token made from a token lives no longer and belongs to its chain. */
static int prove_token(struct server *s, struct arena *a, const struct auth_request *rq,
                       struct issued_token *is, struct err *err)
{
    struct token_view old;
    int r;

    if (str_empty(rq->token))
        return err_http(err, 404, NULL, "No token in the request");
    r = token_view(s, a, rq->token, VIEW_TOKEN, &old, err);
    if (r < 0)
        return r == -EKEYREJECTED ? refuse_token(err) : r;
    r = refuse_delegated(s->state, rq, &old.issued, err);
    if (r >= 0)
        r = same_user(is, old.issued.user_id, err);
    is->methods |= old.issued.methods;
    is->expires_us = old.issued.expires_us;
    is->audit_ids[1] = old.issued.audit_ids[1] ? old.issued.audit_ids[1] : old.issued.audit_ids[0];
    return r;
}

/* --- with an application credential --------------------------------------------------------- */

static int find_app_cred(struct server *s, struct arena *a, const struct auth_request *rq,
                         struct application_credential *ret, struct err *err)
{
    auto_rollback struct txn *t = NULL;
    struct user u = { 0 };
    int r = 0;

    if (!rq->app_cred_id)
        r = find_user(s, a, rq, &u, err);
    if (r >= 0)
        r = txn_begin(s->db, false, &t, err);
    if (r < 0)
        return r;
    return rq->app_cred_id ? table_get(t, a, &application_credential_table, rq->app_cred_id, ret, err)
                           : application_credential_find(t, a, u.id, rq->app_cred_name, ret, err);
}

bool auth_is_quick(struct server *s, struct arena *a, struct auth_request *rq)
{
    struct application_credential *ac;

    if (rq->trust_id)
        return false;
    if (rq->methods == METHOD_TOKEN)
        return true;
    if (rq->methods != METHOD_APPLICATION_CREDENTIAL)
        return false;
    ac = arena_new(a, struct application_credential);
    if (find_app_cred(s, a, rq, ac, NULL) < 0)
        return false;
    rq->app_cred = ac;
    return app_cred_hash_is_quick(ac->secret_hash);
}

static int prove_app_cred(struct server *s, struct arena *a, const struct auth_request *rq,
                          struct issued_token *is, struct err *err)
{
    struct identity *id = s->state;
    struct application_credential found = { 0 };
    const struct application_credential *ac = rq->app_cred ? rq->app_cred : &found;
    int r = rq->app_cred ? 0 : find_app_cred(s, a, rq, &found, err), right;

    if (r < 0 && r != -ENOENT)
        return r;
    right = app_cred_secret_check(id, a, r < 0 ? NULL : ac->secret_hash, rq->app_cred_secret, err);
    if (right < 0)
        return right;
    if (!right || r < 0)
        return auth_refused_why(s, err,
                                r < 0 ? "There is no such application credential." : "The secret is wrong.");
    if (ac->expires_at && ac->expires_at <= server_now_us(s))
        return auth_refused_why(s, err, "The application credential expired.");
    if (rq->scope != SCOPE_NONE || rq->unscoped)
        return err_http(
            err, 401, NULL,
            "Error authenticating with application credential: Application credentials cannot request "
            "a scope.");
    r = same_user(is, ac->user_id, err);
    is->app_cred_id = ac->id;
    is->scope_id = ac->project_id;
    if (ac->expires_at && ac->expires_at < is->expires_us)
        is->expires_us = ac->expires_at;
    return r;
}

/* --- by a proxy in front ---------------------------------------------------------------------- */

/* Keystone's three ways to name somebody: in the default domain; in the domain
 * that the proxy names; the same, if Kerberos it was. */
static int find_external(struct server *s, struct arena *a, const struct auth_request *rq, struct user *ret,
                         struct err *err)
{
    const struct identity *id = s->state;
    bool by_domain = !str_eq(id->opt->external_driver, "DefaultDomain") && !str_empty(rq->remote_domain);
    const struct auth_request who = { .user_name = rq->remote_user,
                                      .user_domain_id = by_domain ? NULL : default_domain(s),
                                      .user_domain_name = by_domain ? rq->remote_domain : NULL };
    int r;

    if (str_eq(id->opt->external_driver, "KerberosDomain") && !str_eq(rq->remote_type, "Negotiate"))
        return -ENOENT;
    r = find_user(s, a, &who, ret, err);
    return r >= 0 && !ret->enabled ? -ENOENT : r;
}

/* The proxy's word counts beside other methods too; unless it was asked for, an
 * unknown name is as none. */
static int prove_external(struct server *s, struct arena *a, const struct auth_request *rq, struct user *u,
                          struct issued_token *is, struct err *err)
{
    struct user found = { 0 };
    int r = rq->remote_user ? find_external(s, a, rq, &found, err) : -ENOENT;

    if (r == -ENOENT)
        return rq->methods & METHOD_EXTERNAL || !rq->methods
                   ? auth_refused_why(s, err, "The proxy let nobody in, or somebody unknown.")
                   : 0;
    if (r < 0)
        return r;
    *u = found;
    is->methods |= METHOD_EXTERNAL;
    return same_user(is, u->id, err);
}

/* --- all of them ------------------------------------------------------------------------------ */

static int prove(struct server *s, struct arena *a, const struct auth_request *rq, struct issued_token *is,
                 struct user *u, struct err *err)
{
    const struct identity *id = s->state;
    int r = 0;

    is->methods = rq->methods;
    is->expires_us = server_now_us(s) / SECOND_US * SECOND_US + id->opt->token_expiration_s * SECOND_US;
    is->audit_ids[0] = audit_id_new(a);
    if (id->methods & METHOD_EXTERNAL && (rq->remote_user || rq->methods & METHOD_EXTERNAL))
        r = prove_external(s, a, rq, u, is, err);
    if (r >= 0 && rq->methods & METHOD_TOKEN)
        r = prove_token(s, a, rq, is, err);
    if (r >= 0 && rq->methods & METHOD_APPLICATION_CREDENTIAL)
        r = prove_app_cred(s, a, rq, is, err);
    if (r >= 0 && rq->methods & METHOD_PASSWORD) {
        r = prove_password(s, a, rq, u, err);
        if (r >= 0)
            r = same_user(is, u->id, err);
    }
    if (r >= 0 && rq->methods & METHOD_TOTP) {
        r = need_named_user(s, a, rq, u, err);
        if (r >= 0)
            r = totp_check(s, a, u->id, rq->passcode, err);
        if (r >= 0)
            r = same_user(is, u->id, err);
    }
    return r;
}

/* --- where -------------------------------------------------------------------------------------- */

/* Where names must be fit for URLs, those of before the rule lead nowhere either. */
static int refuse_unsafe(const char *rule, const char *what, const char *name, struct err *err)
{
    if (!str_eq(rule, "strict") || !name || !strpbrk(name, URL_RESERVED))
        return 0;
    return err_http(err, 401, NULL, "%s name cannot contain reserved characters.", what);
}

static int check_names(const struct identity *id, const struct auth_request *rq, struct err *err)
{
    const char *domain = rq->scope == SCOPE_DOMAIN ? rq->scope_name : rq->scope_domain_name;
    int r = refuse_unsafe(id->opt->domain_name_url_safe, "Domain", domain, err);

    if (r >= 0 && rq->scope == SCOPE_PROJECT)
        r = refuse_unsafe(id->opt->project_name_url_safe, "Project", rq->scope_name, err);
    return r;
}

static int find_scope(struct server *s, struct txn *t, struct arena *a, const struct auth_request *rq,
                      struct issued_token *is, struct err *err)
{
    struct project p = { 0 };
    const char *domain_id = "";
    int r = 0;

    is->scope = rq->scope;
    is->scope_id = rq->scope_id;
    if (rq->scope == SCOPE_NONE || rq->scope == SCOPE_SYSTEM)
        return 0;
    if (!rq->scope_id) {
        if (rq->scope == SCOPE_PROJECT)
            r = domain_id_of(t, a, rq->scope_domain_id, rq->scope_domain_name, &domain_id, err);
        if (r >= 0)
            r = domain_id ? project_find(t, a, domain_id, rq->scope_name, &p, err) : -ENOENT;
    } else {
        r = table_get(t, a, &project_table, rq->scope_id, &p, err);
    }
    if (r == -ENOENT || (r >= 0 && rq->scope == SCOPE_DOMAIN && !p.is_domain))
        return auth_refused_why(s, err, "There is no such project or domain.");
    is->scope_id = p.id;
    return r;
}

/* Without a scope the user's default project is it, where that still works. */
static bool scope_by_default(struct server *s, struct txn *t, struct arena *a, const struct auth_request *rq,
                             const struct user *u, struct issued_token *is, struct token_view *ret)
{
    struct issued_token there = *is;

    if (rq->scope != SCOPE_NONE || rq->unscoped || str_empty(u->default_project_id))
        return false;
    there.scope = SCOPE_PROJECT;
    there.scope_id = u->default_project_id;
    if (token_describe(s, t, a, &there, ret, NULL) < 0)
        return false;
    *is = there;
    return true;
}

/* The project of a trust, for its trustee.  A use is counted with the
 * transaction that looked at the rights. */
static int scope_by_trust(struct server *s, struct txn *t, struct arena *a, const struct auth_request *rq,
                          struct issued_token *is, struct err *err)
{
    struct trust trust = { 0 };
    const char *origin;
    int r = trust_load(s, t, a, rq->trust_id, &trust, &origin, err);

    if (r == -ENOENT)
        return auth_refused(err);
    if (r < 0)
        return r;
    if (!str_eq(trust.trustee_user_id, is->user_id))
        return err_http(err, 403, NULL, "You are not authorized to perform the requested action.");
    if (trust.remaining_uses != FIELD_NULL_INT) {
        r = trust_use(t, trust.id, err);
        if (r == -EDQUOT)
            return auth_refused(err);
    }
    is->scope = str_empty(trust.project_id) ? SCOPE_NONE : SCOPE_PROJECT;
    is->scope_id = trust.project_id;
    is->trust_id = trust.id;
    return r < 0 ? r : 0;
}

static int settle_scope(struct server *s, struct txn *t, struct arena *a, const struct auth_request *rq,
                        struct issued_token *is, struct err *err)
{
    if (is->app_cred_id) {
        is->scope = SCOPE_PROJECT;
        return 0;
    }
    if (rq->trust_id)
        return scope_by_trust(s, t, a, rq, is, err);
    return check_names(s->state, rq, err) < 0 ? -EKEYREJECTED : find_scope(s, t, a, rq, is, err);
}

/* A part of what was delegated is no longer the delegator's: that the trustee
 * is told; everything else is one and the same refusal. */
static int refuse_scope(const struct server *s, const struct issued_token *is, struct err *err)
{
    struct err why = err ? *err : (struct err){ 0 };

    if (is->trust_id)
        return err_http(err, 403, NULL, "%s", why.msg);
    return auth_refused_why(s, err, why.msg);
}

int auth_issue_proven(struct server *s, struct arena *a, const struct auth_request *rq, const struct user *u,
                      struct issued_token *is, const char **ret_text, struct token_view *ret, struct err *err)
{
    struct identity *id = s->state;
    auto_rollback struct txn *t = NULL;
    int r;

    r = token_refresh(s, a, is->user_id, rq->trust_id, NULL, err);
    if (r < 0)
        return r == -ENOENT ? auth_refused(err) : r;
    is->generation = generation_get(&id->generation) + 1;
    r = txn_begin(s->db, rq->trust_id != NULL, &t, err);
    if (r >= 0)
        r = revoke_issue_time(t, is->user_id, server_now_us(s), &is->issued_us, err);
    if (r >= 0)
        r = settle_scope(s, t, a, rq, is, err);
    if (r < 0)
        return r;
    is->issued_us -= is->issued_us % SECOND_US; /* As the token will tell them. */
    is->expires_us -= is->expires_us % SECOND_US;
    if (is->scope != SCOPE_NONE || is->trust_id || !scope_by_default(s, t, a, rq, u, is, ret)) {
        r = token_describe(s, t, a, is, ret, err);
        if (r < 0)
            return r == -EKEYREJECTED ? refuse_scope(s, is, err) : r;
    }
    if (rq->trust_id)
        r = txn_commit(&t, err);
    else
        txn_rollback(&t); /* Providers sign and store; none of it inside a transaction. */
    return r < 0 ? r : id->tokens.driver->issue(id->tokens.self, a, is, ret->body, ret_text, err);
}

/* More may be needed than was shown. */
static int check_factors(struct server *s, struct arena *a, const struct auth_request *rq, struct user *u,
                         struct issued_token *is, struct auth_receipt *receipt, struct err *err)
{
    auto_rollback struct txn *t = NULL;
    struct project domain = { 0 };
    int r = 0;

    if (rq->receipt)
        r = receipt_read(s, a, rq->receipt, is->user_id, &is->methods, err);
    if (r >= 0)
        r = txn_begin(s->db, false, &t, err);
    if (r >= 0 && !u->id)
        r = table_get(t, a, &user_table, is->user_id, u, err);
    if (r < 0)
        return r == -ENOENT ? auth_refused(err) : r;
    if (user_is_away(s, u)) /* Whatever the way; a password's was looked at with it. */
        return auth_refused_why(s, err, "The user did not log in for too long.");
    if (mfa_satisfied(s->state, u, is->methods))
        return 0;
    r = table_get(t, a, &project_table, u->domain_id, &domain, err);
    if (r < 0)
        return r;
    receipt_issue(s, a, u, &domain, is->methods, &receipt->text, &receipt->body);
    return auth_refused(err);
}

int auth_issue(struct server *s, struct arena *a, const struct auth_request *rq, const char **ret_text,
               struct token_view *ret, struct auth_receipt *receipt, struct err *err)
{
    const struct identity *id = s->state;
    struct issued_token is = { 0 };
    struct user u = { 0 };
    int r;

    if (rq->methods & ~id->methods)
        return auth_unsupported(err);
    r = prove(s, a, rq, &is, &u, err);
    if (r >= 0 && !is.user_id) /* No method at all, and no proxy whose word counts. */
        r = auth_refused(err);
    if (r >= 0)
        r = check_factors(s, a, rq, &u, &is, receipt, err);
    if (r >= 0 && !(is.methods & (METHOD_PASSWORD | METHOD_EXTERNAL)))
        u.default_project_id = NULL; /* As before: only a password leads to the default project. */
    return r < 0 ? r : auth_issue_proven(s, a, rq, &u, &is, ret_text, ret, err);
}

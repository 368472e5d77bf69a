/* SPDX-License-Identifier: Apache-2.0 */
/* From the body of POST /v3/auth/tokens to a token: who proves to be whom, and
 * where the token shall hold. */
#pragma once

#include "identity/identity.h"
#include "identity/model/check.h"

/* What the body says, before anything is checked. */
struct auth_request {
    unsigned methods; /* enum token_method bits that were named */
    const char *user_id, *user_name, *user_domain_id, *user_domain_name;
    struct secret password;
    const char *token, *receipt;
    const char *passcode;                    /* TOTP */
    const char *app_cred_id, *app_cred_name; /* By name the user_ members say whose. */
    struct secret app_cred_secret;
    const struct application_credential *app_cred; /* What those name, once auth_is_quick() found it. */
    /* Whom a trusted proxy has let in, and how; null: nobody. */
    const char *remote_user, *remote_domain, *remote_type;
    const char *trust_id; /* Scope "OS-TRUST:trust": a project's. */
    enum token_scope scope;
    bool unscoped; /* "scope": "unscoped": not even the default project. */
    const char *scope_id, *scope_name, *scope_domain_id, *scope_domain_name;
};

/* Reads {"auth": {…}}.  400 for what does not fit. */
int auth_read(struct arena *a, const json_t *body, struct auth_request *ret, struct err *err);

/* Whether auth_issue() will neither hash slowly nor write.  Keeps in 'rq' what
 * it had to look up for that. */
bool auth_is_quick(struct server *s, struct arena *a, struct auth_request *rq);

/* What is told to who proved a part of what the user's rules ask for. */
struct auth_receipt {
    const char *text, *body;
};

/* Checks the proof and gives the new token.  401 without saying what was
 * wrong.  Runs the password hash, so only on a worker, and holds no
 * transaction meanwhile.  '*ret_text' is the token. */
/* When more is needed 'receipt->text' is set and it is 401. */
int auth_issue(struct server *s, struct arena *a, const struct auth_request *rq, const char **ret_text,
               struct token_view *ret, struct auth_receipt *receipt, struct err *err);

/* The same for who was proven otherwise (EC2 signatures): 'is' has user,
 * methods, expiry and audit ids; 'u' may be empty. */
int auth_issue_proven(struct server *s, struct arena *a, const struct auth_request *rq, const struct user *u,
                      struct issued_token *is, const char **ret_text, struct token_view *ret,
                      struct err *err);

/* 401 in the words that are the same whatever was wrong. */
int auth_refused(struct err *err);

/* 401 for a way to log in that is not served. */
int auth_unsupported(struct err *err);

/* As auth_refused(); with [identity] insecure_debug it says what was wrong. */
int auth_refused_why(const struct server *s, struct err *err, const char *why);

/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens that no longer hold.  Most of what takes rights away (a role removed,
 * a project disabled) needs no entry here, because every check looks at the
 * present; entries are for what the present does not show (a token handed back,
 * a password changed), and for those who read /v3/OS-REVOKE/events. */
#pragma once

#include "identity/identity.h"
#include "identity/issued.h"

struct token_view;

/* All tokens of a user issued until now; also those by trusts of or for him. */
int revoke_user(struct request *rq, const char *user_id, struct err *err);

/* The same where there is no request; the caller counts up the generation. */
int revoke_user_in(struct server *s, struct txn *t, const char *user_id, struct err *err);

/* All tokens for a project that goes, or by a trust that goes. */
int revoke_project(struct request *rq, const char *project_id, struct err *err);
int revoke_trust(struct request *rq, const char *trust_id, struct err *err);

/* One token.  Commits. */
int revoke_token(struct request *rq, const char *text, const struct issued_token *tok, struct err *err);

/* 0, or -EKEYREJECTED when an entry fits the token that 'v' describes. */
int revoke_check(struct txn *t, struct arena *a, const struct token_view *v, struct err *err);

/* The time to stamp on a new token of the user: Keystone's format keeps whole
 * seconds, so one that is issued in the second of a revocation is stamped with
 * the next, else it would be born revoked. */
int revoke_issue_time(struct txn *t, const char *user_id, int64_t now_us, int64_t *ret_us, struct err *err);

/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of passwords: what a new one must be, and what a login with one costs
 * whoever guesses. */
#pragma once

#include "identity/identity.h"

/* 0 when 'given' is the user's password ('u->id' null: nobody's, which takes
 * as long), else 401 in the one set of words.  Counts wrong ones, refuses who
 * is locked out or was away too long.  Hashes: on a worker, no transaction;
 * 503 when too many do. */
int password_prove(struct server *s, struct arena *a, const struct user *u, struct secret given,
                   struct err *err);

/* -EINVAL (400) when 'given' does not fit the rules.  'self': the user changes
 * it, so age and history count too; 'u' null for a new user. */
int password_accept(struct server *s, struct arena *a, const struct user *u, struct secret given, bool self,
                    struct err *err);

/* True when 'given' is the user's password; nothing is counted or noted. */
bool password_fits(const struct identity *id, struct arena *a, const struct user *u, struct secret given);

/* The hash of as much of 'given' as counts; -EACCES (403) when that is not all and must be. */
int password_make(const struct identity *id, struct arena *a, struct secret given, char **ret,
                  struct err *err);

/* Hashes 'given' into the user's row and says until when it is good. */
int password_set(struct server *s, struct arena *a, struct user *u, struct secret given, bool self,
                 struct err *err);

/* True when the user has the option. */
bool user_option(const struct user *u, const char *name);

/* True when the user did not log in for longer than [identity] inactive_days
 * allows, and so counts as disabled. */
bool user_is_away(struct server *s, const struct user *u);

/* Until when a change of options lets the present password be good. */
int64_t password_expiry(const struct identity *id, const struct user *u, bool self, int64_t now_us);

/* SPDX-License-Identifier: Apache-2.0 */
/* From a token's text to what it means now: who, where, with which roles, and
 * the body that describes it.  Rights are looked up in the present, never
 * taken from the token.  Answers are kept while nothing changed. */
#pragma once

#include "identity/identity.h"
#include "identity/issued.h"

/* What a token means now. */
struct token_view {
    struct token token; /* For the rest floor. */
    struct issued_token issued;
    int64_t fresh_until_us;              /* Then it is looked up again; 0: only after a change. */
    const char *trustor_id, *trustee_id; /* Of a trust's token, else null. */
    const char *body;                    /* {"token": {…}} with the catalog, JSON text */
    const char *body_brief;              /* The same without the catalog. */
    const char *user_json; /* Of a standing: its user; body_brief is its part, body its catalog. */
};

/* How much of a view is wanted: the bodies are long. */
enum view_part { VIEW_TOKEN, VIEW_BRIEF, VIEW_FULL, VIEW_ALL };

struct token_views; /* The cache. */
struct token_views *token_views_new(size_t max);
void token_views_free(struct token_views *v);

/* Whether looking at tokens and rights waits for nobody: no other machine, no
 * disk of another's.  Only then on a server's thread. */
bool identity_is_quick(const struct server *s);

/* Checks a token's text.  0 with everything in the arena; -EKEYREJECTED. */
int token_view(struct server *s, struct arena *a, const char *text, enum view_part part,
               struct token_view *ret, struct err *err);

/* The same, also for one that expired not longer than 'window_us' ago. */
int token_view_within(struct server *s, struct arena *a, const char *text, enum view_part part,
                      int64_t window_us, struct token_view *ret, struct err *err);

/* Only from the cache: -EWOULDBLOCK when the database would be needed. */
int token_view_cached(struct server *s, struct arena *a, const char *text, enum view_part part,
                      struct token_view *ret);

/* Before a token's user is looked at: who comes from a directory (the user, and
 * the trustor of 'trust_id' if not null) is asked for there when that is due.
 * Costs nothing where nobody does.  Not inside a transaction.  -ENOENT when
 * somebody left it.  '*ret_until_us': as mirror_refresh(). */
int token_refresh(struct server *s, struct arena *a, const char *user_id, const char *trust_id,
                  int64_t *ret_until_us, struct err *err);

/* Describes a decoded token in a transaction: -EKEYREJECTED when the user, the
 * scope or all roles are gone.  'text' may be null. */
int token_describe(struct server *s, struct txn *t, struct arena *a, const struct issued_token *is,
                   struct token_view *ret, struct err *err);

/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/model/revocations.h"

#include <string.h>

#include "identity/model/check.h"
#include "identity/store/revocations.h"

#define SECOND_US 1000000

/* The whole second after 'us'. */
static int64_t next_second(int64_t us)
{
    return us - us % SECOND_US + SECOND_US;
}

/* What expired long ago need not be remembered; but an expired token may still
 * be asked for within the window. */
static int add_in(struct server *s, struct txn *t, struct revocation *e, struct err *err)
{
    const struct identity_options *opt = ((const struct identity *) s->state)->opt;
    int64_t now_us = server_now_us(s);
    int r;

    e->revoked_at_us = now_us;
    if (e->issued_before_us < now_us)
        e->issued_before_us = now_us;
    r = revocation_add(t, e, err);
    if (r >= 0)
        r = revocations_expire(
            t, now_us - (2 * opt->token_expiration_s + opt->allow_expired_window_s) * SECOND_US, err);
    return r;
}

static int add(struct request *rq, struct revocation *e, struct err *err)
{
    return add_in(rq->server, rq->txn, e, err);
}

int revoke_user_in(struct server *s, struct txn *t, const char *user_id, struct err *err)
{
    struct revocation e = { .user_id = user_id };
    int64_t until_us;
    int r = revocation_of_user(t, user_id, &until_us, err);

    if (r < 0)
        return r;
    /* Tokens issued since the last revocation may be stamped with the second after it. */
    e.issued_before_us = next_second(until_us);
    return add_in(s, t, &e, err);
}

int revoke_user(struct request *rq, const char *user_id, struct err *err)
{
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    return r < 0 ? r : revoke_user_in(rq->server, t, user_id, err);
}

static int revoke_thing(struct request *rq, struct revocation e, struct err *err)
{
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    return r < 0 ? r : add(rq, &e, err);
}

int revoke_project(struct request *rq, const char *project_id, struct err *err)
{
    return revoke_thing(rq, (struct revocation){ .project_id = project_id }, err);
}

int revoke_trust(struct request *rq, const char *trust_id, struct err *err)
{
    return revoke_thing(rq, (struct revocation){ .trust_id = trust_id }, err);
}

/* What counts is the entry; that the provider forgets the token too only saves
 * room, so it is not waited for and its failure not told. */
int revoke_token(struct request *rq, const char *text, const struct issued_token *tok, struct err *err)
{
    const struct token_provider *p = &identity_of(rq)->tokens;
    int r = revoke_thing(
        rq, (struct revocation){ .audit_id = tok->audit_ids[0], .issued_before_us = tok->issued_us }, err);

    if (r >= 0)
        r = rq_commit(rq, err);
    if (r >= 0 && p->driver->forget)
        (void) p->driver->forget(p->self, text, NULL);
    return r;
}

static bool has_role(const struct token *t, const char *id)
{
    for (size_t i = 0; i < t->n_roles; i++)
        if (strcmp(t->roles[i].id, id) == 0)
            return true;
    return false;
}

int revoke_check(struct txn *t, struct arena *a, const struct token_view *v, struct err *err)
{
    const struct issued_token *is = &v->issued;
    const struct revocable k = { .user_ids = { is->user_id, v->trustor_id, v->trustee_id },
                                 .project_id = v->token.project_id,
                                 .trust_id = is->trust_id,
                                 .audit_id = is->audit_ids[0],
                                 .audit_chain_id = is->audit_ids[1],
                                 .domain_ids = { v->token.user_domain_id, v->token.domain_id
                                                                              ? v->token.domain_id
                                                                              : v->token.project_domain_id },
                                 .issued_us = is->issued_us };
    struct rows rows;
    int r = revocations_hitting(t, a, &k, &rows, err);

    for (size_t i = 0; r >= 0 && i < rows.count; i++) {
        const char *role_id = rows_text(&rows, i, 0);

        if (!role_id || has_role(&v->token, role_id))
            return err_set(err, -EKEYREJECTED, "Failed to validate token");
    }
    return r < 0 ? r : 0;
}

int revoke_issue_time(struct txn *t, const char *user_id, int64_t now_us, int64_t *ret_us, struct err *err)
{
    int64_t until_us;
    int r = revocation_of_user(t, user_id, &until_us, err);

    if (r >= 0)
        *ret_us = next_second(until_us) > now_us ? next_second(until_us) : now_us;
    return r;
}

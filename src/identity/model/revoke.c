/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/model/revoke.h"

#include "identity/store/revocations.h"

#define SECOND_US 1000000

/* The whole second after 'us'. */
static int64_t next_second(int64_t us)
{
    return us - us % SECOND_US + SECOND_US;
}

static int add(struct request *rq, const char *user_id, const char *audit_id, int64_t before_us,
               struct err *err)
{
    int64_t now_us = server_now_us(rq->server);
    int r = revocation_add(rq->txn, user_id, audit_id, before_us, now_us, err);

    if (r >= 0) /* What expired long ago need not be remembered. */
        r = revocations_expire(rq->txn, now_us - 2 * identity_of(rq)->opt->token_expiration_s * SECOND_US,
                               err);
    return r;
}

int revoke_user(struct request *rq, const char *user_id, struct err *err)
{
    int64_t now_us = server_now_us(rq->server), until_us;
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    if (r >= 0)
        r = revocation_of_user(t, user_id, &until_us, err);
    if (r < 0)
        return r;
    /* Tokens issued since the last revocation may be stamped with the second after it. */
    if (next_second(until_us) > now_us)
        now_us = next_second(until_us);
    return add(rq, user_id, NULL, now_us, err);
}

/* What counts is the entry; that the provider forgets the token too only saves
 * room, so it is not waited for and its failure not told. */
int revoke_token(struct request *rq, const char *text, const struct issued_token *tok, struct err *err)
{
    const struct token_provider *p = &identity_of(rq)->tokens;
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    if (r >= 0)
        r = add(rq, NULL, tok->audit_ids[0], server_now_us(rq->server), err);
    if (r >= 0)
        r = rq_commit(rq, err);
    if (r >= 0 && p->driver->forget)
        (void) p->driver->forget(p->self, text, NULL);
    return r;
}

int revoke_check(struct txn *t, struct arena *a, const struct issued_token *tok, struct err *err)
{
    int64_t n;
    int r = revocations_count(t, tok->audit_ids[0], tok->user_id, tok->issued_us, &n, err);

    return r < 0 ? r : n ? -EKEYREJECTED : 0;
}

int revoke_issue_time(struct txn *t, const char *user_id, int64_t now_us, int64_t *ret_us, struct err *err)
{
    int64_t until_us;
    int r = revocation_of_user(t, user_id, &until_us, err);

    if (r >= 0)
        *ret_us = next_second(until_us) > now_us ? next_second(until_us) : now_us;
    return r;
}

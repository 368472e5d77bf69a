/* SPDX-License-Identifier: Apache-2.0 */
/* Stored tokens in identity's own database. */
#include "identity/driver/token/records.h"
#include "identity/identity.h"
#include "identity/store/tokens.h"

static int open_sql(struct server *s, void **ret, struct err *err)
{
    *ret = s->db;
    return 0;
}

static void close_sql(void *self)
{
}

static int put_in(struct txn *t, void *ctx, struct err *err)
{
    return stored_token_put(t, ctx, err);
}

static int put(void *self, const struct token_record *rec, struct err *err)
{
    return txn_run(self, put_in, (void *) rec, err);
}

static int get(void *self, struct arena *a, const char *key, const char **ret_claims, struct err *err)
{
    auto_rollback struct txn *t = NULL;
    int r = txn_begin(self, false, &t, err);

    return r < 0 ? r : stored_token_get(t, a, key, ret_claims, err);
}

static int forget_in(struct txn *t, void *ctx, struct err *err)
{
    return stored_token_delete(t, ctx, err);
}

static int forget(void *self, const char *key, struct err *err)
{
    return txn_run(self, forget_in, (void *) key, err);
}

struct flushing {
    int64_t before_us, n;
};

static int flush_in(struct txn *t, void *ctx, struct err *err)
{
    struct flushing *f = ctx;

    f->n = stored_tokens_flush(t, f->before_us, err);
    return f->n < 0 ? (int) f->n : 0;
}

static int64_t flush(void *self, int64_t before_us, struct err *err)
{
    struct flushing f = { before_us, 0 };
    int r = txn_run(self, flush_in, &f, err);

    return r < 0 ? r : f.n;
}

const struct token_records sql_token_records = {
    .name = "sql",
    .open = open_sql,
    .close = close_sql,
    .put = put,
    .get = get,
    .forget = forget,
    .flush = flush,
};

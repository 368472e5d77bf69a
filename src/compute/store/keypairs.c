/* SPDX-License-Identifier: Apache-2.0 */
#include "compute/store/keypairs.h"

static const struct column columns[] = {
    COLUMN(FIELD_STRING, keypair, id),          COLUMN(FIELD_STRING, keypair, user_id),
    COLUMN(FIELD_STRING, keypair, name),        COLUMN(FIELD_STRING, keypair, type),
    COLUMN(FIELD_STRING, keypair, fingerprint), COLUMN(FIELD_STRING, keypair, public_key),
    COLUMN(FIELD_INT, keypair, number),         COLUMN(FIELD_TIME, keypair, created_at),
    COLUMN(FIELD_TIME, keypair, updated_at),    { 0 },
};

const struct table keypair_table = { "keypairs", "id", sizeof(struct keypair), columns };

int keypair_find(struct txn *t, struct arena *a, const char *user_id, const char *name, struct keypair *ret,
                 struct err *err)
{
    const struct cond conds[] = {
        { .column = "user_id", .op = COND_EQ, .value = val_text(user_id) },
        { .column = "name", .op = COND_EQ, .value = val_text(name) },
    };

    return table_find(t, a, &keypair_table, conds, ARRAY_SIZE(conds), ret, err);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/store/roles.h"

static const struct column columns[] = {
    COLUMN(FIELD_STRING, role, id),
    COLUMN(FIELD_STRING, role, domain_id),
    COLUMN(FIELD_STRING, role, name),
    COLUMN(FIELD_STRING, role, description),
    COLUMN(FIELD_JSON, role, extra),
    COLUMN(FIELD_JSON, role, options),
    { 0 },
};

const struct table role_table = { "roles", "id", sizeof(struct role), columns };

int role_find(struct txn *t, struct arena *a, const char *domain_id, const char *name, struct role *ret,
              struct err *err)
{
    const struct cond conds[] = {
        { .column = "domain_id", .op = COND_EQ, .value = val_text(domain_id) },
        { .column = "name", .op = COND_EQ, .value = val_text(name) },
    };

    return table_find(t, a, &role_table, conds, ARRAY_SIZE(conds), ret, err);
}

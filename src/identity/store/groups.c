/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/store/groups.h"

static const struct column columns[] = {
    COLUMN(FIELD_STRING, group, id),   COLUMN(FIELD_STRING, group, domain_id),
    COLUMN(FIELD_STRING, group, name), COLUMN(FIELD_STRING, group, description),
    COLUMN(FIELD_JSON, group, extra),  { 0 },
};

const struct table group_table = { "groups_", "id", sizeof(struct group), columns };

int group_find(struct txn *t, struct arena *a, const char *domain_id, const char *name, struct group *ret,
               struct err *err)
{
    const struct cond conds[] = {
        { .column = "domain_id", .op = COND_EQ, .value = val_text(domain_id) },
        { .column = "name", .op = COND_EQ, .value = val_text(name) },
    };

    return table_find(t, a, &group_table, conds, ARRAY_SIZE(conds), ret, err);
}

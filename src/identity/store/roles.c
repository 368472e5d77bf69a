/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/store/roles.h"

#include "base/str.h"

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

int roles_of_domains(struct txn *t, struct arena *a, const char ***ret, struct err *err)
{
    struct rows rows;
    int r = sql_query(t, a, &rows, err, "SELECT id FROM roles WHERE domain_id <> ''");

    for (size_t i = 0; r >= 0 && i < rows.count; i++)
        *ret = strv_add(a, *ret, rows_text(&rows, i, 0));
    return r;
}

int role_is_global(struct txn *t, struct arena *a, const char *id, struct err *err)
{
    struct rows rows;
    int r = sql_query(t, a, &rows, err, "SELECT domain_id FROM roles WHERE id = ?", val_text(id));

    return r < 0 ? r : rows.count && str_empty(rows_text(&rows, 0, 0));
}

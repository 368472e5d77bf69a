/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/store/projects.h"

static const struct column columns[] = {
    COLUMN(FIELD_STRING, project, id),
    COLUMN(FIELD_STRING, project, domain_id),
    COLUMN(FIELD_STRING, project, parent_id),
    COLUMN(FIELD_STRING, project, name),
    COLUMN(FIELD_STRING, project, description),
    COLUMN(FIELD_BOOL, project, enabled),
    COLUMN(FIELD_BOOL, project, is_domain),
    COLUMN(FIELD_STRV, project, tags),
    COLUMN(FIELD_JSON, project, extra),
    COLUMN(FIELD_JSON, project, options),
    { 0 },
};

const struct table project_table = { "projects", "id", sizeof(struct project), columns };

int project_find(struct txn *t, struct arena *a, const char *domain_id, const char *name, struct project *ret,
                 struct err *err)
{
    const struct cond conds[] = {
        { .column = "domain_id", .op = COND_EQ, .value = val_text(domain_id) },
        { .column = "name", .op = COND_EQ, .value = val_text(name) },
    };

    return table_find(t, a, &project_table, conds, ARRAY_SIZE(conds), ret, err);
}

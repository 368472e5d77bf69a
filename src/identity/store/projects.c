/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/store/projects.h"

#include "base/str.h"

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

int project_count_children(struct txn *t, const char *id, bool only_enabled, int64_t *ret, struct err *err)
{
    return sql_get_int(t, ret, err, "SELECT COUNT(*) FROM projects WHERE parent_id = ? AND enabled >= ?",
                       val_text(id), val_int(only_enabled));
}

int project_children(struct txn *t, struct arena *a, const char *id, const char ***ret, struct err *err)
{
    struct rows rows;
    int r = sql_query(t, a, &rows, err, "SELECT id FROM projects WHERE parent_id = ? AND is_domain = 0",
                      val_text(id));

    for (size_t i = 0; r >= 0 && i < rows.count; i++)
        *ret = strv_add(a, *ret, rows_text(&rows, i, 0));
    return r;
}

int projects_below(struct txn *t, int64_t levels, int64_t *ret, struct err *err)
{
    return sql_get_int(
        t, ret, err,
        "WITH RECURSIVE tree(id, level) AS (SELECT id, 1 FROM projects WHERE parent_id = domain_id AND "
        "is_domain = 0 UNION ALL SELECT p.id, tree.level + 1 FROM tree JOIN projects p ON p.parent_id = "
        "tree.id) SELECT COUNT(*) FROM tree WHERE level > ?",
        val_int(levels));
}

int projects_of_domain(struct txn *t, struct arena *a, const char *domain_id, const char ***ret,
                       struct err *err)
{
    struct rows rows;
    int r = sql_query(t, a, &rows, err, "SELECT id FROM projects WHERE domain_id = ?", val_text(domain_id));
    const char **ids;

    if (r < 0)
        return r;
    ids = arena_array(a, const char *, rows.count + 1);
    for (size_t i = 0; i < rows.count; i++)
        ids[i] = rows_text(&rows, i, 0);
    *ret = ids;
    return 0;
}

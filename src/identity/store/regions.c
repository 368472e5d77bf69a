/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/store/regions.h"

static const struct column columns[] = {
    COLUMN(FIELD_STRING, region, id),
    COLUMN(FIELD_STRING, region, parent_region_id),
    COLUMN(FIELD_STRING, region, description),
    COLUMN(FIELD_JSON, region, extra),
    { 0 },
};

const struct table region_table = { "regions", "id", sizeof(struct region), columns };

/* UNION keeps each once, so a circle ends. */
#define TREE                                                                 \
    "WITH RECURSIVE tree(id) AS (SELECT id FROM regions WHERE id = ? UNION " \
    "SELECT r.id FROM regions r JOIN tree ON r.parent_region_id = tree.id) "

int region_endpoints(struct txn *t, const char *id, int64_t *ret, struct err *err)
{
    return sql_get_int(t, ret, err,
                       TREE "SELECT COUNT(*) FROM endpoints WHERE region_id IN (SELECT id FROM tree)",
                       val_text(id));
}

int region_delete_below(struct txn *t, struct arena *a, const char *id, struct err *err)
{
    struct rows rows;
    int r = sql_query(t, a, &rows, err, TREE "SELECT id FROM tree WHERE id <> ?", val_text(id), val_text(id));

    for (size_t i = 0; r >= 0 && i < rows.count; i++)
        r = table_delete(t, &region_table, rows_text(&rows, i, 0), err);
    return r;
}

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

int region_uses(struct txn *t, const char *id, int64_t *ret, struct err *err)
{
    return sql_get_int(t, ret, err,
                       "SELECT (SELECT COUNT(*) FROM endpoints WHERE region_id = ?) + "
                       "(SELECT COUNT(*) FROM regions WHERE parent_region_id = ?)",
                       val_text(id), val_text(id));
}

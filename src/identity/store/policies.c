/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/store/policies.h"

static const struct column columns[] = {
    COLUMN(FIELD_STRING, policy_document, id),
    COLUMN(FIELD_STRING, policy_document, type),
    COLUMN_AS("document", FIELD_STRING, policy_document, blob),
    COLUMN(FIELD_JSON, policy_document, extra),
    { 0 },
};

const struct table policy_table = { "policies", "id", sizeof(struct policy_document), columns };

#define PLACE       "endpoint_id = ? AND service_id = ? AND region_id = ?"
#define PLACE_OF(p) val_text((p)->endpoint_id), val_text((p)->service_id), val_text((p)->region_id)

int policy_associate(struct txn *t, const struct policy_association *as, struct err *err)
{
    int64_t n = sql_exec(t, err, "DELETE FROM policy_associations WHERE " PLACE, PLACE_OF(as));

    if (n >= 0)
        n = sql_exec(t, err,
                     "INSERT INTO policy_associations (policy_id, endpoint_id, service_id, region_id) "
                     "VALUES (?, ?, ?, ?)",
                     val_text(as->policy_id), PLACE_OF(as));
    return n < 0 ? (int) n : 0;
}

int policy_associated(struct txn *t, struct arena *a, const struct policy_association *place,
                      const char **ret_id, struct err *err)
{
    struct rows rows;
    int r = sql_query(t, a, &rows, err, "SELECT policy_id FROM policy_associations WHERE " PLACE,
                      PLACE_OF(place));

    if (r < 0)
        return r;
    if (!rows.count)
        return -ENOENT;
    *ret_id = rows_text(&rows, 0, 0);
    return 0;
}

int policy_dissociate(struct txn *t, const struct policy_association *as, struct err *err)
{
    int64_t n = sql_exec(t, err, "DELETE FROM policy_associations WHERE policy_id = ? AND " PLACE,
                         val_text(as->policy_id), PLACE_OF(as));

    return n < 0 ? (int) n : 0;
}

int policy_forget(struct txn *t, const char *policy_id, struct err *err)
{
    int64_t n = sql_exec(t, err, "DELETE FROM policy_associations WHERE policy_id = ?", val_text(policy_id));

    return n < 0 ? (int) n : 0;
}

int policy_places(struct txn *t, struct arena *a, const char *policy_id, struct rows *ret, struct err *err)
{
    return sql_query(t, a, ret, err,
                     "SELECT endpoint_id, service_id, region_id FROM policy_associations WHERE policy_id = ?",
                     val_text(policy_id));
}

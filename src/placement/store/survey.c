/* SPDX-License-Identifier: Apache-2.0 */
#include "placement/store/survey.h"

int survey_inventories(struct txn *t, struct arena *a, struct rows *ret, struct err *err)
{
    return sql_query(t, a, ret, err,
                     "SELECT provider_id, class_id, total, reserved, min_unit, max_unit, step_size, "
                     "allocation_ratio FROM inventories ORDER BY provider_id, class_id");
}

int survey_usages(struct txn *t, struct arena *a, struct rows *ret, struct err *err)
{
    return sql_query(
        t, a, ret, err,
        "SELECT provider_id, class_id, SUM(used) FROM allocations GROUP BY provider_id, class_id");
}

int survey_traits(struct txn *t, struct arena *a, struct rows *ret, struct err *err)
{
    return sql_query(t, a, ret, err, "SELECT provider_id, trait_id FROM provider_traits");
}

int survey_aggregates(struct txn *t, struct arena *a, struct rows *ret, struct err *err)
{
    return sql_query(t, a, ret, err,
                     "SELECT provider_id, aggregate_uuid FROM provider_aggregates ORDER BY provider_id");
}

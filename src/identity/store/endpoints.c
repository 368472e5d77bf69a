/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/store/endpoints.h"

static const struct column columns[] = {
    COLUMN(FIELD_STRING, endpoint, id),          COLUMN(FIELD_STRING, endpoint, service_id),
    COLUMN(FIELD_STRING, endpoint, region_id),   COLUMN(FIELD_STRING, endpoint, interface),
    COLUMN(FIELD_STRING, endpoint, url),         COLUMN(FIELD_STRING, endpoint, name),
    COLUMN(FIELD_STRING, endpoint, description), COLUMN(FIELD_BOOL, endpoint, enabled),
    COLUMN(FIELD_JSON, endpoint, extra),         { 0 },
};

const struct table endpoint_table = { "endpoints", "id", sizeof(struct endpoint), columns };

int endpoints_of_catalog(struct txn *t, struct arena *a, struct rows *ret, struct err *err)
{
    return sql_query(
        t, a, ret, err,
        "SELECT s.id, s.type, s.name, e.id, e.interface, e.region_id, e.url FROM services s LEFT JOIN "
        "endpoints e ON e.service_id = s.id AND e.enabled = 1 WHERE s.enabled = 1 ORDER BY s.type, s.id, e.id");
}

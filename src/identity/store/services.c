/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/store/services.h"

static const struct column columns[] = {
    COLUMN(FIELD_STRING, catalog_service, id),
    COLUMN(FIELD_STRING, catalog_service, type),
    COLUMN(FIELD_STRING, catalog_service, name),
    COLUMN(FIELD_STRING, catalog_service, description),
    COLUMN(FIELD_BOOL, catalog_service, enabled),
    COLUMN(FIELD_JSON, catalog_service, extra),
    { 0 },
};

const struct table catalog_service_table = { "services", "id", sizeof(struct catalog_service), columns };

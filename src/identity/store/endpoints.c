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

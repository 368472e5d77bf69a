/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/store/endpoints.h"

#include <stdlib.h>
#include <string.h>

static const struct column columns[] = {
    COLUMN(FIELD_STRING, endpoint, id),          COLUMN(FIELD_STRING, endpoint, service_id),
    COLUMN(FIELD_STRING, endpoint, region_id),   COLUMN(FIELD_STRING, endpoint, interface),
    COLUMN(FIELD_STRING, endpoint, url),         COLUMN(FIELD_STRING, endpoint, name),
    COLUMN(FIELD_STRING, endpoint, description), COLUMN(FIELD_BOOL, endpoint, enabled),
    COLUMN(FIELD_JSON, endpoint, extra),         { 0 },
};

const struct table endpoint_table = { "endpoints", "id", sizeof(struct endpoint), columns };

enum { SERVICE_ID, TYPE, NAME, ENDPOINT_ID, INTERFACE, REGION_ID, URL, COLUMNS };

static int compare(const struct val *a, const struct val *b)
{
    return strcmp(a->s ? a->s : "", b->s ? b->s : "");
}

/* By type, and endpoints of a service together. */
static int in_catalog(const void *a, const void *b)
{
    const struct val *x = a, *y = b;
    int c = compare(&x[TYPE], &y[TYPE]);

    c = c ? c : compare(&x[SERVICE_ID], &y[SERVICE_ID]);
    return c ? c : compare(&x[ENDPOINT_ID], &y[ENDPOINT_ID]);
}

/* There are few: sorted here they cost a fraction of what a database's sorter does. */
int endpoints_of_catalog(struct txn *t, struct arena *a, struct rows *ret, struct err *err)
{
    int r = sql_query(t, a, ret, err,
                      "SELECT s.id, s.type, s.name, e.id, e.interface, e.region_id, e.url FROM services s "
                      "LEFT JOIN endpoints e ON e.service_id = s.id AND e.enabled = 1 WHERE s.enabled = 1");

    if (r >= 0 && ret->count)
        qsort(ret->cells, ret->count, COLUMNS * sizeof(*ret->cells), in_catalog);
    return r;
}

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

enum { SERVICE_ID, ENDPOINT_ID, TYPE_OR_INTERFACE, NAME_OR_REGION, URL };

static int compare_services(const void *a, const void *b)
{
    const struct listed_service *x = a, *y = b;
    int c = strcmp(x->type, y->type);

    return c ? c : strcmp(x->id, y->id);
}

static int compare_endpoints(const void *a, const void *b)
{
    const struct listed_endpoint *x = a, *y = b;
    int c = strcmp(x->service_id, y->service_id);

    return c ? c : strcmp(x->id, y->id);
}

static struct listed_service load_service(const struct rows *rows, size_t i)
{
    return (struct listed_service){ .id = rows_text(rows, i, SERVICE_ID),
                                    .type = rows_text(rows, i, TYPE_OR_INTERFACE),
                                    .name = rows_text(rows, i, NAME_OR_REGION) };
}

static struct listed_endpoint load_endpoint(const struct rows *rows, size_t i)
{
    return (struct listed_endpoint){ .service_id = rows_text(rows, i, SERVICE_ID),
                                     .id = rows_text(rows, i, ENDPOINT_ID),
                                     .interface = rows_text(rows, i, TYPE_OR_INTERFACE),
                                     .region_id = rows_text(rows, i, NAME_OR_REGION),
                                     .url = rows_text(rows, i, URL) };
}

/* Where in 'n' sorted endpoints those of the service are. */
static void find_endpoints(struct listed_service *s, const struct listed_endpoint *all, size_t n)
{
    size_t low = 0, high = n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(all[middle].service_id, s->id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    s->endpoints = all + low;
    while (low < n && strcmp(all[low].service_id, s->id) == 0)
        low++;
    s->n = (size_t) (all + low - s->endpoints);
}

/* Both tables as they lie there, put together here: a join looks for each
 * endpoint in two trees, and a database's sorter costs a multiple of this one. */
int services_of_catalog(struct txn *t, struct arena *a, struct listed_service **ret, size_t *ret_n,
                        struct err *err)
{
    struct listed_service *services;
    struct listed_endpoint *endpoints;
    size_t n_services = 0, n_endpoints = 0;
    struct rows rows;
    int r = sql_query(t, a, &rows, err,
                      "SELECT id, NULL, type, name, NULL FROM services WHERE enabled = 1 UNION ALL "
                      "SELECT service_id, id, interface, region_id, url FROM endpoints WHERE enabled = 1");

    if (r < 0)
        return r;
    services = arena_array(a, struct listed_service, rows.count + 1);
    endpoints = arena_array(a, struct listed_endpoint, rows.count + 1);
    for (size_t i = 0; i < rows.count; i++)
        if (rows_text(&rows, i, ENDPOINT_ID))
            endpoints[n_endpoints++] = load_endpoint(&rows, i);
        else
            services[n_services++] = load_service(&rows, i);
    qsort(services, n_services, sizeof(*services), compare_services);
    qsort(endpoints, n_endpoints, sizeof(*endpoints), compare_endpoints);
    for (size_t i = 0; i < n_services; i++)
        find_endpoints(&services[i], endpoints, n_endpoints);
    *ret = services;
    *ret_n = n_services;
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Endpoints as rows. */
#pragma once

#include "identity/identity.h"

extern const struct table endpoint_table;

/* As the catalog lists them. */
struct listed_endpoint {
    const char *service_id, *id, *interface, *region_id, *url;
};

struct listed_service {
    const char *id, *type, *name;
    const struct listed_endpoint *endpoints; /* By id. */
    size_t n;
};

/* Every service that is enabled, by type and id, with every endpoint that is. */
int services_of_catalog(struct txn *t, struct arena *a, struct listed_service **ret, size_t *ret_n,
                        struct err *err);

/* SPDX-License-Identifier: Apache-2.0 */
/* Endpoints as rows. */
#pragma once

#include "identity/identity.h"

extern const struct table endpoint_table;

/* Every service that is enabled with every endpoint that is: the service's id,
 * type and name, the endpoint's id, interface, region and URL (null in a
 * service without any), ordered by type and service. */
int endpoints_of_catalog(struct txn *t, struct arena *a, struct rows *ret, struct err *err);

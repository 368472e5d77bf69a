/* SPDX-License-Identifier: Apache-2.0 */
/* The placement service. */
#pragma once

#include "client/service_call.h"

/* The provider exists with that name. */
int placement_provider_ensure(const struct client_as *as, const char *id, const char *name, struct err *err);
int placement_provider_delete(const struct client_as *as, const char *id, struct err *err);

/* The provider has these inventories ({"VCPU": {…}}) and no others; other
 * writers' changes in between are overwritten. */
int placement_inventories_set(const struct client_as *as, const char *id, const json_t *inventories,
                              struct err *err);

/* {"allocation_requests": […], "provider_summaries": {…}} for a query string. */
int placement_candidates(const struct client_as *as, const char *query, json_t **ret, struct err *err);

/* What a consumer has: its "allocations" object. */
int placement_allocations(const struct client_as *as, const char *consumer, json_t **ret, struct err *err);

/* The traits of a provider, an array of names. */
int placement_traits(const struct client_as *as, const char *provider, json_t **ret, struct err *err);

/* Takes 'allocations' ({PROVIDER: {"resources": {…}}}) for a consumer that has none
 * yet.  -EEXIST: somebody else took them first, or the consumer has some. */
int placement_claim(const struct client_as *as, const char *consumer, const json_t *allocations,
                    const char *project_id, const char *user_id, struct err *err);

/* The consumer has nothing any more. */
int placement_release(const struct client_as *as, const char *consumer, struct err *err);

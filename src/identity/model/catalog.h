/* SPDX-License-Identifier: Apache-2.0 */
/* The catalog of services as tokens carry it. */
#pragma once

#include "identity/identity.h"

/* Whether what an endpoint's URL wants to have filled in is among the few words that are. */
bool catalog_can_fill(const char *url);

/* JSON array of the enabled services with their enabled endpoints, URLs
 * filled in for a project and user (either may be null; an endpoint that needs
 * what is null is left out). */
int catalog_text(const struct identity *id, struct txn *t, struct arena *a, const char *project_id,
                 const char *user_id, const char **ret, struct err *err);

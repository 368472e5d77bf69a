/* SPDX-License-Identifier: Apache-2.0 */
/* The catalog of services as tokens carry it. */
#pragma once

#include "identity/identity.h"

/* Null when 'url' is one for an endpoint: what it wants to have filled in is
 * among the few words that are; else what is wrong with it. */
const char *catalog_check_url(const char *url);

/* JSON array of the enabled services with their enabled endpoints, URLs
 * filled in for a project and user (either may be null; an endpoint that needs
 * what is null is left out). */
int catalog_text(const struct identity *id, struct txn *t, struct arena *a, const char *project_id,
                 const char *user_id, const char **ret, struct err *err);

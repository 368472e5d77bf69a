/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "data/table.h"
#include "identity/identity.h"

extern const struct table endpoint_group_table;

/* Which endpoints a project sees: single ones and groups.  -ENOENT for what
 * is not associated. */
enum endpoint_link { LINK_ENDPOINT, LINK_GROUP };
int endpoint_link_add(struct txn *t, enum endpoint_link kind, const char *id, const char *project_id,
                      struct err *err);
int endpoint_link_exists(struct txn *t, enum endpoint_link kind, const char *id, const char *project_id,
                         struct err *err);
int endpoint_link_remove(struct txn *t, enum endpoint_link kind, const char *id, const char *project_id,
                         struct err *err);
int endpoint_link_projects(struct txn *t, struct arena *a, enum endpoint_link kind, const char *id,
                           const char ***ret, struct err *err);
int endpoint_link_ids(struct txn *t, struct arena *a, enum endpoint_link kind, const char *project_id,
                      const char ***ret, struct err *err);

/* Ids of the endpoints that fit a group's filter. */
int endpoint_group_endpoints(struct txn *t, struct arena *a, const struct endpoint_group *g,
                             const char ***ret, struct err *err);

/* Ids of all endpoints that the project has; null when none was chosen for it. */
int endpoints_of_project(struct txn *t, struct arena *a, const char *project_id, const char ***ret,
                         struct err *err);

/* What goes with an endpoint, a service (and its endpoints), a group, a project. */
int endpoint_forget(struct txn *t, const char *id, struct err *err);
int service_forget(struct txn *t, const char *id, struct err *err);
int endpoint_group_forget(struct txn *t, const char *id, struct err *err);
int endpoint_filters_forget_project(struct txn *t, const char *project_id, struct err *err);

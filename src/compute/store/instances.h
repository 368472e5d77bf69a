/* SPDX-License-Identifier: Apache-2.0 */
/* Servers as rows, and what was done to them. */
#pragma once

#include "compute/compute.h"
#include "data/table.h"

extern const struct table instance_table, instance_action_table, instance_event_table;

/* One that is not deleted.  -ENOENT. */
int instance_get(struct txn *t, struct arena *a, const char *id, struct instance *ret, struct err *err);

/* Writes the columns in 'only', and when it was changed. */
int instance_update(struct txn *t, struct arena *a, struct instance *i, int64_t now_us,
                    const char *const *only, struct err *err);

/* Records that somebody asked for something; fills the id. */
int action_start(struct txn *t, struct arena *a, struct instance_action *action, struct err *err);
int action_find(struct txn *t, struct arena *a, const char *instance_id, const char *request_id,
                struct instance_action *ret, struct err *err);

/* Ends it with its event; 'action->message' set beforehand when it failed. */
int action_finish(struct txn *t, struct arena *a, struct instance_action *action,
                  const struct instance_event *event, struct err *err);

/* Where it is; null when it has no host, or there is no such server. */
int instance_host(struct txn *t, struct arena *a, const char *id, const char **ret, struct err *err);

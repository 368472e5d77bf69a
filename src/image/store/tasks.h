/* SPDX-License-Identifier: Apache-2.0 */
/* What became of imports, for who asked for them. */
#pragma once

#include "data/table.h"

struct image_task {
    const char *id, *image_id, *owner, *user_id, *request_id, *type, *status, *input, *message;
    int64_t created_at, updated_at, expires_at;
};

extern const struct table image_task_table;

int image_task_list(struct txn *t, struct arena *a, const char *image_id, struct list *ret, struct err *err);

/* Changes status, message and times; a task that is gone is fine. */
int image_task_update(struct txn *t, struct arena *a, const struct image_task *task, struct err *err);

/* SPDX-License-Identifier: Apache-2.0 */
#include "image/store/tasks.h"

static const struct column columns[] = {
    COLUMN(FIELD_STRING, image_task, id),
    COLUMN(FIELD_STRING, image_task, image_id),
    COLUMN(FIELD_STRING, image_task, owner),
    COLUMN(FIELD_STRING, image_task, user_id),
    COLUMN(FIELD_STRING, image_task, request_id),
    COLUMN(FIELD_STRING, image_task, type),
    COLUMN(FIELD_STRING, image_task, status),
    COLUMN(FIELD_JSON, image_task, input),
    COLUMN(FIELD_STRING, image_task, message),
    COLUMN(FIELD_TIME, image_task, created_at),
    COLUMN(FIELD_TIME, image_task, updated_at),
    COLUMN(FIELD_TIME, image_task, expires_at),
    { 0 },
};

const struct table image_task_table = { "image_tasks", "id", sizeof(struct image_task), columns };

int image_task_list(struct txn *t, struct arena *a, const char *image_id, struct list *ret, struct err *err)
{
    const struct cond of_image = { .column = "image_id", .op = COND_EQ, .value = val_text(image_id) };
    const struct sort_key by_time = { "created_at", false };
    const struct query q = { .conds = &of_image, .n_conds = 1, .sort = &by_time, .n_sort = 1 };

    return table_list(t, a, &image_task_table, &q, ret, err);
}

int image_task_update(struct txn *t, struct arena *a, const struct image_task *task, struct err *err)
{
    static const char *const only[] = { "status", "message", "updated_at", "expires_at", NULL };
    int r = table_update(t, a, &image_task_table, task, only, err);

    return r == -ENOENT ? 0 : r;
}

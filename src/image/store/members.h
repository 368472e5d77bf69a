/* SPDX-License-Identifier: Apache-2.0 */
/* With which projects images are shared. */
#pragma once

#include "data/table.h"
#include "image/image.h"

extern const struct table image_member_table;

/* -ENOENT when the image is not shared with that project. */
int image_member_find(struct txn *t, struct arena *a, const char *image_id, const char *member_id,
                      struct image_member *ret, struct err *err);
int image_member_list(struct txn *t, struct arena *a, const char *image_id, struct list *ret,
                      struct err *err);
int image_member_set_status(struct txn *t, const struct image_member *m, struct err *err);
int image_member_delete(struct txn *t, const struct image_member *m, struct err *err);

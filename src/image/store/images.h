/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of images with what hangs on them. */
#pragma once

#include "data/table.h"
#include "image/image.h"

extern const struct table image_table;

/* Fills tags and properties of all images of 'l'. */
int image_expand(struct txn *t, struct arena *a, struct list *l, struct err *err);

/* Replaces all custom properties, or all tags, of an image by what the structure has. */
int image_write_properties(struct txn *t, const struct image *i, struct err *err);
int image_write_tags(struct txn *t, const struct image *i, struct err *err);

/* Changes the status from 'from' to what the structure has, along with size,
 * virtual_size, checksum and hash.  -ESTALE when the image is gone or has
 * another status. */
int image_change_status(struct txn *t, struct arena *a, const struct image *i, const char *from,
                        struct err *err);

/* Removes the row and all that hangs on it; its id cannot be used again. */
int image_forget(struct txn *t, const char *id, int64_t now_us, struct err *err);

/* True when an image of that id was there once. */
int image_was_deleted(struct txn *t, const char *id, bool *ret, struct err *err);

/* After a start: images whose data was being saved are queued again. */
int image_requeue_unfinished(struct txn *t, struct err *err);

/* Rows (id, status) of all images that have data, or staged data. */
int image_ids_with_data(struct txn *t, struct arena *a, struct rows *ret, struct err *err);

/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes on their way into the store: counted, hashed, written, inspected. */
#pragma once

#include <sys/types.h>

#include "image/image.h"

struct intake; /* One image's bytes on their way. */

/* What came. */
struct intake_result {
    uint64_t size;
    int64_t virtual_size; /* FIELD_NULL_INT when it is not known. */
    const char *checksum, *os_hash_value;
};

/* Begins to take the bytes of an image into 'area'.  'cancelled' is asked now
 * and then; null: never. */
int intake_begin(const struct image_state *s, const struct image *i, enum image_area area,
                 bool (*cancelled)(void *ctx), void *ctx, struct intake **ret, struct err *err);

/* The next bytes.  Too many, or a full store, are 413; cancelled -ECANCELED. */
int intake_add(struct intake *in, const void *data, size_t n, struct err *err);

/* All bytes are there.  In IMAGE_DATA they are inspected before they become
 * visible: what is not what the image's formats say, or dangerous, is 415.  Frees
 * 'in' in any case; after a failure nothing is left. */
int intake_end(struct intake *in, struct arena *a, struct intake_result *ret, struct err *err);

/* Throws away what came; null is fine. */
void intake_abort(struct intake *in);

/* All of the above for bytes that 'read' gives (0 at the end, or -errno, which
 * is 400). */
int intake_run(const struct image_state *s, struct arena *a, const struct image *i, enum image_area area,
               ssize_t (*read)(void *ctx, void *buf, size_t n), bool (*cancelled)(void *ctx), void *ctx,
               struct intake_result *ret, struct err *err);

/* For bytes that are in IMAGE_STAGING already: hashes and inspects. */
int intake_staged(const struct image_state *s, struct arena *a, const struct image *i,
                  bool (*cancelled)(void *ctx), void *ctx, struct intake_result *ret, struct err *err);

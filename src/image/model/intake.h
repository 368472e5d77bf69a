/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes on their way into the store: counted, hashed, written, inspected. */
#pragma once

#include <sys/types.h>

#include "image/image.h"

/* Where the bytes come from. */
struct intake_source {
    ssize_t (*read)(void *ctx, void *buf, size_t n); /* 0 at the end, or -errno. */
    bool (*cancelled)(void *ctx);                    /* Asked now and then; null: never. */
    void *ctx;
};

/* What came. */
struct intake {
    uint64_t size;
    int64_t virtual_size; /* FIELD_NULL_INT when it is not known. */
    const char *checksum, *os_hash_value;
};

/* Takes all bytes of 'src' into 'area' under i->id.  In IMAGE_DATA they are
 * inspected before they become visible: what is not what the image's formats
 * say, or dangerous, is 415.  Too many bytes or a full store are 413, a source
 * that breaks off is 400, a cancelled one -ECANCELED.  After any failure
 * nothing is left. */
int intake_run(const struct image_state *s, struct arena *a, const struct image *i, enum image_area area,
               const struct intake_source *src, struct intake *ret, struct err *err);

/* The same for bytes that are in IMAGE_STAGING already: hashes and inspects. */
int intake_staged(const struct image_state *s, struct arena *a, const struct image *i, struct intake *ret,
                  struct err *err);

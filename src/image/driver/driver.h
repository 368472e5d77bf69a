/* SPDX-License-Identifier: Apache-2.0 */
/* Where the bytes of images are kept.
 *
 * Calls may block and may come from many threads; there is never more than one
 * writer for an image.  What is written becomes visible as a whole, in
 * commit(), or not at all: after a crash, recover() throws away what was not
 * committed.  Removing what is gone succeeds. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

struct image_writer;

/* Data arrives in the store proper or, before an import, in its staging area. */
enum image_area { IMAGE_DATA, IMAGE_STAGING };

struct image_driver {
    const char *name; /* As written in the configuration, and the store's id in the API. */

    /* Opens the store; makes what is missing.  'data', 'staging' are paths. */
    int (*open)(const char *data, const char *staging, void **ret, struct err *err);
    void (*close)(void *self);

    /* Writing: begin, write in order, then commit or abort, which both free
     * the writer.  -ENOSPC: the store is full. */
    int (*begin)(void *self, enum image_area area, const char *id, struct image_writer **ret,
                 struct err *err);
    int (*write)(struct image_writer *w, const void *data, size_t n, struct err *err);
    int (*peek)(struct image_writer *w, uint64_t offset, void *buf, size_t n); /* Reads back; 0 or -errno. */
    int (*commit)(struct image_writer *w, struct err *err);
    void (*abort)(struct image_writer *w);

    /* A descriptor to read from, and how many bytes there are; -ENOENT. */
    int (*read)(void *self, enum image_area area, const char *id, int *ret_fd, uint64_t *ret_size,
                struct err *err);

    /* Moves staged data into the store proper, at once. */
    int (*promote)(void *self, const char *id, struct err *err);
    int (*remove)(void *self, enum image_area area, const char *id, struct err *err);

    /* A URL under which the data can be had directly ("file:///…"). */
    char *(*url)(void *self, struct arena *a, const char *id);

    /* After a start, before any writer: drops unfinished writes, and the data of
     * images that 'keep' does not know. */
    int (*recover)(void *self, bool (*keep)(void *ctx, enum image_area area, const char *id), void *ctx,
                   struct err *err);
};

extern const struct image_driver image_driver_file;

/* All drivers, ended by null. */
extern const struct image_driver *const image_drivers[];

/* SPDX-License-Identifier: Apache-2.0 */
/* Image data between this host and the image service, streamed. */
#pragma once

#include "agent/compute/driver.h"
#include "wire/httpc.h"

/* Fetches the data of 'i' into 'fd' (from its start): from the file that the
 * wish names if it can be read and has the right size, else over HTTP.  Checks
 * size and hash.  -ENOENT: the image service has no such data. */
int image_fetch(struct httpc *c, const struct wish_server *s, const struct wish_image *i, int fd,
                struct task *t, struct err *err);

/* Makes 'read' the data of image 'id'; 'size' -1 when unknown. */
int image_send(struct httpc *c, const struct wish_server *s, const char *id,
               ssize_t (*read)(void *ctx, char *buf, size_t max), void *ctx, int64_t size, struct err *err);

/* SPDX-License-Identifier: Apache-2.0 */
/* The states of an image and the ways between them. */
#pragma once

#include "image/image.h"

/* 409 when there is no way from i->status to 'to'; 400 when data is to come
 * and a format is missing. */
int status_check(const struct image *i, const char *to, struct err *err);

/* Changes the status in a transaction of its own, with the size and the hashes that
 * 'i' has ("queued" forgets them).  -ESTALE when the image is gone or has
 * changed meanwhile; then 'i' stays as it was. */
int status_move(struct server *s, struct arena *a, struct image *i, const char *to, struct err *err);

/* After a start: images whose data was on its way when we died are queued
 * again, and data that belongs to no image is removed. */
int status_recover(struct server *s, struct err *err);

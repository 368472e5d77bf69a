/* SPDX-License-Identifier: Apache-2.0 */
/* Whether bytes are what their image says they are. */
#pragma once

#include "image/image.h"
#include "image/model/format.h"

/* 0 with the virtual size (or FIELD_NULL_INT), or 415 in words. */
int accept_data(const struct image_options *o, const struct image *i, const struct format_source *src,
                int64_t *ret_virtual_size, struct err *err);

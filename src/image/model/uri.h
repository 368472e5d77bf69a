/* SPDX-License-Identifier: Apache-2.0 */
/* From where images may be downloaded. */
#pragma once

#include "image/image.h"

/* True when the operator allows an import from there. */
bool uri_is_allowed(const struct image_options *o, struct arena *a, const char *uri);

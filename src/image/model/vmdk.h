/* SPDX-License-Identifier: Apache-2.0 */
/* VMware's format: the only one whose header is partly a text that may name
 * other files. */
#pragma once

#include "image/model/format.h"

/* Sets ret->format when the bytes are a VMDK; 'h' is the first sector ('n' bytes). */
int vmdk_inspect(const struct format_source *src, const uint8_t *h, size_t n, struct format_facts *ret);

/* SPDX-License-Identifier: Apache-2.0 */
/* What goes on after its request was answered. */
#pragma once

#include "work/work.h"

extern const struct op_kind op_image_import;
extern const struct op_kind *const image_operations[];

#define IMAGE_FAILED_IMPORT "os_glance_failed_import" /* Property: stores to which an import failed. */

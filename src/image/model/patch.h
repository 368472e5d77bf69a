/* SPDX-License-Identifier: Apache-2.0 */
/* JSON patches, in the two drafts that clients of images speak. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

enum patch_op { PATCH_ADD, PATCH_REPLACE, PATCH_REMOVE };

struct patch {
    enum patch_op op;
    bool draft_4;
    const char *name; /* The member of the image. */
    const char *at;   /* Position inside it (locations), or null. */
    json_t *value;    /* Belongs to the body; null when removing. */
};

/* Reads a body: 0, or 400 for what is no patch and 403 for members that
 * nobody may change. */
int patch_read(struct arena *a, json_t *body, bool draft_4, struct patch **ret, size_t *ret_n,
               struct err *err);

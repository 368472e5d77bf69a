/* SPDX-License-Identifier: Apache-2.0 */
/* A number in a shared page of memory: one process counts it up, all others of
 * the machine see that at once. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct generation {
    _Atomic uint64_t *value; /* Null: not open. */
};

/* Maps the file; 'write' makes it when it is not there (mode 0644). */
int generation_open(struct generation *g, const char *path, bool write, struct err *err);
void generation_close(struct generation *g);
uint64_t generation_get(const struct generation *g); /* 0 when not open. */
void generation_bump(const struct generation *g);

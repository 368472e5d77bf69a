/* SPDX-License-Identifier: Apache-2.0 */
/* How limits of projects and of their domain hold together. */
#pragma once

#include "identity/identity.h"

struct limit_model {
    const char *name, *description;
    int64_t depth; /* Levels of projects below a domain that it can hold together; 0: any. */
    /* 0 when the limit 'l' (already written) fits the others; 403. */
    int (*check)(struct txn *t, struct arena *a, const struct limit *l, struct err *err);
};

/* By its name in the configuration. */
const struct limit_model *limit_model_named(const char *name);

/* SPDX-License-Identifier: Apache-2.0 */
/* STATE/run/NAME.json: who runs as what.  Written by the process itself, so
 * that a role started alone is seen too; the start time guards against
 * another process that got the same number. */
#pragma once

#include "main/setup.h"

struct running {
    const char *name; /* "identity" */
    pid_t pid;
    uint64_t started; /* Field 22 of /proc/PID/stat. */
    const char *version;
    const char *url;    /* Null: has no API. */
    int64_t started_us; /* By the clock. */
};

/* Says that this process runs as 'name'. */
int running_write(struct setup *s, const char *name, const char *url, struct err *err);
void running_remove(struct setup *s, const char *name);

/* Who runs as 'name' now, in the setup's arena: 0, or -ENOENT. */
int running_find(struct setup *s, const char *name, struct running *ret);

/* A descriptor that becomes readable when it ends (pidfd), or -errno. */
int running_open(const struct running *r);

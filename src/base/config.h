/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration: one INI file, described by tables of options.
 *
 * Sections are written as in OpenStack ("[identity]"), keys as "key = value",
 * comments with # or ;.  A key that no table knows, a value of the wrong type
 * or outside its range is an error with file and line: a typo must not be
 * silently a default. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/field.h"
#include "base/strbuf.h"

struct option {
    const char *name;
    enum field_type type; /* STRING, BOOL, INT, DOUBLE, STRV (comma separated), SECRET */
    size_t offset;        /* Into the structure that config_read() fills. */
    const char *value;    /* Default, as one would write it; null: none. */
    const char *help;     /* One or two sentences for share/stackd.conf. */
    int64_t min, max;     /* For INT, when max > min. */
    const char *choices;  /* For STRING: "a|b|c". */
};

struct config; /* A file that was read. */

/* Reads 'path' (may be null: nothing but defaults).  0, -ENOENT, -EINVAL. */
int config_load(struct arena *a, const char *path, struct config **ret, struct err *err);

/* Sets one key as if the file had it; for --set and tests. */
void config_set(struct config *c, const char *section, const char *key, const char *value);

/* Fills 'ret' from [section] by the options' table (ended by a null name),
 * with defaults for what is not given.  Strings live in the config's arena. */
int config_read(struct config *c, const char *section, const struct option *options, void *ret,
                struct err *err);

/* After every table was read: -EINVAL naming the first key or section that
 * nothing read. */
int config_check_unknown(struct config *c, struct err *err);

/* Appends the documented sample of a section: the help as comments and each
 * option commented out with its default ("#name = value").  0, or -EINVAL
 * when an option has a type that no file can hold. */
int config_write_sample(struct strbuf *b, const char *section, const struct option *options);

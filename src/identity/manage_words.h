/* SPDX-License-Identifier: Apache-2.0 */
/* What is written behind a command of `stackd identity`. */
#pragma once

#include <stdbool.h>

#include "base/err.h"

/* "--name VALUE" or "--name=VALUE" goes to '*value', "--name" alone to '*flag'. */
struct word_option {
    const char *name; /* With its dashes. */
    const char **value;
    bool *flag;
};

/* Reads 'words' (null, or ended by null) by 'options', ended by a null name.
 * The values are those of 'words'.  -EINVAL names the word that does not fit. */
int words_read(const char *const *words, const struct word_option *options, struct err *err);

/* -EINVAL when there are any. */
int words_none(const char *const *words, struct err *err);

/* SPDX-License-Identifier: Apache-2.0 */
/* The end of the process, for what no caller could handle: no memory, no
 * randomness.  Allocates nothing. */
#pragma once

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Writes 'words' and a newline to standard error and aborts. */
static inline _Noreturn void die(const char *words)
{
    if (write(STDERR_FILENO, words, strlen(words)) > 0 && write(STDERR_FILENO, "\n", 1) > 0)
        abort();
    abort();
}

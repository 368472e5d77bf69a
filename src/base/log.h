/* SPDX-License-Identifier: Apache-2.0 */
/* The log of a process: one line an event, text or JSON, on a descriptor.
 * Values come as pairs after the words: log_info(l, "server booted", "server", id, NULL). */
#pragma once

#include <stdbool.h>

#include "base/macros.h"

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARNING, LOG_LEVEL_ERROR };

struct log {
    int fd;               /* Where lines go; each line is one write(2). */
    enum log_level level; /* What is below is dropped. */
    bool json;
    const char *component; /* "identity", "agent.l3". */
};

/* Writes a line.  After 'words' come pairs of strings (name, value), ended by
 * null; a null value is left out.  Control characters are escaped and values
 * shortened to 1 KiB.  Null 'l' drops the line.  Safe from many threads. */
void log_event(const struct log *l, enum log_level level, const char *words, ...) __attribute__((sentinel));

#define log_debug(l, ...)   log_event((l), LOG_LEVEL_DEBUG, __VA_ARGS__, NULL)
#define log_info(l, ...)    log_event((l), LOG_LEVEL_INFO, __VA_ARGS__, NULL)
#define log_warning(l, ...) log_event((l), LOG_LEVEL_WARNING, __VA_ARGS__, NULL)
#define log_error(l, ...)   log_event((l), LOG_LEVEL_ERROR, __VA_ARGS__, NULL)

/* As log_event() with words made by a format and no pairs. */
void log_printf(const struct log *l, enum log_level level, const char *fmt, ...) attr_printf(3, 4);

/* "debug", "info", "warning", "error": 0 or -EINVAL. */
int log_level_parse(const char *s, enum log_level *ret);

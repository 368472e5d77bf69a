/* SPDX-License-Identifier: Apache-2.0 */
/* The types that a member of a resource may have.  One list for all tables:
 * JSON fields (rest/field.h), columns (data/table.h) and options
 * (base/config.h), so that a resource's structure is described alike
 * everywhere. */
#pragma once

#include <stdint.h>

enum field_type {
    FIELD_STRING, /* const char *, null is JSON null / SQL NULL */
    FIELD_BOOL,   /* bool */
    FIELD_INT,    /* int64_t, FIELD_NULL_INT is null */
    FIELD_DOUBLE, /* double, NaN is null */
    FIELD_TIME,   /* int64_t microseconds since 1970 UTC, 0 is null; BIGINT in SQL */
    FIELD_STRV,   /* const char **, a list of strings; JSON text in SQL; null is [] */
    FIELD_JSON,   /* const char *, any JSON value as text; null is JSON null */
    FIELD_SECRET, /* struct secret: read from JSON, never written to it */
};

#define FIELD_NULL_INT INT64_MIN

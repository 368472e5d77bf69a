/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces that several dialects share. */
#pragma once

#include "rest/dialect.h"

/* "Invalid input for field 'x': 'value' why" and its kin, 400. */
int common_bad_field(struct request *rq, struct err *err, const char *name, const json_t *value,
                     const char *why);
int common_unknown_field(struct request *rq, struct err *err, const char *name);
int common_missing_field(struct request *rq, struct err *err, const char *name);

/* The value for words: as Python would show it, at most 600 bytes. */
const char *shown_value(struct arena *a, const json_t *v);

/* The request's URL with 'marker' and 'limit' set to new values. */
const char *page_url(struct request *rq, const char *marker, const char *extra);

/* The key of a row. */
const char *row_key(const struct resource *res, const void *obj);

/* A word with its first letter as capital: "user" -> "User". */
const char *capital(struct arena *a, const char *word);

/* SPDX-License-Identifier: Apache-2.0 */
/* JSON in (jansson, hostile input refused) and out (a streaming writer).
 *
 * Reading gives a json_t tree that belongs to the arena's owner: it is
 * released by json_release() or by auto_json.  Writing goes to a strbuf. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/strbuf.h"
#include "base/time.h"

/* Reads one document: UTF-8, no duplicate names, depth at most 64, nothing
 * after it, no NUL inside strings.  Returns 0 or -EINVAL with the place in
 * 'err'.  The caller owns '*ret' (json_decref). */
int json_read(const char *text, size_t n, json_t **ret, struct err *err);

static inline void json_decref_cleanup_(json_t **j)
{
    json_decref(*j);
}
#define auto_json __attribute__((cleanup(json_decref_cleanup_)))

/* Members of an object, with the type asked for; null or the default when
 * missing or of another type. */
const char *json_str(const json_t *o, const char *name);
int64_t json_int(const json_t *o, const char *name, int64_t otherwise);
bool json_truth(const json_t *o, const char *name, bool otherwise);
json_t *json_obj(const json_t *o, const char *name);
json_t *json_arr(const json_t *o, const char *name);

/* Follows names separated by dots: json_at(j, "auth.scope.project"). */
json_t *json_at(const json_t *o, const char *path);

/* The value as compact text in the arena. */
char *json_text(struct arena *a, const json_t *v);

/* A list of strings, or null when 'v' is no array of strings. */
const char **json_strv(struct arena *a, const json_t *v);

/* The writer.  Commas and quoting are its work; calls must nest properly. */
struct jw {
    struct strbuf *out;
    bool comma; /* A separator is due before the next value. */
};

void jw_init(struct jw *w, struct strbuf *out);

/* Containers and values.  'name' null inside arrays and at the top. */
void jw_object(struct jw *w, const char *name);
void jw_end_object(struct jw *w);
void jw_array(struct jw *w, const char *name);
void jw_end_array(struct jw *w);
void jw_str(struct jw *w, const char *name, const char *v); /* Null writes null. */
void jw_strn(struct jw *w, const char *name, const char *v, size_t n);
void jw_int(struct jw *w, const char *name, int64_t v);
void jw_uint(struct jw *w, const char *name, uint64_t v);
void jw_double(struct jw *w, const char *name, double v); /* NaN and infinite write null. */
void jw_bool(struct jw *w, const char *name, bool v);
void jw_null(struct jw *w, const char *name);
void jw_time(struct jw *w, const char *name, int64_t us, enum time_format f); /* 0 writes null. */
void jw_raw(struct jw *w, const char *name, const char *json); /* Must be JSON already; null writes null. */
void jw_value(struct jw *w, const char *name, const json_t *v);
void jw_strv(struct jw *w, const char *name, const char *const *v); /* Null writes []. */
void jw_printf(struct jw *w, const char *name, const char *fmt, ...) attr_printf(3, 4);

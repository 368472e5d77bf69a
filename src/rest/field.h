/* SPDX-License-Identifier: Apache-2.0 */
/* The members of a resource as rows of a table: JSON name, type, where it is
 * in the structure, when it may be given and when it is shown.  Reading and
 * writing bodies, filtering and sorting lists all go by this one table. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/field.h"
#include "wire/json.h"

struct request;

/* What a row is for; several may be set. */
enum field_use {
    ON_CREATE = 1, /* May be given when creating. */
    ON_UPDATE = 2, /* May be given when changing. */
    ON_SHOW = 4,   /* Is part of the answer. */
    ON_FILTER = 8, /* May be asked for in a list's query. */
    ON_SORT = 16,  /* May be sorted by. */
    ON_IN = ON_CREATE | ON_UPDATE,
    ON_ALL = ON_CREATE | ON_UPDATE | ON_SHOW | ON_FILTER | ON_SORT,
};

struct field {
    const char *name; /* In JSON: "OS-DCF:diskConfig". */
    enum field_type type;
    size_t offset;
    unsigned use;        /* enum field_use */
    bool required;       /* When creating. */
    bool nullable;       /* JSON null is accepted. */
    bool trim;           /* White space around text is cut off. */
    bool lax;            /* Numbers and booleans may come as text, as upstream allows there. */
    int64_t min, max;    /* Characters of text, value of a number, items of a list; both 0: no limit. */
    const char *choices; /* Text must be one of "a|b|c". */
    /* A further check of text: null when good, or what is wrong ("is not a valid UUID"). */
    const char *(*check)(const char *value);
    const char *json;  /* FIELD_JSON: "object" or "array" when only that is accepted, else null. */
    const char *value; /* Default when creating: plain text for STRING, "true", "5"; JSON text for STRV and
                          JSON.  Null: zero, or null where that is allowed. */
    uint16_t since, until; /* Minor microversions in which the row exists; 0: no bound. */
    const char *column;    /* In SQL, when it is not 'name'. */
    const char *policy;    /* Rule that whoever gives or sees this member needs, or null. */
};

#define FIELD_MAX 64 /* Rows of a table. */

/* Row for member 'm' of 'struct s' whose JSON name is the member's name. */
#define FIELD(type_, s, m, ...)                       \
    {                                                 \
#        m, type_, offsetof(struct s, m), __VA_ARGS__ \
    }
#define FIELD_AS(name_, type_, s, m, ...)                \
    {                                                    \
        name_, type_, offsetof(struct s, m), __VA_ARGS__ \
    }

/* What to do with members that no row names. */
enum unknown_fields {
    UNKNOWN_REFUSE, /* 400 */
    UNKNOWN_IGNORE,
};

/* Reads object 'o' by the rows of 'fields' whose use has a bit of 'use' and
 * which exist in the request's microversion, into structure 'ret' (members not
 * given keep their value, or get their default when use is ON_CREATE).  Sets
 * bit i of '*given' for row i.  Text lives in the request's arena.  Errors
 * are 400 in the words of the service's dialect. */
int fields_read(struct request *rq, const struct field *fields, unsigned use, enum unknown_fields unknown,
                const json_t *o, void *ret, uint64_t *given, struct err *err);

/* Writes the rows with ON_SHOW of 'obj' into the open object of 'w'. */
void fields_write(struct request *rq, struct jw *w, const struct field *fields, const void *obj);

/* One member as text for policy and filters; null when it is null. */
const char *field_text(struct arena *a, const struct field *f, const void *obj);

/* Which rows of 'fields' the answer to 'rq' shows: those with ON_SHOW that exist
 * in its version, that its policy lets it see, and that "fields=" picks. */
uint64_t fields_shown(struct request *rq, const struct field *fields);

/* The row called 'name', or null. */
const struct field *field_named(const struct field *fields, const char *name);

/* True when the row exists in minor microversion 'v'. */
bool field_exists(const struct field *f, unsigned v);

/* Common checks for field.check. */
const char *check_uuid(const char *v);      /* with dashes or 32 digits */
const char *check_not_blank(const char *v); /* some character is no white space */
const char *check_no_space(const char *v);  /* not only white space, none at the ends */
const char *check_url(const char *v);

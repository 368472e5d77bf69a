/* SPDX-License-Identifier: Apache-2.0 */
/* What several resources of identity do alike. */
#pragma once

#include "identity/identity.h"

/* Takes the space around a name away, as Keystone does; 400 when nothing is left. */
int settle_name(struct request *rq, const char **name, struct err *err);

/* 400 when a name that is new has characters that mean something in a URL and
 * 'rule' ([identity] project_name_url_safe and its like) forbids it. */
int check_url_safe(const char *rule, const char *what, const char *name, struct err *err);

/* The domain of a new object: as given, else the token's, else "default". */
int own_domain(struct request *rq, const char **domain_id, struct err *err);

/* A field's check of what refers to something by its id: letters, digits and dashes. */
const char *check_id(const char *v);

/* Members of the body that no row names, over those of 'old' (a JSON object or
 * null): Keystone keeps whatever it is given. */
int extra_of(struct request *rq, const struct field *fields, const char *old, const char **ret,
             struct err *err);

/* What of 'names', which have rows, is given as null is kept in '*extra'; what is given otherwise is not. */
int extra_keep_nulls(struct request *rq, const char *const *names, const char **extra, struct err *err);

/* 400 for 'where' of the body ("options/immutable"), in the words of JSON schema. */
int bad_value(struct request *rq, const char *where, const json_t *v, const char *why, struct err *err);

/* 400 for a member of 'obj' that is not 'known', or of which 'wrong' says what is. */
int check_members(struct request *rq, const char *where, const json_t *obj, const char *const *known,
                  const char *(*wrong)(const char *name, const json_t *v), struct err *err);

/* 400 because 'what' is not to be found in 'where'. */
int expecting(struct err *err, const char *what, const char *where);

/* Whether two items of the list are equal. */
bool has_repetition(const json_t *list);

/* Writes the members of a JSON object's text into the open object. */
void write_extra(struct jw *w, const char *extra);

/* "links": {"self": …/v3/PLURAL/ID} */
void write_self(struct request *rq, struct jw *w, const char *plural, const char *id);

/* True for tokens that carry a part of somebody's rights: by a trust or an
 * application credential. */
static inline bool token_is_delegated(const struct token *t)
{
    return t->trust_id || t->app_cred_id;
}

/* A time in the future out of a body, with or without its 'Z'; 400. */
int read_future(struct request *rq, const json_t *v, int64_t *ret_us, struct err *err);

/* For routes of a resource whose body is not the resource. */
extern const struct field no_fields[];

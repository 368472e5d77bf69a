/* SPDX-License-Identifier: Apache-2.0 */
/* Where tokens are stored whose text does not say what they are.  The key is a
 * digest of what the client shows, so that whoever reads the store learns no
 * token. */
#pragma once

#include <stdbool.h>

#include "identity/issued.h"

struct server;

struct token_records {
    const char *name;
    bool forgetful; /* Records may go away by themselves. */
    int (*open)(struct server *s, void **ret, struct err *err);
    void (*close)(void *self);
    int (*put)(void *self, const struct token_record *rec, struct err *err); /* -EHOSTDOWN */
    int (*get)(void *self, struct arena *a, const char *key, const char **ret_claims,
               struct err *err); /* -ENOENT, -EHOSTDOWN */
    int (*forget)(void *self, const char *key, struct err *err);
    /* Null: they go by themselves. */
    int64_t (*flush)(void *self, int64_t before_us, struct err *err);
};

extern const struct token_records sql_token_records, memcached_token_records;

/* SHA-256 of the text, in hex. */
char *token_record_key(struct arena *a, const char *text);

/* Stores a token under 'text', and finds it again (-EBADMSG: it is not there). */
int token_record_put(const struct token_records *r, void *self, const char *text, const char *public_id,
                     const struct issued_token *is, struct err *err);
int token_record_get(const struct token_records *r, void *self, struct arena *a, const char *text,
                     struct issued_token *ret, struct err *err);

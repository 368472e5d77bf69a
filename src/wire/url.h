/* SPDX-License-Identifier: Apache-2.0 */
/* URLs and query strings (RFC 3986). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/strbuf.h"

struct url {
    const char *scheme, *user, *password, *host, *path,
        *query;    /* Decoded but path and query; null if absent. */
    uint16_t port; /* 0: not given. */
};

/* Parts of an absolute URL, in the arena.  0 or -EINVAL. */
int url_parse(struct arena *a, const char *text, struct url *ret, struct err *err);

/* %XX decoding; 'plus' also turns + into a space.  -EINVAL for a broken
 * escape, an encoded NUL or broken UTF-8. */
int url_decode(struct arena *a, const char *s, size_t n, bool plus, char **ret);

/* Adds 's' with everything but unreserved characters escaped. */
void url_encode(struct strbuf *b, const char *s);

struct query_param {
    const char *name, *value; /* Decoded; value "" when there was no '='. */
};

/* "a=1&b=2" in order, ended by a null name; at most 500 parameters.
 * 0, -EINVAL, -E2BIG. */
int query_parse(struct arena *a, const char *text, struct query_param **ret, size_t *ret_n);

/* SPDX-License-Identifier: Apache-2.0 */
/* Errors: a negative errno for the program, words for the person.
 *
 * A function that fails returns -errno and, where it takes 'struct err *',
 * fills it.  The words are complete sentences in the API's own terms and hold
 * no secret.  Passing null is allowed and loses the words.  Log or return,
 * never both. */
#pragma once

#include <errno.h>
#include <stdarg.h>

#include "base/macros.h"

struct err {
    int code;         /* Negative errno; 0 when nothing failed. */
    int status;       /* HTTP status when the API prescribes one, else 0. */
    const char *type; /* The API's name of the error ("NetworkInUse"), static, or null. */
    char msg[1024];
};

/* Records 'code' (negative) and words; returns 'code'. */
int err_set(struct err *e, int code, const char *fmt, ...) attr_printf(3, 4);

/* As err_set() for an error whose HTTP status or type name the API prescribes.
 * Returns the negative errno that err_code_of_status() gives. */
int err_http(struct err *e, int status, const char *type, const char *fmt, ...) attr_printf(4, 5);

/* Puts "fmt: " before the words already there; returns e's code, or
 * 'code' when 'e' is null. */
int err_prefix(struct err *e, int code, const char *fmt, ...) attr_printf(3, 4);

/* Forgets an error that was dealt with. */
void err_clear(struct err *e);

/* 400 -EINVAL, 401 -EKEYREJECTED, 403 -EACCES, 404 -ENOENT, 409 -EEXIST, 410 -ESTALE,
 * 412 -EILSEQ, 413 -EFBIG, 415 -EPROTOTYPE, 429 -EDQUOT, 501 -ENOTSUP, 503 -EHOSTDOWN,
 * 504 -ETIMEDOUT, every other -EIO. */
int err_code_of_status(int status);

/* The HTTP status for an error: e->status when set, else by e->code: the
 * inverse of the table above, with -EBUSY 409, -EDQUOT 403, -EPERM 403,
 * -EAGAIN 503 and 500 for the rest. */
int err_status(const struct err *e);

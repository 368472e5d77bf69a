/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct {
    int status, code;
} statuses[] = {
    { 400, -EINVAL },  { 401, -EKEYREJECTED }, { 403, -EACCES },    { 404, -ENOENT },     { 409, -EEXIST },
    { 410, -ESTALE },  { 412, -EILSEQ },       { 413, -EFBIG },     { 415, -EPROTOTYPE }, { 429, -EDQUOT },
    { 501, -ENOTSUP }, { 503, -EHOSTDOWN },    { 504, -ETIMEDOUT },
};

/* Codes that more than one status could mean, or that only we return. */
static const struct {
    int code, status;
} codes[] = {
    { -EBUSY, 409 },
    { -EDQUOT, 403 },
    { -EPERM, 403 },
    { -EAGAIN, 503 },
};

/* Formats into e->msg.  Words that were cut do not end within a character,
 * because they go into JSON. */
static void write_words(struct err *e, const char *fmt, va_list ap)
{
    int n = vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
    size_t end = sizeof(e->msg) - 1;

    if (n < 0) {
        e->msg[0] = '\0';
        return;
    }
    if ((size_t) n <= end)
        return;
    while (end > 0 && ((unsigned char) e->msg[end - 1] & 0xc0) == 0x80)
        end--;
    if (end > 0 && (unsigned char) e->msg[end - 1] >= 0xc0)
        end--;
    /* All of the last character is gone, or it was ASCII and stays. */
    e->msg[end] = '\0';
}

/* Code 0 would read as success to the caller's caller. */
static int sane_code(int code)
{
    return code < 0 ? code : -EIO;
}

static int set_words(struct err *e, int code, int status, const char *type, const char *fmt, va_list ap)
{
    struct err made = { .code = sane_code(code), .status = status, .type = type };

    if (e) {
        /* Formatted apart: the arguments may point into 'e' itself. */
        write_words(&made, fmt, ap);
        *e = made;
    }
    return made.code;
}

int err_set(struct err *e, int code, const char *fmt, ...)
{
    va_list ap;
    int r;

    va_start(ap, fmt);
    r = set_words(e, code, 0, NULL, fmt, ap);
    va_end(ap);
    return r;
}

int err_http(struct err *e, int status, const char *type, const char *fmt, ...)
{
    va_list ap;
    int r;

    va_start(ap, fmt);
    r = set_words(e, err_code_of_status(status), status, type, fmt, ap);
    va_end(ap);
    return r;
}

static void set_joined(struct err *e, const char *fmt, ...) attr_printf(2, 3);

static void set_joined(struct err *e, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    write_words(e, fmt, ap);
    va_end(ap);
}

int err_prefix(struct err *e, int code, const char *fmt, ...)
{
    struct err prefix, old;
    va_list ap;

    if (!e)
        return sane_code(code);
    old = *e;
    va_start(ap, fmt);
    write_words(&prefix, fmt, ap);
    va_end(ap);
    if (!e->code)
        e->code = sane_code(code);
    if (old.msg[0])
        set_joined(e, "%s: %s", prefix.msg, old.msg);
    else
        set_joined(e, "%s", prefix.msg);
    return e->code;
}

void err_clear(struct err *e)
{
    if (e)
        *e = (struct err){ 0 };
}

int err_code_of_status(int status)
{
    for (size_t i = 0; i < ARRAY_SIZE(statuses); i++)
        if (statuses[i].status == status)
            return statuses[i].code;
    return -EIO;
}

int err_status(const struct err *e)
{
    if (e->status)
        return e->status;
    for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
        if (codes[i].code == e->code)
            return codes[i].status;
    for (size_t i = 0; i < ARRAY_SIZE(statuses); i++)
        if (statuses[i].code == e->code)
            return statuses[i].status;
    return 500;
}

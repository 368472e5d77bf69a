/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "kit/test.h"

TEST(set_records_code_and_words)
{
    struct err e = { .status = 404, .type = "Old" };

    EXPECT_INT(err_set(&e, -EBUSY, "port %d is in use", 7), -EBUSY);
    EXPECT_INT(e.code, -EBUSY);
    EXPECT_INT(e.status, 0);
    EXPECT_STR(e.type, NULL);
    EXPECT_STR(e.msg, "port 7 is in use");
}

TEST(null_loses_the_words_and_keeps_the_code)
{
    EXPECT_INT(err_set(NULL, -EBUSY, "x"), -EBUSY);
    EXPECT_INT(err_http(NULL, 404, "NotFound", "x"), -ENOENT);
    EXPECT_INT(err_prefix(NULL, -EBUSY, "x"), -EBUSY);
    err_clear(NULL);
}

TEST(no_error_has_the_code_of_success)
{
    struct err e = { 0 };

    EXPECT_INT(err_set(&e, 0, "x"), -EIO);
    EXPECT_INT(e.code, -EIO);
    EXPECT_INT(err_prefix(NULL, 0, "x"), -EIO);
}

TEST(words_may_quote_the_error_itself)
{
    struct err e = { 0 };

    err_set(&e, -EIO, "inner");
    err_set(&e, -EINVAL, "outer: %s", e.msg);
    EXPECT_STR(e.msg, "outer: inner");
    err_prefix(&e, 0, "%s", e.msg);
    EXPECT_STR(e.msg, "outer: inner: outer: inner");
}

TEST(prefix_goes_before_and_keeps_the_rest)
{
    struct err e = { 0 };

    err_http(&e, 409, "NetworkInUse", "it has ports");
    EXPECT_INT(err_prefix(&e, -EIO, "network '%s'", "n1"), -EEXIST);
    EXPECT_STR(e.msg, "network 'n1': it has ports");
    EXPECT_INT(e.status, 409);
    EXPECT_STR(e.type, "NetworkInUse");
}

TEST(prefix_makes_an_error_where_none_was)
{
    struct err e = { 0 };

    EXPECT_INT(err_prefix(&e, -EPIPE, "bus"), -EPIPE);
    EXPECT_INT(e.code, -EPIPE);
    EXPECT_STR(e.msg, "bus");
}

TEST(long_words_are_cut_between_characters)
{
    struct err e = { 0 };

    for (int pad = 0; pad < 8; pad++) {
        struct err inner = { 0 };
        char *s = inner.msg;

        memset(s, 'a', (size_t) pad);
        for (size_t i = (size_t) pad; i + 4 < sizeof(inner.msg); i += 3)
            memcpy(s + i, "\xe2\x82\xac", 3);
        err_set(&e, -EIO, "%s%s", s, s);
        EXPECT_TRUE(str_is_utf8(e.msg, strlen(e.msg)));
        EXPECT_TRUE(strlen(e.msg) > sizeof(e.msg) - 6);
        err_prefix(&e, 0, "more");
        EXPECT_TRUE(str_is_utf8(e.msg, strlen(e.msg)));
        EXPECT_MATCH(e.msg, "more: ");
    }
}

TEST(statuses_and_codes_are_each_others_inverse)
{
    static const struct {
        int status, code;
    } rows[] = {
        { 400, -EINVAL },     { 401, -EKEYREJECTED }, { 403, -EACCES }, { 404, -ENOENT },
        { 409, -EEXIST },     { 410, -ESTALE },       { 412, -EILSEQ }, { 413, -EFBIG },
        { 415, -EPROTOTYPE }, { 501, -ENOTSUP },      { 500, -EIO },    { 503, -EHOSTDOWN },
        { 504, -ETIMEDOUT },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct err e = { .code = rows[i].code };

        EXPECT_INT(err_code_of_status(rows[i].status), rows[i].code);
        EXPECT_INT(err_status(&e), rows[i].status);
    }
    EXPECT_INT(err_code_of_status(429), -EDQUOT);
    EXPECT_INT(err_code_of_status(418), -EIO);
}

TEST(codes_of_our_own_have_a_status)
{
    EXPECT_INT(err_status(&(struct err){ .code = -EBUSY }), 409);
    EXPECT_INT(err_status(&(struct err){ .code = -EDQUOT }), 403);
    EXPECT_INT(err_status(&(struct err){ .code = -EPERM }), 403);
    EXPECT_INT(err_status(&(struct err){ .code = -EAGAIN }), 503);
    EXPECT_INT(err_status(&(struct err){ .code = -EPIPE }), 500);
}

TEST(a_prescribed_status_wins)
{
    struct err e = { 0 };

    EXPECT_INT(err_http(&e, 429, "OverLimit", "slowly"), -EDQUOT);
    EXPECT_INT(err_status(&e), 429);
    EXPECT_STR(e.type, "OverLimit");
}

TEST(clear_forgets)
{
    struct err e = { 0 };

    err_http(&e, 404, "NotFound", "x");
    err_clear(&e);
    EXPECT_INT(e.code, 0);
    EXPECT_INT(e.status, 0);
    EXPECT_STR(e.type, NULL);
    EXPECT_STR(e.msg, "");
}

TEST_MAIN()

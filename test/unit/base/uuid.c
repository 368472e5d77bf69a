/* SPDX-License-Identifier: Apache-2.0 */
#include "base/uuid.h"

#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "kit/test.h"

#define DASHED "0123abcd-4567-89ef-0123-456789abcdef"
#define HEX    "0123abcd456789ef0123456789abcdef"

TEST(new_ones_are_version_4_and_differ)
{
    char *u = uuid_new(test_arena(t)), *v = uuid_new(test_arena(t));

    EXPECT_TRUE(uuid_is_dashed(u) && uuid_is_valid(u));
    EXPECT_INT(u[14], '4');
    EXPECT_TRUE(strchr("89ab", u[19]));
    EXPECT_TRUE(!str_eq(u, v));
}

TEST(new_hex_has_no_dashes)
{
    char *u = uuid_new_hex(test_arena(t));

    EXPECT_INT(strlen(u), 32);
    EXPECT_TRUE(uuid_is_valid(u) && !uuid_is_dashed(u));
    EXPECT_INT(u[12], '4');
}

TEST(request_ids_hold_a_uuid)
{
    char *id = reqid_new(test_arena(t));

    EXPECT_TRUE(str_has_prefix(id, "req-") && uuid_is_dashed(id + 4));
}

TEST(both_forms_give_the_same_bytes)
{
    uint8_t a[16], b[16];

    EXPECT_INT(uuid_parse(DASHED, a), 0);
    EXPECT_INT(uuid_parse("0123ABCD456789EF0123456789ABCDEF", b), 0);
    EXPECT_TRUE(memcmp(a, b, 16) == 0);
    EXPECT_INT(a[3], 0xcd);
    EXPECT_STR(uuid_text(test_arena(t), a), DASHED);
    EXPECT_STR(uuid_text_hex(test_arena(t), a), HEX);
}

TEST(what_is_no_uuid_is_refused)
{
    static const char *const bad[] = {
        "",
        "x",
        HEX "0",
        DASHED "0",
        "-" HEX,
        "{" HEX "}",
        "0123abcd-4567-89ef-0123-456789abcdeg",
        "0123abcd-4567-89ef-01234-56789abcdef",
        "0123abcd-4567-89ef0-123-456789abcdef",
        "0123abcd4567-89ef-0123-456789abcdef",
        "0123abcd-4567-89ef-0123-456789abcde",
        "0123abcd 4567-89ef-0123-456789abcdef",
        "0123abcd-4567-89ef-0123-45678-abcdef",
        NULL,
    };
    uint8_t bytes[16] = { 7 };

    strv_foreach (s, bad) {
        EXPECT_INT(uuid_parse(*s, bytes), -EINVAL);
        EXPECT_TRUE(!uuid_is_valid(*s) && !uuid_is_dashed(*s));
    }
    EXPECT_INT(uuid_parse(NULL, bytes), -EINVAL);
    EXPECT_TRUE(!uuid_is_valid(NULL) && !uuid_is_dashed(NULL));
    EXPECT_INT(bytes[0], 7);
}

TEST(random_bytes_fill_everything)
{
    uint8_t seen[4096] = { 0 }, buf[4096];

    /* A byte that stays 0 in eight rounds by chance: 2^-64. */
    for (int round = 0; round < 8; round++) {
        random_bytes(buf, sizeof(buf));
        for (size_t i = 0; i < sizeof(buf); i++)
            seen[i] |= buf[i];
    }
    EXPECT_TRUE(!memchr(seen, 0, sizeof(seen)));
    random_bytes(NULL, 0);
}

TEST_MAIN()

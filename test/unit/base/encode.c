/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "base/str.h"
#include "base/uuid.h"
#include "kit/test.h"

TEST(hex_goes_both_ways)
{
    uint8_t *bytes;
    size_t n;

    EXPECT_STR(hex_encode(test_arena(t), "\x00\x7f\xff", 3), "007fff");
    EXPECT_STR(hex_encode(test_arena(t), NULL, 0), "");
    EXPECT_INT(hex_decode(test_arena(t), "007FfF", &bytes, &n), 0);
    EXPECT_INT(n, 3);
    EXPECT_TRUE(memcmp(bytes, "\x00\x7f\xff", 3) == 0);
    EXPECT_INT(hex_decode(test_arena(t), "", &bytes, &n), 0);
    EXPECT_INT(n, 0);
}

TEST(hex_refuses_what_is_odd)
{
    uint8_t *bytes = NULL;
    size_t n = 7;

    EXPECT_INT(hex_decode(test_arena(t), "0", &bytes, &n), -EINVAL);
    EXPECT_INT(hex_decode(test_arena(t), "0g", &bytes, &n), -EINVAL);
    EXPECT_INT(hex_decode(test_arena(t), "0x00", &bytes, &n), -EINVAL);
    EXPECT_INT(hex_decode(test_arena(t), " 00 ", &bytes, &n), -EINVAL);
    EXPECT_INT(hex_decode(test_arena(t), NULL, &bytes, &n), -EINVAL);
    EXPECT_TRUE(!bytes && n == 7);
}

/* The examples of RFC 4648, section 10. */
static const struct {
    const char *plain, *text;
} examples[] = {
    { "", "" },
    { "f", "Zg==" },
    { "fo", "Zm8=" },
    { "foo", "Zm9v" },
    { "foob", "Zm9vYg==" },
    { "fooba", "Zm9vYmE=" },
    { "foobar", "Zm9vYmFy" },
};

TEST(base64_gives_the_examples_of_the_rfc)
{
    for (size_t i = 0; i < ARRAY_SIZE(examples); i++) {
        const char *plain = examples[i].plain, *text = examples[i].text;
        uint8_t *bytes;
        size_t n;

        EXPECT_STR(base64_encode(test_arena(t), plain, strlen(plain)), text);
        EXPECT_INT(base64_decode(test_arena(t), text, strlen(text), &bytes, &n), 0);
        EXPECT_INT(n, strlen(plain));
        EXPECT_STR((char *) bytes, plain);
    }
}

TEST(base64url_has_its_own_last_digits_and_padding_as_wanted)
{
    uint8_t *bytes;
    size_t n;

    EXPECT_STR(base64_encode(test_arena(t), "\xfb\xff\xfe", 3), "+//+");
    EXPECT_STR(base64url_encode(test_arena(t), "\xfb\xff\xfe", 3, true), "-__-");
    EXPECT_STR(base64url_encode(test_arena(t), "f", 1, true), "Zg==");
    EXPECT_STR(base64url_encode(test_arena(t), "f", 1, false), "Zg");
    EXPECT_INT(base64url_decode(test_arena(t), "Zg", 2, &bytes, &n), 0);
    EXPECT_STR((char *) bytes, "f");
    EXPECT_INT(base64url_decode(test_arena(t), "Zg==", 4, &bytes, &n), 0);
    EXPECT_INT(n, 1);
    EXPECT_INT(base64url_decode(test_arena(t), "-__-", 4, &bytes, &n), 0);
    EXPECT_TRUE(memcmp(bytes, "\xfb\xff\xfe", 3) == 0);
}

TEST(base64_is_strict)
{
    /* Neither alphabet takes these. */
    static const char *const both[] = { "Z",        "Zg=",    "Z===", "====",  "=",
                                        "Zg==Zg==", "Zg==\n", "Z g=", "Zm9v=", "Zm9v====",
                                        "Zm9v==",   "Zh==",   "Zm9=", "Z=g=",  NULL };
    uint8_t *bytes = NULL;
    size_t n = 7;

    strv_foreach (s, both) {
        EXPECT_INT(base64_decode(test_arena(t), *s, strlen(*s), &bytes, &n), -EINVAL);
        EXPECT_INT(base64url_decode(test_arena(t), *s, strlen(*s), &bytes, &n), -EINVAL);
    }
    EXPECT_INT(base64_decode(test_arena(t), "Zg", 2, &bytes, &n), -EINVAL);
    EXPECT_INT(base64_decode(test_arena(t), "-__-", 4, &bytes, &n), -EINVAL);
    EXPECT_INT(base64url_decode(test_arena(t), "+//+", 4, &bytes, &n), -EINVAL);
    EXPECT_INT(base64_decode(test_arena(t), "Zm\0v", 4, &bytes, &n), -EINVAL);
    EXPECT_TRUE(!bytes && n == 7);
}

TEST(base64_gives_back_any_bytes)
{
    uint8_t data[200];

    random_bytes(data, sizeof(data));
    for (size_t len = 0; len < sizeof(data); len++) {
        char *s = base64_encode(test_arena(t), data, len);
        uint8_t *bytes;
        size_t n;

        EXPECT_INT(base64_decode(test_arena(t), s, strlen(s), &bytes, &n), 0);
        EXPECT_INT(n, len);
        EXPECT_TRUE(memcmp(bytes, data, len) == 0);
    }
}

TEST(constant_time_comparison_compares)
{
    EXPECT_TRUE(mem_eq_const_time("abc", "abc", 3));
    EXPECT_TRUE(!mem_eq_const_time("abc", "abd", 3));
    EXPECT_TRUE(!mem_eq_const_time("xbc", "abc", 3));
    EXPECT_TRUE(mem_eq_const_time("a", "b", 0));
}

TEST_MAIN()

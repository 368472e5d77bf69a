/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/digest.h"

#include <string.h>

#include "base/str.h"
#include "kit/test.h"

TEST(digest_hex_gives_the_published_sums)
{
    struct arena *a = test_arena(t);

    EXPECT_STR(digest_hex(a, DIGEST_MD5, "", 0), "d41d8cd98f00b204e9800998ecf8427e");
    EXPECT_STR(digest_hex(a, DIGEST_MD5, "abc", 3), "900150983cd24fb0d6963f7d28e17f72");
    EXPECT_STR(digest_hex(a, DIGEST_SHA1, "abc", 3), "a9993e364706816aba3e25717850c26c9cd0d89d");
    EXPECT_STR(digest_hex(a, DIGEST_SHA256, NULL, 0),
               "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_STR(digest_hex(a, DIGEST_SHA256, "abc", 3),
               "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_STR(digest_hex(a, DIGEST_SHA512, "abc", 3),
               "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
               "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}

TEST(digest_size_says_what_digest_of_gives)
{
    uint8_t sum[DIGEST_MAX];

    for (int k = DIGEST_MD5; k <= DIGEST_SHA512; k++)
        EXPECT_INT(digest_of(k, "x", 1, sum), digest_size(k));
}

TEST(running_digest_equals_the_digest_of_the_whole)
{
    struct arena *a = test_arena(t);
    struct digest *d = digest_new(DIGEST_SHA256);
    const char *got;

    digest_add(d, "a", 1);
    digest_add(d, NULL, 0);
    digest_add(d, "bc", 2);
    got = digest_finish_hex(d, a);
    digest_free(d);
    EXPECT_STR(got, digest_hex(a, DIGEST_SHA256, "abc", 3));
    digest_free(NULL);
}

static const char *hmac_hex(struct arena *a, enum digest_kind kind, const void *key, size_t key_len,
                            const void *data, size_t n)
{
    uint8_t mac[DIGEST_MAX];

    return hex_encode(a, mac, hmac_of(kind, key, key_len, data, n, mac));
}

static const void *repeated(struct arena *a, int byte, size_t n)
{
    return memset(arena_alloc(a, n), byte, n);
}

/* RFC 4231, test cases 1, 2, 3, 6 and 7. */
TEST(hmac_gives_the_sums_of_rfc_4231)
{
    static const char long_data[] = "This is a test using a larger than block-size key and a larger than "
                                    "block-size data. The key needs to be hashed before being used by the "
                                    "HMAC algorithm.";
    struct arena *a = test_arena(t);

    EXPECT_STR(hmac_hex(a, DIGEST_SHA256, repeated(a, 0x0b, 20), 20, "Hi There", 8),
               "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    EXPECT_STR(hmac_hex(a, DIGEST_SHA512, repeated(a, 0x0b, 20), 20, "Hi There", 8),
               "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
               "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854");
    EXPECT_STR(hmac_hex(a, DIGEST_SHA256, "Jefe", 4, "what do ya want for nothing?", 28),
               "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_STR(hmac_hex(a, DIGEST_SHA256, repeated(a, 0xaa, 20), 20, repeated(a, 0xdd, 50), 50),
               "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
    EXPECT_STR(hmac_hex(a, DIGEST_SHA256, repeated(a, 0xaa, 131), 131,
                        "Test Using Larger Than Block-Size Key - Hash Key First", 54),
               "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    EXPECT_STR(hmac_hex(a, DIGEST_SHA256, repeated(a, 0xaa, 131), 131, long_data, strlen(long_data)),
               "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
}

TEST(hmac_takes_an_empty_key_and_no_data)
{
    EXPECT_STR(hmac_hex(test_arena(t), DIGEST_SHA256, NULL, 0, NULL, 0),
               "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST_MAIN()

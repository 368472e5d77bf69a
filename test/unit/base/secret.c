/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secret.h"

#include "kit/test.h"

TEST(the_text_comes_out_only_by_name)
{
    EXPECT_STR(secret_expose(secret_of("s3cret")), "s3cret");
    EXPECT_STR(secret_expose((struct secret){ 0 }), NULL);
}

TEST(wipe_leaves_zeros)
{
    char text[] = "s3cret";

    secret_wipe(text, sizeof(text));
    for (size_t i = 0; i < sizeof(text); i++)
        EXPECT_INT(text[i], 0);
    secret_wipe(NULL, 0);
}

TEST_MAIN()

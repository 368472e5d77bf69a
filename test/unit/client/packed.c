/* SPDX-License-Identifier: Apache-2.0 */
#include "client/packed.h"

#include "kit/test.h"

TEST(a_copy_has_everything_and_outlives_the_block)
{
    struct role_ref roles[] = { { "r1", "member" }, { "r2", NULL } };
    const char *methods[] = { "password", "token", NULL };
    struct token from = { .text = "secret",
                          .user_id = "u",
                          .project_id = "p",
                          .system = true,
                          .roles = roles,
                          .n_roles = 2,
                          .methods = methods,
                          .issued_us = 5,
                          .expires_us = 6 };
    struct packed_token p = packed_new(&from);
    struct token to;

    packed_copy(&p, test_arena(t), &to);
    packed_free(&p);
    EXPECT_STR(to.text, "secret");
    EXPECT_STR(to.user_id, "u");
    EXPECT_STR(to.user_name, NULL);
    EXPECT_STR(to.project_id, "p");
    EXPECT_TRUE(to.system);
    EXPECT_INT(to.n_roles, 2);
    EXPECT_STR(to.roles[0].name, "member");
    EXPECT_STR(to.roles[1].id, "r2");
    EXPECT_STR(to.roles[1].name, NULL);
    EXPECT_STR(to.methods[1], "token");
    EXPECT_TRUE(to.methods[2] == NULL);
    EXPECT_TRUE(to.audit_ids == NULL);
    EXPECT_INT(to.expires_us, 6);
}

TEST(a_token_of_nothing_is_packed_too)
{
    struct token from = { 0 }, to;
    struct packed_token p = packed_new(&from);

    packed_copy(&p, test_arena(t), &to);
    packed_free(&p);
    EXPECT_TRUE(to.user_id == NULL);
    EXPECT_INT(to.n_roles, 0);
}

TEST_MAIN()

/* SPDX-License-Identifier: Apache-2.0 */
#include "host/nft.h"

#include <errno.h>
#include <string.h>

#include "lab.h"

TEST(a_table_is_changed_only_when_its_text_changes)
{
    const char *one = "chain c { type filter hook input priority 0; ip saddr 10.0.0.1 drop; }";
    const char *two = "chain c { type filter hook input priority 0; ip saddr 10.0.0.2 drop; }";
    struct err err = { 0 };
    char *out;

    lab_enter(t);
    EXPECT_INT(nft_table_ensure(NULL, "inet", "t1", one, &err), 1);
    EXPECT_INT(nft_table_ensure(NULL, "inet", "t1", one, &err), 0);
    EXPECT_INT(nft_table_ensure(NULL, "inet", "t1", two, &err), 1);
    EXPECT_OK(nft_run(test_arena(t), NULL, "list ruleset\n", &out, &err), &err);
    EXPECT_MATCH(out, "10.0.0.2");
    EXPECT_TRUE(!strstr(out, "10.0.0.1"));
    EXPECT_TRUE(nft_table_exists(NULL, "inet", "t1"));
    EXPECT_OK(nft_table_delete(NULL, "inet", "t1", &err), &err);
    EXPECT_OK(nft_table_delete(NULL, "inet", "t1", &err), &err);
    EXPECT_TRUE(!nft_table_exists(NULL, "inet", "t1"));
}

TEST(a_broken_table_leaves_the_old_one)
{
    const char *good = "chain c { type filter hook input priority 0; ip saddr 10.0.0.1 drop; }";
    struct err err = { 0 };
    char *out;

    lab_enter(t);
    EXPECT_INT(nft_table_ensure(NULL, "bridge", "t1", good, &err), 1);
    EXPECT_INT(nft_table_ensure(NULL, "bridge", "t1", "chain c { jump nowhere; }", &err), -ENOENT);
    EXPECT_INT(nft_table_ensure(NULL, "bridge", "t1", "chain c { nonsense }", &err), -EINVAL);
    EXPECT_MATCH(err.msg, "packet filter refused");
    EXPECT_OK(nft_run(test_arena(t), NULL, "list ruleset\n", &out, &err), &err);
    EXPECT_MATCH(out, "10.0.0.1");
}

TEST(a_filter_that_shuts_the_way_is_found)
{
    struct err err = { 0 };

    lab_enter(t);
    EXPECT_INT(nft_table_ensure(NULL, "ip", "filter",
                                "chain FORWARD { type filter hook forward priority 0; }", &err),
               1);
    EXPECT_STR(nft_find_shut_forward(test_arena(t), NULL), NULL);
    EXPECT_INT(nft_table_ensure(NULL, "ip", "filter",
                                "chain INPUT { type filter hook input priority 0; policy drop; }\n"
                                "chain FORWARD { type filter hook forward priority 0; policy drop; }",
                                &err),
               1);
    EXPECT_STR(nft_find_shut_forward(test_arena(t), NULL), "chain FORWARD of table ip filter");
}

TEST_MAIN()

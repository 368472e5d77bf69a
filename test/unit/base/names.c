/* SPDX-License-Identifier: Apache-2.0 */
#include "base/names.h"

#include <string.h>

#include "kit/test.h"

TEST(a_name_is_kept_once_and_outlives_where_it_came_from)
{
    struct names n;
    char from[] = "PortInUse";
    const char *kept;

    names_init(&n);
    kept = names_keep(&n, from);
    EXPECT_TRUE(kept != from);
    EXPECT_TRUE(names_keep(&n, "PortInUse") == kept);
    memset(from, 'x', sizeof(from) - 1);
    EXPECT_STR(kept, "PortInUse");
    EXPECT_STR(names_keep(&n, NULL), NULL);
    EXPECT_STR(names_keep(&n, ""), NULL);
    names_done(&n);
}

TEST(many_names_and_long_ones_take_no_memory)
{
    struct names n;
    char name[100] = "";

    names_init(&n);
    memset(name, 'x', 65);
    EXPECT_STR(names_keep(&n, name), NULL);
    name[64] = 0;
    EXPECT_STR(names_keep(&n, name), name);
    for (int i = 1; i < 512; i++)
        EXPECT_TRUE(names_keep(&n, arena_printf(test_arena(t), "n%d", i)) != NULL);
    EXPECT_STR(names_keep(&n, "one too many"), NULL);
    EXPECT_STR(names_keep(&n, "n7"), "n7");
    names_done(&n);
}

TEST_MAIN()

/* SPDX-License-Identifier: Apache-2.0 */
#include "image/model/range.h"

#include <errno.h>

#include "kit/test.h"

static void expect(const char *range, const char *content_range, uint64_t offset, uint64_t n, bool partial)
{
    struct byte_range r = { 99, 99, !partial };

    EXPECT_INT(range_read(range, content_range, 100, &r), 0);
    EXPECT_INT(r.offset, offset);
    EXPECT_INT(r.n, n);
    EXPECT_INT(r.partial, partial);
}

TEST(without_a_range_all_is_given)
{
    expect(NULL, NULL, 0, 100, false);
}

TEST(ranges_are_cut_at_the_end)
{
    expect("bytes=0-9", NULL, 0, 10, true);
    expect("bytes=90-", NULL, 90, 10, true);
    expect("bytes=90-1000", NULL, 90, 10, true);
    expect("bytes=-10", NULL, 90, 10, true);
    expect("bytes=-1000", NULL, 0, 100, true);
    expect("Bytes=99-99", NULL, 99, 1, true);
}

TEST(old_clients_ask_with_content_range)
{
    expect(NULL, "bytes 0-9/100", 0, 10, true);
    expect(NULL, "bytes 0-9/*", 0, 10, true);
    expect("bytes=1-1", "bytes 0-9/100", 1, 1, true);
}

TEST(what_is_no_range_is_refused)
{
    static const char *const bad[] = { "bytes=100-",
                                       "bytes=9-0",
                                       "bytes=",
                                       "bytes=a-b",
                                       "bytes=1",
                                       "lines=0-1",
                                       "bytes=0-1,5-6",
                                       "bytes=-0",
                                       "bytes=0-1x",
                                       "bytes=--1",
                                       "bytes=99999999999999999999-",
                                       "" };
    struct byte_range r;

    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        EXPECT_INT(range_read(bad[i], NULL, 100, &r), -ERANGE);
    EXPECT_INT(range_read(NULL, "bytes 0-9/200", 100, &r), -ERANGE);
    EXPECT_INT(range_read(NULL, "bytes 0-9", 100, &r), -ERANGE);
    EXPECT_INT(range_read("bytes=0-", NULL, 0, &r), -ERANGE);
    EXPECT_INT(range_read("bytes=-1", NULL, 0, &r), -ERANGE);
}

TEST_MAIN()

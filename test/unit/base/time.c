/* SPDX-License-Identifier: Apache-2.0 */
#include "base/time.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/str.h"
#include "kit/test.h"

#define S INT64_C(1000000)

/* Fri 2 Jan 2026 03:04:05.000678 UTC */
#define EXAMPLE (1767323045 * S + 678)

static int64_t parsed(const char *s)
{
    int64_t us = -1;

    EXPECT_INT(time_parse(s, &us), 0);
    return us;
}

TEST(each_format_is_written_as_promised)
{
    static const char *const want[] = {
        [TIME_ISO_Z] = "2026-01-02T03:04:05Z",           [TIME_ISO_MICRO_Z] = "2026-01-02T03:04:05.000678Z",
        [TIME_ISO_MICRO] = "2026-01-02T03:04:05.000678", [TIME_HTTP] = "Fri, 02 Jan 2026 03:04:05 GMT",
        [TIME_LOG] = "2026-01-02 03:04:05.000",
    };

    for (size_t f = 0; f < ARRAY_SIZE(want); f++)
        EXPECT_STR(time_text(test_arena(t), EXAMPLE, (enum time_format) f), want[f]);
}

TEST(times_before_1970_count_forwards)
{
    EXPECT_STR(time_text(test_arena(t), -1, TIME_ISO_MICRO_Z), "1969-12-31T23:59:59.999999Z");
    EXPECT_STR(time_text(test_arena(t), 0, TIME_HTTP), "Thu, 01 Jan 1970 00:00:00 GMT");
    EXPECT_STR(time_text(test_arena(t), -S, TIME_HTTP), "Wed, 31 Dec 1969 23:59:59 GMT");
    EXPECT_INT(parsed("1969-12-31T23:59:59.999999Z"), -1);
}

TEST(any_number_can_be_written)
{
    EXPECT_STR(time_text(test_arena(t), INT64_MAX, TIME_ISO_MICRO_Z), "294247-01-10T04:00:54.775807Z");
    EXPECT_STR(time_text(test_arena(t), INT64_MAX, TIME_HTTP), "Sun, 10 Jan 294247 04:00:54 GMT");
    EXPECT_STR(time_text(test_arena(t), INT64_MIN, TIME_ISO_Z), "-290308-12-21T19:59:05Z");
}

TEST(the_calendar_agrees_with_the_library)
{
    /* Every 97 days, with changing times of day, from 1700 to 2400. */
    for (int64_t s = -8520336000; s < 13569465600; s += 97 * 86400 + 12345) {
        char want[TIME_TEXT_MAX], got[TIME_TEXT_MAX];
        time_t tt = s;
        struct tm tm;

        gmtime_r(&tt, &tm);
        strftime(want, sizeof(want), "%a, %d %b %Y %H:%M:%S GMT", &tm);
        EXPECT_STR(time_write(got, s * S, TIME_HTTP), want);
        EXPECT_INT(parsed(time_write(got, s * S + 5, TIME_ISO_MICRO)), s * S + 5);
    }
}

TEST(iso_is_read_in_its_variants)
{
    EXPECT_INT(parsed("2026-01-02T03:04:05.000678Z"), EXAMPLE);
    EXPECT_INT(parsed("2026-01-02t03:04:05.000678z"), EXAMPLE);
    EXPECT_INT(parsed("2026-01-02 03:04:05.000678"), EXAMPLE);
    EXPECT_INT(parsed("2026-01-02T03:04:05,0006789"), EXAMPLE);
    EXPECT_INT(parsed("2026-01-02T05:34:05.000678+02:30"), EXAMPLE);
    EXPECT_INT(parsed("2026-01-01T19:04:05.000678-0800"), EXAMPLE);
    EXPECT_INT(parsed("2026-01-02T04:04:05.000678+01"), EXAMPLE);
    EXPECT_INT(parsed("2026-01-02T03:04:05.5"), EXAMPLE - 678 + 500000);
    EXPECT_INT(parsed("2026-01-02T03:04"), EXAMPLE - 678 - 5 * S);
    EXPECT_INT(parsed("2026-01-02T03:04Z"), EXAMPLE - 678 - 5 * S);
    EXPECT_INT(parsed("2026-01-02"), 1767312000 * S);
    EXPECT_INT(parsed("2024-02-29"), 1709164800 * S);
    EXPECT_INT(parsed("2000-02-29"), 951782400 * S);
    EXPECT_INT(parsed("0001-01-01"), -62135596800 * S);
    EXPECT_INT(parsed("9999-12-31T23:59:59.999999"), 253402300799 * S + 999999);
}

TEST(what_is_no_time_is_refused)
{
    static const char *const bad[] = {
        "",
        "x",
        "2026",
        "2026-01",
        "2026-1-02",
        "2026-01-2",
        "26-01-02",
        "0000-01-01",
        "2026-00-01",
        "2026-13-01",
        "2026-01-00",
        "2026-01-32",
        "2026-02-29",
        "1900-02-29",
        "2026-04-31",
        "2026-01-02T",
        "2026-01-02T03",
        "2026-01-02T24:00:00",
        "2026-01-02T03:60:00",
        "2026-01-02T03:04:60",
        "2026-01-02T03:04:05.",
        "2026-01-02T03:04:05.Z",
        "2026-01-02T03:04:05X",
        "2026-01-02T03:04:05ZZ",
        "2026-01-02T03:04:05+",
        "2026-01-02T03:04:05+1",
        "2026-01-02T03:04:05+01:",
        "2026-01-02T03:04:05+01:0",
        "2026-01-02T03:04:05+24:00",
        "2026-01-02T03:04:05+01:60",
        "2026-01-02T03:04:05 ",
        " 2026-01-02",
        "2026-01-02Z",
        "2026-01-02  03:04:05",
        "2026/01/02",
        "+026-01-02",
        "2026-01-02T-3:04:05",
        "2026-01-02T03:04:5",
        "1767323045",
        NULL,
    };
    int64_t us = 7;

    strv_foreach (s, bad)
        EXPECT_INT(time_parse(*s, &us), -EINVAL);
    EXPECT_INT(time_parse(NULL, &us), -EINVAL);
    EXPECT_INT(us, 7);
}

TEST(a_fixed_clock_stands_still)
{
    struct clock c = { .fixed_us = EXAMPLE };
    int64_t before = time_now_us();

    EXPECT_INT(clock_now_us(&c), EXAMPLE);
    c.fixed_us = 0;
    EXPECT_TRUE(clock_now_us(&c) >= before);
    EXPECT_TRUE(clock_now_us(NULL) >= before);
    EXPECT_TRUE(before > EXAMPLE - 10 * 365 * 86400 * S);
}

TEST(the_monotonic_clock_does_not_go_back)
{
    int64_t last = time_mono_us();

    for (int i = 0; i < 1000; i++) {
        int64_t now = time_mono_us();

        EXPECT_TRUE(now >= last);
        last = now;
    }
}

TEST_MAIN()

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/time.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define US_PER_S  INT64_C(1000000)
#define S_PER_DAY INT64_C(86400)

struct civil {
    int64_t year;
    int month, day; /* From 1. */
    int hour, minute, second;
    int us;
    int weekday; /* 0 is Sunday. */
};

static int64_t read_clock(clockid_t id)
{
    struct timespec ts;

    clock_gettime(id, &ts);
    return ts.tv_sec * US_PER_S + ts.tv_nsec / 1000;
}

int64_t time_now_us(void)
{
    return read_clock(CLOCK_REALTIME);
}

int64_t time_mono_us(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

int64_t clock_now_us(const struct clock *c)
{
    return c && c->fixed_us ? c->fixed_us : time_now_us();
}

/* Quotient rounded down, so that times before 1970 count forwards too. */
static int64_t floor_div(int64_t n, int64_t d)
{
    return n / d - (n % d < 0);
}

/* Days since 1970-01-01 of a date, in the Gregorian calendar.  A year is
 * taken to begin in March: then the leap day is its last, and the days before
 * each month follow from one formula. */
static int64_t days_of_date(int64_t year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = floor_div(y, 400);
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

/* The reverse. */
static void date_of_days(int64_t days, struct civil *ret)
{
    int64_t z = days + 719468;
    int64_t era = floor_div(z, 146097);
    int64_t day_of_era = z - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153;

    ret->day = (int) (day_of_year - (153 * month + 2) / 5 + 1);
    ret->month = (int) (month < 10 ? month + 3 : month - 9);
    ret->year = year_of_era + era * 400 + (ret->month <= 2);
    ret->weekday = (int) ((days % 7 + 11) % 7);
}

static struct civil civil_of_us(int64_t us)
{
    int64_t s = floor_div(us, US_PER_S);
    int64_t days = floor_div(s, S_PER_DAY);
    int rest = (int) (s - days * S_PER_DAY);
    struct civil c = { .hour = rest / 3600, .minute = rest / 60 % 60, .second = rest % 60 };

    /* Not us - s * US_PER_S, which overflows near INT64_MIN. */
    c.us = (int) ((us % US_PER_S + US_PER_S) % US_PER_S);
    date_of_days(days, &c);
    return c;
}

/* Every row of every list has a time or two, and snprintf() takes longer for
 * one than the row's other columns together. */
static char *put_digits(char *p, int value, int width)
{
    for (int i = width - 1; i >= 0; i--, value /= 10)
        p[i] = (char) ('0' + value % 10);
    return p + width;
}

static char *put_text(char *p, const char *s)
{
    while (*s)
        *p++ = *s++;
    return p;
}

static char *put_year(char *p, int64_t year)
{
    if (year >= 0 && year <= 9999)
        return put_digits(p, (int) year, 4);
    return p + sprintf(p, "%04lld", (long long) year);
}

static char *put_date(char *p, const struct civil *c, char then)
{
    p = put_year(p, c->year);
    *p++ = '-';
    p = put_digits(p, c->month, 2);
    *p++ = '-';
    p = put_digits(p, c->day, 2);
    *p++ = then;
    return p;
}

static char *put_clock(char *p, const struct civil *c)
{
    p = put_digits(p, c->hour, 2);
    *p++ = ':';
    p = put_digits(p, c->minute, 2);
    *p++ = ':';
    return put_digits(p, c->second, 2);
}

static char *put_http(char *p, const struct civil *c)
{
    static const char day_names[][6] = { "Sun, ", "Mon, ", "Tue, ", "Wed, ", "Thu, ", "Fri, ", "Sat, " };
    static const char month_names[][6] = { " Jan ", " Feb ", " Mar ", " Apr ", " May ", " Jun ",
                                           " Jul ", " Aug ", " Sep ", " Oct ", " Nov ", " Dec " };

    p = put_text(p, day_names[c->weekday]);
    p = put_digits(p, c->day, 2);
    p = put_text(p, month_names[c->month - 1]);
    p = put_year(p, c->year);
    *p++ = ' ';
    p = put_clock(p, c);
    return put_text(p, " GMT");
}

/* A point and the fraction of the second in so many digits; none: nothing. */
static char *put_fraction(char *p, const struct civil *c, int digits)
{
    if (!digits)
        return p;
    *p++ = '.';
    return put_digits(p, digits == 3 ? c->us / 1000 : c->us, digits);
}

char *time_write(char buf[static TIME_TEXT_MAX], int64_t us, enum time_format f)
{
    static const struct {
        char between;
        int digits;
        const char *end;
    } forms[] = {
        [TIME_ISO_Z] = { 'T', 0, "Z" },
        [TIME_ISO_MICRO_Z] = { 'T', 6, "Z" },
        [TIME_ISO_MICRO] = { 'T', 6, "" },
        [TIME_LOG] = { ' ', 3, "" },
    };
    struct civil c = civil_of_us(us);
    char *p = buf;

    if (f == TIME_HTTP) {
        p = put_http(p, &c);
    } else {
        p = put_date(p, &c, forms[f].between);
        p = put_clock(p, &c);
        p = put_fraction(p, &c, forms[f].digits);
        p = put_text(p, forms[f].end);
    }
    *p = '\0';
    return buf;
}

char *time_text(struct arena *a, int64_t us, enum time_format f)
{
    char buf[TIME_TEXT_MAX];

    return arena_strdup(a, time_write(buf, us, f));
}

/* Takes exactly 'n' digits from '*p' if they make a number of min..max. */
static bool take_digits(const char **p, int n, int min, int max, int *ret)
{
    int v = 0;

    for (int i = 0; i < n; i++) {
        char c = (*p)[i];

        if (c < '0' || c > '9')
            return false;
        v = v * 10 + (c - '0');
    }
    if (v < min || v > max)
        return false;
    *p += n;
    *ret = v;
    return true;
}

static bool take_char(const char **p, const char *any_of)
{
    if (!**p || !strchr(any_of, **p))
        return false;
    (*p)++;
    return true;
}

static int days_in_month(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap);
}

static bool take_date(const char **p, struct civil *c)
{
    int year;

    if (!take_digits(p, 4, 1, 9999, &year) || !take_char(p, "-"))
        return false;
    if (!take_digits(p, 2, 1, 12, &c->month) || !take_char(p, "-"))
        return false;
    c->year = year;
    return take_digits(p, 2, 1, days_in_month(year, c->month), &c->day);
}

/* One digit or more; what is finer than a microsecond is dropped. */
static bool take_fraction(const char **p, int *ret_us)
{
    int us = 0, n = 0;

    for (; **p >= '0' && **p <= '9'; (*p)++, n++)
        if (n < 6)
            us = us * 10 + (**p - '0');
    if (n == 0)
        return false;
    for (; n < 6; n++)
        us *= 10;
    *ret_us = us;
    return true;
}

/* hh:mm, hh:mm:ss or hh:mm:ss.fraction */
static bool take_time(const char **p, struct civil *c)
{
    if (!take_digits(p, 2, 0, 23, &c->hour) || !take_char(p, ":"))
        return false;
    if (!take_digits(p, 2, 0, 59, &c->minute))
        return false;
    if (!take_char(p, ":"))
        return true;
    if (!take_digits(p, 2, 0, 59, &c->second))
        return false;
    return !take_char(p, ".,") || take_fraction(p, &c->us);
}

/* Nothing, Z, +hh, +hhmm or +hh:mm */
static bool take_offset(const char **p, int *ret_minutes)
{
    bool west = **p == '-';
    int hours, minutes = 0;

    *ret_minutes = 0;
    if (!**p || take_char(p, "Zz"))
        return true;
    if (!take_char(p, "+-") || !take_digits(p, 2, 0, 23, &hours))
        return false;
    if (take_char(p, ":") || **p)
        if (!take_digits(p, 2, 0, 59, &minutes))
            return false;
    *ret_minutes = (hours * 60 + minutes) * (west ? -1 : 1);
    return true;
}

int time_parse(const char *s, int64_t *ret_us)
{
    struct civil c = { 0 };
    int offset = 0;
    int64_t sec;

    if (!s || !take_date(&s, &c))
        return -EINVAL;
    if (*s && (!take_char(&s, "Tt ") || !take_time(&s, &c) || !take_offset(&s, &offset)))
        return -EINVAL;
    if (*s)
        return -EINVAL;
    sec = days_of_date(c.year, c.month, c.day) * S_PER_DAY + c.hour * 3600 + c.minute * 60 + c.second;
    *ret_us = (sec - offset * 60) * US_PER_S + c.us;
    return 0;
}

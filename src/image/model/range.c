/* SPDX-License-Identifier: Apache-2.0 */
#include "image/model/range.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Digits at '*p'; false without any, or when there are too many. */
static bool read_number(const char **p, uint64_t *ret)
{
    char *end;

    if (!isdigit((unsigned char) **p))
        return false;
    errno = 0;
    *ret = strtoull(*p, &end, 10);
    *p = end;
    return errno == 0;
}

static int set(struct byte_range *ret, uint64_t first, uint64_t last, uint64_t size)
{
    if (first > last || first >= size)
        return -ERANGE;
    if (last >= size)
        last = size - 1;
    *ret = (struct byte_range){ first, last - first + 1, true };
    return 0;
}

static int read_suffix(const char *p, uint64_t size, struct byte_range *ret)
{
    uint64_t n;

    if (!read_number(&p, &n) || *p || n == 0 || size == 0)
        return -ERANGE;
    return set(ret, n < size ? size - n : 0, size - 1, size);
}

/* "FIRST-LAST" or "FIRST-". */
static int read_span(const char **p, uint64_t size, struct byte_range *ret)
{
    uint64_t first, last = UINT64_MAX;

    if (!read_number(p, &first) || **p != '-')
        return -ERANGE;
    (*p)++;
    if (isdigit((unsigned char) **p) && !read_number(p, &last))
        return -ERANGE;
    return set(ret, first, last, size);
}

static int read_content_range(const char *p, uint64_t size, struct byte_range *ret)
{
    uint64_t total;
    int r;

    if (strncasecmp(p, "bytes ", 6) != 0)
        return -ERANGE;
    p += 6;
    r = read_span(&p, size, ret);
    if (r < 0 || *p++ != '/')
        return -ERANGE;
    if (strcmp(p, "*") == 0)
        return 0;
    return read_number(&p, &total) && !*p && total == size ? 0 : -ERANGE;
}

int range_read(const char *range, const char *content_range, uint64_t size, struct byte_range *ret)
{
    int r;

    *ret = (struct byte_range){ 0, size, false };
    if (!range)
        return content_range ? read_content_range(content_range, size, ret) : 0;
    if (strncasecmp(range, "bytes=", 6) != 0)
        return -ERANGE;
    range += 6;
    if (*range == '-')
        return read_suffix(range + 1, size, ret);
    r = read_span(&range, size, ret);
    return r < 0 || *range ? -ERANGE : 0;
}

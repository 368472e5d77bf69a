/* SPDX-License-Identifier: Apache-2.0 */
#include "base/regex.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#define NESTING_MAX 64

struct measure {
    const char *at;
    unsigned max;
    bool too_large, refers_back;
};

/* Above 'max' it does not matter how far. */
static unsigned bounded(struct measure *m, unsigned long long n)
{
    m->too_large |= n > m->max;
    return n > m->max ? m->max + 1 : (unsigned) n;
}

/* Behind "[...]"; "]" may be the first in it, and "[:alpha:]" has one of its own. */
static void skip_bracket(struct measure *m)
{
    m->at++;
    m->at += *m->at == '^';
    m->at += *m->at == ']';
    while (*m->at && *m->at != ']') {
        const char *end =
            *m->at == '[' && m->at[1] && strchr(":.=", m->at[1]) ? strstr(m->at + 2, "]") : NULL;

        m->at = end ? end + 1 : m->at + 1;
    }
    m->at += *m->at == ']';
}

/* "{2}", "{2,}", "{2,5}" at 'at': how often at the most it is written out; 0: it is none. */
static unsigned read_bounds(struct measure *m)
{
    unsigned long long low = 0, high = 0;
    const char *p = m->at + 1;

    for (; isdigit((unsigned char) *p); p++)
        low = bounded(m, low * 10 + (unsigned) (*p - '0'));
    high = low;
    if (*p == ',') {
        high = p[1] == '}' ? low + 1 : 0;
        for (p++; isdigit((unsigned char) *p); p++)
            high = bounded(m, high * 10 + (unsigned) (*p - '0'));
    }
    if (*p != '}')
        return 0;
    m->at = p + 1;
    return (unsigned) (high > low ? high : low);
}

static unsigned measure_all(struct measure *m, unsigned depth);

/* The size of one item without what repeats it. */
static unsigned measure_item(struct measure *m, unsigned depth)
{
    unsigned size = 1;

    switch (*m->at) {
    case '[':
        skip_bracket(m);
        return 1;
    case '\\':
        m->refers_back |= isdigit((unsigned char) m->at[1]);
        m->at += m->at[1] ? 2 : 1;
        return 1;
    case '(':
        m->at++;
        size += measure_all(m, depth + 1);
        m->at += *m->at == ')';
        return size;
    default:
        m->at++;
        return 1;
    }
}

static unsigned measure_all(struct measure *m, unsigned depth)
{
    unsigned long long total = 0;

    m->too_large |= depth > NESTING_MAX;
    while (*m->at && !(*m->at == ')' && depth) && !m->too_large) {
        unsigned long long item = measure_item(m, depth);

        while (*m->at && strchr("*+?{", *m->at) && !m->too_large) {
            unsigned times = *m->at == '{' ? read_bounds(m) : 0;

            if (times) {
                item = bounded(m, item * times);
                continue;
            }
            item = bounded(m, *m->at == '+' ? item * 2 : item + 1);
            m->at++;
        }
        total = bounded(m, total + item);
    }
    return (unsigned) total;
}

int regex_compile(regex_t *ret, const char *text, unsigned max)
{
    struct measure m = { .at = text, .max = max };

    measure_all(&m, 0);
    if (m.too_large || (m.refers_back && max < REGEX_MAX_OF_OPERATORS))
        return -E2BIG;
    return regcomp(ret, text, REG_EXTENDED | REG_NOSUB) == 0 ? 0 : -EINVAL;
}

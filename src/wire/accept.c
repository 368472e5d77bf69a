/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/accept.h"

#include <string.h>
#include <strings.h>

#define QUALITY_MAX 1000 /* Three digits are all that there may be. */

/* A piece of the header. */
struct part {
    const char *s;
    size_t n;
};

/* How much a type is wanted, and by how exact a word. */
struct wanted {
    int quality;
    enum { NOT_AT_ALL, AS_ANY, BY_KIND, BY_NAME } exact;
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

/* Takes what stands before 'sep', without the spaces around it, off 'rest'. */
static bool next_part(struct part *rest, char sep, struct part *ret)
{
    const char *at = memchr(rest->s, sep, rest->n);
    size_t n = at ? (size_t) (at - rest->s) : rest->n, used = at ? n + 1 : n;

    if (!rest->n)
        return false;
    *ret = (struct part){ rest->s, n };
    *rest = (struct part){ rest->s + used, rest->n - used };
    while (ret->n && is_space(ret->s[0]))
        *ret = (struct part){ ret->s + 1, ret->n - 1 };
    while (ret->n && is_space(ret->s[ret->n - 1]))
        ret->n--;
    return true;
}

/* "0.5" in thousandths; what is no such number counts as 1, as if nothing were said. */
static int read_quality(struct part p)
{
    int q = 0, unit = QUALITY_MAX / 10;

    if (!p.n || p.s[0] != '0')
        return QUALITY_MAX;
    for (size_t i = 2; i < p.n && p.s[i] >= '0' && p.s[i] <= '9'; i++, unit /= 10)
        q += (p.s[i] - '0') * unit;
    return q;
}

static int exactness(struct part range, const char *type)
{
    size_t kind = strcspn(type, "/") + 1;

    if (range.n == strlen(type) && strncasecmp(range.s, type, range.n) == 0)
        return BY_NAME;
    if (range.n == kind + 1 && strncasecmp(range.s, type, kind) == 0 && range.s[kind] == '*')
        return BY_KIND;
    return range.n == 3 && memcmp(range.s, "*/*", 3) == 0 ? AS_ANY : NOT_AT_ALL;
}

/* What one range of the header, "TYPE;q=0.5", says about 'type'. */
static struct wanted wanted_by(struct part range, const char *type)
{
    struct wanted w = { .quality = QUALITY_MAX };
    struct part name = range, p;

    if (!next_part(&range, ';', &name))
        return w;
    w.exact = exactness(name, type);
    while (next_part(&range, ';', &p))
        if (p.n >= 2 && strncasecmp(p.s, "q=", 2) == 0)
            w.quality = read_quality((struct part){ p.s + 2, p.n - 2 });
        else if (p.n)
            w.exact = NOT_AT_ALL; /* Of a type with parameters, which no type here has. */
    return w;
}

static struct wanted wanted(const char *accept, const char *type)
{
    struct part rest = { accept, strlen(accept) }, range;
    struct wanted best = { 0 };

    while (next_part(&rest, ',', &range)) {
        struct wanted w = wanted_by(range, type);

        if (w.exact > best.exact || (w.exact && w.exact == best.exact && w.quality > best.quality))
            best = w;
    }
    return best;
}

bool accept_prefers(const char *accept, const char *type, const char *usual)
{
    struct wanted a, b;

    if (!accept)
        return false;
    a = wanted(accept, type);
    b = wanted(accept, usual);
    return a.quality > b.quality || (a.quality && a.quality == b.quality && a.exact > b.exact);
}

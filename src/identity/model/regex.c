/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/model/regex.h"

#include <regex.h>
#include <string.h>

#define PARTS_MAX 32

struct part {
    regex_t re;
    bool wanted; /* False: must not fit. */
};

/* All parts are asked from the beginning of the text, each for itself. */
struct pattern {
    size_t n;
    struct part parts[PARTS_MAX];
};

void pattern_free(struct pattern *p)
{
    for (size_t i = 0; p && i < p->n; i++)
        regfree(&p->parts[i].re);
    free(p);
}

/* \d is [0-9], also inside brackets; anchored at the beginning. */
static char *to_posix(struct arena *a, const char *s, size_t n)
{
    char *out = arena_alloc(a, n * 5 + 4), *at = out;
    bool bracket = false;

    *at++ = '^';
    *at++ = '(';
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '\\' && i + 1 < n && s[i + 1] == 'd') {
            at = stpcpy(at, bracket ? "0-9" : "[0-9]");
            i++;
        } else if (s[i] == '\\' && i + 1 < n && !bracket) {
            *at++ = s[i++];
            *at++ = s[i];
        } else {
            if (s[i] == '[')
                bracket = true;
            else if (s[i] == ']')
                bracket = false;
            *at++ = s[i];
        }
    }
    *at++ = ')';
    *at = 0;
    return out;
}

static int add_part(struct pattern *p, struct arena *a, const char *s, size_t n, bool wanted, struct err *err)
{
    char *posix = to_posix(a, s, n);

    if (p->n == PARTS_MAX || strstr(posix, "(?") ||
        regcomp(&p->parts[p->n].re, posix, REG_EXTENDED | REG_NOSUB) != 0)
        return err_set(err, -EINVAL, "the part '%.*s' of the regular expression is not understood", (int) n,
                       s);
    p->parts[p->n++].wanted = wanted;
    return 0;
}

/* The closing parenthesis of the group that begins at 's'. */
static const char *group_end(const char *s)
{
    bool bracket = false;
    int depth = 0;

    for (; *s; s++) {
        if (*s == '\\' && s[1]) {
            s++;
        } else if (bracket) {
            bracket = *s != ']';
        } else if (*s == '[') {
            bracket = true;
        } else if (*s == '(') {
            depth++;
        } else if (*s == ')' && --depth == 0) {
            return s;
        }
    }
    return NULL;
}

static int add_parts(struct pattern *p, struct arena *a, const char *s, struct err *err)
{
    int r = 0;

    if (*s == '^')
        s++;
    while (r >= 0 && s[0] == '(' && s[1] == '?' && (s[2] == '=' || s[2] == '!')) {
        const char *end = group_end(s);

        if (!end)
            return err_set(err, -EINVAL, "a parenthesis of the regular expression is not closed");
        r = add_part(p, a, s + 3, (size_t) (end - s - 3), s[2] == '=', err);
        s = end + 1;
    }
    return r < 0 ? r : add_part(p, a, s, strlen(s), true, err);
}

int pattern_new(const char *text, struct pattern **ret, struct err *err)
{
    struct pattern *p = calloc(1, sizeof(*p));
    struct arena a;
    int r;

    if (!p)
        return err_set(err, -ENOMEM, "out of memory");
    arena_init(&a);
    r = add_parts(p, &a, text, err);
    arena_done(&a);
    if (r < 0) {
        pattern_free(p);
        return r;
    }
    *ret = p;
    return 0;
}

bool pattern_fits(const struct pattern *p, const char *text)
{
    for (size_t i = 0; i < p->n; i++)
        if ((regexec(&p->parts[i].re, text, 0, NULL, 0) == 0) != p->parts[i].wanted)
            return false;
    return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What a token says: its roles, and the access rules of application
 * credentials with method, service and path. */
#include <stddef.h>
#include <string.h>

#include "base/str.h"
#include "rest/token.h"

#define PARTS_MAX 1024 /* Identity takes 225 bytes; what is longer fits nothing. */

/* A letter, or more than any letter is: "{name}" and "*" stand for one segment
 * or a part of one, "**" for anything. */
enum { SEGMENT = 256, ANY };

struct pattern {
    size_t n;
    short parts[PARTS_MAX];
};

/* False when it is too long.  A brace that nothing closes is a letter. */
static bool pattern_read(const char *text, struct pattern *ret)
{
    const char *last = strrchr(text, '}');

    ret->n = 0;
    while (*text) {
        bool name = *text == '{' && text < last;
        size_t stars = strspn(text, "*");

        if (ret->n == PARTS_MAX)
            return false;
        ret->parts[ret->n++] = stars > 1 ? ANY : stars || name ? SEGMENT : (unsigned char) *text;
        text = name ? strchr(text, '}') + 1 : text + (stars ? stars : 1);
    }
    return true;
}

/* "**" may stand for nothing: who is before it is behind it, too. */
static void enter(const struct pattern *p, bool *places, size_t i)
{
    places[i] = true;
    for (; i < p->n && p->parts[i] == ANY; i++)
        places[i + 1] = true;
}

/* Where in the pattern one may be behind another letter of the path; false: nowhere. */
static bool step(const struct pattern *p, const bool *now, char c, bool *next)
{
    bool alive = false;

    memset(next, 0, p->n + 1);
    for (size_t i = 0; i < p->n; i++) {
        bool stays = p->parts[i] == ANY || (p->parts[i] == SEGMENT && c != '/');

        if (!now[i] || (!stays && p->parts[i] != (unsigned char) c))
            continue;
        alive = true;
        if (stays)
            enter(p, next, i);
        if (p->parts[i] != ANY)
            enter(p, next, i + 1);
    }
    return alive;
}

/* All places at once, a letter of the path at a time: users write both, and to
 * try one place after the other might take for ever. */
static bool path_fits(const char *text, const char *path)
{
    bool places[2][PARTS_MAX + 1] = { { false } };
    unsigned turn = 0;
    struct pattern p;

    if (!pattern_read(text, &p))
        return false;
    enter(&p, places[0], 0);
    for (; *path; path++, turn = !turn)
        if (!step(&p, places[turn], *path, places[!turn]))
            return false;
    return places[turn][p.n];
}

bool token_has_role(const struct token *t, const char *name)
{
    for (size_t i = 0; i < t->n_roles; i++)
        if (str_eq(t->roles[i].name, name))
            return true;
    return false;
}

bool token_allows(const struct token *t, const char *service_type, const char *method, const char *path)
{
    if (!t->has_access_rules)
        return true;
    for (const char **rule = t->access_rules; rule && rule[0]; rule += 3)
        if (strcmp(rule[0], service_type) == 0 && strcmp(rule[1], method) == 0 && path_fits(rule[2], path))
            return true;
    return false;
}

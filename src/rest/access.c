/* SPDX-License-Identifier: Apache-2.0 */
/* Access rules of application credentials: method, service and path. */
#include <stddef.h>
#include <string.h>

#include "rest/token.h"

/* Behind "{name}" or "*", which stand for one segment; null when 'p' begins
 * with neither. */
static const char *behind_segment(const char *p)
{
    if (*p == '*' && p[1] != '*')
        return p + 1;
    if (*p != '{')
        return NULL;
    p = strchr(p, '}');
    return p ? p + 1 : NULL;
}

/* Stars make this try again from a later place: bounded, because a pattern
 * has at most 'stars' of them and the path is short. */
static bool path_fits(const char *pattern, const char *path, unsigned depth)
{
    const char *rest;

    if (depth > 8)
        return false;
    for (; *pattern; pattern++, path++) {
        if (pattern[0] == '*' && pattern[1] == '*') {
            pattern += strspn(pattern, "*");
            do {
                if (path_fits(pattern, path, depth + 1))
                    return true;
            } while (*path++);
            return false;
        }
        rest = behind_segment(pattern);
        if (rest) {
            size_t n = strcspn(path, "/");

            for (size_t i = 1; i <= n; i++)
                if (path_fits(rest, path + i, depth + 1))
                    return true;
            return false;
        }
        if (*pattern != *path)
            return false;
    }
    return !*path;
}

bool token_allows(const struct token *t, const char *service_type, const char *method, const char *path)
{
    if (!t->has_access_rules)
        return true;
    for (const char **rule = t->access_rules; rule && rule[0]; rule += 3)
        if (strcmp(rule[0], service_type) == 0 && strcmp(rule[1], method) == 0 && path_fits(rule[2], path, 0))
            return true;
    return false;
}

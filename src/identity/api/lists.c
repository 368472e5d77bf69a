/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/api/lists.h"

#include "base/str.h"
#include "identity/identity.h"

#define LIMIT(kind, member)                             \
    {                                                   \
        kind, offsetof(struct identity_options, member) \
    }

/* Keystone bounds the lists of each of its parts apart. */
static const struct {
    const char *plural;
    size_t offset;
} limits[] = {
    LIMIT("users", identity_list_limit),
    LIMIT("groups", identity_list_limit),
    LIMIT("projects", resource_list_limit),
    LIMIT("domains", resource_list_limit),
    LIMIT("roles", role_list_limit),
    LIMIT("services", catalog_list_limit),
    LIMIT("endpoints", catalog_list_limit),
    LIMIT("regions", catalog_list_limit),
    LIMIT("policies", policy_list_limit),
    LIMIT("limits", unified_limit_list_limit),
    LIMIT("registered_limits", unified_limit_list_limit),
};

size_t lists_limit(const struct server *s, const struct resource *res)
{
    const struct identity_options *opt = ((const struct identity *) s->state)->opt;
    int64_t own = 0;

    for (size_t i = 0; i < ARRAY_SIZE(limits); i++)
        if (str_eq(limits[i].plural, res->plural))
            own = *(const int64_t *) ((const char *) opt + limits[i].offset);
    return (size_t) (own ? own : opt->list_limit);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A rule that an operator wrote is compiled or refused with words; one that
 * was compiled answers, and a stranger is let in by none that says "not". */
#include "rest/policy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const char *target_get(const void *ctx, struct arena *a, const char *name)
{
    return strstr(name, "id") ? "u1" : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct role_ref role = { "r", "member" };
    const struct token token = { .user_id = "u1", .project_id = "p1", .roles = &role, .n_roles = 1 };
    const struct policy_target target = { .get = target_get };
    struct policy_rule rules[] = { { "x", NULL }, { "y", "not rule:x" }, { NULL } };
    const struct policy_rule *const tables[] = { rules, NULL };
    const struct policy_config c = { 0 };
    auto_arena struct arena a;
    struct policy *p = NULL;
    struct err err = { 0 };

    arena_init(&a);
    rules[0].check = arena_strndup(&a, n ? (const char *) data : "", n);
    if (strstr(rules[0].check, "http"))
        return 0; /* Asks others. */
    if (policy_new(tables, &c, &p, &err) < 0) {
        if (!err.msg[0])
            abort();
        return 0;
    }
    if (policy_allows(p, &a, "x", &token, &target) == policy_allows(p, &a, "y", &token, &target))
        abort();
    policy_free(p);
    return 0;
}

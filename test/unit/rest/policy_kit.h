/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens, targets and single rules for the tests of policy. */
#pragma once

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/macros.h"
#include "base/str.h"
#include "kit/test.h"
#include "rest/policy.h"

/* Names and values, ended by a null name. */
struct pair {
    const char *name, *value;
};

static inline const char *pairs_get(const void *ctx, struct arena *a attr_unused, const char *name)
{
    for (const struct pair *p = ctx; p && p->name; p++)
        if (str_eq(p->name, name))
            return p->value;
    return NULL;
}

#define TARGET(...)                                                     \
    &(const struct policy_target)                                       \
    {                                                                   \
        pairs_get, (const struct pair[]){ __VA_ARGS__, { NULL } }, NULL \
    }

static struct role_ref kit_reader[] attr_unused = { { "r-reader", "reader" } };
static struct role_ref kit_member[] attr_unused = { { "r-member", "member" }, { "r-reader", "reader" } };
static struct role_ref kit_admin[] attr_unused = { { "r-admin", "admin" }, { "r-member", "member" } };

static const struct token member attr_unused = { .user_id = "u1",
                                                 .user_name = "ann",
                                                 .user_domain_id = "d1",
                                                 .project_id = "p1",
                                                 .project_name = "blue",
                                                 .project_domain_id = "d2",
                                                 .roles = kit_member,
                                                 .n_roles = 2,
                                                 .methods = (const char *[]){ "password", "totp", NULL } };
static const struct token admin attr_unused = {
    .user_id = "root", .project_id = "p0", .roles = kit_admin, .n_roles = 2
};
static const struct token domain_reader attr_unused = {
    .user_id = "u2", .domain_id = "d1", .domain_name = "Default", .roles = kit_reader, .n_roles = 1
};
static const struct token system_reader attr_unused = {
    .user_id = "u3", .system = true, .roles = kit_reader, .n_roles = 1
};

static inline void free_policy(void *p)
{
    policy_free(p);
}

/* Policy from one table, freed after the test. */
static inline struct policy *policy_of(struct test *t, const struct policy_rule *table,
                                       const struct policy_config *c)
{
    const struct policy_rule *const tables[] = { table, NULL };
    struct policy *p = NULL;
    struct err err = { 0 };

    EXPECT_OK(policy_new(tables, c, &p, &err), &err);
    test_cleanup(t, free_policy, p);
    return p;
}

/* What the rule "x" with this text says. */
static inline bool says(struct test *t, const char *check, const struct token *token,
                        const struct policy_target *target)
{
    const struct policy_rule table[] = { { "x", check }, { NULL } };
    const struct policy_rule *const tables[] = { table, NULL };
    const struct policy_config c = { 0 };
    struct policy *p = NULL;
    struct err err = { 0 };
    bool answer;

    EXPECT_OK(policy_new(tables, &c, &p, &err), &err);
    answer = policy_allows(p, test_arena(t), "x", token, target);
    policy_free(p);
    return answer;
}

/* The words with which a table is refused. */
static inline const char *refusal(struct test *t, const struct policy_rule *table,
                                  const struct policy_config *c)
{
    const struct policy_rule *const tables[] = { table, NULL };
    const struct policy_config none = { 0 };
    struct policy *p = NULL;
    struct err err = { 0 };

    EXPECT_INT(policy_new(tables, c ? c : &none, &p, &err), -EINVAL);
    EXPECT_TRUE(p == NULL);
    return arena_strdup(test_arena(t), err.msg);
}

static inline void write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");

    EXPECT_TRUE(f != NULL);
    EXPECT_TRUE(fputs(text, f) >= 0);
    EXPECT_INT(fclose(f), 0);
}

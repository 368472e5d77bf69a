/* SPDX-License-Identifier: Apache-2.0 */
/* For the tests of services' default policies: one policy of a table, with
 * the new defaults and scopes enforced, and tokens to ask with. */
#pragma once

#include "policy_kit.h"

#define ROLES(...)                      \
    (struct role_ref[]){ __VA_ARGS__ }, \
        .n_roles = sizeof((struct role_ref[]){ __VA_ARGS__ }) / sizeof(struct role_ref)

/* Project p1 of domain d1, by user u1. */
static const struct token project_reader attr_unused = { .user_id = "u1",
                                                         .user_domain_id = "d1",
                                                         .project_id = "p1",
                                                         .project_domain_id = "d1",
                                                         .roles = ROLES({ "r", "reader" }) };
static const struct token project_member attr_unused = { .user_id = "u1",
                                                         .user_domain_id = "d1",
                                                         .project_id = "p1",
                                                         .project_domain_id = "d1",
                                                         .roles =
                                                             ROLES({ "m", "member" }, { "r", "reader" }) };
static const struct token project_manager attr_unused = {
    .user_id = "u1",
    .user_domain_id = "d1",
    .project_id = "p1",
    .project_domain_id = "d1",
    .roles = ROLES({ "n", "manager" }, { "m", "member" }, { "r", "reader" })
};
static const struct token project_nobody attr_unused = {
    .user_id = "u1", .user_domain_id = "d1", .project_id = "p1", .project_domain_id = "d1"
};
static const struct token project_admin attr_unused = { .user_id = "root",
                                                        .user_domain_id = "d0",
                                                        .project_id = "p0",
                                                        .project_domain_id = "d0",
                                                        .roles = ROLES({ "a", "admin" }, { "m", "member" }) };
static const struct token service attr_unused = { .user_id = "nova",
                                                  .user_domain_id = "d0",
                                                  .project_id = "services",
                                                  .project_domain_id = "d0",
                                                  .roles = ROLES({ "s", "service" }) };
static const struct token domain_manager attr_unused = { .user_id = "u5",
                                                         .user_domain_id = "d1",
                                                         .domain_id = "d1",
                                                         .roles =
                                                             ROLES({ "n", "manager" }, { "r", "reader" }) };
static const struct token system_member attr_unused = {
    .user_id = "u6", .system = true, .roles = ROLES({ "m", "member" }, { "r", "reader" })
};

/* What today's defaults say. */
static inline bool may(struct test *t, const struct policy_rule *table, const char *rule,
                       const struct token *token, const struct policy_target *target)
{
    struct policy *p =
        policy_of(t, table, &(struct policy_config){ .enforce_scope = true, .enforce_new_defaults = true });

    EXPECT_TRUE(policy_has(p, rule));
    return policy_allows(p, test_arena(t), rule, token, target);
}

/* What they say with the deprecated forms. */
static inline bool might(struct test *t, const struct policy_rule *table, const char *rule,
                         const struct token *token, const struct policy_target *target)
{
    struct policy *p = policy_of(t, table, &(struct policy_config){ .enforce_scope = true });

    return policy_allows(p, test_arena(t), rule, token, target);
}

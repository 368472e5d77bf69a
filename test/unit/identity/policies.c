/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/policies.h"

#include "../rest/policy_defaults.h"

#define MAY(rule, token, target)   may(t, identity_policies, rule, token, target)
#define MIGHT(rule, token, target) might(t, identity_policies, rule, token, target)

TEST(admin_of_any_project_administers_the_cloud)
{
    EXPECT_TRUE(MAY("identity:create_domain", &project_admin, NULL));
    EXPECT_TRUE(MAY("identity:create_user", &project_admin, NULL));
    EXPECT_TRUE(MAY("identity:create_grant", &project_admin, NULL));
    EXPECT_TRUE(!MAY("identity:create_domain", &project_manager, NULL));
    EXPECT_TRUE(!MAY("identity:create_endpoint", &system_member, NULL));
}

TEST(users_see_themselves_and_their_domains_readers_see_them)
{
    const struct policy_target *self = TARGET({ "target.user.id", "u1" }, { "target.user.domain_id", "d1" });
    const struct policy_target *far = TARGET({ "target.user.id", "u9" }, { "target.user.domain_id", "d9" });

    EXPECT_TRUE(MAY("identity:get_user", &project_nobody, self));
    EXPECT_TRUE(!MAY("identity:get_user", &project_member, far));
    EXPECT_TRUE(MAY("identity:get_user", &domain_reader, self));
    EXPECT_TRUE(!MAY("identity:get_user", &domain_reader, far));
    EXPECT_TRUE(MAY("identity:get_user", &system_reader, far));
}

TEST(a_domains_manager_keeps_its_users_and_projects_only)
{
    EXPECT_TRUE(MAY("identity:create_user", &domain_manager, TARGET({ "target.user.domain_id", "d1" })));
    EXPECT_TRUE(!MAY("identity:create_user", &domain_manager, TARGET({ "target.user.domain_id", "d2" })));
    EXPECT_TRUE(!MAY("identity:create_user", &project_manager, TARGET({ "target.user.domain_id", "d1" })));
    EXPECT_TRUE(
        MAY("identity:update_project", &domain_manager, TARGET({ "target.project.domain_id", "d1" })));
    EXPECT_TRUE(!MAY("identity:update_project", &domain_manager,
                     TARGET({ "target.project.domain_id", POLICY_NONE })));
    EXPECT_TRUE(!MAY("identity:update_domain", &domain_manager, TARGET({ "target.domain.id", "d1" })));
}

static const struct policy_target *grant(struct test *t, const char *project_domain, const char *role)
{
    struct arena *a = test_arena(t);
    struct pair *pairs = arena_array(a, struct pair, 5);
    struct policy_target *target = arena_new(a, struct policy_target);

    pairs[0] = (struct pair){ "target.user.domain_id", "d1" };
    pairs[1] = (struct pair){ "target.project.domain_id", project_domain };
    pairs[2] = (struct pair){ "target.role.name", role };
    pairs[3] = (struct pair){ "target.role.domain_id", POLICY_NONE };
    target->get = pairs_get;
    target->ctx = pairs;
    return target;
}

TEST(a_domains_manager_gives_no_role_above_its_own)
{
    EXPECT_TRUE(MAY("identity:create_grant", &domain_manager, grant(t, "d1", "member")));
    EXPECT_TRUE(MAY("identity:revoke_grant", &domain_manager, grant(t, "d1", "manager")));
    EXPECT_TRUE(!MAY("identity:create_grant", &domain_manager, grant(t, "d1", "admin")));
    EXPECT_TRUE(!MAY("identity:create_grant", &domain_manager, grant(t, "d2", "member")));
    EXPECT_TRUE(!MAY("identity:create_grant", &domain_reader, grant(t, "d1", "member")));
    EXPECT_TRUE(MAY("identity:check_grant", &domain_reader, grant(t, "d1", "admin")));
    EXPECT_TRUE(!MAY("identity:create_system_grant_for_user", &domain_manager, NULL));
}

TEST(tokens_are_checked_by_their_users_and_by_services)
{
    const struct policy_target *own = TARGET({ "target.token.user_id", "u1" });
    const struct policy_target *other = TARGET({ "target.token.user_id", "u9" });

    EXPECT_TRUE(MAY("identity:validate_token", &project_nobody, own));
    EXPECT_TRUE(!MAY("identity:validate_token", &project_member, other));
    EXPECT_TRUE(MAY("identity:validate_token", &service, other));
    EXPECT_TRUE(!MAY("identity:revoke_token", &service, other));
    EXPECT_TRUE(MAY("identity:revoke_token", &project_nobody, own));
}

TEST(secrets_belong_to_their_users)
{
    const struct policy_target *own = TARGET({ "target.credential.user_id", "u1" }, { "user_id", "u1" });
    const struct policy_target *other = TARGET({ "target.credential.user_id", "u9" }, { "user_id", "u9" });

    EXPECT_TRUE(MAY("identity:get_credential", &project_nobody, own));
    EXPECT_TRUE(!MAY("identity:get_credential", &project_manager, other));
    EXPECT_TRUE(MAY("identity:create_application_credential", &project_nobody, own));
    EXPECT_TRUE(!MAY("identity:create_application_credential", &project_admin, other));
    EXPECT_TRUE(!MAY("identity:create_application_credential", &domain_reader, TARGET({ "user_id", "u2" })));
}

TEST(only_who_trusts_makes_a_trust)
{
    const struct policy_target *mine =
        TARGET({ "target.trust.trustor_user_id", "u1" }, { "target.trust.trustee_user_id", "u9" });

    EXPECT_TRUE(MAY("identity:create_trust", &project_member, mine));
    EXPECT_TRUE(!MAY("identity:create_trust", &project_admin, mine));
    EXPECT_TRUE(MAY("identity:get_trust", &project_nobody, mine));
    EXPECT_TRUE(!MAY("identity:get_trust", &service, mine));
}

TEST(deprecated_forms_open_what_they_opened)
{
    const struct policy_target *self = TARGET({ "user_id", "u1" });

    EXPECT_TRUE(!MAY("identity:get_user", &project_nobody, self));
    EXPECT_TRUE(MIGHT("identity:get_user", &project_nobody, self));
}

/* What held in Zed, with [identity] policy_release. */
TEST(an_older_release_takes_the_place_of_rules)
{
    const struct policy_target *own = TARGET({ "target.credential.user_id", "u2" });
    const struct policy_target *domain = TARGET({ "target.user.domain_id", "d1" });
    struct policy *zed = policy_of(t, identity_policies,
                                   &(struct policy_config){ .enforce_scope = true,
                                                            .enforce_new_defaults = true,
                                                            .instead = identity_policies_zed });
    struct arena *a = test_arena(t);

    for (const struct policy_rule *r = identity_policies_zed; r->name; r++)
        EXPECT_TRUE(policy_has(zed, r->name));
    EXPECT_TRUE(MAY("identity:create_user", &domain_manager, domain));
    EXPECT_TRUE(!policy_allows(zed, a, "identity:create_user", &domain_manager, domain));
    EXPECT_TRUE(MAY("identity:list_credentials", &domain_reader, own));
    EXPECT_TRUE(!policy_allows(zed, a, "identity:list_credentials", &domain_reader, own));
    EXPECT_TRUE(policy_allows(zed, a, "identity:create_user", &project_admin, domain));
}

TEST_MAIN()

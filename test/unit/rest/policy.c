/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "policy_kit.h"

TEST(roles_are_equal_in_any_case)
{
    EXPECT_TRUE(says(t, "role:member", &member, NULL));
    EXPECT_TRUE(says(t, "role:MEMBER", &member, NULL));
    EXPECT_TRUE(!says(t, "role:mem", &member, NULL));
    EXPECT_TRUE(!says(t, "role:admin", &member, NULL));
    EXPECT_TRUE(says(t, "role:%(needed)s", &member, TARGET({ "needed", "Reader" })));
    EXPECT_TRUE(!says(t, "role:%(needed)s", &member, NULL));
}

TEST(a_role_with_a_colon_is_one_name)
{
    struct role_ref roles[] = { { "1", "compute:admin" } };
    const struct token token = { .user_id = "u", .roles = roles, .n_roles = 1 };

    EXPECT_TRUE(says(t, "role:compute:admin", &token, NULL));
    EXPECT_TRUE(!says(t, "role:compute", &token, NULL));
}

TEST(credentials_equal_attributes_of_the_target)
{
    const struct policy_target *own = TARGET({ "user_id", "u1" }, { "project_id", "p1" });
    const struct policy_target *other = TARGET({ "user_id", "u9" }, { "project_id", "p9" });

    EXPECT_TRUE(says(t, "user_id:%(user_id)s and project_id:%(project_id)s", &member, own));
    EXPECT_TRUE(!says(t, "user_id:%(user_id)s or project_id:%(project_id)s", &member, other));
    EXPECT_TRUE(says(t, "user_id:%(target.user.id)s", &member, TARGET({ "target.user.id", "u1" })));
    EXPECT_TRUE(says(t, "project_id:p1", &member, NULL));
    EXPECT_TRUE(!says(t, "project_id:P1", &member, NULL));
}

TEST(a_project_is_also_a_tenant)
{
    EXPECT_TRUE(says(t, "tenant_id:%(tenant_id)s", &member, TARGET({ "tenant_id", "p1" })));
    EXPECT_TRUE(says(t, "tenant:%(tenant)s", &member, TARGET({ "tenant", "p1" })));
    EXPECT_TRUE(says(t, "tenant_id:%(tenant_id)s", &member, TARGET({ "project_id", "p1" })));
    EXPECT_TRUE(says(t, "project_id:%(project_id)s", &member, TARGET({ "tenant_id", "p1" })));
    EXPECT_TRUE(says(t, "tenant_id:%(network:tenant_id)s", &member, TARGET({ "network:tenant_id", "p1" })));
    EXPECT_TRUE(says(t, "tenant_id:%(network:tenant_id)s", &member, TARGET({ "network:project_id", "p1" })));
    EXPECT_TRUE(says(t, "project_id:%(network:project_id)s", &member, TARGET({ "network:tenant_id", "p1" })));
}

TEST(domains_of_user_project_and_token_are_told_apart)
{
    EXPECT_TRUE(says(t, "user_domain_id:d1 and project_domain_id:d2 and not domain_id:d1", &member, NULL));
    EXPECT_TRUE(
        says(t, "domain_id:%(target.domain_id)s", &domain_reader, TARGET({ "target.domain_id", "d1" })));
    EXPECT_TRUE(says(t, "token.domain.id:d1 and token.domain.name:Default", &domain_reader, NULL));
}

TEST(the_tokens_own_words_are_credentials)
{
    EXPECT_TRUE(
        says(t, "token.user.id:u1 and token.user.name:ann and token.user.domain.id:d1", &member, NULL));
    EXPECT_TRUE(says(t, "token.project.domain.id:%(target.domain.id)s", &member,
                     TARGET({ "target.domain.id", "d2" })));
    EXPECT_TRUE(says(t, "token.roles.name:member and token.roles.id:r-reader", &member, NULL));
    EXPECT_TRUE(!says(t, "token.roles.name:Member", &member, NULL));
    EXPECT_TRUE(says(t, "token.methods:totp and not token.methods:token", &member, NULL));
    EXPECT_TRUE(says(t, "roles:reader", &member, NULL));
    EXPECT_TRUE(!says(t, "token.audit_ids:x", &member, NULL));
}

TEST(system_scope_is_all_or_nothing)
{
    EXPECT_TRUE(says(t, "role:reader and system_scope:all", &system_reader, NULL));
    EXPECT_TRUE(says(t, "token.system.all:True", &system_reader, NULL));
    EXPECT_TRUE(!says(t, "system_scope:all", &member, NULL));
    EXPECT_TRUE(says(t, "system_scope:None", &member, NULL));
    EXPECT_TRUE(!says(t, "system_scope:None", &system_reader, NULL));
}

TEST(a_missing_attribute_makes_a_check_fail)
{
    EXPECT_TRUE(!says(t, "user_id:%(user_id)s", &member, NULL));
    EXPECT_TRUE(!says(t, "user_id:%(user_id)s", &member, TARGET({ "other", "u1" })));
    EXPECT_TRUE(says(t, "not user_id:%(user_id)s", &member, NULL));
    EXPECT_TRUE(!says(t, "None:%(owner)s", &member, NULL));
}

TEST(a_null_credential_equals_no_null_of_the_target)
{
    EXPECT_TRUE(!says(t, "project_id:%(project_id)s", &domain_reader, TARGET({ "project_id", POLICY_NONE })));
    EXPECT_TRUE(!says(t, "project_id:%(project_id)s", &domain_reader, TARGET({ "project_id", "" })));
    EXPECT_TRUE(says(t, "project_id:None", &domain_reader, NULL));
}

TEST(constants_are_compared_with_attributes)
{
    const struct policy_target *target =
        TARGET({ "shared", "True" }, { "role.name", "manager" }, { "domain_id", POLICY_NONE },
               { "vlan", "12" }, { "up", "false" });

    EXPECT_TRUE(says(t, "True:%(shared)s", &member, target));
    EXPECT_TRUE(!says(t, "False:%(shared)s", &member, target));
    EXPECT_TRUE(says(t, "False:%(up)s", &member, target));
    EXPECT_TRUE(says(t, "'manager':%(role.name)s", &member, target));
    EXPECT_TRUE(says(t, "\"manager\":%(role.name)s", &member, target));
    EXPECT_TRUE(!says(t, "'Manager':%(role.name)s", &member, target));
    EXPECT_TRUE(says(t, "None:%(domain_id)s", &member, target));
    EXPECT_TRUE(!says(t, "None:%(shared)s", &member, target));
    EXPECT_TRUE(says(t, "12:%(vlan)s and not 13:%(vlan)s", &member, target));
    EXPECT_TRUE(says(t, "'a-12-%':a-%(vlan)s-%%", &member, target));
}

TEST(the_service_that_asks_in_the_users_name_has_credentials_of_its_own)
{
    struct role_ref roles[] = { { "r-service", "service" } };
    const struct token nova = { .user_id = "nova", .project_id = "p9", .roles = roles, .n_roles = 1 };
    struct token t1 = member;

    t1.service = &nova;
    EXPECT_TRUE(says(t, "service_roles:service and service_user_id:nova", &t1, NULL));
    EXPECT_TRUE(says(t, "service_project_id:%(owner)s", &t1, TARGET({ "owner", "p9" })));
    EXPECT_TRUE(!says(t, "role:service or service_roles:member or service_user_id:u1", &t1, NULL));
    EXPECT_TRUE(!says(t, "service_roles:service or service_user_id:nova", &member, NULL));
    EXPECT_TRUE(says(t, "service_user_id:None", &member, NULL));
    EXPECT_TRUE(!says(t, "service_user_id:%(owner)s", &member, TARGET({ "owner", POLICY_NONE })));
}

TEST(an_unknown_credential_is_nobodys)
{
    EXPECT_TRUE(!says(t, "shoe_size:%(x)s", &member, TARGET({ "x", "None" })));
    EXPECT_TRUE(!says(t, "shoe_size:None", &member, NULL));
}

TEST(without_a_token_only_constants_hold)
{
    EXPECT_TRUE(says(t, "@", NULL, NULL));
    EXPECT_TRUE(!says(t, "role:member or user_id:None or is_admin:True", NULL, NULL));
}

TEST(field_checks_ask_the_target_alone)
{
    const struct policy_target *net = TARGET({ "shared", "True" }, { "router:external", "False" });
    const struct policy_target *port = TARGET({ "device_owner", "network:dhcp" });

    EXPECT_TRUE(says(t, "field:networks:shared=True", &member, net));
    EXPECT_TRUE(!says(t, "field:networks:router:external=True", &member, net));
    EXPECT_TRUE(!says(t, "field:networks:shared=True", &member, NULL));
    EXPECT_TRUE(says(t, "field:networks:shared=True", &member, TARGET({ "networks:shared", "True" })));
    EXPECT_TRUE(!says(t, "field:subnetpools:shared=True", &member, TARGET({ "networks:shared", "True" })));
    EXPECT_TRUE(says(t, "field:port:device_owner=~^network:", &member, port));
    EXPECT_TRUE(!says(t, "field:port:device_owner=~dhcp", &member, port));
    EXPECT_TRUE(says(t, "field:port:device_owner=network:dhcp", &member, port));
}

TEST(is_admin_follows_the_services_own_rule)
{
    static const struct policy_rule table[] = { { "context_is_admin", "role:boss or is_admin:True" },
                                                { "a", "is_admin:True" },
                                                { "b", "is_admin:False" },
                                                { NULL } };
    struct policy *p = policy_of(t, table, &(struct policy_config){ 0 });
    struct role_ref roles[] = { { "1", "boss" } };
    const struct token boss = { .user_id = "u", .roles = roles, .n_roles = 1 };

    EXPECT_TRUE(policy_allows(p, test_arena(t), "a", &boss, NULL));
    EXPECT_TRUE(!policy_allows(p, test_arena(t), "a", &admin, NULL));
    EXPECT_TRUE(policy_allows(p, test_arena(t), "b", &admin, NULL));
    EXPECT_TRUE(says(t, "is_admin:True and is_admin_project:True", &admin, NULL));
    EXPECT_TRUE(!says(t, "is_admin:True", &member, NULL));
}

TEST(rules_refer_to_each_other_in_any_order)
{
    static const struct policy_rule table[] = {
        { "a", "rule:b or rule:c" }, { "b", "rule:c and @" }, { "c", "role:member" }, { NULL }
    };
    struct policy *p = policy_of(t, table, &(struct policy_config){ 0 });

    EXPECT_TRUE(policy_allows(p, test_arena(t), "a", &member, NULL));
    EXPECT_TRUE(!policy_allows(p, test_arena(t), "a", &domain_reader, NULL));
    EXPECT_TRUE(policy_has(p, "b"));
    EXPECT_TRUE(!policy_has(p, "d"));
}

TEST(an_unknown_rule_is_refused_unless_there_is_a_default)
{
    static const struct policy_rule without[] = { { "a", "@" }, { NULL } };
    static const struct policy_rule with[] = { { "default", "role:member" }, { "a", "rule:gone" }, { NULL } };
    struct policy *p = policy_of(t, without, &(struct policy_config){ 0 });

    EXPECT_TRUE(!policy_allows(p, test_arena(t), "nothing", &admin, NULL));
    p = policy_of(t, with, &(struct policy_config){ 0 });
    EXPECT_TRUE(policy_allows(p, test_arena(t), "nothing", &member, NULL));
    EXPECT_TRUE(policy_allows(p, test_arena(t), "a", &member, NULL));
    EXPECT_TRUE(!policy_allows(p, test_arena(t), "nothing", &domain_reader, NULL));
}

TEST(rules_that_lead_back_to_themselves_are_refused)
{
    static const struct policy_rule self[] = { { "a", "not rule:a" }, { NULL } };
    static const struct policy_rule ring[] = {
        { "a", "@ or (rule:b and @)" }, { "b", "rule:c" }, { "c", "not rule:a" }, { NULL }
    };

    EXPECT_MATCH(refusal(t, self, NULL), "leads back to itself");
    EXPECT_MATCH(refusal(t, ring, NULL), "leads back to itself");
}

TEST(broken_tables_are_refused)
{
    static const struct policy_rule missing[] = { { "a", "rule:gone" }, { NULL } };
    static const struct policy_rule twice[] = { { "a", "@" }, { "a", "!" }, { NULL } };
    static const struct policy_rule scope[] = { { "a", "@", "system|galaxy" }, { NULL } };

    EXPECT_MATCH(refusal(t, missing, NULL), "\"a\" refers to \"gone\"");
    EXPECT_MATCH(refusal(t, twice, NULL), "twice");
    EXPECT_MATCH(refusal(t, scope, NULL), "galaxy");
}

TEST(the_scope_must_fit_where_that_is_enforced)
{
    static const struct policy_rule table[] = { { "sys", "@", "system" },
                                                { "both", "@", "system|project" },
                                                { "dom", "@", "domain" },
                                                { "any", "@" },
                                                { NULL } };
    const struct token unscoped = { .user_id = "u" };
    struct policy *on = policy_of(t, table, &(struct policy_config){ .enforce_scope = true });
    struct policy *off = policy_of(t, table, &(struct policy_config){ 0 });
    struct arena *a = test_arena(t);

    EXPECT_TRUE(policy_allows(on, a, "sys", &system_reader, NULL));
    EXPECT_TRUE(!policy_allows(on, a, "sys", &member, NULL));
    EXPECT_TRUE(!policy_scope_fits(on, "sys", &member));
    EXPECT_TRUE(policy_allows(on, a, "both", &member, NULL));
    EXPECT_TRUE(policy_allows(on, a, "both", &unscoped, NULL));
    EXPECT_TRUE(!policy_allows(on, a, "both", &domain_reader, NULL));
    EXPECT_TRUE(policy_allows(on, a, "dom", &domain_reader, NULL));
    EXPECT_TRUE(policy_allows(on, a, "any", &member, NULL));
    EXPECT_TRUE(policy_scope_fits(on, "unknown", &member));
    EXPECT_TRUE(policy_allows(off, a, "sys", &member, NULL));
    EXPECT_TRUE(policy_scope_fits(off, "sys", &member));
}

TEST(a_deprecated_form_holds_too_until_new_defaults_are_enforced)
{
    static const struct policy_rule table[] = { { "a", "role:admin", .old_check = "rule:owner" },
                                                { "owner", "user_id:%(user_id)s" },
                                                { NULL } };
    struct policy *p = policy_of(t, table, &(struct policy_config){ 0 });
    const struct policy_target *own = TARGET({ "user_id", "u1" });

    EXPECT_TRUE(policy_allows(p, test_arena(t), "a", &member, own));
    EXPECT_TRUE(policy_allows(p, test_arena(t), "a", &admin, own));
    EXPECT_TRUE(!policy_allows(p, test_arena(t), "a", &domain_reader, own));
    p = policy_of(t, table, &(struct policy_config){ .enforce_new_defaults = true });
    EXPECT_TRUE(!policy_allows(p, test_arena(t), "a", &member, own));
    EXPECT_TRUE(policy_allows(p, test_arena(t), "a", &admin, own));
}

static const struct policy_rule small[] = { { "svc:get", "role:admin" },
                                            { "svc:set", "role:admin" },
                                            { NULL } };

TEST(a_changed_file_is_read_once_a_second_at_most)
{
    struct clock clock = { 1000000 };
    char *file = test_path(t, "policy.yaml");
    const struct policy_config c = { .file = file, .clock = &clock };
    struct policy *p = policy_of(t, small, &c);
    struct arena *a = test_arena(t);

    EXPECT_TRUE(!policy_allows(p, a, "svc:get", &member, NULL));
    write_file(file, "\"svc:get\": \"role:member\"\n");
    clock.fixed_us += 999999;
    policy_refresh(p);
    EXPECT_TRUE(!policy_allows(p, a, "svc:get", &member, NULL));
    clock.fixed_us += 1;
    policy_refresh(p);
    EXPECT_TRUE(policy_allows(p, a, "svc:get", &member, NULL));
    EXPECT_TRUE(!policy_allows(p, a, "svc:set", &member, NULL));
    unlink(file);
    clock.fixed_us += 1000000;
    policy_refresh(p);
    EXPECT_TRUE(!policy_allows(p, a, "svc:get", &member, NULL));
}

TEST(a_clock_set_back_does_not_stop_refreshes)
{
    struct clock clock = { 9000000000 };
    char *file = test_path(t, "policy.yaml");
    struct policy *p = policy_of(t, small, &(struct policy_config){ .file = file, .clock = &clock });

    write_file(file, "\"svc:get\": \"@\"\n");
    clock.fixed_us = 1000000;
    policy_refresh(p);
    EXPECT_TRUE(policy_allows(p, test_arena(t), "svc:get", &member, NULL));
}

TEST(a_file_that_went_wrong_leaves_the_rules_as_they_were)
{
    struct clock clock = { 1000000 };
    char *file = test_path(t, "policy.yaml");
    struct policy *p;

    write_file(file, "\"svc:get\": \"role:member\"\n");
    p = policy_of(t, small, &(struct policy_config){ .file = file, .clock = &clock });
    write_file(file, "\"svc:get\": \"role:member or\"\n");
    clock.fixed_us += 1000000;
    policy_refresh(p);
    EXPECT_TRUE(policy_allows(p, test_arena(t), "svc:get", &member, NULL));
    EXPECT_TRUE(!policy_allows(p, test_arena(t), "svc:set", &member, NULL));
    write_file(file, "\"svc:set\": \"role:member\"\n");
    clock.fixed_us += 1000000;
    policy_refresh(p);
    EXPECT_TRUE(!policy_allows(p, test_arena(t), "svc:get", &member, NULL));
    EXPECT_TRUE(policy_allows(p, test_arena(t), "svc:set", &member, NULL));
}

enum { THREADS = 4, REFRESHES = 200 };

struct race {
    struct policy *policy;
    atomic_bool stop;
    atomic_int wrong, asked;
};

/* Two rules change together from file to file; "never" holds in none. */
static void *ask_all_the_time(void *arg)
{
    struct race *r = arg;
    struct arena auto_arena a;

    arena_init(&a);
    while (!atomic_load(&r->stop)) {
        policy_refresh(r->policy);
        if (policy_allows(r->policy, &a, "svc:never", &member, NULL))
            atomic_fetch_add(&r->wrong, 1);
        if (!policy_allows(r->policy, &a, "svc:always", &member, TARGET({ "user_id", "u1" })))
            atomic_fetch_add(&r->wrong, 1);
        atomic_fetch_add(&r->asked, 1);
        arena_reset(&a);
    }
    return NULL;
}

TEST(readers_never_see_a_tree_that_is_gone)
{
    static const struct policy_rule table[] = { { "svc:never", "role:admin" },
                                                { "svc:always", "user_id:%(user_id)s" },
                                                { NULL } };
    char *file = test_path(t, "policy.yaml"), *next = test_path(t, "next");
    struct race race = { 0 };
    struct err err = { 0 };
    pthread_t threads[THREADS];

    race.policy = policy_of(t, table, &(struct policy_config){ .file = file });
    for (int i = 0; i < THREADS; i++)
        EXPECT_INT(pthread_create(&threads[i], NULL, ask_all_the_time, &race), 0);
    for (int i = 0; i < REFRESHES; i++) {
        write_file(next,
                   i % 2 ? "\"svc:always\": \"rule:own\"\n\"own\": \"role:member and user_id:%(user_id)s\"\n"
                         : "\"svc:always\": \"role:member\"\n\"svc:never\": \"role:admin or !\"\n");
        rename(next, file);
        EXPECT_OK(policy_reload(race.policy, &err), &err);
    }
    atomic_store(&race.stop, true);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    EXPECT_INT(atomic_load(&race.wrong), 0);
    EXPECT_TRUE(atomic_load(&race.asked) > 0);
}

TEST(asking_takes_no_memory)
{
    static const struct policy_rule table[] = {
        { "x", "role:admin or (role:member and project_id:%(project_id)s)" }, { NULL }
    };
    struct policy *p = policy_of(t, table, &(struct policy_config){ 0 });
    struct arena auto_arena a;

    arena_init(&a);
    EXPECT_TRUE(policy_allows(p, &a, "x", &member, TARGET({ "project_id", "p1" })));
    EXPECT_TRUE(!policy_allows(p, &a, "x", &member, TARGET({ "project_id", "p2" })));
    EXPECT_INT(a.used, 0);
}

TEST_MAIN()

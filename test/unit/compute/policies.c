/* SPDX-License-Identifier: Apache-2.0 */
#include "compute/policies.h"

#include "../rest/policy_defaults.h"

#define MAY(rule, token, target)   may(t, compute_policies, "os_compute_api:" rule, token, target)
#define MIGHT(rule, token, target) might(t, compute_policies, "os_compute_api:" rule, token, target)
#define OWN                        TARGET({ "project_id", "p1" }, { "user_id", "u1" })
#define OTHER                      TARGET({ "project_id", "p9" }, { "user_id", "u9" })

TEST(readers_look_and_members_act_in_their_project)
{
    EXPECT_TRUE(MAY("servers:show", &project_reader, OWN));
    EXPECT_TRUE(!MAY("servers:show", &project_member, OTHER));
    EXPECT_TRUE(MAY("servers:create", &project_member, OWN));
    EXPECT_TRUE(!MAY("servers:create", &project_reader, OWN));
    EXPECT_TRUE(!MAY("servers:delete", &project_member, OTHER));
    EXPECT_TRUE(MAY("servers:delete", &project_admin, OTHER));
}

TEST(what_touches_hosts_is_for_admin)
{
    EXPECT_TRUE(!MAY("servers:create:forced_host", &project_manager, OWN));
    EXPECT_TRUE(MAY("servers:create:forced_host", &project_admin, OWN));
    EXPECT_TRUE(!MAY("servers:index:get_all_tenants", &project_manager, OWN));
    EXPECT_TRUE(!MAY("os-migrate-server:migrate", &project_member, OWN));
    EXPECT_TRUE(MAY("os-migrate-server:migrate", &project_manager, OWN));
    EXPECT_TRUE(!MAY("os-migrate-server:migrate", &project_manager, OTHER));
}

TEST(a_token_of_the_system_has_no_servers)
{
    EXPECT_TRUE(!MAY("servers:show", &system_reader, OWN));
    EXPECT_TRUE(!MAY("servers:index", &domain_manager, OWN));
}

TEST(keys_belong_to_users)
{
    EXPECT_TRUE(MAY("os-keypairs:show", &project_nobody, OWN));
    EXPECT_TRUE(!MAY("os-keypairs:show", &project_manager, OTHER));
    EXPECT_TRUE(MAY("os-keypairs:show", &project_admin, OTHER));
}

TEST(services_tell_what_happened)
{
    EXPECT_TRUE(MAY("os-server-external-events:create", &service, NULL));
    EXPECT_TRUE(MAY("os-volumes-attachments:swap", &service, OTHER));
    EXPECT_TRUE(!MAY("os-server-external-events:create", &project_manager, OWN));
}

TEST(deprecated_forms_need_no_role)
{
    EXPECT_TRUE(!MAY("servers:create", &project_nobody, OWN));
    EXPECT_TRUE(MIGHT("servers:create", &project_nobody, OWN));
    EXPECT_TRUE(!MIGHT("servers:create", &project_nobody, OTHER));
}

TEST(cross_cell_resize_is_off)
{
    EXPECT_TRUE(!may(t, compute_policies, "compute:servers:resize:cross_cell", &project_admin, OWN));
}

TEST_MAIN()

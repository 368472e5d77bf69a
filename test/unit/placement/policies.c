/* SPDX-License-Identifier: Apache-2.0 */
#include "placement/policies.h"

#include "../rest/policy_defaults.h"

#define MAY(rule, token, target) may(t, placement_policies, "placement:" rule, token, target)

TEST(placement_is_for_admin_and_services)
{
    EXPECT_TRUE(MAY("resource_providers:create", &project_admin, NULL));
    EXPECT_TRUE(MAY("allocations:update", &service, NULL));
    EXPECT_TRUE(!MAY("resource_providers:list", &project_manager, NULL));
    EXPECT_TRUE(!MAY("resource_providers:list", &system_reader, NULL));
}

TEST(readers_see_the_usages_of_their_project)
{
    EXPECT_TRUE(MAY("usages", &project_reader, TARGET({ "project_id", "p1" })));
    EXPECT_TRUE(!MAY("usages", &project_reader, TARGET({ "project_id", "p9" })));
    EXPECT_TRUE(!MAY("usages", &project_nobody, TARGET({ "project_id", "p1" })));
}

TEST(only_services_reshape)
{
    EXPECT_TRUE(MAY("reshaper:reshape", &service, NULL));
    EXPECT_TRUE(!MAY("reshaper:reshape", &project_admin, NULL));
}

TEST_MAIN()

/* SPDX-License-Identifier: Apache-2.0 */
#include "network/policies.h"

#include "../rest/policy_defaults.h"

#define MAY(rule, token, target) may(t, network_policies, rule, token, target)

TEST(networks_are_seen_by_owners_and_when_shared_or_external)
{
    EXPECT_TRUE(MAY("get_network", &project_reader, TARGET({ "project_id", "p1" })));
    EXPECT_TRUE(!MAY("get_network", &project_member, TARGET({ "project_id", "p9" }, { "shared", "False" })));
    EXPECT_TRUE(MAY("get_network", &project_nobody, TARGET({ "project_id", "p9" }, { "shared", "True" })));
    EXPECT_TRUE(
        MAY("get_network", &project_nobody, TARGET({ "project_id", "p9" }, { "router:external", "True" })));
}

TEST(attributes_have_rules_of_their_own)
{
    const struct policy_target *own = TARGET({ "project_id", "p1" });

    EXPECT_TRUE(MAY("create_network", &project_member, own));
    EXPECT_TRUE(!MAY("create_network:shared", &project_member, own));
    EXPECT_TRUE(!MAY("create_network:provider:network_type", &project_manager, own));
    EXPECT_TRUE(MAY("create_network:provider:network_type", &project_admin, own));
    EXPECT_TRUE(!MAY("get_port:binding:vif_type", &project_manager, own));
    EXPECT_TRUE(MAY("get_port:binding:vif_type", &service, own));
    EXPECT_TRUE(MAY("create_port:binding:profile", &service, own));
    EXPECT_TRUE(!MAY("create_port:binding:profile", &project_member, own));
}

TEST(only_a_networks_owner_poses_as_its_devices)
{
    const struct policy_target *mine =
        TARGET({ "device_owner", "network:dhcp" }, { "network:project_id", "p1" });
    const struct policy_target *theirs =
        TARGET({ "device_owner", "network:dhcp" }, { "network:project_id", "p9" });
    const struct policy_target *server =
        TARGET({ "device_owner", "compute:nova" }, { "network:project_id", "p9" });

    EXPECT_TRUE(MAY("create_port:device_owner", &project_member, mine));
    EXPECT_TRUE(!MAY("create_port:device_owner", &project_member, theirs));
    EXPECT_TRUE(MAY("create_port:device_owner", &project_member, server));
    EXPECT_TRUE(MAY("create_port:device_owner", &service, theirs));
}

TEST(ports_need_a_network_that_is_owned_or_shared)
{
    EXPECT_TRUE(MAY("create_port", &project_member, TARGET({ "network:tenant_id", "p1" })));
    EXPECT_TRUE(
        !MAY("create_port", &project_member, TARGET({ "project_id", "p1" }, { "network:tenant_id", "p9" })));
    EXPECT_TRUE(MAY("create_port", &project_member,
                    TARGET({ "networks:shared", "True" }, { "network:tenant_id", "p9" })));
}

TEST(sharing_with_everybody_is_for_admin)
{
    const struct policy_target *all = TARGET({ "project_id", "p1" }, { "target_tenant", "*" });
    const struct policy_target *one = TARGET({ "project_id", "p1" }, { "target_tenant", "p2" });

    EXPECT_TRUE(!MAY("create_rbac_policy:target_tenant", &project_member, all));
    EXPECT_TRUE(MAY("create_rbac_policy:target_tenant", &project_member, one));
    EXPECT_TRUE(MAY("create_rbac_policy:target_tenant", &project_admin, all));
}

TEST(children_belong_to_the_owner_of_the_parent)
{
    EXPECT_TRUE(
        MAY("create_security_group_rule", &project_member, TARGET({ "security_group:tenant_id", "p1" })));
    EXPECT_TRUE(
        !MAY("create_security_group_rule", &project_member, TARGET({ "security_group:tenant_id", "p9" })));
    EXPECT_TRUE(
        MAY("create_floatingip_port_forwarding", &project_member, TARGET({ "ext_parent:project_id", "p1" })));
    EXPECT_TRUE(!MAY("create_floatingip_port_forwarding", &project_member, NULL));
}

TEST_MAIN()

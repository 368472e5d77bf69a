/* SPDX-License-Identifier: Apache-2.0 */
#include "image/policies.h"

#include "../rest/policy_defaults.h"

#define MAY(rule, token, target) may(t, image_policies, rule, token, target)

static const struct pair private_of_p9[] = { { "project_id", "p9" }, { "visibility", "private" }, { NULL } };
static const struct pair public_of_p9[] = { { "project_id", "p9" }, { "visibility", "public" }, { NULL } };
static const struct pair shared_with_p1[] = {
    { "project_id", "p9" }, { "member_id", "p1" }, { "visibility", "private" }, { NULL }
};
static const struct pair own[] = {
    { "project_id", "p1" }, { "owner", "p1" }, { "visibility", "private" }, { NULL }
};

#define OF(pairs) (&(const struct policy_target){ pairs_get, pairs, NULL })

TEST(images_are_seen_by_owners_members_and_when_public)
{
    EXPECT_TRUE(MAY("get_image", &project_reader, OF(own)));
    EXPECT_TRUE(MAY("get_image", &project_reader, OF(public_of_p9)));
    EXPECT_TRUE(MAY("get_image", &project_reader, OF(shared_with_p1)));
    EXPECT_TRUE(!MAY("get_image", &project_reader, OF(private_of_p9)));
    EXPECT_TRUE(MAY("get_image", &project_admin, OF(private_of_p9)));
}

TEST(data_is_for_members_of_a_project)
{
    EXPECT_TRUE(MAY("download_image", &project_member, OF(public_of_p9)));
    EXPECT_TRUE(!MAY("download_image", &project_reader, OF(own)));
    EXPECT_TRUE(MAY("upload_image", &project_member, OF(own)));
    EXPECT_TRUE(!MAY("upload_image", &project_member, OF(public_of_p9)));
    EXPECT_TRUE(!MAY("delete_image", &project_member, OF(shared_with_p1)));
}

TEST(nobody_makes_images_for_another_project)
{
    EXPECT_TRUE(MAY("add_image", &project_member, OF(own)));
    EXPECT_TRUE(!MAY("add_image", &project_member, TARGET({ "project_id", "p1" }, { "owner", "p9" })));
    EXPECT_TRUE(MAY("add_image", &project_admin, TARGET({ "project_id", "p0" }, { "owner", "p9" })));
}

TEST(only_admin_makes_public)
{
    EXPECT_TRUE(!MAY("publicize_image", &project_manager, OF(own)));
    EXPECT_TRUE(MAY("communitize_image", &project_member, OF(own)));
    EXPECT_TRUE(MAY("publicize_image", &project_admin, OF(own)));
}

TEST(only_the_invited_project_accepts)
{
    EXPECT_TRUE(MAY("modify_member", &project_member, OF(shared_with_p1)));
    EXPECT_TRUE(!MAY("modify_member", &project_member, OF(own)));
    EXPECT_TRUE(!MAY("add_member", &project_member, OF(shared_with_p1)));
}

TEST(locations_are_read_by_services)
{
    EXPECT_TRUE(MAY("fetch_image_location", &service, OF(private_of_p9)));
    EXPECT_TRUE(!MAY("fetch_image_location", &project_manager, OF(own)));
}

TEST_MAIN()

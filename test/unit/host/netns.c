/* SPDX-License-Identifier: Apache-2.0 */
#include "host/netns.h"

#include <errno.h>

#include "base/str.h"
#include "host/link.h"
#include "lab.h"

TEST(a_namespace_comes_and_goes)
{
    const char *dir = lab_enter(t);
    struct err err = { 0 };
    char *out;

    EXPECT_TRUE(!netns_exists(dir, "qrouter-1"));
    EXPECT_OK(netns_ensure(dir, "qrouter-1", &err), &err);
    EXPECT_OK(netns_ensure(dir, "qrouter-1", &err), &err);
    EXPECT_OK(netns_ensure(dir, "other", &err), &err);
    EXPECT_TRUE(netns_exists(dir, "qrouter-1"));
    EXPECT_INT(strv_len(netns_list(test_arena(t), dir, "qrouter-")), 1);
    EXPECT_INT(lab_run(t, test_path(t, "netns/qrouter-1"), "ip -br link show up", &out), 0);
    EXPECT_MATCH(out, "lo ");
    EXPECT_OK(netns_delete(dir, "qrouter-1", &err), &err);
    EXPECT_OK(netns_delete(dir, "qrouter-1", &err), &err);
    EXPECT_TRUE(!netns_exists(dir, "qrouter-1"));
    EXPECT_INT(strv_len(netns_list(test_arena(t), "/nowhere", "")), 0);
}

static int make_bridge(void *ctx, struct err *err)
{
    auto_cleanup(nl_close) struct nl *nl = NULL;
    int r = nl_open(NULL, NETLINK_ROUTE, &nl, err);

    return r < 0 ? r : bridge_ensure(nl, ctx, NULL, err);
}

TEST(work_in_a_namespace_stays_there)
{
    const char *dir = lab_enter(t), *path = test_path(t, "netns/one");
    struct err err = { 0 };

    EXPECT_OK(netns_ensure(dir, "one", &err), &err);
    EXPECT_OK(netns_run(path, make_bridge, "inside", &err), &err);
    EXPECT_TRUE(link_exists(lab_nl(t, path), "inside"));
    EXPECT_TRUE(!link_exists(lab_nl(t, NULL), "inside"));
    EXPECT_INT(netns_run("/nowhere", make_bridge, "x", &err), -ENOENT);
    EXPECT_MATCH(err.msg, "/nowhere");
}

TEST(a_kernel_setting_is_written_in_its_namespace)
{
    const char *dir = lab_enter(t), *path = test_path(t, "netns/one");
    struct err err = { 0 };
    char *out;

    EXPECT_OK(netns_ensure(dir, "one", &err), &err);
    EXPECT_OK(sysctl_ensure(path, "net/ipv4/ip_forward", "1", &err), &err);
    EXPECT_OK(sysctl_ensure(path, "net/ipv4/ip_forward", "1", &err), &err);
    EXPECT_INT(lab_run(t, path, "cat /proc/sys/net/ipv4/ip_forward", &out), 0);
    EXPECT_STR(out, "1\n");
    EXPECT_INT(lab_run(t, NULL, "cat /proc/sys/net/ipv4/ip_forward", &out), 0);
    EXPECT_STR(out, "0\n");
    EXPECT_INT(sysctl_ensure(path, "net/no/such", "1", &err), -ENOENT);
}

TEST_MAIN()

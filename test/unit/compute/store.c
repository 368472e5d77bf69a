/* SPDX-License-Identifier: Apache-2.0 */
/* Compute's rows on all three back ends. */
#include "base/str.h"
#include "compute/store/common.h"
#include "compute/store/flavors.h"
#include "compute/store/hosts.h"
#include "compute/store/instances.h"
#include "compute/store/quotas.h"
#include "compute/store/schema.h"
#include "compute/store/server_groups.h"
#include "kit/sqltest.h"

static struct txn *begin(struct test *t, enum db_kind kind)
{
    struct txn *txn = NULL;
    struct err err = { 0 };

    EXPECT_OK(txn_begin(test_db(t, kind, compute_schemas[0].migrations), true, &txn, &err), &err);
    return txn;
}

static void add_server(struct test *t, struct txn *txn, const char *id, const char *host, bool deleted)
{
    const char *tags[] = { "red", NULL };
    const struct instance i = {
        .id = id,
        .project_id = "p1",
        .user_id = "u1",
        .name = id,
        .host = host,
        .group_id = "g1",
        .vm_state = "active",
        .power_wish = "running",
        .vcpus = 2,
        .memory_mb = 512,
        .root_gb = 10,
        .ephemeral_gb = 1,
        .tags = tags,
        .metadata = "{\"a\":\"b\"}",
        .created_at = 1,
        .deleted = deleted,
    };
    struct err err = { 0 };

    EXPECT_OK(table_insert(txn, test_arena(t), &instance_table, &i, &err), &err);
}

TEST_SQL(what_servers_take_is_summed_without_the_deleted)
{
    auto_rollback struct txn *txn = begin(t, kind);
    struct quota_usage used;
    struct rows rows;
    struct err err = { 0 };

    add_server(t, txn, "s1", "h1", false);
    add_server(t, txn, "s2", "h1", false);
    add_server(t, txn, "s3", "h1", true);
    add_server(t, txn, "s4", NULL, false);
    EXPECT_OK(compute_quota_usage(txn, test_arena(t), "p1", NULL, &used, &err), &err);
    EXPECT_INT(used.instances, 3);
    EXPECT_INT(used.cores, 6);
    EXPECT_INT(used.ram_mb, 1536);
    EXPECT_OK(compute_quota_usage(txn, test_arena(t), "p1", "nobody", &used, &err), &err);
    EXPECT_INT(used.cores, 0);
    EXPECT_OK(hosts_used(txn, test_arena(t), &rows, &err), &err);
    EXPECT_INT(rows.count, 1);
    EXPECT_INT(rows_int(&rows, 0, 1, 0), 2);
    EXPECT_INT(rows_int(&rows, 0, 4, 0), 22);
    EXPECT_OK(server_group_hosts(txn, test_arena(t), "g1", "s1", &rows, &err), &err);
    EXPECT_INT(rows_int(&rows, 0, 1, 0), 1);
}

TEST_SQL(a_server_comes_back_as_it_went)
{
    auto_rollback struct txn *txn = begin(t, kind);
    static const char *const only[] = { "vm_state", NULL };
    struct instance i;
    struct err err = { 0 };

    add_server(t, txn, "s1", NULL, false);
    EXPECT_OK(instance_get(txn, test_arena(t), "s1", &i, &err), &err);
    EXPECT_STR(i.tags[0], "red");
    EXPECT_STR(i.host, NULL);
    i.vm_state = "stopped";
    EXPECT_OK(instance_update(txn, test_arena(t), &i, 77, only, &err), &err);
    EXPECT_OK(instance_get(txn, test_arena(t), "s1", &i, &err), &err);
    EXPECT_STR(i.vm_state, "stopped");
    EXPECT_INT(i.updated_at, 77);
}

TEST_SQL(limits_numbers_and_hosts_are_kept)
{
    auto_rollback struct txn *txn = begin(t, kind);
    struct compute_host h;
    struct err err = { 0 };
    int64_t n;

    EXPECT_INT(compute_quota_get(txn, "p1", "", "cores", &n, &err), -ENOENT);
    EXPECT_OK(compute_quota_set(txn, "p1", "", "cores", 5, &err), &err);
    EXPECT_OK(compute_quota_set(txn, "p1", "", "cores", 6, &err), &err);
    EXPECT_OK(compute_quota_get(txn, "p1", "", "cores", &n, &err), &err);
    EXPECT_INT(n, 6);
    EXPECT_OK(counter_next(txn, "x", &n, &err), &err);
    EXPECT_OK(counter_next(txn, "x", &n, &err), &err);
    EXPECT_INT(n, 2);
    EXPECT_OK(compute_host_find(txn, test_arena(t), "h1", BINARY_COMPUTE, true, 5, &h, &err), &err);
    EXPECT_TRUE(h.node_id != NULL);
    EXPECT_OK(compute_host_find(txn, test_arena(t), "h1", BINARY_COMPUTE, false, 5, &h, &err), &err);
    EXPECT_INT(h.number, 1);
    EXPECT_OK(flavor_access_add(txn, "f", "p1", &err), &err);
    EXPECT_INT(flavor_access_add(txn, "f", "p1", &err), -EEXIST);
    EXPECT_OK(flavor_access_has(txn, "f", "p1", &err), &err);
    EXPECT_OK(flavor_access_remove(txn, "f", "p1", &err), &err);
    EXPECT_INT(flavor_access_remove(txn, "f", "p1", &err), -ENOENT);
}

TEST_MAIN()

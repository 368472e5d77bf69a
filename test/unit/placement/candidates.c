/* SPDX-License-Identifier: Apache-2.0 */
/* Allocation candidates. */
#include "./kit.h"
#include "base/time.h"

/* Candidates for a query; their number, or -status. */
static int count(struct cloud *c, const char *query)
{
    struct httpc_reply r = call(c, HTTP_GET, arena_printf(c->a, "/allocation_candidates?%s", query), NULL);
    auto_json json_t *j = NULL;

    if (r.status != 200)
        return -r.status;
    j = read_reply(&r);
    return (int) json_array_size(json_arr(j, "allocation_requests"));
}

/* 1 has a child 2 with a device; 3 stands alone, 4 shares its disk with 3. */
static struct cloud *small_world(struct test *t, enum db_kind kind)
{
    struct cloud *c = cloud_start(t, kind);

    make_provider(c, 1, 0);
    make_provider(c, 2, 1);
    make_provider(c, 3, 0);
    make_provider(c, 4, 0);
    give(c, 1, "\"VCPU\":{\"total\":8},\"DISK_GB\":{\"total\":100}");
    give(c, 2, "\"SRIOV_NET_VF\":{\"total\":4}");
    give(c, 3, "\"VCPU\":{\"total\":4}");
    give(c, 4, "\"DISK_GB\":{\"total\":1000}");
    set_traits(c, 1, "\"HW_CPU_X86_VMX\"");
    set_traits(c, 2, "\"HW_NIC_OFFLOAD_GENEVE\"");
    set_traits(c, 4, "\"MISC_SHARES_VIA_AGGREGATE\"");
    set_aggregate(c, 3, 77);
    set_aggregate(c, 4, 77);
    return c;
}

TEST_SQL(a_group_may_use_a_tree_and_what_is_shared_with_it)
{
    struct cloud *c = small_world(t, kind);

    EXPECT_INT(count(c, "resources=VCPU:1"), 2);
    EXPECT_INT(count(c, "resources=VCPU:5"), 1);
    EXPECT_INT(count(c, "resources=VCPU:9"), 0);
    EXPECT_INT(count(c, "resources=VCPU:1,DISK_GB:10"), 2); /* 1 alone; 3 with 4 */
    EXPECT_INT(count(c, "resources=VCPU:1,SRIOV_NET_VF:1"), 1);
    EXPECT_INT(count(c, "resources=VCPU:1,DISK_GB:10,SRIOV_NET_VF:1"), 1);
    EXPECT_INT(count(c, "resources=DISK_GB:10"), 2); /* 4 counts once, whatever it is anchored at. */
    EXPECT_INT(count(c, "resources=VCPU:1&limit=1"), 1);
}

TEST_SQL(traits_filter_with_all_any_and_none)
{
    struct cloud *c = small_world(t, kind);

    EXPECT_INT(count(c, "resources=VCPU:1&required=HW_CPU_X86_VMX"), 1);
    EXPECT_INT(count(c, "resources=VCPU:1&required=!HW_CPU_X86_VMX"), 1);
    EXPECT_INT(count(c, "resources=VCPU:1&required=in:HW_CPU_X86_VMX,HW_CPU_X86_AVX"), 1);
    EXPECT_INT(count(c, "resources=VCPU:1&required=HW_CPU_X86_AVX"), 0);
    EXPECT_INT(count(c, "resources=VCPU:1&required=HW_CPU_X86_VMX,!HW_CPU_X86_VMX"), -400);
    EXPECT_INT(count(c, "resources=VCPU:1&required=CUSTOM_NONE"), -400);
    EXPECT_INT(count(c, "resources=SHOES:1"), -400);
    EXPECT_INT(count(c, "resources=VCPU:1,SRIOV_NET_VF:1&required=HW_NIC_OFFLOAD_GENEVE,HW_CPU_X86_VMX"), 1);
    EXPECT_INT(count(c, "resources=VCPU:1&root_required=HW_CPU_X86_VMX"), 1);
    EXPECT_INT(count(c, "resources=VCPU:1&root_required=!HW_CPU_X86_VMX"), 1);
}

TEST_SQL(aggregates_and_trees_narrow)
{
    struct cloud *c = small_world(t, kind);
    const char *agg = uuid_no(c->a, 77);

    EXPECT_INT(count(c, arena_printf(c->a, "resources=VCPU:1&member_of=%s", agg)), 1);
    EXPECT_INT(count(c, arena_printf(c->a, "resources=VCPU:1&member_of=!%s", agg)), 1);
    EXPECT_INT(count(c, arena_printf(c->a, "resources=VCPU:1&member_of=in:%s,%s", agg, uuid_no(c->a, 78))),
               1);
    EXPECT_INT(count(c, arena_printf(c->a, "resources=VCPU:1&member_of=%s", uuid_no(c->a, 78))), 0);
    EXPECT_INT(count(c, arena_printf(c->a, "resources=VCPU:1&in_tree=%s", uuid_no(c->a, 2))), 1);
    EXPECT_INT(count(c, arena_printf(c->a, "resources=VCPU:1&in_tree=%s", uuid_no(c->a, 99))), 0);
}

TEST_SQL(granular_groups_take_one_provider_each)
{
    struct cloud *c = small_world(t, kind);

    make_provider(c, 5, 1);
    give(c, 5, "\"SRIOV_NET_VF\":{\"total\":2}");
    EXPECT_INT(count(c, "resources=VCPU:1&resources1=SRIOV_NET_VF:1"), 2);
    EXPECT_INT(count(c, "resources1=SRIOV_NET_VF:1&resources2=SRIOV_NET_VF:1"), -400);
    EXPECT_INT(count(c, "resources1=SRIOV_NET_VF:1&resources2=SRIOV_NET_VF:1&group_policy=isolate"), 2);
    EXPECT_INT(count(c, "resources1=SRIOV_NET_VF:1&resources2=SRIOV_NET_VF:1&group_policy=none"), 4);
    EXPECT_INT(count(c, "resources1=SRIOV_NET_VF:2&resources2=SRIOV_NET_VF:1&group_policy=none"), 3);
    EXPECT_INT(count(c, "resources_A=VCPU:1&resources_B=SRIOV_NET_VF:1&group_policy=none&same_subtree=_A,_B"),
               2);
    EXPECT_INT(count(c, "resources_A=SRIOV_NET_VF:1&resources_B=SRIOV_NET_VF:1&group_policy=isolate"
                        "&same_subtree=_A,_B"),
               0);
    EXPECT_INT(count(c, "resources_A=SRIOV_NET_VF:1&required_B=HW_CPU_X86_VMX&group_policy=none"
                        "&same_subtree=_A,_B"),
               2);
    EXPECT_INT(count(c, "resources_A=SRIOV_NET_VF:1&required_B=HW_CPU_X86_VMX&group_policy=none"), -400);
}

TEST_SQL(old_clients_get_no_trees)
{
    struct cloud *c = small_world(t, kind);

    c->version = "1.28";
    EXPECT_INT(count(c, "resources=VCPU:1,SRIOV_NET_VF:1"), 0);
    EXPECT_INT(count(c, "resources=VCPU:1"), 2);
    c->version = "1.10";
    EXPECT_INT(count(c, "resources=VCPU:1"), 2);
    EXPECT_INT(count(c, "resources=VCPU:1&limit=1"), -400);
    EXPECT_MATCH(call(c, HTTP_GET, "/allocation_candidates?resources=VCPU:5", NULL).body,
                 "{\"allocations\":[{\"resource_provider\":{\"uuid\":");
}

TEST_SQL(a_candidate_can_be_claimed_as_it_is)
{
    struct cloud *c = small_world(t, kind);
    struct httpc_reply r =
        call(c, HTTP_GET, "/allocation_candidates?resources=VCPU:5&resources1=SRIOV_NET_VF:1", NULL);
    auto_json json_t *j = read_reply(&r);
    json_t *one = json_array_get(json_arr(j, "allocation_requests"), 0);

    EXPECT_INT(json_array_size(json_obj(one, "mappings") ? json_arr(json_obj(one, "mappings"), "1") : NULL),
               1);
    json_object_set_new(one, "project_id", json_string("p1"));
    json_object_set_new(one, "user_id", json_string("u1"));
    json_object_set_new(one, "consumer_type", json_string("INSTANCE"));
    json_object_set_new(one, "consumer_generation", json_null());
    EXPECT_CALL(c, 204, HTTP_PUT, "/allocations/00000000-0000-0000-0000-000000000101", json_text(c->a, one));
    EXPECT_INT(count(c, "resources=VCPU:5"), 0);
}

static int fill(struct txn *t, void *ctx, struct err *err)
{
    int64_t r = 0;

    for (int i = 1; r >= 0 && i <= 1000; i++) {
        char uuid[64], name[32];

        snprintf(uuid, sizeof(uuid), "11111111-0000-0000-0000-%012d", i);
        snprintf(name, sizeof(name), "host%d", i);
        r = sql_exec(
            t, err,
            "INSERT INTO resource_providers (id, uuid, name, generation, root_id) VALUES (?, ?, ?, 1, ?)",
            val_int(i), val_text(uuid), val_text(name), val_int(i));
        for (int class = 1; r >= 0 && class <= 3; class ++)
            r = sql_exec(
                t, err,
                "INSERT INTO inventories (provider_id, class_id, total, reserved, min_unit, max_unit, "
                "step_size, allocation_ratio) VALUES (?, ?, 1000, 0, 1, 1000, 1, 1.0)",
                val_int(i), val_int(class));
    }
    return r < 0 ? (int) r : 0;
}

TEST_SQL(a_thousand_providers_are_looked_through_quickly)
{
    struct cloud *c = cloud_start(t, kind);
    struct err err = { 0 };
    int64_t start_us;

    EXPECT_OK(txn_run(c->s->db, fill, NULL, &err), &err);
    EXPECT_INT(count(c, "resources=VCPU:1,MEMORY_MB:1,DISK_GB:1"), 1000);
    start_us = time_mono_us();
    EXPECT_INT(count(c, "resources=VCPU:1,MEMORY_MB:1,DISK_GB:1&limit=1000"), 1000);
    fprintf(stderr, "1,000 providers: %lld us\n", (long long) (time_mono_us() - start_us));
    EXPECT_TRUE(time_mono_us() - start_us < 1000000); /* Milliseconds; room for a busy machine. */
}

TEST_MAIN()

/* SPDX-License-Identifier: Apache-2.0 */
/* Placement's API in this process. */
#include "./kit.h"

#define RP1 "/resource_providers/00000000-0000-0000-0000-000000000001"
#define C1  "/allocations/00000000-0000-0000-0000-000000000101"

TEST_SQL(a_provider_is_made_shown_renamed_and_removed)
{
    struct cloud *c = cloud_start(t, kind);
    struct httpc_reply r;

    make_provider(c, 1, 0);
    EXPECT_CALL(c, 409, HTTP_POST, "/resource_providers", "{\"name\":\"rp1\"}");
    r = call(c, HTTP_PUT, RP1, "{\"name\":\"other\"}");
    EXPECT_INT(r.status, 200);
    EXPECT_MATCH(r.body, "\"name\":\"other\"");
    EXPECT_MATCH(r.body, "\"root_provider_uuid\":\"00000000-0000-0000-0000-000000000001\"");
    EXPECT_TRUE(httpc_header(&r, "Last-Modified"));
    EXPECT_CALL(c, 400, HTTP_POST, "/resource_providers", "{\"name\":\"x\",\"shoe\":1}");
    EXPECT_CALL(c, 204, HTTP_DELETE, RP1, NULL);
    r = call(c, HTTP_GET, RP1, NULL);
    EXPECT_INT(r.status, 404);
    EXPECT_MATCH(r.body, "\"code\":\"placement.undefined_code\"");
}

TEST_SQL(old_clients_see_the_old_form)
{
    struct cloud *c = cloud_start(t, kind);
    struct httpc_reply r;

    c->version = "1.0";
    r = call(c, HTTP_POST, "/resource_providers",
             "{\"name\":\"a\",\"uuid\":\"00000000-0000-0000-0000-000000000001\"}");
    EXPECT_INT(r.status, 201);
    EXPECT_INT(r.body_len, 0);
    EXPECT_MATCH(httpc_header(&r, "Location"), RP1);
    r = call(c, HTTP_GET, RP1, NULL);
    EXPECT_TRUE(!strstr(r.body, "root_provider_uuid"));
    EXPECT_TRUE(!strstr(r.body, "traits"));
    EXPECT_TRUE(!httpc_header(&r, "Last-Modified"));
    EXPECT_INT(call(c, HTTP_GET, "/traits", NULL).status, 404);
    EXPECT_INT(call(c, HTTP_DELETE, RP1 "/inventories", NULL).status, 405);
    c->version = "1.40";
    EXPECT_INT(call(c, HTTP_GET, RP1, NULL).status, 406);
}

TEST_SQL(every_change_of_an_inventory_counts_the_generation_up)
{
    struct cloud *c = cloud_start(t, kind);

    make_provider(c, 1, 0);
    give(c, 1, "\"VCPU\":{\"total\":8,\"allocation_ratio\":2.0},\"DISK_GB\":{\"total\":100}");
    EXPECT_INT(generation_of(c, 1), 1);
    EXPECT_CALL(c, 409, HTTP_PUT, RP1 "/inventories",
                "{\"resource_provider_generation\":0,\"inventories\":{}}");
    EXPECT_CALL(c, 400, HTTP_PUT, RP1 "/inventories",
                "{\"resource_provider_generation\":1,\"inventories\":{\"SHOES\":{\"total\":1}}}");
    EXPECT_CALL(c, 400, HTTP_PUT, RP1 "/inventories/VCPU",
                "{\"resource_provider_generation\":1,\"total\":4,\"reserved\":5}");
    EXPECT_CALL(c, 200, HTTP_PUT, RP1 "/inventories/VCPU",
                "{\"resource_provider_generation\":1,\"total\":4,\"reserved\":4}");
    EXPECT_CALL(c, 201, HTTP_POST, RP1 "/inventories", "{\"resource_class\":\"MEMORY_MB\",\"total\":64}");
    EXPECT_CALL(c, 409, HTTP_POST, RP1 "/inventories", "{\"resource_class\":\"MEMORY_MB\",\"total\":64}");
    EXPECT_CALL(c, 204, HTTP_DELETE, RP1 "/inventories/MEMORY_MB", NULL);
    EXPECT_INT(generation_of(c, 1), 4);
}

TEST_SQL(a_claim_takes_what_is_there_and_not_more)
{
    struct cloud *c = cloud_start(t, kind);
    struct httpc_reply r;

    make_provider(c, 1, 0);
    give(c, 1, "\"VCPU\":{\"total\":8,\"max_unit\":6}");
    EXPECT_CALL(c, 204, HTTP_PUT, C1, claim_body(c->a, 1, 6, "null"));
    r = call(c, HTTP_PUT, C1, claim_body(c->a, 1, 5, "null"));
    EXPECT_INT(r.status, 409);
    EXPECT_MATCH(r.body, "placement.concurrent_update");
    EXPECT_MATCH(r.body, "expected 1 but got None");
    EXPECT_CALL(c, 204, HTTP_PUT, C1, claim_body(c->a, 1, 5, "1"));
    EXPECT_CALL(c, 409, HTTP_PUT, C1, claim_body(c->a, 1, 7, "2")); /* max_unit */
    r = call(c, HTTP_PUT, "/allocations/00000000-0000-0000-0000-000000000102",
             claim_body(c->a, 1, 4, "null"));
    EXPECT_INT(r.status, 409);
    EXPECT_MATCH(r.body, "The requested amount would exceed the capacity.");
    EXPECT_CALL(c, 409, HTTP_DELETE, RP1, NULL);
    r = call(c, HTTP_DELETE, RP1 "/inventories", NULL);
    EXPECT_INT(r.status, 409);
    EXPECT_MATCH(r.body, "placement.inventory.inuse");
    r = call(c, HTTP_GET, C1, NULL);
    EXPECT_MATCH(r.body, "\"consumer_generation\":2");
    EXPECT_MATCH(r.body, "\"VCPU\":5");
    EXPECT_CALL(c, 204, HTTP_DELETE, C1, NULL);
    EXPECT_CALL(c, 404, HTTP_DELETE, C1, NULL);
    EXPECT_CALL(c, 204, HTTP_DELETE, RP1, NULL);
}

TEST_SQL(shrunken_providers_let_claims_only_shrink)
{
    struct cloud *c = cloud_start(t, kind);

    make_provider(c, 1, 0);
    give(c, 1, "\"VCPU\":{\"total\":8}");
    EXPECT_CALL(c, 204, HTTP_PUT, C1, claim_body(c->a, 1, 8, "null"));
    give(c, 1, "\"VCPU\":{\"total\":4}");
    EXPECT_CALL(c, 204, HTTP_PUT, C1, claim_body(c->a, 1, 6, "1"));
    EXPECT_CALL(c, 409, HTTP_PUT, C1, claim_body(c->a, 1, 7, "2"));
}

TEST_SQL(many_claims_are_all_or_nothing)
{
    struct cloud *c = cloud_start(t, kind);
    const char *one = claim_body(c->a, 1, 4, "null"), *two = claim_body(c->a, 1, 5, "null");

    make_provider(c, 1, 0);
    give(c, 1, "\"VCPU\":{\"total\":8}");
    EXPECT_CALL(
        c, 409, HTTP_POST, "/allocations",
        arena_printf(c->a, "{\"%s\":%s,\"%s\":%s}", uuid_no(c->a, 101), one, uuid_no(c->a, 102), two));
    EXPECT_MATCH(call(c, HTTP_GET, C1, NULL).body, "{\"allocations\":{}}");
    EXPECT_CALL(
        c, 204, HTTP_POST, "/allocations",
        arena_printf(c->a, "{\"%s\":%s,\"%s\":%s}", uuid_no(c->a, 101), one, uuid_no(c->a, 102), one));
    EXPECT_MATCH(call(c, HTTP_GET, RP1 "/usages", NULL).body, "\"VCPU\":8");
    EXPECT_MATCH(call(c, HTTP_GET, "/usages?project_id=p1", NULL).body, "\"consumer_count\":2");
}

TEST_SQL(a_tree_has_no_loops_and_parents_stay_while_they_have_children)
{
    struct cloud *c = cloud_start(t, kind);

    make_provider(c, 1, 0);
    make_provider(c, 2, 1);
    make_provider(c, 3, 2);
    EXPECT_CALL(c, 409, HTTP_DELETE, RP1, NULL);
    EXPECT_CALL(c, 400, HTTP_PUT, RP1,
                "{\"name\":\"rp1\",\"parent_provider_uuid\":\"00000000-0000-0000-0000-000000000003\"}");
    EXPECT_CALL(c, 200, HTTP_PUT, "/resource_providers/00000000-0000-0000-0000-000000000002",
                "{\"name\":\"rp2\",\"parent_provider_uuid\":null}");
    /* The grandchild went with it. */
    EXPECT_MATCH(call(c, HTTP_GET, "/resource_providers/00000000-0000-0000-0000-000000000003", NULL).body,
                 "\"root_provider_uuid\":\"00000000-0000-0000-0000-000000000002\"");
}

TEST_SQL(standard_names_cannot_be_removed)
{
    struct cloud *c = cloud_start(t, kind);

    EXPECT_CALL(c, 400, HTTP_DELETE, "/traits/HW_CPU_X86_VMX", NULL);
    EXPECT_CALL(c, 400, HTTP_DELETE, "/resource_classes/VCPU", NULL);
    EXPECT_CALL(c, 201, HTTP_PUT, "/traits/CUSTOM_GOLD", NULL);
    EXPECT_CALL(c, 204, HTTP_PUT, "/traits/CUSTOM_GOLD", NULL);
    EXPECT_CALL(c, 204, HTTP_DELETE, "/traits/CUSTOM_GOLD", NULL);
    EXPECT_CALL(c, 201, HTTP_PUT, "/resource_classes/CUSTOM_GOLD", NULL);
    EXPECT_CALL(c, 204, HTTP_DELETE, "/resource_classes/CUSTOM_GOLD", NULL);
    EXPECT_CALL(c, 400, HTTP_PUT, "/traits/gold", NULL);
}

TEST_SQL(readers_see_the_usages_of_their_own_project_only)
{
    struct cloud *c = cloud_start(t, kind);

    EXPECT_INT(call_as(c, c->a, "reader@p1", HTTP_GET, "/usages?project_id=p1", NULL).status, 200);
    EXPECT_INT(call_as(c, c->a, "reader@p1", HTTP_GET, "/usages?project_id=p2", NULL).status, 403);
    EXPECT_INT(call_as(c, c->a, "reader@p1", HTTP_GET, "/resource_providers", NULL).status, 403);
}

TEST_SQL(a_reshape_moves_inventory_and_claims_together)
{
    struct cloud *c = cloud_start(t, kind);
    const char *body =
        "{\"inventories\":{"
        "\"00000000-0000-0000-0000-000000000001\":{\"resource_provider_generation\":2,\"inventories\":{}},"
        "\"00000000-0000-0000-0000-000000000002\":{\"resource_provider_generation\":0,\"inventories\":{"
        "\"VCPU\":{\"total\":8}}}},\"allocations\":{\"00000000-0000-0000-0000-000000000101\":%s}}";
    struct httpc_reply r;

    make_provider(c, 1, 0);
    make_provider(c, 2, 1);
    give(c, 1, "\"VCPU\":{\"total\":8}");
    EXPECT_CALL(c, 204, HTTP_PUT, C1, claim_body(c->a, 1, 6, "null"));
    r = call_as(c, c->a, "service", HTTP_POST, "/reshaper",
                arena_printf(c->a, body, claim_body(c->a, 1, 6, "1")));
    EXPECT_INT(r.status, 409); /* Still used where it shall go. */
    EXPECT_MATCH(r.body, "placement.inventory.inuse");
    r = call_as(c, c->a, "service", HTTP_POST, "/reshaper",
                arena_printf(c->a, body, claim_body(c->a, 2, 6, "1")));
    EXPECT_STR(r.body, "");
    EXPECT_INT(r.status, 204);
    EXPECT_MATCH(call(c, HTTP_GET, C1, NULL).body, "\"00000000-0000-0000-0000-000000000002\":{\"resources\"");
    EXPECT_MATCH(call(c, HTTP_GET, RP1 "/inventories", NULL).body, "\"inventories\":{}");
}

TEST_MAIN()

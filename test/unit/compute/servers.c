/* SPDX-License-Identifier: Apache-2.0 */
/* Servers from birth to death, with one host. */
#include "./cloud.h"

#define SERVER(id, more) arena_printf(c->a, "/v2.1/servers/%s%s", (id), (more))

static int64_t used(struct cloud *c, const char *server)
{
    auto_rollback struct txn *t = NULL;
    int64_t n = -1;

    EXPECT_OK(txn_begin(c->placement->db, false, &t, NULL), NULL);
    EXPECT_OK(sql_get_int(t, &n, NULL, "SELECT COUNT(*) FROM allocations"), NULL);
    return n;
}

TEST(a_server_becomes_active_and_leaves_nothing_behind)
{
    struct cloud *c = cloud_start(t);
    auto_json json_t *j = NULL;
    const json_t *s, *ip;
    const char *id;

    make_flavor(c, "f1", 1, 512, 1);
    id = boot(c, ",\"metadata\":{\"a\":\"b\"},\"accessIPv6\":\"0000:0000:0000:0000:0000:babe:220.12.22.2\"");
    j = wait_status(c, id, "ACTIVE");
    s = json_obj(j, "server");
    ip = json_array_get(json_arr(json_obj(s, "addresses"), "private"), 0);
    EXPECT_MATCH(json_str(ip, "addr"), "10.0.0.");
    EXPECT_STR(json_str(json_obj(s, "metadata"), "a"), "b");
    EXPECT_STR(json_str(s, "accessIPv6"), "::babe:dc0c:1602");
    EXPECT_TRUE(json_str(ip, "OS-EXT-IPS-MAC:mac_addr"));
    EXPECT_TRUE(
        !strstr(call(c, HTTP_PUT, SERVER(id, ""), "{\"server\":{\"name\":\"web\"}}").body, "mac_addr"));
    EXPECT_STR(json_str(s, "OS-EXT-STS:vm_state"), "active");
    EXPECT_INT(json_int(s, "OS-EXT-STS:power_state", 0), 1);
    EXPECT_STR(json_string_value(json_object_get(c->guests, id)), "running");
    EXPECT_TRUE(used(c, id) > 0);
    EXPECT_CALL(c, 204, HTTP_DELETE, SERVER(id, ""), NULL);
    wait_gone(c, id);
    EXPECT_INT(json_object_size(c->ports), 0);
    EXPECT_INT(json_object_size(c->guests), 0);
    EXPECT_INT(used(c, id), 0);
}

TEST(a_server_that_fits_nowhere_says_who_refused_it)
{
    struct cloud *c = cloud_start(t);
    auto_json json_t *j = NULL;
    const json_t *fault;

    make_flavor(c, "f1", 1, 20000, 1);
    j = wait_status(c, boot(c, ""), "ERROR");
    fault = json_obj(json_obj(j, "server"), "fault");
    EXPECT_INT(json_int(fault, "code", 0), 500);
    EXPECT_MATCH(json_str(fault, "message"), "No valid host was found");
    EXPECT_MATCH(json_str(fault, "message"), "Of 1 hosts placement removed 1");
    EXPECT_MATCH(json_str(fault, "message"), "host1, which has 8192 MB of memory free and 20000 are needed");
}

TEST(a_guest_that_does_not_start_gives_everything_back)
{
    struct cloud *c = cloud_start(t);
    auto_json json_t *j = NULL;
    const char *id;

    make_flavor(c, "f1", 1, 512, 1);
    atomic_store(&c->refuse, true);
    id = boot(c, "");
    j = wait_status(c, id, "ERROR");
    EXPECT_MATCH(json_str(json_obj(json_obj(j, "server"), "fault"), "message"), "cannot be started here");
    EXPECT_MATCH(json_str(json_obj(json_obj(j, "server"), "fault"), "message"),
                 "Exhausted all hosts available");
    EXPECT_INT(json_object_size(c->ports), 0);
    EXPECT_INT(used(c, id), 0);
    EXPECT_CALL(c, 204, HTTP_DELETE, SERVER(id, ""), NULL);
    wait_gone(c, id);
}

TEST(delete_wins_over_a_build)
{
    struct cloud *c = cloud_start(t);
    const char *id;

    make_flavor(c, "f1", 1, 512, 1);
    atomic_store(&c->hold, true);
    id = boot(c, "");
    EXPECT_CALL(c, 204, HTTP_DELETE, SERVER(id, ""), NULL);
    wait_gone(c, id);
    EXPECT_INT(json_object_size(c->ports), 0);
    EXPECT_INT(used(c, id), 0);
}

TEST(a_server_waits_for_its_ports)
{
    struct cloud *c = cloud_start(t);
    const char *id;

    atomic_store(&c->vif_plugging, true);
    atomic_store(&c->ports_late, true);
    cloud_report(c);
    make_flavor(c, "f1", 1, 512, 1);
    id = boot(c, "");
    EXPECT_CALL(c, 200, HTTP_GET, SERVER(id, ""), NULL);
    atomic_store(&c->ports_late, false);
    json_decref(wait_status(c, id, "ACTIVE"));
}

TEST(other_projects_do_not_see_it)
{
    struct cloud *c = cloud_start(t);
    const char *id;

    make_flavor(c, "f1", 1, 512, 1);
    id = boot(c, "");
    json_decref(wait_status(c, id, "ACTIVE"));
    c->token = "member@p2";
    EXPECT_CALL(c, 404, HTTP_GET, SERVER(id, ""), NULL);
    EXPECT_CALL(c, 404, HTTP_DELETE, SERVER(id, ""), NULL);
    EXPECT_MATCH(call(c, HTTP_GET, "/v2.1/servers", NULL).body, "{\"servers\":[]}");
    EXPECT_CALL(c, 403, HTTP_GET, "/v2.1/servers?all_tenants=1", NULL);
    c->token = "admin@p2";
    EXPECT_MATCH(call(c, HTTP_GET, "/v2.1/servers?all_tenants=1", NULL).body, id);
    EXPECT_MATCH(call(c, HTTP_GET, "/v2.1/servers?tenant_id=p1", NULL).body, "{\"servers\":[]}");
    EXPECT_MATCH(call(c, HTTP_GET, "/v2.1/servers?tenant_id=p1&all_tenants=1", NULL).body, id);
}

TEST(lists_filter_and_page)
{
    struct cloud *c = cloud_start(t);
    auto_json json_t *j = NULL;
    const char *id;

    make_flavor(c, "f1", 1, 512, 1);
    id = boot(c, ",\"min_count\":3");
    json_decref(wait_status(c, id, "ACTIVE"));
    j = call_json(c, 200, HTTP_GET, "/v2.1/servers?limit=2&sort_key=display_name&sort_dir=asc", NULL);
    EXPECT_INT(json_array_size(json_arr(j, "servers")), 2);
    EXPECT_INT(json_array_size(json_arr(j, "servers_links")), 1);
    EXPECT_STR(json_str(json_array_get(json_arr(j, "servers"), 1), "name"), "web-2");
    EXPECT_MATCH(call(c, HTTP_GET, "/v2.1/servers?name=b-%5B3%5D", NULL).body, "web-3");
    EXPECT_MATCH(call(c, HTTP_GET, "/v2.1/servers?name=nothing", NULL).body, "{\"servers\":[]}");
    /* A pattern that would take more memory than there is. */
    EXPECT_INT(
        call(c, HTTP_GET, "/v2.1/servers?name=a(%2B)%2B%2B%2B%2B%2B%2B%2B%2B%2B%2B%2B%2B%2B%2B%2B", NULL)
            .status,
        400);
    EXPECT_INT(call(c, HTTP_GET, "/v2.1/servers?ip=((((a%7B99%7D)%7B99%7D)%7B99%7D)%7B99%7D)", NULL).status,
               400);
    EXPECT_MATCH(call(c, HTTP_GET, "/v2.1/servers?status=ERROR", NULL).body, "{\"servers\":[]}");
    EXPECT_CALL(c, 400, HTTP_GET, "/v2.1/servers?changes-since=yesterday", NULL);
    EXPECT_CALL(c, 400, HTTP_GET, "/v2.1/servers?marker=nobody", NULL);
    EXPECT_MATCH(call(c, HTTP_GET, "/v2.1/servers?limit=0", NULL).body, "{\"servers\":[]}");
}

TEST(bad_requests_change_nothing)
{
    struct cloud *c = cloud_start(t);

    make_flavor(c, "f1", 1, 512, 1);
    EXPECT_CALL(c, 400, HTTP_POST, "/v2.1/servers", "{\"server\":{\"name\":\"x\"}}");
    EXPECT_CALL(c, 400, HTTP_POST, "/v2.1/servers",
                "{\"server\":{\"name\":\"x\",\"flavorRef\":\"nope\",\"imageRef\":\"" IMAGE_ID "\"}}");
    EXPECT_CALL(
        c, 400, HTTP_POST, "/v2.1/servers",
        "{\"server\":{\"name\":\"x\",\"flavorRef\":\"f1\",\"imageRef\":\"10000000-0000-0000-0000-0000000000ff\"}}");
    EXPECT_CALL(c, 400, HTTP_POST, "/v2.1/servers",
                "{\"server\":{\"name\":\"x\",\"flavorRef\":\"f1\",\"imageRef\":\"" IMAGE_ID
                "\",\"shoe\":1}}");
    EXPECT_CALL(c, 400, HTTP_POST, "/v2.1/servers",
                "{\"server\":{\"name\":\"x\",\"flavorRef\":\"f1\",\"imageRef\":\"" IMAGE_ID
                "\",\"key_name\":\"none\"}}");
    EXPECT_CALL(c, 403, HTTP_POST, "/v2.1/servers",
                "{\"server\":{\"name\":\"x\",\"flavorRef\":\"f1\",\"imageRef\":\"" IMAGE_ID
                "\",\"min_count\":11}}");
    EXPECT_MATCH(call(c, HTTP_GET, "/v2.1/servers", NULL).body, "{\"servers\":[]}");
}

TEST_MAIN()

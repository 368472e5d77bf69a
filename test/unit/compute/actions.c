/* SPDX-License-Identifier: Apache-2.0 */
/* What can be done to a server that runs. */
#include "./cloud.h"

#define SERVER(id, more) arena_printf(c->a, "/v2.1/servers/%s%s", (id), (more))

static void act(struct cloud *c, const char *id, int status, const char *body)
{
    EXPECT_CALL(c, status, HTTP_POST, SERVER(id, "/action"), body);
}

static const char *active(struct cloud *c)
{
    const char *id;

    make_flavor(c, "f1", 1, 512, 1);
    id = boot(c, "");
    json_decref(wait_status(c, id, "ACTIVE"));
    return id;
}

TEST(power_goes_through_its_states)
{
    static const struct {
        const char *body, *status, *power;
    } all[] = {
        { "{\"os-stop\":null}", "SHUTOFF", "shutdown" },    { "{\"os-start\":null}", "ACTIVE", "running" },
        { "{\"pause\":null}", "PAUSED", "paused" },         { "{\"unpause\":null}", "ACTIVE", "running" },
        { "{\"suspend\":null}", "SUSPENDED", "suspended" }, { "{\"resume\":null}", "ACTIVE", "running" },
    };
    struct cloud *c = cloud_start(t);
    const char *id = active(c);

    for (size_t k = 0; k < ARRAY_SIZE(all); k++) {
        act(c, id, 202, all[k].body);
        json_decref(wait_status(c, id, all[k].status));
        EXPECT_STR(json_string_value(json_object_get(c->guests, id)), all[k].power);
    }
    act(c, id, 409, "{\"os-start\":null}");
    act(c, id, 202, "{\"reboot\":{\"type\":\"SOFT\"}}");
    json_decref(wait_status(c, id, "ACTIVE"));
    act(c, id, 400, "{\"reboot\":{\"type\":\"MAYBE\"}}");
    act(c, id, 400, "{\"nonsense\":null}");
}

TEST(a_locked_server_is_left_alone)
{
    struct cloud *c = cloud_start(t);
    const char *id = active(c);

    c->version = "2.73";
    act(c, id, 202, "{\"lock\":{\"locked_reason\":\"mine\"}}");
    EXPECT_MATCH(call(c, HTTP_GET, SERVER(id, ""), NULL).body, "\"locked_reason\":\"mine\"");
    act(c, id, 409, "{\"os-stop\":null}");
    EXPECT_CALL(c, 409, HTTP_DELETE, SERVER(id, ""), NULL);
    act(c, id, 202, "{\"unlock\":null}");
    act(c, id, 202, "{\"os-stop\":null}");
    json_decref(wait_status(c, id, "SHUTOFF"));
}

TEST(a_rebuild_keeps_the_server)
{
    struct cloud *c = cloud_start(t);
    const char *id = active(c);
    auto_json json_t *j = call_json(c, 202, HTTP_POST, SERVER(id, "/action"),
                                    "{\"rebuild\":{\"imageRef\":\"" IMAGE_ID "\",\"name\":\"new\"}}");

    EXPECT_STR(json_str(json_obj(j, "server"), "status"), "REBUILD");
    EXPECT_TRUE(json_str(json_obj(j, "server"), "adminPass") != NULL);
    json_decref(j);
    j = wait_status(c, id, "ACTIVE");
    EXPECT_STR(json_str(json_obj(j, "server"), "name"), "new");
}

TEST(a_snapshot_names_its_image)
{
    struct cloud *c = cloud_start(t);
    const char *id = active(c);
    struct httpc_reply r = call(c, HTTP_POST, SERVER(id, "/action"), "{\"createImage\":{\"name\":\"snap\"}}");

    EXPECT_INT(r.status, 202);
    EXPECT_MATCH(httpc_header(&r, "Location"), "10000000-0000-0000-0000-000000000002");
    json_decref(wait_status(c, id, "ACTIVE"));
    c->version = "2.45";
    EXPECT_MATCH(call(c, HTTP_POST, SERVER(id, "/action"), "{\"createImage\":{\"name\":\"snap\"}}").body,
                 "\"image_id\"");
    json_decref(wait_status(c, id, "ACTIVE"));
}

TEST(consoles_answer)
{
    struct cloud *c = cloud_start(t);
    const char *id = active(c), *url, *token;
    auto_json json_t *j = NULL;

    EXPECT_MATCH(call(c, HTTP_POST, SERVER(id, "/action"), "{\"os-getConsoleOutput\":{\"length\":5}}").body,
                 "login: ");
    EXPECT_MATCH(
        call(c, HTTP_POST, SERVER(id, "/action"), "{\"os-getVNCConsole\":{\"type\":\"novnc\"}}").body,
        "vnc_auto.html");
    c->version = "2.31";
    j = call_json(c, 200, HTTP_POST, SERVER(id, "/remote-consoles"),
                  "{\"remote_console\":{\"protocol\":\"vnc\",\"type\":\"novnc\"}}");
    url = json_str(json_obj(j, "remote_console"), "url");
    token = strstr(url, "token%3D") + 8;
    c->token = "admin";
    EXPECT_MATCH(call(c, HTTP_GET, arena_printf(c->a, "/v2.1/os-console-auth-tokens/%s", token), NULL).body,
                 "5901");
    EXPECT_CALL(c, 404, HTTP_GET, "/v2.1/os-console-auth-tokens/x", NULL);
}

TEST(interfaces_come_and_go)
{
    struct cloud *c = cloud_start(t);
    const char *id = active(c), *port;
    auto_json json_t *j = NULL;
    int64_t until = time_mono_us() + 20000000;

    j = call_json(c, 200, HTTP_POST, SERVER(id, "/os-interface"),
                  "{\"interfaceAttachment\":{\"net_id\":\"" NETWORK_ID "\"}}");
    port = json_str(json_obj(j, "interfaceAttachment"), "port_id");
    EXPECT_INT(json_object_size(c->ports), 2);
    EXPECT_CALL(c, 200, HTTP_GET, SERVER(id, arena_printf(c->a, "/os-interface/%s", port)), NULL);
    EXPECT_CALL(c, 202, HTTP_DELETE, SERVER(id, arena_printf(c->a, "/os-interface/%s", port)), NULL);
    while (call(c, HTTP_GET, SERVER(id, arena_printf(c->a, "/os-interface/%s", port)), NULL).status != 404)
        EXPECT_TRUE(time_mono_us() < until);
    EXPECT_INT(json_object_size(c->ports), 1);
    EXPECT_CALL(c, 404, HTTP_DELETE, SERVER(id, arena_printf(c->a, "/os-interface/%s", port)), NULL);
}

TEST(metadata_and_tags_are_kept)
{
    struct cloud *c = cloud_start(t);
    const char *id = active(c);

    EXPECT_CALL(c, 200, HTTP_POST, SERVER(id, "/metadata"), "{\"metadata\":{\"a\":\"1\",\"b\":\"2\"}}");
    EXPECT_CALL(c, 200, HTTP_PUT, SERVER(id, "/metadata/b"), "{\"meta\":{\"b\":\"3\"}}");
    EXPECT_CALL(c, 400, HTTP_PUT, SERVER(id, "/metadata/b"), "{\"meta\":{\"c\":\"3\"}}");
    EXPECT_MATCH(call(c, HTTP_GET, SERVER(id, "/metadata"), NULL).body, "\"b\":\"3\"");
    EXPECT_CALL(c, 204, HTTP_DELETE, SERVER(id, "/metadata/a"), NULL);
    EXPECT_CALL(c, 404, HTTP_GET, SERVER(id, "/metadata/a"), NULL);
    EXPECT_CALL(c, 404, HTTP_GET, SERVER(id, "/tags"), NULL);
    c->version = "2.26";
    EXPECT_CALL(c, 201, HTTP_PUT, SERVER(id, "/tags/red"), NULL);
    EXPECT_CALL(c, 204, HTTP_PUT, SERVER(id, "/tags/red"), NULL);
    EXPECT_MATCH(call(c, HTTP_GET, "/v2.1/servers?tags=red", NULL).body, id);
    EXPECT_MATCH(call(c, HTTP_GET, "/v2.1/servers?not-tags=red", NULL).body, "{\"servers\":[]}");
    EXPECT_MATCH(call(c, HTTP_GET, "/v2.1/servers?tags-any=blue,red", NULL).body, id);
    EXPECT_CALL(c, 204, HTTP_DELETE, SERVER(id, "/tags/red"), NULL);
}

TEST(actions_tell_what_was_done)
{
    struct cloud *c = cloud_start(t);
    const char *id = active(c), *request;
    auto_json json_t *j = call_json(c, 200, HTTP_GET, SERVER(id, "/os-instance-actions"), NULL);
    const json_t *first = json_array_get(json_arr(j, "instanceActions"), 0);

    EXPECT_STR(json_str(first, "action"), "create");
    request = json_str(first, "request_id");
    c->version = "2.51";
    EXPECT_MATCH(
        call(c, HTTP_GET, SERVER(id, arena_printf(c->a, "/os-instance-actions/%s", request)), NULL).body,
        "\"result\":\"Success\"");
    EXPECT_CALL(c, 204, HTTP_DELETE, SERVER(id, ""), NULL);
    wait_gone(c, id);
    EXPECT_MATCH(call(c, HTTP_GET, SERVER(id, "/os-instance-actions"), NULL).body, "\"action\":\"delete\"");
}

TEST(events_of_the_network_are_taken)
{
    struct cloud *c = cloud_start(t);
    const char *id = active(c);

    c->token = "admin";
    EXPECT_CALL(
        c, 200, HTTP_POST, "/v2.1/os-server-external-events",
        arena_printf(c->a, "{\"events\":[{\"name\":\"network-changed\",\"server_uuid\":\"%s\"}]}", id));
    EXPECT_CALL(c, 207, HTTP_POST, "/v2.1/os-server-external-events",
                arena_printf(c->a,
                             "{\"events\":[{\"name\":\"network-changed\",\"server_uuid\":\"%s\"},{\"name\":"
                             "\"network-changed\",\"server_uuid\":\"" IMAGE_ID "\"}]}",
                             id));
    EXPECT_CALL(c, 404, HTTP_POST, "/v2.1/os-server-external-events",
                "{\"events\":[{\"name\":\"network-changed\",\"server_uuid\":\"" IMAGE_ID "\"}]}");
    c->token = "member";
    EXPECT_CALL(c, 403, HTTP_POST, "/v2.1/os-server-external-events", "{\"events\":[]}");
}

TEST(a_guest_that_stops_by_itself_is_shut_off)
{
    struct cloud *c = cloud_start(t);
    const char *id = active(c);
    auto_json json_t *report = json_pack("{sss[{ssssss}]}", "host", "host1", "servers", "id", id,
                                         "power_state", "shutdown", "event", "lifecycle");
    struct err err = { 0 };

    EXPECT_OK(bus_cast(c->agent_bus, "compute", "report", report, NULL, &err), &err);
    json_decref(wait_status(c, id, "SHUTOFF"));
}

TEST_MAIN()

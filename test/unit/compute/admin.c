/* SPDX-License-Identifier: Apache-2.0 */
/* Hosts, zones, groups, quotas, usage; and what guests read about themselves. */
#include "./cloud.h"

#include "compute/model/metadata_server.h"
#include "crypto/digest.h"

#define SERVER(id, more) arena_printf(c->a, "/v2.1/servers/%s%s", (id), (more))

TEST(hosts_are_services_and_hypervisors)
{
    struct cloud *c = cloud_start(t);
    auto_json json_t *j = NULL;
    const json_t *h;

    EXPECT_CALL(c, 403, HTTP_GET, "/v2.1/os-services", NULL);
    c->token = "admin";
    EXPECT_MATCH(call(c, HTTP_GET, "/v2.1/os-services?binary=nova-compute", NULL).body, "\"state\":\"up\"");
    EXPECT_MATCH(call(c, HTTP_GET, "/v2.1/os-services", NULL).body, "nova-scheduler");
    EXPECT_MATCH(call(c, HTTP_GET, "/v2.1/os-hypervisors/statistics", NULL).body, "\"vcpus\":8");
    c->version = "2.53";
    j = call_json(c, 200, HTTP_GET, "/v2.1/os-hypervisors/detail", NULL);
    h = json_array_get(json_arr(j, "hypervisors"), 0);
    EXPECT_STR(json_str(h, "hypervisor_hostname"), "host1");
    EXPECT_CALL(c, 200, HTTP_GET, arena_printf(c->a, "/v2.1/os-hypervisors/%s", json_str(h, "id")), NULL);
    EXPECT_CALL(c, 404, HTTP_GET, "/v2.1/os-hypervisors/" IMAGE_ID, NULL);
    EXPECT_CALL(c, 200, HTTP_PUT,
                arena_printf(c->a, "/v2.1/os-services/%s", json_str(json_obj(h, "service"), "id")),
                "{\"status\":\"disabled\",\"disabled_reason\":\"broken\"}");
    c->version = "2.1";
    make_flavor(c, "f1", 1, 512, 1);
    j = (json_decref(j), wait_status(c, boot(c, ""), "ERROR"));
    EXPECT_MATCH(json_str(json_obj(json_obj(j, "server"), "fault"), "message"), "ComputeFilter removed 1");
    EXPECT_CALL(c, 200, HTTP_PUT, "/v2.1/os-services/enable",
                "{\"host\":\"host1\",\"binary\":\"nova-compute\"}");
    json_decref(wait_status(c, boot(c, ""), "ACTIVE"));
}

TEST(an_aggregate_makes_a_zone)
{
    struct cloud *c = cloud_start(t);
    auto_json json_t *j = NULL;
    const char *id;

    make_flavor(c, "f1", 1, 512, 1);
    c->token = "admin";
    EXPECT_CALL(c, 200, HTTP_POST, "/v2.1/os-aggregates",
                "{\"aggregate\":{\"name\":\"a\",\"availability_zone\":\"east\"}}");
    EXPECT_CALL(c, 409, HTTP_POST, "/v2.1/os-aggregates", "{\"aggregate\":{\"name\":\"a\"}}");
    EXPECT_CALL(c, 404, HTTP_POST, "/v2.1/os-aggregates/1/action", "{\"add_host\":{\"host\":\"nobody\"}}");
    EXPECT_CALL(c, 200, HTTP_POST, "/v2.1/os-aggregates/1/action", "{\"add_host\":{\"host\":\"host1\"}}");
    EXPECT_CALL(c, 409, HTTP_POST, "/v2.1/os-aggregates/1/action", "{\"add_host\":{\"host\":\"host1\"}}");
    EXPECT_CALL(c, 200, HTTP_POST, "/v2.1/os-aggregates/1/action",
                "{\"set_metadata\":{\"metadata\":{\"ssd\":\"true\"}}}");
    c->token = "member";
    EXPECT_MATCH(call(c, HTTP_GET, "/v2.1/os-availability-zone", NULL).body, "\"zoneName\":\"east\"");
    EXPECT_CALL(c, 400, HTTP_POST, "/v2.1/servers",
                "{\"server\":{\"name\":\"x\",\"flavorRef\":\"f1\",\"imageRef\":\"" IMAGE_ID
                "\",\"availability_zone\":\"west\"}}");
    id = boot(c, ",\"availability_zone\":\"east\"");
    j = wait_status(c, id, "ACTIVE");
    EXPECT_STR(json_str(json_obj(j, "server"), "OS-EXT-AZ:availability_zone"), "east");
    c->token = "admin";
    EXPECT_CALL(c, 409, HTTP_POST, "/v2.1/os-aggregates/1/action", "{\"remove_host\":{\"host\":\"host1\"}}");
    EXPECT_CALL(c, 400, HTTP_DELETE, "/v2.1/os-aggregates/1", NULL);
}

TEST(a_group_keeps_its_servers_apart)
{
    struct cloud *c = cloud_start(t);
    auto_json json_t *j = NULL, *second = NULL;
    const char *group, *hint, *id;

    make_flavor(c, "f1", 1, 512, 1);
    c->version = "2.64";
    EXPECT_CALL(
        c, 400, HTTP_POST, "/v2.1/os-server-groups",
        "{\"server_group\":{\"name\":\"g\",\"policy\":\"affinity\",\"rules\":{\"max_server_per_host\":2}}}");
    j = call_json(c, 200, HTTP_POST, "/v2.1/os-server-groups",
                  "{\"server_group\":{\"name\":\"g\",\"policy\":\"anti-affinity\"}}");
    group = json_str(json_obj(j, "server_group"), "id");
    c->version = "2.1";
    hint = arena_printf(c->a,
                        "{\"server\":{\"name\":\"x\",\"flavorRef\":\"f1\",\"imageRef\":\"" IMAGE_ID
                        "\"},\"os:scheduler_hints\":{\"group\":\"%s\"}}",
                        group);
    second = call_json(c, 202, HTTP_POST, "/v2.1/servers", hint);
    id = arena_strdup(c->a, json_str(json_obj(second, "server"), "id"));
    json_decref(wait_status(c, id, "ACTIVE"));
    EXPECT_MATCH(call(c, HTTP_GET, arena_printf(c->a, "/v2.1/os-server-groups/%s", group), NULL).body, id);
    json_decref(second);
    second = call_json(c, 202, HTTP_POST, "/v2.1/servers", hint);
    id = arena_strdup(c->a, json_str(json_obj(second, "server"), "id"));
    json_decref(second);
    second = wait_status(c, id, "ERROR");
    EXPECT_MATCH(json_str(json_obj(json_obj(second, "server"), "fault"), "message"),
                 "ServerGroupAntiAffinityFilter removed 1");
    EXPECT_CALL(c, 204, HTTP_DELETE, arena_printf(c->a, "/v2.1/os-server-groups/%s", group), NULL);
}

TEST(quotas_limit_and_are_shown)
{
    struct cloud *c = cloud_start(t);

    make_flavor(c, "f1", 1, 512, 1);
    EXPECT_MATCH(call(c, HTTP_GET, "/v2.1/limits", NULL).body, "\"maxTotalInstances\":10");
    EXPECT_CALL(c, 403, HTTP_PUT, "/v2.1/os-quota-sets/p1", "{\"quota_set\":{\"instances\":1}}");
    c->token = "admin";
    EXPECT_CALL(c, 200, HTTP_PUT, "/v2.1/os-quota-sets/p1", "{\"quota_set\":{\"instances\":1}}");
    EXPECT_CALL(c, 400, HTTP_PUT, "/v2.1/os-quota-sets/p1", "{\"quota_set\":{\"shoes\":1}}");
    EXPECT_CALL(c, 200, HTTP_PUT, "/v2.1/os-quota-sets/p1?user_id=u9", "{\"quota_set\":{\"ram\":99}}");
    EXPECT_MATCH(call(c, HTTP_GET, "/v2.1/os-quota-sets/p1?user_id=u9", NULL).body, "\"ram\":99");
    EXPECT_MATCH(call(c, HTTP_GET, "/v2.1/os-quota-sets/p1", NULL).body, "\"ram\":51200");
    EXPECT_CALL(c, 200, HTTP_PUT, "/v2.1/os-quota-class-sets/default", "{\"quota_class_set\":{\"cores\":7}}");
    c->token = "member";
    json_decref(wait_status(c, boot(c, ""), "ACTIVE"));
    EXPECT_CALL(c, 403, HTTP_POST, "/v2.1/servers",
                "{\"server\":{\"name\":\"x\",\"flavorRef\":\"f1\",\"imageRef\":\"" IMAGE_ID "\"}}");
    EXPECT_MATCH(call(c, HTTP_GET, "/v2.1/os-quota-sets/p1/detail", NULL).body,
                 "\"instances\":{\"in_use\":1,\"limit\":1,\"reserved\":0}");
    EXPECT_MATCH(call(c, HTTP_GET, "/v2.1/os-quota-sets/p1", NULL).body, "\"cores\":7");
    EXPECT_CALL(c, 403, HTTP_GET, "/v2.1/os-quota-sets/p2", NULL);
    EXPECT_MATCH(call(c, HTTP_GET, "/v2.1/os-simple-tenant-usage/p1", NULL).body, "\"vcpus\":1");
}

static struct httpc_reply tell(struct cloud *c, enum http_method method, const char *path, const char *id,
                               const char *signature, const char *body)
{
    const struct compute *state = c->compute->state;
    const struct http_header headers[] = { { "X-Instance-ID", id },
                                           { "X-Tenant-ID", "p1" },
                                           { "X-Instance-ID-Signature", signature },
                                           { NULL, NULL } };
    struct httpc_request rq = {
        .method = method, .headers = headers, .body = body, .body_len = body ? strlen(body) : 0
    };
    struct httpc_reply reply = { 0 };

    rq.url = arena_printf(c->a, "http://127.0.0.1:%u%s", metadata_server_port(state->metadata), path);
    EXPECT_OK(httpc_call(c->http, c->a, &rq, &reply, NULL), NULL);
    return reply;
}

static struct httpc_reply ask(struct cloud *c, const char *path, const char *id, const char *signature)
{
    return tell(c, HTTP_GET, path, id, signature, NULL);
}

TEST(a_guest_leaves_a_password_once)
{
    struct cloud *c = cloud_start(t);
    const char *path = "/openstack/2013-10-17/password", *id, *sign;
    uint8_t mac[DIGEST_MAX];
    char long_one[1022];
    size_t n;

    make_flavor(c, "f1", 1, 512, 1);
    id = boot(c, "");
    json_decref(wait_status(c, id, "ACTIVE"));
    n = hmac_of(DIGEST_SHA256, "s3cret", 6, id, strlen(id), mac);
    sign = hex_encode(c->a, mac, n);
    memset(long_one, 'x', sizeof(long_one) - 1);
    long_one[sizeof(long_one) - 1] = '\0';
    EXPECT_STR(call(c, HTTP_GET, SERVER(id, "/os-server-password"), NULL).body, "{\"password\":\"\"}");
    EXPECT_INT(tell(c, HTTP_POST, path, id, "00", "secret").status, 403);
    EXPECT_INT(tell(c, HTTP_POST, path, id, sign, long_one).status, 400);
    EXPECT_INT(tell(c, HTTP_POST, "/openstack/latest/user_data", id, sign, "x").status, 405);
    EXPECT_INT(tell(c, HTTP_POST, path, id, sign, "secret").status, 200);
    EXPECT_INT(tell(c, HTTP_POST, path, id, sign, "other").status, 409);
    EXPECT_STR(ask(c, path, id, sign).body, "secret");
    EXPECT_MATCH(ask(c, "/openstack/latest", id, sign).body, "password");
    EXPECT_STR(call(c, HTTP_GET, SERVER(id, "/os-server-password"), NULL).body, "{\"password\":\"secret\"}");
    EXPECT_CALL(c, 204, HTTP_DELETE, SERVER(id, "/os-server-password"), NULL);
    EXPECT_INT(tell(c, HTTP_POST, path, id, sign, "other").status, 200);
}

TEST(a_guest_reads_about_itself_when_its_agent_can_prove_it)
{
    struct cloud *c = cloud_start(t);
    uint8_t mac[DIGEST_MAX];
    const char *id, *sign;
    size_t n;

    make_flavor(c, "f1", 1, 512, 1);
    EXPECT_CALL(c, 200, HTTP_POST, "/v2.1/os-keypairs", "{\"keypair\":{\"name\":\"k1\"}}");
    id = boot(c, ",\"key_name\":\"k1\",\"user_data\":\"aGVsbG8=\",\"metadata\":{\"a\":\"b\"}");
    json_decref(wait_status(c, id, "ACTIVE"));
    n = hmac_of(DIGEST_SHA256, "s3cret", 6, id, strlen(id), mac);
    sign = hex_encode(c->a, mac, n);
    EXPECT_INT(ask(c, "/openstack", id, "00").status, 403);
    EXPECT_MATCH(ask(c, "/openstack", id, sign).body, "2018-08-27\n");
    EXPECT_MATCH(ask(c, "/openstack/latest", id, sign).body, "user_data");
    EXPECT_MATCH(ask(c, "/openstack/latest/meta_data.json", id, sign).body, "\"hostname\":\"web.novalocal\"");
    EXPECT_MATCH(ask(c, "/openstack/latest/meta_data.json", id, sign).body, "\"k1\":\"ssh-rsa ");
    EXPECT_STR(ask(c, "/openstack/latest/user_data", id, sign).body, "hello");
    EXPECT_STR(ask(c, "/latest/user-data", id, sign).body, "hello");
    EXPECT_MATCH(ask(c, "/openstack/latest/network_data.json", id, sign).body, "ipv4_dhcp");
    EXPECT_MATCH(ask(c, "/2009-04-04/meta-data/", id, sign).body, "block-device-mapping/\n");
    EXPECT_STR(ask(c, "/latest/meta-data/public-keys/", id, sign).body, "0=k1");
    EXPECT_MATCH(ask(c, "/latest/meta-data/public-keys/0/openssh-key", id, sign).body, "ssh-rsa ");
    EXPECT_MATCH(ask(c, "/latest/meta-data/local-ipv4", id, sign).body, "10.0.0.");
    EXPECT_INT(ask(c, "/latest/meta-data/nothing", id, sign).status, 404);
    EXPECT_CALL(c, 204, HTTP_DELETE, SERVER(id, ""), NULL);
    wait_gone(c, id);
    EXPECT_INT(ask(c, "/openstack", id, sign).status, 404);
}

TEST_MAIN()

/* SPDX-License-Identifier: Apache-2.0 */
/* Flavors and key pairs. */
#include "./cloud.h"

TEST(a_flavor_is_made_listed_described_and_removed)
{
    struct cloud *c = cloud_start(t);

    make_flavor(c, "f1", 1, 512, 1);
    EXPECT_MATCH(call(c, HTTP_GET, "/v2.1/flavors", NULL).body, "\"id\":\"f1\"");
    EXPECT_MATCH(call(c, HTTP_GET, "/v2.1/flavors/f1", NULL).body, "\"swap\":\"\"");
    c->version = "2.75";
    EXPECT_MATCH(call(c, HTTP_GET, "/v2.1/flavors/f1", NULL).body, "\"swap\":0");
    EXPECT_MATCH(call(c, HTTP_GET, "/v2.1/flavors/f1", NULL).body, "\"extra_specs\":{}");
    EXPECT_CALL(c, 403, HTTP_DELETE, "/v2.1/flavors/f1", NULL);
    c->token = "admin";
    EXPECT_CALL(c, 409, HTTP_POST, "/v2.1/flavors",
                "{\"flavor\":{\"id\":\"f1\",\"name\":\"other\",\"vcpus\":1,\"ram\":1,\"disk\":1}}");
    EXPECT_CALL(c, 200, HTTP_PUT, "/v2.1/flavors/f1", "{\"flavor\":{\"description\":\"small\"}}");
    EXPECT_CALL(c, 200, HTTP_POST, "/v2.1/flavors/f1/os-extra_specs", "{\"extra_specs\":{\"hw:x\":\"1\"}}");
    EXPECT_MATCH(call(c, HTTP_GET, "/v2.1/flavors/f1/os-extra_specs/hw:x", NULL).body, "{\"hw:x\":\"1\"}");
    EXPECT_CALL(c, 404, HTTP_GET, "/v2.1/flavors/f1/os-extra_specs/none", NULL);
    EXPECT_CALL(c, 202, HTTP_DELETE, "/v2.1/flavors/f1", NULL);
    EXPECT_CALL(c, 404, HTTP_GET, "/v2.1/flavors/f1", NULL);
}

TEST(a_private_flavor_is_for_those_who_were_let_in)
{
    struct cloud *c = cloud_start(t);

    c->token = "admin";
    EXPECT_CALL(c, 200, HTTP_POST, "/v2.1/flavors",
                "{\"flavor\":{\"id\":\"p\",\"name\":\"p\",\"vcpus\":1,\"ram\":1,\"disk\":1,"
                "\"os-flavor-access:is_public\":false}}");
    EXPECT_MATCH(call(c, HTTP_GET, "/v2.1/flavors/p/os-flavor-access", NULL).body, "{\"flavor_access\":[]}");
    c->token = "member@p2";
    EXPECT_CALL(c, 404, HTTP_GET, "/v2.1/flavors/p", NULL);
    EXPECT_CALL(c, 403, HTTP_POST, "/v2.1/flavors/p/action", "{\"addTenantAccess\":{\"tenant\":\"p2\"}}");
    c->token = "admin";
    EXPECT_CALL(c, 200, HTTP_POST, "/v2.1/flavors/p/action", "{\"addTenantAccess\":{\"tenant\":\"p2\"}}");
    EXPECT_CALL(c, 409, HTTP_POST, "/v2.1/flavors/p/action", "{\"addTenantAccess\":{\"tenant\":\"p2\"}}");
    c->token = "member@p2";
    EXPECT_CALL(c, 200, HTTP_GET, "/v2.1/flavors/p", NULL);
    EXPECT_MATCH(call(c, HTTP_GET, "/v2.1/flavors/detail", NULL).body, "\"id\":\"p\"");
    c->token = "admin";
    EXPECT_CALL(c, 200, HTTP_POST, "/v2.1/flavors/p/action", "{\"removeTenantAccess\":{\"tenant\":\"p2\"}}");
    EXPECT_CALL(c, 404, HTTP_POST, "/v2.1/flavors/p/action", "{\"removeTenantAccess\":{\"tenant\":\"p2\"}}");
}

TEST(key_pairs_are_made_and_imported)
{
    struct cloud *c = cloud_start(t);
    struct httpc_reply r = call(c, HTTP_POST, "/v2.1/os-keypairs", "{\"keypair\":{\"name\":\"k1\"}}");

    EXPECT_INT(r.status, 200);
    EXPECT_MATCH(r.body, "BEGIN RSA PRIVATE KEY");
    EXPECT_MATCH(r.body, "\"public_key\":\"ssh-rsa AAAA");
    c->version = "2.10";
    EXPECT_CALL(c, 409, HTTP_POST, "/v2.1/os-keypairs", "{\"keypair\":{\"name\":\"k1\"}}");
    EXPECT_CALL(c, 400, HTTP_POST, "/v2.1/os-keypairs",
                "{\"keypair\":{\"name\":\"k2\",\"public_key\":\"ssh-rsa x\"}}");
    r = call(c, HTTP_POST, "/v2.1/os-keypairs", "{\"keypair\":{\"name\":\"k3\",\"type\":\"x509\"}}");
    EXPECT_INT(r.status, 201);
    EXPECT_MATCH(r.body, "BEGIN CERTIFICATE");
    EXPECT_CALL(c, 403, HTTP_GET, "/v2.1/os-keypairs?user_id=u2", NULL);
    EXPECT_CALL(c, 200, HTTP_GET, "/v2.1/os-keypairs/k1", NULL);
    EXPECT_CALL(c, 204, HTTP_DELETE, "/v2.1/os-keypairs/k1", NULL);
    EXPECT_CALL(c, 404, HTTP_GET, "/v2.1/os-keypairs/k1", NULL);
    c->version = "2.92";
    EXPECT_CALL(c, 400, HTTP_POST, "/v2.1/os-keypairs", "{\"keypair\":{\"name\":\"k4\"}}");
}

TEST_MAIN()

/* SPDX-License-Identifier: Apache-2.0 */
/* Identity in this process: issue, validate, revoke. */
#include <stdio.h>

#include "base/str.h"
#include "identity/bootstrap.h"
#include "identity/identity.h"
#include "io/sock.h"
#include "kit/test.h"
#include "wire/httpc.h"
#include "wire/json.h"

struct cloud {
    struct server *s;
    struct httpc *http;
    struct arena *a;
    char base[64];
};

static void cloud_done(void *arg)
{
    struct cloud *c = arg;

    httpc_free(c->http);
    server_stop(c->s, 1000);
}

static struct cloud *cloud_start(struct test *t)
{
    static const struct bootstrap_user users[] = {
        { "admin", { "secret" }, "admin", "admin", "admin" },
        { "demo", { "demo" }, "demo", "member", NULL },
        { 0 },
    };
    static const struct bootstrap_service services[] = {
        { "identity", "keystone", "", "http://h:5000/v3", "http://h:5000/v3", "http://h:5000/v3" },
        { 0 },
    };
    const struct bootstrap_spec spec = { "RegionOne", users, services };
    struct cloud *c = arena_new(test_arena(t), struct cloud);
    struct server_setup setup = { .state_dir = test_tmpdir(t) };
    struct err err = { 0 };

    c->a = test_arena(t);
    EXPECT_OK(config_load(c->a, NULL, &setup.config, &err), &err);
    config_set(setup.config, "identity", "password_rounds", "4");
    config_set(setup.config, "identity", "bind_port", "0");
    setup.listen_fd = sock_listen_tcp("127.0.0.1", 0, 16, &err);
    EXPECT_OK(server_start(&identity_service, &setup, &c->s, &err), &err);
    EXPECT_OK(httpc_new(&(struct httpc_config){ 0 }, &c->http, &err), &err);
    test_cleanup(t, cloud_done, c);
    EXPECT_OK(identity_bootstrap(c->s, &spec, &err), &err);
    snprintf(c->base, sizeof(c->base), "http://127.0.0.1:%u", server_port(c->s));
    return c;
}

static struct httpc_reply call(struct cloud *c, enum http_method m, const char *path, const char *token,
                               const char *subject, const char *body)
{
    struct http_header headers[4] = { 0 };
    struct httpc_request rq = {
        .method = m, .headers = headers, .body = body, .body_len = body ? strlen(body) : 0
    };
    struct httpc_reply reply = { 0 };
    struct err err = { 0 };
    size_t n = 0;

    rq.url = arena_printf(c->a, "%s%s", c->base, path);
    if (token)
        headers[n++] = (struct http_header){ "X-Auth-Token", token };
    if (subject)
        headers[n++] = (struct http_header){ "X-Subject-Token", subject };
    headers[n++] = (struct http_header){ "Content-Type", "application/json" };
    EXPECT_OK(httpc_call(c->http, c->a, &rq, &reply, &err), &err);
    return reply;
}

static const char *log_in(struct cloud *c, const char *user, const char *password)
{
    struct httpc_reply r =
        call(c, HTTP_POST, "/v3/auth/tokens", NULL, NULL,
             arena_printf(c->a,
                          "{\"auth\":{\"identity\":{\"methods\":[\"password\"],\"password\":{\"user\":{"
                          "\"name\":\"%s\",\"domain\":{\"id\":\"default\"},\"password\":\"%s\"}}},"
                          "\"scope\":{\"project\":{\"name\":\"%s\",\"domain\":{\"id\":\"default\"}}}}}",
                          user, password, user));

    EXPECT_INT(r.status, 201);
    return httpc_header(&r, "X-Subject-Token");
}

TEST(a_password_gives_a_token_that_validates_until_it_is_revoked)
{
    struct cloud *c = cloud_start(t);
    const char *admin = log_in(c, "admin", "secret"), *demo = log_in(c, "demo", "demo");
    struct httpc_reply r = call(c, HTTP_GET, "/v3/auth/tokens", admin, demo, NULL);
    auto_json json_t *j = NULL;
    struct err err = { 0 };

    EXPECT_INT(r.status, 200);
    EXPECT_OK(json_read(r.body, r.body_len, &j, &err), &err);
    EXPECT_STR(json_str(json_at(j, "token.user"), "name"), "demo");
    EXPECT_STR(json_str(json_at(j, "token.project"), "name"), "demo");
    EXPECT_INT(json_array_size(json_at(j, "token.roles")), 2); /* member implies reader */
    EXPECT_INT(json_array_size(json_at(j, "token.catalog")), 1);
    EXPECT_INT(call(c, HTTP_DELETE, "/v3/auth/tokens", demo, demo, NULL).status, 204);
    EXPECT_INT(call(c, HTTP_GET, "/v3/auth/tokens", admin, demo, NULL).status, 404);
    EXPECT_INT(call(c, HTTP_GET, "/v3/users", demo, NULL, NULL).status, 401);
}

TEST(a_wrong_password_says_nothing)
{
    struct cloud *c = cloud_start(t);
    const char *bodies[] = {
        "{\"auth\":{\"identity\":{\"methods\":[\"password\"],\"password\":{\"user\":{\"name\":\"admin\",\"domain\":{"
        "\"id\":\"default\"},\"password\":\"wrong\"}}}}}",
        "{\"auth\":{\"identity\":{\"methods\":[\"password\"],\"password\":{\"user\":{\"name\":\"nobody\",\"domain\":{"
        "\"id\":\"default\"},\"password\":\"wrong\"}}}}}",
    };
    struct httpc_reply r[2];

    for (int i = 0; i < 2; i++) {
        r[i] = call(c, HTTP_POST, "/v3/auth/tokens", NULL, NULL, bodies[i]);
        EXPECT_INT(r[i].status, 401);
    }
    EXPECT_STR(r[0].body, r[1].body);
}

TEST(users_are_made_changed_listed_and_removed)
{
    struct cloud *c = cloud_start(t);
    const char *admin = log_in(c, "admin", "secret"), *id;
    auto_json json_t *j = NULL;
    struct err err = { 0 };
    struct httpc_reply r = call(c, HTTP_POST, "/v3/users", admin, NULL,
                                "{\"user\":{\"name\":\"eve\",\"password\":\"x\",\"shoe\":42}}");

    EXPECT_INT(r.status, 201);
    EXPECT_OK(json_read(r.body, r.body_len, &j, &err), &err);
    id = json_str(json_at(j, "user"), "id");
    EXPECT_INT(json_int(json_at(j, "user"), "shoe", 0), 42);
    EXPECT_INT(call(c, HTTP_POST, "/v3/users", admin, NULL, "{\"user\":{\"name\":\"eve\"}}").status, 409);
    EXPECT_INT(call(c, HTTP_POST, "/v3/users", admin, NULL, "{\"user\":{}}").status, 400);
    r = call(c, HTTP_PATCH, arena_printf(c->a, "/v3/users/%s", id), admin, NULL,
             "{\"user\":{\"enabled\":false}}");
    EXPECT_INT(r.status, 200);
    EXPECT_MATCH(r.body, "\"enabled\":false");
    r = call(c, HTTP_GET, "/v3/users?name=eve", admin, NULL, NULL);
    EXPECT_INT(r.status, 200);
    EXPECT_MATCH(r.body, id);
    EXPECT_INT(call(c, HTTP_DELETE, arena_printf(c->a, "/v3/users/%s", id), admin, NULL, NULL).status, 204);
    EXPECT_INT(call(c, HTTP_GET, arena_printf(c->a, "/v3/users/%s", id), admin, NULL, NULL).status, 404);
}

TEST_MAIN()

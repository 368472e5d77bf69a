/* SPDX-License-Identifier: Apache-2.0 */
/* Identity in this process: issue, validate, revoke. */
#include "kit.h"

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

/* Whoever guesses must not learn from the refusal that there is such a user. */
TEST(a_lock_out_says_nothing_either)
{
    const char *const options[] = { "lockout_attempts", "2", NULL };
    struct cloud *c = cloud_start_with(t, options);
    struct httpc_reply r = log_in_to(c, "nobody", "wrong", NULL);
    const char *words = r.body;

    EXPECT_INT(r.status, 401);
    for (int i = 0; i < 4; i++) {
        r = log_in_to(c, "demo", i < 3 ? "wrong" : "demo", NULL); /* The last one locked out. */
        EXPECT_INT(r.status, 401);
        EXPECT_STR(r.body, words);
    }
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

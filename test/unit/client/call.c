/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/client/fake_identity.h"
#include "wire/json.h"

static int get_thing(struct test *t, struct client *c, struct client_reply *ret, struct err *err)
{
    struct client_request rq = { .service = "thing", .method = HTTP_GET, .path = "/x" };

    return client_call(c, test_arena(t), &rq, ret, err);
}

TEST(a_call_goes_to_the_endpoint_of_our_interface_and_region)
{
    struct fake *f = fake_start(t);
    struct client *c = fake_client(t, f);
    struct client_request rq = { .service = "thing",
                                 .method = HTTP_POST,
                                 .path = "/x",
                                 .version = "thing 1.2",
                                 .request_id = "req-1",
                                 .body = "{\"a\":1}" };
    auto_client_reply struct client_reply r = { 0 };
    struct err err = { 0 };
    char *url;

    f->body = "{\"b\": 2}";
    EXPECT_OK(client_call(c, test_arena(t), &rq, &r, &err), &err);
    EXPECT_INT(r.status, 200);
    EXPECT_INT(json_int(r.json, "b", 0), 2);
    EXPECT_STR(f->seen, "POST /thing/x token=own-1 id=req-1 version=thing 1.2 body={\"a\":1}");
    EXPECT_OK(client_endpoint(c, test_arena(t), "thing", &url, &err), &err);
    EXPECT_STR(url, arena_printf(test_arena(t), "%s/thing", f->base));
}

TEST(one_login_serves_many_calls)
{
    struct fake *f = fake_start(t);
    struct client *c = fake_client(t, f);
    struct err err = { 0 };

    for (int i = 0; i < 5; i++) {
        auto_client_reply struct client_reply r = { 0 };

        EXPECT_OK(get_thing(t, c, &r, &err), &err);
    }
    EXPECT_INT(f->logins, 1);
}

TEST(a_token_near_its_end_is_renewed)
{
    struct fake *f = fake_start(t);
    struct client *c = fake_client(t, f);
    auto_client_reply struct client_reply r = { 0 };
    struct err err = { 0 };

    f->lifetime_s = 0;
    EXPECT_OK(get_thing(t, c, &r, &err), &err);
    client_reply_done(&r);
    EXPECT_OK(get_thing(t, c, &r, &err), &err);
    EXPECT_INT(f->logins, 2);
}

TEST(a_refused_token_is_renewed_once)
{
    struct fake *f = fake_start(t);
    struct client *c = fake_client(t, f);
    auto_client_reply struct client_reply r = { 0 };
    struct err err = { 0 };

    f->refuse_own = 1;
    EXPECT_OK(get_thing(t, c, &r, &err), &err);
    EXPECT_INT(f->logins, 2);
    client_reply_done(&r);
    f->refuse_own = 100;
    EXPECT_INT(get_thing(t, c, &r, &err), -EKEYREJECTED);
    EXPECT_INT(r.status, 401);
    EXPECT_INT(f->refuse_own, 98);
}

TEST(a_users_token_is_passed_on_and_not_renewed)
{
    struct fake *f = fake_start(t);
    struct client *c = fake_client(t, f);
    struct client_request rq = { .service = "thing", .method = HTTP_GET, .path = "/x", .token = "anns" };
    auto_client_reply struct client_reply r = { 0 };
    struct err err = { 0 };

    f->status = 401;
    EXPECT_INT(client_call(c, test_arena(t), &rq, &r, &err), -EKEYREJECTED);
    EXPECT_MATCH(f->seen, "token=anns");
    EXPECT_INT(f->logins, 1);
}

TEST(words_of_every_services_errors_are_found)
{
    static const struct {
        int status, code;
        const char *body, *words;
    } cases[] = {
        { 404, -ENOENT, "{\"error\": {\"code\": 404, \"message\": \"no user\", \"title\": \"Not Found\"}}",
          "no user" },
        { 409, -EEXIST, "{\"NeutronError\": {\"type\": \"X\", \"message\": \"in use\", \"detail\": \"\"}}",
          "in use" },
        { 400, -EINVAL, "{\"badRequest\": {\"code\": 400, \"message\": \"bad flavor\"}}", "bad flavor" },
        { 409, -EEXIST,
          "{\"errors\": [{\"status\": 409, \"title\": \"Conflict\", \"detail\": \"generation\"}]}",
          "generation" },
        { 413, -EFBIG, "{\"message\": \"too large\", \"code\": 413}", "too large" },
        { 503, -EHOSTDOWN, "<html>down</html>", "the thing service answered 503 Service Unavailable" },
    };
    struct fake *f = fake_start(t);
    struct client *c = fake_client(t, f);

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        auto_client_reply struct client_reply r = { 0 };
        struct err err = { 0 };

        f->status = cases[i].status;
        f->body = cases[i].body;
        EXPECT_INT(get_thing(t, c, &r, &err), cases[i].code);
        EXPECT_STR(err.msg, cases[i].words);
        EXPECT_INT(err.status, cases[i].status);
        EXPECT_INT(r.status, cases[i].status);
    }
}

TEST(a_service_that_the_catalog_lacks_is_unreachable)
{
    struct fake *f = fake_start(t);
    struct client *c = fake_client(t, f);
    struct client_request rq = { .service = "other", .method = HTTP_GET, .path = "/x" };
    auto_client_reply struct client_reply r = { 0 };
    struct err err = { 0 };

    EXPECT_INT(client_call(c, test_arena(t), &rq, &r, &err), -EHOSTDOWN);
    EXPECT_MATCH(err.msg, "other");
    EXPECT_MATCH(err.msg, "R1");
}

TEST(identity_that_is_gone_is_unreachable)
{
    struct fake *f = fake_start(t);
    struct client *c = fake_client(t, f);
    auto_client_reply struct client_reply r = { 0 };
    struct err err = { 0 };

    fake_stop(f);
    EXPECT_TRUE(get_thing(t, c, &r, &err) < 0);
    EXPECT_MATCH(err.msg, "identity");
    EXPECT_INT(r.status, 0);
}

TEST(an_identity_service_that_is_gone_is_worth_another_try)
{
    struct fake *f = fake_start(t);
    struct client *c = fake_client(t, f);
    auto_client_reply struct client_reply r = { 0 };
    struct err err = { 0 };

    fake_stop(f);
    EXPECT_INT(get_thing(t, c, &r, &err), -EHOSTDOWN);
    EXPECT_INT(err.code, -EHOSTDOWN);
}

TEST(a_wrong_password_of_ours_is_not_the_callers_fault)
{
    struct fake *f = fake_start(t);
    struct client_options o = { .auth_url = arena_printf(test_arena(t), "%s/v3", f->base),
                                .username = "nova",
                                .password = secret_of("wrong") };
    auto_client_reply struct client_reply r = { 0 };
    struct err err = { 0 };
    struct client *c;

    EXPECT_OK(client_new(&o, NULL, &c, &err), &err);
    EXPECT_INT(get_thing(t, c, &r, &err), -EHOSTDOWN);
    EXPECT_MATCH(err.msg, "nova");
    client_free(c);
}

TEST_MAIN()

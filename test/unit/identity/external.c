/* SPDX-License-Identifier: Apache-2.0 */
/* The method external: a proxy in front says who it is. */
#include "kit.h"

#define METHODS  "auth_methods", "external,password,token"
#define NOBODY   "{\"auth\":{\"identity\":{\"methods\":[]}}}"
#define EXTERNAL "{\"auth\":{\"identity\":{\"methods\":[\"external\"],\"external\":{}}}}"

struct said {
    const char *user, *domain, *type;
};

static struct httpc_reply log_in_as(struct cloud *c, struct said said, const char *body)
{
    struct http_header headers[5] = { { "Content-Type", "application/json" } };
    struct httpc_request rq = {
        .method = HTTP_POST, .headers = headers, .body = body, .body_len = strlen(body)
    };
    struct httpc_reply reply = { 0 };
    struct err err = { 0 };
    size_t n = 1;

    rq.url = arena_printf(c->a, "%s/v3/auth/tokens", c->base);
    if (said.user)
        headers[n++] = (struct http_header){ "X-Remote-User", said.user };
    if (said.domain)
        headers[n++] = (struct http_header){ "X-Remote-Domain", said.domain };
    if (said.type)
        headers[n++] = (struct http_header){ "X-Auth-Type", said.type };
    EXPECT_OK(httpc_call(c->http, c->a, &rq, &reply, &err), &err);
    return reply;
}

TEST(a_trusted_proxys_word_is_enough)
{
    struct cloud *c =
        cloud_start_with(t, (const char *const[]){ METHODS, "trusted_proxies", "10.9.9.9,127.0.0.1", NULL });
    struct httpc_reply r = log_in_as(c, (struct said){ "demo" }, NOBODY);

    EXPECT_INT(r.status, 201);
    EXPECT_STR(text_at(c, &r, "token.user.name"), "demo");
    EXPECT_MATCH(r.body, "\"methods\":[\"external\"]");
    EXPECT_INT(log_in_as(c, (struct said){ "demo" }, EXTERNAL).status, 201);
    /* The domain's header is not looked at here. */
    EXPECT_INT(log_in_as(c, (struct said){ "demo", "elsewhere" }, EXTERNAL).status, 201);
    EXPECT_INT(log_in_as(c, (struct said){ "nobody" }, NOBODY).status, 401);
    EXPECT_INT(log_in_as(c, (struct said){ "nobody" }, EXTERNAL).status, 401);
    EXPECT_INT(log_in_as(c, (struct said){ NULL }, EXTERNAL).status, 401);
    EXPECT_INT(log_in_as(c, (struct said){ NULL }, NOBODY).status, 401);
    EXPECT_INT(log_in_as(c, (struct said){ "" }, EXTERNAL).status, 401);
}

TEST(nobody_else_is_believed)
{
    struct cloud *c =
        cloud_start_with(t, (const char *const[]){ METHODS, "trusted_proxies", "10.9.9.9", NULL });

    EXPECT_INT(log_in_as(c, (struct said){ "admin" }, EXTERNAL).status, 401);
    EXPECT_INT(log_in_as(c, (struct said){ "admin" }, NOBODY).status, 401);
}

TEST(without_the_method_the_header_means_nothing)
{
    struct cloud *c = cloud_start_with(t, (const char *const[]){ "trusted_proxies", "127.0.0.1", NULL });

    EXPECT_INT(log_in_as(c, (struct said){ "admin" }, EXTERNAL).status, 401);
    EXPECT_INT(log_in_as(c, (struct said){ "admin" }, NOBODY).status, 401);
}

#define PASSWORD                                                                                                 \
    "{\"auth\":{\"identity\":{\"methods\":[\"password\"],\"password\":{\"user\":{\"name\":\"demo\",\"domain\":{" \
    "\"id\":\"default\"},\"password\":\"demo\"}}}}}"

TEST(beside_a_password_it_is_a_second_method_of_the_same_user)
{
    struct cloud *c =
        cloud_start_with(t, (const char *const[]){ METHODS, "trusted_proxies", "127.0.0.1", NULL });
    struct httpc_reply r = log_in_as(c, (struct said){ "demo" }, PASSWORD);

    EXPECT_INT(r.status, 201);
    EXPECT_MATCH(r.body, "\"methods\":[\"external\",\"password\"]");
    EXPECT_INT(log_in_as(c, (struct said){ "admin" }, PASSWORD).status, 401);
    /* An unknown name is as none. */
    r = log_in_as(c, (struct said){ "nobody" }, PASSWORD);
    EXPECT_INT(r.status, 201);
    EXPECT_MATCH(r.body, "\"methods\":[\"password\"]");
}

TEST(the_proxy_may_name_the_domain)
{
    struct cloud *c = cloud_start_with(t, (const char *const[]){ METHODS, "trusted_proxies", "127.0.0.1",
                                                                 "external_driver", "Domain", NULL });
    const char *admin = log_in(c, "admin", "secret");
    struct httpc_reply r =
        call(c, HTTP_POST, "/v3/domains", admin, NULL, "{\"domain\":{\"name\":\"there\"}}");

    r = call(c, HTTP_POST, "/v3/users", admin, NULL,
             arena_printf(c->a, "{\"user\":{\"name\":\"ann\",\"domain_id\":\"%s\"}}",
                          text_at(c, &r, "domain.id")));
    EXPECT_INT(r.status, 201);
    EXPECT_INT(log_in_as(c, (struct said){ "ann", "there" }, EXTERNAL).status, 201);
    EXPECT_INT(log_in_as(c, (struct said){ "ann", "nowhere" }, EXTERNAL).status, 401);
    EXPECT_INT(log_in_as(c, (struct said){ "ann" }, EXTERNAL).status, 401);
    EXPECT_INT(log_in_as(c, (struct said){ "demo" }, EXTERNAL).status, 201);
}

TEST(kerberos_must_have_been_negotiated)
{
    struct cloud *c = cloud_start_with(t, (const char *const[]){ METHODS, "trusted_proxies", "127.0.0.1",
                                                                 "external_driver", "KerberosDomain", NULL });

    EXPECT_INT(log_in_as(c, (struct said){ "demo" }, EXTERNAL).status, 401);
    EXPECT_INT(log_in_as(c, (struct said){ "demo", NULL, "Basic" }, EXTERNAL).status, 401);
    EXPECT_INT(log_in_as(c, (struct said){ "demo", NULL, "Negotiate" }, EXTERNAL).status, 201);
}

static int log_in_by(struct cloud *c, const struct http_header *said)
{
    struct http_header headers[5] = { { "Content-Type", "application/json" } };
    struct httpc_request rq = {
        .method = HTTP_POST, .headers = headers, .body = EXTERNAL, .body_len = strlen(EXTERNAL)
    };
    struct httpc_reply reply = { 0 };
    struct err err = { 0 };

    rq.url = arena_printf(c->a, "%s/v3/auth/tokens", c->base);
    for (size_t n = 1; said->name; said++)
        headers[n++] = *said;
    EXPECT_OK(httpc_call(c->http, c->a, &rq, &reply, &err), &err);
    return reply.status;
}

TEST(a_proxy_may_have_other_headers)
{
    struct cloud *c = cloud_start_with(
        t, (const char *const[]){ METHODS, "trusted_proxies", "127.0.0.1", "external_driver",
                                  "KerberosDomain", "remote_user_header", "X-Person", "remote_domain_header",
                                  "X-House", "remote_type_header", "X-How", NULL });

    EXPECT_INT(
        log_in_by(c, (struct http_header[]){ { "X-Person", "demo" }, { "X-How", "Negotiate" }, { 0 } }), 201);
    EXPECT_INT(log_in_by(c, (struct http_header[]){ { "X-Person", "demo" },
                                                    { "X-House", "Default" },
                                                    { "X-How", "Negotiate" },
                                                    { 0 } }),
               201);
    EXPECT_INT(log_in_by(c, (struct http_header[]){ { "X-Person", "demo" },
                                                    { "X-House", "elsewhere" },
                                                    { "X-How", "Negotiate" },
                                                    { 0 } }),
               401);
    EXPECT_INT(
        log_in_by(c, (struct http_header[]){ { "X-Person", "demo" }, { "X-Auth-Type", "Negotiate" }, { 0 } }),
        401);
    EXPECT_INT(
        log_in_by(c, (struct http_header[]){ { "X-Remote-User", "demo" }, { "X-How", "Negotiate" }, { 0 } }),
        401);
}

TEST(a_disabled_user_stays_out)
{
    struct cloud *c =
        cloud_start_with(t, (const char *const[]){ METHODS, "trusted_proxies", "127.0.0.1", NULL });
    const char *admin = log_in(c, "admin", "secret");
    struct httpc_reply r =
        call(c, HTTP_POST, "/v3/users", admin, NULL, "{\"user\":{\"name\":\"ann\",\"enabled\":false}}");

    EXPECT_INT(r.status, 201);
    EXPECT_INT(log_in_as(c, (struct said){ "ann" }, EXTERNAL).status, 401);
}

TEST_MAIN()

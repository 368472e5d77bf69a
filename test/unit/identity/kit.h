/* SPDX-License-Identifier: Apache-2.0 */
/* Identity in the test's process: an instance with two users, and requests. */
#pragma once

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

static attr_unused void cloud_done(void *arg)
{
    struct cloud *c = arg;

    httpc_free(c->http);
    server_stop(c->s, 1000);
}

/* 'options' is a list of names and values of [identity], ended by null; may be null. */
static attr_unused struct cloud *cloud_start_in(struct test *t, const char *state_dir,
                                                const char *const *options)
{
    struct cloud *c = arena_new(test_arena(t), struct cloud);
    struct server_setup setup = { .state_dir = state_dir };
    struct err err = { 0 };

    c->a = test_arena(t);
    EXPECT_OK(config_load(c->a, NULL, &setup.config, &err), &err);
    config_set(setup.config, "identity", "password_rounds", "4");
    config_set(setup.config, "identity", "bind_port", "0");
    for (; options && options[0]; options += 2)
        config_set(setup.config, "identity", options[0], options[1]);
    setup.listen_fd = sock_listen_tcp("127.0.0.1", 0, 16, &err);
    EXPECT_OK(server_start(&identity_service, &setup, &c->s, &err), &err);
    EXPECT_OK(httpc_new(&(struct httpc_config){ 0 }, &c->http, &err), &err);
    test_cleanup(t, cloud_done, c);
    snprintf(c->base, sizeof(c->base), "http://127.0.0.1:%u", server_port(c->s));
    return c;
}

/* With users admin and demo. */
static attr_unused struct cloud *cloud_start_with(struct test *t, const char *const *options)
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
    struct cloud *c = cloud_start_in(t, test_tmpdir(t), options);
    struct err err = { 0 };

    EXPECT_OK(identity_bootstrap(c->s, &spec, &err), &err);
    return c;
}

static attr_unused struct cloud *cloud_start(struct test *t)
{
    return cloud_start_with(t, NULL);
}

static attr_unused struct httpc_reply call(struct cloud *c, enum http_method m, const char *path,
                                           const char *token, const char *subject, const char *body)
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

/* Logs in by password; 'scope' is JSON, or null for the project named like the user. */
static attr_unused struct httpc_reply log_in_to(struct cloud *c, const char *user, const char *password,
                                                const char *scope)
{
    if (!scope)
        scope = arena_printf(c->a, "{\"project\":{\"name\":\"%s\",\"domain\":{\"id\":\"default\"}}}", user);
    return call(c, HTTP_POST, "/v3/auth/tokens", NULL, NULL,
                arena_printf(c->a,
                             "{\"auth\":{\"identity\":{\"methods\":[\"password\"],\"password\":{\"user\":{"
                             "\"name\":\"%s\",\"domain\":{\"id\":\"default\"},\"password\":\"%s\"}}},"
                             "\"scope\":%s}}",
                             user, password, scope));
}

static attr_unused const char *log_in(struct cloud *c, const char *user, const char *password)
{
    struct httpc_reply r = log_in_to(c, user, password, NULL);

    EXPECT_INT(r.status, 201);
    return httpc_header(&r, "X-Subject-Token");
}

/* The text at 'path' of a JSON answer. */
static attr_unused const char *text_at(struct cloud *c, const struct httpc_reply *r, const char *path)
{
    auto_json json_t *j = NULL;
    struct err err = { 0 };
    const json_t *v;

    EXPECT_OK(json_read(r->body, r->body_len, &j, &err), &err);
    v = json_at(j, path);
    return json_is_string(v) ? arena_strdup(c->a, json_string_value(v)) : NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A placement service in this process; every token is an administrator's. */
#pragma once

#include <stdio.h>

#include "base/str.h"
#include "io/sock.h"
#include "kit/sqltest.h"
#include "kit/test.h"
#include "placement/placement.h"
#include "wire/httpc.h"
#include "wire/json.h"

struct cloud {
    struct server *s;
    struct httpc *http;
    struct arena *a;
    char base[64];
    const char *version;
};

static void cloud_done(void *arg)
{
    struct cloud *c = arg;

    httpc_free(c->http);
    server_stop(c->s, 1000);
}

/* The token's text is "role" or "role@project". */
static int check_token(void *self, struct arena *a, const char *text, bool may_block, struct token *ret,
                       struct err *err)
{
    const char **parts = str_split(a, text, '@');
    struct role_ref *role = arena_new(a, struct role_ref);

    *role = (struct role_ref){ parts[0], parts[0] };
    *ret = (struct token){
        .text = text, .user_id = "u1", .project_id = parts[1] ? parts[1] : "p1", .roles = role, .n_roles = 1
    };
    return 0;
}

static attr_unused struct cloud *cloud_start(struct test *t, enum db_kind kind)
{
    static const struct token_source tokens = { check_token, NULL };
    struct cloud *c = arena_new(test_arena(t), struct cloud);
    struct server_setup setup = { .state_dir = test_tmpdir(t), .tokens = &tokens };
    struct err err = { 0 };

    c->a = test_arena(t);
    c->version = "1.39";
    EXPECT_OK(config_load(c->a, NULL, &setup.config, &err), &err);
    config_set(setup.config, "placement", "database", test_db_url(t, kind));
    setup.listen_fd = sock_listen_tcp("127.0.0.1", 0, 64, &err);
    EXPECT_OK(server_start(&placement_service, &setup, &c->s, &err), &err);
    EXPECT_OK(httpc_new(&(struct httpc_config){ 0 }, &c->http, &err), &err);
    test_cleanup(t, cloud_done, c);
    snprintf(c->base, sizeof(c->base), "http://127.0.0.1:%u", server_port(c->s));
    return c;
}

/* One call as whoever 'token' says; memory from 'a', so that threads may call too. */
static attr_unused struct httpc_reply call_as(const struct cloud *c, struct arena *a, const char *token,
                                              enum http_method m, const char *path, const char *body)
{
    const struct http_header headers[] = {
        { "X-Auth-Token", token },
        { "Content-Type", "application/json" },
        { "OpenStack-API-Version", arena_printf(a, "placement %s", c->version) },
        { NULL, NULL },
    };
    struct httpc_request rq = {
        .method = m, .headers = headers, .body = body, .body_len = body ? strlen(body) : 0
    };
    struct httpc_reply reply = { 0 };

    rq.url = arena_printf(a, "%s%s", c->base, path);
    if (httpc_call(c->http, a, &rq, &reply, NULL) < 0)
        reply.status = -1;
    return reply;
}

static attr_unused struct httpc_reply call(const struct cloud *c, enum http_method m, const char *path,
                                           const char *body)
{
    return call_as(c, c->a, "admin", m, path, body);
}

static attr_unused json_t *read_reply(const struct httpc_reply *r)
{
    struct err err = { 0 };
    json_t *j = NULL;

    EXPECT_OK(json_read(r->body, r->body_len, &j, &err), &err);
    return j;
}

/* Expects a status, shows the answer when it is another. */
#define EXPECT_CALL(c, status_, m, path_, body_)                                 \
    do {                                                                         \
        struct httpc_reply reply_ = call((c), (m), (path_), (body_));            \
        if (reply_.status != (status_))                                          \
            fprintf(stderr, "%s: %d %s\n", (path_), reply_.status, reply_.body); \
        EXPECT_INT(reply_.status, (status_));                                    \
    } while (0)

/* "00000000-0000-0000-0000-0000000000NN" */
static attr_unused const char *uuid_no(struct arena *a, unsigned n)
{
    return arena_printf(a, "00000000-0000-0000-0000-%012u", n);
}

/* A provider with number 'n'; 'parent' 0: a root. */
static attr_unused void make_provider(struct cloud *c, unsigned n, unsigned parent)
{
    EXPECT_CALL(c, 200, HTTP_POST, "/resource_providers",
                arena_printf(c->a, "{\"name\":\"rp%u\",\"uuid\":\"%s\"%s%s%s}", n, uuid_no(c->a, n),
                             parent ? ",\"parent_provider_uuid\":\"" : "",
                             parent ? uuid_no(c->a, parent) : "", parent ? "\"" : ""));
}

static attr_unused int64_t generation_of(struct cloud *c, unsigned n)
{
    struct httpc_reply r =
        call(c, HTTP_GET, arena_printf(c->a, "/resource_providers/%s", uuid_no(c->a, n)), NULL);
    auto_json json_t *j = read_reply(&r);

    return json_int(j, "generation", -1);
}

/* 'what' is JSON: "\"VCPU\":{\"total\":8}". */
static attr_unused void give(struct cloud *c, unsigned n, const char *what)
{
    EXPECT_CALL(c, 200, HTTP_PUT, arena_printf(c->a, "/resource_providers/%s/inventories", uuid_no(c->a, n)),
                arena_printf(c->a, "{\"resource_provider_generation\":%d,\"inventories\":{%s}}",
                             (int) generation_of(c, n), what));
}

static attr_unused void set_traits(struct cloud *c, unsigned n, const char *names)
{
    EXPECT_CALL(c, 200, HTTP_PUT, arena_printf(c->a, "/resource_providers/%s/traits", uuid_no(c->a, n)),
                arena_printf(c->a, "{\"resource_provider_generation\":%d,\"traits\":[%s]}",
                             (int) generation_of(c, n), names));
}

static attr_unused void set_aggregate(struct cloud *c, unsigned n, unsigned aggregate)
{
    EXPECT_CALL(c, 200, HTTP_PUT, arena_printf(c->a, "/resource_providers/%s/aggregates", uuid_no(c->a, n)),
                arena_printf(c->a, "{\"resource_provider_generation\":%d,\"aggregates\":[\"%s\"]}",
                             (int) generation_of(c, n), uuid_no(c->a, aggregate)));
}

/* Body of PUT /allocations: 'amount' VCPU of provider 'n'. */
static attr_unused const char *claim_body(struct arena *a, unsigned n, int amount, const char *generation)
{
    return arena_printf(a,
                        "{\"allocations\":{\"%s\":{\"resources\":{\"VCPU\":%d}}},\"project_id\":\"p1\","
                        "\"user_id\":\"u1\",\"consumer_generation\":%s,\"consumer_type\":\"INSTANCE\"}",
                        uuid_no(a, n), amount, generation);
}

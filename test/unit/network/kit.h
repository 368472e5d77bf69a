/* SPDX-License-Identifier: Apache-2.0 */
/* A network service in this process, with a bus and agents that the test plays. */
#pragma once

#include <stdio.h>

#include "agent/network_wishes.h"
#include "base/str.h"
#include "bus/bus.h"
#include "io/sock.h"
#include "kit/sqltest.h"
#include "kit/test.h"
#include "network/housekeeper.h"
#include "network/network.h"
#include "wire/httpc.h"
#include "wire/json.h"

struct cloud {
    struct server *s;
    struct httpc *http;
    struct arena *a;
    struct bus_hub *hub;
    struct bus *service_bus, *agent_bus;
    char base[64];
};

static void cloud_done(void *arg)
{
    struct cloud *c = arg;

    httpc_free(c->http);
    server_stop(c->s, 1000);
    bus_close(c->agent_bus);
    bus_close(c->service_bus);
    bus_hub_stop(c->hub);
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

static void wait_for_bus(struct bus *b)
{
    for (int i = 0; i < 500 && !bus_is_connected(b); i++)
        usleep(10000);
    EXPECT_TRUE(bus_is_connected(b));
}

static attr_unused struct cloud *cloud_start_on(struct test *t, enum db_kind kind)
{
    static const struct token_source tokens = { check_token, NULL };
    struct cloud *c = arena_new(test_arena(t), struct cloud);
    struct server_setup setup = { .state_dir = test_tmpdir(t), .tokens = &tokens, .no_workers = true };
    const char *path = test_path(t, "bus.sock");
    struct bus_config bc = { .url = arena_printf(test_arena(t), "local:%s", path), .name = "network" };
    struct err err = { 0 };

    c->a = test_arena(t);
    EXPECT_OK(bus_hub_start(path, 0600, NULL, &c->hub, &err), &err);
    EXPECT_OK(bus_open(&bc, &c->service_bus, &err), &err);
    bc.name = "agent";
    EXPECT_OK(bus_open(&bc, &c->agent_bus, &err), &err);
    wait_for_bus(c->service_bus);
    wait_for_bus(c->agent_bus);
    setup.bus = c->service_bus;
    EXPECT_OK(config_load(c->a, NULL, &setup.config, &err), &err);
    config_set(setup.config, "network", "housekeeping_s", "3600");
    if (kind != DB_SQLITE)
        config_set(setup.config, "network", "database", test_db_url(t, kind));
    setup.listen_fd = sock_listen_tcp("127.0.0.1", 0, 64, &err);
    EXPECT_OK(server_start(&network_service, &setup, &c->s, &err), &err);
    EXPECT_OK(httpc_new(&(struct httpc_config){ 0 }, &c->http, &err), &err);
    test_cleanup(t, cloud_done, c);
    snprintf(c->base, sizeof(c->base), "http://127.0.0.1:%u", server_port(c->s));
    return c;
}

static attr_unused struct cloud *cloud_start(struct test *t)
{
    return cloud_start_on(t, DB_SQLITE);
}

/* One call as whoever 'token' says; memory from 'a', so that threads may call too. */
static attr_unused struct httpc_reply call_as(const struct cloud *c, struct arena *a, const char *token,
                                              enum http_method m, const char *path, const char *body)
{
    const struct http_header headers[] = { { "X-Auth-Token", token },
                                           { "Content-Type", "application/json" },
                                           { NULL, NULL } };
    struct httpc_request rq = {
        .method = m, .headers = headers, .body = body, .body_len = body ? strlen(body) : 0
    };
    struct httpc_reply reply = { 0 };

    rq.url = arena_printf(a, "%s/v2.0%s", c->base, path);
    if (httpc_call(c->http, a, &rq, &reply, NULL) < 0)
        reply.status = -1;
    return reply;
}

/* As an administrator; the answer's one member, or null when the status is another. */
static attr_unused json_t *call(const struct cloud *c, int status, enum http_method m, const char *path,
                                const char *body)
{
    struct httpc_reply r = call_as(c, c->a, "admin", m, path, body);
    struct err err = { 0 };
    json_t *j = NULL;

    if (r.status != status)
        fprintf(stderr, "%s: %d %s\n", path, r.status, r.body ? r.body : "");
    EXPECT_INT(r.status, status);
    if (!r.body_len)
        return NULL;
    EXPECT_OK(json_read(r.body, r.body_len, &j, &err), &err);
    return json_object_size(j) == 1 ? json_object_iter_value(json_object_iter(j)) : j;
}

static attr_unused const char *id_of(const json_t *o)
{
    return json_str(o, "id");
}

static attr_unused json_t *ask(struct cloud *c, const char *method, json_t *args)
{
    struct err err = { 0 };
    json_t *reply = NULL;

    EXPECT_OK(bus_call(c->agent_bus, NETWORK_TOPIC, method, args, NULL, 5000, &reply, &err), &err);
    json_decref(args);
    return reply;
}

/* A host with all roles says that it lives. */
static attr_unused void beat(struct cloud *c, const char *host, const char *tunnel_ip)
{
    ask(c, NETWORK_METHOD_HEARTBEAT,
        json_pack("{s:s, s:[{s:s, s:s, s:{s:{s:s}, s:[s], s:s}}, {s:s}, {s:s}]}", "host", host, "agents",
                  "agent_type", NETWORK_AGENT_L2, "binary", NETWORK_BINARY_L2, "configurations",
                  "bridge_mappings", "physnet1", "br-ex", "tunnel_types", "vxlan", "tunneling_ip", tunnel_ip,
                  "agent_type", NETWORK_AGENT_DHCP, "agent_type", NETWORK_AGENT_L3));
}

static attr_unused json_t *wishes(struct cloud *c, const char *host, const char *known)
{
    return ask(c, NETWORK_METHOD_WISHES, json_pack("{s:s, s:s?}", "host", host, "known_version", known));
}

/* The item of a list with that id, or null. */
static attr_unused json_t *item(const json_t *list, const char *id)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *o = json_array_get(list, i);

        if (str_eq(json_str(o, "id"), id) || str_eq(json_str(o, "port_id"), id))
            return (json_t *) o;
    }
    return NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "./cloud.h"

#include <pthread.h>
#include <stdio.h>
#include <time.h>

#include "agent/compute_wishes.h"
#include "base/uuid.h"
#include "client/client.h"
#include "io/sock.h"

#define WAIT_US 20000000

/* --- identity, image, network --------------------------------------------------------------- */

static void reply_json(struct http_request *rq, int status, json_t *j)
{
    char *text = json_text(rq->arena, j);

    json_decref(j);
    http_reply(rq, status, "application/json", text, strlen(text));
}

static void log_in(struct cloud *c, struct http_request *rq)
{
    static const char *const types[] = { "image", "network", "placement" };
    json_t *catalog = json_array();

    for (size_t k = 0; k < ARRAY_SIZE(types); k++) {
        const char *url = k == 2 ? arena_printf(rq->arena, "http://127.0.0.1:%u", server_port(c->placement))
                                 : arena_printf(rq->arena, "%s/%s", c->fake_url, types[k]);

        json_array_append_new(catalog, json_pack("{sss[{ssssss}]}", "type", types[k], "endpoints",
                                                 "interface", "internal", "region_id", "R", "url", url));
    }
    http_reply_header(rq, "X-Subject-Token", "admin@service");
    reply_json(rq, 201,
               json_pack("{s{ssso}}", "token", "expires_at", "2099-01-01T00:00:00Z", "catalog", catalog));
}

static json_t *image(const char *id)
{
    return json_pack("{ss ss ss ss ss si si sI ss}", "id", id, "name", "tiny", "status", "active",
                     "disk_format", "qcow2", "container_format", "bare", "min_ram", 0, "min_disk", 0, "size",
                     (json_int_t) 1000, "checksum", "00000000000000000000000000000000");
}

static json_t *network(void)
{
    return json_pack("{ss ss s[s] si sb sb}", "id", NETWORK_ID, "name", "private", "subnets", "s1", "mtu",
                     1450, "shared", 0, "router:external", 0);
}

static json_t *new_port(struct cloud *c, struct arena *a, const json_t *in)
{
    json_t *p = json_deep_copy(in);
    unsigned n = ++c->next;

    json_object_set_new(p, "id", json_string(uuid_new(a)));
    json_object_set_new(p, "mac_address", json_string(arena_printf(a, "fa:16:3e:00:00:%02x", n)));
    json_object_set_new(
        p, "fixed_ips",
        json_pack("[{ssss}]", "subnet_id", "s1", "ip_address", arena_printf(a, "10.0.0.%u", n)));
    json_object_set_new(p, "binding:vif_type", json_string("bridge"));
    json_object_set_new(p, "status", json_string(atomic_load(&c->ports_late) ? "DOWN" : "ACTIVE"));
    json_object_set_new(c->ports, json_str(p, "id"), p);
    return p;
}

static json_t *ports_of(struct cloud *c, const char *device)
{
    json_t *all = json_array(), *p;
    const char *id;

    json_object_foreach (c->ports, id, p)
        if (str_eq(json_str(p, "device_id"), device)) {
            json_object_set_new(p, "status", json_string(atomic_load(&c->ports_late) ? "DOWN" : "ACTIVE"));
            json_array_append(all, p);
        }
    return all;
}

static void serve_ports(struct cloud *c, struct http_request *rq, const char *id)
{
    json_t *p = *id ? json_object_get(c->ports, id) : NULL;
    auto_json json_t *in = NULL;

    if (rq->body)
        json_read(rq->body, rq->body_len, &in, NULL);
    if (rq->method == HTTP_GET && !*id)
        reply_json(rq, 200, json_pack("{so}", "ports", ports_of(c, strstr(rq->query, "device_id=") + 10)));
    else if (rq->method == HTTP_POST)
        reply_json(rq, 201, json_pack("{sO}", "port", new_port(c, rq->arena, json_obj(in, "port"))));
    else if (!p)
        reply_json(rq, 404,
                   json_pack("{s{ssssss}}", "NeutronError", "type", "PortNotFound", "message", "no port",
                             "detail", ""));
    else if (rq->method == HTTP_DELETE) {
        json_object_del(c->ports, id);
        http_reply(rq, 204, NULL, NULL, 0);
    } else {
        if (rq->method == HTTP_PUT)
            json_object_update(p, json_obj(in, "port"));
        reply_json(rq, 200, json_pack("{sO}", "port", p));
    }
}

static void on_request(void *ctx, struct http_request *rq)
{
    struct cloud *c = ctx;
    const char *path = rq->path;

    pthread_mutex_lock(&c->lock);
    if (strcmp(path, "/v3/auth/tokens") == 0)
        log_in(c, rq);
    else if (strcmp(path, "/image/v2/images/" IMAGE_ID) == 0)
        reply_json(rq, 200, image(IMAGE_ID));
    else if (strcmp(path, "/image/v2/images") == 0)
        reply_json(rq, 201, image("10000000-0000-0000-0000-000000000002"));
    else if (strcmp(path, "/network/v2.0/networks") == 0)
        reply_json(rq, 200,
                   strstr(rq->query, "id=") && !strstr(rq->query, "tenant_id=") &&
                           !strstr(rq->query, NETWORK_ID)
                       ? json_pack("{s[]}", "networks")
                       : json_pack("{s[o]}", "networks", network()));
    else if (strcmp(path, "/network/v2.0/floatingips") == 0)
        reply_json(rq, 200, json_pack("{s[]}", "floatingips"));
    else if (strcmp(path, "/network/v2.0/security-groups") == 0)
        reply_json(rq, 200, json_pack("{s[{ssss}]}", "security_groups", "id", "sg-web", "name", "web"));
    else if (str_has_prefix(path, "/network/v2.0/ports"))
        serve_ports(c, rq, path[19] ? path + 20 : "");
    else
        reply_json(rq, 404, json_pack("{ss}", "message", "not here"));
    pthread_mutex_unlock(&c->lock);
}

static struct http_head_result on_head(void *ctx, struct http_request *rq)
{
    return (struct http_head_result){ .way = HTTP_INLINE };
}

/* --- the host's agent ------------------------------------------------------------------------- */

static int handle(void *ctx, struct bus_message *m, struct err *err)
{
    struct cloud *c = ctx;
    const json_t *wish = json_obj(m->args, "server");
    const char *id = wish ? json_str(wish, "id") : json_str(m->args, "server_id");
    const char *power = json_str(wish, "power");

    if (str_eq(m->method, COMPUTE_METHOD_CONSOLE_OUTPUT)) {
        m->reply = json_pack("{ss}", "output", "login: ");
        return 0;
    }
    if (str_eq(m->method, COMPUTE_METHOD_VNC)) {
        m->reply = json_pack("{sssi}", "host", "127.0.0.1", "port", 5901);
        return 0;
    }
    if (atomic_load(&c->hold) && !str_eq(m->method, COMPUTE_METHOD_DESTROY)) {
        m->reply = json_pack("{ss}", "state", COMPUTE_STATE_WORKING);
        return 0;
    }
    if (str_eq(m->method, COMPUTE_METHOD_CONVERGE) && atomic_load(&c->refuse))
        return err_set(err, -EINVAL, "the guest cannot be started here");
    pthread_mutex_lock(&c->lock);
    if (str_eq(m->method, COMPUTE_METHOD_DESTROY))
        json_object_del(c->guests, id);
    else if (str_eq(m->method, COMPUTE_METHOD_CONVERGE))
        json_object_set_new(c->guests, id, json_string(power));
    pthread_mutex_unlock(&c->lock);
    m->reply = json_pack("{ssss?}", "state", COMPUTE_STATE_DONE, "power_state", power);
    return 0;
}

void cloud_report(struct cloud *c)
{
    auto_json json_t *facts =
        json_pack("{ss ss ss sI ss ss sI sI sI sb s[[sss]]}", "host", c->host, "driver", "fake",
                  "hypervisor_type", "fake", "hypervisor_version", (json_int_t) 1000, "hypervisor_hostname",
                  c->host, "host_ip", "192.0.2.1", "vcpus", (json_int_t) c->vcpus, "memory_mb",
                  (json_int_t) 8192, "local_gb", (json_int_t) 100, "vif_plugging",
                  atomic_load(&c->vif_plugging), "supported_instances", "x86_64", "fake", "hvm");
    json_t *reply = NULL;
    struct err err = { 0 };
    int64_t until = time_mono_us() + WAIT_US;
    int r;

    do {
        err_clear(&err);
        r = bus_call(c->agent_bus, COMPUTE_TOPIC, COMPUTE_METHOD_HEARTBEAT, facts, NULL, 10000, &reply, &err);
        if (r == -EHOSTDOWN)
            nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL);
    } while (r == -EHOSTDOWN && time_mono_us() < until);
    EXPECT_OK(r, &err);
    json_decref(reply);
}

/* --- starting ------------------------------------------------------------------------------------ */

static int check_token(void *self, struct arena *a, const char *text, bool may_block, struct token *ret,
                       struct err *err)
{
    const char **parts = str_split(a, text, '@');
    struct role_ref *roles = arena_array(a, struct role_ref, 3);
    size_t n = 0;

    roles[n++] = (struct role_ref){ parts[0], parts[0] };
    if (str_eq(parts[0], "admin"))
        roles[n++] = (struct role_ref){ "member", "member" };
    roles[n++] = (struct role_ref){ "reader", "reader" };
    *ret = (struct token){
        .text = text, .user_id = "u1", .project_id = parts[1] ? parts[1] : "p1", .roles = roles, .n_roles = n
    };
    return 0;
}

static void cloud_done(void *arg)
{
    struct cloud *c = arg;

    if (c->agent_bus)
        bus_close(c->agent_bus);
    if (c->compute)
        server_stop(c->compute, 1000);
    if (c->placement)
        server_stop(c->placement, 1000);
    if (c->bus)
        bus_close(c->bus);
    if (c->hub)
        bus_hub_stop(c->hub);
    if (c->client)
        client_free(c->client);
    if (c->fake)
        http_server_stop(c->fake, 1000);
    if (c->http)
        httpc_free(c->http);
    json_decref(c->ports);
    json_decref(c->guests);
    pthread_mutex_destroy(&c->lock);
}

static void start_fake(struct cloud *c)
{
    struct http_config h = { .on_head = on_head, .on_request = on_request, .ctx = c, .address = "127.0.0.1" };
    struct err err = { 0 };

    h.listen_fd = sock_listen_tcp("127.0.0.1", 0, 64, &err);
    EXPECT_OK(http_server_start(&h, &c->fake, &err), &err);
    snprintf(c->fake_url, sizeof(c->fake_url), "http://127.0.0.1:%u", http_server_port(c->fake));
}

static struct server *start_one(struct test *t, struct cloud *c, const struct service *svc, struct bus *bus)
{
    static const struct token_source tokens = { check_token, NULL };
    struct server_setup setup = {
        .state_dir = test_tmpdir(t), .tokens = &tokens, .client = c->client, .bus = bus
    };
    struct server *s = NULL;
    struct err err = { 0 };

    EXPECT_OK(config_load(c->a, NULL, &setup.config, &err), &err);
    config_set(setup.config, "compute", "metadata_port", "0");
    config_set(setup.config, "compute", "metadata_secret", "s3cret");
    setup.listen_fd = sock_listen_tcp("127.0.0.1", 0, 64, &err);
    EXPECT_OK(server_start(svc, &setup, &s, &err), &err);
    return s;
}

static struct bus *open_bus(struct cloud *c, const char *url, const char *name)
{
    struct bus_config b = { .url = url, .name = name };
    struct bus *bus = NULL;
    struct err err = { 0 };

    EXPECT_OK(bus_open(&b, &bus, &err), &err);
    return bus;
}

struct cloud *cloud_start(struct test *t)
{
    struct cloud *c = arena_new(test_arena(t), struct cloud);
    struct client_options o = { .username = "nova", .password = secret_of("x"), .timeout_ms = 10000 };
    const char *url;
    struct err err = { 0 };

    c->a = test_arena(t);
    c->version = "2.1";
    c->token = "member";
    c->host = "host1";
    c->vcpus = 8;
    c->ports = json_object();
    c->guests = json_object();
    pthread_mutex_init(&c->lock, NULL);
    test_cleanup(t, cloud_done, c);
    EXPECT_OK(httpc_new(&(struct httpc_config){ 0 }, &c->http, &err), &err);
    start_fake(c);
    EXPECT_OK(bus_hub_start(test_path(t, "bus"), 0600, NULL, &c->hub, &err), &err);
    url = arena_printf(c->a, "local:%s", test_path(t, "bus"));
    c->bus = open_bus(c, url, "compute");
    c->agent_bus = open_bus(c, url, "agent");
    o.auth_url = arena_printf(c->a, "%s/v3", c->fake_url);
    EXPECT_OK(client_new(&o, NULL, &c->client, &err), &err);
    c->placement = start_one(t, c, &placement_service, NULL);
    c->compute = start_one(t, c, &compute_service, c->bus);
    EXPECT_OK(bus_listen(c->agent_bus, "agent.host1.compute", handle, c, &err), &err);
    snprintf(c->base, sizeof(c->base), "http://127.0.0.1:%u", server_port(c->compute));
    cloud_report(c);
    return c;
}

/* --- calls ------------------------------------------------------------------------------------------ */

struct httpc_reply call(struct cloud *c, enum http_method m, const char *path, const char *body)
{
    const struct http_header headers[] = {
        { "X-Auth-Token", c->token },
        { "Content-Type", "application/json" },
        { "X-OpenStack-Nova-API-Version", c->version },
        { NULL, NULL },
    };
    struct httpc_request rq = {
        .method = m, .headers = headers, .body = body, .body_len = body ? strlen(body) : 0
    };
    struct httpc_reply reply = { 0 };
    struct err err = { 0 };

    rq.url = arena_printf(c->a, "%s%s", c->base, path);
    EXPECT_OK(httpc_call(c->http, c->a, &rq, &reply, &err), &err);
    return reply;
}

json_t *call_json(struct cloud *c, int status, enum http_method m, const char *path, const char *body)
{
    struct httpc_reply r = call(c, m, path, body);
    struct err err = { 0 };
    json_t *j = NULL;

    if (r.status != status)
        fprintf(stderr, "%s %s: %d %s\n", http_method_text(m), path, r.status, r.body);
    EXPECT_INT(r.status, status);
    EXPECT_OK(json_read(r.body, r.body_len, &j, &err), &err);
    return j;
}

void make_flavor(struct cloud *c, const char *id, int vcpus, int ram, int disk)
{
    const char *had = c->token;

    c->token = "admin";
    EXPECT_CALL(
        c, 200, HTTP_POST, "/v2.1/flavors",
        arena_printf(c->a, "{\"flavor\":{\"id\":\"%s\",\"name\":\"%s\",\"vcpus\":%d,\"ram\":%d,\"disk\":%d}}",
                     id, id, vcpus, ram, disk));
    c->token = had;
}

const char *boot(struct cloud *c, const char *more)
{
    json_t *j = call_json(
        c, 202, HTTP_POST, "/v2.1/servers",
        arena_printf(c->a,
                     "{\"server\":{\"name\":\"web\",\"flavorRef\":\"f1\",\"imageRef\":\"" IMAGE_ID "\"%s}}",
                     more));
    const char *id = arena_strdup(c->a, json_str(json_obj(j, "server"), "id"));

    json_decref(j);
    return id;
}

json_t *wait_status(struct cloud *c, const char *id, const char *status)
{
    const char *path = arena_printf(c->a, "/v2.1/servers/%s", id);
    int64_t until = time_mono_us() + WAIT_US;

    for (;;) {
        json_t *j = call_json(c, 200, HTTP_GET, path, NULL), *s = json_obj(j, "server");

        if (str_eq(json_str(s, "status"), status) &&
            json_is_null(json_object_get(s, "OS-EXT-STS:task_state")))
            return j;
        if (time_mono_us() > until)
            fprintf(stderr, "still: %s\n", json_text(c->a, s));
        EXPECT_TRUE(time_mono_us() < until);
        json_decref(j);
        nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
    }
}

void wait_gone(struct cloud *c, const char *id)
{
    const char *path = arena_printf(c->a, "/v2.1/servers/%s", id);
    int64_t until = time_mono_us() + WAIT_US;

    while (call(c, HTTP_GET, path, NULL).status != 404) {
        EXPECT_TRUE(time_mono_us() < until);
        nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
    }
}

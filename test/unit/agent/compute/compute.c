/* SPDX-License-Identifier: Apache-2.0 */
/* The compute role over a bus with the fake driver and a service that a test
 * writes. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent/agent.h"
#include "agent/compute_wishes.h"
#include "base/str.h"
#include "base/time.h"
#include "bus/bus.h"
#include "kit/test.h"
#include "wire/http.h"
#include "wire/json.h"

#define VM    "99999999-0000-4000-8000-000000000001"
#define OTHER "99999999-0000-4000-8000-000000000002"

struct service {
    struct test *t;
    struct bus_hub *hub;
    struct bus *bus;
    struct agent_compute *agent;
    struct agent_config config;
    struct agent_compute_options options;
    struct log log;
    pthread_mutex_t lock;
    json_t *wishes, *beat, *report;
    size_t beats;
    char *uploaded;
    size_t uploaded_n;
};

static int on_call(void *ctx, struct bus_message *m, struct err *err)
{
    struct service *s = ctx;
    json_t *o;
    size_t i;

    pthread_mutex_lock(&s->lock);
    if (str_eq(m->method, COMPUTE_METHOD_WISHES)) {
        m->reply = json_deep_copy(s->wishes);
    } else if (str_eq(m->method, COMPUTE_METHOD_HEARTBEAT)) {
        json_decref(s->beat);
        s->beat = json_deep_copy(m->args);
        s->beats++;
    } else if (str_eq(m->method, COMPUTE_METHOD_REPORT)) {
        json_array_foreach (json_arr(m->args, "servers"), i, o)
            json_object_set_new(s->report, json_str(o, "id"), json_deep_copy(o));
    }
    pthread_mutex_unlock(&s->lock);
    return 0;
}

static void stop_all(void *arg)
{
    struct service *s = arg;

    agent_compute_stop(s->agent);
    bus_close(s->bus);
    bus_hub_stop(s->hub);
    json_decref(s->wishes);
    json_decref(s->beat);
    json_decref(s->report);
    free(s->uploaded);
}

static json_t *json_of(struct test *t, const char *text)
{
    char *copy = arena_strdup(test_arena(t), text);
    json_t *j;

    for (char *p = copy; *p; p++)
        *p = *p == '\'' ? '"' : *p;
    j = json_loads(copy, 0, NULL);
    EXPECT_TRUE(j);
    return j;
}

static void start_agent(struct service *s)
{
    struct err err = { 0 };

    EXPECT_OK(agent_compute_start(&s->config, &s->agent, &err), &err);
}

static struct service *start(struct test *t, int hosts)
{
    struct service *s = arena_new(test_arena(t), struct service);
    const char *socket = test_path(t, "bus.sock");
    struct err err = { 0 };

    s->t = t;
    s->log = (struct log){ .fd = 2, .level = LOG_LEVEL_ERROR };
    s->options = (struct agent_compute_options){ .driver = "fake",
                                                 .virt_type = "auto",
                                                 .host_ip = "192.0.2.1",
                                                 .workers = 2,
                                                 .reserved_memory_mb = 512,
                                                 .fake_hosts = hosts };
    s->config = (struct agent_config){ .host = "h1",
                                       .prefix = "test",
                                       .bus_url = arena_printf(test_arena(t), "local:%s", socket),
                                       .log = &s->log,
                                       .compute = &s->options,
                                       .state_dir = test_path(t, "state") };
    pthread_mutex_init(&s->lock, NULL);
    s->wishes = json_pack("{s:[]}", "servers");
    s->report = json_object();
    EXPECT_OK(bus_hub_start(socket, 0600, NULL, &s->hub, &err), &err);
    EXPECT_OK(bus_open(&(struct bus_config){ .url = s->config.bus_url, .name = "service" }, &s->bus, &err),
              &err);
    test_cleanup(t, stop_all, s);
    EXPECT_OK(bus_listen(s->bus, COMPUTE_TOPIC, on_call, s, &err), &err);
    start_agent(s);
    return s;
}

/* Asks host 'host'; waits until it listens. */
static int ask(struct service *s, const char *host, const char *method, const char *args, json_t **ret,
               struct err *err)
{
    auto_json json_t *a = json_of(s->t, args);
    const char *topic = arena_printf(test_arena(s->t), COMPUTE_TOPIC_HOST, host);
    int64_t end = time_mono_us() + 10 * 1000000;
    int r;

    *ret = NULL;
    do {
        struct timespec pause = { .tv_nsec = 10 * 1000000 };

        err_clear(err);
        r = bus_call(s->bus, topic, method, a, NULL, 5000, ret, err);
        if (r == -EHOSTDOWN)
            nanosleep(&pause, NULL);
    } while (r == -EHOSTDOWN && time_mono_us() < end);
    return r;
}

#define SERVER(power)                                                                              \
    "{'server': {'id': '" VM "', 'instance_name': 'instance-00000001', 'power': '" power "',"      \
    " 'flavor': {'vcpus': 2, 'memory_mb': 512}, 'image_endpoint': '%s', 'image_token': 'secret'}," \
    " 'op': 'op1'"
#define WHICH "{'server_id': '" VM "', 'instance_name': 'instance-00000001'}"

/* The state that host h1 answers with. */
static const char *power_after(struct service *s, const char *method, const char *args)
{
    auto_json json_t *reply = NULL;
    struct err err = { 0 };

    EXPECT_OK(ask(s, "h1", method, args, &reply, &err), &err);
    EXPECT_STR(json_str(reply, "state"), COMPUTE_STATE_DONE);
    return arena_strdup(test_arena(s->t), json_str(reply, "power_state"));
}

/* Waits at most 10 s until the service heard of the server with this power. */
static bool heard(struct service *s, const char *id, const char *power)
{
    int64_t end = time_mono_us() + 10 * 1000000;
    bool found = false;

    while (!found && time_mono_us() < end) {
        struct timespec pause = { .tv_nsec = 10 * 1000000 };

        pthread_mutex_lock(&s->lock);
        found = str_eq(json_str(json_obj(s->report, id), "power_state"), power);
        pthread_mutex_unlock(&s->lock);
        nanosleep(&pause, NULL);
    }
    return found;
}

static bool beats_are(struct service *s, size_t n)
{
    int64_t end = time_mono_us() + 10 * 1000000;
    bool found = false;

    while (!found && time_mono_us() < end) {
        struct timespec pause = { .tv_nsec = 10 * 1000000 };

        pthread_mutex_lock(&s->lock);
        found = s->beats >= n;
        pthread_mutex_unlock(&s->lock);
        nanosleep(&pause, NULL);
    }
    return found;
}

TEST(the_host_says_what_it_is)
{
    struct service *s = start(t, 0);

    EXPECT_TRUE(beats_are(s, 1));
    EXPECT_STR(json_str(s->beat, "host"), "h1");
    EXPECT_STR(json_str(s->beat, "driver"), "fake");
    EXPECT_STR(json_str(s->beat, "host_ip"), "192.0.2.1");
    EXPECT_TRUE(!json_truth(s->beat, "vif_plugging", true));
    EXPECT_TRUE(json_int(s->beat, "vcpus", 0) > 0);
    EXPECT_INT(json_int(json_obj(s->beat, "reserved"), "memory_mb", 0), 512);
    EXPECT_STR(json_str(json_obj(s->beat, "cpu_info"), "arch"), "x86_64");
}

TEST(a_server_lives_and_goes)
{
    struct service *s = start(t, 0);
    struct err err = { 0 };
    auto_json json_t *reply = NULL, *output = NULL, *diag = NULL;

    EXPECT_STR(power_after(s, COMPUTE_METHOD_PREPARE, SERVER("running") "}"), "none");
    EXPECT_STR(power_after(s, COMPUTE_METHOD_CONVERGE, SERVER("running") "}"), "running");
    EXPECT_STR(power_after(s, COMPUTE_METHOD_CONVERGE, SERVER("shutdown") "}"), "shutdown");
    EXPECT_STR(power_after(s, COMPUTE_METHOD_REBOOT, SERVER("running") ", 'type': 'HARD'}"), "running");
    EXPECT_OK(
        ask(s, "h1", COMPUTE_METHOD_CONSOLE_OUTPUT, "{'server_id': '" VM "', 'length': null}", &output, &err),
        &err);
    EXPECT_MATCH(json_str(output, "output"), "instance-00000001");
    EXPECT_OK(ask(s, "h1", COMPUTE_METHOD_DIAGNOSTICS, WHICH, &diag, &err), &err);
    EXPECT_STR(json_str(diag, "state"), "running");
    EXPECT_INT(json_int(diag, "num_cpus", 0), 2);
    EXPECT_STR(power_after(s, COMPUTE_METHOD_DESTROY, WHICH), "none");
    EXPECT_STR(power_after(s, COMPUTE_METHOD_DESTROY, WHICH), "none");
    EXPECT_INT(ask(s, "h1", COMPUTE_METHOD_DIAGNOSTICS, WHICH, &reply, &err), -ENOENT);
}

TEST(what_cannot_be_done_is_an_error)
{
    struct service *s = start(t, 0);
    struct err err = { 0 };
    json_t *reply;

    EXPECT_INT(ask(s, "h1", "explode", "{}", &reply, &err), -ENOENT);
    EXPECT_INT(ask(s, "h1", COMPUTE_METHOD_CONVERGE, "{}", &reply, &err), -EINVAL);
    EXPECT_INT(ask(s, "h1", COMPUTE_METHOD_CONVERGE, "{'server': {'id': '../x'}}", &reply, &err), -EINVAL);
    EXPECT_INT(ask(s, "h1", COMPUTE_METHOD_REBOOT, SERVER("running") "}", &reply, &err), -ENOENT);
}

TEST(a_restart_finds_every_guest_and_reports_it)
{
    struct service *s = start(t, 0);

    power_after(s, COMPUTE_METHOD_CONVERGE, SERVER("running") "}");
    pthread_mutex_lock(&s->lock);
    json_decref(s->wishes);
    s->wishes =
        json_of(t, "{'servers': [{'id': '" VM "', 'instance_name': 'instance-00000001', 'power': 'running'},"
                   " {'id': '" OTHER "', 'instance_name': 'instance-00000002', 'power': 'running'}]}");
    pthread_mutex_unlock(&s->lock);
    agent_compute_stop(s->agent);
    start_agent(s);
    EXPECT_TRUE(heard(s, VM, "running"));
    EXPECT_TRUE(heard(s, OTHER, "none"));
}

TEST(many_hosts_fit_one_process)
{
    struct service *s = start(t, 40);
    auto_json json_t *reply = NULL, *other = NULL;
    struct err err = { 0 };

    EXPECT_TRUE(beats_are(s, 40));
    EXPECT_OK(ask(s, "host-0040", COMPUTE_METHOD_CONVERGE, SERVER("running") "}", &reply, &err), &err);
    EXPECT_STR(json_str(reply, "power_state"), "running");
    EXPECT_INT(ask(s, "host-0039", COMPUTE_METHOD_DIAGNOSTICS, WHICH, &other, &err), -ENOENT);
}

/* --- Snapshots. ---------------------------------------------------------------------- */

static struct http_head_result on_head(void *ctx, struct http_request *rq)
{
    return (struct http_head_result){ HTTP_WORKER };
}

static void on_put(void *ctx, struct http_request *rq)
{
    struct service *s = ctx;

    if (rq->method != HTTP_PUT || !str_eq(http_header_get(rq, "X-Auth-Token"), "secret")) {
        http_reply(rq, 403, "text/plain", "", 0);
        return;
    }
    pthread_mutex_lock(&s->lock);
    free(s->uploaded);
    s->uploaded = malloc(rq->body_len + 1);
    memcpy(s->uploaded, rq->body, rq->body_len);
    s->uploaded_n = rq->body_len;
    pthread_mutex_unlock(&s->lock);
    http_reply(rq, 204, NULL, "", 0);
}

static void stop_http(void *arg)
{
    http_server_stop(arg, 1000);
}

TEST(a_snapshot_is_sent_to_the_image_service)
{
    struct service *s = start(t, 0);
    struct http_config hc = { .on_head = on_head, .on_request = on_put, .ctx = s };
    struct http_server *server;
    struct err err = { 0 };
    char *url, *args;

    EXPECT_OK(http_server_start(&hc, &server, &err), &err);
    test_cleanup(t, stop_http, server);
    url = arena_printf(test_arena(t), "http://127.0.0.1:%u", (unsigned) http_server_port(server));
    args = arena_printf(test_arena(t), SERVER("running") ", 'image_id': 'img', 'disk_format': 'qcow2'}", url);
    power_after(s, COMPUTE_METHOD_CONVERGE, SERVER("running") "}");
    power_after(s, COMPUTE_METHOD_SNAPSHOT, args);
    EXPECT_TRUE(s->uploaded_n > 512);
    EXPECT_TRUE(memcmp(s->uploaded, "QFI\xfb", 4) == 0);
}

TEST_MAIN()

/* SPDX-License-Identifier: Apache-2.0 */
/* One set of tests for all drivers: BUS_TEST() makes a test for each.  The
 * broker is started first: a test that is skipped leaves at once, and would
 * leave behind what it had made. */
#include "bus/bus.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/str.h"
#include "base/time.h"
#include "broker.h"
#include "wire/json.h"

#define BUS_TEST(name)                                               \
    static void name##_with(struct test *t, const struct broker *k); \
    TEST(name##_local)                                               \
    {                                                                \
        EXPECT_TRUE(broker_local.start(t) != NULL);                  \
        name##_with(t, &broker_local);                               \
    }                                                                \
    TEST(name##_rabbitmq)                                            \
    {                                                                \
        EXPECT_TRUE(broker_rabbitmq.start(t) != NULL);               \
        name##_with(t, &broker_rabbitmq);                            \
    }                                                                \
    static void name##_with(struct test *t, const struct broker *k)

#define WAIT_MS 30000

/* --- Helpers --------------------------------------------------------------- */

/* Waits for a state, with an end for the case that it never comes. */
#define EXPECT_SOON(cond)                                           \
    do {                                                            \
        int64_t until_ = time_mono_us() + WAIT_MS * 1000;           \
        while (!(cond) && time_mono_us() < until_)                  \
            nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, 0); \
        EXPECT_TRUE(cond);                                          \
    } while (0)

/* A service that counts and answers by method. */
struct service {
    struct bus *bus;
    atomic_int calls, casts, heard, connects;
    atomic_bool hold; /* "hold" answers when this is false. */
    const char *_Atomic last_request;
};

static int answer_echo(struct service *s, struct bus_message *m, struct err *err)
{
    m->reply = json_pack("{s:s, s:s, s:s?, s:O, s:s?}", "topic", m->topic, "method", m->method, "request",
                         m->request_id, "args", m->args, "sender", m->sender);
    return 0;
}

static int answer_fail(struct service *s, struct bus_message *m, struct err *err)
{
    return err_http(err, 404, "NetworkNotFound", "Network %s could not be found.", json_str(m->args, "id"));
}

static int answer_code(struct service *s, struct bus_message *m, struct err *err)
{
    return -EBUSY; /* Without words. */
}

/* More than a struct err holds, so that it is cut inside a character. */
static int answer_korean(struct service *s, struct bus_message *m, struct err *err)
{
    char words[1600] = "x";

    for (size_t n = 1; n + 4 < sizeof(words); n += 3)
        memcpy(words + n, "\xea\xb0\x80", 4);
    return err_set(err, -EBUSY, "%s", words);
}

static int answer_garbled(struct service *s, struct bus_message *m, struct err *err)
{
    return err_set(err, -EBUSY, "\xff\xfe\xfd\xfc\xfb\xfa");
}

static int answer_nothing(struct service *s, struct bus_message *m, struct err *err)
{
    return 0;
}

static int answer_hold(struct service *s, struct bus_message *m, struct err *err)
{
    for (int i = 0; i < WAIT_MS && atomic_load(&s->hold); i++)
        nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, 0);
    return 0;
}

static const struct {
    const char *method;
    int (*answer)(struct service *s, struct bus_message *m, struct err *err);
} methods[] = {
    { "echo", answer_echo },       { "fail", answer_fail },       { "code", answer_code },
    { "korean", answer_korean },   { "garbled", answer_garbled }, { "hold", answer_hold },
    { "nothing", answer_nothing },
};

static int on_call(void *ctx, struct bus_message *m, struct err *err)
{
    struct service *s = ctx;

    atomic_fetch_add(&s->calls, 1);
    for (size_t i = 0; i < ARRAY_SIZE(methods); i++)
        if (strcmp(methods[i].method, m->method) == 0)
            return methods[i].answer(s, m, err);
    return err_set(err, -ENOTSUP, "no such method");
}

static int on_cast(void *ctx, struct bus_message *m, struct err *err)
{
    struct service *s = ctx;

    atomic_fetch_add(&s->casts, (int) json_int(m->args, "n", 0));
    return 0;
}

static int on_publish(void *ctx, struct bus_message *m, struct err *err)
{
    struct service *s = ctx;

    atomic_fetch_add(&s->heard, (int) json_int(m->args, "n", 0));
    return 0;
}

static void on_connect(void *ctx)
{
    atomic_fetch_add(&((struct service *) ctx)->connects, 1);
}

static void service_close(void *arg)
{
    struct service *s = arg;

    atomic_store(&s->hold, false);
    if (s->bus)
        bus_close(s->bus);
    s->bus = NULL;
}

/* $STACKD_TEST_LOG shows what the bus says. */
static const struct log *test_log(void)
{
    static const struct log log = { .fd = 2, .level = LOG_LEVEL_DEBUG, .component = "bus" };

    return getenv("STACKD_TEST_LOG") ? &log : NULL;
}

/* Opens a bus and waits until it is connected. */
static struct service *service_open(struct test *t, const char *url)
{
    struct service *s = arena_new(test_arena(t), struct service);
    struct bus_config c = {
        .url = url, .name = "test", .log = test_log(), .on_connect = on_connect, .ctx = s
    };
    struct err e = { 0 };

    EXPECT_OK(bus_open(&c, &s->bus, &e), &e);
    test_cleanup(t, service_close, s);
    EXPECT_SOON(bus_is_connected(s->bus));
    return s;
}

/* One that listens and one that asks. */
struct pair {
    const char *url;
    struct service *server;
    struct bus *client;
};

static void pair_open(struct test *t, const struct broker *k, struct pair *p)
{
    struct err e = { 0 };

    p->url = k->start(t);
    p->server = service_open(t, p->url);
    p->client = service_open(t, p->url)->bus;
    EXPECT_OK(bus_listen(p->server->bus, "service", on_call, p->server, &e), &e);
}

/* --- Tests ----------------------------------------------------------------- */

BUS_TEST(a_call_is_answered)
{
    auto_json json_t *args = json_pack("{s:i}", "n", 7), *reply = NULL;
    struct err e = { 0 };
    struct pair p;

    pair_open(t, k, &p);
    EXPECT_OK(bus_call(p.client, "service", "echo", args, "req-1", WAIT_MS, &reply, &e), &e);
    EXPECT_STR(json_str(reply, "topic"), "service");
    EXPECT_STR(json_str(reply, "method"), "echo");
    EXPECT_STR(json_str(reply, "request"), "req-1");
    EXPECT_INT(json_int(json_obj(reply, "args"), "n", 0), 7);
}

/* GENERIC-52: not what a message says of itself, but whom the broker let in. */
BUS_TEST(a_broker_that_knows_users_tells_who_sent)
{
    auto_json json_t *reply = NULL;
    struct err e = { 0 };
    struct pair p;

    pair_open(t, k, &p);
    EXPECT_OK(bus_call(p.client, "service", "echo", NULL, NULL, WAIT_MS, &reply, &e), &e);
    EXPECT_STR(json_str(reply, "sender"), str_eq(k->name, "rabbitmq") ? "guest" : NULL);
}

TEST(an_agent_speaks_for_its_own_host_and_gives_no_orders)
{
    const struct bus_message local = { 0 }, service = { .sender = "stackd" },
                             agent = { .sender = "agent.h1" }, nobody = { .sender = "agent." };

    EXPECT_TRUE(bus_may_speak_for(&local, "h1") && !bus_is_agent(&local));
    EXPECT_TRUE(bus_may_speak_for(&service, "h1") && !bus_is_agent(&service));
    EXPECT_TRUE(bus_may_speak_for(&agent, "h1") && bus_is_agent(&agent));
    EXPECT_TRUE(!bus_may_speak_for(&agent, "h2") && !bus_may_speak_for(&agent, "h") &&
                !bus_may_speak_for(&agent, "h11") && !bus_may_speak_for(&agent, NULL));
    EXPECT_TRUE(bus_is_agent(&nobody) && !bus_may_speak_for(&nobody, "h1") &&
                !bus_may_speak_for(&nobody, NULL));
}

BUS_TEST(a_call_without_request_id_and_reply_gives_an_empty_object)
{
    auto_json json_t *reply = NULL, *echo = NULL;
    struct err e = { 0 };
    struct pair p;

    pair_open(t, k, &p);
    EXPECT_OK(bus_call(p.client, "service", "nothing", NULL, NULL, WAIT_MS, &reply, &e), &e);
    EXPECT_TRUE(json_is_object(reply));
    EXPECT_INT(json_object_size(reply), 0);
    EXPECT_OK(bus_call(p.client, "service", "echo", NULL, NULL, WAIT_MS, &echo, &e), &e);
    EXPECT_STR(json_str(echo, "request"), NULL);
}

BUS_TEST(errors_travel_to_the_caller)
{
    auto_json json_t *args = json_pack("{s:s}", "id", "n1"), *reply = NULL;
    struct err e = { 0 };
    struct pair p;

    pair_open(t, k, &p);
    EXPECT_INT(bus_call(p.client, "service", "fail", args, NULL, WAIT_MS, &reply, &e), -ENOENT);
    EXPECT_INT(e.code, -ENOENT);
    EXPECT_INT(e.status, 404);
    EXPECT_STR(e.type, "NetworkNotFound");
    EXPECT_STR(e.msg, "Network n1 could not be found.");
    EXPECT_TRUE(!reply);
    EXPECT_INT(bus_call(p.client, "service", "code", args, NULL, WAIT_MS, &reply, &e), -EBUSY);
    EXPECT_INT(e.status, 0);
    EXPECT_STR(e.type, NULL);
    EXPECT_MATCH(e.msg, "code");
    EXPECT_INT(bus_call(p.client, "service", "code", args, NULL, WAIT_MS, &reply, NULL), -EBUSY);
    EXPECT_INT(bus_call(p.client, "service", "korean", args, NULL, WAIT_MS, &reply, &e), -EBUSY);
    EXPECT_TRUE(strlen(e.msg) > 1000 && str_is_utf8(e.msg, strlen(e.msg)));
    EXPECT_INT(bus_call(p.client, "service", "garbled", args, NULL, WAIT_MS, &reply, &e), -EBUSY);
    EXPECT_STR(e.msg, strerror(EBUSY));
}

BUS_TEST(a_call_or_cast_to_a_topic_without_listener_fails_at_once)
{
    auto_json json_t *reply = NULL;
    int64_t start = time_mono_us();
    struct err e = { 0 };
    struct pair p;

    pair_open(t, k, &p);
    start = time_mono_us();
    EXPECT_INT(bus_call(p.client, "nobody", "echo", NULL, NULL, WAIT_MS, &reply, &e), -EHOSTDOWN);
    EXPECT_MATCH(e.msg, "nobody");
    EXPECT_INT(bus_cast(p.client, "nobody", "echo", NULL, NULL, &e), -EHOSTDOWN);
    EXPECT_TRUE(time_mono_us() - start < WAIT_MS * 500);
}

BUS_TEST(a_topic_has_nobody_again_after_its_listener_closed)
{
    auto_json json_t *reply = NULL;
    struct err e = { 0 };
    struct pair p;

    pair_open(t, k, &p);
    service_close(p.server);
    EXPECT_SOON(bus_cast(p.client, "service", "nothing", NULL, NULL, &e) == -EHOSTDOWN);
    EXPECT_INT(bus_call(p.client, "service", "echo", NULL, NULL, WAIT_MS, &reply, &e), -EHOSTDOWN);
}

BUS_TEST(a_call_that_takes_too_long_times_out)
{
    auto_json json_t *reply = NULL;
    int64_t start;
    struct err e = { 0 };
    struct pair p;

    pair_open(t, k, &p);
    atomic_store(&p.server->hold, true);
    start = time_mono_us();
    EXPECT_INT(bus_call(p.client, "service", "hold", NULL, NULL, 200, &reply, &e), -ETIMEDOUT);
    EXPECT_TRUE(time_mono_us() - start >= 199000);
    EXPECT_MATCH(e.msg, "200 ms");
    atomic_store(&p.server->hold, false);
    EXPECT_OK(bus_call(p.client, "service", "echo", NULL, NULL, WAIT_MS, &reply, &e), &e);
}

BUS_TEST(a_cast_arrives_once)
{
    auto_json json_t *args = json_pack("{s:i}", "n", 1);
    struct err e = { 0 };
    struct pair p;

    pair_open(t, k, &p);
    EXPECT_OK(bus_listen(p.server->bus, "casts", on_cast, p.server, &e), &e);
    for (int i = 0; i < 100; i++)
        EXPECT_OK(bus_cast(p.client, "casts", "add", args, "req-2", &e), &e);
    EXPECT_SOON(atomic_load(&p.server->casts) == 100);
}

BUS_TEST(a_publication_reaches_every_subscriber_and_no_listener)
{
    auto_json json_t *args = json_pack("{s:i}", "n", 1);
    struct err e = { 0 };
    struct service *third;
    struct pair p;

    pair_open(t, k, &p);
    third = service_open(t, p.url);
    EXPECT_OK(bus_listen(third->bus, "news", on_cast, third, &e), &e);
    EXPECT_OK(bus_subscribe(third->bus, "news", on_publish, third, &e), &e);
    EXPECT_OK(bus_subscribe(p.server->bus, "news", on_publish, p.server, &e), &e);
    EXPECT_OK(bus_publish(p.client, "nobody's news", "add", args, NULL, &e), &e);
    for (int i = 0; i < 50; i++)
        EXPECT_OK(bus_publish(p.client, "news", "add", args, NULL, &e), &e);
    EXPECT_SOON(atomic_load(&third->heard) == 50 && atomic_load(&p.server->heard) == 50);
    EXPECT_INT(atomic_load(&third->casts), 0);
    EXPECT_OK(bus_cast(p.client, "news", "add", args, NULL, &e), &e);
    EXPECT_SOON(atomic_load(&third->casts) == 1);
    EXPECT_INT(atomic_load(&third->heard), 50);
}

BUS_TEST(two_subscriptions_of_one_bus_both_hear)
{
    auto_json json_t *args = json_pack("{s:i}", "n", 1);
    struct err e = { 0 };
    struct pair p;

    pair_open(t, k, &p);
    EXPECT_OK(bus_subscribe(p.server->bus, "news", on_publish, p.server, &e), &e);
    EXPECT_OK(bus_subscribe(p.server->bus, "news", on_cast, p.server, &e), &e);
    EXPECT_OK(bus_publish(p.client, "news", "add", args, NULL, &e), &e);
    EXPECT_SOON(atomic_load(&p.server->heard) == 1 && atomic_load(&p.server->casts) == 1);
}

BUS_TEST(listeners_on_one_topic_share_the_calls)
{
    struct err e = { 0 };
    struct service *second;
    struct pair p;

    pair_open(t, k, &p);
    second = service_open(t, p.url);
    EXPECT_OK(bus_listen(second->bus, "service", on_call, second, &e), &e);
    EXPECT_INT(bus_listen(second->bus, "service", on_call, second, &e), -EEXIST);
    for (int i = 0; i < 40; i++) {
        auto_json json_t *reply = NULL;

        EXPECT_OK(bus_call(p.client, "service", "echo", NULL, NULL, WAIT_MS, &reply, &e), &e);
    }
    EXPECT_INT(atomic_load(&second->calls) + atomic_load(&p.server->calls), 40);
    EXPECT_TRUE(atomic_load(&second->calls) >= 10 && atomic_load(&p.server->calls) >= 10);
}

BUS_TEST(a_message_of_8_mib_goes_there_and_back_and_one_of_17_is_refused)
{
    size_t n = 8u << 20;
    char *text = arena_alloc(test_arena(t), 17u << 20);
    auto_json json_t *args = NULL, *reply = NULL, *too_big = NULL, *after = NULL;
    struct err e = { 0 };
    struct pair p;

    pair_open(t, k, &p);
    for (size_t i = 0; i < n; i++)
        text[i] = (char) ('a' + i % 23);
    args = json_pack("{s:s}", "text", text);
    EXPECT_OK(bus_call(p.client, "service", "echo", args, NULL, WAIT_MS, &reply, &e), &e);
    EXPECT_TRUE(str_eq(json_str(json_obj(reply, "args"), "text"), text));
    memset(text, 'x', (17u << 20) - 1);
    too_big = json_pack("{s:s}", "text", text);
    EXPECT_INT(bus_call(p.client, "service", "echo", too_big, NULL, WAIT_MS, &reply, &e), -EFBIG);
    EXPECT_OK(bus_call(p.client, "service", "nothing", NULL, NULL, WAIT_MS, &after, &e), &e);
}

BUS_TEST(names_that_are_too_long_are_refused)
{
    char *name = arena_alloc(test_arena(t), 300);
    auto_json json_t *reply = NULL;
    struct err e = { 0 };
    struct pair p;

    pair_open(t, k, &p);
    memset(name, 'n', 299);
    EXPECT_INT(bus_call(p.client, name, "echo", NULL, NULL, WAIT_MS, &reply, &e), -EINVAL);
    EXPECT_INT(bus_cast(p.client, "service", name, NULL, NULL, &e), -EINVAL);
    EXPECT_INT(bus_publish(p.client, "service", "echo", NULL, name, &e), -EINVAL);
    EXPECT_INT(bus_listen(p.client, name, on_call, NULL, &e), -EINVAL);
    EXPECT_INT(bus_cast(p.client, "", "echo", NULL, NULL, &e), -EINVAL);
}

/* What a thread found; expectations are for the test's own thread. */
struct caller {
    pthread_t thread;
    struct bus *bus;
    int id, wrong;
};

static void *call_200_times(void *arg)
{
    struct caller *c = arg;

    for (int i = 0; i < 200; i++) {
        auto_json json_t *args = json_pack("{s:i, s:i}", "id", c->id, "i", i), *reply = NULL;
        int r = bus_call(c->bus, "service", "echo", args, NULL, WAIT_MS, &reply, NULL);

        if (r < 0 || json_int(json_obj(reply, "args"), "id", -1) != c->id ||
            json_int(json_obj(reply, "args"), "i", -1) != i)
            c->wrong++;
    }
    return NULL;
}

BUS_TEST(eight_threads_call_at_once_and_each_gets_its_own_answers)
{
    struct caller callers[8];
    struct pair p;

    pair_open(t, k, &p);
    for (int i = 0; i < 8; i++) {
        callers[i] = (struct caller){ .bus = p.client, .id = i };
        if (pthread_create(&callers[i].thread, NULL, call_200_times, &callers[i]) != 0)
            abort();
    }
    for (int i = 0; i < 8; i++)
        pthread_join(callers[i].thread, NULL);
    for (int i = 0; i < 8; i++)
        EXPECT_INT(callers[i].wrong, 0);
    EXPECT_INT(atomic_load(&p.server->calls), 1600);
}

static int on_call_ask_further(void *ctx, struct bus_message *m, struct err *err)
{
    return bus_call(((struct service *) ctx)->bus, "service", "echo", m->args, m->request_id, WAIT_MS,
                    &m->reply, err);
}

BUS_TEST(a_handler_may_call_and_close_waits_for_it)
{
    auto_json json_t *args = json_pack("{s:i}", "n", 5), *reply = NULL;
    struct err e = { 0 };
    struct service *middle;
    struct pair p;

    pair_open(t, k, &p);
    middle = service_open(t, p.url);
    EXPECT_OK(bus_listen(middle->bus, "middle", on_call_ask_further, middle, &e), &e);
    EXPECT_OK(bus_call(p.client, "middle", "any", args, "req-3", WAIT_MS, &reply, &e), &e);
    EXPECT_STR(json_str(reply, "request"), "req-3");
    EXPECT_INT(json_int(json_obj(reply, "args"), "n", 0), 5);
}

static void *call_hold(void *arg)
{
    struct caller *c = arg;
    auto_json json_t *reply = NULL;

    c->wrong = bus_call(c->bus, "service", "hold", NULL, NULL, WAIT_MS, &reply, NULL);
    return NULL;
}

static void *release_soon(void *arg)
{
    nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, 0);
    atomic_store(&((struct service *) arg)->hold, false);
    return NULL;
}

BUS_TEST(close_lets_the_running_handler_answer)
{
    struct caller c;
    pthread_t release;
    struct pair p;

    pair_open(t, k, &p);
    atomic_store(&p.server->hold, true);
    c = (struct caller){ .bus = p.client };
    if (pthread_create(&c.thread, NULL, call_hold, &c) != 0)
        abort();
    EXPECT_SOON(atomic_load(&p.server->calls) == 1);
    if (pthread_create(&release, NULL, release_soon, p.server) != 0)
        abort();
    bus_close(steal(&p.server->bus)); /* Returns after the handler. */
    pthread_join(c.thread, NULL);
    pthread_join(release, NULL);
    EXPECT_INT(c.wrong, 0);
}

BUS_TEST(everything_works_again_after_the_broker_was_killed_and_started)
{
    auto_json json_t *args = json_pack("{s:i}", "n", 1), *reply = NULL, *again = NULL;
    struct caller c;
    int64_t start;
    struct err e = { 0 };
    struct pair p;

    pair_open(t, k, &p);
    EXPECT_OK(bus_subscribe(p.server->bus, "news", on_publish, p.server, &e), &e);
    EXPECT_OK(bus_call(p.client, "service", "echo", args, NULL, WAIT_MS, &reply, &e), &e);

    /* A call under way fails when the broker goes, long before its time is over. */
    atomic_store(&p.server->hold, true);
    c = (struct caller){ .bus = p.client };
    if (pthread_create(&c.thread, NULL, call_hold, &c) != 0)
        abort();
    EXPECT_SOON(atomic_load(&p.server->calls) == 2);
    start = time_mono_us();
    k->kill(t);
    pthread_join(c.thread, NULL);
    EXPECT_INT(c.wrong, -EHOSTDOWN);
    EXPECT_TRUE(time_mono_us() - start < WAIT_MS * 500);
    atomic_store(&p.server->hold, false);

    EXPECT_SOON(!bus_is_connected(p.server->bus));
    EXPECT_INT(bus_call(p.client, "service", "echo", args, NULL, WAIT_MS, &again, &e), -EHOSTDOWN);
    EXPECT_INT(bus_cast(p.client, "service", "echo", args, NULL, &e), -EHOSTDOWN);
    EXPECT_INT(bus_publish(p.client, "news", "add", args, NULL, &e), -EHOSTDOWN);

    EXPECT_STR(k->start(t), p.url);
    EXPECT_SOON(bus_is_connected(p.server->bus) && bus_is_connected(p.client));
    EXPECT_OK(bus_call(p.client, "service", "echo", args, NULL, WAIT_MS, &again, &e), &e);
    EXPECT_OK(bus_publish(p.client, "news", "add", args, NULL, &e), &e);
    EXPECT_SOON(atomic_load(&p.server->heard) == 1);
    EXPECT_SOON(atomic_load(&p.server->connects) == 2);
}

TEST(open_refuses_an_unknown_url)
{
    struct bus_config c = { .url = "pigeon:/coop", .name = "test" };
    struct bus *b = NULL;
    struct err e = { 0 };

    EXPECT_INT(bus_open(&c, &b, &e), -EINVAL);
    EXPECT_MATCH(e.msg, "local:");
    c.url = "local:relative/path";
    EXPECT_INT(bus_open(&c, &b, &e), -EINVAL);
    EXPECT_TRUE(!b);
}

TEST(a_bus_without_broker_fails_calls_and_closes_at_once)
{
    struct bus_config c = { .name = "test" };
    auto_json json_t *reply = NULL;
    struct err e = { 0 };
    struct bus *b;
    int64_t start;

    c.url = arena_printf(test_arena(t), "local:%s", test_path(t, "no.sock"));
    EXPECT_OK(bus_open(&c, &b, &e), &e);
    start = time_mono_us();
    EXPECT_INT(bus_call(b, "service", "echo", NULL, NULL, WAIT_MS, &reply, &e), -EHOSTDOWN);
    EXPECT_OK(bus_listen(b, "service", on_call, NULL, &e), &e);
    bus_close(b);
    EXPECT_TRUE(time_mono_us() - start < 5000000);
}

TEST_MAIN()

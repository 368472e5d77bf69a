/* SPDX-License-Identifier: Apache-2.0 */
/* The hub against clients that do not behave. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/time.h"
#include "bus/bus.h"
#include "bus/frame.h"
#include "io/sock.h"
#include "kit/test.h"
#include "wire/json.h"

#define WAIT_MS 30000

static void pause_ms(int ms)
{
    nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000 }, NULL);
}

#define EXPECT_SOON(cond)                                 \
    do {                                                  \
        int64_t until_ = time_mono_us() + WAIT_MS * 1000; \
        while (!(cond) && time_mono_us() < until_)        \
            pause_ms(2);                                  \
        EXPECT_TRUE(cond);                                \
    } while (0)

/* --- Helpers --------------------------------------------------------------- */

static void hub_stop(void *hub)
{
    bus_hub_stop(hub);
}

/* The path of a hub's socket. */
static const char *hub_start(struct test *t)
{
    const char *path = test_path(t, "hub.sock");
    struct bus_hub *hub;
    struct err e = { 0 };

    EXPECT_OK(bus_hub_start(path, 0600, NULL, &hub, &e), &e);
    test_cleanup(t, hub_stop, hub);
    return path;
}

static void bus_end(void *bus)
{
    bus_close(bus);
}

static struct bus *bus_start(struct test *t, const char *path)
{
    struct bus_config c = { .url = arena_printf(test_arena(t), "local:%s", path), .name = "test" };
    struct bus *b;
    struct err e = { 0 };

    EXPECT_OK(bus_open(&c, &b, &e), &e);
    test_cleanup(t, bus_end, b);
    EXPECT_SOON(bus_is_connected(b));
    return b;
}

/* A connection without a bus behind it. */
struct raw {
    int fd;
    struct frame_reader in;
};

static void raw_end(void *arg)
{
    struct raw *r = arg;

    frame_reader_done(&r->in);
    if (r->fd >= 0)
        close(r->fd);
    r->fd = -1;
}

static struct raw *raw_start(struct test *t, const char *path)
{
    struct raw *r = arena_new(test_arena(t), struct raw);
    struct err e = { 0 };

    r->fd = sock_connect_unix(path, &e);
    EXPECT_OK(r->fd, &e);
    test_cleanup(t, raw_end, r);
    return r;
}

static void raw_send(struct raw *r, enum frame_type type, uint64_t id, const char *topic, const char *body)
{
    auto_frame struct frame *f = frame_new(type, id, topic, "method", NULL, body, strlen(body));

    EXPECT_INT(write_all(r->fd, f->wire, f->size), 0);
}

/* The next frame, or null at the connection's end. */
static struct frame *raw_read(struct raw *r)
{
    struct frame *f = NULL;
    int64_t until = time_mono_us() + WAIT_MS * 1000;
    int e;

    do {
        r->in.budget = 100;
        e = frame_read(&r->in, r->fd, &f);
        if (e == -EAGAIN)
            pause_ms(1);
    } while (e == -EAGAIN && time_mono_us() < until);
    return e < 0 ? NULL : f;
}

static void raw_expect(struct raw *r, enum frame_type type, uint64_t id)
{
    auto_frame struct frame *f = raw_read(r);

    EXPECT_TRUE(f != NULL);
    EXPECT_INT(f->type, type);
    EXPECT_INT(f->id, id);
}

static int on_echo(void *ctx, struct bus_message *m, struct err *err)
{
    m->reply = json_incref((json_t *) m->args);
    return 0;
}

/* A call in a thread of its own. */
struct call {
    pthread_t thread;
    struct bus *bus;
    int result;
    struct err err;
    json_t *reply;
    atomic_bool done;
};

static void *call_run(void *arg)
{
    struct call *c = arg;

    c->result = bus_call(c->bus, "service", "ask", NULL, NULL, WAIT_MS, &c->reply, &c->err);
    atomic_store(&c->done, true);
    return NULL;
}

static void call_end(void *arg)
{
    struct call *c = arg;

    pthread_join(c->thread, NULL);
    json_decref(c->reply);
}

static struct call *call_start(struct test *t, struct bus *b)
{
    struct call *c = arena_new(test_arena(t), struct call);

    c->bus = b;
    EXPECT_INT(pthread_create(&c->thread, NULL, call_run, c), 0);
    test_cleanup(t, call_end, c);
    return c;
}

/* --- Tests ----------------------------------------------------------------- */

TEST(who_speaks_nonsense_is_cut_off_and_the_others_are_served)
{
    const char *path = hub_start(t);
    struct bus *b = bus_start(t, path);
    struct raw *r = raw_start(t, path);
    auto_json json_t *reply = NULL;
    struct err e = { 0 };

    EXPECT_OK(bus_listen(b, "service", on_echo, NULL, &e), &e);
    EXPECT_INT(write_all(r->fd, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", 27), 0);
    EXPECT_TRUE(raw_read(r) == NULL);
    EXPECT_OK(bus_call(b, "service", "ask", NULL, NULL, WAIT_MS, &reply, &e), &e);
}

TEST(a_listener_that_vanishes_fails_its_calls_at_once)
{
    const char *path = hub_start(t);
    struct raw *listener = raw_start(t, path);
    struct call *c;
    auto_frame struct frame *f = NULL;

    raw_send(listener, FRAME_LISTEN, 1, "service", "");
    raw_expect(listener, FRAME_DONE, 1);
    c = call_start(t, bus_start(t, path));
    f = raw_read(listener);
    EXPECT_TRUE(f && f->type == FRAME_CALL);
    raw_end(listener);
    EXPECT_SOON(atomic_load(&c->done));
    EXPECT_INT(c->result, -EHOSTDOWN);
    EXPECT_MATCH(c->err.msg, "went away");
}

TEST(only_who_was_asked_may_answer_and_only_once)
{
    const char *path = hub_start(t);
    struct raw *listener = raw_start(t, path), *stranger = raw_start(t, path);
    auto_frame struct frame *f = NULL;
    struct call *c;

    raw_send(listener, FRAME_LISTEN, 1, "service", "");
    raw_expect(listener, FRAME_DONE, 1);
    c = call_start(t, bus_start(t, path));
    f = raw_read(listener);
    EXPECT_TRUE(f && f->type == FRAME_CALL);
    raw_send(stranger, FRAME_REPLY, f->id, "", "{\"from\": \"stranger\"}");
    raw_send(stranger, FRAME_LISTEN, 2, "other", ""); /* Answered in order: the reply was seen. */
    raw_expect(stranger, FRAME_DONE, 2);
    EXPECT_TRUE(!atomic_load(&c->done));
    raw_send(listener, FRAME_REPLY, f->id, "", "{\"from\": \"listener\"}");
    raw_send(listener, FRAME_REPLY, f->id, "", "{\"from\": \"late\"}");
    raw_send(listener, FRAME_REPLY, f->id + 1, "", "{}");
    raw_send(listener, FRAME_ERROR, UINT64_MAX, "", "{}");
    raw_send(listener, FRAME_ERROR, 0, "", "{}");
    EXPECT_SOON(atomic_load(&c->done));
    EXPECT_INT(c->result, 0);
    EXPECT_STR(json_str(c->reply, "from"), "listener");
}

TEST(an_answer_that_is_no_json_is_an_error_for_the_caller)
{
    const char *path = hub_start(t);
    struct raw *listener = raw_start(t, path);
    struct bus *b = bus_start(t, path);
    static const char *const answers[] = { "", "{", "[1,2", "{\"a\": \"\xff\"}" };

    raw_send(listener, FRAME_LISTEN, 1, "service", "");
    raw_expect(listener, FRAME_DONE, 1);
    for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
        struct call *c = call_start(t, b);
        auto_frame struct frame *f = raw_read(listener);

        EXPECT_TRUE(f && f->type == FRAME_CALL);
        raw_send(listener, i % 2 ? FRAME_REPLY : FRAME_ERROR, f->id, "", answers[i]);
        EXPECT_SOON(atomic_load(&c->done));
        EXPECT_INT(c->result, i % 2 ? -EINVAL : -EIO);
    }
}

TEST(who_does_not_read_gets_no_more_and_holds_up_nobody)
{
    const char *path = hub_start(t);
    struct raw *lazy = raw_start(t, path);
    struct bus *b = bus_start(t, path);
    char *text = arena_alloc(test_arena(t), (1u << 20) + 1);
    auto_json json_t *args = NULL, *reply = NULL;
    struct err e = { 0 };
    int r = 0, taken = 0;

    memset(text, 'x', 1u << 20);
    args = json_pack("{s:s}", "text", text);
    raw_send(lazy, FRAME_LISTEN, 1, "lazy", "");
    raw_send(lazy, FRAME_SUBSCRIBE, 2, "news", "");
    raw_expect(lazy, FRAME_DONE, 1);
    raw_expect(lazy, FRAME_DONE, 2);
    EXPECT_OK(bus_listen(b, "service", on_echo, NULL, &e), &e);
    for (; taken < 200 && r >= 0; taken++)
        r = bus_cast(b, "lazy", "take", args, NULL, &e);
    EXPECT_INT(r, -EAGAIN);
    EXPECT_MATCH(e.msg, "too much to do");
    EXPECT_TRUE(taken >= 60 && taken < 70); /* The bound is 64 MiB. */
    EXPECT_INT(bus_call(b, "lazy", "ask", NULL, NULL, WAIT_MS, &reply, &e), -EAGAIN);
    EXPECT_OK(bus_publish(b, "news", "hear", args, NULL, &e), &e);
    EXPECT_OK(bus_call(b, "service", "ask", args, NULL, WAIT_MS, &reply, &e), &e);
}

TEST(a_second_hub_on_the_same_path_is_refused_and_a_dead_ones_socket_replaced)
{
    const char *path = hub_start(t);
    struct bus_hub *second = NULL;
    struct err e = { 0 };

    EXPECT_TRUE(bus_hub_start(path, 0600, NULL, &second, &e) < 0);
    EXPECT_TRUE(!second);
    bus_start(t, path);
}

TEST_MAIN()

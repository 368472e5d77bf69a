/* SPDX-License-Identifier: Apache-2.0 */
/* The part of the bus that all drivers share: questions and their answers,
 * and the thread that keeps the connection. */
#include "bus/bus.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>

#include "base/str.h"
#include "base/time.h"
#include "bus/internal.h"
#include "wire/json.h"

#define BACKOFF_MIN_MS 50
#define BACKOFF_MAX_MS 2000
#define CAST_MS        10000 /* How long the broker may take to accept something. */
#define CLOSE_MS       1000  /* For the last answers to leave. */
#define OUT_COUNT_MAX  10000 /* Publications that may wait to be sent, with all else. */
#define OUT_BYTES_MAX  (64u << 20)

static const struct bus_driver *const drivers[] = { &bus_driver_local, &bus_driver_rabbitmq };

const struct log *bus_log(const struct bus *b)
{
    return b->log;
}

const char *bus_name(const struct bus *b)
{
    return b->name;
}

static void bus_wake(struct bus *b)
{
    uint64_t one = 1;

    if (write(b->wake_fd, &one, sizeof(one)) < 0)
        return; /* Its counter is full: it is awake. */
}

static void out_add(struct bus *b, struct frame *f)
{
    bool first = !b->out.head;

    frame_list_add(&b->out, f);
    if (first)
        bus_wake(b);
}

void bus_send(struct bus *b, struct frame *f)
{
    pthread_mutex_lock(&b->lock);
    out_add(b, f);
    pthread_mutex_unlock(&b->lock);
}

/* --- Questions ------------------------------------------------------------- */

static struct question **question_place(struct bus *b, uint64_t id)
{
    struct question **q = &b->questions[id % QUESTION_BUCKETS];

    while (*q && (*q)->id != id)
        q = &(*q)->next;
    return q;
}

/* Takes 'f', the answer. */
void bus_answer(struct bus *b, struct frame *f)
{
    struct question *q;

    pthread_mutex_lock(&b->lock);
    q = *question_place(b, f->id);
    if (q && !q->answer) {
        q->answer = steal(&f);
        pthread_cond_signal(&q->answered);
    }
    pthread_mutex_unlock(&b->lock);
    frame_unref(f); /* Too late, or nobody asked. */
}

void bus_answer_error(struct bus *b, uint64_t id, int code, const char *words)
{
    struct frame *f;
    struct err e = { 0 };

    err_set(&e, code, "%s", words);
    f = frame_new_error(id, &e);
    if (f)
        bus_answer(b, f);
}

static void questions_fail_all(struct bus *b)
{
    struct err e = { 0 };

    err_set(&e, -EHOSTDOWN, "The connection to the bus was lost.");
    pthread_mutex_lock(&b->lock);
    for (size_t i = 0; i < QUESTION_BUCKETS; i++)
        for (struct question *q = b->questions[i]; q; q = q->next) {
            if (!q->answer)
                q->answer = frame_new_error(q->id, &e);
            pthread_cond_signal(&q->answered);
        }
    pthread_mutex_unlock(&b->lock);
}

static struct timespec deadline_in(unsigned ms)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += ms / 1000;
    t.tv_nsec += (long) (ms % 1000) * 1000000;
    if (t.tv_nsec >= 1000000000) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000;
    }
    return t;
}

static void cond_init_monotonic(pthread_cond_t *c)
{
    pthread_condattr_t attr;

    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(c, &attr);
    pthread_condattr_destroy(&attr);
}

/* Sends 'f' and waits for what comes back: the caller's reference in
 * '*ret_answer', or -EHOSTDOWN, -ETIMEDOUT.  Takes 'f'. */
static int question_ask(struct bus *b, struct frame *f, unsigned timeout_ms, struct frame **ret_answer,
                        struct err *err)
{
    auto_frame struct frame *kept = frame_ref(f); /* For the words after it was sent. */
    struct timespec until = deadline_in(timeout_ms);
    struct question q = { 0 };

    cond_init_monotonic(&q.answered);
    pthread_mutex_lock(&b->lock);
    if (!b->connected) {
        pthread_mutex_unlock(&b->lock);
        pthread_cond_destroy(&q.answered);
        frame_unref(f);
        return err_set(err, -EHOSTDOWN, "The bus is not connected.");
    }
    q.id = ++b->last_id;
    frame_set_id(f, q.id);
    f->epoch = b->epoch;
    q.next = b->questions[q.id % QUESTION_BUCKETS];
    b->questions[q.id % QUESTION_BUCKETS] = &q;
    out_add(b, f);
    while (!q.answer && pthread_cond_timedwait(&q.answered, &b->lock, &until) != ETIMEDOUT)
        ;
    *question_place(b, q.id) = q.next;
    pthread_mutex_unlock(&b->lock);
    pthread_cond_destroy(&q.answered);
    if (!q.answer)
        return err_set(err, -ETIMEDOUT, "No answer to '%s' on '%s' within %u ms.", kept->method, kept->topic,
                       timeout_ms);
    *ret_answer = q.answer;
    return 0;
}

/* The other side's error becomes ours. */
static int error_from_frame(struct bus *b, const struct frame *f, struct err *err)
{
    auto_json json_t *e = NULL;
    const char *words;
    int64_t code;

    if (json_read(f->body, f->body_len, &e, NULL) < 0)
        return err_set(err, -EIO, "The answer was an error that cannot be read.");
    code = json_int(e, "code", -EIO);
    if (code >= 0 || code < -4095)
        code = -EIO;
    words = json_str(e, "words");
    err_set(err, (int) code, "%s", !str_empty(words) ? words : strerror((int) -code));
    if (err) {
        int64_t status = json_int(e, "status", 0);

        err->status = status >= 400 && status < 600 ? (int) status : 0;
        err->type = names_keep(&b->error_types, json_str(e, "type"));
    }
    return (int) code;
}

/* --- What users call ------------------------------------------------------- */

static int check_name(const char *what, const char *s, bool may_be_empty, struct err *err)
{
    if (!may_be_empty && str_empty(s))
        return err_set(err, -EINVAL, "A message needs a %s.", what);
    if (s && strlen(s) > FRAME_NAME_MAX)
        return err_set(err, -EINVAL, "The %s of a message is longer than %d characters.", what,
                       FRAME_NAME_MAX);
    return 0;
}

static int message_new(enum frame_type type, const char *topic, const char *method, const json_t *args,
                       const char *request_id, struct frame **ret, struct err *err)
{
    auto_free char *text = args ? json_dumps(args, JSON_COMPACT) : strdup("{}");
    size_t n = text ? strlen(text) : 0;
    int r = check_name("topic", topic, false, err);

    if (r >= 0)
        r = check_name("method", method, false, err);
    if (r >= 0)
        r = check_name("request id", request_id, true, err);
    if (r < 0)
        return r;
    if (!text)
        return err_set(err, -EINVAL, "The arguments of '%s' cannot be written as JSON.", method);
    if (n > FRAME_BODY_MAX)
        return err_set(err, -EFBIG, "The arguments of '%s' are longer than %u bytes.", method,
                       FRAME_BODY_MAX);
    *ret = frame_new(type, 0, topic, method, request_id, text, n);
    return *ret ? 0 : err_set(err, -ENOMEM, "No memory for a message of %zu bytes.", n);
}

int bus_call(struct bus *b, const char *topic, const char *method, const json_t *args, const char *request_id,
             unsigned timeout_ms, json_t **ret, struct err *err)
{
    auto_frame struct frame *answer = NULL;
    struct frame *f;
    int r = message_new(FRAME_CALL, topic, method, args, request_id, &f, err);

    if (r < 0)
        return r;
    f->ttl_ms = timeout_ms;
    r = question_ask(b, f, timeout_ms, &answer, err);
    if (r < 0)
        return r;
    if (answer->type != FRAME_REPLY)
        return error_from_frame(b, answer, err);
    r = json_read(answer->body, answer->body_len, ret, err);
    return r < 0 ? err_prefix(err, r, "the answer to '%s'", method) : 0;
}

int bus_cast(struct bus *b, const char *topic, const char *method, const json_t *args, const char *request_id,
             struct err *err)
{
    auto_frame struct frame *answer = NULL;
    struct frame *f;
    int r = message_new(FRAME_CAST, topic, method, args, request_id, &f, err);

    if (r >= 0)
        r = question_ask(b, f, CAST_MS, &answer, err);
    if (r >= 0 && answer->type == FRAME_ERROR)
        r = error_from_frame(b, answer, err);
    return r;
}

int bus_publish(struct bus *b, const char *topic, const char *method, const json_t *args,
                const char *request_id, struct err *err)
{
    struct frame *f;
    bool connected, room;
    int r = message_new(FRAME_PUBLISH, topic, method, args, request_id, &f, err);

    if (r < 0)
        return r;
    pthread_mutex_lock(&b->lock);
    connected = b->connected;
    room = b->out.count < OUT_COUNT_MAX && b->out.bytes < OUT_BYTES_MAX;
    f->epoch = b->epoch;
    if (connected && room)
        out_add(b, steal(&f));
    pthread_mutex_unlock(&b->lock);
    frame_unref(f);
    if (!connected)
        return err_set(err, -EHOSTDOWN, "The bus is not connected.");
    return room ? 0 : err_set(err, -EAGAIN, "Too many publications wait to be sent.");
}

bool bus_is_connected(struct bus *b)
{
    bool r;

    pthread_mutex_lock(&b->lock);
    r = b->connected;
    pthread_mutex_unlock(&b->lock);
    return r;
}

/* --- Listening ------------------------------------------------------------- */

/* One process answers a topic with one handler: two would take turns. */
static int listener_add(struct bus *b, struct listener *l, struct err *err)
{
    struct listener **place = &b->listeners;
    int r = 0;

    pthread_mutex_lock(&b->lock);
    for (; *place && r == 0; place = &(*place)->next)
        if (!l->all && !(*place)->all && strcmp((*place)->topic, l->topic) == 0)
            r = -EEXIST;
    if (r == 0)
        *place = l;
    pthread_mutex_unlock(&b->lock);
    return r < 0 ? err_set(err, r, "This bus listens on '%s' already.", l->topic) : 0;
}

/* Waits until the running connection has it.  Without a connection, or when
 * it breaks now, the next one brings it along. */
static void listener_announce(struct bus *b, struct listener *l)
{
    auto_frame struct frame *answer = NULL;
    struct frame *f =
        frame_new(l->all ? FRAME_SUBSCRIBE : FRAME_LISTEN, 0, l->topic, "listen", NULL, NULL, 0);

    if (f)
        question_ask(b, f, CAST_MS, &answer, NULL);
}

static int listener_make(struct bus *b, const char *topic, bool all, bus_handler fn, void *ctx,
                         struct err *err)
{
    struct listener *l;
    int r = check_name("topic", topic, false, err);

    if (r < 0)
        return r;
    l = calloc(1, sizeof(*l));
    if (!l || !(l->topic = strdup(topic))) {
        free(l);
        return err_set(err, -ENOMEM, "No memory to listen on '%s'.", topic);
    }
    l->all = all;
    l->fn = fn;
    l->ctx = ctx;
    r = listener_add(b, l, err);
    if (r < 0) {
        free(l->topic);
        free(l);
        return r;
    }
    listener_announce(b, l);
    return 0;
}

int bus_listen(struct bus *b, const char *topic, bus_handler fn, void *ctx, struct err *err)
{
    return listener_make(b, topic, false, fn, ctx, err);
}

int bus_subscribe(struct bus *b, const char *topic, bus_handler fn, void *ctx, struct err *err)
{
    return listener_make(b, topic, true, fn, ctx, err);
}

/* --- The connection -------------------------------------------------------- */

static bool is_stopping(struct bus *b)
{
    bool r;

    pthread_mutex_lock(&b->lock);
    r = b->stop;
    pthread_mutex_unlock(&b->lock);
    return r;
}

/* A listener that this connection does not know yet; when there is none, the
 * bus is connected from here on. */
static struct listener *listener_next(struct bus *b)
{
    struct listener *l;

    pthread_mutex_lock(&b->lock);
    for (l = b->listeners; l; l = l->next)
        if (l->epoch != b->epoch)
            break;
    if (l)
        l->epoch = b->epoch;
    else
        b->connected = true;
    pthread_mutex_unlock(&b->lock);
    return l;
}

static int session_begin(struct bus *b, struct err *err)
{
    struct listener *l;
    int r;

    pthread_mutex_lock(&b->lock);
    b->epoch++;
    pthread_mutex_unlock(&b->lock);
    r = b->driver->connect(b->self, err);
    while (r >= 0 && (l = listener_next(b)))
        r = b->driver->announce(b->self, l->topic, l->all, err);
    if (r < 0)
        return r;
    log_info(b->log, "bus connected", "name", b->name);
    bus_tell_connected(b);
    return 0;
}

static int session_announce(struct bus *b, struct frame *f, struct err *err)
{
    int r = b->driver->announce(b->self, f->topic, f->type == FRAME_SUBSCRIBE, err);
    struct frame *done;

    if (r < 0)
        return r;
    done = frame_new(FRAME_DONE, f->id, NULL, NULL, NULL, NULL, 0);
    if (done)
        bus_answer(b, done);
    return 0;
}

/* Sends what users and workers have put into the list. */
static int session_send(struct bus *b, struct err *err)
{
    struct frame_list out;
    uint64_t count;
    int r = 0;

    if (read(b->wake_fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
        return err_set(err, -errno, "cannot read the wake-up");
    pthread_mutex_lock(&b->lock);
    out = b->out;
    b->out = (struct frame_list){ 0 };
    pthread_mutex_unlock(&b->lock);
    while (r >= 0 && out.head) {
        auto_frame struct frame *f = frame_list_pop(&out);

        if (f->epoch != b->epoch)
            continue; /* For a connection that is gone. */
        if (f->type == FRAME_LISTEN || f->type == FRAME_SUBSCRIBE)
            r = session_announce(b, f, err);
        else
            r = b->driver->send(b->self, f, err);
    }
    frame_list_clear(&out);
    return r;
}

static int session_run(struct bus *b, struct err *err)
{
    int r = 0;

    while (r >= 0 && !is_stopping(b)) {
        r = session_send(b, err);
        if (r >= 0)
            r = b->driver->wait(b->self, b->wake_fd, 1000, err);
    }
    return r;
}

/* The last answers, as far as they go in time. */
static void session_finish(struct bus *b)
{
    int64_t until = time_mono_us() + CLOSE_MS * 1000;
    int r = session_send(b, NULL);

    while (r >= 0 && b->driver->is_sending(b->self) && time_mono_us() < until)
        r = b->driver->wait(b->self, b->wake_fd, 10, NULL);
}

static void session_end(struct bus *b)
{
    pthread_mutex_lock(&b->lock);
    b->connected = false;
    pthread_mutex_unlock(&b->lock);
    questions_fail_all(b);
    b->driver->disconnect(b->self);
}

static void pause_before_retry(struct bus *b, unsigned ms)
{
    struct pollfd p = { .fd = b->wake_fd, .events = POLLIN };
    int64_t until = time_mono_us() + (int64_t) ms * 1000, left;

    /* A worker's late answer also wakes. */
    while (!is_stopping(b) && (left = until - time_mono_us()) > 0) {
        uint64_t count;

        if (poll(&p, 1, (int) (left / 1000) + 1) > 0 && read(b->wake_fd, &count, sizeof(count)) < 0)
            return;
    }
}

static void *io_main(void *arg)
{
    struct bus *b = arg;
    unsigned pause_ms = BACKOFF_MIN_MS;
    bool told = false; /* Of an outage: once is enough. */

    while (!is_stopping(b)) {
        struct err e = { 0 };
        int r = session_begin(b, &e);

        if (r >= 0) {
            pause_ms = BACKOFF_MIN_MS;
            told = false;
            r = session_run(b, &e);
        }
        if (r >= 0)
            session_finish(b);
        session_end(b);
        if (r >= 0)
            break;
        log_event(b->log, told ? LOG_LEVEL_DEBUG : LOG_LEVEL_WARNING, "bus not connected", "name", b->name,
                  "error", e.msg, NULL);
        told = true;
        pause_before_retry(b, pause_ms);
        pause_ms = pause_ms * 2 > BACKOFF_MAX_MS ? BACKOFF_MAX_MS : pause_ms * 2;
    }
    return NULL;
}

/* --- Opening and closing --------------------------------------------------- */

static int driver_open(struct bus *b, const char *url, struct err *err)
{
    for (size_t i = 0; i < ARRAY_SIZE(drivers); i++)
        if (str_has_prefix(url, drivers[i]->scheme)) {
            b->driver = drivers[i];
            return b->driver->open(b, url + strlen(b->driver->scheme), &b->self, err);
        }
    return err_set(err, -EINVAL, "The bus's URL must begin with 'local:' or 'amqp://'.");
}

/* Signals are the main thread's. */
static int thread_start(pthread_t *ret, void *(*fn)(void *), void *arg)
{
    sigset_t all, old;
    int r;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    r = -pthread_create(ret, NULL, fn, arg);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return r;
}

static void bus_free(struct bus *b)
{
    if (b->self)
        b->driver->close(b->self);
    if (b->pool)
        pool_free(b->pool);
    if (b->wake_fd >= 0)
        close(b->wake_fd);
    frame_list_clear(&b->out);
    bus_free_inbound(b);
    names_done(&b->error_types);
    pthread_mutex_destroy(&b->lock);
    free(b->name);
    free(b);
}

int bus_open(const struct bus_config *c, struct bus **ret, struct err *err)
{
    struct bus *b = calloc(1, sizeof(*b));
    int r;

    if (!b)
        return err_set(err, -ENOMEM, "No memory for the bus.");
    b->log = c->log;
    b->on_connect = c->on_connect;
    b->ctx = c->ctx;
    pthread_mutex_init(&b->lock, NULL);
    names_init(&b->error_types);
    b->name = strdup(c->name ? c->name : "");
    b->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    r = b->name && b->wake_fd >= 0 ? 0 : err_set(err, -ENOMEM, "Cannot make the bus: %s", strerror(errno));
    if (r >= 0)
        r = driver_open(b, c->url, err);
    if (r >= 0) {
        b->pool = pool_new("bus", c->workers ? c->workers : 4, 0);
        r = thread_start(&b->io, io_main, b);
        if (r < 0)
            err_set(err, r, "Cannot start the bus's thread: %s", strerror(-r));
    }
    if (r < 0) {
        bus_free(b);
        return r;
    }
    *ret = b;
    return 0;
}

void bus_close(struct bus *b)
{
    pthread_mutex_lock(&b->lock);
    b->closing = true;
    pthread_mutex_unlock(&b->lock);
    pool_free(steal(&b->pool)); /* Handlers end; their answers still go out. */
    pthread_mutex_lock(&b->lock);
    b->stop = true;
    pthread_mutex_unlock(&b->lock);
    bus_wake(b);
    pthread_join(b->io, NULL);
    bus_free(b);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What comes in: from the I/O thread to a worker, to the handler, and its
 * answer back. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "bus/internal.h"
#include "wire/json.h"

/* What may wait for a worker.  Beyond it calls are refused and the rest is
 * dropped: the I/O thread must go on reading, since the handlers themselves
 * may be waiting for answers. */
#define IN_COUNT_MAX 10000
#define IN_BYTES_MAX (128u << 20)

void frame_list_add(struct frame_list *l, struct frame *f)
{
    f->next = NULL;
    if (l->tail)
        l->tail->next = f;
    else
        l->head = f;
    l->tail = f;
    l->count++;
    l->bytes += f->size;
}

struct frame *frame_list_pop(struct frame_list *l)
{
    struct frame *f = l->head;

    if (!f)
        return NULL;
    l->head = f->next;
    if (!l->head)
        l->tail = NULL;
    l->count--;
    l->bytes -= f->size;
    return f;
}

void frame_list_clear(struct frame_list *l)
{
    struct frame *f;

    while ((f = frame_list_pop(l)))
        frame_unref(f);
}

/* --- Answers --------------------------------------------------------------- */

/* How much of the words can be JSON: they may have been cut inside a character. */
static size_t words_len(const char *words)
{
    size_t n = strlen(words), cut = n;

    while (cut > 0 && n - cut < 4 && !str_is_utf8(words, cut))
        cut--;
    return str_is_utf8(words, cut) ? cut : 0;
}

struct frame *frame_new_error(uint64_t id, const struct err *e)
{
    auto_json json_t *body = json_pack("{s:i, s:i, s:s?, s:s%}", "code", e->code, "status", e->status, "type",
                                       e->type, "words", e->msg, words_len(e->msg));
    auto_free char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;

    return text ? frame_new(FRAME_ERROR, id, NULL, NULL, NULL, text, strlen(text)) : NULL;
}

static struct frame *reply_frame(const struct frame *question, json_t *reply)
{
    auto_free char *text = reply ? json_dumps(reply, JSON_COMPACT) : strdup("{}");
    size_t n = text ? strlen(text) : 0;
    struct err e = { 0 };

    if (text && n <= FRAME_BODY_MAX)
        return frame_new(FRAME_REPLY, question->id, NULL, NULL, NULL, text, n);
    if (text)
        err_set(&e, -EFBIG, "The answer to '%s' is longer than %u bytes.", question->method, FRAME_BODY_MAX);
    else
        err_set(&e, -EINVAL, "The answer to '%s' cannot be written as JSON.", question->method);
    return frame_new_error(question->id, &e);
}

static void answer(struct bus *b, const struct frame *question, struct frame *f)
{
    if (!f) {
        log_error(b->log, "no memory for an answer", "topic", question->topic, "method", question->method);
        return;
    }
    f->epoch = question->epoch;
    bus_send(b, f);
}

static void answer_error(struct bus *b, const struct frame *question, int code, const char *words)
{
    struct err e = { 0 };

    err_set(&e, code, "%s", words);
    answer(b, question, frame_new_error(question->id, &e));
}

static void answer_done(struct bus *b, const struct frame *f)
{
    if (b->driver->wants_done)
        answer(b, f, frame_new(FRAME_DONE, f->id, NULL, NULL, NULL, NULL, 0));
}

/* --- Handlers -------------------------------------------------------------- */

/* The next listener for the message behind 'l' (null: the first). */
static struct listener *listener_find(struct bus *b, struct listener *l, const struct frame *f)
{
    pthread_mutex_lock(&b->lock);
    for (l = l ? l->next : b->listeners; l; l = l->next)
        if (l->all == (f->type == FRAME_PUBLISH) && strcmp(l->topic, f->topic) == 0)
            break;
    pthread_mutex_unlock(&b->lock);
    return l;
}

#define AGENT "agent."

bool bus_is_agent(const struct bus_message *m)
{
    return m->sender && str_has_prefix(m->sender, AGENT);
}

bool bus_may_speak_for(const struct bus_message *m, const char *host)
{
    return !bus_is_agent(m) || str_eq(m->sender + strlen(AGENT), host);
}

/* Runs one handler.  0 with the reply (may be null), or its error in 'err'. */
static int handler_run(struct bus *b, struct listener *l, const struct frame *f, const json_t *args,
                       json_t **ret_reply, struct err *err)
{
    auto_arena struct arena arena = { 0 };
    struct bus_message m = { .topic = f->topic,
                             .method = f->method,
                             .request_id = *f->request_id ? f->request_id : NULL,
                             .sender = *f->sender ? f->sender : NULL,
                             .args = args,
                             .arena = &arena };
    int r;

    r = l->fn(l->ctx, &m, err);
    if (r >= 0) {
        *ret_reply = m.reply;
        return 0;
    }
    json_decref(m.reply);
    if (err->code == 0)
        err_set(err, r, "'%s' failed.", f->method);
    return err->code = r;
}

/* Calls and casts have one handler, publications may have several. */
static int message_run(struct bus *b, const struct frame *f, json_t **ret_reply, struct err *err)
{
    struct listener *l = listener_find(b, NULL, f);
    auto_json json_t *args = NULL;
    int r;

    if (!l)
        return err_set(err, -EHOSTDOWN, "Nobody listens on '%s' any more.", f->topic);
    r = json_read(f->body, f->body_len, &args, err);
    if (r < 0)
        return err_prefix(err, r, "message '%s'", f->method);
    if (f->type != FRAME_PUBLISH)
        return handler_run(b, l, f, args, ret_reply, err);
    for (; l; l = listener_find(b, l, f)) {
        auto_json json_t *unused = NULL;
        struct err e = { 0 };

        if (handler_run(b, l, f, args, &unused, &e) < 0)
            *err = e;
    }
    return err->code;
}

static void message_handle(struct bus *b, const struct frame *f)
{
    auto_json json_t *reply = NULL;
    struct err e = { 0 };
    int r = message_run(b, f, &reply, &e);

    if (f->type == FRAME_CALL) {
        answer(b, f, r < 0 ? frame_new_error(f->id, &e) : reply_frame(f, reply));
        return;
    }
    if (r < 0) /* Nobody hears it otherwise. */
        log_warning(b->log, "a message could not be handled", "topic", f->topic, "method", f->method,
                    "request", *f->request_id ? f->request_id : NULL, "error", e.msg);
    answer_done(b, f);
}

/* On a worker: one call of this for each message in the list. */
static void worker_run(void *arg)
{
    struct bus *b = arg;
    auto_frame struct frame *f = NULL;

    pthread_mutex_lock(&b->lock);
    f = frame_list_pop(&b->in);
    pthread_mutex_unlock(&b->lock);
    if (f)
        message_handle(b, f);
}

void bus_deliver(struct bus *b, struct frame *f)
{
    bool taken, closing;

    f->epoch = b->epoch; /* Only this thread changes it. */
    pthread_mutex_lock(&b->lock);
    closing = b->closing;
    taken = !closing && b->in.count < IN_COUNT_MAX && b->in.bytes < IN_BYTES_MAX;
    if (taken)
        frame_list_add(&b->in, f);
    if (taken) /* With the lock held: bus_close() frees the pool after it said 'closing'. */
        pool_run(b->pool, worker_run, b);
    pthread_mutex_unlock(&b->lock);
    if (taken)
        return;
    if (f->type == FRAME_CALL) {
        answer_error(b, f, closing ? -EHOSTDOWN : -EAGAIN,
                     closing ? "The service is stopping." : "The service has too much to do.");
    } else {
        log_warning(b->log, "too much to do, a message is dropped", "topic", f->topic, "method", f->method);
        answer_done(b, f);
    }
    frame_unref(f);
}

static void connected_run(void *arg)
{
    struct bus *b = arg;

    b->on_connect(b->ctx);
}

void bus_tell_connected(struct bus *b)
{
    if (!b->on_connect)
        return;
    pthread_mutex_lock(&b->lock);
    if (!b->closing)
        pool_run(b->pool, connected_run, b);
    pthread_mutex_unlock(&b->lock);
}

void bus_free_inbound(struct bus *b)
{
    frame_list_clear(&b->in);
    while (b->listeners) {
        struct listener *l = b->listeners;

        b->listeners = l->next;
        free(l->topic);
        free(l);
    }
}

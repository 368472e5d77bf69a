/* SPDX-License-Identifier: Apache-2.0 */
/* The RabbitMQ driver (AMQP 0-9-1).
 *
 *   exchange PREFIX      direct: calls and casts; the topic is the routing key
 *   queue PREFIX.TOPIC   shared by all who listen on it; goes with the last of
 *                        them, so that a message that nobody would take comes
 *                        back at once (mandatory) instead of waiting
 *   exchange PREFIX.all  direct: publications
 *   two queues of this connection: answers to our calls, our subscriptions
 *
 * A message's method is its type, the request id its message id; calls have
 * reply-to and correlation id, as everywhere.  Casts go over a channel of
 * their own where the broker confirms each.  Listeners acknowledge when the
 * handler is done, so what a dead process had taken is given to another. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_tcp_socket.h>

#include "base/hash.h"
#include "base/secret.h"
#include "base/str.h"
#include "bus/driver.h"

#define CHANNEL_CASTS 1
#define CHANNEL_REST  2
#define HEARTBEAT_S   10
#define SEND_MS       30000 /* A broker that takes nothing for so long is gone. */
#define PREFETCH      64    /* Messages that a listener has taken and not yet handled. */
#define PREFIX_MAX    40
#define READ_BURST    64
#define NAME_SIZE     256 /* AMQP's short string and a NUL. */

/* What a listener has taken: where its answer goes.  The frame's id is the
 * place in the table. */
struct delivery {
    uint64_t tag;
    char *reply_to, *correlation_id; /* Null: a cast. */
    uint32_t next_free;              /* Place + 1; 0 ends the list. */
};

/* A cast that the broker has not confirmed yet. */
struct confirm {
    struct confirm *next;
    uint64_t seq, id;
};

struct rabbit {
    struct bus *bus;
    char *url;                        /* amqp_parse_url() has cut it into pieces. */
    struct amqp_connection_info info; /* Points into it. */
    char exchange[PREFIX_MAX + 1], all[PREFIX_MAX + 8];

    /* Of one connection. */
    amqp_connection_state_t conn;
    bool ready; /* It was made, and is to be closed politely. */
    char replies[NAME_SIZE], subscriptions[NAME_SIZE];
    struct hash listening; /* Topics; keys are owned. */
    struct delivery *deliveries;
    uint32_t n_deliveries, free_delivery;
    struct confirm *confirms, **confirms_end;
    uint64_t last_seq;
};

static amqp_bytes_t text_bytes(const char *s)
{
    return amqp_cstring_bytes(s);
}

/* A short string of AMQP's with a NUL. */
static const char *bytes_text(amqp_bytes_t b, char buf[static NAME_SIZE])
{
    size_t n = b.len < NAME_SIZE ? b.len : NAME_SIZE - 1;

    if (n)
        memcpy(buf, b.bytes, n);
    buf[n] = 0;
    return buf;
}

/* --- Failures -------------------------------------------------------------- */

static int fail_status(struct err *err, const char *what, int status)
{
    return err_set(err, status == AMQP_STATUS_TIMEOUT ? -ETIMEDOUT : -EHOSTDOWN, "RabbitMQ: %s: %s", what,
                   amqp_error_string2(status));
}

/* The broker's own words of why it closed a channel or the connection. */
static int fail_closed(struct err *err, const char *what, const amqp_method_t *m)
{
    amqp_bytes_t words = amqp_cstring_bytes("closed");
    char buf[NAME_SIZE];

    if (m->id == AMQP_CONNECTION_CLOSE_METHOD)
        words = ((amqp_connection_close_t *) m->decoded)->reply_text;
    else if (m->id == AMQP_CHANNEL_CLOSE_METHOD)
        words = ((amqp_channel_close_t *) m->decoded)->reply_text;
    return err_set(err, -EHOSTDOWN, "RabbitMQ: %s: %s", what, bytes_text(words, buf));
}

static int check_reply(struct err *err, const char *what, amqp_rpc_reply_t r)
{
    switch (r.reply_type) {
    case AMQP_RESPONSE_NORMAL:
        return 0;
    case AMQP_RESPONSE_SERVER_EXCEPTION:
        return fail_closed(err, what, &r.reply);
    case AMQP_RESPONSE_LIBRARY_EXCEPTION:
        return fail_status(err, what, r.library_error);
    default:
        return err_set(err, -EHOSTDOWN, "RabbitMQ: %s: no answer", what);
    }
}

static int check_rpc(struct rabbit *r, struct err *err, const char *what)
{
    return check_reply(err, what, amqp_get_rpc_reply(r->conn));
}

/* --- Opening --------------------------------------------------------------- */

static int rabbit_set_prefix(struct rabbit *r, const char *query, struct err *err)
{
    const char *prefix = "stackd";

    if (query) {
        if (!str_has_prefix(query, "prefix=") || strchr(query, '&'))
            return err_set(err, -EINVAL, "The bus's URL may end in '?prefix=NAME', nothing else.");
        prefix = query + strlen("prefix=");
    }
    if (!*prefix || strlen(prefix) > PREFIX_MAX || str_has_prefix(prefix, "amq."))
        return err_set(err, -EINVAL, "The prefix of the bus has 1 to %d characters, and not 'amq.' in front.",
                       PREFIX_MAX);
    snprintf(r->exchange, sizeof(r->exchange), "%s", prefix);
    snprintf(r->all, sizeof(r->all), "%s.all", prefix);
    return 0;
}

static void rabbit_close(void *self)
{
    struct rabbit *r = self;

    if (r->url)
        secret_wipe(r->url, strlen(r->url));
    free(r->url);
    free(r);
}

static int rabbit_open(struct bus *b, const char *rest, void **ret, struct err *err)
{
    struct rabbit *r = calloc(1, sizeof(*r));
    char *query;
    int e;

    if (!r || asprintf(&r->url, "amqp:%s", rest) < 0) {
        free(r);
        return err_set(err, -ENOMEM, "No memory for the bus.");
    }
    r->bus = b;
    hash_init(&r->listening);
    query = strchr(r->url, '?');
    if (query)
        *query++ = 0;
    e = rabbit_set_prefix(r, query, err);
    if (e >= 0 && amqp_parse_url(r->url, &r->info) != AMQP_STATUS_OK)
        e = err_set(err, -EINVAL, "The bus's URL is not 'amqp://user:password@host:port/vhost'.");
    if (e >= 0 && !*r->info.vhost)
        r->info.vhost = "/"; /* As everybody who writes "amqp://host/" means. */
    if (e < 0) {
        rabbit_close(r);
        return e;
    }
    *ret = r;
    return 0;
}

/* --- Connecting ------------------------------------------------------------ */

static void delivery_clear(struct delivery *d)
{
    free(d->reply_to);
    free(d->correlation_id);
    *d = (struct delivery){ 0 };
}

static void rabbit_disconnect(void *self)
{
    struct rabbit *r = self;

    if (r->ready) /* Fails at once when the connection is broken. */
        amqp_connection_close(r->conn, AMQP_REPLY_SUCCESS);
    if (r->conn)
        amqp_destroy_connection(r->conn); /* The broker gives to others what we had taken. */
    r->conn = NULL;
    r->ready = false;
    for (uint32_t i = 0; i < r->n_deliveries; i++)
        delivery_clear(&r->deliveries[i]);
    free(r->deliveries);
    r->deliveries = NULL;
    r->n_deliveries = r->free_delivery = 0;
    while (r->confirms) {
        struct confirm *c = r->confirms;

        r->confirms = c->next;
        free(c);
    }
    r->confirms_end = &r->confirms;
    r->last_seq = 0;
    hash_foreach (it, &r->listening)
        free(it->value);
    hash_done(&r->listening);
    hash_init(&r->listening);
}

static int open_socket(struct rabbit *r, struct err *err)
{
    struct timeval limit = { .tv_sec = BUS_CONNECT_MS / 1000 };
    amqp_socket_t *s;
    unsigned send_ms = SEND_MS;
    int on = 1, e;

    r->conn = amqp_new_connection();
    s = r->conn ? amqp_tcp_socket_new(r->conn) : NULL;
    if (!s)
        return err_set(err, -ENOMEM, "No memory for the bus.");
    e = amqp_socket_open_noblock(s, r->info.host, r->info.port, &limit);
    if (e != AMQP_STATUS_OK)
        return err_set(err, -EHOSTDOWN, "RabbitMQ at %s, port %d: %s", r->info.host, r->info.port,
                       amqp_error_string2(e));
    setsockopt(amqp_get_sockfd(r->conn), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    setsockopt(amqp_get_sockfd(r->conn), IPPROTO_TCP, TCP_USER_TIMEOUT, &send_ms, sizeof(send_ms));
    amqp_set_handshake_timeout(r->conn, &limit);
    amqp_set_rpc_timeout(r->conn, &limit);
    return 0;
}

static int log_in(struct rabbit *r, struct err *err)
{
    amqp_table_entry_t entry = { .key = amqp_cstring_bytes("connection_name"),
                                 .value = { .kind = AMQP_FIELD_KIND_UTF8,
                                            .value.bytes = amqp_cstring_bytes(bus_name(r->bus)) } };
    amqp_table_t properties = { .num_entries = 1, .entries = &entry };
    int e =
        check_reply(err, "logging in",
                    amqp_login_with_properties(r->conn, r->info.vhost, 0, 131072, HEARTBEAT_S, &properties,
                                               AMQP_SASL_METHOD_PLAIN, r->info.user, r->info.password));

    if (e < 0)
        return e;
    amqp_channel_open(r->conn, CHANNEL_CASTS);
    e = check_rpc(r, err, "opening a channel");
    if (e < 0)
        return e;
    amqp_channel_open(r->conn, CHANNEL_REST);
    e = check_rpc(r, err, "opening a channel");
    if (e < 0)
        return e;
    amqp_confirm_select(r->conn, CHANNEL_CASTS);
    e = check_rpc(r, err, "asking for confirms");
    if (e < 0)
        return e;
    amqp_basic_qos(r->conn, CHANNEL_REST, 0, PREFETCH, 0);
    return check_rpc(r, err, "limiting deliveries");
}

static int declare_exchange(struct rabbit *r, const char *name, struct err *err)
{
    amqp_exchange_declare(r->conn, CHANNEL_REST, text_bytes(name), text_bytes("direct"), 0, 0, 0, 0,
                          amqp_empty_table);
    return check_rpc(r, err, "declaring an exchange");
}

/* A queue that goes with the connection, and what it holds is never asked for
 * again: no acknowledgements. */
static int declare_own_queue(struct rabbit *r, char name[static NAME_SIZE], struct err *err)
{
    amqp_queue_declare_ok_t *q =
        amqp_queue_declare(r->conn, CHANNEL_REST, amqp_empty_bytes, 0, 0, 1, 1, amqp_empty_table);
    int e = check_rpc(r, err, "declaring a queue");

    if (e < 0)
        return e;
    bytes_text(q->queue, name);
    amqp_basic_consume(r->conn, CHANNEL_REST, text_bytes(name), amqp_empty_bytes, 0, 1, 1, amqp_empty_table);
    return check_rpc(r, err, "consuming");
}

static int rabbit_connect(void *self, struct err *err)
{
    struct rabbit *r = self;
    int e;

    rabbit_disconnect(r); /* Nothing is left of the last one. */
    e = open_socket(r, err);
    if (e >= 0)
        e = log_in(r, err);
    if (e >= 0)
        e = declare_exchange(r, r->exchange, err);
    if (e >= 0)
        e = declare_exchange(r, r->all, err);
    if (e >= 0)
        e = declare_own_queue(r, r->replies, err);
    if (e >= 0)
        e = declare_own_queue(r, r->subscriptions, err);
    r->ready = e >= 0;
    return e;
}

static int subscribe(struct rabbit *r, const char *topic, struct err *err)
{
    amqp_queue_bind(r->conn, CHANNEL_REST, text_bytes(r->subscriptions), text_bytes(r->all),
                    text_bytes(topic), amqp_empty_table);
    return check_rpc(r, err, "subscribing");
}

static int listen_on(struct rabbit *r, const char *topic, struct err *err)
{
    char queue[NAME_SIZE], *key;
    int e;

    if (hash_get(&r->listening, topic))
        return 0;
    snprintf(queue, sizeof(queue), "%s.%s", r->exchange, topic);
    amqp_queue_declare(r->conn, CHANNEL_REST, text_bytes(queue), 0, 0, 0, 1, amqp_empty_table);
    e = check_rpc(r, err, "declaring a queue");
    if (e < 0)
        return e;
    amqp_queue_bind(r->conn, CHANNEL_REST, text_bytes(queue), text_bytes(r->exchange), text_bytes(topic),
                    amqp_empty_table);
    e = check_rpc(r, err, "binding a queue");
    if (e < 0)
        return e;
    amqp_basic_consume(r->conn, CHANNEL_REST, text_bytes(queue), amqp_empty_bytes, 0, 0, 0, amqp_empty_table);
    e = check_rpc(r, err, "consuming");
    if (e >= 0 && (key = strdup(topic)))
        hash_put(&r->listening, key, key);
    return e;
}

static int rabbit_announce(void *self, const char *topic, bool all, struct err *err)
{
    return all ? subscribe(self, topic, err) : listen_on(self, topic, err);
}

/* --- Sending --------------------------------------------------------------- */

static int publish(struct rabbit *r, int channel, const char *exchange, const char *key, bool mandatory,
                   amqp_basic_properties_t *p, const struct frame *f, struct err *err)
{
    amqp_bytes_t body = { .len = f->body_len, .bytes = (void *) f->body };
    int e;

    p->_flags |= AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_APP_ID_FLAG |
                 AMQP_BASIC_USER_ID_FLAG;
    p->user_id = text_bytes(r->info.user); /* The broker refuses any other than who is logged in. */
    p->content_type = text_bytes("application/json");
    p->delivery_mode = 1;
    p->app_id = text_bytes(bus_name(r->bus));
    if (p->app_id.len >= NAME_SIZE)
        p->app_id.len = NAME_SIZE - 1;
    e = amqp_basic_publish(r->conn, channel, text_bytes(exchange), text_bytes(key), mandatory, 0, p, body);
    return e == AMQP_STATUS_OK ? 0 : fail_status(err, "sending", e);
}

static int confirm_expect(struct rabbit *r, uint64_t id)
{
    struct confirm *c = malloc(sizeof(*c));

    if (!c)
        return -ENOMEM;
    *c = (struct confirm){ .seq = ++r->last_seq, .id = id };
    *r->confirms_end = c;
    r->confirms_end = &c->next;
    return 0;
}

static int send_message(struct rabbit *r, struct frame *f, struct err *err)
{
    bool call = f->type == FRAME_CALL, cast = f->type == FRAME_CAST;
    char id[24], ttl[16];
    amqp_basic_properties_t p = { ._flags = AMQP_BASIC_TYPE_FLAG, .type = text_bytes(f->method) };

    if (*f->request_id) {
        p._flags |= AMQP_BASIC_MESSAGE_ID_FLAG;
        p.message_id = text_bytes(f->request_id);
    }
    if (call || cast) {
        snprintf(id, sizeof(id), "%llu", (unsigned long long) f->id);
        p._flags |= AMQP_BASIC_CORRELATION_ID_FLAG;
        p.correlation_id = text_bytes(id);
    }
    if (call) { /* Nobody waits for the answer any longer than that. */
        snprintf(ttl, sizeof(ttl), "%u", f->ttl_ms);
        p._flags |= AMQP_BASIC_REPLY_TO_FLAG | AMQP_BASIC_EXPIRATION_FLAG;
        p.reply_to = text_bytes(r->replies);
        p.expiration = text_bytes(ttl);
    }
    if (cast && confirm_expect(r, f->id) < 0)
        return err_set(err, -ENOMEM, "No memory to send.");
    return publish(r, cast ? CHANNEL_CASTS : CHANNEL_REST, call || cast ? r->exchange : r->all, f->topic,
                   call || cast, &p, f, err);
}

/* The handler of a delivery is done: its answer, and that it need not be
 * given to anybody else. */
static int send_answer(struct rabbit *r, struct frame *f, struct err *err)
{
    struct delivery *d = f->id && f->id <= r->n_deliveries ? &r->deliveries[f->id - 1] : NULL;
    int e = 0;

    if (!d || !d->tag)
        return 0;
    if (d->reply_to && f->type != FRAME_DONE) {
        amqp_basic_properties_t p = { ._flags = AMQP_BASIC_TYPE_FLAG | AMQP_BASIC_CORRELATION_ID_FLAG,
                                      .type = text_bytes(f->type == FRAME_REPLY ? "reply" : "error"),
                                      .correlation_id = text_bytes(d->correlation_id) };

        e = publish(r, CHANNEL_REST, "", d->reply_to, false, &p, f, err);
    }
    if (e >= 0) {
        int status = amqp_basic_ack(r->conn, CHANNEL_REST, d->tag, 0);

        e = status == AMQP_STATUS_OK ? 0 : fail_status(err, "acknowledging", status);
    }
    delivery_clear(d);
    d->next_free = r->free_delivery;
    r->free_delivery = (uint32_t) f->id;
    return e;
}

static int rabbit_send(void *self, struct frame *f, struct err *err)
{
    return f->type <= FRAME_PUBLISH ? send_message(self, f, err) : send_answer(self, f, err);
}

/* --- Receiving ------------------------------------------------------------- */

/* A place for what was delivered; 0 without memory. */
static uint32_t delivery_keep(struct rabbit *r, const amqp_envelope_t *m)
{
    const amqp_basic_properties_t *p = &m->message.properties;
    char buf[NAME_SIZE];
    struct delivery *d;
    uint32_t id;

    if (!r->free_delivery) {
        uint32_t n = r->n_deliveries ? r->n_deliveries * 2 : 64;
        struct delivery *more = realloc(r->deliveries, n * sizeof(*more));

        if (!more)
            return 0;
        for (uint32_t i = r->n_deliveries; i < n; i++)
            more[i] = (struct delivery){ .next_free = i + 1 < n ? i + 2 : 0 };
        r->free_delivery = r->n_deliveries + 1;
        r->deliveries = more;
        r->n_deliveries = n;
    }
    id = r->free_delivery;
    d = &r->deliveries[id - 1];
    r->free_delivery = d->next_free;
    *d = (struct delivery){ .tag = m->delivery_tag };
    if (p->_flags & AMQP_BASIC_REPLY_TO_FLAG) {
        d->reply_to = strdup(bytes_text(p->reply_to, buf));
        d->correlation_id = strdup(bytes_text(p->correlation_id, buf));
        if (!d->reply_to || !d->correlation_id)
            delivery_clear(d);
    }
    return id;
}

static uint64_t correlation_id(const amqp_basic_properties_t *p)
{
    char buf[NAME_SIZE];
    uint64_t id = 0;

    if (p->_flags & AMQP_BASIC_CORRELATION_ID_FLAG)
        str_to_u64(bytes_text(p->correlation_id, buf), &id);
    return id;
}

static void take_answer(struct rabbit *r, const amqp_message_t *m, const char *type)
{
    struct frame *f = frame_new(strcmp(type, "error") == 0 ? FRAME_ERROR : FRAME_REPLY,
                                correlation_id(&m->properties), NULL, NULL, NULL, m->body.bytes, m->body.len);

    if (f)
        bus_answer(r->bus, f);
}

static void take_message(struct rabbit *r, amqp_envelope_t *m, const char *method, bool all)
{
    const amqp_basic_properties_t *p = &m->message.properties;
    bool call = p->_flags & AMQP_BASIC_REPLY_TO_FLAG;
    char topic[NAME_SIZE], request_id[NAME_SIZE] = "";
    struct frame *f;
    uint32_t id = all ? 0 : delivery_keep(r, m);

    bytes_text(m->routing_key, topic);
    if (p->_flags & AMQP_BASIC_MESSAGE_ID_FLAG)
        bytes_text(p->message_id, request_id);
    f = frame_new(all    ? FRAME_PUBLISH
                  : call ? FRAME_CALL
                         : FRAME_CAST,
                  id, topic, method, request_id, m->message.body.bytes, m->message.body.len);
    if (!f)
        return;
    if (p->_flags & AMQP_BASIC_USER_ID_FLAG && p->user_id.len < sizeof(f->sender))
        memcpy(f->sender, p->user_id.bytes, p->user_id.len);
    else /* Nobody of ours: whoever it is says no more than an agent without a host. */
        strcpy(f->sender, "agent.");
    bus_deliver(r->bus, f);
}

static void take_envelope(struct rabbit *r, amqp_envelope_t *m)
{
    char exchange[NAME_SIZE], type[NAME_SIZE] = "";

    bytes_text(m->exchange, exchange);
    if (m->message.properties._flags & AMQP_BASIC_TYPE_FLAG)
        bytes_text(m->message.properties.type, type);
    if (m->message.body.len > FRAME_BODY_MAX) {
        log_warning(bus_log(r->bus), "a message longer than the bus allows is dropped", "type", type);
        if (strcmp(exchange, r->exchange) == 0)
            amqp_basic_ack(r->conn, CHANNEL_REST, m->delivery_tag, 0);
    } else if (!*exchange) {
        take_answer(r, &m->message, type);
    } else {
        take_message(r, m, type, strcmp(exchange, r->all) == 0);
    }
}

/* The broker says what became of casts up to ('multiple') or with 'seq'. */
static void take_confirm(struct rabbit *r, uint64_t seq, bool multiple, bool ok)
{
    struct confirm **at = &r->confirms;

    while (*at && (*at)->seq <= seq) {
        struct confirm *c = *at;

        if (!multiple && c->seq != seq) {
            at = &c->next;
            continue;
        }
        *at = c->next;
        if (ok) {
            struct frame *f = frame_new(FRAME_DONE, c->id, NULL, NULL, NULL, NULL, 0);

            if (f)
                bus_answer(r->bus, f);
        } else {
            bus_answer_error(r->bus, c->id, -EAGAIN, "The broker did not take the message.");
        }
        free(c);
    }
    if (!*at)
        r->confirms_end = at;
}

/* Nobody listens: the broker gives the message back. */
static int take_return(struct rabbit *r, const amqp_frame_t *frame, struct err *err)
{
    const amqp_basic_return_t *m = frame->payload.method.decoded;
    char topic[NAME_SIZE], words[NAME_SIZE + 32];
    amqp_message_t message;
    int e;

    bytes_text(m->routing_key, topic);
    e = check_reply(err, "reading", amqp_read_message(r->conn, frame->channel, &message, 0));
    if (e < 0)
        return e;
    snprintf(words, sizeof(words), "Nobody listens on '%s'.", topic);
    bus_answer_error(r->bus, correlation_id(&message.properties), -EHOSTDOWN, words);
    amqp_destroy_message(&message);
    return 0;
}

/* Everything that is no delivery. */
static int take_method(struct rabbit *r, struct err *err)
{
    amqp_frame_t frame;
    int status = amqp_simple_wait_frame(r->conn, &frame);
    const amqp_method_t *m = &frame.payload.method;

    if (status != AMQP_STATUS_OK)
        return fail_status(err, "reading", status);
    if (frame.frame_type != AMQP_FRAME_METHOD)
        return err_set(err, -EPROTO, "RabbitMQ: a frame of type %d was not expected", frame.frame_type);
    switch (m->id) {
    case AMQP_BASIC_ACK_METHOD: {
        const amqp_basic_ack_t *ack = m->decoded;

        take_confirm(r, ack->delivery_tag, ack->multiple, true);
        return 0;
    }
    case AMQP_BASIC_NACK_METHOD: {
        const amqp_basic_nack_t *nack = m->decoded;

        take_confirm(r, nack->delivery_tag, nack->multiple, false);
        return 0;
    }
    case AMQP_BASIC_RETURN_METHOD:
        return take_return(r, &frame, err);
    case AMQP_CONNECTION_CLOSE_METHOD:
    case AMQP_CHANNEL_CLOSE_METHOD:
        return fail_closed(err, "closed by the broker", m);
    case AMQP_BASIC_CANCEL_METHOD: /* Somebody deleted a queue: begin again. */
        return err_set(err, -EHOSTDOWN, "RabbitMQ: the broker ended our consuming");
    default: /* Such as connection.blocked, of which we did not ask to be told. */
        return 0;
    }
}

/* One delivery or method: -EAGAIN when there is none. */
static int take_next(struct rabbit *r, struct err *err)
{
    struct timeval now = { 0 };
    amqp_envelope_t m;
    amqp_rpc_reply_t reply;

    amqp_maybe_release_buffers(r->conn);
    reply = amqp_consume_message(r->conn, &m, &now, 0);
    if (reply.reply_type == AMQP_RESPONSE_NORMAL) {
        take_envelope(r, &m);
        amqp_destroy_envelope(&m);
        return 0;
    }
    if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION) {
        if (reply.library_error == AMQP_STATUS_TIMEOUT)
            return -EAGAIN;
        if (reply.library_error == AMQP_STATUS_UNEXPECTED_STATE)
            return take_method(r, err);
    }
    return check_reply(err, "reading", reply);
}

static int rabbit_wait(void *self, int wake_fd, int timeout_ms, struct err *err)
{
    struct rabbit *r = self;
    struct pollfd p[2] = { { .fd = amqp_get_sockfd(r->conn), .events = POLLIN },
                           { .fd = wake_fd, .events = POLLIN } };
    bool buffered = amqp_frames_enqueued(r->conn) || amqp_data_in_buffer(r->conn);
    int e = 0;

    if (poll(p, 2, buffered ? 0 : timeout_ms) < 0 && errno != EINTR)
        return err_set(err, -errno, "cannot wait for RabbitMQ");
    /* Also without anything to read: the library sends heartbeats here and
     * notices when the broker's are missing. */
    for (int i = 0; i < READ_BURST && e >= 0; i++)
        e = take_next(r, err);
    return e == -EAGAIN ? 0 : e;
}

static bool rabbit_is_sending(void *self)
{
    return false; /* Sending waits until all is written. */
}

const struct bus_driver bus_driver_rabbitmq = {
    .scheme = "amqp:",
    .wants_done = true,
    .open = rabbit_open,
    .close = rabbit_close,
    .connect = rabbit_connect,
    .disconnect = rabbit_disconnect,
    .announce = rabbit_announce,
    .send = rabbit_send,
    .wait = rabbit_wait,
    .is_sending = rabbit_is_sending,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* Websockets: the handshake, and a relay that holds a bounded number of bytes
 * in each direction: whoever does not read stops the other side. */
#include "wire/ws.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include <wslay/wslay.h>

#include "base/str.h"
#include "base/time.h"
#include "crypto/digest.h"

#define PIECE          ((size_t) 16 << 10)
#define TO_PEER_MAX    ((size_t) 64 << 10)
#define TO_CLIENT_MAX  ((size_t) 128 << 10)
#define MESSAGES_MAX   64 /* So that pings cannot pile up pongs. */
#define PING_MS        30000
#define SILENCE_MAX_MS 100000
#define FAREWELL_MS    5000

/* --- The handshake. ----------------------------------------------------------- */

char *ws_accept_key(struct arena *a, const char *key)
{
    char *text = arena_printf(a, "%s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
    uint8_t sum[DIGEST_MAX];
    size_t n = digest_of(DIGEST_SHA1, text, strlen(text), sum);

    return base64_encode(a, sum, n);
}

/* Whether a comma separated list has 'token', in any case. */
static bool has_token(const char *list, const char *token)
{
    size_t len = strlen(token);

    while (list && *list) {
        size_t n, trimmed;

        list += strspn(list, " \t,");
        trimmed = n = strcspn(list, ",");
        while (trimmed && (list[trimmed - 1] == ' ' || list[trimmed - 1] == '\t'))
            trimmed--;
        if (trimmed == len && strncasecmp(list, token, len) == 0)
            return true;
        list += n;
    }
    return false;
}

static bool is_key(struct arena *a, const char *key)
{
    uint8_t *bytes;
    size_t n;

    return key && base64_decode(a, key, strlen(key), &bytes, &n) == 0 && n == 16;
}

int ws_handshake(struct http_request *rq, struct err *err)
{
    const char *key = http_header_get(rq, "Sec-WebSocket-Key");

    if (rq->method != HTTP_GET || !has_token(http_header_get(rq, "Connection"), "upgrade") ||
        !has_token(http_header_get(rq, "Upgrade"), "websocket"))
        return err_set(err, -EINVAL, "This is not a websocket request.");
    if (!str_eq(http_header_get(rq, "Sec-WebSocket-Version"), "13"))
        return err_set(err, -EINVAL, "Only version 13 of the websocket protocol is supported.");
    if (!is_key(rq->arena, key))
        return err_set(err, -EINVAL, "The websocket key is malformed.");

    http_reply_header(rq, "Sec-WebSocket-Accept", ws_accept_key(rq->arena, key));
    if (has_token(http_header_get(rq, "Sec-WebSocket-Protocol"), "binary"))
        http_reply_header(rq, "Sec-WebSocket-Protocol", "binary");
    return 0;
}

/* --- The relay. --------------------------------------------------------------- */

struct relay {
    wslay_event_context_ptr ws;
    int ws_fd, peer_fd;
    const char *extra; /* Input that was read before the relay began. */
    size_t extra_len;

    char to_peer[TO_PEER_MAX];
    size_t start, count;
    bool is_data; /* The frame that is coming in is no control frame. */

    bool peer_ended;    /* Nothing more comes from the peer. */
    uint16_t close_due; /* Code of the close frame to send behind all data; 0: none. */
    bool client_ended;
    int failed;       /* -errno of whichever side broke. */
    int64_t heard_us; /* When the client last sent anything. */
    int64_t leave_us; /* When to give up on saying good-bye; 0: not leaving. */
};

static ssize_t on_recv(wslay_event_context_ptr ws, uint8_t *buf, size_t n, int flags, void *cls)
{
    struct relay *r = cls;
    ssize_t got;

    /* All that is read now must fit, as wslay hands it over at once. */
    if (TO_PEER_MAX - r->count < n || wslay_event_get_queued_msg_count(ws) > MESSAGES_MAX) {
        wslay_event_set_error(ws, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    if (r->extra_len) {
        got = n < r->extra_len ? n : r->extra_len;
        memcpy(buf, r->extra, got);
        r->extra += got;
        r->extra_len -= got;
    } else {
        do
            got = recv(r->ws_fd, buf, n, 0);
        while (got < 0 && errno == EINTR);
    }
    if (got > 0) {
        r->heard_us = time_mono_us();
        return got;
    }
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        wslay_event_set_error(ws, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    r->client_ended = true;
    wslay_event_set_error(ws, WSLAY_ERR_CALLBACK_FAILURE);
    return -1;
}

static ssize_t on_send(wslay_event_context_ptr ws, const uint8_t *data, size_t n, int flags, void *cls)
{
    struct relay *r = cls;
    ssize_t put;

    do
        put = send(r->ws_fd, data, n, MSG_NOSIGNAL | (flags & WSLAY_MSG_MORE ? MSG_MORE : 0));
    while (put < 0 && errno == EINTR);
    if (put < 0)
        wslay_event_set_error(ws, errno == EAGAIN || errno == EWOULDBLOCK ? WSLAY_ERR_WOULDBLOCK
                                                                          : WSLAY_ERR_CALLBACK_FAILURE);
    return put;
}

static void on_frame(wslay_event_context_ptr ws, const struct wslay_event_on_frame_recv_start_arg *arg,
                     void *cls)
{
    struct relay *r = cls;

    r->is_data = !wslay_is_ctrl_frame(arg->opcode);
}

static void on_chunk(wslay_event_context_ptr ws, const struct wslay_event_on_frame_recv_chunk_arg *arg,
                     void *cls)
{
    struct relay *r = cls;
    size_t at = (r->start + r->count) % TO_PEER_MAX, n = arg->data_length, first;

    if (!r->is_data)
        return;
    first = n < TO_PEER_MAX - at ? n : TO_PEER_MAX - at;
    memcpy(r->to_peer + at, arg->data, first);
    memcpy(r->to_peer, arg->data + first, n - first);
    r->count += n;
}

/* Bytes for the peer, as many as it takes. */
static void peer_write(struct relay *r)
{
    while (r->count && !r->failed) {
        size_t n = r->count < TO_PEER_MAX - r->start ? r->count : TO_PEER_MAX - r->start;
        ssize_t put = send(r->peer_fd, r->to_peer + r->start, n, MSG_NOSIGNAL);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0) {
            if (errno != EAGAIN && errno != EWOULDBLOCK)
                r->failed = -errno;
            return;
        }
        r->start = (r->start + put) % TO_PEER_MAX;
        r->count -= put;
    }
}

static bool client_has_room(const struct relay *r)
{
    return wslay_event_get_queued_msg_length(r->ws) < TO_CLIENT_MAX;
}

/* wslay sends control frames first, so the close frame waits until all that
 * the peer said is out. */
static void peer_end(struct relay *r)
{
    r->peer_ended = true;
    r->close_due = r->failed ? WSLAY_CODE_INTERNAL_SERVER_ERROR : WSLAY_CODE_NORMAL_CLOSURE;
}

/* What the peer says, in binary frames, as long as the client takes them. */
static void peer_read(struct relay *r)
{
    while (!r->peer_ended && client_has_room(r)) {
        char buf[PIECE];
        ssize_t got = recv(r->peer_fd, buf, sizeof(buf), 0);
        struct wslay_event_msg m = { WSLAY_BINARY_FRAME, (uint8_t *) buf, got < 0 ? 0 : got };

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return;
        if (got <= 0) {
            r->failed = got < 0 ? -errno : 0;
            peer_end(r);
            return;
        }
        if (wslay_event_queue_msg(r->ws, &m) < 0)
            r->failed = -ENOMEM;
    }
}

static void client_write(struct relay *r)
{
    if (wslay_event_want_write(r->ws) && wslay_event_send(r->ws) < 0)
        r->client_ended = true;
    if (r->close_due && wslay_event_get_queued_msg_count(r->ws) == 0) {
        wslay_event_queue_close(r->ws, r->close_due, NULL, 0);
        r->close_due = 0;
        if (wslay_event_send(r->ws) < 0)
            r->client_ended = true;
    }
}

static void relay_step(struct relay *r)
{
    if (wslay_event_want_read(r->ws) && wslay_event_recv(r->ws) < 0)
        r->client_ended = true;
    peer_write(r);
    if (r->failed && !r->peer_ended)
        peer_end(r);
    if (!wslay_event_get_close_received(r->ws) && !r->client_ended)
        peer_read(r);
    client_write(r);
}

/* Whether the end has begun: then only what is on its way is delivered. */
static bool is_leaving(const struct relay *r)
{
    return r->client_ended || r->peer_ended || r->failed || wslay_event_get_close_received(r->ws) ||
           wslay_event_get_close_sent(r->ws);
}

/* Whether nothing is on its way any more. */
static bool is_over(const struct relay *r)
{
    bool client_done =
        r->client_ended || (wslay_event_get_close_sent(r->ws) && wslay_event_get_close_received(r->ws));
    bool peer_done = r->count == 0 || r->peer_ended || r->failed;

    return (client_done && peer_done) || (r->failed && !r->close_due && !wslay_event_want_write(r->ws));
}

/* Keeps track of time; how long poll() may wait, or -1 to give up. */
static int relay_time(struct relay *r, int64_t *pinged_us)
{
    int64_t now = time_mono_us();
    struct wslay_event_msg ping = { WSLAY_PING, NULL, 0 };

    if (is_leaving(r)) {
        if (!r->leave_us)
            r->leave_us = now + FAREWELL_MS * 1000;
        return now < r->leave_us ? (int) ((r->leave_us - now) / 1000 + 1) : -1;
    }
    if (now - r->heard_us > SILENCE_MAX_MS * 1000LL) {
        r->failed = -ETIMEDOUT;
        return -1;
    }
    if (now - *pinged_us >= PING_MS * 1000LL) {
        *pinged_us = now;
        wslay_event_queue_msg(r->ws, &ping);
        if (wslay_event_send(r->ws) < 0)
            r->client_ended = true;
    }
    return (int) (PING_MS - (now - *pinged_us) / 1000);
}

/* What to wait for; a descriptor without any is left out, or its hang-up
 * would wake us all the time. */
static void relay_poll(struct relay *r, int timeout_ms)
{
    bool room = TO_PEER_MAX - r->count >= PIECE && wslay_event_get_queued_msg_count(r->ws) <= MESSAGES_MAX;
    struct pollfd fds[2] = { { .fd = r->ws_fd }, { .fd = r->peer_fd } };

    if (!r->client_ended && wslay_event_want_read(r->ws) && room)
        fds[0].events |= POLLIN;
    if (!r->client_ended && wslay_event_want_write(r->ws))
        fds[0].events |= POLLOUT;
    if (!is_leaving(r) && client_has_room(r))
        fds[1].events |= POLLIN;
    if (r->count && !r->failed)
        fds[1].events |= POLLOUT;
    for (int i = 0; i < 2; i++) {
        if (!fds[i].events)
            fds[i].fd = -1;
    }
    poll(fds, 2, timeout_ms);
}

static void relay_run(struct relay *r)
{
    int64_t pinged_us = time_mono_us();
    int timeout_ms;

    for (;;) {
        relay_step(r);
        if (is_over(r))
            return;
        timeout_ms = relay_time(r, &pinged_us);
        if (timeout_ms < 0)
            return;
        relay_poll(r, timeout_ms);
    }
}

static int fd_unblock(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    return flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ? -errno : 0;
}

int ws_relay(int ws_fd, int peer_fd, const char *extra, size_t extra_len)
{
    static const struct wslay_event_callbacks callbacks = {
        .recv_callback = on_recv,
        .send_callback = on_send,
        .on_frame_recv_start_callback = on_frame,
        .on_frame_recv_chunk_callback = on_chunk,
    };
    struct relay r = {
        .ws_fd = ws_fd, .peer_fd = peer_fd, .extra = extra, .extra_len = extra_len, .heard_us = time_mono_us()
    };
    int e;

    e = fd_unblock(ws_fd);
    if (e == 0)
        e = fd_unblock(peer_fd);
    if (e < 0)
        return e;
    if (wslay_event_context_server_init(&r.ws, &callbacks, &r) < 0)
        return -ENOMEM;
    wslay_event_config_set_no_buffering(r.ws, 1);
    relay_run(&r);
    wslay_event_context_free(r.ws);
    return r.failed;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The relay between two socket pairs, with a client that makes its frames by
 * hand; and the handshake through the server. */
#include "wire/ws.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/str.h"
#include "base/strbuf.h"
#include "io/sock.h"
#include "kit/test.h"

struct pipe {
    int client, ws, peer, stream; /* client<->ws, stream<->peer */
    const char *extra;
    size_t extra_len;
    int result;
    pthread_t thread;
    bool joined;
};

static void *relay_main(void *arg)
{
    struct pipe *p = arg;

    p->result = ws_relay(p->ws, p->stream, p->extra, p->extra_len);
    close(p->ws);
    close(p->stream);
    return NULL;
}

static int pipe_join(struct pipe *p)
{
    if (!p->joined)
        pthread_join(p->thread, NULL);
    p->joined = true;
    return p->result;
}

static void pipe_stop(void *arg)
{
    struct pipe *p = arg;

    shutdown(p->client, SHUT_RDWR);
    shutdown(p->peer, SHUT_RDWR);
    pipe_join(p);
    close(p->client);
    close(p->peer);
}

static struct pipe *pipe_start(struct test *t, const char *extra, size_t extra_len)
{
    struct pipe *p = arena_new(test_arena(t), struct pipe);
    struct timeval limit = { .tv_sec = 10 };
    int a[2], b[2];

    EXPECT_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, a), 0);
    EXPECT_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, b), 0);
    setsockopt(a[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    setsockopt(b[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    *p = (struct pipe){
        .client = a[0], .ws = a[1], .peer = b[0], .stream = b[1], .extra = extra, .extra_len = extra_len
    };
    EXPECT_INT(pthread_create(&p->thread, NULL, relay_main, p), 0);
    test_cleanup(t, pipe_stop, p);
    return p;
}

/* A client's frame: masked, below 126 bytes. */
static size_t frame_make(char *out, int opcode, const char *data, size_t n)
{
    static const char mask[4] = { 1, 2, 3, 4 };

    out[0] = (char) (0x80 | opcode);
    out[1] = (char) (0x80 | n);
    memcpy(out + 2, mask, 4);
    for (size_t i = 0; i < n; i++)
        out[6 + i] = data[i] ^ mask[i % 4];
    return 6 + n;
}

static void frame_send(struct pipe *p, int opcode, const char *data, size_t n)
{
    char buf[200];

    EXPECT_INT(write_all(p->client, buf, frame_make(buf, opcode, data, n)), 0);
}

/* The server's next frame; its opcode. */
static int frame_read(struct test *t, struct pipe *p, char **ret, size_t *ret_n)
{
    unsigned char h[10];
    size_t n;

    EXPECT_INT(read_all(p->client, h, 2), 0);
    n = h[1] & 0x7f;
    EXPECT_INT(h[1] & 0x80, 0);
    if (n == 126) {
        EXPECT_INT(read_all(p->client, h, 2), 0);
        n = h[0] << 8 | h[1];
        h[0] = 0x82;
    } else if (n == 127) {
        EXPECT_INT(read_all(p->client, h, 8), 0);
        n = (size_t) h[5] << 16 | h[6] << 8 | h[7];
        h[0] = 0x82;
    }
    *ret = arena_alloc(test_arena(t), n + 1);
    *ret_n = n;
    if (n)
        EXPECT_INT(read_all(p->client, *ret, n), 0);
    return h[0] & 0x0f;
}

enum { BINARY = 2, CLOSE = 8, PING = 9, PONG = 10 };

TEST(carries_bytes_both_ways)
{
    char early[64];
    struct pipe *p = pipe_start(t, early, frame_make(early, BINARY, "early ", 6));
    char buf[32] = "", *data;
    size_t n;

    frame_send(p, BINARY, "bird", 4);
    EXPECT_INT(read_all(p->peer, buf, 10), 0);
    EXPECT_STR(buf, "early bird");
    EXPECT_INT(write_all(p->peer, "worm", 4), 0);
    EXPECT_INT(frame_read(t, p, &data, &n), BINARY);
    EXPECT_STR(data, "worm");
}

TEST(answers_pings_and_keeps_control_frames_from_the_peer)
{
    struct pipe *p = pipe_start(t, NULL, 0);
    char buf[32] = "", *data;
    size_t n;

    frame_send(p, PING, "are you there", 13);
    EXPECT_INT(frame_read(t, p, &data, &n), PONG);
    EXPECT_STR(data, "are you there");
    frame_send(p, PONG, "", 0);
    frame_send(p, BINARY, "x", 1);
    EXPECT_INT(read_all(p->peer, buf, 1), 0);
    EXPECT_STR(buf, "x");
}

TEST(says_good_bye_when_the_peer_ends)
{
    struct pipe *p = pipe_start(t, NULL, 0);
    char *data;
    size_t n;

    EXPECT_INT(write_all(p->peer, "last", 4), 0);
    shutdown(p->peer, SHUT_WR);
    EXPECT_INT(frame_read(t, p, &data, &n), BINARY);
    EXPECT_STR(data, "last");
    EXPECT_INT(frame_read(t, p, &data, &n), CLOSE);
    EXPECT_INT((unsigned char) data[0] << 8 | (unsigned char) data[1], 1000);
    frame_send(p, CLOSE, data, 2);
    EXPECT_INT(pipe_join(p), 0);
}

TEST(delivers_what_was_sent_before_a_close)
{
    struct pipe *p = pipe_start(t, NULL, 0);
    char buf[32] = "", *data;
    size_t n;

    frame_send(p, BINARY, "end", 3);
    frame_send(p, CLOSE, "\x03\xe8", 2);
    EXPECT_INT(frame_read(t, p, &data, &n), CLOSE);
    EXPECT_INT(read_all(p->peer, buf, 3), 0);
    EXPECT_STR(buf, "end");
    EXPECT_INT(pipe_join(p), 0);
    EXPECT_INT(recv(p->peer, buf, 1, 0), 0);
}

TEST(refuses_frames_without_a_mask)
{
    struct pipe *p = pipe_start(t, NULL, 0);
    char buf[4], *data;
    size_t n;

    EXPECT_INT(write_all(p->client, "\x82\x01x", 3), 0);
    EXPECT_INT(frame_read(t, p, &data, &n), CLOSE);
    EXPECT_INT((unsigned char) data[0] << 8 | (unsigned char) data[1], 1002);
    frame_send(p, CLOSE, data, 2);
    pipe_join(p);
    EXPECT_INT(recv(p->peer, buf, 1, 0), 0);
}

TEST(ends_when_the_client_is_gone)
{
    struct pipe *p = pipe_start(t, NULL, 0);

    shutdown(p->client, SHUT_RDWR);
    EXPECT_INT(pipe_join(p), 0);
}

#define BULK ((size_t) 8 << 20)

static void *bulk_send(void *arg)
{
    struct pipe *p = arg;
    char buf[200], data[100];

    for (size_t pos = 0; pos < BULK; pos += sizeof(data)) {
        for (size_t i = 0; i < sizeof(data); i++)
            data[i] = (char) ((pos + i) * 13 >> 4);
        if (write_all(p->client, buf, frame_make(buf, BINARY, data, sizeof(data))) < 0)
            return (void *) 1;
    }
    return NULL;
}

/* The peer sends back what it gets; nobody may hold more than its bounds, and
 * nothing is lost or swapped. */
static void *bulk_echo(void *arg)
{
    struct pipe *p = arg;
    char buf[50000];
    ssize_t n;

    while ((n = read(p->peer, buf, sizeof(buf))) > 0) {
        if (write_all(p->peer, buf, n) < 0)
            return (void *) 1;
    }
    return NULL;
}

TEST(carries_much_without_loss)
{
    struct pipe *p = pipe_start(t, NULL, 0);
    pthread_t sender, echo;
    size_t got = 0, wrong = 0, n;
    char *data;
    void *r;

    EXPECT_INT(pthread_create(&sender, NULL, bulk_send, p), 0);
    EXPECT_INT(pthread_create(&echo, NULL, bulk_echo, p), 0);
    while (got < BULK / 100 * 100) {
        EXPECT_INT(frame_read(t, p, &data, &n), BINARY);
        for (size_t i = 0; i < n; i++)
            wrong += data[i] != (char) ((got + i) * 13 >> 4);
        got += n;
    }
    EXPECT_INT(wrong, 0);
    pthread_join(sender, &r);
    EXPECT_TRUE(!r);
    shutdown(p->client, SHUT_RDWR);
    pipe_join(p);
    pthread_join(echo, &r);
    EXPECT_TRUE(!r);
}

/* --- The handshake. ----------------------------------------------------------- */

static struct http_head_result on_head(void *ctx, struct http_request *rq)
{
    return (struct http_head_result){ HTTP_INLINE };
}

/* A stream that sends back what it gets. */
static void *mirror(void *arg)
{
    int fd = (int) (intptr_t) arg;
    char buf[100];
    ssize_t n;

    while ((n = read(fd, buf, sizeof(buf))) > 0)
        write_all(fd, buf, n);
    close(fd);
    return NULL;
}

static void take(void *ctx, int fd, const char *extra, size_t extra_len)
{
    int pair[2];
    pthread_t thread;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0) {
        pthread_create(&thread, NULL, mirror, (void *) (intptr_t) pair[1]);
        ws_relay(fd, pair[0], extra, extra_len);
        close(pair[0]);
        pthread_join(thread, NULL);
    }
    close(fd);
}

static void on_request(void *ctx, struct http_request *rq)
{
    struct err err = { 0 };

    if (ws_handshake(rq, &err) < 0)
        http_reply(rq, 400, "text/plain", arena_strdup(rq->arena, err.msg), strlen(err.msg));
    else
        http_reply_upgrade(rq, "websocket", take, NULL);
}

static void server_stop(void *s)
{
    http_server_stop(s, 0);
}

static int dial(struct test *t)
{
    struct http_config c = { .on_head = on_head, .on_request = on_request };
    struct timeval limit = { .tv_sec = 10 };
    struct http_server *s;
    struct err err = { 0 };
    int fd;

    EXPECT_OK(http_server_start(&c, &s, &err), &err);
    test_cleanup(t, server_stop, s);
    fd = sock_connect_tcp("127.0.0.1", http_server_port(s), 5000, &err);
    EXPECT_OK(fd, &err);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    return fd;
}

static const char *shake(struct test *t, int fd, const char *headers)
{
    char *text = arena_printf(test_arena(t), "GET / HTTP/1.1\r\nHost: a\r\n%s\r\n", headers);
    struct strbuf b;
    char c;

    strbuf_init(&b, test_arena(t));
    EXPECT_INT(write_all(fd, text, strlen(text)), 0);
    while (!str_has_suffix(strbuf_str(&b), "\r\n\r\n") && read(fd, &c, 1) == 1)
        strbuf_putc(&b, c);
    return strbuf_str(&b);
}

#define UPGRADE "Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n"
#define VERSION "Sec-WebSocket-Version: 13\r\n"
#define KEY     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

TEST(shakes_hands_as_the_rfc_says)
{
    int fd = dial(t);
    const char *r = shake(t, fd, UPGRADE VERSION KEY "Sec-WebSocket-Protocol: base64, binary\r\n");
    struct pipe p = { .client = fd };
    char *data;
    size_t n;

    EXPECT_MATCH(r, "HTTP/1.1 101 ");
    EXPECT_MATCH(r, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n");
    EXPECT_MATCH(r, "Sec-WebSocket-Protocol: binary\r\n");
    frame_send(&p, BINARY, "hello", 5);
    EXPECT_INT(frame_read(t, &p, &data, &n), BINARY);
    EXPECT_STR(data, "hello");
    close(fd);
}

TEST(refuses_what_is_no_websocket_request)
{
    static const char *const bad[] = {
        VERSION KEY,     "Connection: Upgrade\r\n" VERSION KEY,
        UPGRADE KEY,     UPGRADE "Sec-WebSocket-Version: 8\r\n" KEY,
        UPGRADE VERSION, UPGRADE VERSION "Sec-WebSocket-Key: c2hvcnQ=\r\n",
    };

    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        int fd = dial(t);

        EXPECT_MATCH(shake(t, fd, bad[i]), "HTTP/1.1 400 ");
        close(fd);
    }
}

TEST_MAIN()

/* SPDX-License-Identifier: Apache-2.0 */
/* A server in this process, talked to through raw sockets and the client. */
#include "wire/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "base/strbuf.h"
#include "base/time.h"
#include "io/sock.h"
#include "kit/test.h"
#include "wire/httpc.h"

#define SIZE_BIG ((uint64_t) 64 << 20)

/* What the handlers note and the tests wait for. */
struct site {
    struct http_server *server;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    ssize_t body_result;   /* Of the last streamed body: bytes or -errno. */
    unsigned bodies_ended; /* Streamed bodies that came to an end. */
    unsigned body_started; /* Streamed bodies of which something was read. */
    unsigned done, slow;   /* Calls of on_done; of slow handlers that began. */
    bool slow_go;          /* Lets slow handlers end. */
    int done_status;
    uint64_t done_bytes;
    unsigned handled;
};

static void site_note(struct site *s, unsigned *counter)
{
    pthread_mutex_lock(&s->lock);
    (*counter)++;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

/* Waits until 'counter' reaches 'n'; false after ten seconds. */
static bool site_wait(struct site *s, const unsigned *counter, unsigned n)
{
    struct timespec until;
    int r = 0;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 10;
    pthread_mutex_lock(&s->lock);
    while (*counter < n && r == 0)
        r = pthread_cond_timedwait(&s->changed, &s->lock, &until);
    pthread_mutex_unlock(&s->lock);
    return r == 0;
}

/* --- Handlers. --------------------------------------------------------------- */

static void answer(struct http_request *rq, int status, const char *text)
{
    http_reply(rq, status, "text/plain", text, strlen(text));
}

static void hello(struct site *s, struct http_request *rq)
{
    answer(rq, 200, "hello\n");
}

static void echo(struct site *s, struct http_request *rq)
{
    http_reply_header(rq, "X-Was", arena_printf(rq->arena, "%s %s?%s", rq->method_text, rq->path, rq->query));
    http_reply(rq, 200, "application/octet-stream", rq->body, rq->body_len);
}

static void count_body(struct site *s, struct http_request *rq)
{
    char buf[40000];
    uint64_t sum = 0, total = 0;
    ssize_t n;

    while ((n = http_body_read(rq, buf, sizeof(buf))) > 0) {
        if (!total)
            site_note(s, &s->body_started);
        for (ssize_t i = 0; i < n; i++)
            sum += (unsigned char) buf[i] * ((total + i) % 251 + 1);
        total += n;
    }
    pthread_mutex_lock(&s->lock);
    s->body_result = n < 0 ? n : (ssize_t) total;
    pthread_mutex_unlock(&s->lock);
    answer(rq, 201,
           arena_printf(rq->arena, "%llu %llu", (unsigned long long) total, (unsigned long long) sum));
    site_note(s, &s->bodies_ended);
}

static void unread(struct site *s, struct http_request *rq)
{
    answer(rq, 409, "not now");
}

static void slow(struct site *s, struct http_request *rq)
{
    pthread_mutex_lock(&s->lock);
    s->slow++;
    pthread_cond_broadcast(&s->changed);
    while (!s->slow_go)
        pthread_cond_wait(&s->changed, &s->lock);
    pthread_mutex_unlock(&s->lock);
    answer(rq, 200, "slow\n");
}

static void empty(struct site *s, struct http_request *rq)
{
    http_reply(rq, 204, NULL, NULL, 0);
}

static void nothing(struct site *s, struct http_request *rq)
{
}

static void file(struct site *s, struct http_request *rq)
{
    FILE *f = tmpfile();

    fputs("0123456789", f);
    fflush(f);
    http_reply_fd(rq, 206, "text/plain", dup(fileno(f)), 3, 4);
    fclose(f);
}

static ssize_t pattern_read(void *ctx, uint64_t pos, char *buf, size_t max)
{
    uint64_t size = *(uint64_t *) ctx;

    if (max > size - pos)
        max = size - pos;
    for (size_t i = 0; i < max; i++)
        buf[i] = (char) ((pos + i) * 7);
    return max;
}

static void pattern(struct site *s, struct http_request *rq)
{
    uint64_t *size = arena_new(rq->arena, uint64_t);

    *size = 3000001;
    http_reply_stream(rq, 200, "application/octet-stream", str_eq(rq->query, "sized") ? *size : UINT64_MAX,
                      pattern_read, NULL, size);
}

static void shout(void *ctx, int fd, const char *extra, size_t extra_len)
{
    char c;

    write_all(fd, extra, extra_len);
    while (read(fd, &c, 1) == 1) {
        if (c >= 'a' && c <= 'z')
            c -= 32;
        write_all(fd, &c, 1);
    }
    close(fd);
}

static void upgrade(struct site *s, struct http_request *rq)
{
    http_reply_upgrade(rq, "shout", shout, s);
}

static const struct page {
    const char *path;
    enum http_way way;
    bool stream;
    uint64_t limit;
    void (*run)(struct site *s, struct http_request *rq);
} pages[] = {
    { "/hello", HTTP_INLINE, false, 0, hello },
    { "/work", HTTP_WORKER, false, 0, hello },
    { "/echo", HTTP_INLINE, false, 0, echo },
    { "/work/echo", HTTP_WORKER, false, 0, echo },
    { "/small", HTTP_INLINE, false, 10, echo },
    { "/stream", HTTP_WORKER, true, 0, count_body },
    { "/unread", HTTP_WORKER, true, 0, unread },
    { "/slow", HTTP_WORKER, false, 0, slow },
    { "/empty", HTTP_INLINE, false, 0, empty },
    { "/nothing", HTTP_INLINE, false, 0, nothing },
    { "/file", HTTP_WORKER, false, 0, file },
    { "/pattern", HTTP_INLINE, false, 0, pattern },
    { "/work/pattern", HTTP_WORKER, false, 0, pattern },
    { "/upgrade", HTTP_INLINE, false, 0, upgrade },
    { "/work/upgrade", HTTP_WORKER, false, 0, upgrade },
};

static struct http_head_result on_head(void *ctx, struct http_request *rq)
{
    for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
        if (str_eq(rq->path, pages[i].path)) {
            rq->user = (void *) &pages[i];
            return (struct http_head_result){ pages[i].way, pages[i].stream, pages[i].limit };
        }
    }
    http_reply_header(rq, "X-Path", rq->path);
    answer(rq, 404, "no such page");
    return (struct http_head_result){ HTTP_REPLIED };
}

static void on_request(void *ctx, struct http_request *rq)
{
    struct site *s = ctx;

    site_note(s, &s->handled);
    ((const struct page *) rq->user)->run(s, rq);
}

static void on_bad(void *ctx, struct http_request *rq, int status, const char *words)
{
    answer(rq, status, arena_printf(rq->arena, "bad: %s", words));
}

static void on_done(void *ctx, struct http_request *rq, int status, uint64_t bytes)
{
    struct site *s = ctx;

    pthread_mutex_lock(&s->lock);
    s->done_status = status;
    s->done_bytes = bytes;
    pthread_mutex_unlock(&s->lock);
    site_note(s, &s->done);
}

static void site_stop(void *arg)
{
    struct site *s = arg;

    http_server_stop(s->server, 0);
    s->server = NULL;
}

static struct http_config site_config(struct site *s)
{
    return (struct http_config){ .on_head = on_head,
                                 .on_request = on_request,
                                 .on_bad = on_bad,
                                 .on_done = on_done,
                                 .ctx = s,
                                 .workers = 4 };
}

static struct site *site_prepare(struct test *t)
{
    struct site *s = arena_new(test_arena(t), struct site);

    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->changed, NULL);
    test_cleanup(t, site_stop, s);
    return s;
}

static struct site *site_start(struct test *t)
{
    struct site *s = site_prepare(t);
    struct http_config c = site_config(s);
    struct err err = { 0 };

    EXPECT_OK(http_server_start(&c, &s->server, &err), &err);
    return s;
}

/* --- A raw client. ------------------------------------------------------------ */

static void fd_close(void *arg)
{
    close((int) (intptr_t) arg);
}

static int dial(struct test *t, struct site *s)
{
    struct err err = { 0 };
    struct timeval limit = { .tv_sec = 10 };
    int fd = sock_connect_tcp("127.0.0.1", http_server_port(s->server), 5000, &err);

    EXPECT_OK(fd, &err);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    test_cleanup(t, fd_close, (void *) (intptr_t) fd);
    return fd;
}

static void say(int fd, const char *text)
{
    EXPECT_INT(write_all(fd, text, strlen(text)), 0);
}

/* Reads until 'n' times 'mark' was seen, or the end. */
static const char *hear_until(struct test *t, int fd, const char *mark, int n)
{
    struct strbuf b;

    strbuf_init(&b, test_arena(t));
    for (;;) {
        char *room = strbuf_reserve(&b, 4096);
        ssize_t got = recv(fd, room, 4096, 0);
        int seen = 0;

        if (got < 0 && errno == EAGAIN)
            return arena_printf(test_arena(t), "silence after: %s", strbuf_str(&b));
        if (got <= 0)
            return strbuf_str(&b);
        strbuf_commit(&b, got);
        for (const char *p = strbuf_str(&b); (p = strstr(p, mark)); p += strlen(mark))
            seen++;
        if (mark && seen >= n)
            return strbuf_str(&b);
    }
}

/* Everything up to the end of the connection. */
static const char *hear(struct test *t, int fd)
{
    return hear_until(t, fd, "\001never", 1);
}

/* One request on a connection of its own; the answer until it closes. */
static const char *ask(struct test *t, struct site *s, const char *text)
{
    int fd = dial(t, s);

    say(fd, text);
    return hear(t, fd);
}

static const char *body_of(const char *answer)
{
    const char *p = strstr(answer, "\r\n\r\n");

    return p ? p + 4 : "(no body)";
}

#define HOST  "Host: a.example\r\n"
#define CLOSE "Connection: close\r\n\r\n"

/* --- Tests. -------------------------------------------------------------------- */

TEST(answers_inline_and_from_a_worker)
{
    struct site *s = site_start(t);
    const char *r = ask(t, s, "GET /hello HTTP/1.1\r\n" HOST CLOSE);

    EXPECT_MATCH(r, "HTTP/1.1 200 OK\r\n");
    EXPECT_MATCH(r, "Content-Length: 6\r\n");
    EXPECT_MATCH(r, "Content-Type: text/plain\r\n");
    EXPECT_MATCH(r, "Date: ");
    EXPECT_STR(body_of(r), "hello\n");
    EXPECT_STR(body_of(ask(t, s, "GET /work HTTP/1.1\r\n" HOST CLOSE)), "hello\n");
    EXPECT_TRUE(site_wait(s, &s->done, 2));
    EXPECT_INT(s->done_status, 200);
    EXPECT_INT(s->done_bytes, 6);
}

TEST(keeps_connections_and_takes_pipelined_requests)
{
    struct site *s = site_start(t);
    int fd = dial(t, s);
    struct http_stats stats;

    say(fd, "GET /hello HTTP/1.1\r\n" HOST "\r\n"
            "GET /work HTTP/1.1\r\n" HOST "\r\n"
            "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 6\r\n\r\nhello\n"
            "GET /nowhere HTTP/1.1\r\n" HOST "\r\n"
            "GET /work HTTP/1.1\r\n" HOST "\r\n");
    hear_until(t, fd, "hello\n", 4);
    http_server_stats(s->server, &stats);
    EXPECT_INT(stats.connections, 1);
    EXPECT_INT(stats.requests, 5);
}

TEST(collects_bodies_sized_and_chunked)
{
    struct site *s = site_start(t);
    const char *r;

    r = ask(t, s, "POST /echo?a=%20b HTTP/1.1\r\n" HOST "Content-Length: 3\r\n" CLOSE "abc");
    EXPECT_STR(body_of(r), "abc");
    EXPECT_MATCH(r, "X-Was: POST /echo?a=%20b\r\n");
    r = ask(t, s,
            "PUT /work/echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n" CLOSE
            "3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\n\r\n");
    EXPECT_STR(body_of(r), "abcdefg");
    r = ask(t, s, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 0\r\n" CLOSE);
    EXPECT_STR(body_of(r), "");
}

TEST(refuses_bodies_over_the_limit_and_closes)
{
    struct site *s = site_start(t);
    const char *r;

    EXPECT_STR(body_of(ask(t, s, "PUT /small HTTP/1.1\r\n" HOST "Content-Length: 10\r\n" CLOSE "0123456789")),
               "0123456789");
    r = ask(t, s, "PUT /small HTTP/1.1\r\n" HOST "Content-Length: 11\r\n\r\n0123456789a");
    EXPECT_MATCH(r, "HTTP/1.1 413 ");
    EXPECT_MATCH(r, "bad: the body is too large");
    EXPECT_MATCH(r, "Connection: close");
    r = ask(t, s,
            "PUT /small HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
            "6\r\nabcdef\r\n6\r\nabcdef\r\n0\r\n\r\n");
    EXPECT_MATCH(r, "HTTP/1.1 413 ");
    EXPECT_MATCH(r, "Connection: close");
    r = ask(t, s, "PUT /small HTTP/1.1\r\n" HOST "Content-Length: 99999999999\r\n\r\nabc");
    EXPECT_MATCH(r, "HTTP/1.1 413 ");
    EXPECT_INT(s->handled, 1);
}

TEST(refuses_what_could_be_read_in_two_ways)
{
    static const char *const bad[] = {
        "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
        "POST /echo HTTP/1.1\r\n" HOST "Content-Length: +3\r\n\r\nabc",
        "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 3, 3\r\n\r\nabc",
        "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: identity\r\n\r\n",
        "POST /echo HTTP/1.1\r\n" HOST
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET /hello HTTP/1.1\r\n\r\n",
        "GET /hello HTTP/1.1\r\n" HOST HOST "\r\n",
        "GET /hello HTTP/1.1\r\nHost: a b\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: a/b\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: a:123456\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost:\r\n\r\n",
        "GET /hello HTTP/1.1\r\n" HOST "X-Auth-Token: a\r\nx-auth-token: b\r\n\r\n",
        "GET /hello HTTP/1.1\r\n" HOST "X-Subject-Token: a\r\nX-Subject-Token: b\r\n\r\n",
        "GET /hello HTTP/1.1\r\n" HOST "Authorization: a\r\nAuthorization: b\r\n\r\n",
        "POST /echo HTTP/1.1\r\n" HOST "Content-Type: a/b\r\nContent-Type: a/c\r\nContent-Length: 0\r\n\r\n",
        "GET /hello HTTP/1.1\r\n" HOST "X-A : b\r\n\r\n",
        "GET /hello HTTP/1.1\r\n" HOST "X-A: b\r\n c\r\n\r\n",
        "GET /hello HTTP/1.1\r\n" HOST "X-A: b\rX-B: c\r\n\r\n",
        "GET /hello HTTP/1.1\r\n" HOST "X-A: b\nX-B: c\r\n\r\n",
        "GET /hello HTTP/1.1\r\n" HOST "X-A: b\001\r\n\r\n",
        "GET /hello%00 HTTP/1.1\r\n" HOST "\r\n",
        "GET /hello%0d%0a HTTP/1.1\r\n" HOST "\r\n",
        "GET /hello%zz HTTP/1.1\r\n" HOST "\r\n",
        "GET /hello%ff HTTP/1.1\r\n" HOST "\r\n",
        "GET /a/../hello HTTP/1.1\r\n" HOST "\r\n",
        "GET /a/%2e%2E/hello HTTP/1.1\r\n" HOST "\r\n",
        "GET /a%2f.. HTTP/1.1\r\n" HOST "\r\n",
        "GET /./hello HTTP/1.1\r\n" HOST "\r\n",
        "GET /hello there HTTP/1.1\r\n" HOST "\r\n",
        "GET hello HTTP/1.1\r\n" HOST "\r\n",
        "GET * HTTP/1.1\r\n" HOST "\r\n",
        "G(T /hello HTTP/1.1\r\n" HOST "\r\n",
    };
    struct site *s = site_start(t);

    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        const char *r = ask(t, s, bad[i]);

        if (!str_has_prefix(r, "HTTP/1.1 400 "))
            EXPECT_STR(bad[i], r);
    }
    EXPECT_INT(s->handled, 0);
    /* A NUL in a value and in the target. */
    for (int i = 0; i < 2; i++) {
        static const char nul_value[] = "GET /hello HTTP/1.1\r\n" HOST "X-A: b\0X-B: c\r\n\r\n";
        static const char nul_path[] = "GET /hello\0x HTTP/1.1\r\n" HOST "\r\n";
        int fd = dial(t, s);

        EXPECT_INT(write_all(fd, i ? nul_value : nul_path, i ? sizeof(nul_value) - 1 : sizeof(nul_path) - 1),
                   0);
        EXPECT_MATCH(hear(t, fd), "bad: ");
    }
    EXPECT_INT(s->handled, 0);
}

TEST(takes_what_is_unusual_but_right)
{
    struct site *s = site_start(t);

    EXPECT_STR(body_of(ask(t, s, "GET http://a.example:80/hello HTTP/1.1\r\n" HOST CLOSE)), "hello\n");
    EXPECT_STR(body_of(ask(t, s, "GET /hell%6F HTTP/1.1\r\nHost: [::1]:80 \r\n" CLOSE)), "hello\n");
    EXPECT_STR(body_of(ask(t, s, "GET /hello HTTP/1.0\r\n\r\n")), "hello\n");
    EXPECT_MATCH(ask(t, s, "GET /..a/b. HTTP/1.1\r\n" HOST CLOSE), "X-Path: /..a/b.\r\n");
    EXPECT_MATCH(ask(t, s, "GET /nowhere HTTP/1.1\r\n" HOST "Expect: flowers\r\n" CLOSE), "HTTP/1.1 417 ");
}

/* A request with 'n' headers of a thousand bytes, each sent by itself. */
static const char *ask_large(struct test *t, struct site *s, int n)
{
    int fd = dial(t, s);
    char line[1100];

    say(fd, "GET /hello HTTP/1.1\r\n" HOST "Connection: close\r\n");
    for (int i = 0; i < n; i++) {
        snprintf(line, sizeof(line), "X-Long-%d: %01000d\r\n", i, i);
        write_all(fd, line, strlen(line)); /* The server may refuse to read it all. */
    }
    write_all(fd, "\r\n", 2);
    return hear(t, fd);
}

TEST(takes_large_headers_in_pieces_and_refuses_larger)
{
    struct site *s = site_start(t);
    const char *r;

    signal(SIGPIPE, SIG_IGN);
    EXPECT_STR(body_of(ask_large(t, s, 23)), "hello\n");
    r = ask_large(t, s, 25);
    EXPECT_MATCH(r, "HTTP/1.1 431 ");
    EXPECT_MATCH(r, "bad: the headers are too large");
    r = ask_large(t, s, 200);
    EXPECT_TRUE(!*r || strstr(r, "HTTP/1.1 431 "));
}

/* The library that reads requests would note each of them, and fall silent
 * when its memory was full. */
TEST(answers_targets_of_many_parameters)
{
    struct site *s = site_start(t);
    int fd = dial(t, s);

    say(fd, "GET /hello?a");
    for (int i = 0; i < 3000; i++)
        say(fd, "&b=c");
    say(fd, " HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n");
    EXPECT_STR(body_of(hear(t, fd)), "hello\n");
}

TEST(waits_for_100_continue_only_when_the_body_is_wanted)
{
    struct site *s = site_start(t);
    static const char *const wanted[] = { "/echo", "/work/echo" };
    const char *r;

    for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
        int fd = dial(t, s);

        say(fd, arena_printf(test_arena(t),
                             "PUT %s HTTP/1.1\r\n" HOST "Content-Length: 3\r\nExpect: 100-continue\r\n" CLOSE,
                             wanted[i]));
        EXPECT_STR(hear_until(t, fd, "\r\n\r\n", 1), "HTTP/1.1 100 Continue\r\n\r\n");
        say(fd, "abc");
        EXPECT_STR(body_of(hear(t, fd)), "abc");
    }
    /* Refused by on_head, by the limit, and by a worker that never reads. */
    r = ask(t, s, "PUT /no HTTP/1.1\r\n" HOST "Content-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_MATCH(r, "HTTP/1.1 404 ");
    r = ask(t, s, "PUT /small HTTP/1.1\r\n" HOST "Content-Length: 30\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_MATCH(r, "HTTP/1.1 413 ");
    r = ask(t, s, "PUT /unread HTTP/1.1\r\n" HOST "Content-Length: 30\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_MATCH(r, "HTTP/1.1 409 ");
    EXPECT_TRUE(!strstr(r, "100 Continue"));

    int fd = dial(t, s);

    say(fd, "PUT /stream HTTP/1.1\r\n" HOST "Content-Length: 3\r\nExpect: 100-continue\r\n" CLOSE);
    EXPECT_STR(hear_until(t, fd, "\r\n\r\n", 1), "HTTP/1.1 100 Continue\r\n\r\n");
    say(fd, "abc");
    EXPECT_MATCH(body_of(hear(t, fd)), "3 ");
}

TEST(answers_head_with_the_length_and_no_body)
{
    struct site *s = site_start(t);
    const char *r = ask(t, s, "HEAD /hello HTTP/1.1\r\n" HOST CLOSE);

    EXPECT_MATCH(r, "Content-Length: 6\r\n");
    EXPECT_STR(body_of(r), "");
    r = ask(t, s, "HEAD /work/pattern?sized HTTP/1.1\r\n" HOST CLOSE);
    EXPECT_MATCH(r, "Content-Length: 3000001\r\n");
    EXPECT_STR(body_of(r), "");
    r = ask(t, s, "GET /empty HTTP/1.1\r\n" HOST CLOSE);
    EXPECT_MATCH(r, "HTTP/1.1 204 ");
    EXPECT_TRUE(!strstr(r, "Content-Length"));
    EXPECT_STR(body_of(r), "");
}

TEST(lets_clients_wait_when_there_are_too_many)
{
    struct site *s = site_prepare(t);
    struct http_config c = site_config(s);
    struct err err = { 0 };
    int fds[3];

    c.max_connections = 2;
    EXPECT_OK(http_server_start(&c, &s->server, &err), &err);
    for (int i = 0; i < 2; i++) {
        fds[i] = dial(t, s);
        say(fds[i], "GET /hello HTTP/1.1\r\n" HOST "\r\n");
        EXPECT_STR(body_of(hear_until(t, fds[i], "hello\n", 1)), "hello\n");
    }
    fds[2] = dial(t, s);
    say(fds[2], "GET /hello HTTP/1.1\r\n" HOST "\r\n");
    say(fds[0], "GET /hello HTTP/1.1\r\n" HOST CLOSE);
    EXPECT_STR(body_of(hear(t, fds[0])), "hello\n");
    EXPECT_STR(body_of(hear_until(t, fds[2], "hello\n", 1)), "hello\n");
}

TEST(answers_500_when_the_handler_forgets)
{
    struct site *s = site_start(t);

    EXPECT_MATCH(ask(t, s, "GET /nothing HTTP/1.1\r\n" HOST CLOSE), "HTTP/1.1 500 ");
}

TEST(sends_parts_of_files)
{
    struct site *s = site_start(t);
    const char *r = ask(t, s, "GET /file HTTP/1.1\r\n" HOST CLOSE);

    EXPECT_MATCH(r, "HTTP/1.1 206 ");
    EXPECT_STR(body_of(r), "3456");
}

/* --- Through the client. -------------------------------------------------------- */

static const char *url_of(struct test *t, struct site *s, const char *path)
{
    return arena_printf(test_arena(t), "http://127.0.0.1:%u%s", http_server_port(s->server), path);
}

static void client_free(void *c)
{
    httpc_free(c);
}

static struct httpc *client(struct test *t)
{
    struct httpc *c;

    EXPECT_INT(httpc_new(NULL, &c, NULL), 0);
    test_cleanup(t, client_free, c);
    return c;
}

TEST(streams_replies_inline_and_from_workers)
{
    static const char *const paths[] = { "/pattern", "/pattern?sized", "/work/pattern",
                                         "/work/pattern?sized" };
    struct site *s = site_start(t);
    struct httpc *c = client(t);

    for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
        struct httpc_request rq = { .url = url_of(t, s, paths[i]) };
        struct httpc_reply r;
        struct err err = { 0 };
        size_t wrong = 0;

        EXPECT_OK(httpc_call(c, test_arena(t), &rq, &r, &err), &err);
        EXPECT_INT(r.body_len, 3000001);
        for (size_t n = 0; n < r.body_len; n++)
            wrong += r.body[n] != (char) (n * 7);
        EXPECT_INT(wrong, 0);
    }
}

struct source {
    uint64_t pos, size, sum;
};

static ssize_t source_read(void *ctx, char *buf, size_t max)
{
    struct source *src = ctx;

    if (max > src->size - src->pos)
        max = src->size - src->pos;
    for (size_t i = 0; i < max; i++) {
        buf[i] = (char) ((src->pos + i) * 31 >> 3);
        src->sum += (unsigned char) buf[i] * ((src->pos + i) % 251 + 1);
    }
    src->pos += max;
    return max;
}

static long memory_peak_kib(struct test *t)
{
    char *text;
    size_t n;

    EXPECT_INT(file_read(test_arena(t), "/proc/self/status", 1 << 16, &text, &n), 0);
    return atol(strstr(text, "VmHWM:") + 6);
}

TEST(takes_a_large_upload_whole_in_little_memory)
{
    struct site *s = site_start(t);
    struct httpc *c = client(t);
    long before = memory_peak_kib(t);

    for (int chunked = 0; chunked < 2; chunked++) {
        struct source src = { .size = SIZE_BIG };
        struct httpc_request rq = { .method = HTTP_PUT,
                                    .url = url_of(t, s, "/stream"),
                                    .read = source_read,
                                    .read_size = chunked ? -1 : (int64_t) SIZE_BIG,
                                    .ctx = &src };
        struct httpc_reply r;
        struct err err = { 0 };

        EXPECT_OK(httpc_call(c, test_arena(t), &rq, &r, &err), &err);
        EXPECT_INT(r.status, 201);
        EXPECT_STR(r.body, arena_printf(test_arena(t), "%llu %llu", (unsigned long long) SIZE_BIG,
                                        (unsigned long long) src.sum));
    }
    EXPECT_TRUE(memory_peak_kib(t) - before < 24 << 10);
}

TEST(lets_a_worker_answer_without_reading)
{
    struct site *s = site_start(t);
    struct httpc *c = client(t);
    struct source src = { .size = SIZE_BIG };
    struct httpc_request rq = { .method = HTTP_PUT,
                                .url = url_of(t, s, "/unread"),
                                .read = source_read,
                                .read_size = (int64_t) SIZE_BIG,
                                .ctx = &src };
    struct httpc_reply r;
    struct err err = { 0 };

    EXPECT_OK(httpc_call(c, test_arena(t), &rq, &r, &err), &err);
    EXPECT_INT(r.status, 409);
    EXPECT_STR(r.body, "not now");
}

TEST(wakes_the_worker_when_the_client_goes_away)
{
    struct site *s = site_start(t);
    struct linger reset = { .l_onoff = 1 };
    struct err err = { 0 };
    int fd;

    for (unsigned i = 1; i <= 2; i++) {
        fd = sock_connect_tcp("127.0.0.1", http_server_port(s->server), 5000, &err);
        EXPECT_OK(fd, &err);
        say(fd, "PUT /stream HTTP/1.1\r\n" HOST "Content-Length: 1000000\r\n\r\nsome");
        EXPECT_TRUE(site_wait(s, &s->body_started, i));
        if (i == 2)
            setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
        close(fd);
        EXPECT_TRUE(site_wait(s, &s->bodies_ended, i));
        EXPECT_INT(s->body_result, i == 1 ? -EBADMSG : -ECONNRESET);
        EXPECT_TRUE(site_wait(s, &s->done, i));
        EXPECT_INT(s->done_status, 499);
    }
    EXPECT_STR(body_of(ask(t, s, "GET /work HTTP/1.1\r\n" HOST CLOSE)), "hello\n");
}

TEST(hands_over_upgraded_connections)
{
    struct site *s = site_start(t);
    static const char *const paths[] = { "/upgrade", "/work/upgrade" };

    for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
        int fd = dial(t, s);
        const char *r;

        say(fd, arena_printf(test_arena(t),
                             "GET %s HTTP/1.1\r\n" HOST "Upgrade: shout\r\nConnection: Upgrade\r\n\r\n",
                             paths[i]));
        r = hear_until(t, fd, "\r\n\r\n", 1);
        EXPECT_MATCH(r, "HTTP/1.1 101 Switching Protocols\r\n");
        EXPECT_MATCH(r, "Upgrade: shout\r\n");
        say(fd, "loud\n");
        EXPECT_STR(hear_until(t, fd, "\n", 1), "LOUD\n");
        shutdown(fd, SHUT_WR);
        EXPECT_STR(hear(t, fd), "");
    }
    EXPECT_TRUE(site_wait(s, &s->done, 2));
}

TEST(ends_upgraded_connections_and_uploads_when_it_stops)
{
    struct site *s = site_start(t);
    int up = dial(t, s), put = dial(t, s), hold = dial(t, s);

    say(up, "GET /upgrade HTTP/1.1\r\n" HOST "Upgrade: shout\r\nConnection: Upgrade\r\n\r\n");
    hear_until(t, up, "\r\n\r\n", 1);
    say(put, "PUT /stream HTTP/1.1\r\n" HOST "Content-Length: 1000000\r\n\r\nsome");
    say(hold, "PUT /stream HTTP/1.1\r\n" HOST "Content-Length: 1000000\r\n\r\nsome");
    EXPECT_TRUE(site_wait(s, &s->body_started, 2));
    http_server_stop(s->server, 0);
    s->server = NULL;
    EXPECT_INT(s->body_result, -ECONNRESET);
    EXPECT_STR(hear(t, up), "");
    EXPECT_INT(s->done, 3);
}

struct stopper {
    struct http_server *server;
    unsigned grace_ms;
};

static void *stop_main(void *arg)
{
    struct stopper *st = arg;

    http_server_stop(st->server, st->grace_ms);
    return NULL;
}

TEST(lets_running_requests_end_when_it_stops)
{
    struct site *s = site_start(t);
    struct stopper st = { s->server, 10000 };
    int fds[6];
    pthread_t thread;

    /* Four run, two wait for a worker. */
    for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
        fds[i] = dial(t, s);
        say(fds[i], "GET /slow HTTP/1.1\r\n" HOST "\r\n");
    }
    EXPECT_TRUE(site_wait(s, &s->slow, 4));
    EXPECT_INT(pthread_create(&thread, NULL, stop_main, &st), 0);
    s->server = NULL;
    pthread_mutex_lock(&s->lock);
    s->slow_go = true;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
    pthread_join(thread, NULL);
    for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
        EXPECT_STR(body_of(hear(t, fds[i])), "slow\n");
}

struct load {
    const char *url;
    uint16_t port;
    unsigned ok, failed, wrong;
    atomic_bool *end;
};

/* Calls until it is told to end; not a cmocka thread, so it only counts. */
static void *load_main(void *arg)
{
    struct load *l = arg;
    struct httpc *c;

    httpc_new(NULL, &c, NULL);
    while (!atomic_load(l->end)) {
        struct httpc_request rq = {
            .method = HTTP_POST, .url = l->url, .body = "0123456789", .body_len = 10
        };
        struct httpc_reply r;
        auto_arena struct arena a = { 0 };

        if (httpc_call(c, &a, &rq, &r, NULL) < 0)
            l->failed++;
        else if (r.status == 200 && str_eq(r.body, "0123456789"))
            l->ok++;
        else
            l->wrong++;
    }
    httpc_free(c);
    return NULL;
}

TEST(stops_cleanly_under_load)
{
    struct site *s = site_start(t);
    struct load loads[6];
    pthread_t threads[6];
    atomic_bool end = false;

    for (size_t i = 0; i < ARRAY_SIZE(loads); i++) {
        loads[i] = (struct load){ .end = &end };
        loads[i].url = url_of(t, s, i % 2 ? "/echo" : "/work/echo");
        pthread_create(&threads[i], NULL, load_main, &loads[i]);
    }
    site_wait(s, &s->done, 2000);
    http_server_stop(s->server, 2000);
    s->server = NULL;
    atomic_store(&end, true);
    for (size_t i = 0; i < ARRAY_SIZE(loads); i++) {
        pthread_join(threads[i], NULL);
        EXPECT_TRUE(loads[i].ok > 0);
        EXPECT_INT(loads[i].wrong, 0);
    }
}

/* Opens connections and leaves them, one after the other. */
static void *knock_main(void *arg)
{
    struct load *l = arg;
    struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons(l->port) };
    int fd;

    inet_pton(AF_INET, "127.0.0.1", &sa.sin_addr);
    while (!atomic_load(l->end)) {
        fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (connect(fd, (struct sockaddr *) &sa, sizeof(sa)) == 0)
            l->ok++;
        else
            l->failed++;
        close(fd);
    }
    return NULL;
}

TEST(stops_at_any_moment_while_clients_come)
{
    for (int round = 0; round < 100; round++) {
        struct site *s = site_start(t);
        struct load loads[3];
        pthread_t threads[3];
        atomic_bool end = false;

        for (size_t i = 0; i < ARRAY_SIZE(loads); i++) {
            loads[i] = (struct load){ .port = http_server_port(s->server), .end = &end };
            pthread_create(&threads[i], NULL, knock_main, &loads[i]);
        }
        site_stop(s);
        atomic_store(&end, true);
        for (size_t i = 0; i < ARRAY_SIZE(loads); i++)
            pthread_join(threads[i], NULL);
    }
}

/* --- TLS. ----------------------------------------------------------------------- */

/* A certificate of 127.0.0.1 that signs itself, and its key, as PEM files. */
static void certificate_make(const char *cert_path, const char *key_path)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = X509_new();
    X509_NAME *name = X509_get_subject_name(cert);
    X509_EXTENSION *san = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "IP:127.0.0.1");
    FILE *f;

    X509_set_version(cert, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
    X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
    X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *) "test", -1, -1, 0);
    X509_set_issuer_name(cert, name);
    X509_set_pubkey(cert, key);
    X509_add_ext(cert, san, -1);
    X509_sign(cert, key, EVP_sha256());

    f = fopen(cert_path, "w");
    PEM_write_X509(f, cert);
    fclose(f);
    f = fopen(key_path, "w");
    PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL);
    fclose(f);
    X509_EXTENSION_free(san);
    X509_free(cert);
    EVP_PKEY_free(key);
}

TEST(speaks_tls_to_clients_that_know_its_certificate)
{
    const char *cert = test_path(t, "cert.pem"), *key = test_path(t, "key.pem"), *path = "/work/pattern";
    struct site *s = site_prepare(t);
    struct http_config c = site_config(s);
    struct httpc *knows, *doubts;
    struct httpc_request rq = { 0 };
    struct httpc_reply r;
    struct err err = { 0 };

    certificate_make(cert, key);
    c.tls_cert = cert;
    c.tls_key = key;
    EXPECT_OK(http_server_start(&c, &s->server, &err), &err);
    EXPECT_INT(httpc_new(&(struct httpc_config){ .ca_file = cert }, &knows, NULL), 0);
    test_cleanup(t, client_free, knows);
    EXPECT_INT(httpc_new(NULL, &doubts, NULL), 0);
    test_cleanup(t, client_free, doubts);

    rq.url = arena_printf(test_arena(t), "https://127.0.0.1:%u%s", http_server_port(s->server), path);
    EXPECT_OK(httpc_call(knows, test_arena(t), &rq, &r, &err), &err);
    EXPECT_INT(r.body_len, 3000001);
    EXPECT_INT(httpc_call(doubts, test_arena(t), &rq, &r, &err), -EKEYREJECTED);

    c.tls_cert = "/nonexistent";
    EXPECT_INT(http_server_start(&c, &s->server, &err), -ENOENT);
    EXPECT_MATCH(err.msg, "certificate '/nonexistent'");
}

TEST_MAIN()

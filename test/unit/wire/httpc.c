/* SPDX-License-Identifier: Apache-2.0 */
/* The client against peers that a test writes by hand. */
#include "wire/httpc.h"

#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/str.h"
#include "io/sock.h"
#include "kit/test.h"

/* Answers each connection with fixed bytes once a request's head is there. */
struct peer {
    int fd, stop[2];
    uint16_t port;
    const char *answer;
    unsigned connections;
    pthread_mutex_t lock;
    char heard[8192]; /* The last request's head. */
    pthread_t thread;
};

static void peer_serve(struct peer *p, int fd)
{
    char buf[sizeof(p->heard)];
    size_t n = 0;

    for (;;) {
        ssize_t r = read(fd, buf + n, sizeof(buf) - 1 - n);

        if (r <= 0)
            return;
        n += r;
        buf[n] = '\0';
        if (strstr(buf, "\r\n\r\n")) {
            pthread_mutex_lock(&p->lock);
            strcpy(p->heard, buf);
            pthread_mutex_unlock(&p->lock);
            if (write_all(fd, p->answer, strlen(p->answer)) < 0)
                return;
            n = 0;
        }
        if (strstr(p->answer, "Connection: close"))
            return;
    }
}

static void *peer_main(void *arg)
{
    struct peer *p = arg;
    int fd;

    while ((fd = accept(p->fd, NULL, NULL)) >= 0) {
        pthread_mutex_lock(&p->lock);
        p->connections++;
        pthread_mutex_unlock(&p->lock);
        peer_serve(p, fd);
        close(fd);
    }
    return NULL;
}

static void peer_stop(void *arg)
{
    struct peer *p = arg;

    shutdown(p->fd, SHUT_RDWR);
    pthread_join(p->thread, NULL);
    close(p->fd);
}

static struct peer *peer_start(struct test *t, const char *answer)
{
    struct peer *p = arena_new(test_arena(t), struct peer);
    struct sockaddr_in sa;
    socklen_t n = sizeof(sa);
    struct err err = { 0 };

    pthread_mutex_init(&p->lock, NULL);
    p->answer = answer;
    p->fd = sock_listen_tcp("127.0.0.1", 0, 16, &err);
    EXPECT_OK(p->fd, &err);
    getsockname(p->fd, (struct sockaddr *) &sa, &n);
    p->port = ntohs(sa.sin_port);
    EXPECT_INT(pthread_create(&p->thread, NULL, peer_main, p), 0);
    test_cleanup(t, peer_stop, p);
    return p;
}

static const char *heard(struct test *t, struct peer *p)
{
    const char *text;

    pthread_mutex_lock(&p->lock);
    text = arena_strdup(test_arena(t), p->heard);
    pthread_mutex_unlock(&p->lock);
    return text;
}

static unsigned connections(struct peer *p)
{
    unsigned n;

    pthread_mutex_lock(&p->lock);
    n = p->connections;
    pthread_mutex_unlock(&p->lock);
    return n;
}

static void client_free(void *c)
{
    httpc_free(c);
}

static struct httpc *client(struct test *t)
{
    struct httpc *c;

    EXPECT_INT(httpc_new(NULL, &c, NULL), 0);
    /* Before the peer ends, which waits for its connection. */
    test_cleanup(t, client_free, c);
    return c;
}

static const char *url_of(struct test *t, struct peer *p)
{
    return arena_printf(test_arena(t), "http://127.0.0.1:%u/x", p->port);
}

TEST(reads_status_headers_and_body)
{
    struct peer *p = peer_start(t, "HTTP/1.1 404 Nope\r\nX-A:  b c \r\nContent-Length: 3\r\n\r\nabc");
    struct http_header headers[] = { { "X-Auth-Token", "tok" }, { "X-Empty", "" }, { 0 } };
    struct httpc_request rq = { .url = url_of(t, p), .headers = headers };
    struct httpc *c = client(t);
    struct httpc_reply r;
    struct err err = { 0 };

    EXPECT_OK(httpc_call(c, test_arena(t), &rq, &r, &err), &err);
    EXPECT_INT(r.status, 404);
    EXPECT_STR(r.body, "abc");
    EXPECT_INT(r.body_len, 3);
    EXPECT_STR(httpc_header(&r, "x-a"), "b c");
    EXPECT_STR(httpc_header(&r, "X-B"), NULL);
    EXPECT_MATCH(heard(t, p), "GET /x HTTP/1.1\r\n");
    EXPECT_MATCH(heard(t, p), "X-Auth-Token: tok\r\n");
    EXPECT_MATCH(heard(t, p), "X-Empty:\r\n");
    EXPECT_OK(httpc_call(c, test_arena(t), &rq, &r, &err), &err);
    EXPECT_INT(connections(p), 1);
}

TEST(does_not_follow_redirects)
{
    struct peer *p = peer_start(t, "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n"
                                   "Content-Length: 0\r\nConnection: close\r\n\r\n");
    struct httpc_request rq = { .method = HTTP_DELETE, .url = url_of(t, p) };
    struct httpc_reply r;
    struct err err = { 0 };

    EXPECT_OK(httpc_call(client(t), test_arena(t), &rq, &r, &err), &err);
    EXPECT_INT(r.status, 302);
    EXPECT_MATCH(heard(t, p), "DELETE /x HTTP/1.1\r\n");
}

static int gather(void *ctx, const char *buf, size_t n)
{
    strncat(ctx, buf, n);
    return 0;
}

static int decline(void *ctx, const char *buf, size_t n)
{
    return 1;
}

TEST(streams_only_good_answers)
{
    struct peer *good = peer_start(t, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc");
    struct peer *bad = peer_start(t, "HTTP/1.1 500 No\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbad");
    struct httpc *c = client(t);
    char got[16] = "";
    struct httpc_request rq = { .url = url_of(t, good), .write = gather, .ctx = got };
    struct httpc_reply r;
    struct err err = { 0 };

    EXPECT_OK(httpc_call(c, test_arena(t), &rq, &r, &err), &err);
    EXPECT_STR(got, "abc");
    EXPECT_STR(r.body, "");
    rq.url = url_of(t, bad);
    EXPECT_OK(httpc_call(c, test_arena(t), &rq, &r, &err), &err);
    EXPECT_STR(got, "abc");
    EXPECT_STR(r.body, "bad");
    rq.url = url_of(t, good);
    rq.write = decline;
    EXPECT_INT(httpc_call(c, test_arena(t), &rq, &r, &err), -EIO);
    EXPECT_MATCH(err.msg, "given up");
}

TEST(refuses_answers_that_are_too_large)
{
    struct peer *p = peer_start(t, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nabcde");
    struct httpc_request rq = { .url = url_of(t, p), .max_body = 4 };
    struct httpc_reply r;
    struct err err = { 0 };

    EXPECT_INT(httpc_call(client(t), test_arena(t), &rq, &r, &err), -EIO);
    EXPECT_MATCH(err.msg, "larger than 4 bytes");
}

TEST(tells_failures_apart)
{
    struct peer *mute = peer_start(t, "");
    struct httpc *c = client(t);
    struct httpc_request rq = { .url = "http://127.0.0.1:1/a?secret=b" };
    struct httpc_reply r;
    struct err err = { 0 };

    EXPECT_INT(httpc_call(c, test_arena(t), &rq, &r, &err), -ECONNREFUSED);
    EXPECT_MATCH(err.msg, "http://127.0.0.1:1/a");
    EXPECT_TRUE(!strstr(err.msg, "secret"));
    rq.url = url_of(t, mute);
    rq.timeout_ms = 50;
    EXPECT_INT(httpc_call(c, test_arena(t), &rq, &r, &err), -ETIMEDOUT);
    rq.url = "ftp://127.0.0.1/";
    EXPECT_INT(httpc_call(c, test_arena(t), &rq, &r, &err), -EINVAL);
    rq.url = "file:///etc/passwd";
    EXPECT_INT(httpc_call(c, test_arena(t), &rq, &r, &err), -EINVAL);
}

TEST_MAIN()

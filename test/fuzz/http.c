/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes of a stranger at the HTTP server: each connection ends, no request is
 * handled whose head could be read in two ways, and the next one is served. */
#include "wire/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct http_head_result on_head(void *ctx, struct http_request *rq)
{
    return (struct http_head_result){ .way = HTTP_INLINE, .body_limit = 4096 };
}

static void on_request(void *ctx, struct http_request *rq)
{
    const char *length = http_header_get(rq, "Content-Length"),
               *coding = http_header_get(rq, "Transfer-Encoding");

    if ((length && coding) || strchr(rq->path, '\n') || strstr(rq->path, "/../") || rq->body_len > 4096)
        abort();
    if (rq->path[0] != '/' && strcmp(rq->path, "*") != 0)
        abort();
    if (length && strspn(length, "0123456789") != strlen(length))
        abort();
    http_reply(rq, 200, "text/plain", "x", 1);
}

static int dial(uint16_t port)
{
    struct sockaddr_in sa = { .sin_family = AF_INET,
                              .sin_port = htons(port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct timeval patience = { .tv_sec = 10 };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || connect(fd, (struct sockaddr *) &sa, sizeof(sa)) < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0)
        abort();
    return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct http_server *server;
    /* libmicrohttpd sometimes misses that we shall send no more, and then waits as for an idle client. */
    const struct http_config c = {
        .threads = 1, .workers = 1, .timeout_s = 1, .on_head = on_head, .on_request = on_request
    };
    char buf[4096];
    ssize_t got;
    int fd;

    if (!server && http_server_start(&c, &server, NULL) < 0)
        abort();
    fd = dial(http_server_port(server));
    while (n && (got = send(fd, data, n, MSG_NOSIGNAL)) > 0) {
        data += got;
        n -= (size_t) got;
    }
    shutdown(fd, SHUT_WR);
    while ((got = recv(fd, buf, sizeof(buf), 0)) > 0)
        ;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        abort(); /* It neither answers nor ends. */
    close(fd);
    return 0;
}

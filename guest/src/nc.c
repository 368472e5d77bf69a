/* SPDX-License-Identifier: Apache-2.0
 *
 * nc for the guest: the busybox in Debian leaves out UDP and "-k", which tests
 * of security groups listen with.
 *
 *   nc [-u] [-n] [-v] [-z] [-w SEC] [-p FROM_PORT] HOST PORT [-e PROG ARG...]
 *   nc [-u] [-n] [-v] -l [-k] [-w SEC] -p PORT [-s ADDRESS] [-e PROG ARG...]
 *
 * -l twice means -l -k.  A port after -l needs no -p.  -w is how long to wait
 * for the connection, and then for the next byte from the other side.
 * With UDP a listener answers whoever sent the first datagram. */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct nc {
    bool udp, listen, keep, verbose, zero;
    int wait_ms; /* -1 is for ever */
    const char *host, *port, *from_port;
    char **program;
};

static int fail(const char *what, const char *why)
{
    fprintf(stderr, "nc: %s: %s\n", what, why);
    return 1;
}

static bool write_all(int fd, const char *p, ssize_t n)
{
    while (n > 0) {
        ssize_t w = write(fd, p, n);
        if (w < 0 && errno != EINTR)
            return false;
        if (w > 0)
            p += w, n -= w;
    }
    return true;
}

/* Moves bytes both ways until the other side closes or is silent too long. */
static int pump(const struct nc *nc, int s)
{
    struct pollfd p[2] = { { s, POLLIN, 0 }, { STDIN_FILENO, POLLIN, 0 } };
    char buf[16384];
    bool answered = false;
    ssize_t n;

    for (;;) {
        int r = poll(p, 2, nc->wait_ms);
        if (r < 0 && errno == EINTR)
            continue;
        if (r <= 0)
            return 0;
        if (p[0].revents) {
            n = read(s, buf, sizeof(buf));
            /* A server that answers without reading ends in a reset. */
            if (n < 0)
                return answered ? 0 : fail("connection", strerror(errno));
            answered = true;
            if ((n == 0 && !nc->udp) || !write_all(STDOUT_FILENO, buf, n))
                return 0;
        }
        if (p[1].revents) {
            n = read(STDIN_FILENO, buf, sizeof(buf));
            if (n <= 0) {
                p[1].fd = -1;
                if (!nc->udp)
                    shutdown(s, SHUT_WR);
            } else if (!write_all(s, buf, n)) {
                return answered ? 0 : fail("connection", strerror(errno));
            }
        }
    }
}

/* Hands the connection to the program (which replaces us), or pumps. */
static int serve(const struct nc *nc, int s)
{
    if (!nc->program)
        return pump(nc, s);
    dup2(s, STDIN_FILENO);
    dup2(s, STDOUT_FILENO);
    close(s);
    execvp(nc->program[0], nc->program);
    return fail(nc->program[0], strerror(errno));
}

static int connect_within(int s, const struct addrinfo *a, int wait_ms)
{
    struct timeval tv = { wait_ms / 1000, wait_ms % 1000 * 1000 };

    if (wait_ms >= 0)
        setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
    return connect(s, a->ai_addr, a->ai_addrlen);
}

/* The port that we come from, when somebody cares. */
static int bind_from(const struct nc *nc, int s, int family)
{
    struct sockaddr_in v4 = { .sin_family = AF_INET };
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };

    if (!nc->from_port)
        return 0;
    v4.sin_port = v6.sin6_port = htons((uint16_t) atoi(nc->from_port));
    return family == AF_INET ? bind(s, (struct sockaddr *) &v4, sizeof(v4))
                             : bind(s, (struct sockaddr *) &v6, sizeof(v6));
}

/* Opens the socket that 'nc' describes, connected or bound; -1 is said on
 * standard error. */
static int open_socket(const struct nc *nc)
{
    struct addrinfo *list, hints = { .ai_socktype = nc->udp ? SOCK_DGRAM : SOCK_STREAM,
                                     .ai_flags = AI_NUMERICSERV | (nc->listen ? AI_PASSIVE : 0) };
    int s = -1, on = 1, off = 0, r;

    /* One IPv6 socket serves both families when listening anywhere. */
    if (nc->listen && !nc->host)
        hints.ai_family = access("/proc/net/if_inet6", F_OK) == 0 ? AF_INET6 : AF_INET;
    r = getaddrinfo(nc->host, nc->port, &hints, &list);
    if (r != 0)
        return fail(nc->host ? nc->host : nc->port, gai_strerror(r)), -1;
    for (const struct addrinfo *a = list; a && s < 0; a = a->ai_next) {
        s = socket(a->ai_family, a->ai_socktype, 0);
        if (s < 0)
            continue;
        setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
        if (a->ai_family == AF_INET6)
            setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
        r = bind_from(nc, s, a->ai_family);
        if (r == 0)
            r = nc->listen ? bind(s, a->ai_addr, a->ai_addrlen) : connect_within(s, a, nc->wait_ms);
        if (r == 0 && nc->listen && !nc->udp)
            r = listen(s, 16);
        if (r < 0) {
            r = errno;
            close(s);
            s = -1;
        }
    }
    freeaddrinfo(list);
    if (s < 0)
        fail(nc->port, r == EINPROGRESS ? "timed out" : strerror(r));
    return s;
}

/* Waits for the first datagram and gives the socket that peer, leaving the
 * datagram to be read. */
static int accept_udp(int s)
{
    struct sockaddr_storage from;
    socklen_t len = sizeof(from);
    char byte;

    if (recvfrom(s, &byte, 1, MSG_PEEK, (struct sockaddr *) &from, &len) < 0)
        return -1;
    return connect(s, (struct sockaddr *) &from, len) < 0 ? -1 : s;
}

/* Serves each peer in a child of its own.  A UDP listener becomes its peer's
 * socket, so the next one is opened before this peer is served: a datagram
 * that comes meanwhile finds it. */
static int listen_forever(const struct nc *nc)
{
    int s = open_socket(nc), c;

    signal(SIGCHLD, SIG_IGN);
    while (s >= 0) {
        c = nc->udp ? accept_udp(s) : accept(s, NULL, NULL);
        if (c < 0 && (errno == EINTR || errno == ECONNABORTED))
            continue;
        if (c < 0)
            return fail(nc->port, strerror(errno));
        if (nc->udp)
            s = open_socket(nc);
        if (fork() == 0) {
            close(s);
            signal(SIGCHLD, SIG_DFL);
            _exit(serve(nc, c));
        }
        close(c);
    }
    return 1;
}

static int run(const struct nc *nc)
{
    int s, c;

    if (nc->listen && nc->keep)
        return listen_forever(nc);
    s = open_socket(nc);
    if (s < 0)
        return 1;
    c = !nc->listen ? s : nc->udp ? accept_udp(s) : accept(s, NULL, NULL);
    if (c < 0)
        return fail(nc->port, strerror(errno));
    if (nc->verbose)
        fprintf(stderr, "nc: %s %s: open\n", nc->host ? nc->host : "", nc->port);
    if (nc->zero)
        return 0;
    if (nc->listen && !nc->udp)
        close(s);
    return serve(nc, c);
}

/* Everything after -e is the program; getopt must not see its options. */
static char **program_split(int *argc, char **argv)
{
    for (int i = 1; i < *argc - 1; i++) {
        if (strcmp(argv[i], "-e") == 0) {
            *argc = i;
            return argv + i + 1;
        }
    }
    return NULL;
}

int main(int argc, char **argv)
{
    struct nc nc = { .wait_ms = -1 };
    int c, count = argc;

    signal(SIGPIPE, SIG_IGN);
    nc.program = program_split(&count, argv);
    while ((c = getopt(count, argv, "46ulknvzw:i:q:p:s:")) != -1) {
        switch (c) {
        case 'l':
            nc.keep |= nc.listen;
            nc.listen = true;
            break;
        case 'u':
            nc.udp = true;
            break;
        case 'k':
            nc.keep = true;
            break;
        case 'v':
            nc.verbose = true;
            break;
        case 'z':
            nc.zero = true;
            break;
        case 'w':
            nc.wait_ms = atoi(optarg) * 1000;
            break;
        case 'p':
            nc.port = optarg;
            break;
        case 's':
            nc.host = optarg;
            break;
        case '?':
            return fail("usage",
                        "nc [-u] [-z] [-v] [-w SEC] HOST PORT | nc [-u] -l [-k] -p PORT [-e PROG ARG...]");
        }
    }
    if (!nc.listen && optind < count)
        nc.host = argv[optind++];
    else if (nc.listen && optind + 1 < count)
        nc.host = argv[optind++];
    if (optind < count) {
        nc.from_port = nc.listen ? NULL : nc.port;
        nc.port = argv[optind];
    }
    if (!nc.port || (!nc.listen && !nc.host))
        return fail("usage", "which host and port?");
    return run(&nc);
}

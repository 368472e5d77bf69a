/* SPDX-License-Identifier: Apache-2.0 */
#include "host/nl.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "host/netns.h"

/* As large as the kernel's dump buffers. */
#define NL_BUFFER 65536

struct nl {
    int fd;
    uint32_t seq;
    char buffer[NL_BUFFER] __attribute__((aligned(8)));
};

struct open_request {
    int protocol, fd;
};

static int open_socket(void *ctx, struct err *err)
{
    struct open_request *rq = ctx;
    struct sockaddr_nl sa = { .nl_family = AF_NETLINK };
    /* The kernel answers at once; a bound on the wait keeps a lost answer from holding an agent for ever. */
    struct timeval patience = { .tv_sec = 10 };
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, rq->protocol), on = 1;

    if (fd < 0)
        return err_set(err, -errno, "Cannot open a netlink socket: %s", strerror(errno));
    if (bind(fd, (struct sockaddr *) &sa, sizeof(sa)) < 0) {
        int r = -errno;

        close(fd);
        return err_set(err, r, "Cannot bind a netlink socket: %s", strerror(-r));
    }
    setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
    setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    rq->fd = fd;
    return 0;
}

int nl_open(const char *netns, int protocol, struct nl **ret, struct err *err)
{
    struct open_request rq = { .protocol = protocol, .fd = -1 };
    struct nl *nl;
    int r;

    r = netns_run(netns, open_socket, &rq, err);
    if (r < 0)
        return r;
    nl = calloc(1, sizeof(*nl));
    if (!nl) {
        close(rq.fd);
        return err_set(err, -ENOMEM, "Out of memory");
    }
    nl->fd = rq.fd;
    *ret = nl;
    return 0;
}

void nl_close(struct nl *nl)
{
    if (!nl)
        return;
    close(nl->fd);
    free(nl);
}

/* --- Requests. ------------------------------------------------------------ */

void nl_append(struct nl_request *rq, const void *data, size_t n)
{
    size_t at = rq->h.nlmsg_len, end = at + NLMSG_ALIGN(n);

    if (rq->overflow || end > sizeof(rq->bytes)) {
        rq->overflow = true;
        return;
    }
    memset(rq->bytes + at, 0, end - at);
    if (n)
        memcpy(rq->bytes + at, data, n);
    rq->h.nlmsg_len = (uint32_t) end;
}

void nl_begin(struct nl_request *rq, uint16_t type, uint16_t flags, const void *head, size_t n)
{
    rq->overflow = false;
    rq->h = (struct nlmsghdr){ .nlmsg_len = NLMSG_HDRLEN,
                               .nlmsg_type = type,
                               .nlmsg_flags = NLM_F_REQUEST | flags };
    nl_append(rq, head, n);
}

void nl_put(struct nl_request *rq, uint16_t type, const void *data, size_t n)
{
    struct nlattr a = { .nla_len = (uint16_t) (NLA_HDRLEN + n), .nla_type = type };

    nl_append(rq, &a, sizeof(a));
    nl_append(rq, data, n);
}

void nl_put_str(struct nl_request *rq, uint16_t type, const char *s)
{
    nl_put(rq, type, s, strlen(s) + 1);
}

void nl_put_u8(struct nl_request *rq, uint16_t type, uint8_t v)
{
    nl_put(rq, type, &v, sizeof(v));
}

void nl_put_u16(struct nl_request *rq, uint16_t type, uint16_t v)
{
    nl_put(rq, type, &v, sizeof(v));
}

void nl_put_u32(struct nl_request *rq, uint16_t type, uint32_t v)
{
    nl_put(rq, type, &v, sizeof(v));
}

size_t nl_nest(struct nl_request *rq, uint16_t type)
{
    size_t at = rq->h.nlmsg_len;

    nl_put(rq, type, NULL, 0);
    return at;
}

void nl_nest_end(struct nl_request *rq, size_t nest)
{
    struct nlattr *a = (struct nlattr *) (rq->bytes + nest);

    if (!rq->overflow)
        a->nla_len = (uint16_t) (rq->h.nlmsg_len - nest);
}

/* --- Answers. ------------------------------------------------------------- */

/* The kernel's words from an acknowledgement, or null. */
static const char *ack_words(const struct nlmsghdr *h)
{
    const struct nlattr *table[NLMSGERR_ATTR_MAX + 1];
    const struct nlmsgerr *e = NLMSG_DATA(h);
    size_t head = sizeof(*e);

    if (!(h->nlmsg_flags & NLM_F_ACK_TLVS))
        return NULL;
    if (!(h->nlmsg_flags & NLM_F_CAPPED))
        head += e->msg.nlmsg_len - NLMSG_HDRLEN;
    nl_attrs(h, head, table, NLMSGERR_ATTR_MAX);
    return table[NLMSGERR_ATTR_MSG] ? nl_data(table[NLMSGERR_ATTR_MSG]) : NULL;
}

/* 1 when 'h' ends the answer, 0 when more is to come, or -errno. */
static int end_of_answer(const struct nlmsghdr *h, struct err *err)
{
    const char *words;
    int code;

    if (h->nlmsg_type == NLMSG_DONE)
        return 1;
    if (h->nlmsg_type != NLMSG_ERROR)
        return 0;
    code = ((const struct nlmsgerr *) NLMSG_DATA(h))->error;
    if (code == 0)
        return 1;
    words = ack_words(h);
    return err_set(err, code, "%s%s%s", strerror(-code), words ? ": " : "", words ? words : "");
}

/* Reads answers to request 'seq' until its end. */
static int read_answers(struct nl *nl, int (*fn)(void *ctx, const struct nlmsghdr *h), void *ctx,
                        struct err *err)
{
    for (;;) {
        ssize_t n = recv(nl->fd, nl->buffer, sizeof(nl->buffer), 0);
        unsigned left = (unsigned) n;

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_set(err, -errno, "The kernel did not answer: %s", strerror(errno));
        for (struct nlmsghdr *h = (struct nlmsghdr *) nl->buffer; NLMSG_OK(h, left);
             h = NLMSG_NEXT(h, left)) {
            int r;

            if (h->nlmsg_seq != nl->seq)
                continue;
            r = end_of_answer(h, err);
            if (r != 0)
                return r < 0 ? r : 0;
            r = fn ? fn(ctx, h) : 0;
            if (r < 0)
                return r;
            if (!(h->nlmsg_flags & NLM_F_MULTI) && fn)
                return 0;
        }
    }
}

static int send_request(struct nl *nl, struct nl_request *rq, struct err *err)
{
    struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };

    if (rq->overflow)
        return err_set(err, -EMSGSIZE, "A netlink request does not fit its buffer");
    rq->h.nlmsg_seq = ++nl->seq;
    if (sendto(nl->fd, rq->bytes, rq->h.nlmsg_len, 0, (struct sockaddr *) &kernel, sizeof(kernel)) < 0)
        return err_set(err, -errno, "Cannot ask the kernel: %s", strerror(errno));
    return 0;
}

int nl_call(struct nl *nl, struct nl_request *rq, struct err *err)
{
    int r;

    rq->h.nlmsg_flags |= NLM_F_ACK;
    r = send_request(nl, rq, err);
    return r < 0 ? r : read_answers(nl, NULL, NULL, err);
}

int nl_dump(struct nl *nl, struct nl_request *rq, int (*fn)(void *ctx, const struct nlmsghdr *h), void *ctx,
            struct err *err)
{
    int r = send_request(nl, rq, err);

    return r < 0 ? r : read_answers(nl, fn, ctx, err);
}

static void fill_table(const char *p, const char *end, const struct nlattr **table, unsigned max)
{
    memset(table, 0, (max + 1) * sizeof(*table));
    while (end - p >= NLA_HDRLEN) {
        const struct nlattr *a = (const struct nlattr *) p;
        unsigned type = a->nla_type & NLA_TYPE_MASK;

        if (a->nla_len < NLA_HDRLEN || a->nla_len > end - p)
            return;
        if (type <= max)
            table[type] = a;
        p += NLA_ALIGN(a->nla_len);
    }
}

void nl_attrs(const struct nlmsghdr *h, size_t head, const struct nlattr **table, unsigned max)
{
    const char *start = (const char *) h;

    fill_table(start + NLMSG_HDRLEN + NLMSG_ALIGN(head), start + h->nlmsg_len, table, max);
}

void nl_attrs_nested(const struct nlattr *nest, const struct nlattr **table, unsigned max)
{
    fill_table(nl_data(nest), (const char *) nest + nest->nla_len, table, max);
}

uint32_t nl_u32(const struct nlattr *a)
{
    uint32_t v = 0;

    if (a && nl_len(a) >= sizeof(v))
        memcpy(&v, nl_data(a), sizeof(v));
    return v;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Netlink: requests to the kernel of one network namespace.
 *
 * The socket keeps the namespace it was opened in, so that no call after
 * nl_open() has to move the thread.  Written on the bare socket, because the
 * kernel's own errno and words (extended acknowledgement) are what the person
 * with a broken port needs to read.  One thread at a time. */
#pragma once

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/macros.h"

struct nl;

/* A socket of 'protocol' (NETLINK_ROUTE, NETLINK_NETFILTER) in the namespace
 * at path 'netns' (null: the thread's own).  0, -ENOENT or -errno. */
int nl_open(const char *netns, int protocol, struct nl **ret, struct err *err);
void nl_close(struct nl *nl);
DEFINE_CLEANUP(struct nl *, nl_close);

/* A request being put together.  Room is fixed: what does not fit makes the
 * request fail with -EMSGSIZE when it is sent. */
struct nl_request {
    union {
        struct nlmsghdr h;
        char bytes[4096];
    };
    bool overflow;
};

/* Starts a request of 'type' whose fixed part is the 'n' bytes at 'head'. */
void nl_begin(struct nl_request *rq, uint16_t type, uint16_t flags, const void *head, size_t n);
void nl_put(struct nl_request *rq, uint16_t type, const void *data, size_t n);
void nl_put_str(struct nl_request *rq, uint16_t type, const char *s); /* With its final NUL. */
void nl_put_u8(struct nl_request *rq, uint16_t type, uint8_t v);
void nl_put_u16(struct nl_request *rq, uint16_t type, uint16_t v);
void nl_put_u32(struct nl_request *rq, uint16_t type, uint32_t v);

/* An attribute that holds others; end it with what nl_nest() returned.  The
 * fixed head of a nested message may be put first with nl_append(). */
size_t nl_nest(struct nl_request *rq, uint16_t type);
void nl_nest_end(struct nl_request *rq, size_t nest);
void nl_append(struct nl_request *rq, const void *data, size_t n);

/* Sends and waits for the acknowledgement.  0, or the kernel's -errno with
 * its words in 'err'. */
int nl_call(struct nl *nl, struct nl_request *rq, struct err *err);

/* Sends and hands every answer to 'fn' (which may return -errno to end). */
int nl_dump(struct nl *nl, struct nl_request *rq, int (*fn)(void *ctx, const struct nlmsghdr *h), void *ctx,
            struct err *err);

/* The attributes behind a fixed head of 'head' bytes: table[type] for every
 * type up to 'max', null where absent. */
void nl_attrs(const struct nlmsghdr *h, size_t head, const struct nlattr **table, unsigned max);
void nl_attrs_nested(const struct nlattr *nest, const struct nlattr **table, unsigned max);

static inline const void *nl_data(const struct nlattr *a)
{
    return (const char *) a + NLA_HDRLEN;
}

static inline size_t nl_len(const struct nlattr *a)
{
    return (size_t) a->nla_len - NLA_HDRLEN;
}

/* The value of a number attribute; 0 when it is absent or too short. */
uint32_t nl_u32(const struct nlattr *a);

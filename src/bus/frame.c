/* SPDX-License-Identifier: Apache-2.0 */
#include "bus/frame.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/macros.h"

#define MAGIC       0xb5
#define READ_SIZE   (64u << 10)
#define WRITE_PARTS 16

/* Header: u8 magic, u8 type, u16 head, u32 body, u64 id. */
static void header_write(char *p, enum frame_type type, size_t head_len, size_t body_len, uint64_t id)
{
    uint16_t head = htobe16((uint16_t) head_len);
    uint32_t body = htobe32((uint32_t) body_len);

    id = htobe64(id);
    p[0] = (char) MAGIC;
    p[1] = (char) type;
    memcpy(p + 2, &head, sizeof(head));
    memcpy(p + 4, &body, sizeof(body));
    memcpy(p + 8, &id, sizeof(id));
}

static int header_read(const char *p, enum frame_type *type, size_t *head_len, size_t *body_len, uint64_t *id)
{
    uint16_t head;
    uint32_t body;
    uint64_t i;

    memcpy(&head, p + 2, sizeof(head));
    memcpy(&body, p + 4, sizeof(body));
    memcpy(&i, p + 8, sizeof(i));
    *type = (enum frame_type)(unsigned char) p[1];
    *head_len = be16toh(head);
    *body_len = be32toh(body);
    *id = be64toh(i);
    if ((unsigned char) p[0] != MAGIC || *type < FRAME_CALL || *type > FRAME_SUBSCRIBE ||
        *head_len > FRAME_HEAD_MAX || *body_len > FRAME_BODY_MAX)
        return -EPROTO;
    return 0;
}

static struct frame *frame_alloc(enum frame_type type, uint64_t id, size_t head_len, size_t body_len)
{
    size_t size = FRAME_HEADER + head_len + body_len;
    struct frame *f = malloc(sizeof(*f) + size + 1);

    if (!f)
        return NULL;
    *f = (struct frame){ .refs = 1, .type = type, .id = id, .body_len = body_len, .size = size };
    header_write(f->wire, type, head_len, body_len, id);
    f->body = f->wire + FRAME_HEADER + head_len;
    f->wire[size] = 0;
    return f;
}

struct frame *frame_new(enum frame_type type, uint64_t id, const char *topic, const char *method,
                        const char *request_id, const char *body, size_t body_len)
{
    const char *texts[3] = { topic ? topic : "", method ? method : "", request_id ? request_id : "" };
    size_t lens[3] = { strlen(texts[0]) + 1, strlen(texts[1]) + 1, strlen(texts[2]) + 1 };
    struct frame *f = frame_alloc(type, id, lens[0] + lens[1] + lens[2], body_len);
    char *p;

    if (!f)
        return NULL;
    p = f->wire + FRAME_HEADER;
    f->topic = memcpy(p, texts[0], lens[0]);
    f->method = memcpy(p + lens[0], texts[1], lens[1]);
    f->request_id = memcpy(p + lens[0] + lens[1], texts[2], lens[2]);
    if (body_len)
        memcpy(p + lens[0] + lens[1] + lens[2], body, body_len);
    return f;
}

struct frame *frame_ref(struct frame *f)
{
    __atomic_add_fetch(&f->refs, 1, __ATOMIC_RELAXED);
    return f;
}

void frame_unref(struct frame *f)
{
    if (f && __atomic_sub_fetch(&f->refs, 1, __ATOMIC_ACQ_REL) == 0)
        free(f);
}

void frame_set_id(struct frame *f, uint64_t id)
{
    uint64_t be = htobe64(id);

    f->id = id;
    memcpy(f->wire + 8, &be, sizeof(be));
}

/* Finds the three texts of the head. */
static int frame_parse_head(struct frame *f)
{
    const char **texts[3] = { &f->topic, &f->method, &f->request_id };
    const char *p = f->wire + FRAME_HEADER;

    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        const char *end = memchr(p, 0, (size_t) (f->body - p));

        if (!end || end - p > FRAME_NAME_MAX)
            return -EPROTO;
        *texts[i] = p;
        p = end + 1;
    }
    return p == f->body ? 0 : -EPROTO;
}

/* --- Reading --------------------------------------------------------------- */

void frame_reader_done(struct frame_reader *r)
{
    free(r->buf);
    frame_unref(r->partial);
    *r = (struct frame_reader){ 0 };
}

static int receive(int fd, void *buf, size_t size, size_t *ret)
{
    ssize_t n;

    do
        n = recv(fd, buf, size, MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return errno == EWOULDBLOCK ? -EAGAIN : -errno;
    if (n == 0)
        return -ENODATA;
    *ret = (size_t) n;
    return 0;
}

/* Makes the frame that the header in the buffer announces. */
static int reader_begin(struct frame_reader *r)
{
    enum frame_type type;
    size_t head_len, body_len;
    uint64_t id;
    int e = header_read(r->buf + r->start, &type, &head_len, &body_len, &id);

    if (e < 0)
        return e;
    r->partial = frame_alloc(type, id, head_len, body_len);
    if (!r->partial)
        return -ENOMEM;
    r->start += FRAME_HEADER;
    r->got = FRAME_HEADER;
    return 0;
}

/* Goes as far as the buffered bytes reach: 1 when a frame is complete. */
static int reader_advance(struct frame_reader *r)
{
    struct frame *f;
    size_t n;

    if (!r->partial && r->end - r->start >= FRAME_HEADER) {
        int e = reader_begin(r);

        if (e < 0)
            return e;
    }
    f = r->partial;
    if (!f)
        return 0;
    n = f->size - r->got;
    if (n > r->end - r->start)
        n = r->end - r->start;
    memcpy(f->wire + r->got, r->buf + r->start, n);
    r->got += n;
    r->start += n;
    return r->got == f->size;
}

/* More bytes: a long body straight to its place, else into the buffer. */
static int reader_fill(struct frame_reader *r, int fd)
{
    struct frame *f = r->partial;
    size_t n = 0;
    int e;

    if (f && f->size - r->got >= READ_SIZE) {
        e = receive(fd, f->wire + r->got, f->size - r->got, &n);
        r->got += n;
        return e;
    }
    memmove(r->buf, r->buf + r->start, r->end - r->start);
    r->end -= r->start;
    r->start = 0;
    e = receive(fd, r->buf + r->end, READ_SIZE - r->end, &n);
    r->end += n;
    return e;
}

int frame_read(struct frame_reader *r, int fd, struct frame **ret)
{
    int e;

    if (!r->buf && !(r->buf = malloc(READ_SIZE)))
        return -ENOMEM;
    while ((e = reader_advance(r)) == 0) {
        if (r->budget == 0)
            return -EAGAIN;
        r->budget--;
        e = reader_fill(r, fd);
        if (e < 0)
            return e;
    }
    if (e < 0)
        return e;
    e = frame_parse_head(r->partial);
    if (e < 0)
        return e;
    *ret = steal(&r->partial);
    return 0;
}

/* --- Writing --------------------------------------------------------------- */

struct frame_link {
    struct frame_link *next;
    struct frame *frame;
};

static void queue_pop(struct frame_queue *q)
{
    struct frame_link *l = q->head;

    q->head = l->next;
    if (!q->head)
        q->tail = NULL;
    q->count--;
    q->bytes -= l->frame->size;
    q->offset = 0;
    frame_unref(l->frame);
    free(l);
}

void frame_queue_done(struct frame_queue *q)
{
    while (q->head)
        queue_pop(q);
}

int frame_queue_add(struct frame_queue *q, struct frame *f)
{
    struct frame_link *l = malloc(sizeof(*l));

    if (!l)
        return -ENOMEM;
    *l = (struct frame_link){ .frame = frame_ref(f) };
    if (q->tail)
        q->tail->next = l;
    else
        q->head = l;
    q->tail = l;
    q->count++;
    q->bytes += f->size;
    return 0;
}

/* The first frames as one transfer. */
static ssize_t queue_send(struct frame_queue *q, int fd)
{
    struct iovec parts[WRITE_PARTS];
    struct msghdr m = { .msg_iov = parts };
    size_t skip = q->offset;
    ssize_t n;

    for (struct frame_link *l = q->head; l && m.msg_iovlen < WRITE_PARTS; l = l->next) {
        parts[m.msg_iovlen++] = (struct iovec){ l->frame->wire + skip, l->frame->size - skip };
        skip = 0;
    }
    do
        n = sendmsg(fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : n;
}

int frame_queue_write(struct frame_queue *q, int fd)
{
    while (q->head) {
        ssize_t n = queue_send(q, fd);

        if (n < 0)
            return (int) n;
        q->offset += (size_t) n;
        while (q->head && q->offset >= q->head->frame->size) {
            size_t rest = q->offset - q->head->frame->size;

            queue_pop(q);
            q->offset = rest;
        }
    }
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What travels on the local driver's socket, and inside the bus in general.
 *
 * A frame is a header of 16 bytes (magic, type, length of the head, length of
 * the body, id; network order), the head (topic, method and request id, each
 * ended by a NUL) and the body (JSON).  All lengths are bounded before memory
 * is taken for them.  Frames are counted, so that a publication to many is
 * one piece of memory. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_HEADER   16
#define FRAME_NAME_MAX 200 /* Of topic, method and request id; AMQP has room for 255. */
#define FRAME_HEAD_MAX (3 * (FRAME_NAME_MAX + 1))
#define FRAME_BODY_MAX (16u << 20)

/* Numbers are part of the protocol. */
enum frame_type {
    FRAME_CALL = 1,      /* To one listener, which answers. */
    FRAME_CAST = 2,      /* To one listener; the hub says FRAME_DONE to the sender. */
    FRAME_PUBLISH = 3,   /* To all subscribers. */
    FRAME_REPLY = 4,     /* Answer to a call. */
    FRAME_ERROR = 5,     /* Answer to anything with an id: {"code", "status", "type", "words"}. */
    FRAME_DONE = 6,      /* "Taken", for what has no other answer. */
    FRAME_LISTEN = 7,    /* From now on the topic's calls and casts also go here. */
    FRAME_SUBSCRIBE = 8, /* From now on the topic's publications go here. */
};

struct frame {
    struct frame *next; /* For whoever owns the only reference. */
    unsigned refs;      /* Atomic. */
    enum frame_type type;
    uint64_t id;     /* Of the question, chosen by its sender; 0: none. */
    unsigned epoch;  /* The connection that it belongs to. */
    unsigned ttl_ms; /* Of a call: nobody waits for the answer any longer.  Does not travel. */
    char sender[64]; /* Whom the broker says it came from; "": it does not say.  Does not travel. */
    const char *topic, *method, *request_id;
    const char *body; /* With a NUL behind it. */
    size_t body_len;
    size_t size; /* Of 'wire', without the NUL. */
    char wire[]; /* Header, head, body. */
};

/* Copies everything; null texts are "".  Null: no memory.  What is longer than
 * the limits must have been refused before. */
struct frame *frame_new(enum frame_type type, uint64_t id, const char *topic, const char *method,
                        const char *request_id, const char *body, size_t body_len);
struct frame *frame_ref(struct frame *f);
void frame_unref(struct frame *f); /* Null is fine. */

/* As a hub does: the same message under another id. */
void frame_set_id(struct frame *f, uint64_t id);

static inline void frame_unref_cleanup(struct frame **f)
{
    frame_unref(*f);
}
#define auto_frame __attribute__((cleanup(frame_unref_cleanup)))

/* Reads frames from a socket, in large pieces. */
struct frame_reader {
    char *buf;
    size_t start, end;
    struct frame *partial; /* Its 'got' bytes are there already. */
    size_t got;
    unsigned budget; /* Times that the socket may still be read. */
};
void frame_reader_done(struct frame_reader *r);

/* The next frame.  -EAGAIN: not there yet, or 'budget' is used up, which the
 * caller sets for each turn so that one peer cannot keep it; -ENODATA: the peer closed; -EPROTO:
 * no frame of ours; -ENOMEM or what recv(2) says. */
int frame_read(struct frame_reader *r, int fd, struct frame **ret);

/* Frames on their way out. */
struct frame_link;
struct frame_queue {
    struct frame_link *head, *tail;
    size_t count, bytes;
    size_t offset; /* Of the first, already sent. */
};
void frame_queue_done(struct frame_queue *q);

/* Adds a reference of 'f'; -ENOMEM. */
int frame_queue_add(struct frame_queue *q, struct frame *f);

/* Writes what goes without waiting: 0 when all went, -EAGAIN when some is
 * left, or what sendmsg(2) says. */
int frame_queue_write(struct frame_queue *q, int fd);

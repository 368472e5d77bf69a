/* SPDX-License-Identifier: Apache-2.0 */
#include "bus/frame.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kit/test.h"

/* Two ends of a connection, and what reads the second. */
struct ends {
    int fd[2];
    struct frame_reader in;
};

static void ends_done(void *arg)
{
    struct ends *e = arg;

    frame_reader_done(&e->in);
    for (int i = 0; i < 2; i++)
        if (e->fd[i] >= 0)
            close(e->fd[i]);
}

static struct ends *ends_new(struct test *t)
{
    struct ends *e = arena_new(test_arena(t), struct ends);

    EXPECT_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, e->fd), 0);
    test_cleanup(t, ends_done, e);
    return e;
}

static int read_one(struct ends *e, struct frame **ret)
{
    e->in.budget = 100;
    return frame_read(&e->in, e->fd[1], ret);
}

TEST(a_frame_arrives_as_it_was_sent_byte_by_byte)
{
    struct ends *e = ends_new(t);
    auto_frame struct frame *f = frame_new(FRAME_CALL, 77, "topic", "method", NULL, "{\"a\":1}", 7),
                            *got = NULL;

    for (size_t i = 0; i < f->size; i++) {
        EXPECT_INT(read_one(e, &got), -EAGAIN);
        EXPECT_INT(write(e->fd[0], f->wire + i, 1), 1);
    }
    EXPECT_INT(read_one(e, &got), 0);
    EXPECT_INT(got->type, FRAME_CALL);
    EXPECT_INT(got->id, 77);
    EXPECT_STR(got->topic, "topic");
    EXPECT_STR(got->method, "method");
    EXPECT_STR(got->request_id, "");
    EXPECT_STR(got->body, "{\"a\":1}");
    EXPECT_INT(got->body_len, 7);
}

TEST(many_frames_in_one_piece_are_told_apart)
{
    struct ends *e = ends_new(t);
    struct frame_queue q = { 0 };

    for (int i = 1; i <= 50; i++) {
        auto_frame struct frame *f = frame_new(FRAME_CAST, (uint64_t) i, "t", "m", "r", "{}", 2);

        EXPECT_INT(frame_queue_add(&q, f), 0);
    }
    EXPECT_INT(frame_queue_write(&q, e->fd[0]), 0);
    EXPECT_INT(q.count, 0);
    EXPECT_INT(q.bytes, 0);
    for (int i = 1; i <= 50; i++) {
        auto_frame struct frame *got = NULL;

        EXPECT_INT(read_one(e, &got), 0);
        EXPECT_INT(got->id, i);
    }
    frame_queue_done(&q);
}

TEST(a_queue_goes_on_where_the_socket_was_full)
{
    struct ends *e = ends_new(t);
    size_t n = 3u << 20;
    char *body = arena_alloc(test_arena(t), n);
    struct frame_queue q = { 0 };
    int got_n = 0, r;

    for (size_t i = 0; i < n; i++)
        body[i] = (char) ('a' + i % 25);
    for (uint64_t id = 1; id <= 3; id++) {
        auto_frame struct frame *f = frame_new(FRAME_PUBLISH, id, "t", "m", NULL, body, n);

        EXPECT_INT(frame_queue_add(&q, f), 0);
    }
    EXPECT_INT(frame_queue_write(&q, e->fd[0]), -EAGAIN);
    while (got_n < 3) {
        auto_frame struct frame *got = NULL;

        r = read_one(e, &got);
        EXPECT_TRUE(r == 0 || r == -EAGAIN);
        if (r == 0) {
            EXPECT_INT(got->id, ++got_n);
            EXPECT_INT(got->body_len, n);
            EXPECT_INT(memcmp(got->body, body, n), 0);
        }
        r = frame_queue_write(&q, e->fd[0]);
        EXPECT_TRUE(r == 0 || r == -EAGAIN);
    }
    frame_queue_done(&q);
}

TEST(the_budget_ends_a_turn)
{
    struct ends *e = ends_new(t);
    auto_frame struct frame *f = frame_new(FRAME_CALL, 1, "t", "m", NULL, "{}", 2), *got = NULL;

    EXPECT_INT(write(e->fd[0], f->wire, f->size), f->size);
    e->in.budget = 0;
    EXPECT_INT(frame_read(&e->in, e->fd[1], &got), -EAGAIN);
    e->in.budget = 1;
    EXPECT_INT(frame_read(&e->in, e->fd[1], &got), 0);
}

TEST(the_end_of_the_connection_is_told)
{
    struct ends *e = ends_new(t);
    struct frame *got = NULL;

    close(e->fd[0]);
    e->fd[0] = -1;
    EXPECT_INT(read_one(e, &got), -ENODATA);
}

/* Headers (magic, type, head, body, id) and heads that are no frame. */
static const struct {
    const char *bytes;
    size_t n;
} bad[] = {
    { "GET / HTTP/1.1\r\n\r\n", 18 },
    { "\xb5\x00\x00\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00", 19 }, /* Type 0 */
    { "\xb5\x09\x00\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00", 19 }, /* Type 9 */
    { "\xb5\x01\xff\xff\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01", 16 },             /* Head 64 KiB */
    { "\xb5\x01\x00\x03\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x01", 16 },         /* Body 16 MiB + 1 */
    { "\xb5\x01\x00\x03\xff\xff\xff\xff\x00\x00\x00\x00\x00\x00\x00\x01", 16 },         /* Body 4 GiB */
    { "\xb5\x01\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00", 18 }, /* Two texts */
    { "\xb5\x01\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00", 20 }, /* Four */
    { "\xb5\x01\x00\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01tmr", 19 }, /* Without ends */
    { "\xb5\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01", 16 },    /* No texts */
};

TEST(what_is_no_frame_is_refused)
{
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        struct ends *e = ends_new(t);
        struct frame *got = NULL;

        EXPECT_INT(write(e->fd[0], bad[i].bytes, bad[i].n), bad[i].n);
        EXPECT_INT(read_one(e, &got), -EPROTO);
        EXPECT_TRUE(!got);
    }
}

TEST(a_name_longer_than_allowed_is_refused)
{
    struct ends *e = ends_new(t);
    struct frame *got = NULL;
    char name[FRAME_NAME_MAX + 2] = "";
    auto_frame struct frame *f = NULL;

    memset(name, 'n', FRAME_NAME_MAX + 1);
    f = frame_new(FRAME_CALL, 1, name, "m", NULL, "{}", 2);
    EXPECT_INT(write(e->fd[0], f->wire, f->size), f->size);
    EXPECT_INT(read_one(e, &got), -EPROTO);
}

TEST_MAIN()

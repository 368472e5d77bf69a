/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>

#include "kit/test.h"

static bool is_zero(const void *p, size_t n)
{
    for (const char *c = p; n > 0; n--)
        if (*c++)
            return false;
    return true;
}

/* How a child process that runs 'fn' ends. */
static int status_of_child(void (*fn)(void))
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        close(STDERR_FILENO);
        fn();
        _exit(0);
    }
    EXPECT_TRUE(pid > 0);
    EXPECT_INT(waitpid(pid, &status, 0), pid);
    return status;
}

TEST(pieces_are_zeroed_aligned_and_apart)
{
    struct arena *a = test_arena(t);
    char *last = NULL;

    for (size_t size = 1; size < 3000; size += 7) {
        char *p = arena_alloc(a, size);

        EXPECT_TRUE(is_zero(p, size));
        EXPECT_INT((uintptr_t) p % 16, 0);
        EXPECT_TRUE(p != last);
        memset(p, 0xff, size);
        last = p;
    }
}

TEST(a_piece_of_no_bytes_has_an_address)
{
    char *p = arena_alloc(test_arena(t), 0), *q = arena_alloc(test_arena(t), 0);

    EXPECT_TRUE(p && q && p != q);
}

TEST(nothing_is_taken_before_the_first_piece)
{
    struct arena a;

    arena_init(&a);
    EXPECT_TRUE(!a.head);
    arena_done(&a);
}

TEST(a_big_piece_leaves_the_room_of_the_block)
{
    struct arena *a = test_arena(t);
    char *before, *big, *after;

    before = arena_alloc(a, 16);
    big = arena_alloc(a, 1 << 20);
    memset(big, 1, 1 << 20);
    after = arena_alloc(a, 16);
    EXPECT_TRUE(after > before && after < before + 4096);
}

TEST(a_big_piece_may_be_the_first)
{
    auto_arena struct arena a = { 0 };
    char *big = arena_alloc(&a, 100000), *small;

    memset(big, 1, 100000);
    small = arena_strdup(&a, "small");
    EXPECT_STR(small, "small");
    EXPECT_INT(big[99999], 1);
}

TEST(reset_gives_the_same_room_again_zeroed)
{
    auto_arena struct arena a = { 0 };
    char *p, *q;

    for (int i = 0; i < 100; i++)
        memset(arena_alloc(&a, 5000), 0xff, 5000);
    arena_reset(&a);
    EXPECT_INT(a.used, 0);
    p = arena_alloc(&a, 5000);
    EXPECT_TRUE(is_zero(p, 5000));
    arena_reset(&a);
    q = arena_alloc(&a, 5000);
    EXPECT_TRUE(p == q);
}

TEST(reset_does_not_keep_a_big_piece)
{
    auto_arena struct arena a = { 0 };

    arena_alloc(&a, 10 << 20);
    arena_reset(&a);
    EXPECT_TRUE(!a.head);
}

TEST(used_counts_what_was_handed_out)
{
    auto_arena struct arena a = { 0 };
    char *p = arena_alloc(&a, 100);

    arena_alloc(&a, 1 << 20);
    EXPECT_INT(a.used, 100 + (1 << 20));
    arena_done(&a);
    EXPECT_INT(a.used, 0);
    p = arena_alloc(&a, 10);
    arena_grow(&a, p, 10, 30);
    EXPECT_INT(a.used, 30);
}

TEST(the_last_piece_grows_in_place)
{
    struct arena *a = test_arena(t);
    char *p = arena_alloc(a, 10), *q;

    memset(p, 'x', 10);
    q = arena_grow(a, p, 10, 500);
    EXPECT_TRUE(p == q);
    EXPECT_INT(q[9], 'x');
    EXPECT_TRUE(is_zero(q + 10, 490));
}

TEST(another_piece_grows_by_moving)
{
    struct arena *a = test_arena(t);
    char *p = arena_alloc(a, 10), *other = arena_strdup(a, "other"), *q;

    memset(p, 'x', 10);
    q = arena_grow(a, p, 10, 500);
    EXPECT_TRUE(p != q);
    EXPECT_INT(q[9], 'x');
    EXPECT_TRUE(is_zero(q + 10, 490));
    EXPECT_STR(other, "other");
}

TEST(a_piece_grows_from_nothing_and_past_its_block)
{
    struct arena *a = test_arena(t);
    char *p = arena_grow(a, NULL, 0, 8);
    size_t size = 8;

    for (; size < 1 << 20; size *= 2) {
        memset(p, (int) size % 251, size);
        p = arena_grow(a, p, size, size * 2);
        EXPECT_INT((unsigned char) p[size - 1], size % 251);
        EXPECT_TRUE(is_zero(p + size, size));
    }
}

TEST(copies_are_whole_and_null_stays_null)
{
    struct arena *a = test_arena(t);

    EXPECT_STR(arena_strdup(a, "text"), "text");
    EXPECT_STR(arena_strdup(a, NULL), NULL);
    EXPECT_STR(arena_strndup(a, "text", 2), "te");
    EXPECT_STR(arena_strndup(a, "te\0xt", 5), "te");
    EXPECT_STR(arena_strndup(a, NULL, 2), NULL);
    EXPECT_TRUE(memcmp(arena_memdup(a, "a\0b", 3), "a\0b", 3) == 0);
    EXPECT_TRUE(!arena_memdup(a, NULL, 0));
}

TEST(printf_makes_short_and_long_text)
{
    char *s = arena_printf(test_arena(t), "%d-%s", 7, "x");

    EXPECT_STR(s, "7-x");
    s = arena_printf(test_arena(t), "%01000d%s", 7, "x");
    EXPECT_INT(strlen(s), 1001);
    EXPECT_STR(s + 998, "07x");
}

static void overflow_calloc(void)
{
    auto_arena struct arena a = { 0 };

    arena_calloc(&a, SIZE_MAX / 2, 3);
}

static void overflow_alloc(void)
{
    auto_arena struct arena a = { 0 };

    arena_alloc(&a, SIZE_MAX - 3);
}

TEST(an_impossible_size_ends_the_process)
{
    EXPECT_TRUE(WIFSIGNALED(status_of_child(overflow_calloc)));
    EXPECT_TRUE(WIFSIGNALED(status_of_child(overflow_alloc)));
}

TEST_MAIN()

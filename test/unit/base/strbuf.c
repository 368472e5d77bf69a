/* SPDX-License-Identifier: Apache-2.0 */
#include "base/strbuf.h"

#include <string.h>

#include "kit/test.h"

static void done(void *b)
{
    strbuf_done(b);
}

static struct strbuf *new_strbuf(struct test *t, struct arena *a)
{
    struct strbuf *b = arena_new(test_arena(t), struct strbuf);

    strbuf_init(b, a);
    test_cleanup(t, done, b);
    return b;
}

static void check_growth(struct strbuf *b)
{
    EXPECT_STR(strbuf_str(b), "");
    strbuf_add(b, "", 0);
    EXPECT_STR(strbuf_str(b), "");
    for (int i = 0; i < 10000; i++) {
        strbuf_puts(b, "ab");
        strbuf_putc(b, 'c');
    }
    EXPECT_INT(b->len, 30000);
    EXPECT_INT(strlen(strbuf_str(b)), 30000);
    EXPECT_STR(strbuf_str(b) + 29997, "abc");
    EXPECT_TRUE(memcmp(strbuf_str(b), "abcabc", 6) == 0);
}

TEST(text_grows_on_the_heap)
{
    check_growth(new_strbuf(t, NULL));
}

TEST(text_grows_in_an_arena)
{
    check_growth(new_strbuf(t, test_arena(t)));
}

TEST(bytes_may_be_zero)
{
    struct strbuf *b = new_strbuf(t, NULL);

    strbuf_add(b, "a\0b", 3);
    EXPECT_INT(b->len, 3);
    EXPECT_INT(b->data[2], 'b');
    EXPECT_INT(b->data[3], 0);
}

TEST(printf_appends_short_and_long_text)
{
    struct strbuf *b = new_strbuf(t, NULL);

    strbuf_printf(b, "%s=%d", "a", 1);
    strbuf_printf(b, ";%s", "");
    EXPECT_STR(strbuf_str(b), "a=1;");
    strbuf_printf(b, "%05000d", 7);
    EXPECT_INT(b->len, 5004);
    EXPECT_STR(strbuf_str(b) + 5002, "07");
}

TEST(printf_fills_the_room_exactly)
{
    /* Around each capacity, where the second try begins. */
    for (int n = 50; n < 300; n++) {
        struct strbuf *b = new_strbuf(t, NULL);

        strbuf_printf(b, "%0*d", n, 1);
        EXPECT_INT(b->len, n);
        EXPECT_INT(strlen(strbuf_str(b)), n);
    }
}

TEST(reserved_room_is_written_in_place)
{
    struct strbuf *b = new_strbuf(t, NULL);
    char *p;

    strbuf_puts(b, "head ");
    p = strbuf_reserve(b, 1000);
    memcpy(p, "tail and rest", 13);
    strbuf_commit(b, 4);
    EXPECT_STR(strbuf_str(b), "head tail");
}

TEST(clear_keeps_the_memory)
{
    struct strbuf *b = new_strbuf(t, NULL);
    char *data;

    strbuf_clear(b);
    strbuf_printf(b, "%0500d", 0);
    data = b->data;
    strbuf_clear(b);
    EXPECT_STR(strbuf_str(b), "");
    strbuf_puts(b, "x");
    EXPECT_TRUE(b->data == data);
    EXPECT_STR(strbuf_str(b), "x");
}

TEST(done_leaves_empty_text_that_may_be_used)
{
    auto_strbuf struct strbuf b = { 0 };

    strbuf_puts(&b, "x");
    strbuf_done(&b);
    EXPECT_STR(strbuf_str(&b), "");
    strbuf_puts(&b, "y");
    EXPECT_STR(strbuf_str(&b), "y");
}

TEST(markup_cannot_be_left_by_text)
{
    auto_strbuf struct strbuf b = { 0 };

    strbuf_put_markup(&b, "<a href='x' id=\"y\">R&D\x01\n\xc3\xa9</a>");
    EXPECT_STR(strbuf_str(&b), "&lt;a href=&#x27;x&#x27; id=&quot;y&quot;&gt;R&amp;D  \xc3\xa9&lt;/a&gt;");
    strbuf_clear(&b);
    strbuf_put_markup(&b, NULL);
    EXPECT_STR(strbuf_str(&b), "");
}

TEST_MAIN()

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include <stdio.h>
#include <string.h>

#include "kit/test.h"

static void done(void *h)
{
    hash_done(h);
}

static struct hash *new_hash(struct test *t)
{
    struct hash *h = arena_new(test_arena(t), struct hash);

    hash_init(h);
    test_cleanup(t, done, h);
    return h;
}

TEST(siphash_agrees_with_an_independent_implementation)
{
    /* Key 00 01 … 0f, data 00 01 …, as in the example of the SipHash paper. */
    static const struct {
        size_t n;
        uint64_t want;
    } rows[] = {
        { 0, 0xabac0158050fc4dc }, { 1, 0xc9f49bf37d57ca93 },  { 7, 0xd3927d989bb11140 },
        { 8, 0x369095118d299a8e }, { 15, 0xd320d86d2a519956 }, { 63, 0x9d199062b7bbb3a8 },
    };
    uint8_t data[64];

    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (uint8_t) i;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        EXPECT_INT(siphash13(0x0706050403020100, 0x0f0e0d0c0b0a0908, data, rows[i].n), rows[i].want);
    EXPECT_INT(siphash13(0, 0, "stackd", 6), 0x5779c14ee25e2501);
}

TEST(an_empty_map_knows_nothing)
{
    struct hash *h = new_hash(t);

    EXPECT_TRUE(!hash_get(h, "a"));
    EXPECT_TRUE(!hash_remove(h, "a"));
    hash_clear(h);
    hash_foreach (it, h)
        EXPECT_TRUE(!"a slot in an empty map");
}

TEST(put_returns_what_was_there)
{
    struct hash *h = new_hash(t);
    int one, two;

    EXPECT_TRUE(!hash_put(h, "a", &one));
    EXPECT_TRUE(hash_put(h, "a", &two) == &one);
    EXPECT_TRUE(hash_get(h, "a") == &two);
    EXPECT_INT(h->count, 1);
}

TEST(put_uses_the_new_key_from_then_on)
{
    struct hash *h = new_hash(t);
    char first[] = "key", second[] = "key";
    int v;

    hash_put(h, first, &v);
    hash_put(h, second, &v);
    memset(first, 'x', 3);
    EXPECT_TRUE(hash_get(h, "key") == &v);
}

TEST(putting_null_removes)
{
    struct hash *h = new_hash(t);
    int v;

    hash_put(h, "a", &v);
    EXPECT_TRUE(hash_put(h, "a", NULL) == &v);
    EXPECT_TRUE(!hash_get(h, "a"));
    EXPECT_INT(h->count, 0);
}

TEST(many_keys_survive_growth_and_removal)
{
    struct hash *h = new_hash(t);
    enum { N = 5000 };
    char **keys = arena_array(test_arena(t), char *, N);
    size_t seen = 0;

    for (int i = 0; i < N; i++) {
        keys[i] = arena_printf(test_arena(t), "key-%d", i);
        EXPECT_TRUE(!hash_put(h, keys[i], keys[i]));
    }
    for (int i = 0; i < N; i += 2)
        EXPECT_TRUE(hash_remove(h, keys[i]) == keys[i]);
    EXPECT_INT(h->count, N / 2);
    for (int i = 0; i < N; i++)
        EXPECT_TRUE(hash_get(h, keys[i]) == (i % 2 ? keys[i] : NULL));
    hash_foreach (it, h) {
        EXPECT_STR(it->key, it->value);
        seen++;
    }
    EXPECT_INT(seen, N / 2);
}

TEST(a_removed_key_may_be_freed)
{
    struct hash *h = new_hash(t);
    char key[8];
    int v;

    /* Deleted slots must neither be compared nor fill the map. */
    for (int i = 0; i < 10000; i++) {
        snprintf(key, sizeof(key), "k%d", i);
        hash_put(h, key, &v);
        EXPECT_TRUE(hash_remove(h, key) == &v);
    }
    EXPECT_INT(h->count, 0);
    EXPECT_TRUE(h->cap <= 32);
}

TEST(remove_works_inside_the_loop)
{
    struct hash *h = new_hash(t);
    int v;

    hash_put(h, "a", &v);
    hash_put(h, "b", &v);
    hash_put(h, "c", &v);
    hash_foreach (it, h)
        hash_remove(h, it->key);
    EXPECT_INT(h->count, 0);
}

TEST(clear_forgets_and_the_map_still_works)
{
    struct hash *h = new_hash(t);
    int v;

    hash_put(h, "a", &v);
    hash_clear(h);
    EXPECT_TRUE(!hash_get(h, "a"));
    hash_put(h, "b", &v);
    EXPECT_TRUE(hash_get(h, "b") == &v);
    EXPECT_INT(h->count, 1);
}

TEST(two_maps_have_different_keys)
{
    struct hash *g = new_hash(t), *h = new_hash(t);
    int v;

    hash_put(g, "a", &v);
    hash_put(h, "a", &v);
    EXPECT_TRUE(g->k0 != h->k0 && g->k1 != h->k1);
}

TEST_MAIN()

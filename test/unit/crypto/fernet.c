/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/fernet.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/str.h"
#include "io/sock.h"
#include "kit/test.h"

/* The key and tokens of the public Fernet specification. */
#define SPEC_KEY "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4="

static void put_key(struct test *t, const char *name, const char *text)
{
    EXPECT_INT(file_write_atomic(test_path(t, name), text, strlen(text), 0600), 0);
}

static void free_keys(void *k)
{
    fernet_free(k);
}

static struct fernet_keys *load(struct test *t)
{
    struct fernet_keys *k = NULL;
    struct err err = { 0 };

    EXPECT_OK(fernet_load(test_tmpdir(t), &k, &err), &err);
    test_cleanup(t, free_keys, k);
    return k;
}

static bool exists(struct test *t, const char *name)
{
    struct stat st;

    return stat(test_path(t, name), &st) == 0;
}

static const char *content(struct test *t, const char *name)
{
    char *s = NULL;

    EXPECT_INT(file_read(test_arena(t), test_path(t, name), 1000, &s, NULL), 0);
    return s;
}

/* What a token opens to, or null. */
static const char *opened(struct test *t, const struct fernet_keys *k, const char *token, int64_t *ret_time)
{
    uint8_t *data = NULL;
    size_t n = 0;
    int r;

    r = fernet_decrypt(test_arena(t), k, token, &data, &n, ret_time);
    if (r < 0) {
        EXPECT_INT(r, -EBADMSG);
        return NULL;
    }
    return arena_strndup(test_arena(t), (char *) data, n);
}

TEST(fernet_opens_the_token_of_the_specification)
{
    static const char token[] = "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobw"
                                "Oz7JcbmrR64jVmpU4IwqDA==";
    const struct fernet_keys *k;
    int64_t when = 0;

    put_key(t, "0", SPEC_KEY);
    k = load(t);
    EXPECT_STR(opened(t, k, token, &when), "hello");
    EXPECT_INT(when, 499162800);
    EXPECT_STR(opened(t, k, arena_strndup(test_arena(t), token, strlen(token) - 2), NULL), "hello");
}

/* Each is signed with the right key, but for those that say otherwise. */
TEST(fernet_refuses_broken_tokens)
{
    static const struct {
        const char *what, *token;
    } broken[] = {
        { "version 0x81",
          "gQAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLKY7covSkDHw9ma-418Z5yfJ0bAi-R_TUVp"
          "W6VSXlO8JA==" },
        { "no ciphertext", "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0OD2IXeW0FYyXiuAJk_zX-E-FTBOpoVs4HED35KbDYabN0" },
        { "part of a block",
          "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BMeTZDT7Rwa9JDJ2Oji9qpn0b4Yy5Gwl"
          "kJZVdqiFG-Ul" },
        { "padding",
          "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODxERERERERERERERERERERHvv656BZlvWVMy7uKh-68qgkYSepIdH5QPbxjU"
          "2zLQ8A==" },
        { "a byte", "gA==" },
        { "nothing", "" },
        { "no base64", "%%%%" },
        { "white space",
          " gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64j"
          "VmpU4IwqDA==" },
        { "not signed by us",
          "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR6"
          "4jVmpU4IwqDQ==" },
    };
    const struct fernet_keys *k;

    put_key(t, "0", SPEC_KEY);
    k = load(t);
    for (size_t i = 0; i < ARRAY_SIZE(broken); i++)
        EXPECT_STR(opened(t, k, broken[i].token, NULL), NULL);
    EXPECT_STR(opened(t, k, NULL, NULL), NULL);
}

TEST(fernet_refuses_a_token_with_any_bit_changed)
{
    struct arena *a = test_arena(t);
    const struct fernet_keys *k;
    uint8_t *raw = NULL;
    const char *token;
    size_t n = 0;

    put_key(t, "0", SPEC_KEY);
    k = load(t);
    token = fernet_encrypt(a, k, 1, "some words of text", 18);
    EXPECT_INT(base64url_decode(a, token, strlen(token), &raw, &n), 0);
    for (size_t bit = 0; bit < n * 8; bit++) {
        raw[bit / 8] ^= (uint8_t) (1u << bit % 8);
        EXPECT_STR(opened(t, k, base64url_encode(a, raw, n, false), NULL), NULL);
        raw[bit / 8] ^= (uint8_t) (1u << bit % 8);
    }
    EXPECT_STR(opened(t, k, base64url_encode(a, raw, n, true), NULL), "some words of text");
}

TEST(fernet_opens_what_it_made_and_tells_the_time)
{
    struct fernet_keys *k;
    int64_t when = 0;
    char *token;

    put_key(t, "0", SPEC_KEY);
    k = load(t);
    token = fernet_encrypt(test_arena(t), k, 499162800, "hello", 5);
    EXPECT_TRUE(!strchr(token, '='));
    EXPECT_STR(opened(t, k, token, &when), "hello");
    EXPECT_INT(when, 499162800);
}

TEST(fernet_takes_data_of_any_length)
{
    struct arena *a = test_arena(t);
    const struct fernet_keys *k;
    char *data = memset(arena_alloc(a, 5001), 'd', 5000);

    put_key(t, "0", SPEC_KEY);
    k = load(t);
    EXPECT_STR(opened(t, k, fernet_encrypt(a, k, 1, NULL, 0), NULL), "");
    for (size_t n = 1; n <= 5000; n += n < 100 ? 1 : 700)
        EXPECT_STR(opened(t, k, fernet_encrypt(a, k, 1, data, n), NULL), arena_strndup(a, data, n));
}

TEST(fernet_setup_makes_two_keys_and_leaves_those_there)
{
    struct err err = { 0 };
    const char *dir = test_path(t, "deep/er"), *zero, *one;
    struct stat st;

    EXPECT_OK(fernet_setup(dir, &err), &err);
    EXPECT_INT(stat(dir, &st), 0);
    EXPECT_INT(st.st_mode & 0777, 0700);
    EXPECT_INT(stat(test_path(t, "deep/er/0"), &st), 0);
    EXPECT_INT(st.st_mode & 0777, 0600);
    zero = content(t, "deep/er/0");
    one = content(t, "deep/er/1");
    EXPECT_INT(strlen(zero), 44);
    EXPECT_TRUE(!str_eq(zero, one));

    EXPECT_OK(fernet_setup(dir, &err), &err);
    EXPECT_STR(content(t, "deep/er/0"), zero);
    EXPECT_STR(content(t, "deep/er/1"), one);
}

TEST(fernet_rotation_promotes_the_staged_key_and_drops_the_oldest)
{
    struct arena *a = test_arena(t);
    struct err err = { 0 };
    const char *staged, *token;

    EXPECT_OK(fernet_setup(test_tmpdir(t), &err), &err);
    token = fernet_encrypt(a, load(t), 1, "old", 3);
    staged = content(t, "0");

    EXPECT_OK(fernet_rotate(test_tmpdir(t), 3, &err), &err);
    EXPECT_STR(content(t, "2"), staged);
    EXPECT_TRUE(!str_eq(content(t, "0"), staged));
    EXPECT_TRUE(exists(t, "1"));
    EXPECT_STR(opened(t, load(t), token, NULL), "old");

    EXPECT_OK(fernet_rotate(test_tmpdir(t), 3, &err), &err);
    EXPECT_TRUE(exists(t, "0") && exists(t, "2") && exists(t, "3") && !exists(t, "1"));
    EXPECT_STR(opened(t, load(t), token, NULL), NULL);

    EXPECT_OK(fernet_rotate(test_tmpdir(t), 0, &err), &err);
    EXPECT_TRUE(exists(t, "0") && exists(t, "4") && !exists(t, "2") && !exists(t, "3"));
}

/* Another machine has the set before the rotation. */
TEST(fernet_token_of_a_rotated_set_opens_with_the_set_before)
{
    const struct fernet_keys *before;
    struct err err = { 0 };

    EXPECT_OK(fernet_setup(test_tmpdir(t), &err), &err);
    before = load(t);
    EXPECT_OK(fernet_rotate(test_tmpdir(t), 3, &err), &err);
    EXPECT_STR(opened(t, before, fernet_encrypt(test_arena(t), load(t), 1, "new", 3), NULL), "new");
}

TEST(fernet_rotation_that_was_cut_off_is_finished_by_the_next)
{
    struct err err = { 0 };
    const char *promoted;

    EXPECT_OK(fernet_setup(test_tmpdir(t), &err), &err);
    promoted = content(t, "0");
    EXPECT_INT(rename(test_path(t, "0"), test_path(t, "2")), 0); /* Its first step. */
    EXPECT_STR(opened(t, load(t), fernet_encrypt(test_arena(t), load(t), 1, "x", 1), NULL), "x");

    EXPECT_OK(fernet_rotate(test_tmpdir(t), 3, &err), &err);
    EXPECT_STR(content(t, "2"), promoted);
    EXPECT_TRUE(exists(t, "0") && !exists(t, "3"));
}

TEST(fernet_load_ignores_other_files_and_refuses_broken_keys)
{
    struct fernet_keys *k = NULL;
    struct err err = { 0 };

    EXPECT_INT(fernet_load(test_path(t, "none"), &k, &err), -ENOENT);
    put_key(t, "README", "not a key");
    put_key(t, "01", "not a key");
    put_key(t, "0.0123.tmp", "not a key");
    EXPECT_INT(fernet_load(test_tmpdir(t), &k, &err), -ENOENT);
    EXPECT_INT(fernet_rotate(test_tmpdir(t), 3, &err), -ENOENT);

    put_key(t, "0", SPEC_KEY "\n");
    load(t);
    put_key(t, "1", "c2hvcnQ=");
    EXPECT_INT(fernet_load(test_tmpdir(t), &k, &err), -EINVAL);
    EXPECT_MATCH(err.msg, "/1'");
    EXPECT_TRUE(k == NULL);
}

struct turns {
    const struct fernet_keys *keys;
    int failed;
};

static void *take_turns(void *arg)
{
    struct turns *u = arg;
    auto_arena struct arena a;

    arena_init(&a);
    for (int i = 0; i < 500; i++) {
        char text[16];
        uint8_t *data = NULL;
        int64_t when = 0;
        size_t n = 0;
        char *token;

        snprintf(text, sizeof(text), "%d", i);
        token = fernet_encrypt(&a, u->keys, i, text, strlen(text));
        if (fernet_decrypt(&a, u->keys, token, &data, &n, &when) < 0 || when != i ||
            !str_eq((char *) data, text))
            u->failed++;
        arena_reset(&a);
    }
    return NULL;
}

TEST(fernet_keys_serve_many_threads)
{
    struct turns turns[8] = { { 0 } };
    pthread_t threads[8];
    struct err err = { 0 };
    struct fernet_keys *k;

    EXPECT_OK(fernet_setup(test_tmpdir(t), &err), &err);
    k = load(t);
    for (size_t i = 0; i < ARRAY_SIZE(threads); i++) {
        turns[i].keys = k;
        pthread_create(&threads[i], NULL, take_turns, &turns[i]);
    }
    for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
        pthread_join(threads[i], NULL);
    for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
        EXPECT_INT(turns[i].failed, 0);
}

TEST_MAIN()

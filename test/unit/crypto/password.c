/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/password.h"

#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "base/time.h"
#include "kit/test.h"

/* The cheapest. */
static const struct password_recipe quick = { .rounds = 4 };

TEST(password_hash_is_opened_only_by_its_password)
{
    struct arena *a = test_arena(t);
    char *h = NULL, *again = NULL;
    struct err err = { 0 };

    EXPECT_OK(password_hash(a, secret_of("swordfish"), &quick, &h, &err), &err);
    EXPECT_TRUE(str_has_prefix(h, "$2b$04$"));
    EXPECT_INT(strlen(h), 60);
    EXPECT_TRUE(password_check(secret_of("swordfish"), h, &quick));
    EXPECT_TRUE(!password_check(secret_of("Swordfish"), h, &quick));
    EXPECT_TRUE(!password_check(secret_of(""), h, &quick));

    EXPECT_OK(password_hash(a, secret_of("swordfish"), &quick, &again, &err), &err);
    EXPECT_TRUE(!str_eq(h, again));
}

/* Vectors that are published with the algorithms. */
TEST(password_check_opens_hashes_of_others)
{
    static const struct {
        const char *text, *hash;
    } known[] = {
        { "U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW" },
        { "U*U", "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW" },
        { "U*U", "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW" },
        { "", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy" },
        { "Hello world!", "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5" },
        { "Hello world!", "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJu"
                          "esI68u4OTLiBFdcbYEdFCoEOfaS35inz1" },
        { "secret",
          "$pbkdf2-sha512$1000$MDEyMzQ1Njc4OWFiY2RlZg$vgFvU7zWIDgDAUi7d8ayt.cfRiPWVVWfv8iQRsGZaZviWzsSNgWYXEE5P"
          "mvI/VELMsOmEbqLz0PKuePNjOk41A" },
        { "secret",
          "$pbkdf2-sha256$1000$MDEyMzQ1Njc4OWFiY2RlZg$tiKWHy4FAGCWE8gn6GtKhaxD2OeeAUUWXFT/p1aaNl8" },
        { "secret",
          "$scrypt$ln=4,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$gEeb/KeWbm5g+kBQOFr1yJbkjBxxxDOkhSmrSXFFwOg" },
        { "password", "$bcrypt-sha256$v=2,t=2b,r=12$n79VH.0Q2TMWmt3Oqt9uku$Kq4Noyk3094Y2QlB8NdRT8SvGiI4ft2" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
        EXPECT_TRUE(password_check(secret_of(known[i].text), known[i].hash, &quick));
        EXPECT_TRUE(!password_check(secret_of("other"), known[i].hash, &quick));
    }
}

/* bcrypt itself would let the first 72 bytes stand for all. */
TEST(password_counts_to_its_last_byte)
{
    struct arena *a = test_arena(t);
    char *text = memset(arena_alloc(a, 1001), 'x', 1000), *h = NULL;
    struct err err = { 0 };

    EXPECT_OK(password_hash(a, secret_of(text), &quick, &h, &err), &err);
    EXPECT_TRUE(str_has_prefix(h, "$bcrypt-sha256$v=2,t=2b,r=4$"));
    EXPECT_TRUE(password_check(secret_of(text), h, &quick));
    text[999] = 'y';
    EXPECT_TRUE(!password_check(secret_of(text), h, &quick));
    text[72] = 0;
    EXPECT_TRUE(!password_check(secret_of(text), h, &quick));
    EXPECT_OK(password_hash(a, secret_of(text), &quick, &h, &err), &err);
    EXPECT_TRUE(str_has_prefix(h, "$2b$"));
    text[72] = 'x';
    EXPECT_TRUE(!password_check(secret_of(text), h, &quick));
}

/* Hashes from a program that cuts them open as they did there. */
TEST(password_that_was_cut_opens_by_what_was_left)
{
    char text[] = "0123456789012345678901234567890123456789012345678901234567890123456789ab-the-rest";
    char *hash;
    const char *cut;

    text[72] = 0;
    EXPECT_OK(password_hash(test_arena(t), secret_of(text), &quick, &hash, NULL), NULL);
    text[72] = '-';
    cut = arena_printf(test_arena(t), "$cut72%s", hash);
    EXPECT_TRUE(!password_check(secret_of(text), hash, &quick));
    EXPECT_TRUE(password_check(secret_of(text), cut, &quick));
    EXPECT_TRUE(!password_is_old(cut, &quick));
    text[71] = 'x';
    EXPECT_TRUE(!password_check(secret_of(text), cut, &quick));
    EXPECT_TRUE(!password_check(secret_of(text), "$cut72", &quick));
    EXPECT_TRUE(!password_check(secret_of(text), "$cut72$scrypt$ln=4,r=8,p=1$AA$AA", &quick));
}

TEST(password_hash_is_of_the_kind_that_is_asked_for)
{
    static const struct {
        struct password_recipe recipe;
        const char *prefix;
    } kinds[] = {
        { { .kind = "bcrypt", .rounds = 4 }, "$2b$04$" },
        { { .kind = "bcrypt_sha256", .rounds = 5 }, "$bcrypt-sha256$v=2,t=2b,r=5$" },
        { { .kind = "scrypt", .rounds = 4, .block_size = 4 }, "$scrypt$ln=4,r=4,p=1$" },
        { { .kind = "pbkdf2_sha512" }, "$pbkdf2-sha512$25000$" },
    };
    char *hashes[ARRAY_SIZE(kinds)];
    struct err err = { 0 };

    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        EXPECT_OK(password_hash(test_arena(t), secret_of("sword"), &kinds[i].recipe, &hashes[i], &err), &err);
        EXPECT_TRUE(str_has_prefix(hashes[i], kinds[i].prefix));
        EXPECT_TRUE(password_check(secret_of("sword"), hashes[i], &quick));
        EXPECT_TRUE(!password_check(secret_of("swore"), hashes[i], &quick));
        EXPECT_TRUE(!password_is_old(hashes[i], &kinds[i].recipe));
    }
    /* A long password has a hash of the second kind where the first is meant. */
    EXPECT_TRUE(!password_is_old(hashes[1], &kinds[0].recipe));
    EXPECT_TRUE(password_is_old(hashes[0], &kinds[1].recipe));
    EXPECT_TRUE(password_is_old(hashes[0], &kinds[2].recipe));
    EXPECT_TRUE(password_is_old(hashes[2], &kinds[0].recipe));
    EXPECT_TRUE(password_is_old(hashes[2], &kinds[3].recipe));
    EXPECT_TRUE(!password_is_old(NULL, &quick));
}

TEST(password_recipe_check_names_what_gives_no_hash)
{
    static const struct {
        struct password_recipe recipe;
        const char *words;
    } bad[] = {
        { { .kind = "md5" }, "no password hash 'md5'" },
        { { .rounds = 3 }, "bcrypt rounds must be from 4 to 31" },
        { { .kind = "scrypt", .rounds = 25 }, "scrypt rounds" },
        { { .kind = "scrypt", .rounds = 24 }, "more than 1 GiB" },
        { { .kind = "scrypt", .block_size = 65 }, "Block size" },
        { { .kind = "pbkdf2_sha512", .salt_bytes = 97 }, "salt" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        struct err err = { 0 };

        EXPECT_INT(password_recipe_check(&bad[i].recipe, &err), -EINVAL);
        EXPECT_MATCH(err.msg, bad[i].words);
    }
    EXPECT_OK(password_recipe_check(&(struct password_recipe){ .kind = "scrypt" }, NULL), NULL);
}

TEST(password_hash_refuses_what_it_cannot_hash)
{
    struct arena *a = test_arena(t);
    struct err err = { 0 };
    char *h = NULL;

    EXPECT_INT(password_hash(a, secret_of(NULL), &quick, &h, &err), -EINVAL);
    EXPECT_INT(password_hash(a, secret_of("x"), &(struct password_recipe){ .rounds = 3 }, &h, &err), -EINVAL);
    EXPECT_INT(password_hash(a, secret_of("x"), &(struct password_recipe){ .rounds = 32 }, &h, &err),
               -EINVAL);
    EXPECT_TRUE(h == NULL);
}

TEST(password_check_of_a_broken_hash_is_false)
{
    static const char *const broken[] = { NULL,
                                          "",
                                          "*0",
                                          "x",
                                          "$2b$",
                                          "$2b$04$short",
                                          "$1$abc$def",
                                          "plain",
                                          "$bcrypt-sha256$v=2,t=2b,r=4$",
                                          "$bcrypt-sha256$v=2,t=2b,r=4$n79VH.0Q2TMWmt3Oqt9uku$",
                                          "$bcrypt-sha256$v=2,t=2b,r=99$n79VH.0Q2TMWmt3Oqt9uku$x" };

    for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
        EXPECT_TRUE(!password_check(secret_of("plain"), broken[i], &quick));
        EXPECT_TRUE(!password_check(secret_of("x"), broken[i], &quick));
        EXPECT_TRUE(!password_check(secret_of(NULL), broken[i], &quick));
    }
}

/* Not how long, but that the work is done: 10 rounds are 64 times 4. */
TEST(password_check_without_a_hash_takes_as_long_as_with_one)
{
    int64_t start = time_mono_us(), few, many;

    password_check(secret_of("x"), NULL, &quick);
    few = time_mono_us() - start;
    start = time_mono_us();
    password_check(secret_of("x"), NULL, &(struct password_recipe){ .rounds = 10 });
    many = time_mono_us() - start;
    EXPECT_TRUE(many > 5 * few);
}

TEST_MAIN()

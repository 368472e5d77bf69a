/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/password.h"

#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "base/time.h"
#include "kit/test.h"

#define ROUNDS 4

TEST(password_hash_is_opened_only_by_its_password)
{
    struct arena *a = test_arena(t);
    char *h = NULL, *again = NULL;
    struct err err = { 0 };

    EXPECT_OK(password_hash(a, secret_of("swordfish"), ROUNDS, &h, &err), &err);
    EXPECT_TRUE(str_has_prefix(h, "$2b$04$"));
    EXPECT_INT(strlen(h), 60);
    EXPECT_TRUE(password_check(secret_of("swordfish"), h, ROUNDS));
    EXPECT_TRUE(!password_check(secret_of("Swordfish"), h, ROUNDS));
    EXPECT_TRUE(!password_check(secret_of(""), h, ROUNDS));

    EXPECT_OK(password_hash(a, secret_of("swordfish"), ROUNDS, &again, &err), &err);
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
        EXPECT_TRUE(password_check(secret_of(known[i].text), known[i].hash, ROUNDS));
        EXPECT_TRUE(!password_check(secret_of("other"), known[i].hash, ROUNDS));
    }
}

/* bcrypt itself would let the first 72 bytes stand for all. */
TEST(password_counts_to_its_last_byte)
{
    struct arena *a = test_arena(t);
    char *text = memset(arena_alloc(a, 1001), 'x', 1000), *h = NULL;
    struct err err = { 0 };

    EXPECT_OK(password_hash(a, secret_of(text), ROUNDS, &h, &err), &err);
    EXPECT_TRUE(str_has_prefix(h, "$bcrypt-sha256$v=2,t=2b,r=4$"));
    EXPECT_TRUE(password_check(secret_of(text), h, ROUNDS));
    text[999] = 'y';
    EXPECT_TRUE(!password_check(secret_of(text), h, ROUNDS));
    text[72] = 0;
    EXPECT_TRUE(!password_check(secret_of(text), h, ROUNDS));
    EXPECT_OK(password_hash(a, secret_of(text), ROUNDS, &h, &err), &err);
    EXPECT_TRUE(str_has_prefix(h, "$2b$"));
    text[72] = 'x';
    EXPECT_TRUE(!password_check(secret_of(text), h, ROUNDS));
}

/* Hashes from a program that cuts them open as they did there. */
TEST(password_that_was_cut_opens_by_what_was_left)
{
    char text[] = "0123456789012345678901234567890123456789012345678901234567890123456789ab-the-rest";
    char *hash;
    const char *cut;

    text[72] = 0;
    EXPECT_OK(password_hash(test_arena(t), secret_of(text), ROUNDS, &hash, NULL), NULL);
    text[72] = '-';
    cut = arena_printf(test_arena(t), "$cut72%s", hash);
    EXPECT_TRUE(!password_check(secret_of(text), hash, ROUNDS));
    EXPECT_TRUE(password_check(secret_of(text), cut, ROUNDS));
    EXPECT_TRUE(!password_is_old(cut));
    text[71] = 'x';
    EXPECT_TRUE(!password_check(secret_of(text), cut, ROUNDS));
    EXPECT_TRUE(!password_check(secret_of(text), "$cut72", ROUNDS));
    EXPECT_TRUE(!password_check(secret_of(text), "$cut72$scrypt$ln=4,r=8,p=1$AA$AA", ROUNDS));
}

TEST(password_hash_refuses_what_it_cannot_hash)
{
    struct arena *a = test_arena(t);
    struct err err = { 0 };
    char *h = NULL;

    EXPECT_INT(password_hash(a, secret_of(NULL), ROUNDS, &h, &err), -EINVAL);
    EXPECT_INT(password_hash(a, secret_of("x"), 3, &h, &err), -EINVAL);
    EXPECT_INT(password_hash(a, secret_of("x"), 32, &h, &err), -EINVAL);
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
        EXPECT_TRUE(!password_check(secret_of("plain"), broken[i], ROUNDS));
        EXPECT_TRUE(!password_check(secret_of("x"), broken[i], ROUNDS));
        EXPECT_TRUE(!password_check(secret_of(NULL), broken[i], ROUNDS));
    }
}

/* Not how long, but that the work is done: 10 rounds are 64 times 4. */
TEST(password_check_without_a_hash_takes_as_long_as_with_one)
{
    int64_t start = time_mono_us(), few, many;

    password_check(secret_of("x"), NULL, 4);
    few = time_mono_us() - start;
    start = time_mono_us();
    password_check(secret_of("x"), NULL, 10);
    many = time_mono_us() - start;
    EXPECT_TRUE(many > 5 * few);
}

TEST_MAIN()

/* SPDX-License-Identifier: Apache-2.0 */
/* The kit of all C tests, over cmocka.
 *
 *     TEST(volume_create_refuses_a_full_quota)
 *     {
 *         EXPECT_INT(volume_create(test_arena(t), ...), -EDQUOT);
 *     }
 *
 *     TEST_MAIN()
 *
 * A test's name is a sentence.  TEST() enlists itself; TEST_MAIN() stands once
 * in each program and runs them in the order of the file, or only those that
 * match the shell pattern in the program's first argument.  Each
 * expectation that is not met ends the test; what the test was given is
 * released all the same.  Expectations are for the test's own thread only:
 * other threads hand their results over. */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

struct test; /* One running test. */

struct test_case {
    const char *name;
    void (*run)(struct test *t);
    int line;
};

/* An arena that lives as long as the test. */
struct arena *test_arena(struct test *t);

/* A fresh directory under $TMPDIR, removed with all it holds after the test. */
const char *test_tmpdir(struct test *t);

/* A path in test_tmpdir(). */
char *test_path(struct test *t, const char *name);

/* Calls 'fn' with 'arg' after the test, also when it failed; last in, first out. */
void test_cleanup(struct test *t, void (*fn)(void *arg), void *arg);

#define TEST(name)                                                                                   \
    static void name(struct test *t);                                                                \
    static const struct test_case name##_case = { #name, name, __LINE__ };                           \
    static const struct test_case *const name##_entry __attribute__((section("test_cases"), used)) = \
        &name##_case;                                                                                \
    static void name(struct test *t attr_unused)

#define TEST_MAIN()                                                                        \
    extern const struct test_case *const __start_test_cases[], *const __stop_test_cases[]; \
    int main(int argc, char **argv)                                                        \
    {                                                                                      \
        return test_main(argc, argv, __start_test_cases, __stop_test_cases);               \
    }

#define EXPECT_TRUE(cond) test_expect_true(!!(cond), #cond, __FILE__, __LINE__)
#define EXPECT_INT(a, b)  test_expect_int((a), (b), #a, #b, __FILE__, __LINE__)

/* Equal strings; null equals only null. */
#define EXPECT_STR(a, b) test_expect_str((a), (b), #a, #b, __FILE__, __LINE__)

/* 'part' occurs in the string 's'. */
#define EXPECT_MATCH(s, part) test_expect_match((s), (part), #s, __FILE__, __LINE__)

/* 'call' gives 0 or more; if not, shows the words in the struct err at 'e'. */
#define EXPECT_OK(call, e) test_expect_ok((call), (e), #call, __FILE__, __LINE__)

int test_main(int argc, char **argv, const struct test_case *const *first,
              const struct test_case *const *end);
void test_expect_true(int is_true, const char *text, const char *file, int line);
void test_expect_int(int64_t a, int64_t b, const char *a_text, const char *b_text, const char *file,
                     int line);
void test_expect_str(const char *a, const char *b, const char *a_text, const char *b_text, const char *file,
                     int line);
void test_expect_match(const char *s, const char *part, const char *s_text, const char *file, int line);
void test_expect_ok(int r, const struct err *e, const char *text, const char *file, int line);

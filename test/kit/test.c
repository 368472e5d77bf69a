/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <errno.h>
#include <fnmatch.h>
#include <ftw.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct cleanup {
    struct cleanup *next;
    void (*fn)(void *arg);
    void *arg;
};

struct test {
    const struct test_case *what;
    struct arena arena;
    struct cleanup *cleanups;
    char *tmpdir;
};

struct arena *test_arena(struct test *t)
{
    return &t->arena;
}

void test_cleanup(struct test *t, void (*fn)(void *arg), void *arg)
{
    struct cleanup *c = arena_new(&t->arena, struct cleanup);

    *c = (struct cleanup){ .next = t->cleanups, .fn = fn, .arg = arg };
    t->cleanups = c;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    return remove(path);
}

static void remove_tree(void *path)
{
    if (nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS) < 0)
        print_error("cannot remove %s: %s\n", (char *) path, strerror(errno));
}

const char *test_tmpdir(struct test *t)
{
    const char *base = getenv("TMPDIR");

    if (t->tmpdir)
        return t->tmpdir;
    t->tmpdir = arena_printf(&t->arena, "%s/stackd-test-XXXXXX", base && *base ? base : "/tmp");
    if (!mkdtemp(t->tmpdir))
        fail_msg("cannot make the directory %s: %s", t->tmpdir, strerror(errno));
    test_cleanup(t, remove_tree, t->tmpdir);
    return t->tmpdir;
}

char *test_path(struct test *t, const char *name)
{
    return arena_printf(&t->arena, "%s/%s", test_tmpdir(t), name);
}

/* --- Running --------------------------------------------------------------- */

static void run_case(void **state)
{
    struct test *t = *state;

    t->what->run(t);
}

/* cmocka calls this also after a test that failed. */
static int release(void **state)
{
    struct test *t = *state;

    while (t->cleanups) {
        struct cleanup *c = t->cleanups;

        t->cleanups = c->next;
        c->fn(c->arg);
    }
    arena_done(&t->arena);
    return 0;
}

static int by_line(const void *a, const void *b)
{
    const struct CMUnitTest *x = a, *y = b;

    return ((struct test *) x->initial_state)->what->line - ((struct test *) y->initial_state)->what->line;
}

int test_main(int argc, char **argv, const struct test_case *const *first, const struct test_case *const *end)
{
    size_t max = (size_t) (end - first), n = 0;
    struct CMUnitTest *units = calloc(max, sizeof(*units));
    struct test *tests = calloc(max, sizeof(*tests));
    int failed;

    if (!units || !tests)
        abort();
    for (; first < end; first++) {
        if (argc > 1 && fnmatch(argv[1], (*first)->name, 0) != 0)
            continue;
        tests[n].what = *first;
        units[n] = (struct CMUnitTest){ (*first)->name, run_case, NULL, release, &tests[n] };
        n++;
    }
    if (n == 0) {
        fprintf(stderr, "no test matches\n");
        return 1;
    }
    qsort(units, n, sizeof(*units), by_line);
    failed = _cmocka_run_group_tests(program_invocation_short_name, units, n, NULL, NULL);
    free(tests);
    free(units);
    return failed ? 1 : 0;
}

/* --- Expectations ---------------------------------------------------------- */

void test_expect_true(int is_true, const char *text, const char *file, int line)
{
    if (is_true)
        return;
    print_error("expected: %s\n", text);
    _fail(file, line);
}

void test_expect_int(int64_t a, int64_t b, const char *a_text, const char *b_text, const char *file, int line)
{
    if (a == b)
        return;
    print_error("%s is %" PRId64 ", expected %s (%" PRId64 ")\n", a_text, a, b_text, b);
    _fail(file, line);
}

static const char *shown(const char *s)
{
    return s ? s : "(null)";
}

void test_expect_str(const char *a, const char *b, const char *a_text, const char *b_text, const char *file,
                     int line)
{
    if (a == b || (a && b && strcmp(a, b) == 0))
        return;
    print_error("%s is\n  \"%s\", expected %s\n  \"%s\"\n", a_text, shown(a), b_text, shown(b));
    _fail(file, line);
}

void test_expect_match(const char *s, const char *part, const char *s_text, const char *file, int line)
{
    if (s && strstr(s, part))
        return;
    print_error("%s is\n  \"%s\", expected in it\n  \"%s\"\n", s_text, shown(s), part);
    _fail(file, line);
}

void test_expect_ok(int r, const struct err *e, const char *text, const char *file, int line)
{
    if (r >= 0)
        return;
    print_error("%s is %d (%s): %s\n", text, r, strerror(-r), e ? e->msg : "");
    _fail(file, line);
}

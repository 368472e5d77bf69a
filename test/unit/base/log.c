/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "base/strbuf.h"
#include "kit/test.h"

#define NO_VALUE ((const char *) NULL)

/* A log into a file of the test. */
static struct log *new_log(struct test *t, bool json)
{
    struct log *l = arena_new(test_arena(t), struct log);

    l->fd = open(test_path(t, "log"), O_CREAT | O_RDWR | O_APPEND | O_CLOEXEC, 0600);
    l->json = json;
    EXPECT_TRUE(l->fd >= 0);
    return l;
}

/* All that was logged; closes the log. */
static const char *logged(struct test *t, struct log *l)
{
    struct strbuf b;
    ssize_t n;

    strbuf_init(&b, test_arena(t));
    EXPECT_INT(lseek(l->fd, 0, SEEK_SET), 0);
    while ((n = read(l->fd, strbuf_reserve(&b, 4096), 4096)) > 0)
        strbuf_commit(&b, (size_t) n);
    close(l->fd);
    return strbuf_str(&b);
}

/* What follows the time of a single line. */
static const char *after_time(const char *line)
{
    EXPECT_TRUE(strlen(line) > 24);
    EXPECT_INT(line[10], ' ');
    EXPECT_INT(line[19], '.');
    return line + 24;
}

TEST(text_has_time_level_component_words_and_pairs)
{
    struct log *l = new_log(t, false);

    l->component = "compute";
    log_info(l, "server booted", "server", "id-1", "name", "two words", "host", NO_VALUE, "zone", "");
    EXPECT_STR(after_time(logged(t, l)),
               "INFO compute: server booted server=id-1 name=\"two words\" zone=\"\"\n");
}

TEST(json_has_the_same_as_one_object)
{
    struct log *l = new_log(t, true);
    const char *s;

    l->component = "agent.l3";
    log_error(l, "cannot \"plug\"", "port", "p\\1", "host", NO_VALUE);
    s = logged(t, l);
    EXPECT_TRUE(str_has_prefix(s, "{\"time\":\"2"));
    EXPECT_STR(strstr(s, ",\"level\""), ",\"level\":\"error\",\"component\":\"agent.l3\","
                                        "\"message\":\"cannot \\\"plug\\\"\",\"port\":\"p\\\\1\"}\n");
}

TEST(what_is_below_the_level_is_dropped)
{
    struct log *l = new_log(t, false);
    const char *s;

    l->level = LOG_LEVEL_WARNING;
    log_debug(l, "one");
    log_info(l, "two");
    log_printf(l, LOG_LEVEL_INFO, "%s", "three");
    log_warning(l, "four");
    log_printf(l, LOG_LEVEL_ERROR, "%s %d", "five", 5);
    s = logged(t, l);
    EXPECT_INT(strv_len(str_split(test_arena(t), s, '\n')), 3);
    EXPECT_MATCH(s, "WARNING four\n");
    EXPECT_MATCH(s, "ERROR five 5\n");
}

TEST(no_log_drops_everything)
{
    log_info(NULL, "words", "name", "value");
    log_printf(NULL, LOG_LEVEL_ERROR, "words");
}

TEST(a_value_cannot_forge_a_line_or_steer_a_terminal)
{
    struct log *l = new_log(t, false);

    log_info(l, "in\nwords", "a", "x\r\n2026 ERROR forged", "b", "\x1b[2J", "c", "\x7f\xc2\x9b", "d",
             "\xff\xfe");
    EXPECT_STR(after_time(logged(t, l)), "INFO in\\nwords a=\"x\\r\\n2026 ERROR forged\" b=\\u001b[2J "
                                         "c=\\u007f\\u009b d=\xef\xbf\xbd\xef\xbf\xbd\n");
}

TEST(json_stays_one_valid_line)
{
    struct log *l = new_log(t, true);
    char *s;

    log_info(l, "w", "a", "\"}\n{\\\v\b", "b", "\xc3", "c", "\xc3\xa4\xf0\x9f\x98\x80");
    s = strstr(logged(t, l), "\"a\"");
    EXPECT_STR(s, "\"a\":\"\\\"}\\n{\\\\\\u000b\\b\",\"b\":\"\xef\xbf\xbd\","
                  "\"c\":\"\xc3\xa4\xf0\x9f\x98\x80\"}\n");
}

TEST(long_values_are_cut_between_characters)
{
    struct log *l = new_log(t, false);
    char value[3001] = { 0 };
    const char *s;

    for (size_t i = 0; i < 3000; i += 3)
        memcpy(value + i, "\xe2\x82\xac", 3);
    log_info(l, "words", "v", value, "after", "1");
    s = after_time(logged(t, l));
    /* 341 characters of three bytes are what fits into 1,024. */
    EXPECT_INT(strlen(s), strlen("INFO words v=") + 1023 + strlen("... after=1\n"));
    EXPECT_TRUE(str_is_utf8(s, strlen(s)));
    EXPECT_MATCH(s, "\xe2\x82\xac... after=1\n");
}

TEST(a_value_that_just_fits_is_whole)
{
    struct log *l = new_log(t, false);
    char value[1025] = { 0 };

    memset(value, 'x', 1024);
    log_info(l, "w", "v", value);
    EXPECT_STR(after_time(logged(t, l)), arena_printf(test_arena(t), "INFO w v=%s\n", value));
}

TEST(logging_keeps_errno)
{
    struct log l = { .fd = -1 };

    errno = ENOENT;
    log_info(&l, "words");
    log_printf(&l, LOG_LEVEL_ERROR, "words");
    EXPECT_INT(errno, ENOENT);
}

enum { THREADS = 4, LINES = 500 };

static void *write_many(void *arg)
{
    for (int i = 0; i < LINES; i++)
        log_info(arg, "words", "name", "a value of some length", "end", "here");
    return NULL;
}

TEST(lines_of_many_threads_do_not_mix)
{
    struct log *l = new_log(t, false);
    pthread_t threads[THREADS];
    const char **lines;

    for (int i = 0; i < THREADS; i++)
        EXPECT_INT(pthread_create(&threads[i], NULL, write_many, l), 0);
    for (int i = 0; i < THREADS; i++)
        EXPECT_INT(pthread_join(threads[i], NULL), 0);
    lines = str_split(test_arena(t), logged(t, l), '\n');
    EXPECT_INT(strv_len(lines), THREADS * LINES + 1);
    for (int i = 0; i < THREADS * LINES; i++)
        EXPECT_STR(after_time(lines[i]), "INFO words name=\"a value of some length\" end=here");
}

TEST(levels_have_names)
{
    enum log_level level = LOG_LEVEL_DEBUG;

    EXPECT_INT(log_level_parse("error", &level), 0);
    EXPECT_INT(level, LOG_LEVEL_ERROR);
    EXPECT_INT(log_level_parse("warning", &level), 0);
    EXPECT_INT(level, LOG_LEVEL_WARNING);
    EXPECT_INT(log_level_parse("loud", &level), -EINVAL);
    EXPECT_INT(log_level_parse(NULL, &level), -EINVAL);
    EXPECT_INT(level, LOG_LEVEL_WARNING);
}

TEST_MAIN()

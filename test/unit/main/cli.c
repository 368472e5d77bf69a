/* SPDX-License-Identifier: Apache-2.0 */
#include "main/cli.h"

#include "kit/test.h"

static int parse(struct test *t, struct cli *c, struct err *err, const char *const *words)
{
    int n = 0;
    char **argv;

    while (words[n])
        n++;
    argv = arena_array(test_arena(t), char *, (size_t) n + 2);
    argv[0] = "stackd";
    for (int i = 0; i < n; i++)
        argv[i + 1] = arena_strdup(test_arena(t), words[i]);
    return cli_parse(test_arena(t), n + 1, argv, c, err);
}

#define PARSE(c, err, ...) parse(t, (c), (err), (const char *const[]){ __VA_ARGS__, NULL })

TEST(a_command_with_its_options_is_read)
{
    struct err err = { 0 };
    struct cli c;

    EXPECT_OK(PARSE(&c, &err, "up", "--state", "/s", "--bind=127.0.0.2", "--foreground", "--set", "a.b=c=d",
                    "--set", "x.y="),
              &err);
    EXPECT_STR(c.command, "up");
    EXPECT_STR(c.state, "/s");
    EXPECT_STR(c.bind, "127.0.0.2");
    EXPECT_TRUE(c.foreground);
    EXPECT_STR(c.sets[0], "a.b=c=d");
    EXPECT_STR(c.sets[1], "x.y=");
    EXPECT_TRUE(c.sets[2] == NULL);
}

TEST(words_may_stand_before_and_behind_options)
{
    struct err err = { 0 };
    struct cli c;

    EXPECT_OK(PARSE(&c, &err, "--state", "/s", "dump", "--json", "routes"), &err);
    EXPECT_STR(c.command, "dump");
    EXPECT_STR(c.words[0], "routes");
    EXPECT_TRUE(c.json);
}

TEST(no_command_asks_for_help)
{
    struct err err = { 0 };
    struct cli c;

    EXPECT_OK(parse(t, &c, &err, (const char *const[]){ NULL }), &err);
    EXPECT_STR(c.command, "help");
    EXPECT_OK(PARSE(&c, &err, "up", "--help"), &err);
    EXPECT_STR(c.command, "help");
}

TEST(what_is_no_option_is_refused_by_name)
{
    struct err err = { 0 };
    struct cli c;

    EXPECT_INT(PARSE(&c, &err, "up", "--stat", "x", "--nonsense"), -EINVAL);
    EXPECT_MATCH(err.msg, "--nonsense");
    EXPECT_INT(PARSE(&c, &err, "up", "--state"), -EINVAL);
    EXPECT_INT(PARSE(&c, &err, "up", "--set", "nodot=1"), -EINVAL);
    EXPECT_INT(PARSE(&c, &err, "up", "--set", "a=b.c"), -EINVAL);
    EXPECT_INT(PARSE(&c, &err, "identity", "--ready-fd", "three"), -EINVAL);
}

TEST_MAIN()

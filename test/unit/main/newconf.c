/* SPDX-License-Identifier: Apache-2.0 */
#include "main/newconf.h"

#include <string.h>
#include <sys/stat.h>

#include "io/sock.h"
#include "kit/test.h"
#include "main/roles.h"

static void done(void *arg)
{
    setup_done(arg);
}

static struct setup *set_up(struct test *t, struct cli *cli)
{
    struct setup *s = arena_new(test_arena(t), struct setup);
    struct err err = { 0 };

    cli->state = test_tmpdir(t);
    EXPECT_OK(setup_load(s, cli, &err), &err);
    test_cleanup(t, done, s);
    EXPECT_OK(dir_make(setup_path(s, "secrets", NULL), 0700), NULL);
    return s;
}

static const char *written(struct test *t, struct setup *s)
{
    char *text;

    EXPECT_OK(file_read(test_arena(t), setup_path(s, "stackd.conf", NULL), 1 << 20, &text, NULL), NULL);
    return text;
}

TEST(a_new_file_says_where_to_listen_and_what_was_set)
{
    const char *sets[] = { "identity.password_rounds=4", "identity.bind_host=127.0.0.9", NULL };
    struct cli cli = { .bind = "127.0.0.2", .sets = sets };
    struct setup *s = set_up(t, &cli);
    struct err err = { 0 };
    const char *text;
    struct stat st;

    EXPECT_OK(newconf_write(s, &err), &err);
    text = written(t, s);
    EXPECT_MATCH(text, "[identity]\nbind_host = 127.0.0.9\npassword_rounds = 4\n");
    EXPECT_MATCH(text, "[image]\nbind_host = 127.0.0.2\n");
    EXPECT_MATCH(text, "public_host = 127.0.0.2");
    EXPECT_INT(stat(setup_path(s, "stackd.conf", NULL), &st), 0);
    EXPECT_INT(st.st_mode & 07777, 0640);
}

TEST(a_new_file_is_well_formed)
{
    struct cli cli = { 0 };
    struct setup *s = set_up(t, &cli), again = { 0 };
    struct err err = { 0 };

    EXPECT_OK(newconf_write(s, &err), &err);
    EXPECT_OK(setup_load_existing(&again, &cli, &err), &err);
    test_cleanup(t, done, &again);
    EXPECT_OK(setup_check(&again, &err), &err);
    EXPECT_TRUE(again.config_path != NULL);
}

TEST(a_file_that_is_there_stays)
{
    struct cli cli = { .state = test_tmpdir(t) };
    struct err err = { 0 };
    struct setup *s;

    EXPECT_OK(file_write_atomic(test_path(t, "stackd.conf"), "[stackd]\nregion = X\n", 20, 0640), NULL);
    s = set_up(t, &cli);
    EXPECT_OK(newconf_write(s, &err), &err);
    EXPECT_STR(written(t, s), "[stackd]\nregion = X\n");
    EXPECT_STR(s->opt.region, "X");
}

TEST(two_clouds_mark_their_devices_differently)
{
    struct cli cli = { 0 };
    struct setup *s = set_up(t, &cli);
    struct err err = { 0 };
    const char *first;

    EXPECT_OK(newconf_write(s, &err), &err);
    first = strstr(written(t, s), "prefix = ");
    EXPECT_TRUE(first != NULL);
    first = arena_strndup(test_arena(t), first, strcspn(first, "\n"));
    EXPECT_OK(unlink(setup_path(s, "stackd.conf", NULL)), NULL);
    EXPECT_OK(newconf_write(s, &err), &err);
    EXPECT_TRUE(strstr(written(t, s), first) == NULL);
}

TEST(a_services_url_follows_the_configuration)
{
    const char *sets[] = { "image.bind_host=::1", "image.bind_port=8080", "identity.bind_host=0.0.0.0",
                           NULL };
    struct cli cli = { .sets = sets };
    struct setup *s = set_up(t, &cli);
    struct err err = { 0 };
    char *url;

    EXPECT_OK(role_url(s, role_named("image"), false, &url, &err), &err);
    EXPECT_STR(url, "http://[::1]:8080");
    EXPECT_OK(role_url(s, role_named("identity"), false, &url, &err), &err);
    EXPECT_STR(url, "http://127.0.0.1:5000");
    s->opt.public_host = "cloud.example";
    EXPECT_OK(role_url(s, role_named("identity"), true, &url, &err), &err);
    EXPECT_STR(url, "http://cloud.example:5000");
}

TEST_MAIN()

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "base/str.h"
#include "kit/test.h"

struct settings {
    const char *backend, *host;
    bool debug;
    int64_t expiry, limit;
    double ratio;
    const char **drivers;
    struct secret password;
};

static const struct option options[] = {
    { "backend", FIELD_STRING, offsetof(struct settings, backend), "file", "Where data lives.",
      .choices = "file|lvm" },
    { "host", FIELD_STRING, offsetof(struct settings, host) },
    { "debug", FIELD_BOOL, offsetof(struct settings, debug), "false" },
    { "token_expiry", FIELD_INT, offsetof(struct settings, expiry), "3600", .min = 1, .max = 86400 },
    { "limit", FIELD_INT, offsetof(struct settings, limit) },
    { "ratio", FIELD_DOUBLE, offsetof(struct settings, ratio), "1.5" },
    { "drivers", FIELD_STRV, offsetof(struct settings, drivers), "a,b" },
    { "password", FIELD_SECRET, offsetof(struct settings, password) },
    { 0 },
};

static const char *write_file(struct test *t, const char *text, size_t n)
{
    const char *path = test_path(t, "stackd.conf");
    FILE *f = fopen(path, "w");

    EXPECT_TRUE(f != NULL);
    EXPECT_INT(fwrite(text, 1, n, f), n);
    fclose(f);
    return path;
}

static struct config *load(struct test *t, const char *text)
{
    struct err err = { 0 };
    struct config *c = NULL;

    EXPECT_OK(config_load(test_arena(t), write_file(t, text, strlen(text)), &c, &err), &err);
    return c;
}

static struct config *load_nothing(struct test *t)
{
    struct config *c = NULL;

    EXPECT_INT(config_load(test_arena(t), NULL, &c, NULL), 0);
    return c;
}

/* That 'text' as a file is refused at loading with 'words' in the message. */
static void expect_refused(struct test *t, const char *text, const char *words)
{
    struct config *c = NULL;
    struct err err = { 0 };

    EXPECT_INT(config_load(test_arena(t), write_file(t, text, strlen(text)), &c, &err), -EINVAL);
    EXPECT_MATCH(err.msg, words);
    EXPECT_TRUE(!c);
}

/* That one key's value is refused at reading with 'words' in the message. */
static void expect_bad_value(struct test *t, const char *key, const char *value, const char *words)
{
    struct config *c = load(t, arena_printf(test_arena(t), "# x\n[identity]\n\n%s = %s\n", key, value));
    struct settings s = { .expiry = 7, .backend = "before" };
    struct err err = { 0 };

    EXPECT_INT(config_read(c, "identity", options, &s, &err), -EINVAL);
    EXPECT_MATCH(err.msg, words);
    EXPECT_MATCH(err.msg, arena_printf(test_arena(t), "stackd.conf:4: [identity] %s: ", key));
    EXPECT_INT(s.expiry, 7);
    EXPECT_STR(s.backend, "before");
}

TEST(without_a_file_there_are_the_defaults)
{
    struct settings s;
    struct err err = { 0 };

    EXPECT_OK(config_read(load_nothing(t), "identity", options, &s, &err), &err);
    EXPECT_STR(s.backend, "file");
    EXPECT_STR(s.host, NULL);
    EXPECT_TRUE(!s.debug);
    EXPECT_INT(s.expiry, 3600);
    EXPECT_INT(s.limit, FIELD_NULL_INT);
    EXPECT_TRUE(s.ratio == 1.5);
    EXPECT_STR(strv_join(test_arena(t), s.drivers, "|"), "a|b");
    EXPECT_STR(secret_expose(s.password), NULL);
}

TEST(a_file_sets_every_type)
{
    struct config *c = load(t, "; old style\n# new style\n\n[other]\nhost=elsewhere\n[identity]\r\n"
                               "backend = lvm\r\n  host\t=  \" a = b # c \"\n"
                               "debug = True\ntoken_expiry=1\nlimit = -5\nratio = 2.25\n"
                               "drivers = one, two three ,,four\npassword = p=w'x\n");
    struct settings s;
    struct err err = { 0 };

    EXPECT_OK(config_read(c, "identity", options, &s, &err), &err);
    EXPECT_STR(s.backend, "lvm");
    EXPECT_STR(s.host, " a = b # c ");
    EXPECT_TRUE(s.debug);
    EXPECT_INT(s.expiry, 1);
    EXPECT_INT(s.limit, -5);
    EXPECT_TRUE(s.ratio == 2.25);
    EXPECT_STR(strv_join(test_arena(t), s.drivers, "|"), "one|two three|four");
    EXPECT_STR(secret_expose(s.password), "p=w'x");
}

TEST(an_empty_value_is_not_the_default)
{
    struct config *c = load(t, "[identity]\nhost =\ndrivers =\npassword =\n");
    struct settings s;
    struct err err = { 0 };

    EXPECT_OK(config_read(c, "identity", options, &s, &err), &err);
    EXPECT_STR(s.host, "");
    EXPECT_INT(strv_len(s.drivers), 0);
    EXPECT_STR(secret_expose(s.password), "");
    expect_bad_value(t, "token_expiry", "", "'' is not a number");
}

TEST(a_section_may_be_continued)
{
    struct config *c = load(t, "[identity]\nhost = a\n[x]\n[identity]\nlimit = 4");
    struct settings s;
    struct err err = { 0 };

    EXPECT_OK(config_read(c, "identity", options, &s, &err), &err);
    EXPECT_STR(s.host, "a");
    EXPECT_INT(s.limit, 4);
}

TEST(a_wrong_value_is_named_with_file_and_line)
{
    expect_bad_value(t, "token_expiry", "5x", "stackd.conf:4: [identity] token_expiry: '5x' is not a number");
    expect_bad_value(t, "token_expiry", "0", "'0' is not from 1 to 86400");
    expect_bad_value(t, "token_expiry", "86401", "is not from 1 to 86400");
    expect_bad_value(t, "limit", "99999999999999999999", "is too large");
    expect_bad_value(t, "limit", "-9223372036854775808", "is too large");
    expect_bad_value(t, "debug", "maybe", "'maybe' is not true or false");
    expect_bad_value(t, "ratio", "1,5", "'1,5' is not a number");
    expect_bad_value(t, "backend", "tape", "'tape' is not one of file|lvm");
    expect_bad_value(t, "backend", "", "'' is not one of file|lvm");
}

TEST(a_malformed_file_is_refused_with_its_line)
{
    expect_refused(t, "[a]\nkey\n", "stackd.conf:2: expected \"key = value\"");
    expect_refused(t, "[a]\n= value\n", "stackd.conf:2: expected \"key = value\"");
    expect_refused(t, "[a\nkey = value\n", "stackd.conf:1: a section is written [name]");
    expect_refused(t, "\n[]\n", "stackd.conf:2: a section is written [name]");
    expect_refused(t, "[\n", "stackd.conf:1: a section is written [name]");
    expect_refused(t, "key = value\n[a]\n", "stackd.conf:1: a key stands before the first [section]");
    expect_refused(t, "[a]\nk = 1\n[b]\nk = 1\n[a]\nk = 2\n",
                   "stackd.conf:6: [a] k: is already set in line 2");
    expect_refused(t, "[a]\nk = \xff\n", "is not UTF-8 text");
}

TEST(a_malformed_line_does_not_show_its_text)
{
    struct config *c = NULL;
    struct err err = { 0 };
    const char *text = "[a]\npassword s3cret\n";

    EXPECT_INT(config_load(test_arena(t), write_file(t, text, strlen(text)), &c, &err), -EINVAL);
    EXPECT_TRUE(!strstr(err.msg, "s3cret"));
}

TEST(a_file_with_a_zero_byte_is_refused)
{
    struct config *c = NULL;
    struct err err = { 0 };

    EXPECT_INT(config_load(test_arena(t), write_file(t, "[a]\0\n", 5), &c, &err), -EINVAL);
    EXPECT_MATCH(err.msg, "is not UTF-8 text");
}

TEST(a_file_too_large_is_refused)
{
    size_t n = (1 << 20) + 1;
    char *text = arena_alloc(test_arena(t), n);
    struct config *c = NULL;
    struct err err = { 0 };

    memset(text, '\n', n);
    EXPECT_INT(config_load(test_arena(t), write_file(t, text, n), &c, &err), -EINVAL);
    EXPECT_MATCH(err.msg, "is larger than 1 MiB");
    EXPECT_OK(config_load(test_arena(t), write_file(t, text, n - 1), &c, &err), &err);
}

TEST(a_missing_file_is_an_error)
{
    struct config *c = NULL;
    struct err err = { 0 };

    EXPECT_INT(config_load(test_arena(t), test_path(t, "none.conf"), &c, &err), -ENOENT);
    EXPECT_MATCH(err.msg, "none.conf");
    EXPECT_INT(config_load(test_arena(t), test_tmpdir(t), &c, &err), -EISDIR);
}

TEST(set_goes_before_the_file)
{
    struct config *c = load(t, "[identity]\nhost = a\nlimit = x\n");
    struct settings s;
    struct err err = { 0 };

    config_set(c, "identity", "limit", "7");
    config_set(c, "identity", "ratio", "3");
    EXPECT_OK(config_read(c, "identity", options, &s, &err), &err);
    EXPECT_STR(s.host, "a");
    EXPECT_INT(s.limit, 7);
    EXPECT_TRUE(s.ratio == 3);
    config_set(c, "identity", "ratio", "x");
    EXPECT_INT(config_read(c, "identity", options, &s, &err), -EINVAL);
    EXPECT_STR(err.msg, "--set: [identity] ratio: 'x' is not a number");
}

TEST(unknown_keys_and_sections_are_found)
{
    struct config *c = load(t, "[identity]\nhost = a\ntokn_expiry = 1\n[identiy]\n");
    struct settings s;
    struct err err = { 0 };

    EXPECT_OK(config_read(c, "identity", options, &s, &err), &err);
    EXPECT_INT(config_check_unknown(c, &err), -EINVAL);
    EXPECT_MATCH(err.msg, "stackd.conf:3: [identity] tokn_expiry: there is no such option");

    c = load(t, "[identity]\nhost = a\n[identiy]\n");
    EXPECT_OK(config_read(c, "identity", options, &s, &err), &err);
    EXPECT_INT(config_check_unknown(c, &err), -EINVAL);
    EXPECT_MATCH(err.msg, "stackd.conf:3: there is no section [identiy]");

    c = load(t, "[identity]\nhost = a\n");
    config_set(c, "identity", "x", "y");
    EXPECT_OK(config_read(c, "identity", options, &s, &err), &err);
    EXPECT_INT(config_check_unknown(c, &err), -EINVAL);
    EXPECT_STR(err.msg, "--set: [identity] x: there is no such option");
}

TEST(known_keys_satisfy_the_check)
{
    struct config *c = load(t, "[identity]\nhost = a\n");
    struct settings s;
    struct err err = { 0 };

    EXPECT_OK(config_read(c, "identity", options, &s, &err), &err);
    EXPECT_OK(config_check_unknown(c, &err), &err);
    EXPECT_OK(config_check_unknown(load_nothing(t), &err), &err);
}

TEST(a_wrong_table_is_refused)
{
    static const struct option bad_default[] = { { "n", FIELD_INT, 0, "x" }, { 0 } };
    static const struct option bad_type[] = { { "n", FIELD_JSON, 0, "x" }, { 0 } };
    auto_strbuf struct strbuf b = { 0 };
    struct err err = { 0 };
    int64_t v;

    EXPECT_INT(config_read(load_nothing(t), "a", bad_default, &v, &err), -EINVAL);
    EXPECT_STR(err.msg, "default: [a] n: 'x' is not a number");
    EXPECT_INT(config_read(load_nothing(t), "a", bad_type, &v, &err), -EINVAL);
    EXPECT_INT(config_write_sample(&b, "a", bad_type), -EINVAL);
    EXPECT_STR(strbuf_str(&b), "");
}

TEST(the_sample_documents_each_option)
{
    static const struct option some[] = {
        { "backend", FIELD_STRING, 0, "file",
          "Where the data of volumes lives. This sentence is here so that the words no longer fit into one "
          "line.",
          .choices = "file|lvm" },
        { "expiry", FIELD_INT, 0, "3600", "Seconds.", .min = 1, .max = 9 },
        { "host", FIELD_STRING, 0, NULL, NULL },
        { 0 },
    };
    struct strbuf b;

    strbuf_init(&b, test_arena(t));
    EXPECT_INT(config_write_sample(&b, "block", some), 0);
    EXPECT_STR(strbuf_str(&b),
               "[block]\n"
               "\n"
               "# Where the data of volumes lives. This sentence is here so that the words no\n"
               "# longer fit into one line.\n"
               "# Value: one of file|lvm\n"
               "#backend = file\n"
               "\n"
               "# Seconds.\n"
               "# Value: a number from 1 to 9\n"
               "#expiry = 3600\n"
               "\n"
               "#host =\n");
}

TEST(the_sample_is_a_valid_file_that_changes_nothing)
{
    struct strbuf b;
    struct settings s;
    struct err err = { 0 };
    struct config *c;

    strbuf_init(&b, test_arena(t));
    EXPECT_INT(config_write_sample(&b, "identity", options), 0);
    c = load(t, strbuf_str(&b));
    EXPECT_OK(config_read(c, "identity", options, &s, &err), &err);
    EXPECT_OK(config_check_unknown(c, &err), &err);
    EXPECT_INT(s.expiry, 3600);
}

TEST_MAIN()

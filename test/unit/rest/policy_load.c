/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/sock.h"
#include "policy_kit.h"
#include "rest/policy_check.h"

static const struct policy_rule table[] = { { "svc:get", "role:admin" },
                                            { "svc:set", "role:admin", NULL, NULL, "svc:put", "rule:owner" },
                                            { "owner", "user_id:%(user_id)s" },
                                            { NULL } };

static struct policy *policy_with(struct test *t, const char *name, const char *text)
{
    char *file = test_path(t, name);

    write_file(file, text);
    return policy_of(t, table, &(struct policy_config){ .file = file });
}

static const char *file_refusal(struct test *t, const char *text)
{
    char *file = test_path(t, "policy.yaml");

    write_file(file, text);
    return refusal(t, table, &(struct policy_config){ .file = file });
}

TEST(a_file_takes_the_place_of_defaults)
{
    struct policy *p = policy_with(t, "policy.yaml", "# ours\n\"svc:get\": \"role:member\"\n");

    EXPECT_TRUE(policy_allows(p, test_arena(t), "svc:get", &member, NULL));
    EXPECT_TRUE(!policy_allows(p, test_arena(t), "svc:get", &domain_reader, NULL));
}

TEST(a_json_file_is_read_too)
{
    struct policy *p = policy_with(t, "policy.json", "{\"svc:get\": \"role:member\",\n\t\"mine\": \"\"}");

    EXPECT_TRUE(policy_allows(p, test_arena(t), "svc:get", &member, NULL));
    EXPECT_TRUE(policy_allows(p, test_arena(t), "mine", &member, NULL));
}

TEST(a_missing_or_blank_file_means_the_defaults)
{
    struct policy *p =
        policy_of(t, table,
                  &(struct policy_config){ .file = test_path(t, "none"),
                                           .dirs = (const char *[]){ test_path(t, "no.d"), NULL } });

    EXPECT_TRUE(policy_allows(p, test_arena(t), "svc:get", &admin, NULL));
    p = policy_with(t, "policy.yaml", "# nothing\n\n---\n  # here\n");
    EXPECT_TRUE(policy_allows(p, test_arena(t), "svc:get", &admin, NULL));
}

TEST(the_old_form_is_any_of_all_of)
{
    struct policy *p = policy_with(t, "policy.json",
                                   "{\"a\": [[\"role:admin\"], [\"role:member\", \"project_id:p1\"]],"
                                   " \"b\": [\"role:admin\", \"role:reader\"], \"c\": [], \"d\": [[]],"
                                   " \"e\": [[\"role:member\", \"project_id:p2\"]]}");
    struct arena *a = test_arena(t);

    EXPECT_TRUE(policy_allows(p, a, "a", &member, NULL));
    EXPECT_TRUE(policy_allows(p, a, "a", &admin, NULL));
    EXPECT_TRUE(!policy_allows(p, a, "a", &domain_reader, NULL));
    EXPECT_TRUE(policy_allows(p, a, "b", &domain_reader, NULL));
    EXPECT_TRUE(policy_allows(p, a, "c", &domain_reader, NULL));
    EXPECT_TRUE(!policy_allows(p, a, "d", &admin, NULL));
    EXPECT_TRUE(!policy_allows(p, a, "e", &member, NULL));
}

TEST(later_files_of_the_directory_win)
{
    char *dir = test_path(t, "policy.d"), *file = test_path(t, "policy.yaml");
    struct policy *p;

    EXPECT_INT(mkdir(dir, 0700), 0);
    write_file(file, "\"svc:get\": \"!\"\n\"x\": \"role:member\"\n");
    write_file(test_path(t, "policy.d/20.yaml"), "\"svc:get\": \"role:member\"\n");
    write_file(test_path(t, "policy.d/10.yaml"), "\"svc:get\": \"role:nobody\"\n");
    write_file(test_path(t, "policy.d/.hidden.yaml"), "broken\n");
    EXPECT_INT(mkdir(test_path(t, "policy.d/30.yaml"), 0700), 0);
    p = policy_of(t, table, &(struct policy_config){ .file = file, .dirs = (const char *[]){ dir, NULL } });
    EXPECT_TRUE(policy_allows(p, test_arena(t), "svc:get", &member, NULL));
    EXPECT_TRUE(policy_allows(p, test_arena(t), "x", &member, NULL));
}

TEST(a_new_file_in_the_directory_is_noticed)
{
    struct clock clock = { 1000000 };
    char *dir = test_path(t, "policy.d");
    struct policy *p = policy_of(
        t, table, &(struct policy_config){ .dirs = (const char *[]){ dir, NULL }, .clock = &clock });

    EXPECT_INT(mkdir(dir, 0700), 0);
    write_file(test_path(t, "policy.d/a.json"), "{\"svc:get\": \"role:member\"}");
    clock.fixed_us += 1000000;
    policy_refresh(p);
    EXPECT_TRUE(policy_allows(p, test_arena(t), "svc:get", &member, NULL));
}

/* What was logged in the file. */
static const char *logged(struct test *t, const char *file)
{
    char *text;

    EXPECT_TRUE(file_read(test_arena(t), file, 65536, &text, NULL) >= 0);
    return text;
}

TEST(a_folder_that_cannot_be_read_any_more_is_reported)
{
    struct clock clock = { 1000000 };
    char *dir = test_path(t, "policy.d"), *file = test_path(t, "log");
    struct log log = { .fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600), .level = LOG_LEVEL_ERROR };
    struct policy *p = policy_of(
        t, table,
        &(struct policy_config){ .dirs = (const char *[]){ dir, NULL }, .clock = &clock, .log = &log });

    write_file(dir, ""); /* Missing before, and now what nobody can list; modes are nothing to root. */
    clock.fixed_us += 1000000;
    policy_refresh(p);
    EXPECT_MATCH(logged(t, file), "cannot read the directory");
    EXPECT_INT(unlink(dir), 0);
    EXPECT_INT(mkdir(dir, 0700), 0);
    write_file(test_path(t, "policy.d/a.json"), "{\"svc:get\": \"role:member\"}");
    clock.fixed_us += 1000000;
    policy_refresh(p);
    EXPECT_TRUE(policy_allows(p, test_arena(t), "svc:get", &member, NULL));
    close(log.fd);
}

TEST(a_file_whose_mode_alone_changed_is_looked_at_again)
{
    char *file = test_path(t, "policy.yaml");
    const struct policy_config c = { .file = file };
    uint64_t before;

    write_file(file, "\"svc:get\": \"role:member\"\n");
    before = overrides_stamp(&c);
    EXPECT_TRUE(overrides_stamp(&c) == before);
    while (overrides_stamp(&c) == before) /* A file system's clock is coarse. */
        EXPECT_INT(chmod(file, 0), 0);
}

TEST(a_rule_under_its_old_name_counts_for_the_new_one)
{
    struct policy *p = policy_with(t, "policy.yaml", "\"svc:put\": \"role:reader\"\n");

    EXPECT_TRUE(policy_allows(p, test_arena(t), "svc:set", &domain_reader, NULL));
    EXPECT_TRUE(!policy_allows(p, test_arena(t), "svc:set", &admin, NULL));
}

TEST(the_new_name_wins_over_the_old_one)
{
    struct policy *p =
        policy_with(t, "policy.yaml", "\"svc:put\": \"role:reader\"\n\"svc:set\": \"role:member\"\n");

    EXPECT_TRUE(policy_allows(p, test_arena(t), "svc:set", &admin, NULL));
    EXPECT_TRUE(!policy_allows(p, test_arena(t), "svc:set", &domain_reader, NULL));
}

TEST(an_old_name_that_only_points_to_the_new_one_changes_nothing)
{
    struct policy *p = policy_with(t, "policy.yaml", "\"svc:put\": \"rule:svc:set\"\n");
    const struct policy_target *own = TARGET({ "user_id", "u2" });

    EXPECT_TRUE(policy_allows(p, test_arena(t), "svc:set", &admin, NULL));
    EXPECT_TRUE(policy_allows(p, test_arena(t), "svc:set", &domain_reader, own));
    EXPECT_TRUE(!policy_allows(p, test_arena(t), "svc:set", &domain_reader, NULL));
}

TEST(an_override_drops_the_deprecated_form)
{
    struct policy *p = policy_with(t, "policy.yaml", "\"svc:set\": \"role:member\"\n");

    EXPECT_TRUE(!policy_allows(p, test_arena(t), "svc:set", &domain_reader, TARGET({ "user_id", "u2" })));
}

TEST(mistakes_name_file_line_and_rule)
{
    const char *words = file_refusal(t, "# ours\n\n\"svc:get\": \"@\"\n\"svc:set\": \"role:admin or\"\n");

    EXPECT_MATCH(words, "policy.yaml:4: rule \"svc:set\"");
    EXPECT_MATCH(words, "a check is missing");
    EXPECT_MATCH(file_refusal(t, "svc: 7\n"),
                 "policy.yaml:1: rule \"svc\": a rule must be a string or a list");
    EXPECT_MATCH(file_refusal(t, "- a\n"), "does not map names to rules");
    EXPECT_MATCH(file_refusal(t, "\"x\": [[7]]\n"), "not a string");
    EXPECT_MATCH(file_refusal(t, "\"owner\": \"rule:svc:put\"\n\"svc:put\": \"rule:owner\"\n"),
                 "leads back to itself");
}

TEST(a_reference_to_nothing_in_a_file_is_refused_when_asked)
{
    struct policy *p = policy_with(t, "policy.yaml", "\"svc:get\": \"rule:gone or role:member\"\n");

    EXPECT_TRUE(policy_allows(p, test_arena(t), "svc:get", &member, NULL));
    EXPECT_TRUE(!policy_allows(p, test_arena(t), "svc:get", &domain_reader, NULL));
}

TEST_MAIN()

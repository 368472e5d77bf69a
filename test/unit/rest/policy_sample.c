/* SPDX-License-Identifier: Apache-2.0 */
#include "base/strbuf.h"
#include "policy_kit.h"
#include "wire/json.h"
#include "wire/yaml.h"

static const struct policy_rule table[] = { { "svc:get", "role:admin or 'a\"b':%(x)s", "system|project",
                                              "Show one." },
                                            { "svc:set", "@", NULL, NULL, "svc:put", "!" },
                                            { NULL } };

static const char *sample_text(struct test *t)
{
    const struct policy_rule *const tables[] = { table, NULL };
    struct strbuf b;

    strbuf_init(&b, test_arena(t));
    policy_write_sample(tables, POLICY_YAML, &b);
    return strbuf_str(&b);
}

TEST(a_sample_says_what_each_rule_is)
{
    EXPECT_STR(sample_text(t), "# Show one.\n"
                               "# Scope: system, project\n"
                               "#\"svc:get\": \"role:admin or 'a\\\"b':%(x)s\"\n"
                               "\n"
                               "#\"svc:set\": \"@\"\n"
                               "# Deprecated form, which holds too unless enforce_new_defaults is set:\n"
                               "# #\"svc:put\": \"!\"\n"
                               "\n");
}

TEST(a_sample_is_a_policy_file_that_changes_nothing)
{
    char *file = test_path(t, "policy.yaml");
    struct policy *p;

    write_file(file, sample_text(t));
    p = policy_of(t, table, &(struct policy_config){ .file = file });
    EXPECT_TRUE(!policy_allows(p, test_arena(t), "svc:get", &member, NULL));
    EXPECT_TRUE(policy_allows(p, test_arena(t), "svc:set", &member, NULL));
}

TEST(a_sample_without_its_comment_signs_says_the_same)
{
    struct strbuf b;
    json_t *auto_json doc = NULL;
    struct err err = { 0 };

    strbuf_init(&b, test_arena(t));
    for (const char *s = sample_text(t); *s; s++)
        if (*s != '#' || s[1] != '"')
            strbuf_putc(&b, *s);
    EXPECT_OK(yaml_read(strbuf_str(&b), b.len, &doc, &err), &err);
    EXPECT_STR(json_str(doc, "svc:get"), table[0].check);
    EXPECT_STR(json_str(doc, "svc:set"), table[1].check);
}

/* What holds, printed and read again, is what held. */
TEST(the_rules_that_hold_are_a_policy_file)
{
    static const struct policy_rule rules[] = {
        { "a", "role:admin and (project_id:%(project_id)s or not 'x':%(y.z)s) or @" },
        { "b",
          "rule:a and user_id:a%%%(name)sb or http://127.0.0.1:1/%(name)s or field:networks:shared=True" },
        { "c",
          "field:port:owner=~^net(work)?: or None:%(n)s or 12:%(m)s or ['a',1]:%(l)s or \"it's\":%(k)s" },
        { "d", "" },
        { NULL }
    };
    struct policy *p = policy_of(t, rules, &(struct policy_config){ 0 });
    char *file = test_path(t, "policy.yaml");
    struct strbuf once, again;

    strbuf_init(&once, test_arena(t));
    strbuf_init(&again, test_arena(t));
    policy_write_effective(p, POLICY_YAML, &once);
    write_file(file, strbuf_str(&once));
    p = policy_of(t, (const struct policy_rule[]){ { NULL } }, &(struct policy_config){ .file = file });
    policy_write_effective(p, POLICY_YAML, &again);
    EXPECT_STR(strbuf_str(&again), strbuf_str(&once));
    EXPECT_TRUE(strstr(strbuf_str(&once),
                       "\"c\": \"(field:port:owner=~^net(work)?: or None:%(n)s or 12:%(m)s or "
                       "['a',1]:%(l)s or \\\"it's\\\":%(k)s)\"") != NULL);
}

TEST(a_rule_that_says_what_the_default_says_is_redundant)
{
    char *file = test_path(t, "policy.yaml");
    struct policy *p;
    struct strbuf out;

    strbuf_init(&out, test_arena(t));
    write_file(file, "svc:get: role:admin   or 'a\"b':%(x)s\nsvc:set: '!'\nown: '@'\n");
    p = policy_of(t, table, &(struct policy_config){ .file = file });
    policy_write_redundant(p, &out);
    EXPECT_STR(strbuf_str(&out), "\"svc:get\": \"(role:admin or 'a\\\"b':%(x)s)\"\n");
}

TEST_MAIN()

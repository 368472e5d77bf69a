/* SPDX-License-Identifier: Apache-2.0 */
/* Hot paths again and again, for test/unit/identity/instructions to count what
 * they execute: STACKD_PATH names one, STACKD_TIMES how often. */
#include "kit.h"

static const char *project_of(struct cloud *c, const char *token)
{
    struct httpc_reply r = call(c, HTTP_GET, "/v3/auth/tokens", token, token, NULL);
    auto_json json_t *j = NULL;
    struct err err = { 0 };

    EXPECT_OK(json_read(r.body, r.body_len, &j, &err), &err);
    return arena_strdup(c->a, json_str(json_at(j, "token.project"), "id"));
}

static void validate(struct cloud *c, const char *token, const char *body attr_unused)
{
    EXPECT_INT(call(c, HTTP_GET, "/v3/auth/tokens", token, token, NULL).status, 200);
}

static void issue(struct cloud *c, const char *token attr_unused, const char *body)
{
    EXPECT_INT(call(c, HTTP_POST, "/v3/auth/tokens", NULL, NULL, body).status, 201);
}

static void discover(struct cloud *c, const char *token attr_unused, const char *body attr_unused)
{
    EXPECT_INT(call(c, HTTP_GET, "/v3", NULL, NULL, NULL).status, 200);
}

/* Bodies of the log-ins that are counted. */
static const char *by_token(struct cloud *c, const char *token)
{
    return arena_printf(c->a,
                        "{\"auth\":{\"identity\":{\"methods\":[\"token\"],\"token\":{\"id\":\"%s\"}},"
                        "\"scope\":{\"project\":{\"id\":\"%s\"}}}}",
                        token, project_of(c, token));
}

static const char *by_app_cred(struct cloud *c, const char *token)
{
    struct httpc_reply r = call(c, HTTP_GET, "/v3/auth/tokens", token, token, NULL);
    const char *user = text_at(c, &r, "token.user.id");

    r = call(c, HTTP_POST, arena_printf(c->a, "/v3/users/%s/application_credentials", user), token, NULL,
             "{\"application_credential\":{\"name\":\"robot\"}}");
    EXPECT_INT(r.status, 201);
    return arena_printf(c->a,
                        "{\"auth\":{\"identity\":{\"methods\":[\"application_credential\"],"
                        "\"application_credential\":{\"id\":\"%s\",\"secret\":\"%s\"}}}}",
                        text_at(c, &r, "application_credential.id"),
                        text_at(c, &r, "application_credential.secret"));
}

static const struct {
    const char *name;
    void (*go)(struct cloud *c, const char *token, const char *body);
    const char *cached; /* [identity] token_cache_entries */
    const char *(*body)(struct cloud *c, const char *token);
} paths[] = {
    { "validate", validate, "1024", NULL },        { "validate-uncached", validate, "0", NULL },
    { "issue-by-token", issue, "1024", by_token }, { "issue-by-app-cred", issue, "1024", by_app_cred },
    { "discover", discover, "1024", NULL },
};

TEST(a_path_goes_as_often_as_is_asked_for)
{
    const char *name = getenv("STACKD_PATH"), *text = getenv("STACKD_TIMES"), *token, *body;
    int64_t times = 1;

    EXPECT_INT(text ? str_to_i64(text, &times) : 0, 0);
    for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
        const char *const options[] = { "token_cache_entries", paths[i].cached, NULL };
        struct cloud *c;

        if (name && !str_eq(name, paths[i].name))
            continue;
        c = cloud_start_with(t, options);
        token = log_in(c, "admin", "secret");
        body = paths[i].body ? paths[i].body(c, token) : NULL;
        for (int64_t k = 0; k < times; k++)
            paths[i].go(c, token, body);
    }
}

TEST_MAIN()

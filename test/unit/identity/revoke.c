/* SPDX-License-Identifier: Apache-2.0 */
/* What takes tokens away, and how soon every process knows. */
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "kit.h"
#include "kit/sqltest.h"

/* --- helpers ----------------------------------------------------------------------------- */

static const char *token_of(struct cloud *c, const char *user, const char *scope)
{
    struct httpc_reply r = log_in_to(c, user, user, scope);

    EXPECT_INT(r.status, 201);
    return httpc_header(&r, "X-Subject-Token");
}

static int status_of(struct cloud *c, const char *admin, const char *token)
{
    return call(c, HTTP_GET, "/v3/auth/tokens", admin, token, NULL).status;
}

/* The id of what a POST made. */
static const char *make(struct cloud *c, const char *admin, const char *path, const char *what,
                        const char *body)
{
    struct httpc_reply r = call(c, HTTP_POST, path, admin, NULL, body);

    EXPECT_INT(r.status, 201);
    return text_at(c, &r, arena_printf(c->a, "%s.id", what));
}

static const char *id_by_name(struct cloud *c, const char *admin, const char *plural, const char *name)
{
    struct httpc_reply r =
        call(c, HTTP_GET, arena_printf(c->a, "/v3/%s?name=%s", plural, name), admin, NULL, NULL);
    auto_json json_t *j = NULL;
    struct err err = { 0 };
    const char *id;

    EXPECT_OK(json_read(r.body, r.body_len, &j, &err), &err);
    id = json_str(json_array_get(json_arr(j, plural), 0), "id");
    EXPECT_TRUE(id != NULL);
    return arena_strdup(c->a, id);
}

static void expect(struct cloud *c, int status, enum http_method m, const char *path, const char *token,
                   const char *body)
{
    EXPECT_INT(call(c, m, path, token, NULL, body).status, status);
}

static const char *events(struct cloud *c, const char *admin)
{
    struct httpc_reply r = call(c, HTTP_GET, "/v3/OS-REVOKE/events", admin, NULL, NULL);

    EXPECT_INT(r.status, 200);
    return r.body;
}

struct scene {
    struct cloud *c;
    const char *admin, *eve, *member;     /* Token, user, role. */
    const char *project, *group, *domain; /* Where eve's rights are. */
    const char *scope;                    /* Of the project. */
};

/* Eve has a role on a project of a domain of its own. */
static struct scene scene(struct test *t)
{
    struct scene s = { .c = cloud_start(t) };
    struct cloud *c = s.c;

    s.admin = log_in(c, "admin", "secret");
    s.member = id_by_name(c, s.admin, "roles", "member");
    s.domain = make(c, s.admin, "/v3/domains", "domain", "{\"domain\":{\"name\":\"there\"}}");
    s.project = make(c, s.admin, "/v3/projects", "project",
                     arena_printf(c->a, "{\"project\":{\"name\":\"p\",\"domain_id\":\"%s\"}}", s.domain));
    s.eve = make(c, s.admin, "/v3/users", "user", "{\"user\":{\"name\":\"eve\",\"password\":\"eve\"}}");
    s.group = make(c, s.admin, "/v3/groups", "group", "{\"group\":{\"name\":\"g\"}}");
    s.scope = arena_printf(c->a, "{\"project\":{\"id\":\"%s\"}}", s.project);
    return s;
}

static void grant(const struct scene *s, enum http_method m, const char *actor, const char *id)
{
    expect(s->c, 204, m,
           arena_printf(s->c->a, "/v3/projects/%s/%s/%s/roles/%s", s->project, actor, id, s->member),
           s->admin, NULL);
}

/* --- each event ---------------------------------------------------------------------------- */

TEST(a_new_password_takes_the_users_tokens_and_is_an_event)
{
    struct scene s = scene(t);
    const char *token = token_of(s.c, "eve", "\"unscoped\""), *later;

    expect(s.c, 204, HTTP_POST, arena_printf(s.c->a, "/v3/users/%s/password", s.eve), token,
           "{\"user\":{\"original_password\":\"eve\",\"password\":\"eve2\"}}");
    EXPECT_INT(status_of(s.c, s.admin, token), 404);
    EXPECT_MATCH(events(s.c, s.admin), arena_printf(s.c->a, "{\"user_id\":\"%s\",\"issued_before\"", s.eve));
    expect(s.c, 200, HTTP_PATCH, arena_printf(s.c->a, "/v3/users/%s", s.eve), s.admin,
           "{\"user\":{\"password\":\"eve\"}}");
    later = token_of(s.c, "eve", "\"unscoped\""); /* In the same second. */
    EXPECT_INT(status_of(s.c, s.admin, later), 200);
    expect(s.c, 200, HTTP_PATCH, arena_printf(s.c->a, "/v3/users/%s", s.eve), s.admin,
           "{\"user\":{\"password\":\"eve\"}}");
    EXPECT_INT(status_of(s.c, s.admin, later), 404);
}

TEST(a_disabled_users_tokens_stay_revoked_when_he_comes_back)
{
    struct scene s = scene(t);
    const char *token = token_of(s.c, "eve", "\"unscoped\"");

    expect(s.c, 200, HTTP_PATCH, arena_printf(s.c->a, "/v3/users/%s", s.eve), s.admin,
           "{\"user\":{\"enabled\":false}}");
    EXPECT_INT(status_of(s.c, s.admin, token), 404);
    expect(s.c, 200, HTTP_PATCH, arena_printf(s.c->a, "/v3/users/%s", s.eve), s.admin,
           "{\"user\":{\"enabled\":true}}");
    EXPECT_INT(status_of(s.c, s.admin, token), 404);
    EXPECT_INT(status_of(s.c, s.admin, token_of(s.c, "eve", "\"unscoped\"")), 200);
}

TEST(a_deleted_user_is_an_event)
{
    struct scene s = scene(t);
    const char *token = token_of(s.c, "eve", "\"unscoped\"");

    expect(s.c, 204, HTTP_DELETE, arena_printf(s.c->a, "/v3/users/%s", s.eve), s.admin, NULL);
    EXPECT_INT(status_of(s.c, s.admin, token), 404);
    EXPECT_MATCH(events(s.c, s.admin), s.eve);
}

TEST(a_disabled_project_or_domain_takes_its_tokens_and_a_deleted_one_is_an_event)
{
    struct scene s = scene(t);
    const char *project = arena_printf(s.c->a, "/v3/projects/%s", s.project), *token, *of_domain;

    grant(&s, HTTP_PUT, "users", s.eve);
    token = token_of(s.c, "eve", s.scope);
    expect(s.c, 200, HTTP_PATCH, project, s.admin, "{\"project\":{\"enabled\":false}}");
    EXPECT_INT(status_of(s.c, s.admin, token), 404);
    expect(s.c, 200, HTTP_PATCH, project, s.admin, "{\"project\":{\"enabled\":true}}");
    token = token_of(s.c, "eve", s.scope);
    expect(s.c, 204, HTTP_PUT,
           arena_printf(s.c->a, "/v3/domains/%s/users/%s/roles/%s", s.domain, s.eve, s.member), s.admin,
           NULL);
    of_domain = token_of(s.c, "eve", arena_printf(s.c->a, "{\"domain\":{\"id\":\"%s\"}}", s.domain));
    EXPECT_INT(status_of(s.c, s.admin, of_domain), 200);
    expect(s.c, 200, HTTP_PATCH, arena_printf(s.c->a, "/v3/domains/%s", s.domain), s.admin,
           "{\"domain\":{\"enabled\":false}}");
    EXPECT_INT(status_of(s.c, s.admin, token), 404);
    EXPECT_INT(status_of(s.c, s.admin, of_domain), 404);
    expect(s.c, 200, HTTP_PATCH, arena_printf(s.c->a, "/v3/domains/%s", s.domain), s.admin,
           "{\"domain\":{\"enabled\":true}}");
    token = token_of(s.c, "eve", s.scope);
    expect(s.c, 204, HTTP_DELETE, project, s.admin, NULL);
    EXPECT_INT(status_of(s.c, s.admin, token), 404);
    EXPECT_MATCH(events(s.c, s.admin), arena_printf(s.c->a, "{\"project_id\":\"%s\"", s.project));
}

TEST(a_role_that_is_taken_takes_the_token)
{
    struct scene s = scene(t);
    const char *token;

    grant(&s, HTTP_PUT, "users", s.eve);
    token = token_of(s.c, "eve", s.scope);
    EXPECT_INT(status_of(s.c, s.admin, token), 200);
    grant(&s, HTTP_DELETE, "users", s.eve);
    EXPECT_INT(status_of(s.c, s.admin, token), 404);
    grant(&s, HTTP_PUT, "groups", s.group);
    expect(s.c, 204, HTTP_PUT, arena_printf(s.c->a, "/v3/groups/%s/users/%s", s.group, s.eve), s.admin, NULL);
    token = token_of(s.c, "eve", s.scope);
    grant(&s, HTTP_DELETE, "groups", s.group);
    EXPECT_INT(status_of(s.c, s.admin, token), 404);
}

TEST(who_leaves_a_group_and_who_loses_it_loses_his_tokens)
{
    struct scene s = scene(t);
    const char *member = arena_printf(s.c->a, "/v3/groups/%s/users/%s", s.group, s.eve), *token;

    grant(&s, HTTP_PUT, "groups", s.group);
    expect(s.c, 204, HTTP_PUT, member, s.admin, NULL);
    token = token_of(s.c, "eve", "\"unscoped\"");
    expect(s.c, 204, HTTP_DELETE, member, s.admin, NULL);
    EXPECT_INT(status_of(s.c, s.admin, token), 404);
    expect(s.c, 204, HTTP_PUT, member, s.admin, NULL);
    token = token_of(s.c, "eve", "\"unscoped\"");
    expect(s.c, 204, HTTP_DELETE, arena_printf(s.c->a, "/v3/groups/%s", s.group), s.admin, NULL);
    EXPECT_INT(status_of(s.c, s.admin, token), 404);
}

TEST(a_deleted_application_credential_takes_its_tokens)
{
    struct scene s = scene(t);
    const char *mine, *id, *token;
    struct httpc_reply r;

    grant(&s, HTTP_PUT, "users", s.eve);
    mine = token_of(s.c, "eve", s.scope);
    r = call(s.c, HTTP_POST, arena_printf(s.c->a, "/v3/users/%s/application_credentials", s.eve), mine, NULL,
             "{\"application_credential\":{\"name\":\"a\",\"secret\":\"s\"}}");
    EXPECT_INT(r.status, 201);
    id = text_at(s.c, &r, "application_credential.id");
    r = call(s.c, HTTP_POST, "/v3/auth/tokens", NULL, NULL,
             arena_printf(s.c->a,
                          "{\"auth\":{\"identity\":{\"methods\":[\"application_credential\"],"
                          "\"application_credential\":{\"id\":\"%s\",\"secret\":\"s\"}}}}",
                          id));
    EXPECT_INT(r.status, 201);
    token = httpc_header(&r, "X-Subject-Token");
    EXPECT_INT(status_of(s.c, s.admin, token), 200);
    expect(s.c, 204, HTTP_DELETE, arena_printf(s.c->a, "/v3/users/%s/application_credentials/%s", s.eve, id),
           mine, NULL);
    EXPECT_INT(status_of(s.c, s.admin, token), 404);
}

/* A token made from another has another audit id; one of them goes alone. */
TEST(one_token_goes_without_its_chain)
{
    struct scene s = scene(t);
    const char *first = token_of(s.c, "eve", "\"unscoped\""), *second;
    struct httpc_reply r = call(
        s.c, HTTP_POST, "/v3/auth/tokens", NULL, NULL,
        arena_printf(s.c->a, "{\"auth\":{\"identity\":{\"methods\":[\"token\"],\"token\":{\"id\":\"%s\"}}}}",
                     first));

    EXPECT_INT(r.status, 201);
    second = httpc_header(&r, "X-Subject-Token");
    EXPECT_INT(call(s.c, HTTP_DELETE, "/v3/auth/tokens", s.admin, second, NULL).status, 204);
    EXPECT_INT(status_of(s.c, s.admin, second), 404);
    EXPECT_INT(status_of(s.c, s.admin, first), 200);
    EXPECT_MATCH(events(s.c, s.admin), "{\"audit_id\":\"");
    expect(s.c, 400, HTTP_GET, "/v3/OS-REVOKE/events?since=yesterday", s.admin, NULL);
    r = call(s.c, HTTP_GET, "/v3/OS-REVOKE/events?since=2999-01-01T00:00:00Z", s.admin, NULL, NULL);
    EXPECT_MATCH(r.body, "\"events\":[]");
}

/* --- trusts ---------------------------------------------------------------------------------- */

static const char *trust_body(const struct scene *s, const char *trustee, const char *more)
{
    return arena_printf(
        s->c->a,
        "{\"trust\":{\"trustor_user_id\":\"%s\",\"trustee_user_id\":\"%s\",\"project_id\":\"%s\","
        "\"impersonation\":true,\"roles\":[{\"id\":\"%s\"}]%s}}",
        s->eve, trustee, s->project, s->member, more);
}

static const char *trust_log_in(struct cloud *c, const char *trust)
{
    return arena_printf(
        c->a,
        "{\"auth\":{\"identity\":{\"methods\":[\"password\"],\"password\":{\"user\":{\"name\":\"demo\","
        "\"domain\":{\"id\":\"default\"},\"password\":\"demo\"}}},"
        "\"scope\":{\"OS-TRUST:trust\":{\"id\":\"%s\"}}}}",
        trust);
}

static const char *trust_token(struct cloud *c, const char *trust)
{
    struct httpc_reply r = call(c, HTTP_POST, "/v3/auth/tokens", NULL, NULL, trust_log_in(c, trust));

    EXPECT_INT(r.status, 201);
    return httpc_header(&r, "X-Subject-Token");
}

TEST(a_trusts_tokens_go_with_the_trust_and_with_the_trustors_password)
{
    struct scene s = scene(t);
    const char *demo = id_by_name(s.c, s.admin, "users", "demo"), *eve, *trust, *token;

    grant(&s, HTTP_PUT, "users", s.eve);
    eve = token_of(s.c, "eve", s.scope);
    trust = make(s.c, eve, "/v3/OS-TRUST/trusts", "trust", trust_body(&s, demo, ""));
    token = trust_token(s.c, trust);
    EXPECT_INT(status_of(s.c, s.admin, token), 200);
    expect(s.c, 200, HTTP_PATCH, arena_printf(s.c->a, "/v3/users/%s", s.eve), s.admin,
           "{\"user\":{\"password\":\"eve\"}}");
    EXPECT_INT(status_of(s.c, s.admin, token), 404);
    eve = token_of(s.c, "eve", s.scope);
    trust = make(s.c, eve, "/v3/OS-TRUST/trusts", "trust", trust_body(&s, demo, ",\"remaining_uses\":null"));
    token = trust_token(s.c, trust);
    expect(s.c, 204, HTTP_DELETE, arena_printf(s.c->a, "/v3/OS-TRUST/trusts/%s", trust), eve, NULL);
    EXPECT_INT(status_of(s.c, s.admin, token), 404);
    EXPECT_MATCH(events(s.c, s.admin), arena_printf(s.c->a, "{\"OS-TRUST:trust_id\":\"%s\"", trust));
}

#define THREADS 8
#define EACH    4
#define USES    7

struct racer {
    pthread_t thread;
    const char *url, *body;
    int given, refused, other;
};

static void *race(void *arg)
{
    struct racer *me = arg;
    struct httpc *http;

    if (httpc_new(&(struct httpc_config){ 0 }, &http, NULL) < 0)
        return NULL;
    for (int i = 0; i < EACH; i++) {
        const struct http_header headers[] = { { "Content-Type", "application/json" }, { 0 } };
        struct httpc_request rq = { .method = HTTP_POST,
                                    .url = me->url,
                                    .headers = headers,
                                    .body = me->body,
                                    .body_len = strlen(me->body) };
        struct httpc_reply reply = { 0 };
        auto_arena struct arena a;

        arena_init(&a);
        (void) httpc_call(http, &a, &rq, &reply, NULL);
        *(reply.status == 201 ? &me->given : reply.status == 401 ? &me->refused : &me->other) += 1;
    }
    httpc_free(http);
    return NULL;
}

TEST(a_trust_is_used_no_more_often_than_it_says_however_many_ask_at_once)
{
    struct scene s = scene(t);
    const char *demo = id_by_name(s.c, s.admin, "users", "demo"), *eve, *trust;
    struct racer racers[THREADS] = { 0 };
    int given = 0, refused = 0, other = 0;
    struct httpc_reply r;

    grant(&s, HTTP_PUT, "users", s.eve);
    eve = token_of(s.c, "eve", s.scope);
    trust = make(s.c, eve, "/v3/OS-TRUST/trusts", "trust",
                 trust_body(&s, demo, arena_printf(s.c->a, ",\"remaining_uses\":%d", USES)));
    for (int i = 0; i < THREADS; i++) {
        racers[i].url = arena_printf(s.c->a, "%s/v3/auth/tokens", s.c->base);
        racers[i].body = trust_log_in(s.c, trust);
    }
    for (int i = 0; i < THREADS; i++)
        EXPECT_INT(pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(racers[i].thread, NULL);
        given += racers[i].given;
        refused += racers[i].refused;
        other += racers[i].other;
    }
    EXPECT_INT(given, USES);
    EXPECT_INT(refused, THREADS * EACH - USES);
    EXPECT_INT(other, 0);
    r = call(s.c, HTTP_GET, arena_printf(s.c->a, "/v3/OS-TRUST/trusts/%s", trust), eve, NULL, NULL);
    EXPECT_INT(r.status, 404); /* Used up is gone, as Keystone has it. */
}

/* --- other machines ---------------------------------------------------------------------------- */

#define ROUNDS 15

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *) a, y = *(const int64_t *) b;

    return (x > y) - (x < y);
}

/* Two processes that share the database and the keys, but no memory: as on two
 * machines.  What one revokes the other has just answered for. */
static int64_t median_of_a_round(struct cloud *here, struct cloud *there)
{
    const char *admin = log_in(there, "admin", "secret");
    int64_t took_us[ROUNDS];

    for (int i = 0; i < ROUNDS; i++) {
        const char *token = log_in(here, "demo", "demo");
        int64_t began_us;

        EXPECT_INT(status_of(there, admin, token), 200);
        EXPECT_INT(status_of(there, admin, token), 200);
        EXPECT_INT(call(here, HTTP_DELETE, "/v3/auth/tokens", token, token, NULL).status, 204);
        began_us = time_mono_us();
        while (status_of(there, admin, token) != 404)
            EXPECT_TRUE(time_mono_us() - began_us < 10000000);
        took_us[i] = time_mono_us() - began_us;
    }
    qsort(took_us, ROUNDS, sizeof(*took_us), by_value);
    return took_us[ROUNDS / 2];
}

/* Nobody gets a connection: neither who asks, nor who looks for changes. */
TEST_SQL(what_is_kept_is_not_believed_while_changes_cannot_be_seen)
{
    const char *const options[] = { "database", test_db_url(t, kind), "database_connections", "4", NULL };
    struct cloud *c = cloud_start_with(t, options);
    const char *admin = log_in(c, "admin", "secret"), *token = log_in(c, "demo", "demo");
    int64_t began_us = time_mono_us(), good_us = began_us;
    struct txn *held[4];
    struct err err = { 0 };

    EXPECT_INT(status_of(c, admin, token), 200);
    EXPECT_INT(status_of(c, admin, token), 200);
    for (size_t i = 0; i < ARRAY_SIZE(held); i++)
        EXPECT_OK(txn_begin(c->s->db, false, &held[i], &err), &err);
    while (call(c, HTTP_GET, "/v3/auth/tokens", admin, token, NULL).status == 200)
        good_us = time_mono_us();
    for (size_t i = 0; i < ARRAY_SIZE(held); i++)
        txn_rollback(&held[i]);
    EXPECT_TRUE(good_us - began_us < 7000000);
    while (status_of(c, admin, token) != 200)
        EXPECT_TRUE(time_mono_us() - good_us < 60000000);
}

TEST_SQL(a_revocation_reaches_other_machines_within_50_ms)
{
    const char *url = test_db_url(t, kind), *keys = test_path(t, "keys");
    const char *const options[] = { "database", url, "key_repository", keys, NULL };
    struct cloud *here = cloud_start_with(t, options), *there;
    char *dir = test_path(t, "there");
    struct err err = { 0 };
    int64_t took_us = 0;

    EXPECT_OK(dir_make(dir, 0755), &err);
    there = cloud_start_in(t, dir, options);
    for (int tries = 0; tries < 3 && (!tries || took_us >= 50000); tries++)
        took_us = median_of_a_round(here, there);
    printf("median %lld us\n", (long long) took_us);
    EXPECT_TRUE(took_us < 50000);
}

/* The longest of two waits, the second of which begins just after a look. */
static int64_t wait_for_look(struct cloud *here, struct cloud *there)
{
    const char *admin = log_in(there, "admin", "secret"),
               *token[] = { log_in(here, "demo", "demo"), log_in(here, "demo", "demo") };
    int64_t longest_us = 0;

    for (size_t i = 0; i < ARRAY_SIZE(token); i++) {
        int64_t began_us;

        EXPECT_INT(status_of(there, admin, token[i]), 200);
        EXPECT_INT(call(here, HTTP_DELETE, "/v3/auth/tokens", token[i], token[i], NULL).status, 204);
        began_us = time_mono_us();
        while (status_of(there, admin, token[i]) != 404)
            EXPECT_TRUE(time_mono_us() - began_us < 10000000);
        if (time_mono_us() - began_us > longest_us)
            longest_us = time_mono_us() - began_us;
    }
    return longest_us;
}

TEST_SQL(how_often_changes_of_other_machines_are_looked_for_is_an_option)
{
    const char *url = test_db_url(t, kind), *keys = test_path(t, "keys");
    const char *const options[] = { "database", url, "key_repository", keys, "change_poll_ms", "1000", NULL };
    struct cloud *here = cloud_start_with(t, options), *there;
    char *dir = test_path(t, "there");
    struct err err = { 0 };

    EXPECT_OK(dir_make(dir, 0755), &err);
    there = cloud_start_in(t, dir, options);
    EXPECT_TRUE(wait_for_look(here, there) > 300000);
}

TEST_MAIN()

/* SPDX-License-Identifier: Apache-2.0 */
/* Several who change the same at once. */
#include <pthread.h>
#include <stdatomic.h>

#include "kit.h"
#include "kit/sqltest.h"

/* A request on a thread of its own. */
struct racer {
    pthread_t thread;
    enum http_method method;
    const char *url, *token, *body;
    int status;
    _Atomic bool over;
};

static void *race(void *arg)
{
    struct racer *me = arg;
    const struct http_header headers[] = { { "Content-Type", "application/json" },
                                           { me->token ? "X-Auth-Token" : NULL, me->token },
                                           { 0 } };
    struct httpc_request rq = { .method = me->method,
                                .url = me->url,
                                .headers = headers,
                                .body = me->body,
                                .body_len = strlen(me->body) };
    struct httpc_reply reply = { 0 };
    auto_arena struct arena a;
    struct httpc *http;

    arena_init(&a);
    if (httpc_new(&(struct httpc_config){ 0 }, &http, NULL) >= 0) {
        (void) httpc_call(http, &a, &rq, &reply, NULL);
        httpc_free(http);
    }
    me->status = reply.status;
    me->over = true;
    return NULL;
}

static void begin(struct cloud *c, struct racer *r, enum http_method m, const char *path, const char *token,
                  const char *body)
{
    *r = (struct racer){
        .method = m, .url = arena_printf(c->a, "%s%s", c->base, path), .token = token, .body = body
    };
    EXPECT_INT(pthread_create(&r->thread, NULL, race, r), 0);
}

static int end(struct racer *r)
{
    pthread_join(r->thread, NULL);
    return r->status;
}

struct scene {
    struct cloud *c;
    const char *admin, *demo_id, *user, *project;
};

static const char *id_in(struct cloud *c, const char *admin, const char *plural, const char *name)
{
    struct httpc_reply r =
        call(c, HTTP_GET, arena_printf(c->a, "/v3/%s?name=%s", plural, name), admin, NULL, NULL);
    auto_json json_t *j = NULL;

    EXPECT_OK(json_read(r.body, r.body_len, &j, NULL), NULL);
    return arena_strdup(c->a, json_str(json_array_get(json_arr(j, plural), 0), "id"));
}

static struct scene scene(struct test *t, enum db_kind kind, const char *name, const char *value)
{
    const char *const options[] = { "database", test_db_url(t, kind), name, value, NULL };
    struct scene s = { .c = cloud_start_with(t, options) };

    s.admin = log_in(s.c, "admin", "secret");
    s.demo_id = id_in(s.c, s.admin, "users", "demo");
    s.user = arena_printf(s.c->a, "/v3/users/%s", s.demo_id);
    return s;
}

/* Whoever knows the old password must not be able to put his own in the place
 * of the one that an administrator sets because of that. */
TEST_SQL(a_new_password_by_the_old_one_does_not_undo_an_administrators)
{
    struct scene s = scene(t, kind, "password_rounds", "8");
    const char *own = arena_printf(s.c->a, "%s/password", s.user);

    for (int i = 0; i < 6; i++) {
        struct racer thief, admin;

        EXPECT_INT(call(s.c, HTTP_PATCH, s.user, s.admin, NULL, "{\"user\":{\"password\":\"demo\"}}").status,
                   200);
        begin(s.c, &thief, HTTP_POST, own, NULL,
              "{\"user\":{\"original_password\":\"demo\",\"password\":\"thiefs\"}}");
        begin(s.c, &admin, HTTP_PATCH, s.user, s.admin, "{\"user\":{\"password\":\"admins\"}}");
        EXPECT_INT(end(&admin), 200);
        (void) end(&thief);
        EXPECT_INT(log_in_to(s.c, "demo", "thiefs", NULL).status, 401);
        EXPECT_INT(log_in_to(s.c, "demo", "admins", NULL).status, 201);
    }
}

/* Two changes at once: one of them is with a password that is no longer right. */
TEST_SQL(a_password_is_changed_once_by_what_it_was)
{
    struct scene s = scene(t, kind, "password_rounds", "8");
    const char *own = arena_printf(s.c->a, "%s/password", s.user);
    struct racer a, b;
    int first, second;

    begin(s.c, &a, HTTP_POST, own, NULL, "{\"user\":{\"original_password\":\"demo\",\"password\":\"one\"}}");
    begin(s.c, &b, HTTP_POST, own, NULL, "{\"user\":{\"original_password\":\"demo\",\"password\":\"two\"}}");
    first = end(&a);
    second = end(&b);
    EXPECT_INT(first + second, 204 + 401);
    EXPECT_INT(log_in_to(s.c, "demo", "one", NULL).status, first == 204 ? 201 : 401);
    EXPECT_INT(log_in_to(s.c, "demo", "two", NULL).status, second == 204 ? 201 : 401);
}

#define MAKERS 12

TEST_SQL(no_more_application_credentials_than_the_limit_however_many_ask_at_once)
{
    struct scene s = scene(t, kind, "application_credential_limit", "3");
    const char *demo = log_in(s.c, "demo", "demo"), *path;
    struct racer makers[MAKERS];
    int made = 0, refused = 0;

    path = arena_printf(s.c->a, "%s/application_credentials", s.user);
    for (int i = 0; i < MAKERS; i++)
        begin(s.c, &makers[i], HTTP_POST, path, demo,
              arena_printf(s.c->a, "{\"application_credential\":{\"name\":\"a%d\"}}", i));
    for (int i = 0; i < MAKERS; i++) {
        made += end(&makers[i]) == 201;
        refused += makers[i].status == 403;
    }
    EXPECT_INT(made, 3);
    EXPECT_INT(refused, MAKERS - 3);
}

/* A hash of 2 to the power of 13 takes half a second. */
TEST_SQL(nobody_waits_for_a_lock_while_a_password_is_hashed)
{
    struct scene s = scene(t, kind, "password_rounds", "13");
    const char *admin_path = arena_printf(s.c->a, "/v3/users/%s", id_in(s.c, s.admin, "users", "admin"));
    struct racer slow;
    int written = 0;

    begin(s.c, &slow, HTTP_PATCH, s.user, s.admin, "{\"user\":{\"password\":\"new\",\"description\":\"x\"}}");
    while (!slow.over) {
        EXPECT_INT(call(s.c, HTTP_PATCH, admin_path, s.admin, NULL,
                        arena_printf(s.c->a, "{\"user\":{\"description\":\"%d\"}}", written))
                       .status,
                   200);
        EXPECT_INT(call(s.c, HTTP_PATCH, s.user, s.admin, NULL, "{\"user\":{\"description\":\"x\"}}").status,
                   200);
        written += !slow.over;
    }
    EXPECT_INT(end(&slow), 200);
    EXPECT_TRUE(written > 4);
    EXPECT_INT(log_in_to(s.c, "demo", "new", NULL).status, 201);
}

TEST_MAIN()

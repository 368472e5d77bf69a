/* SPDX-License-Identifier: Apache-2.0 */
/* http: checks against a server in this process. */
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "policy_kit.h"
#include "wire/http.h"
#include "wire/json.h"
#include "wire/url.h"

struct judge {
    struct http_server *server;
    const char *answer; /* What it says; null: nothing until 'go'. */
    int status;
    sem_t go;
    atomic_uint asked;
    char path[200], type[100]; /* Of the last question. */
    char body[4000];
};

static struct http_head_result judge_head(void *ctx attr_unused, struct http_request *rq attr_unused)
{
    return (struct http_head_result){ .way = HTTP_WORKER };
}

static void judge_answer(void *ctx, struct http_request *rq)
{
    struct judge *j = ctx;
    const char *type = http_header_get(rq, "Content-Type"), *answer = j->answer;

    atomic_fetch_add(&j->asked, 1);
    snprintf(j->path, sizeof(j->path), "%s %s", rq->method_text, rq->target);
    snprintf(j->type, sizeof(j->type), "%s", type ? type : "");
    snprintf(j->body, sizeof(j->body), "%s", rq->body ? rq->body : "");
    if (!answer) {
        sem_wait(&j->go);
        answer = "True";
    }
    http_reply(rq, j->status, "text/plain", answer, strlen(answer));
}

static void judge_stop(void *arg)
{
    struct judge *j = arg;

    http_server_stop(j->server, 1000);
    sem_destroy(&j->go);
}

static struct judge *judge_start(struct test *t, const char *answer)
{
    struct judge *j = arena_new(test_arena(t), struct judge);
    const struct http_config c = { .on_head = judge_head, .on_request = judge_answer, .ctx = j };
    struct err err = { 0 };

    j->answer = answer;
    j->status = 200;
    sem_init(&j->go, 0, 0);
    EXPECT_OK(http_server_start(&c, &j->server, &err), &err);
    test_cleanup(t, judge_stop, j);
    return j;
}

static struct policy *policy_asking(struct test *t, const struct judge *j, const char *path,
                                    const struct policy_config *c)
{
    struct arena *a = test_arena(t);
    struct policy_rule *table = arena_array(a, struct policy_rule, 2);

    table[0].name = "svc:get";
    table[0].check =
        arena_printf(a, "role:admin or http://127.0.0.1:%u%s", http_server_port(j->server), path);
    return policy_of(t, table, c);
}

static bool judge_says(struct test *t, const char *answer, int status)
{
    struct judge *j = judge_start(t, answer);
    struct policy *p = policy_asking(t, j, "/", &(struct policy_config){ 0 });

    j->status = status;
    return policy_allows(p, test_arena(t), "svc:get", &member, NULL);
}

TEST(only_the_word_true_allows)
{
    EXPECT_TRUE(judge_says(t, "True", 200));
    EXPECT_TRUE(judge_says(t, "\"True\"", 200));
    EXPECT_TRUE(!judge_says(t, "true", 200));
    EXPECT_TRUE(!judge_says(t, "True\n", 200));
    EXPECT_TRUE(!judge_says(t, "False", 200));
    EXPECT_TRUE(!judge_says(t, "", 200));
    EXPECT_TRUE(!judge_says(t, "True", 500));
}

static const char *all_of_it(const void *ctx attr_unused, struct arena *a attr_unused)
{
    return "{\"id\":\"a&b\"}";
}

TEST(a_form_carries_rule_target_and_credentials_as_json)
{
    struct judge *j = judge_start(t, "True");
    struct policy *p = policy_asking(t, j, "/ask", &(struct policy_config){ 0 });
    const struct policy_target target = { .get = pairs_get, .json = all_of_it };
    struct query_param *q;
    json_t *auto_json creds = NULL;
    struct err err = { 0 };
    size_t n;

    EXPECT_TRUE(policy_allows(p, test_arena(t), "svc:get", &member, &target));
    EXPECT_STR(j->path, "POST /ask");
    EXPECT_STR(j->type, "application/x-www-form-urlencoded");
    EXPECT_INT(query_parse(test_arena(t), j->body, &q, &n), 0);
    EXPECT_INT(n, 3);
    EXPECT_STR(q[0].name, "rule");
    EXPECT_STR(q[0].value, "\"svc:get\"");
    EXPECT_STR(q[1].name, "target");
    EXPECT_STR(q[1].value, "{\"id\":\"a&b\"}");
    EXPECT_STR(q[2].name, "credentials");
    EXPECT_OK(json_read(q[2].value, strlen(q[2].value), &creds, &err), &err);
    EXPECT_STR(json_str(creds, "user_id"), "u1");
    EXPECT_STR(json_str(creds, "project_id"), "p1");
    EXPECT_TRUE(json_is_null(json_object_get(creds, "system_scope")));
    EXPECT_STR(json_string_value(json_array_get(json_arr(creds, "roles"), 0)), "member");
}

TEST(json_carries_the_same_where_that_is_asked_for)
{
    struct judge *j = judge_start(t, "True");
    struct policy *p =
        policy_asking(t, j, "/ask", &(struct policy_config){ .remote_content_type = "application/json" });
    json_t *auto_json body = NULL;
    struct err err = { 0 };

    EXPECT_TRUE(policy_allows(p, test_arena(t), "svc:get", &system_reader, NULL));
    EXPECT_STR(j->type, "application/json");
    EXPECT_OK(json_read(j->body, strlen(j->body), &body, &err), &err);
    EXPECT_STR(json_str(body, "rule"), "svc:get");
    EXPECT_TRUE(json_is_object(json_obj(body, "target")));
    EXPECT_STR(json_str(json_obj(body, "credentials"), "system_scope"), "all");
}

TEST(attributes_cannot_lead_the_question_elsewhere)
{
    struct judge *j = judge_start(t, "True");
    struct policy *p = policy_asking(t, j, "/ask/%(name)s", &(struct policy_config){ 0 });

    EXPECT_TRUE(policy_allows(p, test_arena(t), "svc:get", &member, TARGET({ "name", "x/y?z=1" })));
    EXPECT_STR(j->path, "POST /ask/x%2Fy%3Fz%3D1");
    EXPECT_TRUE(!policy_allows(p, test_arena(t), "svc:get", &member, NULL));
}

TEST(who_needs_no_judge_asks_none)
{
    struct judge *j = judge_start(t, "True");
    struct policy *p = policy_asking(t, j, "/ask", &(struct policy_config){ 0 });

    EXPECT_TRUE(policy_allows(p, test_arena(t), "svc:get", &admin, NULL));
    EXPECT_STR(j->path, "");
}

TEST(a_judge_that_does_not_answer_refuses)
{
    struct judge *j = judge_start(t, NULL);
    struct policy *p = policy_asking(t, j, "/ask", &(struct policy_config){ .remote_timeout_ms = 100 });

    EXPECT_TRUE(!policy_allows(p, test_arena(t), "svc:get", &member, NULL));
    sem_post(&j->go);
}

TEST(rules_that_ask_others_are_known)
{
    struct judge *j = judge_start(t, "True");
    const struct policy_rule plain[] = { { "x", "@" }, { NULL } };

    EXPECT_TRUE(policy_waits(policy_asking(t, j, "/ask", &(struct policy_config){ 0 })));
    EXPECT_TRUE(!policy_waits(policy_of(t, plain, &(struct policy_config){ 0 })));
}

struct asker {
    struct policy *p;
    bool allowed;
};

static void *ask(void *arg)
{
    struct asker *k = arg;
    auto_arena struct arena a;

    arena_init(&a);
    k->allowed = policy_allows(k->p, &a, "svc:get", &member, NULL);
    return NULL;
}

/* The place is taken as long as the first is not answered; who waits for it
 * waits no longer than a question may take. */
TEST(no_more_questions_at_once_than_are_allowed)
{
    struct judge *j = judge_start(t, NULL);
    struct asker first = { policy_asking(
        t, j, "/ask", &(struct policy_config){ .remote_parallel = 1, .remote_timeout_ms = 3000 }) };
    struct asker second = first;
    pthread_t a, b;

    EXPECT_INT(pthread_create(&a, NULL, ask, &first), 0);
    EXPECT_INT(pthread_create(&b, NULL, ask, &second), 0);
    pthread_join(a, NULL); /* Neither is answered within its time. */
    pthread_join(b, NULL);
    EXPECT_TRUE(!first.allowed && !second.allowed);
    EXPECT_INT(atomic_load(&j->asked), 1);
    sem_post(&j->go);
}

TEST(an_endless_answer_refuses)
{
    char *much = arena_alloc(test_arena(t), 100001);

    memset(much, '"', 100000);
    memcpy(much + 50000, "True", 4);
    EXPECT_TRUE(!judge_says(t, much, 200));
}

TEST_MAIN()

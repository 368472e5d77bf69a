/* SPDX-License-Identifier: Apache-2.0 */
#include "client/identity.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/generation.h"
#include "unit/client/fake_identity.h"

struct bench {
    struct fake *f;
    struct token_cache *cache;
    struct token_source source;
    struct generation generation; /* As identity holds it. */
};

static void free_cache(void *arg)
{
    token_cache_free(arg);
}

static void close_generation(void *arg)
{
    generation_close(arg);
}

static struct bench *set_up(struct test *t, unsigned ttl_s)
{
    struct bench *b = arena_new(test_arena(t), struct bench);
    struct err err = { 0 };

    b->f = fake_start(t);
    EXPECT_OK(generation_open(&b->generation, test_path(t, "generation"), true, &err), &err);
    test_cleanup(t, close_generation, &b->generation);
    EXPECT_OK(token_cache_new(fake_client(t, b->f), test_path(t, "generation"), ttl_s, &b->cache, &err),
              &err);
    test_cleanup(t, free_cache, b->cache);
    b->source = token_cache_source(b->cache);
    return b;
}

static int check(struct test *t, struct bench *b, const char *text, bool may_block)
{
    struct token token;
    struct err err = { 0 };

    return b->source.check(b->source.self, test_arena(t), text, may_block, &token, &err);
}

TEST(a_checked_token_says_who_asks)
{
    struct bench *b = set_up(t, 60);
    struct token k = { 0 };
    struct err err = { 0 };

    for (int i = 0; i < 2; i++) { /* From identity, then from the cache. */
        EXPECT_OK(b->source.check(b->source.self, test_arena(t), "good1", i == 0, &k, &err), &err);
        EXPECT_STR(k.text, "good1");
        EXPECT_STR(k.user_id, "u1");
        EXPECT_STR(k.user_name, "Ann");
        EXPECT_STR(k.user_domain_name, "D");
        EXPECT_STR(k.project_id, "p-good1");
        EXPECT_STR(k.domain_id, NULL);
        EXPECT_TRUE(!k.system);
        EXPECT_INT(k.n_roles, 2);
        EXPECT_STR(k.roles[1].name, "reader");
        EXPECT_STR(k.methods[0], "password");
        EXPECT_STR(k.audit_ids[0], "a1");
        EXPECT_INT(k.issued_us, INT64_C(1767323045000000));
    }
    EXPECT_INT(b->f->checks, 1);
}

TEST(what_would_wait_says_so)
{
    struct bench *b = set_up(t, 60);

    EXPECT_INT(check(t, b, "good1", false), -EWOULDBLOCK);
    EXPECT_INT(b->f->checks, 0);
    EXPECT_INT(check(t, b, "good1", true), 0);
    EXPECT_INT(check(t, b, "good1", false), 0);
}

TEST(a_counted_generation_makes_every_answer_old)
{
    struct bench *b = set_up(t, 60);

    EXPECT_INT(check(t, b, "good1", true), 0);
    generation_bump(&b->generation);
    EXPECT_INT(check(t, b, "good1", false), -EWOULDBLOCK);
    b->f->forget = true;
    EXPECT_INT(check(t, b, "good1", true), -EKEYREJECTED);
    EXPECT_INT(b->f->checks, 2);
}

struct asker {
    struct test *t;
    struct bench *b;
    const char *text;
    struct arena arena;
    int result;
};

static void *ask(void *arg)
{
    struct asker *a = arg;
    struct token token;

    a->result = a->b->source.check(a->b->source.self, &a->arena, a->text, true, &token, NULL);
    arena_done(&a->arena);
    return NULL;
}

static void wait_for_checks(struct bench *b, int n)
{
    while (b->f->checks < n)
        sched_yield();
}

TEST(a_revocation_during_the_question_makes_its_answer_old)
{
    struct bench *b = set_up(t, 60);
    struct asker a = { .b = b, .text = "good1" };
    pthread_t thread;

    b->f->hold_ms = 100;
    pthread_create(&thread, NULL, ask, &a);
    wait_for_checks(b, 1);
    generation_bump(&b->generation);
    pthread_join(thread, NULL);
    EXPECT_INT(a.result, 0); /* It asked before the revocation. */
    EXPECT_INT(check(t, b, "good1", false), -EWOULDBLOCK);
}

TEST(threads_that_want_the_same_token_ask_once)
{
    struct bench *b = set_up(t, 60);
    struct asker a[8];
    pthread_t thread[8];

    b->f->hold_ms = 50;
    for (int i = 0; i < 8; i++) {
        a[i] = (struct asker){ .b = b, .text = "good1", .result = -1 };
        pthread_create(&thread[i], NULL, ask, &a[i]);
    }
    for (int i = 0; i < 8; i++) {
        pthread_join(thread[i], NULL);
        EXPECT_INT(a[i].result, 0);
    }
    EXPECT_INT(b->f->checks, 1);
}

TEST(refused_tokens_are_refused)
{
    struct bench *b = set_up(t, 60);
    char huge[17000];

    EXPECT_INT(check(t, b, "bad", true), -EKEYREJECTED);
    EXPECT_INT(check(t, b, "bad", true), -EKEYREJECTED);
    EXPECT_INT(b->f->checks, 1);
    EXPECT_INT(check(t, b, "", true), -EKEYREJECTED);
    memset(huge, 'x', sizeof(huge) - 1);
    huge[sizeof(huge) - 1] = '\0';
    EXPECT_INT(check(t, b, huge, false), -EKEYREJECTED);
    EXPECT_INT(b->f->checks, 1);
}

TEST(an_expired_token_is_asked_about_again)
{
    struct bench *b = set_up(t, 60);

    b->f->lifetime_s = 0;
    EXPECT_INT(check(t, b, "good1", true), 0);
    EXPECT_INT(check(t, b, "good1", false), -EWOULDBLOCK);
}

static int check_expired(struct test *t, struct bench *b, const char *text, bool may_block)
{
    struct token token;
    struct err err = { 0 };

    return b->source.check_expired(b->source.self, test_arena(t), text, may_block, &token, &err);
}

TEST(what_a_service_may_do_with_an_expired_token_is_no_answer_to_others)
{
    struct bench *b = set_up(t, 60);

    EXPECT_INT(check_expired(t, b, "old1", true), 0);
    EXPECT_INT(check_expired(t, b, "old1", false), 0); /* From the cache. */
    EXPECT_INT(check(t, b, "old1", true), -EKEYREJECTED);
    EXPECT_INT(check_expired(t, b, "old1", false), 0);
    EXPECT_INT(b->f->checks, 2);
    /* In the other order: a refusal is none of the service. */
    EXPECT_INT(check(t, b, "old2", true), -EKEYREJECTED);
    EXPECT_INT(check_expired(t, b, "old2", true), 0);
    EXPECT_INT(check(t, b, "old2", false), -EKEYREJECTED);
    EXPECT_INT(b->f->checks, 4);
    EXPECT_INT(check_expired(t, b, "bad", true), -EKEYREJECTED);
}

TEST(a_token_that_expires_while_a_service_uses_it_is_asked_about_again)
{
    struct bench *b = set_up(t, 60);

    b->f->lifetime_s = 1;
    EXPECT_INT(check_expired(t, b, "good1", true), 0);
    while (check_expired(t, b, "good1", false) == 0)
        usleep(10000);
    EXPECT_INT(check_expired(t, b, "good1", true), 0);
    EXPECT_INT(b->f->checks, 2);
}

TEST(a_revocation_ends_an_expired_token_for_services_too)
{
    struct bench *b = set_up(t, 60);

    EXPECT_INT(check_expired(t, b, "old1", true), 0);
    b->f->forget = true;
    generation_bump(&b->generation);
    EXPECT_INT(check_expired(t, b, "old1", false), -EWOULDBLOCK);
    EXPECT_INT(check_expired(t, b, "old1", true), -EKEYREJECTED);
}

TEST(without_time_to_live_nothing_is_believed_twice)
{
    struct bench *b = set_up(t, 0);

    EXPECT_INT(check(t, b, "good1", true), 0);
    EXPECT_INT(check(t, b, "good1", true), 0);
    EXPECT_INT(b->f->checks, 2);
}

TEST(a_failure_is_nobodys_refusal_and_is_not_remembered)
{
    struct bench *b = set_up(t, 60);

    b->f->down = true;
    EXPECT_INT(check(t, b, "good1", true), -EHOSTDOWN);
    b->f->down = false;
    EXPECT_INT(check(t, b, "good1", true), 0);
}

TEST(identity_that_is_gone_is_told_from_a_bad_token)
{
    struct bench *b = set_up(t, 60);

    EXPECT_INT(check(t, b, "good1", true), 0);
    fake_stop(b->f);
    EXPECT_INT(check(t, b, "good1", false), 0);
    EXPECT_INT(check(t, b, "good2", true), -EHOSTDOWN);
}

TEST(our_own_token_is_renewed_when_identity_forgot_it)
{
    struct bench *b = set_up(t, 60);

    EXPECT_INT(check(t, b, "good1", true), 0);
    b->f->refuse_own = 1;
    EXPECT_INT(check(t, b, "good2", true), 0);
    EXPECT_INT(b->f->logins, 2);
}

TEST(a_flush_forgets)
{
    struct bench *b = set_up(t, 60);

    EXPECT_INT(check(t, b, "good1", true), 0);
    token_cache_flush(b->cache);
    EXPECT_INT(check(t, b, "good1", false), -EWOULDBLOCK);
}

TEST(the_cache_is_bounded_and_keeps_what_was_used_last)
{
    struct bench *b = set_up(t, 60);
    char text[32];

    for (int i = 0; i < 11000; i++) {
        struct token token;
        auto_arena struct arena a;

        arena_init(&a);
        snprintf(text, sizeof(text), "good%d", i);
        EXPECT_INT(b->source.check(b->source.self, &a, text, true, &token, NULL), 0);
    }
    EXPECT_INT(check(t, b, "good10999", false), 0);
    EXPECT_INT(check(t, b, "good0", false), -EWOULDBLOCK);
}

TEST(a_page_that_comes_later_is_found)
{
    struct bench *b = arena_new(test_arena(t), struct bench);
    struct err err = { 0 };

    b->f = fake_start(t);
    EXPECT_OK(token_cache_new(fake_client(t, b->f), test_path(t, "late"), 60, &b->cache, &err), &err);
    test_cleanup(t, free_cache, b->cache);
    b->source = token_cache_source(b->cache);
    EXPECT_INT(check(t, b, "good1", true), 0);
    EXPECT_OK(generation_open(&b->generation, test_path(t, "late"), true, &err), &err);
    test_cleanup(t, close_generation, &b->generation);
    generation_bump(&b->generation);
    /* It is looked for once a second. */
    while (check(t, b, "good1", false) == 0)
        usleep(10000);
    EXPECT_INT(check(t, b, "good1", true), 0);
}

TEST_MAIN()

/* SPDX-License-Identifier: Apache-2.0 */
/* Many clients claim the last resources at once. */
#include <pthread.h>

#include "./kit.h"

#define CLIENTS  8
#define CLAIMS   10
#define CAPACITY 20

struct client_run {
    const struct cloud *c;
    unsigned first; /* Number of its first consumer. */
    int granted, refused, other;
    pthread_t thread;
};

static void *run_client(void *arg)
{
    struct client_run *r = arg;
    struct arena a;

    arena_init(&a);
    for (unsigned i = 0; i < CLAIMS; i++) {
        const char *path = arena_printf(&a, "/allocations/%s", uuid_no(&a, r->first + i));
        int status = call_as(r->c, &a, "admin", HTTP_PUT, path, claim_body(&a, 1 + i % 2, 1, "null")).status;

        r->granted += status == 204;
        r->refused += status == 409;
        r->other += status != 204 && status != 409;
    }
    arena_done(&a);
    return NULL;
}

static int64_t used_of(struct cloud *c, unsigned n)
{
    struct httpc_reply r =
        call(c, HTTP_GET, arena_printf(c->a, "/resource_providers/%s/usages", uuid_no(c->a, n)), NULL);
    auto_json json_t *j = read_reply(&r);

    return json_int(json_obj(j, "usages"), "VCPU", -1);
}

TEST_SQL(racing_claims_never_take_more_than_there_is)
{
    struct cloud *c = cloud_start(t, kind);
    struct client_run runs[CLIENTS];
    int granted = 0, refused = 0, other = 0;

    for (unsigned n = 1; n <= 2; n++) {
        make_provider(c, n, 0);
        give(c, n, "\"VCPU\":{\"total\":20}");
    }
    for (unsigned i = 0; i < CLIENTS; i++) {
        runs[i] = (struct client_run){ .c = c, .first = 100 + i * CLAIMS };
        EXPECT_INT(pthread_create(&runs[i].thread, NULL, run_client, &runs[i]), 0);
    }
    for (unsigned i = 0; i < CLIENTS; i++) {
        pthread_join(runs[i].thread, NULL);
        granted += runs[i].granted;
        refused += runs[i].refused;
        other += runs[i].other;
    }
    EXPECT_INT(other, 0);
    EXPECT_INT(granted, 2 * CAPACITY); /* All that there is, though: nobody is refused for the race. */
    EXPECT_INT(refused, CLIENTS * CLAIMS - 2 * CAPACITY);
    EXPECT_INT(used_of(c, 1), CAPACITY);
    EXPECT_INT(used_of(c, 2), CAPACITY);
    EXPECT_INT(generation_of(c, 1), 1 + CAPACITY);
}

struct same_run {
    const struct cloud *c;
    int granted, refused;
    pthread_t thread;
};

/* All want to be the first to claim for one consumer. */
static void *claim_same(void *arg)
{
    struct same_run *r = arg;
    struct arena a;
    int status;

    arena_init(&a);
    status = call_as(r->c, &a, "admin", HTTP_PUT, arena_printf(&a, "/allocations/%s", uuid_no(&a, 100)),
                     claim_body(&a, 1, 1, "null"))
                 .status;
    r->granted = status == 204;
    r->refused = status == 409;
    arena_done(&a);
    return NULL;
}

TEST_SQL(only_one_client_makes_a_consumer)
{
    struct cloud *c = cloud_start(t, kind);
    struct same_run runs[CLIENTS];
    int granted = 0, refused = 0;

    make_provider(c, 1, 0);
    give(c, 1, "\"VCPU\":{\"total\":20}");
    for (unsigned i = 0; i < CLIENTS; i++) {
        runs[i] = (struct same_run){ .c = c };
        EXPECT_INT(pthread_create(&runs[i].thread, NULL, claim_same, &runs[i]), 0);
    }
    for (unsigned i = 0; i < CLIENTS; i++) {
        pthread_join(runs[i].thread, NULL);
        granted += runs[i].granted;
        refused += runs[i].refused;
    }
    EXPECT_INT(granted, 1);
    EXPECT_INT(refused, CLIENTS - 1);
    EXPECT_INT(used_of(c, 1), 1);
}

TEST_MAIN()

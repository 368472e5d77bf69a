/* SPDX-License-Identifier: Apache-2.0 */
/* Many at once want the same: addresses, segments, quota. */
#include <pthread.h>

#include "./kit.h"

#define THREADS 8
#define EACH    4

struct racer {
    pthread_t thread;
    struct cloud *c;
    const char *path, *body;
    int made, refused, other;
};

static void *run(void *arg)
{
    struct racer *r = arg;

    for (int i = 0; i < EACH; i++) {
        auto_arena struct arena a;
        int status;

        arena_init(&a);
        status = call_as(r->c, &a, "admin", HTTP_POST, r->path, r->body).status;
        if (status == 201)
            r->made++;
        else if (status == 409)
            r->refused++;
        else
            r->other++;
    }
    return NULL;
}

/* How many of THREADS * EACH requests won; the rest must hear 409. */
static int race(struct cloud *c, const char *path, const char *body)
{
    struct racer racers[THREADS];
    int made = 0, other = 0;

    for (int i = 0; i < THREADS; i++) {
        racers[i] = (struct racer){ .c = c, .path = path, .body = body };
        EXPECT_INT(pthread_create(&racers[i].thread, NULL, run, &racers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(racers[i].thread, NULL);
        made += racers[i].made;
        other += racers[i].other;
    }
    EXPECT_INT(other, 0);
    return made;
}

TEST_SQL(the_last_addresses_are_given_once_each)
{
    struct cloud *c = cloud_start_on(t, kind);
    const char *net = id_of(call(c, 201, HTTP_POST, "/networks", "{\"network\":{}}"));
    json_t *ports;

    call(c, 201, HTTP_POST, "/subnets",
         arena_printf(
             c->a,
             "{\"subnet\":{\"network_id\":\"%s\",\"ip_version\":4,\"cidr\":\"10.0.0.0/28\",\"enable_dhcp\":"
             "false}}",
             net));
    EXPECT_INT(race(c, "/ports", arena_printf(c->a, "{\"port\":{\"network_id\":\"%s\"}}", net)), 13);
    ports = call(c, 200, HTTP_GET, arena_printf(c->a, "/ports?network_id=%s", net), NULL);
    EXPECT_INT(json_array_size(ports), 13);
    for (size_t i = 0; i < 13; i++)
        for (size_t j = 0; j < i; j++)
            EXPECT_TRUE(!json_equal(json_object_get(json_array_get(ports, i), "fixed_ips"),
                                    json_object_get(json_array_get(ports, j), "fixed_ips")));
}

TEST_SQL(a_quota_holds_when_many_ask_at_once)
{
    struct cloud *c = cloud_start_on(t, kind);

    call(c, 200, HTTP_PUT, "/quotas/p1", "{\"quota\":{\"network\":10}}");
    EXPECT_INT(race(c, "/networks", "{\"network\":{}}"), 10);
}

TEST_SQL(a_segment_is_given_once)
{
    struct cloud *c = cloud_start_on(t, kind);

    EXPECT_INT(race(c, "/networks",
                    "{\"network\":{\"provider:network_type\":\"vxlan\",\"provider:segmentation_id\":7}}"),
               1);
}

TEST_MAIN()

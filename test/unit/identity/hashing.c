/* SPDX-License-Identifier: Apache-2.0 */
/* Threads that hash step back for whoever serves requests, but not for ever. */
#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "identity/model/hashing.h"
#include "kit.h"

/* The policy of this process's thread of that name; -1 without one. */
static int policy_of(const char *wanted)
{
    DIR *d = opendir("/proc/self/task");
    const struct dirent *e;
    int policy = -1;

    while (policy < 0 && (e = readdir(d))) {
        char path[300], name[32] = "";
        FILE *f;

        snprintf(path, sizeof(path), "/proc/self/task/%s/comm", e->d_name);
        f = fopen(path, "re");
        if (!f)
            continue;
        if (fscanf(f, "%31[^\n]", name) == 1 && str_eq(name, wanted))
            policy = sched_getscheduler(atoi(e->d_name));
        fclose(f);
    }
    closedir(d);
    return policy;
}

static void *check_a_password(void *id)
{
    return hashing_check(id, secret_of("secret"), NULL) ? id : NULL;
}

TEST(a_hash_takes_what_others_leave_and_another_thread_begins_it_when_that_takes_long)
{
    /* Some seconds, even where nothing else runs. */
    const char *const options[] = { "password_rounds", "17", NULL };
    struct cloud *c = cloud_start_in(t, test_tmpdir(t), options);
    bool patient = false, hurried = false;
    pthread_t thread;
    void *found;

    EXPECT_INT(pthread_create(&thread, NULL, check_a_password, c->s->state), 0);
    while (!(patient && hurried) && pthread_tryjoin_np(thread, &found) != 0) {
        patient = patient || policy_of("hash") == SCHED_IDLE;
        hurried = hurried || policy_of("hash now") == SCHED_BATCH;
        usleep(1000);
    }
    EXPECT_TRUE(patient);
    EXPECT_TRUE(hurried);
    EXPECT_INT(pthread_join(thread, &found), 0);
    EXPECT_TRUE(found == NULL);
}

/* --- many at once --------------------------------------------------------------------------- */

#define STRANGERS 12

struct stranger {
    pthread_t thread;
    const char *url;
    int status;
    _Atomic bool over;
};

static void *guess(void *arg)
{
    static const char body[] =
        "{\"auth\":{\"identity\":{\"methods\":[\"password\"],\"password\":{\"user\":{\"name\":\"nobody\","
        "\"domain\":{\"id\":\"default\"},\"password\":\"x\"}}}}}";
    const struct http_header headers[] = { { "Content-Type", "application/json" }, { 0 } };
    struct stranger *me = arg;
    struct httpc_request rq = {
        .method = HTTP_POST, .url = me->url, .headers = headers, .body = body, .body_len = strlen(body)
    };
    struct httpc_reply reply = { 0 };
    auto_arena struct arena a = { 0 };
    struct httpc *http;

    if (httpc_new(&(struct httpc_config){ 0 }, &http, NULL) >= 0) {
        (void) httpc_call(http, &a, &rq, &reply, NULL);
        httpc_free(http);
    }
    me->status = reply.status;
    me->over = true;
    return NULL;
}

/* Of four workers three may wait for hashes; what needs one finds the fourth. */
TEST(many_who_guess_leave_a_worker_for_others)
{
    const char *const options[] = { "workers", "4", "lockout_attempts", "2", NULL };
    struct cloud *c = cloud_start_with(t, options);
    const char *admin = log_in(c, "admin", "secret");
    const char *change = "{\"group\":{\"name\":\"%d\"}}";
    struct stranger strangers[STRANGERS] = { 0 };
    int refused = 0, full = 0, served = 0;

    ((struct identity *) c->s->state)->password_recipe.rounds = 14; /* A second or so. */
    for (int i = 0; i < STRANGERS; i++) {
        strangers[i].url = arena_printf(c->a, "%s/v3/auth/tokens", c->base);
        EXPECT_INT(pthread_create(&strangers[i].thread, NULL, guess, &strangers[i]), 0);
    }
    while (!strangers[0].over || !strangers[1].over) {
        EXPECT_INT(call(c, HTTP_POST, "/v3/groups", admin, NULL, arena_printf(c->a, change, served)).status,
                   201);
        served++;
    }
    for (int i = 0; i < STRANGERS; i++) {
        pthread_join(strangers[i].thread, NULL);
        refused += strangers[i].status == 401;
        full += strangers[i].status == 503;
    }
    EXPECT_INT(refused + full, STRANGERS);
    EXPECT_TRUE(refused >= 3);
    EXPECT_TRUE(full > 0);
    EXPECT_TRUE(served > 0);
}

TEST_MAIN()

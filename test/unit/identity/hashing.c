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

TEST_MAIN()

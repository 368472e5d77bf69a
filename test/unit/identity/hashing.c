/* SPDX-License-Identifier: Apache-2.0 */
/* Threads that hash step back for whoever serves requests, but not for ever. */
#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "identity/model/hashing.h"
#include "kit.h"

/* The policy of a thread of this process that is called "hash"; -1 without one. */
static int policy_of_hash(void)
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
        if (fscanf(f, "%31s", name) == 1 && str_eq(name, "hash"))
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

TEST(a_hash_takes_what_others_leave_and_asks_for_more_when_that_takes_long)
{
    /* Long enough to be seen in both states: about two seconds where nothing else runs. */
    const char *const options[] = { "password_rounds", "15", NULL };
    struct cloud *c = cloud_start_in(t, test_tmpdir(t), options);
    bool stepped_back = false, hurried = false;
    pthread_t thread;
    void *found;

    if (geteuid() != 0)
        return; /* Who may not come forward again does not step back. */
    EXPECT_INT(pthread_create(&thread, NULL, check_a_password, c->s->state), 0);
    while (!hurried && pthread_tryjoin_np(thread, &found) != 0) {
        int policy = policy_of_hash();

        stepped_back = stepped_back || policy == SCHED_IDLE;
        hurried = stepped_back && policy == SCHED_BATCH;
        usleep(1000);
    }
    EXPECT_TRUE(stepped_back);
    EXPECT_TRUE(hurried);
    EXPECT_INT(pthread_join(thread, &found), 0);
    EXPECT_TRUE(found == NULL);
}

TEST_MAIN()

/* SPDX-License-Identifier: Apache-2.0 */
#include "host/reaper.h"

#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "io/sock.h"

#define LOOK_MS 100

struct reaper {
    pthread_t thread;
    atomic_bool stop;
    char comm[16];
};

/* Reaps our child 'pid' when it ended and nobody else waits for it. */
static void bury(const struct reaper *r, pid_t pid)
{
    auto_arena struct arena a = { 0 };
    char *text, *open, *close, state;
    int ppid, group, session;

    if (file_read(&a, arena_printf(&a, "/proc/%d/stat", (int) pid), 4096, &text, NULL) < 0)
        return;
    open = strchr(text, '(');
    close = strrchr(text, ')');
    if (!open || !close || !str_has_prefix(open + 1, r->comm) ||
        sscanf(close + 1, " %c %d %d %d", &state, &ppid, &group, &session) != 4)
        return;
    if (state == 'Z' && ppid == getpid() && session != getsid(0))
        waitpid(pid, NULL, WNOHANG);
}

/* Not every kernel lists a process's children. */
static void look_at_all(const struct reaper *r)
{
    DIR *d = opendir("/proc");

    for (struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d))
        if (atoi(e->d_name) > 0)
            bury(r, atoi(e->d_name));
    if (d)
        closedir(d);
}

static void *run(void *arg)
{
    struct reaper *r = arg;

    while (!atomic_load(&r->stop)) {
        struct timespec pause = { .tv_nsec = LOOK_MS * 1000000 };
        siginfo_t info = { 0 };

        /* Only a look: whoever started it may be about to ask for its status. */
        if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid)
            look_at_all(r);
        nanosleep(&pause, NULL);
    }
    return NULL;
}

int reaper_start(const char *comm, struct reaper **ret, struct err *err)
{
    struct reaper *r = calloc(1, sizeof(*r));
    int e;

    if (!r)
        return err_set(err, -ENOMEM, "Out of memory");
    snprintf(r->comm, sizeof(r->comm), "%s", comm);
    e = prctl(PR_SET_CHILD_SUBREAPER, 1) < 0 ? -errno : -pthread_create(&r->thread, NULL, run, r);
    if (e < 0) {
        free(r);
        return err_set(err, e, "Cannot take care of orphans: %s", strerror(-e));
    }
    *ret = r;
    return 0;
}

void reaper_stop(struct reaper *r)
{
    if (!r)
        return;
    atomic_store(&r->stop, true);
    pthread_join(r->thread, NULL);
    free(r);
}

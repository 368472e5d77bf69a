/* SPDX-License-Identifier: Apache-2.0 */
/* Child processes: run one and collect what it says, or start one that stays. */
#pragma once

#include <sys/types.h>

#include "base/arena.h"
#include "base/err.h"

struct proc_result {
    int status; /* Exit code, or 128 + signal. */
    char *out;  /* Up to 1 MiB each, in the arena. */
    char *err;
};

/* Runs argv[0] (searched in PATH) without a shell, stdin empty (or 'input'),
 * at most 'timeout_ms' (then it and its process group are killed: -ETIMEDOUT;
 * 0 is no limit).  Non-zero exit is -EIO with the last line of its stderr in
 * 'err'; 'ret' (may be null) is filled then too. */
int proc_run(struct arena *a, const char *const argv[], const char *input, unsigned timeout_ms,
             struct proc_result *ret, struct err *err);

struct proc_spec {
    const char *const *argv;
    const char *const *env; /* Added to the environment, "K=V". */
    const char *cwd;
    const char *netns;    /* Path of a network namespace to enter, or null. */
    const char *log_path; /* stdout and stderr appended here; null: inherited. */
    const char *user;     /* Drop to this user (and its groups), or null. */
    const int *keep_fds;  /* Ended by -1; all others above 2 are closed. */
    int new_session;      /* setsid(), so that it outlives us. */
    /* PR_SET_PDEATHSIG SIGTERM.  To the kernel the parent is the calling
     * thread: not for workers that come and go. */
    int die_with_parent;
};

/* Starts argv[0] (searched in PATH) with stdin empty and all signals at their
 * defaults.  0 or -errno, also when the program cannot be run. */
int proc_spawn(const struct proc_spec *s, pid_t *ret, struct err *err);

/* TERM, up to 'grace_ms', then KILL; only for a child of ours. Reaps. */
void proc_stop(pid_t pid, unsigned grace_ms);

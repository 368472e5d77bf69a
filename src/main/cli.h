/* SPDX-License-Identifier: Apache-2.0 */
/* The command line: `stackd COMMAND [OPTION...] [WORD...]`. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/err.h"

struct cli {
    const char *self;    /* Path of this program, to be started again. */
    const char *command; /* "up", "identity" */
    const char **words;  /* What follows, ended by null; may be null. */
    const char *config;  /* --config */
    const char *state;   /* --state */
    const char *bind;    /* --bind: address for a new cloud. */
    const char *user;    /* --user: whose credentials `env` prints. */
    const char **sets;   /* --set SECTION.KEY=VALUE */
    const char *stop_at; /* --stop-at, --stop-file: hook of work.h, for tests. */
    const char *stop_file;
    bool foreground, json;
    int ready_fd;     /* --ready-fd: told when the role answers; 0: none. */
    pid_t supervised; /* --supervised: the process that must live on; 0: none. */
};

/* Reads the command line.  -EINVAL with words for the person. */
int cli_parse(struct arena *a, int argc, char **argv, struct cli *ret, struct err *err);

/* A command of the program; roles are commands too (roles.h). */
struct command {
    const char *name, *usage, *help;
    int (*run)(const struct cli *cli, struct err *err); /* Exit code, or -errno with words. */
    /* What it takes besides, for `stackd help COMMAND`.  A command that has it
     * finds options that the program does not know among its words. */
    const char *options;
};

extern const struct command commands[]; /* Ended by a null name. */

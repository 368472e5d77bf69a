/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps the roles of a machine running: starts each when what it needs
 * answers, starts again what dies (after 100 ms, doubling up to
 * [stackd] restart_max_ms, from the start again after 30 s without trouble), and stops them in order. */
#pragma once

#include "main/setup.h"

struct supervisor;

struct supervisor_config {
    struct setup *setup;
    const struct log *log;
    int tell_fd;        /* Lines for whoever waits: "ready NAME MS", "failed NAME WORDS", "up"; 0: nobody. */
    bool logs_to_files; /* The roles' logs; else they inherit ours. */
};

/* Runs until SIGTERM or SIGINT and until every role has ended. */
int supervisor_run(const struct supervisor_config *c, struct err *err);

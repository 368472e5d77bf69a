/* SPDX-License-Identifier: Apache-2.0 */
/* What an operator does from the command line: `stackd identity COMMAND`. */
#pragma once

#include "rest/server.h"

struct manage_command {
    const char *name, *help;
    /* 'out' gets words for the person.  The server has its databases open and
     * its keys loaded; nobody talks to it. */
    int (*run)(struct server *s, struct strbuf *out, struct err *err);
    /* Instead of 'run', where the command has options of its own: 'words' is
     * what was written behind its name, ended by null; may be null. */
    int (*run_with)(struct server *s, const char *const *words, struct strbuf *out, struct err *err);
    bool as_it_is; /* The database stays at its version; the server has nothing else. */
};

int bootstrap_run(struct server *s, const char *const *words, struct strbuf *out, struct err *err);

int mapping_populate_run(struct server *s, const char *const *words, struct strbuf *out, struct err *err);
int mapping_purge_run(struct server *s, const char *const *words, struct strbuf *out, struct err *err);

/* Asks the directory of each domain; what is wrong goes to 'out', its number is added to '*found'. */
int directories_doctor(struct server *s, struct strbuf *out, int *found, struct err *err);

extern const struct manage_command identity_commands[]; /* Ended by a null name. */

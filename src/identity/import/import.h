/* SPDX-License-Identifier: Apache-2.0 */
/* Moving in: what is in the database of a Keystone comes into this identity,
 * with its ids, hashes of passwords and encrypted secrets, so that users and
 * tokens go on working once the key repositories are copied too. */
#pragma once

#include "rest/server.h"

struct import_wish {
    const char *from; /* URL of Keystone's database, as in its [database] connection. */
    bool dry_run;     /* All is done and then undone. */
    bool replace;     /* What identity holds now goes first. */
    /* Told now and then while a table is being read; may be null. */
    void (*progress)(void *self, const char *what, int64_t rows);
    void *self;
};

/* Reads one state of the other database and writes all of it in one
 * transaction.  What was taken over before is brought up to date, so a second
 * run changes nothing.  'out' gets the counts.  -EPROTO: the database is of a
 * version that is not known.  -EEXIST: something here has a name that comes. */
int import_run(struct server *s, const struct import_wish *wish, struct strbuf *out, struct err *err);

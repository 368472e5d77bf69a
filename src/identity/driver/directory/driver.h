/* SPDX-License-Identifier: Apache-2.0 */
/* Where people come from when they are not rows of the tables: a directory of
 * users and groups that somebody else keeps.  It is read, never written.
 *
 * The tables of store/ need no driver ("sql").  Who a directory knows is known
 * to the rest of identity through rows that model/mirror.h keeps up to date.
 *
 * Every function may block and is called on workers, without a transaction, by
 * several threads at once.  Each may be repeated.  What cannot be reached
 * gives -EHOSTDOWN with words, and the next call tries again. */
#pragma once

#include "base/config.h"
#include "base/secret.h"
#include "data/table.h"

enum entity { ENTITY_USER, ENTITY_GROUP };

/* A user or a group as the directory has it. */
struct entry {
    const char *local_id; /* Within the directory and its kind. */
    const char *handle;   /* How the driver finds it again: LDAP's distinguished name. */
    const char *name, *description, *email, *default_project_id;
    bool enabled;
    const char *extra; /* Further members, a JSON object, or null. */
};

/* One condition of a list: COND_EQ, COND_STARTS, COND_ENDS or COND_CONTAINS on
 * "name", "description" or "email", without regard to case. */
struct entry_match {
    const char *member;
    enum cond_op op;
    const char *value;
};

struct entry_query {
    const struct entry_match *matches; /* All must hold. */
    size_t n;
    size_t limit; /* 0: all. */
};

struct identity_driver {
    const char *name; /* In [identity] driver. */

    /* Reads its section of 'c'.  Nothing is connected yet: -EINVAL is about the options. */
    int (*open)(struct config *c, void **ret, struct err *err);
    void (*close)(void *self);

    /* One by its id within the directory, or by its name.  -ENOENT. */
    int (*get)(void *self, struct arena *a, enum entity kind, const char *local_id, struct entry *ret,
               struct err *err);
    int (*find)(void *self, struct arena *a, enum entity kind, const char *name, struct entry *ret,
                struct err *err);

    /* All that fit, as 'struct entry'; ret->more says that the limit cut it. */
    int (*list)(void *self, struct arena *a, enum entity kind, const struct entry_query *q, struct list *ret,
                struct err *err);

    /* Groups that 'user' is in; users that are in 'group' (-ENOENT without it). */
    int (*groups_of)(void *self, struct arena *a, const struct entry *user, struct list *ret,
                     struct err *err);
    int (*members_of)(void *self, struct arena *a, const char *group_id, struct list *ret, struct err *err);

    /* 0 when 'password' is the user's, else -EKEYREJECTED.  'user' null: nobody,
     * which is refused and takes as long. */
    int (*prove)(void *self, struct arena *a, const struct entry *user, struct secret password,
                 struct err *err);

    /* A sentence for each option that does not do what it seems to, for the
     * doctor; may be null, and give null.  Asks nobody. */
    const char **(*doubts)(void *self, struct arena *a);
};

/* All drivers, ended by null. */
extern const struct identity_driver *const identity_drivers[];

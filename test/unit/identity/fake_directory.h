/* SPDX-License-Identifier: Apache-2.0 */
/* A directory in memory, which counts what it is asked. */
#pragma once

#include "base/str.h"
#include "identity/driver/directory/driver.h"
#include "identity/model/directories.h"
#include "kit/test.h"

#define FAKE_MAX 8

struct fake_person {
    const char *id, *name, *password;
    bool disabled;
    const char *group; /* Its only one, or null. */
};

struct fake_directory {
    struct fake_person people[FAKE_MAX]; /* Those with an id are there. */
    const char *groups[FAKE_MAX];        /* Id and name alike. */
    bool down;
    unsigned asked;
};

static int fake_ask(struct fake_directory *d, struct err *err)
{
    d->asked++;
    return d->down ? err_http(err, 503, NULL, "The directory of users cannot be asked now: it is down.") : 0;
}

static void fake_close(void *self)
{
}

static struct entry fake_entry(const struct fake_person *p)
{
    return (struct entry){ .local_id = p->id, .handle = p->id, .name = p->name, .enabled = !p->disabled };
}

static int fake_collect(struct fake_directory *d, struct arena *a, enum entity kind, const char *id,
                        const char *name, const char *group, struct list *ret)
{
    struct entry *found = arena_array(a, struct entry, FAKE_MAX);
    size_t n = 0;

    for (size_t i = 0; i < FAKE_MAX; i++) {
        const struct fake_person *p = &d->people[i];
        struct entry e =
            kind == ENTITY_USER
                ? fake_entry(p)
                : (struct entry){ .local_id = d->groups[i], .name = d->groups[i], .enabled = true };

        if (!e.local_id || (id && !str_eq(e.local_id, id)) || (name && !str_eq_nocase(e.name, name)) ||
            (group && !str_eq(kind == ENTITY_USER ? p->group : e.local_id, group)))
            continue;
        found[n++] = e;
    }
    *ret = (struct list){ found, n, sizeof(struct entry), false };
    return n ? 0 : -ENOENT;
}

static int fake_one(void *self, struct arena *a, enum entity kind, const char *id, const char *name,
                    struct entry *ret, struct err *err)
{
    struct list l;
    int r = fake_ask(self, err);

    if (r >= 0)
        r = fake_collect(self, a, kind, id, name, NULL, &l);
    if (r >= 0)
        *ret = *(struct entry *) l.items;
    return r;
}

static int fake_get(void *self, struct arena *a, enum entity kind, const char *id, struct entry *ret,
                    struct err *err)
{
    return fake_one(self, a, kind, id, NULL, ret, err);
}

static int fake_find(void *self, struct arena *a, enum entity kind, const char *name, struct entry *ret,
                     struct err *err)
{
    return fake_one(self, a, kind, NULL, name, ret, err);
}

static int fake_list(void *self, struct arena *a, enum entity kind, const struct entry_query *q,
                     struct list *ret, struct err *err)
{
    int r = fake_ask(self, err);

    if (r >= 0)
        fake_collect(self, a, kind, NULL, q->n ? q->matches[0].value : NULL, NULL, ret);
    return r;
}

static int fake_groups_of(void *self, struct arena *a, const struct entry *user, struct list *ret,
                          struct err *err)
{
    struct fake_directory *d = self;
    int r = fake_ask(self, err);

    *ret = (struct list){ NULL, 0, sizeof(struct entry), false };
    for (size_t i = 0; r >= 0 && i < FAKE_MAX; i++)
        if (str_eq(d->people[i].id, user->local_id) && d->people[i].group)
            fake_collect(d, a, ENTITY_GROUP, d->people[i].group, NULL, NULL, ret);
    return r;
}

static int fake_members_of(void *self, struct arena *a, const char *group_id, struct list *ret,
                           struct err *err)
{
    int r = fake_ask(self, err);

    if (r >= 0)
        fake_collect(self, a, ENTITY_USER, NULL, NULL, group_id, ret);
    return r;
}

static int fake_prove(void *self, struct arena *a, const struct entry *user, struct secret password,
                      struct err *err)
{
    struct fake_directory *d = self;
    int r = fake_ask(self, err);

    for (size_t i = 0; r >= 0 && user && i < FAKE_MAX; i++)
        if (str_eq(d->people[i].id, user->local_id) && str_eq(d->people[i].password, secret_expose(password)))
            return 0;
    return r < 0 ? r : err_set(err, -EKEYREJECTED, "no");
}

static const struct identity_driver fake_driver = {
    .name = "fake",
    .close = fake_close,
    .get = fake_get,
    .find = fake_find,
    .list = fake_list,
    .groups_of = fake_groups_of,
    .members_of = fake_members_of,
    .prove = fake_prove,
};

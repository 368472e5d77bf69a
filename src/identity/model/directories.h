/* SPDX-License-Identifier: Apache-2.0 */
/* Which domain's people come from a directory, and that directory, open.
 *
 * [identity] driver says it for the default domain.  With
 * domain_specific_drivers_enabled each domain may have options of its own, in
 * a file or in the database; a change of them is noticed at the next use. */
#pragma once

#include "identity/driver/directory/driver.h"
#include "identity/identity.h"

struct directories;
struct seen;

extern const struct option identity_mapping_options[]; /* Section [identity_mapping]. */

/* An open directory; counted, because its options may change while it is used. */
struct directory {
    const struct identity_driver *driver;
    void *self;
    const char *domain_id;
    bool local_ids; /* Its ids are the directory's own ([identity_mapping] backward_compatible_ids). */
    int64_t list_limit;
    struct seen *seen; /* What was read when; see model/mirror.c. */
    /* For directories.c alone. */
    char *print; /* What the options were. */
    _Atomic int refs;
    struct arena arena;
};

/* Reads the options.  '*ret' stays null when no domain can have a directory:
 * that costs whoever asks one comparison. */
int directories_new(struct server *s, struct directories **ret, struct err *err);
void directories_free(struct directories *d);

/* Domains have drivers of their own, so lists are of one domain. */
bool directories_specific(const struct directories *d);

/* The directory of a domain; '*ret' null when its people are rows of the
 * tables.  Opens its own transaction. */
int directory_of(struct server *s, struct arena *a, const char *domain_id, struct directory **ret,
                 struct err *err);

/* The default domain's when its ids need no mapping, else null. */
int directory_with_local_ids(struct server *s, struct arena *a, struct directory **ret, struct err *err);

void directory_put(struct directory *d); /* Null is fine. */

static inline void directory_put_cleanup(struct directory **d)
{
    directory_put(*d);
}
#define auto_directory __attribute__((cleanup(directory_put_cleanup)))

/* For tests: the domain has this driver. */
void directories_set(struct directories *d, const char *domain_id, const struct identity_driver *driver,
                     void *self);

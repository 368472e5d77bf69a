/* SPDX-License-Identifier: Apache-2.0 */
/* The first rows of an identity service: who may log in at all, and the
 * catalog.  May be repeated: what is there stays; users are enabled, and another
 * password than theirs is set anew and ends their tokens. */
#pragma once

#include "base/secret.h"
#include "rest/server.h"

struct bootstrap_user {
    const char *name;
    struct secret password;  /* Empty: not changed when the user is there. */
    const char *project;     /* By name, made when it is not there; or null. */
    const char *role;        /* Role on that project. */
    const char *system_role; /* Role on the system, or null. */
    const char *id;          /* Of a new one; null: a random one. */
};

struct bootstrap_project {
    const char *name, *id; /* As for users. */
};

struct bootstrap_service {
    const char *type, *name, *description;
    const char *public_url, *internal_url, *admin_url; /* Null: no such endpoint. */
};

struct bootstrap_spec {
    const char *region;                       /* "RegionOne"; null: none. */
    const struct bootstrap_user *users;       /* Ended by a null name. */
    const struct bootstrap_service *services; /* Ended by a null type. */
    const struct bootstrap_project *projects; /* Ended by a null name. */
    bool mutable_roles;                       /* New roles may be changed and removed. */
    bool no_roles;                            /* None but those that users are to have. */
};

/* Makes domain "default", roles admin, manager, member, reader and service
 * with their implications, and what 's' says, in one transaction after the
 * hashing.  -EEXIST: somebody has the name with another id, or the id.
 * 'srv' need not listen. */
int identity_bootstrap(struct server *srv, const struct bootstrap_spec *s, struct err *err);

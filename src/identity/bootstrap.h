/* SPDX-License-Identifier: Apache-2.0 */
/* The first rows of an identity service: who may log in at all, and the
 * catalog.  May be repeated: what is there stays, passwords are set anew when
 * given. */
#pragma once

#include "base/secret.h"
#include "rest/server.h"

struct bootstrap_user {
    const char *name;
    struct secret password;  /* Empty: not changed when the user is there. */
    const char *project;     /* By name, made when it is not there. */
    const char *role;        /* Role on that project. */
    const char *system_role; /* Role on the system, or null. */
};

struct bootstrap_service {
    const char *type, *name, *description;
    const char *public_url, *internal_url, *admin_url; /* Null: no such endpoint. */
};

struct bootstrap_spec {
    const char *region;                       /* "RegionOne" */
    const struct bootstrap_user *users;       /* Ended by a null name. */
    const struct bootstrap_service *services; /* Ended by a null type. */
};

/* Makes domain "default", roles admin, manager, member, reader and service
 * with their implications, and what 's' says, in one transaction after the
 * hashing.  'srv' need not listen. */
int identity_bootstrap(struct server *srv, const struct bootstrap_spec *s, struct err *err);

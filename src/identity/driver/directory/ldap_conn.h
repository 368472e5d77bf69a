/* SPDX-License-Identifier: Apache-2.0 */
/* Connections to LDAP servers, kept for the next call: one pool for searches,
 * bound as [ldap] user, one for logins, where each use binds anew.  A kept
 * connection that turns out dead is replaced without anybody noticing. */
#pragma once

#include <ldap.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/secret.h"

struct ldap_options;
struct ldap_server;

/* 'o' must live as long.  Connects at first use. */
struct ldap_server *ldap_server_new(const struct ldap_options *o);
void ldap_server_free(struct ldap_server *s);

struct ldap_search {
    const char *base, *filter;
    int scope;                /* LDAP_SCOPE_… */
    const char *const *attrs; /* Ended by null; "1.1": none. */
    size_t limit;             /* 0: all. */
    /* Called with each entry; what it gets is gone when it returns.  Negative ends the search. */
    int (*found)(void *ctx, LDAP *ld, LDAPMessage *entry, struct err *err);
    void *ctx;
};

/* Runs a search, in pages where [ldap] page_size says so.  0; 1 when the limit
 * cut it; -ENOENT when there is no such base; -EHOSTDOWN. */
int ldap_server_search(struct ldap_server *s, const struct ldap_search *what, struct err *err);

/* 0 when 'password' is that of 'dn', -EKEYREJECTED, -EHOSTDOWN. */
int ldap_server_prove(struct ldap_server *s, const char *dn, struct secret password, struct err *err);

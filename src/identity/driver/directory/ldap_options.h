/* SPDX-License-Identifier: Apache-2.0 */
/* Section [ldap], with the names and defaults that Keystone's has. */
#pragma once

#include "base/config.h"
#include "base/secret.h"
#include "identity/driver/directory/driver.h"

/* Where the attributes of one kind of entry are. */
struct ldap_attributes {
    const char *tree_dn, *filter, *objectclass;
    const char *id, *name, *description;
    const char *mail, *enabled, *default_project_id; /* Of users; null where none is asked. */
    const char **additional;                         /* "ldap attribute:member" */
    const char **ignored;                            /* Members that are not taken from the directory. */
};

struct ldap_options {
    const char *url, *user, *suffix, *query_scope, *alias_dereferencing, *chase_referrals;
    struct secret password;
    bool randomize_urls;
    int64_t page_size, debug_level;
    struct ldap_attributes users, groups;
    const char *user_pass_attribute;
    bool user_enabled_invert, user_enabled_emulation, user_enabled_emulation_use_group_config;
    int64_t user_enabled_mask;
    const char *user_enabled_default, *user_enabled_emulation_dn;
    const char *group_member_attribute;
    bool group_members_are_ids, group_ad_nesting;
    const char *tls_cacertfile, *tls_cacertdir, *tls_req_cert;
    bool use_tls, use_pool, use_auth_pool;
    int64_t connection_timeout, pool_size, pool_retry_max, pool_connection_timeout, pool_connection_lifetime;
    double pool_retry_delay;
    int64_t auth_pool_size, auth_pool_connection_lifetime;
};

extern const struct option ldap_option_table[];

/* Reads [ldap], fills in what follows from other options (tree_dn, emulation
 * DN) into 'a', and refuses what cannot work.  -EINVAL. */
int ldap_options_read(struct config *c, struct arena *a, struct ldap_options *ret, struct err *err);

/* True when the kind's member is taken from the directory at all. */
bool ldap_takes(const struct ldap_attributes *at, const char *member);

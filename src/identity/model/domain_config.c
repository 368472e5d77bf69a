/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/model/domain_config.h"

#include <stddef.h>

#include "base/str.h"

const struct domain_option domain_options_known[] = {
    { "identity", "driver", "\"sql\"", false },
    { "identity", "list_limit", "null", false },
    { "ldap", "url", "\"ldap://localhost\"", false },
    { "ldap", "user", "null", false },
    { "ldap", "suffix", "\"cn=example,cn=com\"", false },
    { "ldap", "query_scope", "\"one\"", false },
    { "ldap", "page_size", "0", false },
    { "ldap", "alias_dereferencing", "\"default\"", false },
    { "ldap", "debug_level", "null", false },
    { "ldap", "chase_referrals", "null", false },
    { "ldap", "user_tree_dn", "null", false },
    { "ldap", "user_filter", "null", false },
    { "ldap", "user_objectclass", "\"inetOrgPerson\"", false },
    { "ldap", "user_id_attribute", "\"cn\"", false },
    { "ldap", "user_name_attribute", "\"sn\"", false },
    { "ldap", "user_mail_attribute", "\"mail\"", false },
    { "ldap", "user_description_attribute", "\"description\"", false },
    { "ldap", "user_pass_attribute", "\"userPassword\"", false },
    { "ldap", "user_enabled_attribute", "\"enabled\"", false },
    { "ldap", "user_enabled_invert", "false", false },
    { "ldap", "user_enabled_mask", "0", false },
    { "ldap", "user_enabled_default", "\"True\"", false },
    { "ldap", "user_attribute_ignore", "[\"default_project_id\"]", false },
    { "ldap", "user_default_project_id_attribute", "null", false },
    { "ldap", "user_enabled_emulation", "false", false },
    { "ldap", "user_enabled_emulation_dn", "null", false },
    { "ldap", "user_enabled_emulation_use_group_config", "false", false },
    { "ldap", "user_additional_attribute_mapping", "[]", false },
    { "ldap", "group_tree_dn", "null", false },
    { "ldap", "group_filter", "null", false },
    { "ldap", "group_objectclass", "\"groupOfNames\"", false },
    { "ldap", "group_id_attribute", "\"cn\"", false },
    { "ldap", "group_name_attribute", "\"ou\"", false },
    { "ldap", "group_members_are_ids", "false", false },
    { "ldap", "group_member_attribute", "\"member\"", false },
    { "ldap", "group_desc_attribute", "\"description\"", false },
    { "ldap", "group_attribute_ignore", "[]", false },
    { "ldap", "group_additional_attribute_mapping", "[]", false },
    { "ldap", "tls_cacertfile", "null", false },
    { "ldap", "tls_cacertdir", "null", false },
    { "ldap", "use_tls", "false", false },
    { "ldap", "tls_req_cert", "\"demand\"", false },
    { "ldap", "use_pool", "true", false },
    { "ldap", "pool_size", "10", false },
    { "ldap", "pool_retry_max", "3", false },
    { "ldap", "pool_retry_delay", "0.1", false },
    { "ldap", "pool_connection_timeout", "-1", false },
    { "ldap", "pool_connection_lifetime", "600", false },
    { "ldap", "use_auth_pool", "true", false },
    { "ldap", "auth_pool_size", "100", false },
    { "ldap", "auth_pool_connection_lifetime", "60", false },
    { "ldap", "password", "null", true },
    { 0 },
};

const struct domain_option *domain_option_known(const char *section, const char *name)
{
    for (const struct domain_option *o = domain_options_known; o->name; o++)
        if (str_eq(o->section, section) && (!name || str_eq(o->name, name)))
            return o;
    return NULL;
}

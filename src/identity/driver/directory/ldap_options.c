/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/driver/directory/ldap_options.h"

#include <stdio.h>
#include <sys/stat.h>

#include "base/str.h"
#include "identity/driver/directory/ldap_filter.h"

#define OPT(name, type, value, help, ...)                                          \
    {                                                                              \
#        name, type, offsetof(struct ldap_options, name), value, help, __VA_ARGS__ \
    }
#define OPT_AT(name, member, type, value, help, ...)                                 \
    {                                                                                \
#        name, type, offsetof(struct ldap_options, member), value, help, __VA_ARGS__ \
    }

const struct option ldap_option_table[] = {
    OPT(url, FIELD_STRING, "ldap://localhost",
        "Servers, as ldap:// or ldaps:// URLs with commas or spaces between; the first that answers is used."),
    OPT(randomize_urls, FIELD_BOOL, "false", "Try the servers in another order in each process."),
    OPT(user, FIELD_STRING, NULL, "Distinguished name to search as; without it anonymously."),
    OPT(password, FIELD_SECRET, NULL, "Its password."),
    OPT(suffix, FIELD_STRING, "cn=example,cn=com", "What user_tree_dn and group_tree_dn end in by default."),
    OPT(query_scope, FIELD_STRING, "one", "Search directly below the tree's name, or in all below it.",
        .choices = "one|sub"),
    OPT(page_size, FIELD_INT, "0", "Entries in one answer of a list; 0: no pages.", .max = 1000000),
    OPT(alias_dereferencing, FIELD_STRING, "default", "When aliases are followed.",
        .choices = "never|searching|always|finding|default"),
    OPT(debug_level, FIELD_INT, "-1", "What libldap prints on standard error, as its documents say.",
        .min = -1, .max = 65535),
    OPT(chase_referrals, FIELD_STRING, NULL,
        "Follow referrals to other servers; unset: as libldap does, and with page_size not."),
    OPT_AT(user_tree_dn, users.tree_dn, FIELD_STRING, NULL,
           "Where users are; without it ou=Users below the suffix."),
    OPT_AT(user_filter, users.filter, FIELD_STRING, NULL, "A search filter that users must fit as well."),
    OPT_AT(user_objectclass, users.objectclass, FIELD_STRING, "inetOrgPerson", "Class of users."),
    OPT_AT(user_id_attribute, users.id, FIELD_STRING, "cn", "Attribute with the user's id."),
    OPT_AT(user_name_attribute, users.name, FIELD_STRING, "sn", "Attribute with the name to log in with."),
    OPT_AT(user_description_attribute, users.description, FIELD_STRING, "description",
           "Attribute with the description."),
    OPT_AT(user_mail_attribute, users.mail, FIELD_STRING, "mail", "Attribute with the e-mail address."),
    OPT(user_pass_attribute, FIELD_STRING, "userPassword",
        "Taken for compatibility: passwords are proven by a bind, never read."),
    OPT_AT(user_enabled_attribute, users.enabled, FIELD_STRING, "enabled",
           "Attribute that says whether the user is enabled."),
    OPT(user_enabled_invert, FIELD_BOOL, "false", "The attribute says that the user is locked."),
    OPT(user_enabled_mask, FIELD_INT, "0",
        "The attribute is a number, and these bits in it say that the user is disabled; 0: it is no number.",
        .max = INT64_C(4294967295)),
    OPT(user_enabled_default, FIELD_STRING, "True", "What holds without the attribute."),
    OPT_AT(user_attribute_ignore, users.ignored, FIELD_STRV, "default_project_id",
           "Members that are not taken from the directory."),
    OPT_AT(user_default_project_id_attribute, users.default_project_id, FIELD_STRING, NULL,
           "Attribute with the id of the default project."),
    OPT(user_enabled_emulation, FIELD_BOOL, "false", "Enabled is who is a member of a group."),
    OPT(user_enabled_emulation_dn, FIELD_STRING, NULL,
        "That group; without it cn=enabled_users below user_tree_dn."),
    OPT(user_enabled_emulation_use_group_config, FIELD_BOOL, "false",
        "That group keeps its members as group_member_attribute and group_members_are_ids say."),
    OPT_AT(user_additional_attribute_mapping, users.additional, FIELD_STRV, NULL,
           "Further members of users, as ATTRIBUTE:MEMBER with commas between."),
    OPT_AT(group_tree_dn, groups.tree_dn, FIELD_STRING, NULL,
           "Where groups are; without it ou=UserGroups below the suffix."),
    OPT_AT(group_filter, groups.filter, FIELD_STRING, NULL, "A search filter that groups must fit as well."),
    OPT_AT(group_objectclass, groups.objectclass, FIELD_STRING, "groupOfNames", "Class of groups."),
    OPT_AT(group_id_attribute, groups.id, FIELD_STRING, "cn", "Attribute with the group's id."),
    OPT_AT(group_name_attribute, groups.name, FIELD_STRING, "ou", "Attribute with the group's name."),
    OPT(group_member_attribute, FIELD_STRING, "member", "Attribute with the members."),
    OPT(group_members_are_ids, FIELD_BOOL, "false",
        "It holds ids of users, as posixGroup does, not distinguished names."),
    OPT_AT(group_desc_attribute, groups.description, FIELD_STRING, "description",
           "Attribute with the description."),
    OPT_AT(group_attribute_ignore, groups.ignored, FIELD_STRV, NULL,
           "Members that are not taken from the directory."),
    OPT_AT(group_additional_attribute_mapping, groups.additional, FIELD_STRV, NULL,
           "Further members of groups, as ATTRIBUTE:MEMBER with commas between."),
    OPT(group_ad_nesting, FIELD_BOOL, "false",
        "Who is in a group within a group is in it too; Active Directory only."),
    OPT(tls_cacertfile, FIELD_STRING, NULL,
        "Certificates to believe, for use_tls and ldaps://; without file and folder those of the "
        "machine's ldap.conf."),
    OPT(tls_cacertdir, FIELD_STRING, NULL, "The same as a folder; the file goes first."),
    OPT(use_tls, FIELD_BOOL, "false", "Ask for TLS on ldap:// before anything else (StartTLS)."),
    OPT(tls_req_cert, FIELD_STRING, "demand", "What is asked of the server's certificate.",
        .choices = "demand|never|allow"),
    OPT(connection_timeout, FIELD_INT, "-1",
        "Seconds to wait for a connection and for each answer; -1: 30, for a worker is not held for good.",
        .min = -1, .max = 3600),
    OPT(use_pool, FIELD_BOOL, "true", "Keep connections for the next search."),
    OPT(pool_size, FIELD_INT, "10", "Idle connections kept for searches.", .min = 1, .max = 1000),
    OPT(pool_retry_max, FIELD_INT, "3", "How often a connection is tried before giving up.", .min = 1,
        .max = 100),
    OPT(pool_retry_delay, FIELD_DOUBLE, "0.1", "Seconds between those."),
    OPT(pool_connection_timeout, FIELD_INT, "-1",
        "With use_pool the same as connection_timeout; -1: what that says.", .min = -1, .max = 3600),
    OPT(pool_connection_lifetime, FIELD_INT, "600", "Seconds after which a kept connection is closed.",
        .min = 1, .max = 86400),
    OPT(use_auth_pool, FIELD_BOOL, "true", "Keep connections for the next login, too."),
    OPT(auth_pool_size, FIELD_INT, "100", "Idle connections kept for logins.", .min = 1, .max = 10000),
    OPT(auth_pool_connection_lifetime, FIELD_INT, "60",
        "Seconds after which a connection kept for logins is closed.", .min = 1, .max = 86400),
    { 0 },
};

bool ldap_takes(const struct ldap_attributes *at, const char *member)
{
    return !strv_contains(at->ignored, member);
}

/* --- what cannot work ------------------------------------------------------------------ */

static int check_attribute(const char *option, const char *name, struct err *err)
{
    if (str_empty(name) || filter_attribute_valid(name))
        return 0;
    return err_set(err, -EINVAL, "[ldap] %s: '%.64s' is no name of an attribute", option, name);
}

static int check_filter(const char *option, const char *filter, struct err *err)
{
    if (str_empty(filter) || filter_valid(filter))
        return 0;
    return err_set(err, -EINVAL, "[ldap] %s: '%.200s' is no search filter", option, filter);
}

static int check_pairs(const char *option, const char *const *pairs, struct err *err)
{
    strv_foreach (pair, pairs)
        if (!strchr(*pair, ':') || strchr(*pair, ':') == *pair || !strchr(*pair, ':')[1])
            return err_set(err, -EINVAL, "[ldap] %s: '%.64s' is not ATTRIBUTE:MEMBER", option, *pair);
    return 0;
}

static int check_kind(const char *kind, const struct ldap_attributes *at, struct err *err)
{
    const struct {
        const char *what, *value;
    } all[] = {
        { "id_attribute", at->id },
        { "name_attribute", at->name },
        { "description attribute", at->description },
        { "mail_attribute", at->mail },
        { "enabled_attribute", at->enabled },
        { "default_project_id_attribute", at->default_project_id },
        { "objectclass", at->objectclass },
    };
    char option[64];
    int r = 0;

    if (str_empty(at->id) || str_empty(at->name) || str_empty(at->objectclass))
        return err_set(err, -EINVAL, "[ldap] %s: id, name and objectclass must be there", kind);
    for (size_t i = 0; i < ARRAY_SIZE(all) && r >= 0; i++) {
        snprintf(option, sizeof(option), "%s_%s", kind, all[i].what);
        r = check_attribute(option, all[i].value, err);
    }
    snprintf(option, sizeof(option), "%s_filter", kind);
    if (r >= 0)
        r = check_filter(option, at->filter, err);
    snprintf(option, sizeof(option), "%s_additional_attribute_mapping", kind);
    return r < 0 ? r : check_pairs(option, at->additional, err);
}

static int check_tls(const struct ldap_options *o, struct err *err)
{
    bool ldaps = strstr(o->url, "ldaps://") != NULL;
    struct stat st;

    if (o->use_tls && ldaps)
        return err_set(err, -EINVAL, "[ldap] use_tls does not go with ldaps:// in url");
    if (!o->use_tls && !ldaps)
        return 0;
    if (!str_empty(o->tls_cacertfile) && (stat(o->tls_cacertfile, &st) < 0 || !S_ISREG(st.st_mode)))
        return err_set(err, -EINVAL, "[ldap] tls_cacertfile: '%s' is no file", o->tls_cacertfile);
    /* Keystone looks at the folder only without a file, and so do connections. */
    if (str_empty(o->tls_cacertfile) && !str_empty(o->tls_cacertdir) &&
        (stat(o->tls_cacertdir, &st) < 0 || !S_ISDIR(st.st_mode)))
        return err_set(err, -EINVAL, "[ldap] tls_cacertdir: '%s' is no folder", o->tls_cacertdir);
    return 0;
}

static int check_values(const struct ldap_options *o, struct err *err)
{
    bool b;

    if (str_empty(o->url))
        return err_set(err, -EINVAL, "[ldap] url is empty");
    if (!str_empty(o->chase_referrals) && str_to_bool(o->chase_referrals, &b) < 0)
        return err_set(err, -EINVAL, "[ldap] chase_referrals: '%.32s' is not true or false",
                       o->chase_referrals);
    if (!(o->pool_retry_delay >= 0 && o->pool_retry_delay <= 60))
        return err_set(err, -EINVAL, "[ldap] pool_retry_delay: from 0 to 60 seconds");
    if (str_empty(o->group_member_attribute))
        return err_set(err, -EINVAL, "[ldap] group_member_attribute is empty");
    return check_attribute("group_member_attribute", o->group_member_attribute, err);
}

int ldap_options_read(struct config *c, struct arena *a, struct ldap_options *ret, struct err *err)
{
    int r = config_read(c, "ldap", ldap_option_table, ret, err);

    if (r < 0)
        return r;
    if (str_empty(ret->users.tree_dn))
        ret->users.tree_dn = arena_printf(a, "ou=Users,%s", ret->suffix);
    if (str_empty(ret->groups.tree_dn))
        ret->groups.tree_dn = arena_printf(a, "ou=UserGroups,%s", ret->suffix);
    if (str_empty(ret->user_enabled_emulation_dn))
        ret->user_enabled_emulation_dn = arena_printf(a, "cn=enabled_users,%s", ret->users.tree_dn);
    if (ret->use_pool && ret->pool_connection_timeout > 0)
        ret->connection_timeout = ret->pool_connection_timeout;
    r = check_values(ret, err);
    if (r >= 0)
        r = check_kind("user", &ret->users, err);
    if (r >= 0)
        r = check_kind("group", &ret->groups, err);
    return r < 0 ? r : check_tls(ret, err);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* /v3/domains/ID/config: options of one domain, and their defaults.  What is
 * sensitive is taken and never shown. */
#include "identity/model/domain_config.h"
#include "base/str.h"
#include "identity/api/common.h"
#include "identity/api/need.h"
#include "identity/api/routes.h"
#include "identity/store/domain_config.h"

static int invalid(struct err *err, const char *reason)
{
    return err_http(err, 403, NULL, "Invalid domain specific configuration: %s.", reason);
}

static int check_known(struct request *rq, const char *section, const char *name, struct err *err)
{
    if (section && !domain_option_known(section, NULL))
        return invalid(err, arena_printf(rq->arena,
                                         "Group %.64s is not supported for domain specific configurations",
                                         section));
    if (name && !domain_option_known(section, name))
        return invalid(err, arena_printf(rq->arena,
                                         "Option %.64s in group %.64s is not supported for domain specific "
                                         "configurations",
                                         name, section));
    return 0;
}

/* --- what is stored ------------------------------------------------------------------------ */

static int load_options(struct request *rq, const char *domain_id, const char *section, const char *name,
                        struct rows *ret, struct err *err)
{
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    return r < 0 ? r : domain_options_find(t, rq->arena, domain_id, section, name, ret, err);
}

/* {"config": {"ldap": {"url": …}}}, or of one option {"config": {"url": …}}. */
static int reply_options(struct request *rq, const struct rows *rows, bool single, int status)
{
    struct jw *w = reply_begin(rq);
    const char *section = NULL;

    jw_object(w, NULL);
    jw_object(w, "config");
    for (size_t i = 0; i < rows->count; i++) {
        if (rows_int(rows, i, 3, 0))
            continue;
        if (!single && !str_eq(section, rows_text(rows, i, 0))) {
            if (section)
                jw_end_object(w);
            section = rows_text(rows, i, 0);
            jw_object(w, section);
        }
        jw_raw(w, rows_text(rows, i, 1), rows_text(rows, i, 2));
    }
    if (section)
        jw_end_object(w);
    jw_end_object(w);
    jw_end_object(w);
    return reply_end(rq, status);
}

static bool any_shown(const struct rows *rows)
{
    for (size_t i = 0; i < rows->count; i++)
        if (!rows_int(rows, i, 3, 0))
            return true;
    return false;
}

static int not_found(struct request *rq, struct err *err)
{
    const char *section = rq_param(rq, "group"), *name = rq_param(rq, "option");
    const char *what = name      ? arena_printf(rq->arena, "option %.64s in group %.64s", name, section)
                       : section ? arena_printf(rq->arena, "group %.64s", section)
                                 : "any options";

    return err_http(err, 404, NULL, "Could not find %s in domain configuration for domain %.64s.", what,
                    rq_param(rq, "domain_id"));
}

/* --- requests ------------------------------------------------------------------------------- */

/* Rules of passwords are for everybody to read, in the default domain only. */
static int show_password_rules(struct request *rq, struct err *err)
{
    const struct identity_options *opt = identity_of(rq)->opt;
    const char *name = rq_param(rq, "option");
    const struct {
        const char *name, *value;
    } shown[] = { { "password_regex", opt->password_regex },
                  { "password_regex_description", opt->password_regex_description } };
    struct jw *w;
    int r = rq_authorize(rq, "identity:get_security_compliance_domain_config", NULL, NULL, err);

    if (r >= 0)
        r = require_domain(rq, rq_param(rq, "domain_id"), err);
    if (r < 0)
        return r;
    if (!str_eq(rq_param(rq, "domain_id"), default_domain(rq->server)))
        return invalid(
            err, "Reading security compliance information for any domain other than the default domain is "
                 "not allowed or supported");
    if (name && !str_eq(name, shown[0].name) && !str_eq(name, shown[1].name))
        return invalid(err, "Reading security compliance values other than password_regex and "
                            "password_regex_description is not allowed");
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_object(w, "config");
    if (!name)
        jw_object(w, "security_compliance");
    for (size_t i = 0; i < ARRAY_SIZE(shown); i++)
        if (!name || str_eq(name, shown[i].name))
            jw_str(w, shown[i].name, shown[i].value);
    if (!name)
        jw_end_object(w);
    jw_end_object(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int show(struct request *rq, struct err *err)
{
    const char *section = rq_param(rq, "group"), *name = rq_param(rq, "option");
    struct rows rows;
    int r;

    if (str_eq(section, "security_compliance"))
        return show_password_rules(rq, err);
    r = rq_authorize(rq, "identity:get_domain_config", NULL, NULL, err);
    if (r >= 0)
        r = require_domain(rq, rq_param(rq, "domain_id"), err);
    if (r >= 0)
        r = check_known(rq, section, name, err);
    if (r >= 0)
        r = load_options(rq, rq_param(rq, "domain_id"), section, name, &rows, err);
    if (r < 0)
        return r;
    return any_shown(&rows) ? reply_options(rq, &rows, name != NULL, 200) : not_found(rq, err);
}

static int store(struct request *rq, const char *section, const char *name, json_t *v, struct err *err)
{
    return domain_option_put(rq->txn, rq_param(rq, "domain_id"), section, name, json_text(rq->arena, v),
                             domain_option_known(section, name)->sensitive, err);
}

static int check_config(struct request *rq, const json_t *config, struct err *err)
{
    const char *section, *name;
    json_t *options, *v;
    int r = 0;

    if (!json_object_size(config))
        return invalid(err, "No options specified");
    json_object_foreach ((json_t *) config, section, options) {
        if (!json_object_size(options))
            return invalid(
                err, arena_printf(rq->arena,
                                  "The value of group %.64s specified in the config should be a dictionary "
                                  "of options",
                                  section));
        json_object_foreach (options, name, v) {
            r = check_known(rq, section, name, err);
            if (r < 0)
                return r;
        }
    }
    return r;
}

static int store_config(struct request *rq, const json_t *config, struct err *err)
{
    const char *section, *name;
    json_t *options, *v;
    int r = 0;

    json_object_foreach ((json_t *) config, section, options)
        json_object_foreach (options, name, v)
            r = r < 0 ? r : store(rq, section, name, v, err);
    return r;
}

static int reply_all(struct request *rq, int status, struct err *err)
{
    struct rows rows;
    int r = load_options(rq, rq_param(rq, "domain_id"), NULL, NULL, &rows, err);

    return r < 0 ? r : reply_options(rq, &rows, false, status);
}

static int replace(struct request *rq, struct err *err)
{
    const json_t *config = json_obj(rq->json, "config");
    struct rows before;
    int r = require_domain(rq, rq_param(rq, "domain_id"), err);

    if (r >= 0)
        r = check_config(rq, config, err);
    if (r >= 0)
        r = load_options(rq, rq_param(rq, "domain_id"), NULL, NULL, &before, err);
    if (r < 0)
        return r;
    r = domain_options_delete(rq->txn, rq_param(rq, "domain_id"), NULL, NULL, err);
    if (r >= 0)
        r = store_config(rq, config, err);
    return r < 0 ? r : reply_all(rq, before.count ? 200 : 201, err);
}

/* Where the path names a group or an option, the body has that and no other,
 * and it must be there already. */
static int check_part(struct request *rq, const json_t *config, struct err *err)
{
    const char *section = rq_param(rq, "group"), *name = rq_param(rq, "option");
    const json_t *options = json_object_get(config, section);
    struct rows rows;
    int r;

    if (!options || json_object_size(config) != 1)
        return invalid(err,
                       arena_printf(rq->arena,
                                    "Trying to update group %.64s, so that, and only that, group must be "
                                    "specified in the config",
                                    section));
    if (name && (!json_object_get(options, name) || json_object_size(options) != 1))
        return invalid(err,
                       arena_printf(rq->arena,
                                    "Trying to update option %.64s in group %.64s, so that, and only that, "
                                    "option must be specified in the config",
                                    name, section));
    r = load_options(rq, rq_param(rq, "domain_id"), section, name, &rows, err);
    return r < 0 ? r : rows.count ? 0 : not_found(rq, err);
}

static int update(struct request *rq, struct err *err)
{
    const char *section = rq_param(rq, "group"), *name = rq_param(rq, "option");
    auto_json json_t *config = json_incref(json_obj(rq->json, "config"));
    int r = require_domain(rq, rq_param(rq, "domain_id"), err);

    if (r >= 0)
        r = check_known(rq, section, name, err);
    if (r >= 0 && name && config) { /* {"config": {OPTION: VALUE}} without the group. */
        json_t *whole = json_object();

        json_object_set_new(whole, section, config);
        config = whole;
    }
    if (r >= 0)
        r = check_config(rq, config, err);
    if (r >= 0 && section)
        r = check_part(rq, config, err);
    if (r >= 0)
        r = store_config(rq, config, err);
    return r < 0 ? r : reply_all(rq, 200, err);
}

static int delete (struct request *rq, struct err *err)
{
    const char *section = rq_param(rq, "group"), *name = rq_param(rq, "option");
    const char *domain_id = rq_param(rq, "domain_id");
    struct rows rows;
    int r = require_domain(rq, domain_id, err);

    if (r >= 0)
        r = check_known(rq, section, name, err);
    if (r >= 0)
        r = load_options(rq, domain_id, section, name, &rows, err);
    if (r < 0)
        return r;
    if (section && !rows.count)
        return not_found(rq, err);
    r = domain_options_delete(rq->txn, domain_id, section, name, err);
    return r < 0 ? r : reply_empty(rq, 204);
}

/* --- defaults ---------------------------------------------------------------------------------- */

static void write_defaults(struct jw *w, const char *section)
{
    jw_object(w, section);
    for (const struct domain_option *o = domain_options_known; o->name; o++)
        if (str_eq(o->section, section) && !o->sensitive)
            jw_raw(w, o->name, o->value);
    jw_end_object(w);
}

static int show_default(struct request *rq, struct err *err)
{
    const char *section = rq_param(rq, "group"), *name = rq_param(rq, "option");
    const struct domain_option *one = name ? domain_option_known(section, name) : NULL;
    struct jw *w;
    int r = check_known(rq, section, name, err);

    if (r < 0)
        return r;
    if (one && one->sensitive)
        return invalid(err, arena_printf(rq->arena,
                                         "Reading the default for option %s in group %s is not supported",
                                         name, section));
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_object(w, "config");
    if (one) {
        jw_raw(w, one->name, one->value);
    } else if (section) {
        write_defaults(w, section);
    } else {
        write_defaults(w, "identity");
        write_defaults(w, "ldap");
    }
    jw_end_object(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

#define CONFIG  "/v3/domains/{domain_id}/config"
#define SECTION CONFIG "/{group}"
#define OPTION  SECTION "/{option}"

/* clang-format off */
const struct route domain_config_routes[] = {
    { HTTP_PUT,    CONFIG,  "identity:create_domain_config", replace, .in = no_fields },
#define EACH(path) \
    { HTTP_GET,    path,    POLICY_OWN,                      show }, \
    { HTTP_PATCH,  path,    "identity:update_domain_config", update, .in = no_fields }, \
    { HTTP_DELETE, path,    "identity:delete_domain_config", delete }
    EACH(CONFIG),
    EACH(SECTION),
    EACH(OPTION),
    { HTTP_GET, "/v3/domains/config/default",                  "identity:get_domain_config_default", show_default },
    { HTTP_GET, "/v3/domains/config/{group}/default",          "identity:get_domain_config_default", show_default },
    { HTTP_GET, "/v3/domains/config/{group}/{option}/default", "identity:get_domain_config_default", show_default },
    { 0 },
};
/* clang-format on */

/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/model/mfa.h"

#include "base/str.h"
#include "identity/driver/token/keyring.h"
#include "identity/driver/token/payload.h"
#include "identity/issued.h"
#include "identity/model/passwords.h"
#include "wire/json.h"

#define SECOND_US 1000000LL

bool mfa_method_known(const char *name)
{
    return method_named(name) != 0;
}

/* True when each method of the rule is served here and was shown.  What is not
 * served cannot be shown, and leaving it out would make the rule weaker than
 * whoever wrote it meant. */
static bool rule_met(const struct identity *id, const json_t *rule, unsigned methods)
{
    const json_t *v;
    size_t i;

    json_array_foreach (rule, i, v)
        if (!(method_named(json_string_value(v)) & id->methods & methods))
            return false;
    return json_array_size(rule) > 0;
}

bool mfa_satisfied(const struct identity *id, const struct user *u, unsigned methods)
{
    auto_json json_t *options = NULL;
    const json_t *rules, *rule;
    size_t i;

    if (!u->options || json_read(u->options, strlen(u->options), &options, NULL) < 0)
        return true;
    rules = json_arr(options, "multi_factor_auth_rules");
    if (!json_truth(options, "multi_factor_auth_enabled", true))
        return true;
    json_array_foreach (rules, i, rule)
        if (rule_met(id, rule, methods))
            return true;
    return json_array_size(rules) == 0;
}

int receipt_read(struct server *s, struct arena *a, const char *text, const char *user_id, unsigned *methods,
                 struct err *err)
{
    struct identity *id = s->state;
    struct issued_token r;

    if ((receipt_decode(a, keyring_keys(id->receipt_keys), text, &r) < 0 &&
         receipt_decode(a, keyring_fresh(id->receipt_keys), text, &r) < 0) ||
        r.expires_us <= server_now_us(s) || !str_eq(r.user_id, user_id))
        return auth_refused(err);
    *methods |= r.methods;
    return 0;
}

void receipt_issue(struct server *s, struct arena *a, const struct user *u, const struct project *domain,
                   unsigned methods, const char **ret_text, const char **ret_body)
{
    struct identity *id = s->state;
    int64_t now_us = server_now_us(s);
    const struct issued_token r = { .user_id = u->id,
                                    .methods = methods,
                                    .issued_us = now_us - now_us % SECOND_US,
                                    .expires_us = now_us + id->opt->receipt_expiration_s * SECOND_US };
    auto_json json_t *options = NULL;
    struct strbuf b;
    struct jw w;

    strbuf_init(&b, a);
    jw_init(&w, &b);
    jw_object(&w, NULL);
    jw_object(&w, "receipt");
    jw_strv(&w, "methods", methods_names(a, methods));
    jw_object(&w, "user");
    jw_str(&w, "id", u->id);
    jw_str(&w, "name", u->name);
    jw_object(&w, "domain");
    jw_str(&w, "id", domain->id);
    jw_str(&w, "name", domain->name);
    jw_end_object(&w);
    jw_end_object(&w);
    jw_time(&w, "expires_at", r.expires_us, TIME_ISO_MICRO_Z);
    jw_time(&w, "issued_at", r.issued_us, TIME_ISO_MICRO_Z);
    jw_end_object(&w);
    if (json_read(u->options, strlen(u->options), &options, NULL) >= 0)
        jw_value(&w, "required_auth_methods", json_arr(options, "multi_factor_auth_rules"));
    jw_end_object(&w);
    *ret_text = receipt_encode(a, keyring_keys(id->receipt_keys), &r);
    *ret_body = strbuf_str(&b);
}

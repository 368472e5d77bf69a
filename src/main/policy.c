/* SPDX-License-Identifier: Apache-2.0 */
/* `stackd policy check|list|sample`: what operators know from
 * oslopolicy-checker, oslopolicy-policy-generator, oslopolicy-list-redundant
 * and oslopolicy-sample-generator. */
#include "rest/policy.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "io/sock.h"
#include "main/commands.h"
#include "main/roles.h"
#include "rest/server.h"
#include "wire/json.h"

enum { FILE_MAX = 1024 * 1024 };

struct policy_words {
    const char *what; /* "check", "list", "sample" */
    const char *service, *file, *dir, *access, *target, *rule, *format, *output;
    const char *user, *roles, *project, *domain;
    bool system, redundant;
};

struct word {
    const char *name;
    size_t offset;
    bool flag;
};

#define WORD(name, member)                                 \
    {                                                      \
        name, offsetof(struct policy_words, member), false \
    }
#define FLAG(name, member)                                \
    {                                                     \
        name, offsetof(struct policy_words, member), true \
    }

static const struct word words[] = {
    WORD("--service", service),     WORD("--namespace", service),
    WORD("--policy", file),         WORD("--policy-dir", dir),
    WORD("--access", access),       WORD("--target", target),
    WORD("--rule", rule),           WORD("--format", format),
    WORD("--output-file", output),  WORD("--user-id", user),
    WORD("--roles", roles),         WORD("--project", project),
    WORD("--domain", domain),       FLAG("--system", system),
    FLAG("--redundant", redundant), { 0 },
};

/* "--name value" or "--name=value" at *v; moves on to the last word used. */
static int take_word(struct arena *a, const char ***v, struct policy_words *ret, struct err *err)
{
    const char *equals = strchr(**v, '=');
    size_t n = equals ? (size_t) (equals - **v) : strlen(**v);
    const struct word *w = words;

    while (w->name && (strlen(w->name) != n || strncmp(w->name, **v, n) != 0))
        w++;
    if (!w->name)
        return err_set(err, -EINVAL, "'%s' is no option of 'stackd policy'", **v);
    if (w->flag) {
        *(bool *) ((char *) ret + w->offset) = true;
        return 0;
    }
    if (!equals && !*++*v)
        return err_set(err, -EINVAL, "%s needs a value", w->name);
    *(const char **) ((char *) ret + w->offset) = equals ? equals + 1 : **v;
    return 0;
}

static int read_words(struct arena *a, const struct cli *cli, struct policy_words *ret, struct err *err)
{
    int r = 0;

    for (const char **v = cli->words; r >= 0 && v && *v; v++) {
        if (!str_has_prefix(*v, "--")) {
            if (ret->what)
                return err_set(err, -EINVAL, "'%s' is one word too many", *v);
            ret->what = *v;
            continue;
        }
        r = take_word(a, &v, ret, err);
    }
    return r;
}

/* --- The rules ------------------------------------------------------------------ */

static const struct service *service_named(const char *name)
{
    const struct stackd_role *role = name ? role_named(name) : NULL;

    return role ? role->service : NULL;
}

/* The rules of a service as its configuration has them, or of a file alone. */
static int rules_of(struct setup *s, const struct policy_words *w, struct policy **ret, struct err *err)
{
    static const struct policy_rule *const none[] = { NULL };
    const struct policy_rule *instead[2] = { NULL }, *const * tables;
    const struct service *svc = service_named(w->service);
    struct server_options opt = { 0 };
    struct log log = setup_log(s, "policy", 2);
    struct policy_config c = { .log = &log };
    int r;

    if (w->service && !svc)
        return err_set(err, -EINVAL, "'%s' is no service: see 'stackd help'", w->service);
    if (!svc && !w->file && !w->dir)
        return err_set(err, -EINVAL, "whose rules? --service NAME, --policy FILE, or both");
    if (svc) {
        r = config_read(s->config, svc->name, server_option_table, &opt, err);
        if (r < 0)
            return r;
        policy_config_of(&opt, &c);
        if (svc->policies_instead) {
            void *own = arena_alloc(&s->arena, svc->options_size);

            r = config_read(s->config, svc->name, svc->options, own, err);
            if (r < 0)
                return r;
            c.instead = svc->policies_instead(own);
        }
    }
    if (w->file || w->dir) {
        c.file = w->file;
        c.dirs = w->dir ? strv_add(&s->arena, NULL, w->dir) : NULL;
    }
    if (w->file && access(w->file, R_OK) < 0)
        return err_set(err, -errno, "cannot read %s: %s", w->file, strerror(errno));
    tables = svc ? svc->policies : none;
    if (svc && svc->policies_instead) {
        void *options = arena_alloc(&s->arena, svc->options_size);

        r = config_read(s->config, svc->name, svc->options, options, err);
        if (r < 0)
            return r;
        instead[0] = svc->policies_instead(options);
        tables = instead[0] ? instead : tables;
    }
    return policy_new(tables, &c, ret, err);
}

/* --- Who asks, and about what ----------------------------------------------------- */

static int read_json(struct arena *a, const char *path, json_t **ret, struct err *err)
{
    char *text;
    size_t n;
    int r = file_read(a, path, FILE_MAX, &text, &n);

    if (r < 0)
        return err_set(err, r, "cannot read %s: %s", path, strerror(-r));
    r = json_read(text, n, ret, err);
    return r < 0 ? err_prefix(err, r, "%s", path) : 0;
}

static void take_roles(struct arena *a, const json_t *list, struct token *t)
{
    t->roles = arena_array(a, struct role_ref, json_array_size(list) + 1);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *role = json_array_get(list, i);

        t->roles[t->n_roles++] = json_is_string(role)
                                     ? (struct role_ref){ NULL, json_string_value(role) }
                                     : (struct role_ref){ json_str(role, "id"), json_str(role, "name") };
    }
}

static const char *text_at(const json_t *o, const char *path)
{
    return json_string_value(json_at(o, path));
}

/* A token as identity shows it. */
static int token_of_json(struct arena *a, const json_t *doc, struct token *t, struct err *err)
{
    const json_t *j = json_obj(doc, "token");

    if (!j)
        return err_set(err, -EINVAL, "the file of --access has no \"token\"");
    t->user_id = text_at(j, "user.id");
    t->user_name = text_at(j, "user.name");
    t->user_domain_id = text_at(j, "user.domain.id");
    t->user_domain_name = text_at(j, "user.domain.name");
    t->project_id = text_at(j, "project.id");
    t->project_name = text_at(j, "project.name");
    t->project_domain_id = text_at(j, "project.domain.id");
    t->project_domain_name = text_at(j, "project.domain.name");
    t->domain_id = text_at(j, "domain.id");
    t->domain_name = text_at(j, "domain.name");
    t->system = json_is_true(json_at(j, "system.all"));
    t->methods = json_strv(a, json_arr(j, "methods"));
    t->audit_ids = json_strv(a, json_arr(j, "audit_ids"));
    take_roles(a, json_arr(j, "roles"), t);
    return 0;
}

/* A token as the words describe it. */
static int token_of_words(struct arena *a, const struct policy_words *w, struct token *t, struct err *err)
{
    if (!w->user && !w->roles)
        return err_set(err, -EINVAL,
                       "who asks? --access FILE with a token's JSON, or --user-id ID --roles NAME,NAME and "
                       "--project ID, --domain ID or --system");
    t->user_id = w->user;
    t->project_id = w->project;
    t->domain_id = w->domain;
    t->system = w->system;
    t->roles = arena_array(a, struct role_ref, w->roles ? strlen(w->roles) + 1 : 1);
    strv_foreach (name, w->roles ? str_split(a, w->roles, ',') : NULL)
        t->roles[t->n_roles++] = (struct role_ref){ NULL, *name };
    return 0;
}

/* The text that Python would make of a value. */
static const char *value_text(struct arena *a, const json_t *v)
{
    struct strbuf b;
    size_t i;
    json_t *item;

    if (json_is_string(v))
        return json_string_value(v);
    if (json_is_null(v))
        return POLICY_NONE;
    if (json_is_boolean(v))
        return json_is_true(v) ? "True" : "False";
    if (!json_is_array(v))
        return json_text(a, v);
    strbuf_init(&b, a);
    json_array_foreach (v, i, item) {
        const char *quote = !json_is_string(item) ? "" : strchr(json_string_value(item), '\'') ? "\"" : "'";

        strbuf_printf(&b, "%s%s%s%s", i ? ", " : "[", quote, value_text(a, item), quote);
    }
    strbuf_puts(&b, i ? "]" : "[]");
    return strbuf_str(&b);
}

/* "a.b": the member of that name, else member b of a. */
static const json_t *member_at(const json_t *o, const char *name)
{
    const json_t *v = json_object_get(o, name);
    const char *dot = name;

    while (!v && (dot = strchr(dot, '.'))) {
        const json_t *inner = json_object_getn(o, name, (size_t) (dot - name));

        dot++;
        v = json_is_object(inner) ? member_at(inner, dot) : NULL;
    }
    return v;
}

static const char *json_target_get(const void *ctx, struct arena *a, const char *name)
{
    const json_t *v = member_at(ctx, name);

    return v && !json_is_object(v) ? value_text(a, v) : NULL;
}

static const char *json_target_text(const void *ctx, struct arena *a)
{
    return json_text(a, ctx);
}

/* What the token owns: the target where none is given, as upstream's checker has it. */
static json_t *own_target(const struct token *t)
{
    json_t *o = json_object();

    if (t->user_id)
        json_object_set_new(o, "user_id", json_string(t->user_id));
    if (t->project_id)
        json_object_set_new(o, "project_id", json_string(t->project_id));
    return o;
}

/* --- The commands ------------------------------------------------------------------ */

static int answer(struct policy *p, struct arena *a, const struct policy_words *w, const struct token *t,
                  const json_t *target, struct strbuf *out)
{
    const struct policy_target pt = { json_target_get, target, json_target_text };
    const char **names = w->rule ? strv_add(a, NULL, w->rule) : policy_names(p, a);
    bool all = true;

    strv_foreach (name, names) {
        bool passed;

        if (!w->rule && !strchr(*name, ':')) /* Only what others refer to. */
            continue;
        passed = policy_allows(p, a, *name, t, &pt);
        all = all && passed;
        strbuf_printf(out, "%s: %s\n", passed ? "passed" : "failed", *name);
    }
    return all || !w->rule ? 0 : 1;
}

static int policy_check(struct setup *s, const struct policy_words *w, struct strbuf *out, struct err *err)
{
    struct arena *a = &s->arena;
    auto_json json_t *access_doc = NULL, *target = NULL;
    struct token t = { 0 };
    struct policy *p;
    int r = rules_of(s, w, &p, err);

    if (r < 0)
        return r;
    r = w->access ? read_json(a, w->access, &access_doc, err) : 0;
    if (r >= 0)
        r = access_doc ? token_of_json(a, access_doc, &t, err) : token_of_words(a, w, &t, err);
    if (r >= 0 && w->target)
        r = read_json(a, w->target, &target, err);
    if (r >= 0 && !target)
        target = own_target(&t);
    if (r >= 0)
        r = answer(p, a, w, &t, target, out);
    policy_free(p);
    return r;
}

static enum policy_format format_of(const struct policy_words *w)
{
    return w->format && str_eq(w->format, "json") ? POLICY_JSON : POLICY_YAML;
}

static int policy_rules_list(struct setup *s, const struct policy_words *w, struct strbuf *out,
                             struct err *err)
{
    struct policy *p;
    int r = rules_of(s, w, &p, err);

    if (r < 0)
        return r;
    if (w->redundant)
        policy_write_redundant(p, out);
    else
        policy_write_effective(p, format_of(w), out);
    policy_free(p);
    return 0;
}

static int policy_sample(struct setup *s, const struct policy_words *w, struct strbuf *out, struct err *err)
{
    const struct service *svc = service_named(w->service);

    if (!svc)
        return err_set(err, -EINVAL, "a sample of whose rules? --service NAME");
    policy_write_sample(svc->policies, format_of(w), out);
    return 0;
}

static int put_out(const struct policy_words *w, const struct strbuf *out, struct err *err)
{
    int r = w->output ? file_write_atomic(w->output, strbuf_str(out), out->len, 0644) : 0;

    if (!w->output)
        fputs(strbuf_str(out), stdout);
    return r < 0 ? err_set(err, r, "cannot write %s: %s", w->output, strerror(-r)) : 0;
}

int command_policy(const struct cli *cli, struct err *err)
{
    static const struct {
        const char *name;
        int (*run)(struct setup *s, const struct policy_words *w, struct strbuf *out, struct err *err);
    } kinds[] = { { "check", policy_check }, { "list", policy_rules_list }, { "sample", policy_sample } };
    auto_setup struct setup s = { 0 };
    struct policy_words w = { 0 };
    struct strbuf out;
    int r = setup_load(&s, cli, err), put;

    if (r >= 0)
        r = read_words(&s.arena, cli, &w, err);
    if (r < 0)
        return r;
    strbuf_init(&out, &s.arena);
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
        if (w.what && str_eq(kinds[i].name, w.what)) {
            r = kinds[i].run(&s, &w, &out, err);
            put = r < 0 ? 0 : put_out(&w, &out, err);
            return put < 0 ? put : r;
        }
    return err_set(err, -EINVAL, "policy what? check, list or sample");
}

/* SPDX-License-Identifier: Apache-2.0 */
/* `stackd identity domain_config_upload`: from files keystone.DOMAIN.conf to
 * the options of /v3/domains/ID/config. */
#include <dirent.h>
#include <string.h>

#include "base/config.h"
#include "base/str.h"
#include "identity/identity.h"
#include "identity/manage.h"
#include "identity/manage_words.h"
#include "identity/model/domain_config.h"
#include "identity/store/changes.h"
#include "identity/store/domain_config.h"
#include "identity/store/projects.h"
#include "wire/json.h"

#define HEAD        "keystone."
#define TAIL        ".conf"
#define OPTIONS_MAX 64 /* Of a section. */

const char *domain_config_file_domain(struct arena *a, const char *file)
{
    size_t n = strlen(file), around = strlen(HEAD) + strlen(TAIL);

    if (n <= around || !str_has_prefix(file, HEAD) || !str_has_suffix(file, TAIL))
        return NULL;
    return arena_strndup(a, file + strlen(HEAD), n - around);
}

/* What a file says in one section, and where it is to be written. */
struct upload {
    struct txn *t;
    struct arena *a;
    struct config *file;
    const char *domain_id;
};

static int put(struct upload *u, const struct domain_option *o, const char *value, struct err *err)
{
    auto_json json_t *text = json_string(value);

    if (!text)
        return err_set(err, -EINVAL, "[%s] %s is not UTF-8", o->section, o->name);
    return domain_option_put(u->t, u->domain_id, o->section, o->name, json_text(u->a, text), o->sensitive,
                             err);
}

/* Options from 'first' on that are of the same section; '*next' is the one after them. */
static int put_section(struct upload *u, const struct domain_option *first, const struct domain_option **next,
                       struct err *err)
{
    struct option options[OPTIONS_MAX + 1] = { 0 };
    const char *values[OPTIONS_MAX] = { 0 };
    const struct domain_option *o = first;
    size_t n = 0;
    int r;

    for (; o->name && n < OPTIONS_MAX && str_eq(o->section, first->section); o++, n++)
        options[n] = (struct option){
            .name = o->name, .type = FIELD_STRING, .offset = n * sizeof(values[0]), .help = ""
        };
    *next = o;
    r = config_read(u->file, first->section, options, values, err);
    for (size_t i = 0; i < n && r >= 0; i++)
        if (values[i])
            r = put(u, first + i, values[i], err);
    return r;
}

static int put_all(struct upload *u, struct err *err)
{
    const struct domain_option *o = domain_options_known;
    int r = 0;

    while (o->name && r >= 0)
        r = put_section(u, o, &o, err);
    return r < 0 ? r : config_check_unknown(u->file, err);
}

static int refuse_second(struct upload *u, struct err *err)
{
    struct rows have;
    int r = domain_options_find(u->t, u->a, u->domain_id, NULL, NULL, &have, err);

    return r >= 0 && have.count ? err_set(err, -EEXIST, "the domain has options in the database already") : r;
}

static int upload_file(struct server *s, const char *path, const char *domain, struct err *err)
{
    auto_rollback struct txn *t = NULL;
    auto_arena struct arena a;
    struct project p = { 0 };
    struct upload u = { .a = &a };
    int r;

    arena_init(&a);
    r = config_load(&a, path, &u.file, err);
    if (r >= 0)
        r = txn_begin(s->db, true, &t, err);
    if (r >= 0)
        r = project_find(t, &a, "", domain, &p, err);
    if (r == -ENOENT && t)
        return err_set(err, r, "there is no domain '%s'", domain);
    u.t = t;
    u.domain_id = p.id;
    if (r >= 0)
        r = refuse_second(&u, err);
    if (r >= 0)
        r = put_all(&u, err);
    if (r >= 0)
        r = changes_add(t, err);
    return r < 0 ? r : txn_commit(&t, err);
}

/* Says what became of the file; 1 when it was not taken. */
static int try_file(struct server *s, const char *folder, const char *domain, struct strbuf *out)
{
    auto_arena struct arena a;
    struct err err = { 0 };
    const char *path;
    int r;

    arena_init(&a);
    path = arena_printf(&a, "%s/" HEAD "%s" TAIL, folder, domain);
    r = upload_file(s, path, domain, &err);
    if (r < 0)
        strbuf_printf(out, "%s was not taken: %s.\n", path, err.msg);
    else
        strbuf_printf(out, "%s is in the database.\n", path);
    return r < 0;
}

static int upload_all(struct server *s, const char *folder, struct strbuf *out, struct err *err)
{
    DIR *dir = opendir(folder);
    auto_arena struct arena a;
    int failed = 0;

    arena_init(&a);
    if (!dir)
        return err_set(err, -errno, "cannot read the folder '%s' ([identity] domain_config_dir)", folder);
    for (struct dirent *e = readdir(dir); e; e = readdir(dir)) {
        const char *domain = domain_config_file_domain(&a, e->d_name);

        if (domain)
            failed |= try_file(s, folder, domain, out);
    }
    closedir(dir);
    return failed;
}

int domain_config_upload_run(struct server *s, const char *const *words, struct strbuf *out, struct err *err)
{
    const struct identity *id = s->state;
    const char *folder = id->opt->domain_config_dir, *domain = NULL;
    bool all = false;
    const struct word_option options[] = { { "--all", .flag = &all }, { "--domain-name", &domain }, { 0 } };
    int r = words_read(words, options, err);

    if (r < 0)
        return r;
    if (all == (domain != NULL) || (domain && strchr(domain, '/')))
        return err_set(err, -EINVAL,
                       "usage: stackd identity domain_config_upload --all | --domain-name NAME");
    r = all ? upload_all(s, folder, out, err) : try_file(s, folder, domain, out);
    generation_bump(&id->generation);
    return r;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/model/directories.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/hash.h"
#include "base/str.h"
#include "crypto/digest.h"
#include "identity/model/seen.h"
#include "identity/store/domain_config.h"
#include "identity/store/projects.h"

#define FIXED "fixed" /* What a test has set. */

/* Options of [identity] that a domain may have of its own. */
struct domain_identity {
    const char *driver;
    int64_t list_limit;
};

static const struct option domain_options[] = {
    { "driver", FIELD_STRING, offsetof(struct domain_identity, driver), "sql", "", 0 },
    { "list_limit", FIELD_INT, offsetof(struct domain_identity, list_limit), "0", "", 0, 1000000 },
    { 0 },
};

/* Section [identity_mapping]. */
struct mapping_options {
    bool backward_compatible_ids;
};

const struct option identity_mapping_options[] = {
    { "backward_compatible_ids", FIELD_BOOL, offsetof(struct mapping_options, backward_compatible_ids),
      "true",
      "With [identity] driver = ldap, users and groups of the default domain keep the directory's ids; "
      "otherwise ids are digests, as those of other domains' directories are.",
      0 },
    { 0 },
};

struct directories {
    pthread_mutex_t lock;
    struct hash open; /* Domain id -> struct directory, also of domains whose driver is "sql". */
    bool specific, from_database;
    const char *folder;
    struct directory *main; /* The default domain's by the main file, or null. */
};

/* Where a domain's options are. */
struct source {
    const char *print; /* Null: it has none of its own and no directory. */
    const char *file;
    struct rows rows;
};

bool directories_specific(const struct directories *d)
{
    return d && d->specific;
}

/* --- open ones ------------------------------------------------------------------------- */

void directory_put(struct directory *d)
{
    if (!d || atomic_fetch_sub(&d->refs, 1) > 1)
        return;
    if (d->driver)
        d->driver->close(d->self);
    seen_free(d->seen);
    arena_done(&d->arena);
    free(d);
}

static struct directory *directory_new(const char *domain_id, const char *print)
{
    struct directory *d = calloc(1, sizeof(*d));

    if (!d)
        return NULL;
    arena_init(&d->arena);
    d->domain_id = arena_strdup(&d->arena, domain_id);
    d->print = arena_strdup(&d->arena, print);
    d->seen = seen_new();
    d->refs = 1;
    return d;
}

/* The open one when its options are still those; counted for the caller. */
static struct directory *find_open(struct directories *all, const char *domain_id, const char *print)
{
    struct directory *d;

    pthread_mutex_lock(&all->lock);
    d = hash_get(&all->open, domain_id);
    if (d && !str_eq(d->print, print) && !str_eq(d->print, FIXED))
        d = NULL;
    if (d)
        atomic_fetch_add(&d->refs, 1);
    pthread_mutex_unlock(&all->lock);
    return d;
}

/* Takes the place of what was open for the domain; 'd' null: none. */
static void replace_open(struct directories *all, const char *domain_id, struct directory *d)
{
    struct directory *old;

    pthread_mutex_lock(&all->lock);
    old = hash_remove(&all->open, domain_id);
    if (d)
        hash_put(&all->open, d->domain_id, d);
    pthread_mutex_unlock(&all->lock);
    directory_put(old);
}

void directories_set(struct directories *all, const char *domain_id, const struct identity_driver *driver,
                     void *self)
{
    struct directory *d = directory_new(domain_id, FIXED);

    if (!d)
        return;
    d->driver = driver;
    d->self = self;
    replace_open(all, domain_id, d);
}

/* --- options ------------------------------------------------------------------------------ */

/* As one would write it in a file. */
static const char *option_text(struct arena *a, const json_t *v)
{
    const char **parts = NULL;
    const json_t *item;
    size_t i;

    if (json_is_string(v))
        return arena_strdup(a, json_string_value(v));
    if (!json_is_array(v))
        return json_is_null(v) ? NULL : json_text(a, (json_t *) v);
    json_array_foreach (v, i, item)
        parts = strv_add(a, parts, json_is_string(item) ? json_string_value(item) : "");
    return parts ? strv_join(a, parts, ",") : "";
}

static int config_of_rows(struct arena *a, const struct rows *rows, struct config **ret, struct err *err)
{
    int r = config_load(a, NULL, ret, err);

    for (size_t i = 0; r >= 0 && i < rows->count; i++) {
        auto_json json_t *wrapped = NULL;
        const char *text;

        r = json_read(rows_text(rows, i, 2), strlen(rows_text(rows, i, 2)), &wrapped, err);
        text = r < 0 ? NULL : option_text(a, wrapped);
        if (text)
            config_set(*ret, arena_strdup(a, rows_text(rows, i, 0)), arena_strdup(a, rows_text(rows, i, 1)),
                       text);
    }
    return r;
}

static const char *print_rows(struct arena *a, const struct rows *rows)
{
    struct strbuf b;

    strbuf_init(&b, a);
    for (size_t i = 0; i < rows->count; i++)
        strbuf_printf(&b, "%s\n%s\n%s\n", rows_text(rows, i, 0), rows_text(rows, i, 1),
                      rows_text(rows, i, 2));
    return digest_hex(a, DIGEST_SHA256, strbuf_str(&b), b.len);
}

static int look_into_database(struct server *s, struct arena *a, const char *domain_id, struct source *ret,
                              struct err *err)
{
    auto_rollback struct txn *t = NULL;
    int r = txn_begin(s->db, false, &t, err);

    if (r >= 0)
        r = domain_options_find(t, a, domain_id, NULL, NULL, &ret->rows, err);
    if (r >= 0 && ret->rows.count)
        ret->print = print_rows(a, &ret->rows);
    return r;
}

/* keystone.NAME.conf */
static int look_into_folder(struct server *s, struct arena *a, const char *folder, const char *domain_id,
                            struct source *ret, struct err *err)
{
    auto_rollback struct txn *t = NULL;
    struct project domain = { 0 };
    struct stat st;
    int r = txn_begin(s->db, false, &t, err);

    if (r >= 0)
        r = table_get(t, a, &project_table, domain_id, &domain, err);
    if (r < 0)
        return r == -ENOENT ? 0 : r;
    if (!domain.is_domain || strchr(domain.name, '/'))
        return 0;
    ret->file = arena_printf(a, "%s/keystone.%s.conf", folder, domain.name);
    if (stat(ret->file, &st) < 0)
        return 0;
    ret->print = arena_printf(a, "%s %lld.%09ld %lld %llu", ret->file, (long long) st.st_mtim.tv_sec,
                              st.st_mtim.tv_nsec, (long long) st.st_size, (unsigned long long) st.st_ino);
    return 0;
}

static int find_source(struct server *s, struct arena *a, const char *domain_id, struct source *ret,
                       struct err *err)
{
    const struct directories *all = ((const struct identity *) s->state)->directories;
    int r = 0;

    *ret = (struct source){ 0 };
    if (all->specific && all->from_database)
        r = look_into_database(s, a, domain_id, ret, err);
    else if (all->specific)
        r = look_into_folder(s, a, all->folder, domain_id, ret, err);
    return r;
}

/* --- opening ---------------------------------------------------------------------------------- */

static int open_driver(struct directory *d, const char *name, struct config *c, struct err *err)
{
    if (str_eq(name, "sql"))
        return 0;
    for (size_t i = 0; identity_drivers[i]; i++)
        if (str_eq(identity_drivers[i]->name, name)) {
            int r = identity_drivers[i]->open(c, &d->self, err);

            d->driver = r < 0 ? NULL : identity_drivers[i];
            return r;
        }
    return err_set(err, -EINVAL, "[identity] driver: there is no '%.64s'", name);
}

static int open_own(struct directory *d, const struct source *from, struct err *err)
{
    struct domain_identity own = { 0 };
    struct config *c = NULL;
    int r = from->file ? config_load(&d->arena, from->file, &c, err)
                       : config_of_rows(&d->arena, &from->rows, &c, err);

    if (r >= 0)
        r = config_read(c, "identity", domain_options, &own, err);
    if (r >= 0)
        r = open_driver(d, own.driver, c, err);
    if (r >= 0 && d->driver && from->file)
        r = config_check_unknown(c, err);
    d->list_limit = own.list_limit;
    return r;
}

/* Words about a configuration are for the log. */
static int open_one(const char *domain_id, const struct source *from, struct directory **ret, struct err *err)
{
    struct directory *d = directory_new(domain_id, from->print);
    int r;

    if (!d)
        return err_set(err, -ENOMEM, "no memory");
    r = open_own(d, from, err);
    if (r < 0) {
        directory_put(d);
        err_prefix(err, r, "the configuration of domain %s", domain_id);
        return err ? (err->code = -EIO) : -EIO;
    }
    *ret = d;
    return 0;
}

int directory_of(struct server *s, struct arena *a, const char *domain_id, struct directory **ret,
                 struct err *err)
{
    struct directories *all = ((const struct identity *) s->state)->directories;
    struct directory *d;
    struct source from;
    int r;

    *ret = NULL;
    if (!all || str_empty(domain_id))
        return 0;
    r = find_source(s, a, domain_id, &from, err);
    if (r < 0)
        return r;
    d = find_open(all, domain_id, from.print);
    if (!d && from.print) {
        r = open_one(domain_id, &from, &d, err);
        if (r < 0)
            return r;
        atomic_fetch_add(&d->refs, 1); /* One for the table, one for the caller. */
        replace_open(all, domain_id, d);
    } else if (!d) {
        replace_open(all, domain_id, NULL);
        d = str_eq(domain_id, default_domain(s)) ? all->main : NULL;
        if (d)
            atomic_fetch_add(&d->refs, 1);
    }
    if (d && d->driver)
        *ret = d;
    else
        directory_put(d);
    return 0;
}

int directory_with_local_ids(struct server *s, struct arena *a, struct directory **ret, struct err *err)
{
    int r = directory_of(s, a, default_domain(s), ret, err);

    if (r >= 0 && *ret && !(*ret)->local_ids) {
        directory_put(*ret);
        *ret = NULL;
    }
    return r;
}

/* --- the whole ------------------------------------------------------------------------------------ */

/* What is wrong in the main file is said at the start. */
static int open_main(struct server *s, struct directories *all, struct err *err)
{
    const struct identity *id = s->state;
    struct mapping_options mapping = { 0 };
    int r = config_read(s->config, "identity_mapping", identity_mapping_options, &mapping, err);

    if (r < 0 || str_eq(id->opt->driver, "sql"))
        return r;
    all->main = directory_new(default_domain(s), "main");
    if (!all->main)
        return err_set(err, -ENOMEM, "no memory");
    all->main->list_limit = id->opt->identity_list_limit ? id->opt->identity_list_limit : id->opt->list_limit;
    all->main->local_ids = mapping.backward_compatible_ids;
    return open_driver(all->main, id->opt->driver, s->config, err);
}

int directories_new(struct server *s, struct directories **ret, struct err *err)
{
    const struct identity_options *o = ((const struct identity *) s->state)->opt;
    struct directories *all;

    if (str_eq(o->driver, "sql") && !o->domain_specific_drivers_enabled)
        return 0;
    all = calloc(1, sizeof(*all));
    if (!all)
        return err_set(err, -ENOMEM, "no memory");
    pthread_mutex_init(&all->lock, NULL);
    hash_init(&all->open);
    all->specific = o->domain_specific_drivers_enabled;
    all->from_database = o->domain_configurations_from_database;
    all->folder = o->domain_config_dir;
    *ret = all;
    return open_main(s, all, err);
}

void directories_free(struct directories *all)
{
    if (!all)
        return;
    hash_foreach (it, &all->open)
        directory_put(it->value);
    hash_done(&all->open);
    directory_put(all->main);
    pthread_mutex_destroy(&all->lock);
    free(all);
}

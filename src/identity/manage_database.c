/* SPDX-License-Identifier: Apache-2.0 */
/* `stackd identity db_check`, `db_sync`, `db_version`: the version of the database. */
#include "identity/manage.h"
#include "identity/manage_words.h"

/* Exit code of db_sync --check, as keystone-manage has it: run db_sync --expand. */
#define NEEDS_EXPAND 2

static int versions(struct server *s, int64_t *ret_have, int64_t *ret_need, struct err *err)
{
    const struct migration *m = s->service->schemas[0].migrations;

    for (*ret_need = 0; m[*ret_need].name; ++*ret_need)
        ;
    return db_version(s->db, ret_have, err);
}

int db_version_run(struct server *s, const char *const *words, struct strbuf *out, struct err *err)
{
    int64_t have;
    int r = words_none(words, err);

    if (r >= 0)
        r = db_version(s->db, &have, err);
    if (r >= 0)
        strbuf_printf(out, "%lld\n", (long long) have);
    return r < 0 ? r : 0;
}

/* 0, or -ESTALE when the database is older than this program. */
static int check(struct server *s, struct strbuf *out, struct err *err)
{
    int64_t have, need;
    int r = versions(s, &have, &need, err);

    if (r >= 0 && have < need)
        return err_set(err, -ESTALE,
                       "the database is at version %lld and this program needs %lld: run 'stackd identity "
                       "db_sync'",
                       (long long) have, (long long) need);
    if (r >= 0)
        strbuf_printf(out, "The database is at version %lld, which this program needs.\n", (long long) have);
    return r < 0 ? r : 0;
}

int db_check_run(struct server *s, const char *const *words, struct strbuf *out, struct err *err)
{
    int r = words_none(words, err);

    return r < 0 ? r : check(s, out, err);
}

/* Opening the server brought the database up to date, unless one of the words
 * says to look only.  What Keystone has in three steps is one here: --expand
 * does all of it, the others find that nothing is left. */
int db_sync_run(struct server *s, const char *const *words, struct strbuf *out, struct err *err)
{
    bool look = false, expand = false, migrate = false, contract = false;
    const struct word_option options[] = { { "--check", .flag = &look },
                                           { "--expand", .flag = &expand },
                                           { "--migrate", .flag = &migrate },
                                           { "--contract", .flag = &contract },
                                           { 0 } };
    struct err why = { 0 };
    int r = words_read(words, options, err);

    if (r >= 0 && look + expand + migrate + contract > 1)
        return err_set(err, -EINVAL, "only one of --check, --expand, --migrate and --contract");
    if (r < 0)
        return r;
    if (!look)
        return migrate || contract ? check(s, out, err) : db_version_run(s, NULL, out, err);
    r = check(s, out, &why);
    if (r == -ESTALE)
        strbuf_printf(out, "%s --expand.\n", why.msg);
    else if (r < 0)
        err_set(err, r, "%s", why.msg);
    return r == -ESTALE ? NEEDS_EXPAND : r;
}

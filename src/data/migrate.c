/* SPDX-License-Identifier: Apache-2.0 */
/* Migrations.
 *
 * Where DDL can be rolled back, all steps are one transaction.  MariaDB
 * commits at each DDL statement, so the statements of a step that are done are
 * counted, and one that a crash may have hit is marked busy before: the next
 * run then takes "exists already" for done. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "data/driver.h"

#define ATTEMPTS 6 /* Of 10 s each, for another process' migration to end. */

struct progress {
    int64_t version, done, busy;
};

static int run_script(struct txn *t, const char *sql, struct err *err)
{
    auto_free char *text = NULL;
    int r = sql_rewrite(t->db->driver, sql, &text, err);

    if (r >= 0)
        r = t->db->driver->script(t->conn->handle, text, err);
    if (r == -ENOTCONN) {
        t->lost = true;
        r = err_set(err, -EAGAIN, "The connection to the database was lost.");
    }
    return r;
}

static int load_progress(struct txn *t, struct progress *ret, struct err *err)
{
    auto_arena struct arena a = { 0 };
    struct rows rows;
    int64_t n;
    int r;

    r = sql_query(t, &a, &rows, err, "SELECT version, done, busy FROM schema_version WHERE id = 1");
    if (r < 0)
        return r;
    if (rows.count > 0) {
        *ret =
            (struct progress){ rows_int(&rows, 0, 0, 0), rows_int(&rows, 0, 1, 0), rows_int(&rows, 0, 2, 0) };
        return 0;
    }
    n = sql_exec(t, err, "INSERT INTO schema_version (id, version, done, busy) VALUES (1, 0, 0, 0)");
    *ret = (struct progress){ 0 };
    return n < 0 ? (int) n : 0;
}

static int save_progress(struct txn *t, const struct progress *p, struct err *err)
{
    int64_t n = sql_exec(t, err, "UPDATE schema_version SET version = ?, done = ?, busy = ? WHERE id = 1",
                         val_int(p->version), val_int(p->done), val_int(p->busy));

    return n < 0 ? (int) n : 0;
}

/* Skips white space and comment lines. */
static const char *skip_blank(const char *s)
{
    for (;;) {
        while (isspace((unsigned char) *s))
            s++;
        if (s[0] != '-' || s[1] != '-')
            return s;
        s += strcspn(s, "\n");
    }
}

/* The next statement at '*s' without its semicolon, or null. */
static char *next_statement(struct arena *a, const char **s)
{
    const char *begin = skip_blank(*s), *end;
    size_t n;

    if (!*begin)
        return NULL;
    end = strstr(begin, ";\n");
    n = end ? (size_t) (end - begin) : strlen(begin);
    *s = end ? end + 2 : begin + n;
    while (n > 0 && (begin[n - 1] == ';' || isspace((unsigned char) begin[n - 1])))
        n--;
    return arena_strndup(a, begin, n);
}

static int run_statement(struct txn *t, const char *sql, struct progress *p, struct err *err)
{
    bool counted = !t->db->driver->ddl_in_txn, was_busy = p->busy;
    int r = 0;

    if (counted) {
        p->busy = 1;
        r = save_progress(t, p, err); /* The DDL commits it. */
    }
    if (r >= 0)
        r = run_script(t, sql, err);
    if (r == -EEXIST && was_busy)
        r = 0;

    p->busy = 0;
    if (r >= 0)
        p->done++;
    else if (!counted || r == -EAGAIN)
        return r;
    if (counted) {
        int s = save_progress(t, p, r < 0 ? NULL : err);

        r = r < 0 ? r : s;
    }
    return r;
}

static int run_step(struct txn *t, const struct migration *m, struct progress *p, struct err *err)
{
    auto_arena struct arena a = { 0 };
    const char *s = m->sql;
    int64_t i = 0;
    int r = 0;

    for (char *sql; r >= 0 && (sql = next_statement(&a, &s)); i++)
        if (i >= p->done)
            r = run_statement(t, sql, p, err);
    if (r < 0)
        return err_prefix(err, r, "migration %lld, '%s'", (long long) p->version + 1, m->name);
    p->version++;
    p->done = 0;
    return save_progress(t, p, err);
}

static int run_steps(struct txn *t, const struct migration *m, struct err *err)
{
    struct progress p;
    int64_t n = 0;
    int r;

    r = run_script(t,
                   "CREATE TABLE IF NOT EXISTS schema_version (id INTEGER PRIMARY KEY,"
                   " version BIGINT NOT NULL, done BIGINT NOT NULL, busy BIGINT NOT NULL)",
                   err);
    if (r >= 0)
        r = load_progress(t, &p, err);
    if (r >= 0 && p.version == 0 && p.done == 0 && t->db->driver->init_sql)
        r = run_script(t, t->db->driver->init_sql, err);

    /* A newer release may have gone further; its schema still fits this one. */
    for (; r >= 0 && m[n].name; n++)
        if (n >= p.version)
            r = run_step(t, &m[n], &p, err);
    return r;
}

static int lock_out_others(struct txn *t, struct err *err)
{
    const char *sql = t->db->driver->lock_sql;
    int64_t got = 1;
    int r = sql ? sql_get_int(t, &got, err, sql) : 0;

    if (r >= 0 && got != 1)
        return err_set(err, -EAGAIN, "Another process is migrating the database.");
    return r;
}

static int migrate_once(struct db *d, const struct migration *m, struct err *err)
{
    auto_rollback struct txn *t = NULL;
    bool counted = !d->driver->ddl_in_txn;
    int64_t unused;
    int r, c;

    r = txn_begin(d, true, &t, err);
    if (r < 0)
        return r;
    r = lock_out_others(t, err);
    if (r < 0)
        return r;
    r = run_steps(t, m, err);

    /* What DDL has committed stands: its progress must, too, and the lock
     * outlives the transaction. */
    if (r >= 0 || counted) {
        c = d->driver->commit(t->conn->handle, r < 0 ? NULL : err);
        if (c == -ENOTCONN)
            c = err_set(r < 0 ? NULL : err, -EAGAIN, "The connection to the database was lost.");
        r = r < 0 ? r : c;
    }
    if (d->driver->unlock_sql && !t->failed)
        sql_get_int(t, &unused, NULL, d->driver->unlock_sql);
    return r;
}

int db_migrate(struct db *d, const struct migration *m, struct err *err)
{
    int r;

    for (unsigned i = 1;; i++) {
        r = migrate_once(d, m, err);
        db_columns_forget(d);
        if (r != -EAGAIN || i == ATTEMPTS)
            return r;
        err_clear(err);
    }
}

int db_version(struct db *d, int64_t *ret, struct err *err)
{
    auto_rollback struct txn *t = NULL;
    int64_t n;
    int r;

    r = txn_begin(d, false, &t, err);
    if (r >= 0)
        r = sql_get_int(t, &n, err, d->driver->tables_sql, val_text("schema_version"));
    if (r < 0)
        return r;
    if (n == 0) {
        *ret = 0;
        return 0;
    }
    r = sql_get_int(t, ret, err, "SELECT version FROM schema_version WHERE id = 1");
    if (r == -ENOENT) {
        err_clear(err);
        *ret = 0;
        return 0;
    }
    return r;
}

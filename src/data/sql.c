/* SPDX-License-Identifier: Apache-2.0 */
/* Statements: rewriting, the cache of prepared ones, values and cells. */
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "base/strbuf.h"
#include "data/driver.h"

#define STATEMENTS_MAX 200 /* Kept prepared for each connection. */

struct val val_text(const char *s)
{
    return s ? (struct val){ .kind = VAL_TEXT, .s = s } : (struct val){ .kind = VAL_NULL };
}

struct val val_int(int64_t i)
{
    return (struct val){ .kind = VAL_INT, .i = i };
}

struct val val_double(double d)
{
    return (struct val){ .kind = VAL_DOUBLE, .d = d };
}

struct val val_blob(const void *p, size_t n)
{
    return p ? (struct val){ .kind = VAL_BLOB, .s = p, .n = n } : (struct val){ .kind = VAL_NULL };
}

struct val val_null(void)
{
    return (struct val){ .kind = VAL_NULL };
}

static int add_word(struct strbuf *b, const struct db_driver *dr, const char *word, size_t n, struct err *err)
{
    for (const char *const *w = dr->words; *w; w += 2)
        if (strlen(w[0]) == n && strncmp(w[0], word, n) == 0) {
            strbuf_puts(b, w[1]);
            return 0;
        }
    return err_set(err, -EIO, "SQL: the word {%.*s} is not known.", (int) n, word);
}

/* The length of a quoted text or a comment at 's', 0 when there is none. */
static size_t opaque_length(const char *s)
{
    const char *end;

    if (*s == '\'' || *s == '"') {
        end = strchr(s + 1, *s);
        return end ? end - s + 1 : strlen(s);
    }
    if (s[0] == '-' && s[1] == '-')
        return strcspn(s, "\n");
    return 0;
}

int sql_rewrite(const struct db_driver *dr, const char *sql, char **ret, struct err *err)
{
    auto_strbuf struct strbuf b = { 0 };
    unsigned n = 0;
    int r;

    for (const char *s = sql; *s;) {
        size_t len = opaque_length(s);

        if (len == 0 && *s == '{') {
            len = strcspn(s, "}");
            r = add_word(&b, dr, s + 1, len - 1, err);
            if (r < 0)
                return r;
            s += len + (s[len] == '}');
        } else if (len == 0 && *s == '?' && dr->numbered) {
            strbuf_printf(&b, "$%u", ++n);
            s++;
        } else {
            len = len ? len : 1;
            strbuf_add(&b, s, len);
            s += len;
        }
    }
    *ret = strdup(strbuf_str(&b));
    return *ret ? 0 : err_set(err, -ENOMEM, "There is no memory for a statement.");
}

static void unlink_statement(struct db_stmt *s)
{
    s->prev->next = s->next;
    s->next->prev = s->prev;
}

static void link_newest(struct db_conn *c, struct db_stmt *s)
{
    s->next = c->stmts.next;
    s->prev = &c->stmts;
    s->next->prev = s;
    c->stmts.next = s;
}

static void forget_statement(struct db *d, struct db_conn *c, struct db_stmt *s)
{
    for (size_t i = 0; i < STATEMENTS_NEAR; i++)
        if (c->near[i] == s)
            c->near[i] = NULL;
    hash_remove(&c->by_text, s->text);
    unlink_statement(s);
    d->driver->finish(c->handle, s->handle);
    free(s->text);
    free(s);
}

void conn_forget_statements(struct db *d, struct db_conn *c)
{
    while (c->stmts.next != &c->stmts)
        forget_statement(d, c, c->stmts.next);
}

/* True when 'sql' changes rows; what reads begins with one of few words. */
static bool writes(const char *sql)
{
    static const char *const reading[] = { "SELECT", "WITH", "VALUES", "EXPLAIN", "PRAGMA", "SHOW" };

    while (isspace((unsigned char) *sql) || *sql == '(')
        sql++;
    for (size_t i = 0; i < ARRAY_SIZE(reading); i++)
        if (strncasecmp(sql, reading[i], strlen(reading[i])) == 0)
            return false;
    return true;
}

static int prepare(struct db *d, struct db_conn *c, const char *sql, void **ret, struct err *err)
{
    auto_free char *text = NULL;
    int r = sql_rewrite(d->driver, sql, &text, err);

    return r < 0 ? r : d->driver->prepare(c->handle, text, writes(sql), ret, err);
}

/* The statement that was prepared for 'sql', or null. */
static struct db_stmt *find_statement(struct db_conn *c, const char *sql)
{
    struct db_stmt **near = &c->near[(uintptr_t) sql / 16 % STATEMENTS_NEAR];

    if (!*near || strcmp((*near)->text, sql) != 0)
        *near = hash_get(&c->by_text, sql);
    return *near;
}

/* The prepared statement of 'sql', which becomes the newest. */
static int statement(struct db *d, struct db_conn *c, const char *sql, struct db_stmt **ret, struct err *err)
{
    struct db_stmt *s = find_statement(c, sql);
    void *handle = NULL;
    int r;

    if (s) {
        unlink_statement(s);
        link_newest(c, s);
        *ret = s;
        return 0;
    }

    r = prepare(d, c, sql, &handle, err);
    if (r < 0)
        return r;
    s = calloc(1, sizeof(*s));
    if (!s || !(s->text = strdup(sql))) {
        free(s);
        d->driver->finish(c->handle, handle);
        return err_set(err, -ENOMEM, "There is no memory for a statement.");
    }
    s->handle = handle;
    s->changes = writes(sql) || strstr(sql, "{lock}");
    if (c->by_text.count >= STATEMENTS_MAX)
        forget_statement(d, c, c->stmts.prev);
    hash_put(&c->by_text, s->text, s);
    link_newest(c, s);
    *ret = s;
    return 0;
}

static int64_t run_once(struct txn *t, struct arena *a, struct rows *rows, struct err *err, const char *sql,
                        const struct val *v, size_t n)
{
    struct db_stmt *s = NULL;
    int r = statement(t->db, t->conn, sql, &s, err);

    if (r >= 0 && s->changes && !t->write)
        return err_set(err, -EIO, "A change or a lock in a reading transaction: %s", sql);
    return r < 0 ? r : t->db->driver->run(t->conn->handle, s->handle, v, n, a, rows, err);
}

static int64_t run(struct txn *t, struct arena *a, struct rows *rows, struct err *err, const char *sql,
                   const struct val *v, size_t n)
{
    int64_t r;

    if (t->failed < 0)
        return err_set(err, t->failed, "The transaction has failed before.");

    r = run_once(t, a, rows, err, sql, v, n);
    if (r == -ENOTCONN && t->ran == 0) {
        /* Nothing is lost yet: as if it had begun on another connection. */
        r = txn_reconnect(t, err);
        if (r >= 0)
            r = run_once(t, a, rows, err, sql, v, n);
    }
    if (r == -ENOTCONN) {
        t->lost = true;
        r = err_set(err, -EAGAIN, "The connection to the database was lost.");
    }

    if (r >= 0)
        t->ran++;
    else if (r != -EEXIST && r != -EINVAL)
        t->failed = (int) r;
    return r;
}

int64_t sql_exec_v(struct txn *t, struct err *err, const char *sql, const struct val *v, size_t n)
{
    return run(t, NULL, NULL, err, sql, v, n);
}

int sql_query_v(struct txn *t, struct arena *a, struct rows *ret, struct err *err, const char *sql,
                const struct val *v, size_t n)
{
    struct rows rows = { 0 };
    int64_t r = run(t, a, &rows, err, sql, v, n);

    if (r < 0)
        return (int) r;
    *ret = rows;
    return 0;
}

int sql_get_int_v(struct txn *t, int64_t *ret, struct err *err, const char *sql, const struct val *v,
                  size_t n)
{
    auto_arena struct arena a = { 0 };
    struct rows rows;
    int r = sql_query_v(t, &a, &rows, err, sql, v, n);

    if (r < 0)
        return r;
    if (rows.count == 0)
        return err_set(err, -ENOENT, "There is no such row.");
    *ret = rows_int(&rows, 0, 0, 0);
    return 0;
}

const char *rows_text(const struct rows *r, size_t row, size_t col)
{
    const struct val *v = &r->cells[row * r->columns + col];

    return v->kind == VAL_TEXT || v->kind == VAL_BLOB ? v->s : NULL;
}

int64_t rows_int(const struct rows *r, size_t row, size_t col, int64_t otherwise)
{
    const struct val *v = &r->cells[row * r->columns + col];
    int64_t i;

    switch (v->kind) {
    case VAL_INT:
        return v->i;
    case VAL_DOUBLE:
        return v->d >= -9.2e18 && v->d <= 9.2e18 ? (int64_t) v->d : otherwise;
    case VAL_TEXT:
        return str_to_i64(v->s, &i) < 0 ? otherwise : i;
    default:
        return otherwise;
    }
}

double rows_double(const struct rows *r, size_t row, size_t col, double otherwise)
{
    const struct val *v = &r->cells[row * r->columns + col];
    double d;

    switch (v->kind) {
    case VAL_INT:
        return (double) v->i;
    case VAL_DOUBLE:
        return v->d;
    case VAL_TEXT:
        return str_to_double(v->s, &d) < 0 ? otherwise : d;
    default:
        return otherwise;
    }
}

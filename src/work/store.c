/* SPDX-License-Identifier: Apache-2.0 */
#include "work/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "wire/json.h"

#define CANDIDATES_MAX 64

void op_row_free(struct op_row *row)
{
    json_decref(row->op.args);
    json_decref(row->op.state);
    arena_done(&row->arena);
    free(row);
}

static const struct op_kind *kind_find(const struct op_store *s, const char *name)
{
    for (const struct op_kind *const *k = s->kinds; *k; k++)
        if (strcmp((*k)->name, name) == 0)
            return *k;
    return NULL;
}

/* --- Recovery -------------------------------------------------------------- */

static int recover(struct txn *t, void *ctx, struct err *err)
{
    const char *const *range = ctx;

    return (int) sql_exec(t, err,
                          "UPDATE operations SET due_us = 0 WHERE lease_owner >= ? AND lease_owner < ?",
                          val_text(range[0]), val_text(range[1]));
}

int store_recover(const struct op_store *s, const char *role, struct err *err)
{
    auto_arena struct arena a = { 0 };
    /* All owners "ROLE:..."; ';' is what follows ':' in ASCII. */
    const char *range[2] = { arena_printf(&a, "%s:", role), arena_printf(&a, "%s;", role) };
    int r = txn_run(s->db, recover, range, err);

    return r < 0 ? r : 0;
}

/* --- Claiming -------------------------------------------------------------- */

/* Columns of the candidates' query. */
enum {
    C_SEQ,
    C_ID,
    C_KIND,
    C_RESOURCE,
    C_REQUEST,
    C_PROJECT,
    C_USER,
    C_ARGS,
    C_STATE,
    C_STEP,
    C_ATTEMPTS,
    C_UNDOING,
    C_WAKES,
    C_CREATED,
    C_SINCE,
    C_DUE,
    C_LEASE,
    C_ERR_CODE,
    C_ERR_STATUS,
    C_ERR_TYPE,
    C_ERR_WORDS
};

/* Due, and the first of its resource.  One that has begun goes on, whatever
 * the order: of two that were committed in the other order than they were
 * numbered, the second may have begun. */
static const char candidates_sql[] =
    "SELECT o.seq, o.id, o.kind, o.resource_id, o.request_id, o.project_id, o.user_id, o.args, o.state,"
    " o.step, o.attempts, o.undoing, o.wakes, o.created_us, o.step_since_us, o.due_us, o.lease_owner,"
    " o.err_code, o.err_status, o.err_type, o.err_words"
    " FROM operations o WHERE o.due_us <= ? AND (o.begun = 1 OR NOT EXISTS ("
    "  SELECT 1 FROM operations p WHERE p.resource_id = o.resource_id AND p.seq <> o.seq"
    "  AND (p.seq < o.seq OR p.begun = 1)))"
    " ORDER BY o.due_us, o.seq LIMIT ?";

static json_t *row_json(const struct rows *rows, size_t i, size_t col)
{
    const char *text = rows_text(rows, i, col);
    json_t *j = NULL;

    if (!text || json_read(text, strlen(text), &j, NULL) < 0)
        return json_object();
    return j;
}

/* A newer or older process may know more steps: never beyond our last. */
static int row_step(const struct op_kind *kind, int64_t step)
{
    int n = 0;

    while (kind->steps[n].name)
        n++;
    return (int) (step < n ? step : n);
}

static struct op_row *row_read(const struct op_store *s, const struct rows *rows, size_t i)
{
    const struct op_kind *kind = kind_find(s, rows_text(rows, i, C_KIND));
    struct op_row *row = kind ? calloc(1, sizeof(*row)) : NULL;
    const char *words = rows_text(rows, i, C_ERR_WORDS);
    struct arena *a;

    if (!row)
        return NULL; /* A newer process's kind, or no memory: others or later. */
    a = &row->arena;
    arena_init(a);
    row->kind = kind;
    row->op = (struct op){
        .id = arena_strdup(a, rows_text(rows, i, C_ID)),
        .kind = kind->name,
        .resource_id = arena_strdup(a, rows_text(rows, i, C_RESOURCE)),
        .request_id = arena_strdup(a, rows_text(rows, i, C_REQUEST)),
        .project_id = arena_strdup(a, rows_text(rows, i, C_PROJECT)),
        .user_id = arena_strdup(a, rows_text(rows, i, C_USER)),
        .args = row_json(rows, i, C_ARGS),
        .state = row_json(rows, i, C_STATE),
        .step = row_step(kind, rows_int(rows, i, C_STEP, 0)),
        .attempts = (int) rows_int(rows, i, C_ATTEMPTS, 0),
        .undoing = rows_int(rows, i, C_UNDOING, 0) != 0,
        .created_us = rows_int(rows, i, C_CREATED, 0),
        .step_since_us = rows_int(rows, i, C_SINCE, 0),
    };
    row->seq = rows_int(rows, i, C_SEQ, 0);
    row->wakes = rows_int(rows, i, C_WAKES, 0);
    row->due_us = rows_int(rows, i, C_DUE, 0);
    row->lease_owner = arena_strdup(a, rows_text(rows, i, C_LEASE));
    row->may_have_run = row->op.step_since_us || !str_empty(row->lease_owner);
    if (row->op.undoing) {
        err_set(&row->why, (int) rows_int(rows, i, C_ERR_CODE, -EIO), "%s", words ? words : "");
        row->why.status = (int) rows_int(rows, i, C_ERR_STATUS, 0);
        row->why.type = names_keep(s->error_types, rows_text(rows, i, C_ERR_TYPE));
    }
    return row;
}

static int find_candidates(const struct op_store *s, int64_t now_us, int max, struct op_row **ret,
                           struct err *err)
{
    auto_arena struct arena a = { 0 };
    auto_rollback struct txn *t = NULL;
    struct rows rows;
    int n = 0, r = txn_begin(s->db, false, &t, err);

    if (r >= 0)
        r = sql_query(t, &a, &rows, err, candidates_sql, val_int(now_us), val_int(CANDIDATES_MAX));
    if (r < 0)
        return r;
    for (size_t i = 0; i < rows.count && n < max; i++) {
        struct op_row *row = row_read(s, &rows, i);

        if (row)
            ret[n++] = row;
    }
    return n;
}

/* Whether a newer operation of the resource wants this one to stop.  A second
 * delete does not undo the first. */
static int find_superseding(const struct op_store *s, struct txn *t, struct op_row *row, struct err *err)
{
    auto_arena struct arena a = { 0 };
    struct rows rows;
    int r =
        sql_query(t, &a, &rows, err, "SELECT DISTINCT kind FROM operations WHERE resource_id = ? AND seq > ?",
                  val_text(row->op.resource_id), val_int(row->seq));

    row->superseded = false;
    for (size_t i = 0; r >= 0 && i < rows.count; i++) {
        const struct op_kind *k = kind_find(s, rows_text(&rows, i, 0));

        if (k && k->supersedes && k != row->kind)
            row->superseded = true;
    }
    return r;
}

struct claim {
    const struct op_store *s;
    int64_t until_us;
    struct op_row **rows;
    bool taken[CANDIDATES_MAX];
    int n;
};

static int claim_rows(struct txn *t, void *ctx, struct err *err)
{
    struct claim *c = ctx;

    for (int i = 0; i < c->n; i++) {
        struct op_row *row = c->rows[i];
        int64_t r = sql_exec(t, err,
                             "UPDATE operations SET begun = 1, lease_owner = ?, due_us = ?"
                             " WHERE seq = ? AND due_us = ? AND lease_owner = ?",
                             val_text(c->s->owner), val_int(c->until_us), val_int(row->seq),
                             val_int(row->due_us), val_text(row->lease_owner));

        c->taken[i] = r > 0; /* Else another was faster. */
        if (r > 0)
            r = find_superseding(c->s, t, row, err);
        if (r < 0)
            return (int) r;
    }
    return 0;
}

int store_claim(const struct op_store *s, int64_t now_us, int64_t until_us, int max, struct op_row **ret,
                struct err *err)
{
    struct claim c = { .s = s, .until_us = until_us, .rows = ret };
    int r, n = 0;

    r = find_candidates(s, now_us, max < CANDIDATES_MAX ? max : CANDIDATES_MAX, ret, err);
    if (r <= 0)
        return r;
    c.n = r;
    r = txn_run(s->db, claim_rows, &c, err);
    for (int i = 0; i < c.n; i++)
        if (r >= 0 && c.taken[i])
            ret[n++] = ret[i];
        else
            op_row_free(ret[i]);
    return r < 0 ? r : n;
}

/* --- Being superseded ------------------------------------------------------ */

static int wake_superseded(struct txn *t, void *ctx, struct err *err)
{
    const struct rows *rows = ctx;
    int n = 0;

    for (size_t i = 0; i < rows->count; i++) {
        int64_t r = sql_exec(t, err, "UPDATE operations SET due_us = 0 WHERE seq = ? AND lease_owner = ''",
                             val_int(rows_int(rows, i, 0, 0)));

        if (r < 0)
            return (int) r;
        n += (int) r;
    }
    return n;
}

/* Operations that sleep while one of 'kind' waits for their resource. */
static int find_sleeping(const struct op_store *s, struct arena *a, const char *kind, int64_t now_us,
                         struct rows *ret, struct err *err)
{
    auto_rollback struct txn *t = NULL;
    int r = txn_begin(s->db, false, &t, err);

    if (r < 0)
        return r;
    return sql_query(t, a, ret, err,
                     "SELECT p.seq FROM operations o JOIN operations p"
                     " ON p.resource_id = o.resource_id AND p.seq < o.seq"
                     " WHERE o.kind = ? AND o.begun = 0 AND o.due_us <= ?"
                     " AND p.kind <> o.kind AND p.undoing = 0 AND p.lease_owner = '' AND p.due_us > ?",
                     val_text(kind), val_int(now_us), val_int(now_us));
}

static int count_blocked(const struct op_store *s, int64_t now_us, int64_t *ret, struct err *err)
{
    auto_rollback struct txn *t = NULL;
    int r = txn_begin(s->db, false, &t, err);

    if (r < 0)
        return r;
    return sql_get_int(t, ret, err, "SELECT COUNT(*) FROM operations WHERE due_us <= ? AND begun = 0",
                       val_int(now_us));
}

int store_wake_superseded(const struct op_store *s, int64_t now_us, struct err *err)
{
    int64_t blocked = 0;
    int n = 0, r = count_blocked(s, now_us, &blocked, err);

    if (r < 0 || blocked == 0)
        return r;
    for (const struct op_kind *const *k = s->kinds; *k; k++) {
        auto_arena struct arena a = { 0 };
        struct rows rows = { 0 };

        if (!(*k)->supersedes)
            continue;
        r = find_sleeping(s, &a, (*k)->name, now_us, &rows, err);
        if (r >= 0 && rows.count > 0)
            r = txn_run(s->db, wake_superseded, &rows, err);
        if (r < 0)
            return r;
        n += rows.count > 0 ? r : 0;
    }
    return n;
}

int store_next_due(const struct op_store *s, int64_t now_us, int64_t *ret, struct err *err)
{
    auto_arena struct arena a = { 0 };
    auto_rollback struct txn *t = NULL;
    struct rows rows;
    int r = txn_begin(s->db, false, &t, err);

    if (r >= 0)
        r = sql_query(t, &a, &rows, err, "SELECT MIN(due_us) FROM operations WHERE due_us > ?",
                      val_int(now_us));
    if (r >= 0)
        *ret = rows.count ? rows_int(&rows, 0, 0, INT64_MAX) : INT64_MAX;
    return r;
}

/* --- At work --------------------------------------------------------------- */

struct renewal {
    const struct op_store *s;
    int64_t until_us;
};

static int renew(struct txn *t, void *ctx, struct err *err)
{
    struct renewal *n = ctx;

    return (int) sql_exec(t, err, "UPDATE operations SET due_us = ? WHERE lease_owner = ?",
                          val_int(n->until_us), val_text(n->s->owner));
}

int store_renew(const struct op_store *s, int64_t until_us, struct err *err)
{
    return txn_run(s->db, renew, &(struct renewal){ s, until_us }, err);
}

struct record {
    const struct op_store *s;
    struct op_row *row;
    bool keep;
    int64_t due_us;
    const char *state;
};

static int stale(const struct op_row *row, struct err *err)
{
    return err_set(err, -ESTALE, "Another worker has taken over operation '%s'.", row->op.id);
}

static int record(struct txn *t, void *ctx, struct err *err)
{
    struct record *c = ctx;
    struct op_row *row = c->row;
    const struct op *o = &row->op;
    const struct err *why = &row->why;
    int64_t r = find_superseding(c->s, t, row, err), due_us = c->due_us;

    if (r < 0)
        return (int) r;
    if (row->superseded && !o->undoing && !c->keep)
        due_us = 0;
    if (c->keep)
        r = sql_exec(t, err,
                     "UPDATE operations SET step = ?, attempts = ?, state = ?, step_since_us = ?,"
                     " undoing = ?, err_code = ?, err_status = ?, err_type = ?, err_words = ?, due_us = ?"
                     " WHERE seq = ? AND lease_owner = ?",
                     val_int(o->step), val_int(o->attempts), val_text(c->state), val_int(o->step_since_us),
                     val_int(o->undoing), val_int(why->code), val_int(why->status), val_text(why->type),
                     val_text(why->code ? why->msg : NULL), val_int(due_us), val_int(row->seq),
                     val_text(c->s->owner));
    else /* The zero is a BIGINT's. */
        r = sql_exec(t, err,
                     "UPDATE operations SET step = ?, attempts = ?, state = ?, step_since_us = ?,"
                     " undoing = ?, err_code = ?, err_status = ?, err_type = ?, err_words = ?,"
                     " due_us = CASE WHEN wakes = ? THEN ? ELSE due_us * 0 END, lease_owner = ''"
                     " WHERE seq = ? AND lease_owner = ?",
                     val_int(o->step), val_int(o->attempts), val_text(c->state), val_int(o->step_since_us),
                     val_int(o->undoing), val_int(why->code), val_int(why->status), val_text(why->type),
                     val_text(why->code ? why->msg : NULL), val_int(row->wakes), val_int(due_us),
                     val_int(row->seq), val_text(c->s->owner));
    if (r == 0)
        return stale(row, err);
    return r < 0 ? (int) r : 0;
}

int store_record(const struct op_store *s, struct op_row *row, bool keep, int64_t due_us, struct err *err)
{
    auto_free char *state = json_dumps(row->op.state, JSON_COMPACT);
    struct record c = { s, row, keep, due_us, state ? state : "{}" };
    int r = txn_run(s->db, record, &c, err);

    return r < 0 ? r : 0;
}

struct ending {
    const struct op_store *s;
    struct op_row *row;
    struct op_run *run;
    const struct err *why;
};

static int end(struct txn *t, void *ctx, struct err *err)
{
    struct ending *c = ctx;
    int64_t r = sql_exec(t, err, "DELETE FROM operations WHERE seq = ? AND lease_owner = ?",
                         val_int(c->row->seq), val_text(c->s->owner));

    if (r == 0)
        return stale(c->row, err);
    if (r > 0 && c->row->kind->finished)
        return c->row->kind->finished(c->run, t, c->why, err);
    return r < 0 ? (int) r : 0;
}

int store_end(const struct op_store *s, struct op_row *row, struct op_run *r, const struct err *why,
              struct err *err)
{
    struct ending c = { s, row, r, why };
    int e = txn_run(s->db, end, &c, err);

    return e < 0 ? e : 0;
}

/* --- Waking ---------------------------------------------------------------- */

static int wake(struct txn *t, void *ctx, struct err *err)
{
    return (int) sql_exec(t, err,
                          "UPDATE operations SET wakes = wakes + 1,"
                          " due_us = CASE WHEN lease_owner = '' THEN due_us * 0 ELSE due_us END"
                          " WHERE resource_id = ? AND begun = 1",
                          val_text(ctx));
}

int store_wake(const struct op_store *s, const char *resource_id, struct err *err)
{
    auto_rollback struct txn *t = NULL;
    int64_t n = 0;
    int r = txn_begin(s->db, false, &t, err);

    if (r >= 0)
        r = sql_get_int(t, &n, err, "SELECT COUNT(*) FROM operations WHERE resource_id = ? AND begun = 1",
                        val_text(resource_id));
    if (r < 0 || n == 0)
        return r; /* Mostly: reports come for what nobody waits for. */
    txn_rollback(&t);
    return txn_run(s->db, wake, (void *) resource_id, err);
}

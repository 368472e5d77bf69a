/* SPDX-License-Identifier: Apache-2.0 */
/* The pool and the life of a transaction. */
#include "data/db.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "base/str.h"
#include "base/time.h"
#include "base/uuid.h"
#include "data/driver.h"

#define IDLE_US  (60 * 1000000LL) /* A connection that nobody wanted for so long is closed. */
#define ATTEMPTS 5
#define PAUSE_US 20000 /* Before the second attempt; grows. */

static const struct db_driver *const drivers[] = { &db_driver_sqlite, &db_driver_mariadb,
                                                   &db_driver_postgresql };

static const struct db_driver *driver_of_url(const char *url)
{
    const char *end = strstr(url, "://");

    for (size_t i = 0; end && i < ARRAY_SIZE(drivers); i++)
        for (const char *const *s = drivers[i]->schemes; *s; s++)
            if (strlen(*s) == (size_t) (end - url) && strncmp(*s, url, end - url) == 0)
                return drivers[i];
    return NULL;
}

int db_open(const char *url, unsigned max_connections, struct db **ret, struct err *err)
{
    const struct db_driver *driver = driver_of_url(url);
    struct db *d;
    void *target;
    int r;

    if (!driver) /* Without the URL, which may hold a password. */
        return err_set(err, -EINVAL, "The scheme of the database's URL is not known.");
    r = driver->target_new(url, &target, err);
    if (r < 0)
        return r;

    d = calloc(1, sizeof(*d));
    if (!d) {
        driver->target_free(target);
        return err_set(err, -ENOMEM, "There is no memory for a database.");
    }
    d->driver = driver;
    d->target = target;
    gate_init(&d->slots, max_connections > 0 ? max_connections : 8);
    gate_init(&d->writers, 1);
    pthread_mutex_init(&d->lock, NULL);
    hash_init(&d->columns);
    *ret = d;
    return 0;
}

enum db_kind db_kind(const struct db *d)
{
    return d->driver->kind;
}

static void conn_free(struct db *d, struct db_conn *c)
{
    if (!c)
        return;
    conn_forget_statements(d, c);
    hash_done(&c->by_text);
    d->driver->disconnect(c->handle);
    free(c);
}

static int conn_new(struct db *d, struct db_conn **ret, struct err *err)
{
    struct db_conn *c;
    void *handle;
    int r;

    r = d->driver->connect(d->target, &handle, err);
    if (r < 0)
        return r;
    c = calloc(1, sizeof(*c));
    if (!c) {
        d->driver->disconnect(handle);
        return err_set(err, -ENOMEM, "There is no memory for a connection.");
    }
    c->handle = handle;
    hash_init(&c->by_text);
    c->stmts.next = c->stmts.prev = &c->stmts;
    *ret = c;
    return 0;
}

/* The connection used last; where it matters, the last that did the same. */
static struct db_conn *idle_take(struct db *d, bool write)
{
    struct db_conn **p, *c;

    pthread_mutex_lock(&d->lock);
    p = &d->idle;
    while (d->driver->level_stays && *p && (*p)->txn.write != write)
        p = &(*p)->next;
    if (!*p)
        p = &d->idle;
    c = *p;
    if (c)
        *p = c->next;
    pthread_mutex_unlock(&d->lock);
    return c;
}

/* Puts 'c' back and returns the coldest connection if its time is over. */
static struct db_conn *idle_put(struct db *d, struct db_conn *c)
{
    struct db_conn **p, *cold;

    c->idle_since_us = time_mono_us();
    pthread_mutex_lock(&d->lock);
    c->next = d->idle;
    d->idle = c;
    for (p = &d->idle; (*p)->next; p = &(*p)->next)
        ;
    cold = c->idle_since_us - (*p)->idle_since_us > IDLE_US ? *p : NULL;
    if (cold)
        *p = NULL;
    pthread_mutex_unlock(&d->lock);
    return cold;
}

static void idle_drop_all(struct db *d)
{
    for (struct db_conn *c; (c = idle_take(d, false));)
        conn_free(d, c);
}

void db_close(struct db *d)
{
    if (!d)
        return;
    idle_drop_all(d);
    db_columns_forget(d);
    hash_done(&d->columns);
    pthread_mutex_destroy(&d->lock);
    gate_done(&d->slots);
    gate_done(&d->writers);
    d->driver->target_free(d->target);
    free(d);
}

/* A connection in which a transaction has begun.  One that was idle may have
 * been closed by the server meanwhile; then so were the others. */
static int conn_begin(struct db *d, bool write, struct db_conn **ret, struct err *err)
{
    struct db_conn *c = idle_take(d, write);
    int r;

    if (c) {
        r = d->driver->begin(c->handle, write, err);
        if (r >= 0) {
            *ret = c;
            return 0;
        }
        if (r != -ENOTCONN) {
            conn_free(d, idle_put(d, c));
            return r;
        }
        conn_free(d, c);
        idle_drop_all(d);
        err_clear(err);
    }

    r = conn_new(d, &c, err);
    if (r < 0)
        return r;
    r = d->driver->begin(c->handle, write, err);
    if (r < 0) {
        conn_free(d, c);
        return r == -ENOTCONN ? err_set(err, -EHOSTDOWN, "The database closed the connection.") : r;
    }
    *ret = c;
    return 0;
}

static void gates_leave(struct db *d, bool write)
{
    gate_leave(&d->slots);
    if (write && d->driver->one_writer)
        gate_leave(&d->writers);
}

/* The writers' gate first: those who wait there must not hold connections
 * that readers could use. */
static int gates_enter(struct db *d, bool write, struct err *err)
{
    int64_t deadline = time_mono_us() + DB_WAIT_US;

    if (write && d->driver->one_writer && gate_enter(&d->writers, deadline) < 0)
        return err_set(err, -EAGAIN, "The database is busy: another change took too long.");
    if (gate_enter(&d->slots, deadline) < 0) {
        if (write && d->driver->one_writer)
            gate_leave(&d->writers);
        return err_set(err, -EAGAIN, "The database is busy: no connection became free.");
    }
    return 0;
}

int txn_begin(struct db *d, bool write, struct txn **ret, struct err *err)
{
    struct db_conn *c;
    int r;

    r = gates_enter(d, write, err);
    if (r < 0)
        return r;
    r = conn_begin(d, write, &c, err);
    if (r < 0) {
        gates_leave(d, write);
        return r;
    }
    c->txn = (struct txn){ .db = d, .conn = c, .write = write };
    *ret = &c->txn;
    return 0;
}

int txn_reconnect(struct txn *t, struct err *err)
{
    struct db *d = t->db;
    struct db_conn *c, *old = t->conn;
    void *handle;
    int r;

    idle_drop_all(d);
    err_clear(err);
    r = conn_begin(d, t->write, &c, err);
    if (r < 0)
        return r;

    /* 't' is a member of the old one and stays; the inside is exchanged. */
    conn_forget_statements(d, old);
    conn_forget_statements(d, c);
    handle = old->handle;
    old->handle = c->handle;
    c->handle = handle;
    conn_free(d, c);
    return 0;
}

struct db *txn_db(struct txn *t)
{
    return t->db;
}

/* Gives the connection back, or closes it. */
static void txn_end(struct txn *t, bool usable)
{
    struct db_conn *c = t->conn;
    struct db *d = t->db;
    bool write = t->write;

    conn_free(d, usable ? idle_put(d, c) : c);
    gates_leave(d, write);
}

void txn_rollback(struct txn **t)
{
    struct txn *x = steal(t);

    txn_end(x, !x->lost && x->db->driver->rollback(x->conn->handle) >= 0);
}

int txn_commit(struct txn **t, struct err *err)
{
    struct txn *x = *t;
    const struct db_driver *driver = x->db->driver;
    bool idle = !x->write || x->ran == 0;
    int r;

    if (x->failed < 0) {
        r = err_set(err, x->failed, "The transaction failed before its commit.");
        txn_rollback(t);
        return r;
    }
    r = driver->commit(x->conn->handle, err);
    if (r >= 0) {
        *t = NULL;
        txn_end(x, true);
        return 0;
    }
    if (r != -ENOTCONN) {
        txn_rollback(t);
        return r;
    }

    *t = NULL;
    txn_end(x, false);
    if (idle) { /* There was nothing to lose. */
        err_clear(err);
        return 0;
    }
    return err_set(err, -EHOSTDOWN, "The connection to the database was lost during the commit.");
}

/* Waits before attempt 'n', by chance longer or shorter, so that two that met
 * in a deadlock do not meet again. */
static void pause_before(unsigned n)
{
    uint32_t chance;
    int64_t us;

    random_bytes(&chance, sizeof(chance));
    us = (int64_t) n * PAUSE_US / 2 + chance % (n * PAUSE_US);
    nanosleep(&(struct timespec){ .tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000 }, NULL);
}

static int run_once(struct db *d, int (*fn)(struct txn *t, void *ctx, struct err *err), void *ctx,
                    struct err *err)
{
    auto_rollback struct txn *t = NULL;
    int r, c;

    r = txn_begin(d, true, &t, err);
    if (r < 0)
        return r;
    r = fn(t, ctx, err);
    if (r < 0)
        return r;
    c = txn_commit(&t, err);
    return c < 0 ? c : r;
}

int txn_run(struct db *d, int (*fn)(struct txn *t, void *ctx, struct err *err), void *ctx, struct err *err)
{
    int r;

    for (unsigned n = 1;; n++) {
        r = run_once(d, fn, ctx, err);
        if (r != -EAGAIN || n == ATTEMPTS)
            return r;
        err_clear(err);
        pause_before(n);
    }
}

int db_ping(struct db *d, struct err *err)
{
    struct txn *t;
    int r;

    /* The first statement of a transaction finds lost connections and makes
     * new ones; the driver's ping is asked in between. */
    r = txn_begin(d, false, &t, err);
    if (r < 0)
        return r;
    r = d->driver->ping(t->conn->handle, err);
    if (r == -ENOTCONN) {
        r = txn_reconnect(t, err);
        if (r >= 0)
            r = d->driver->ping(t->conn->handle, err);
        if (r == -ENOTCONN)
            r = err_set(err, -EHOSTDOWN, "The connection to the database was lost.");
    }
    if (r < 0) {
        txn_end(t, false);
        return r;
    }
    txn_rollback(&t);
    return 0;
}

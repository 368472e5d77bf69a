/* SPDX-License-Identifier: Apache-2.0 */
/* SQL text and its values, made from tables and conditions.  Internal to data/. */
#pragma once

#include "base/arena.h"
#include "base/strbuf.h"
#include "data/driver.h"
#include "data/table.h"

struct select {
    struct txn *txn;
    struct arena *arena;
    const struct table *table;
    const char *from;  /* What stands after FROM; null: the table. */
    const char *alias; /* Before the table's columns when 'from' is given, else null. */
    struct strbuf sql;
    struct val *vals;
    size_t n_vals, cap;
};

/* 'from' may be null; its first word is the table, the second its alias. */
void select_init(struct select *s, struct txn *t, struct arena *a, const struct table *tab, const char *from);

void select_puts(struct select *s, const char *text);
void select_value(struct select *s, struct val v); /* Adds '?' and its value. */

/* Quoted, with the alias where one is needed; what is more than a name (and
 * perhaps an alias) is SQL and stays as it is. */
void select_column(struct select *s, const char *name);
void select_columns(struct select *s); /* All of the table. */
void select_from(struct select *s);
int select_where(struct select *s, const struct cond *conds, size_t n, struct err *err);

/* "key = ?".  -ENOENT when 'key' can be no key of the table. */
int select_key(struct select *s, const char *key, struct err *err);

/* The column's row in the table, or null. */
const struct column *table_column(const struct table *tab, const char *name);

/* COLUMN_* of a column of the table (not of a joined one: 0). */
int select_column_flags(struct select *s, const char *name, unsigned *ret, struct err *err);

int select_run(struct select *s, struct rows *ret, struct err *err);

/* A row into a structure. */
int table_load(struct arena *a, const struct table *tab, const struct rows *rows, size_t row, void *ret,
               struct err *err);

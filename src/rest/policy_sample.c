/* SPDX-License-Identifier: Apache-2.0 */
/* The defaults as a file that an operator can edit: every rule is there, as a
 * comment, with what it is for. */
#include <string.h>

#include "base/str.h"
#include "rest/policy.h"

/* Words as comment lines of at most 78 characters. */
static void write_words(struct strbuf *out, const char *words)
{
    size_t column = 0, n;

    for (; *words; words += n) {
        words += strspn(words, " \n");
        n = strcspn(words, " \n");
        if (!n)
            break;
        if (column && column + 1 + n > 76) {
            strbuf_putc(out, '\n');
            column = 0;
        }
        strbuf_puts(out, column ? " " : "# ");
        strbuf_add(out, words, n);
        column += n + 1;
    }
    if (column)
        strbuf_putc(out, '\n');
}

/* A double-quoted YAML (and JSON) string. */
static void write_quoted(struct strbuf *out, const char *s)
{
    strbuf_putc(out, '"');
    for (; *s; s++) {
        if (*s == '"' || *s == '\\')
            strbuf_putc(out, '\\');
        strbuf_putc(out, *s);
    }
    strbuf_putc(out, '"');
}

static void write_entry(struct strbuf *out, const char *name, const char *check)
{
    strbuf_puts(out, "#");
    write_quoted(out, name);
    strbuf_puts(out, ": ");
    write_quoted(out, check);
    strbuf_puts(out, "\n");
}

static void write_scopes(struct strbuf *out, const char *scopes)
{
    strbuf_puts(out, "# Scope: ");
    for (; *scopes; scopes++) {
        if (*scopes == '|')
            strbuf_puts(out, ", ");
        else
            strbuf_putc(out, *scopes);
    }
    strbuf_putc(out, '\n');
}

static void write_rule(struct strbuf *out, const struct policy_rule *r)
{
    if (!str_empty(r->help))
        write_words(out, r->help);
    if (!str_empty(r->scopes))
        write_scopes(out, r->scopes);
    write_entry(out, r->name, r->check);
    if (r->old_name || r->old_check) {
        strbuf_puts(out, "# Deprecated form, which holds too unless enforce_new_defaults is set:\n# ");
        write_entry(out, r->old_name ? r->old_name : r->name, r->old_check ? r->old_check : r->check);
    }
    strbuf_putc(out, '\n');
}

void policy_write_sample(const struct policy_rule *const *tables, struct strbuf *out)
{
    for (; tables && *tables; tables++)
        for (const struct policy_rule *r = *tables; r->name; r++)
            write_rule(out, r);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The defaults as a file that an operator can edit: every rule is there, as a
 * comment, with what it is for. */
#include <string.h>

#include "base/str.h"
#include "rest/policy_check.h"

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

void policy_write_entry(struct strbuf *out, const char *before, const char *name, const char *check)
{
    strbuf_puts(out, before);
    write_quoted(out, name);
    strbuf_puts(out, ": ");
    write_quoted(out, check);
}

static void write_entry(struct strbuf *out, const char *name, const char *check)
{
    policy_write_entry(out, "#", name, check);
    strbuf_putc(out, '\n');
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

static void write_text(struct strbuf *out, const struct check_text *t)
{
    for (size_t i = 0; i < t->n; i++) {
        if (t->parts[i].attribute) {
            strbuf_printf(out, "%%(%s)s", t->parts[i].text);
            continue;
        }
        for (const char *s = t->parts[i].text; *s; s++)
            strbuf_puts(out, *s == '%' ? "%%" : (char[]){ *s, 0 });
    }
}

static void write_list(struct strbuf *out, const struct check *c)
{
    const char *word = c->kind == CHECK_AND ? " and " : " or ";

    strbuf_putc(out, '(');
    for (size_t i = 0; i < c->n; i++) {
        strbuf_puts(out, i ? word : "");
        check_write(out, c->list[i]);
    }
    strbuf_putc(out, ')');
}

/* A constant as Python reads it: what is neither number, name nor list is
 * quoted.  A list's spaces go, for a space would end the check. */
static void write_constant(struct strbuf *out, const char *s)
{
    double number;
    bool bare = str_eq(s, "True") || str_eq(s, "False") || str_eq(s, "None") || *s == '[' ||
                str_to_double(s, &number) == 0;
    const char *quote = bare ? "" : strchr(s, '\'') ? "\"" : "'";

    strbuf_puts(out, quote);
    for (; *s; s++)
        strbuf_puts(out, *s == ' ' ? "" : (char[]){ *s, 0 });
    strbuf_printf(out, "%s:", quote);
}

static void write_single(struct strbuf *out, const struct check *c)
{
    if (c->kind == CHECK_CONSTANT)
        write_constant(out, c->name);
    else if (c->kind == CHECK_FIELD)
        strbuf_printf(out, "field:%s=", c->other);
    else if (c->kind == CHECK_ROLE)
        strbuf_puts(out, "role:");
    else if (c->kind == CHECK_CREDENTIAL)
        strbuf_printf(out, "%s:", c->name);
    write_text(out, &c->text);
}

void check_write(struct strbuf *out, const struct check *c)
{
    switch (c->kind) {
    case CHECK_TRUE:
    case CHECK_FALSE:
        strbuf_putc(out, c->kind == CHECK_TRUE ? '@' : '!');
        return;
    case CHECK_NOT:
        strbuf_puts(out, "not ");
        check_write(out, c->list[0]);
        return;
    case CHECK_AND:
    case CHECK_OR:
        write_list(out, c);
        return;
    case CHECK_RULE:
        strbuf_printf(out, "rule:%s", c->name);
        return;
    case CHECK_PATTERN: /* It was put into "^(…)". */
        strbuf_printf(out, "field:%s=~%.*s", c->other, (int) strlen(c->text.plain) - 3, c->text.plain + 2);
        return;
    default:
        write_single(out, c);
    }
}

static void write_json(const struct policy_rule *const *tables, struct strbuf *out)
{
    const char *before = "{\n    ";

    for (; tables && *tables; tables++)
        for (const struct policy_rule *r = *tables; r->name; r++) {
            policy_write_entry(out, before, r->name, r->check);
            before = ",\n    ";
        }
    strbuf_puts(out, "\n}\n");
}

void policy_write_sample(const struct policy_rule *const *tables, enum policy_format format,
                         struct strbuf *out)
{
    if (format == POLICY_JSON) {
        write_json(tables, out);
        return;
    }
    for (; tables && *tables; tables++)
        for (const struct policy_rule *r = *tables; r->name; r++)
            write_rule(out, r);
}

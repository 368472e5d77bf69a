/* SPDX-License-Identifier: Apache-2.0 */
/* The language of rules: not binds tighter than and, and tighter than or.
 *
 * Words are separated by white space; parentheses stick to words, because
 * "%(x)s" has them inside.  So a word's leading "(" and trailing ")" are
 * grouping and everything between belongs to the check. */
#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "base/strbuf.h"
#include "rest/policy_check.h"

enum { DEPTH_MAX = 64 };

enum token_kind { TOKEN_END, TOKEN_OPEN, TOKEN_CLOSE, TOKEN_AND, TOKEN_OR, TOKEN_NOT, TOKEN_CHECK };

struct parser {
    struct rule_tree *tree;
    const char *start, *at; /* The text, and what is not yet read. */
    const char *word_end;   /* Of the word whose closing parentheses are being read. */
    enum token_kind kind;   /* The token before 'at'. */
    const char *word;
    size_t len;
    unsigned depth;
    struct err *err;
};

static int parse_or(struct parser *p, struct check **ret);

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static int fail(struct parser *p, const char *at, const char *what)
{
    return err_set(p->err, -EINVAL, "%s at character %zu of \"%s\"", what, (size_t) (at - p->start) + 1,
                   p->start);
}

static enum token_kind word_kind(const char *s, size_t n)
{
    static const struct {
        const char *word;
        enum token_kind kind;
    } words[] = { { "and", TOKEN_AND }, { "or", TOKEN_OR }, { "not", TOKEN_NOT } };

    for (size_t i = 0; i < ARRAY_SIZE(words); i++)
        if (strlen(words[i].word) == n && strncasecmp(words[i].word, s, n) == 0)
            return words[i].kind;
    return TOKEN_CHECK;
}

/* Moves to the next token. */
static void next_token(struct parser *p)
{
    const char *end;

    if (p->at < p->word_end) { /* What is left of a word are its closing parentheses. */
        p->word = p->at++;
        p->kind = TOKEN_CLOSE;
        return;
    }
    while (is_space(*p->at))
        p->at++;
    p->word = p->at;
    if (!*p->at) {
        p->kind = TOKEN_END;
        return;
    }
    if (*p->at == '(') {
        p->at++;
        p->kind = TOKEN_OPEN;
        return;
    }
    for (end = p->at; *end && !is_space(*end); end++)
        ;
    p->word_end = end;
    while (end > p->at && end[-1] == ')')
        end--;
    if (end == p->at) {
        p->at++;
        p->kind = TOKEN_CLOSE;
        return;
    }
    p->len = (size_t) (end - p->at);
    p->kind = word_kind(p->at, p->len);
    p->at = end;
}

static struct check *check_new(struct rule_tree *t, enum check_kind kind)
{
    struct check *c = arena_new(&t->arena, struct check);

    c->kind = kind;
    return c;
}

static void check_add(struct rule_tree *t, struct check *c, struct check *part)
{
    size_t size = c->n * sizeof(*c->list);

    c->list = arena_grow(&t->arena, c->list, size, size + sizeof(*c->list));
    c->list[c->n++] = part;
}

struct check *check_or(struct rule_tree *t, struct check *a, struct check *b)
{
    struct check *c = check_new(t, CHECK_OR);

    check_add(t, c, a);
    check_add(t, c, b);
    return c;
}

static void text_add(struct arena *a, struct check_text *t, const char *s, size_t n, bool attribute)
{
    size_t size = t->n * sizeof(*t->parts);
    struct text_part *parts = arena_grow(a, (void *) t->parts, size, size + sizeof(*parts));

    parts[t->n++] = (struct text_part){ arena_strndup(a, s, n), attribute };
    t->parts = parts;
}

/* "a%(b)sc" into parts.  '%%' is one '%', as in Python's formatting. */
static int parse_text(struct parser *p, const char *s, struct check_text *ret)
{
    struct arena *a = &p->tree->arena;
    struct check_text t = { 0 };
    const char *from = s, *end;

    for (; *s; s++) {
        if (*s != '%')
            continue;
        if (s[1] == '%') {
            text_add(a, &t, from, (size_t) (s + 1 - from), false);
            from = ++s + 1;
            continue;
        }
        end = s[1] == '(' ? strchr(s, ')') : NULL;
        if (!end || end[1] != 's' || end == s + 2)
            return fail(p, p->word, "a '%' that is neither '%%' nor '%(name)s'");
        if (s > from)
            text_add(a, &t, from, (size_t) (s - from), false);
        text_add(a, &t, s + 2, (size_t) (end - s - 2), true);
        s = end + 1;
        from = s + 1;
    }
    if (s > from || !t.n)
        text_add(a, &t, from, (size_t) (s - from), false);
    if (t.n == 1 && !t.parts[0].attribute)
        t.plain = t.parts[0].text;
    *ret = t;
    return 0;
}

/* A list as Python prints it: "['a', 1]". */
static const char *list_text(struct arena *a, const char *s)
{
    struct strbuf b;
    char quote = 0;

    strbuf_init(&b, a);
    for (; *s; s++) {
        if (quote ? *s == quote : *s == '\'' || *s == '"') {
            quote = quote ? 0 : *s;
            strbuf_putc(&b, '\'');
        } else if (!quote && *s == ',') {
            strbuf_puts(&b, ", ");
        } else {
            strbuf_putc(&b, *s);
        }
    }
    return strbuf_str(&b);
}

/* A constant's text when 'kind' is one: quoted, a number, a list, True, False, None. */
static const char *constant_of(struct arena *a, const char *kind)
{
    size_t n = strlen(kind);
    double number;

    if (n >= 2 && (kind[0] == '\'' || kind[0] == '"') && kind[n - 1] == kind[0])
        return arena_strndup(a, kind + 1, n - 2);
    if (n >= 2 && kind[0] == '[' && kind[n - 1] == ']')
        return list_text(a, kind);
    if (str_eq(kind, "True") || str_eq(kind, "False") || str_eq(kind, "None"))
        return kind;
    if (str_to_double(kind, &number) == 0)
        return kind;
    return NULL;
}

static int compile_pattern(struct parser *p, const char *s, struct pattern **ret)
{
    struct pattern_list *l = arena_new(&p->tree->arena, struct pattern_list);

    if (pattern_new(s, &l->pattern, NULL) < 0)
        return fail(p, p->word, "a pattern that cannot be read");
    l->next = p->tree->patterns;
    p->tree->patterns = l;
    *ret = l->pattern;
    return 0;
}

/* "field:networks:router:external=True", "field:port:device_owner=~^network:" */
static int parse_field(struct parser *p, char *match, struct check *c)
{
    char *colon = strchr(match, ':'), *equals = colon ? strchr(colon, '=') : NULL;
    const char *pattern;

    if (!equals || equals == colon + 1)
        return fail(p, p->word, "'field:' without RESOURCE:ATTRIBUTE=VALUE");
    *equals = 0;
    c->name = colon + 1;
    c->other = match;
    if (equals[1] != '~') {
        c->kind = CHECK_FIELD;
        return parse_text(p, equals + 1, &c->text);
    }
    c->kind = CHECK_PATTERN;
    /* The pattern must fit from the first character on. */
    pattern = arena_printf(&p->tree->arena, "^(%s)", equals + 2);
    c->text.plain = pattern;
    return compile_pattern(p, pattern, &c->pattern);
}

static int parse_http(struct parser *p, char *word, struct check *c)
{
    c->kind = CHECK_HTTP;
    p->tree->has_http = true;
    return parse_text(p, word, &c->text);
}

static int parse_role(struct parser *p, char *match, struct check *c)
{
    c->kind = CHECK_ROLE;
    return parse_text(p, match, &c->text);
}

static int parse_rule(struct parser *p, char *match, struct check *c)
{
    if (!*match)
        return fail(p, p->word, "'rule:' without a name");
    c->kind = CHECK_RULE;
    c->name = match;
    return 0;
}

static int parse_comparison(struct parser *p, const char *kind, const char *match, struct check *c)
{
    const char *constant = constant_of(&p->tree->arena, kind);

    c->kind = constant ? CHECK_CONSTANT : CHECK_CREDENTIAL;
    c->name = constant ? constant : kind;
    if (!constant)
        c->credential = credential_find(kind);
    return parse_text(p, match, &c->text);
}

/* "kind:match" at p->word. */
static int parse_check(struct parser *p, struct check **ret)
{
    struct check *c = check_new(p->tree, CHECK_FALSE);
    char *word = arena_strndup(&p->tree->arena, p->word, p->len), *match;
    int r;

    if (str_eq(word, "@") || str_eq(word, "!")) {
        c->kind = *word == '@' ? CHECK_TRUE : CHECK_FALSE;
        *ret = c;
        return 0;
    }
    match = strchr(word, ':');
    if (!match || match == word)
        return fail(p, p->word, "a word that is no KIND:VALUE");
    if (str_has_prefix(word, "http://") || str_has_prefix(word, "https://")) {
        r = parse_http(p, word, c);
    } else {
        *match++ = 0;
        if (str_eq(word, "rule"))
            r = parse_rule(p, match, c);
        else if (str_eq(word, "role"))
            r = parse_role(p, match, c);
        else if (str_eq(word, "field"))
            r = parse_field(p, match, c);
        else
            r = parse_comparison(p, word, match, c);
    }
    if (r < 0)
        return r;
    *ret = c;
    return 0;
}

/* One check, or a whole expression in parentheses. */
static int parse_primary(struct parser *p, struct check **ret)
{
    const char *open = p->word;
    int r;

    switch (p->kind) {
    case TOKEN_CHECK:
        r = parse_check(p, ret);
        if (r < 0)
            return r;
        next_token(p);
        return 0;
    case TOKEN_OPEN:
        next_token(p);
        r = parse_or(p, ret);
        if (r < 0)
            return r;
        if (p->kind != TOKEN_CLOSE)
            return fail(p, open, "a parenthesis that is never closed");
        next_token(p);
        return 0;
    case TOKEN_END:
        return fail(p, p->word, "a check is missing");
    default:
        return fail(p, p->word, "a check was expected");
    }
}

static int parse_not(struct parser *p, struct check **ret)
{
    struct check *c;
    int r;

    if (++p->depth > DEPTH_MAX)
        return fail(p, p->word, "too many levels");
    if (p->kind == TOKEN_NOT) {
        next_token(p);
        c = check_new(p->tree, CHECK_NOT);
        c->list = arena_array(&p->tree->arena, struct check *, 1);
        c->n = 1;
        r = parse_not(p, &c->list[0]);
        if (r == 0)
            *ret = c;
    } else {
        r = parse_primary(p, ret);
    }
    p->depth--;
    return r;
}

/* PART { separator PART }; one part alone stays itself. */
static int parse_chain(struct parser *p, enum token_kind separator, enum check_kind kind,
                       int (*part)(struct parser *, struct check **), struct check **ret)
{
    struct check *first, *next, *chain;
    int r;

    r = part(p, &first);
    if (r < 0)
        return r;
    if (p->kind != separator) {
        *ret = first;
        return 0;
    }
    chain = check_new(p->tree, kind);
    check_add(p->tree, chain, first);
    while (p->kind == separator) {
        next_token(p);
        r = part(p, &next);
        if (r < 0)
            return r;
        check_add(p->tree, chain, next);
    }
    *ret = chain;
    return 0;
}

static int parse_and(struct parser *p, struct check **ret)
{
    return parse_chain(p, TOKEN_AND, CHECK_AND, parse_not, ret);
}

static int parse_or(struct parser *p, struct check **ret)
{
    return parse_chain(p, TOKEN_OR, CHECK_OR, parse_and, ret);
}

int check_parse(struct rule_tree *t, const char *text, struct check **ret, struct err *err)
{
    struct parser p = { .tree = t, .start = text, .at = text, .word_end = text, .err = err };
    struct check *c;
    int r;

    if (!*text) { /* No condition. */
        *ret = check_new(t, CHECK_TRUE);
        return 0;
    }
    next_token(&p);
    r = parse_or(&p, &c);
    if (r < 0)
        return r;
    if (p.kind != TOKEN_END)
        return fail(&p, p.word,
                    p.kind == TOKEN_CLOSE ? "a parenthesis that was never opened" : "no 'and' or 'or'");
    *ret = c;
    return 0;
}

/* One word of the old form: a check alone. */
static int parse_single(struct rule_tree *t, const json_t *v, struct check **ret, struct err *err)
{
    struct parser p = { .tree = t, .err = err };

    if (!json_is_string(v))
        return err_set(err, -EINVAL, "a list of checks holds something that is not a string");
    p.start = p.word = json_string_value(v);
    p.len = json_string_length(v);
    return parse_check(&p, ret);
}

static int parse_all_of(struct rule_tree *t, const json_t *v, struct check **ret, struct err *err)
{
    struct check *all, *part;
    const json_t *item;
    size_t i;
    int r;

    if (!json_is_array(v))
        return parse_single(t, v, ret, err);
    all = check_new(t, CHECK_AND);
    json_array_foreach (v, i, item) {
        r = parse_single(t, item, &part, err);
        if (r < 0)
            return r;
        check_add(t, all, part);
    }
    *ret = all;
    return 0;
}

int check_parse_json(struct rule_tree *t, const json_t *v, struct check **ret, struct err *err)
{
    struct check *any, *part;
    const json_t *item;
    size_t i;
    int r;

    if (json_is_string(v))
        return check_parse(t, json_string_value(v), ret, err);
    if (!json_is_array(v))
        return err_set(err, -EINVAL, "a rule must be a string or a list");
    any = check_new(t, json_array_size(v) ? CHECK_OR : CHECK_TRUE);
    json_array_foreach (v, i, item) {
        if (json_is_array(item) && json_array_size(item) == 0)
            continue;
        r = parse_all_of(t, item, &part, err);
        if (r < 0)
            return r;
        check_add(t, any, part);
    }
    *ret = any;
    return 0;
}

static bool text_same(const struct check_text *a, const struct check_text *b)
{
    if (a->n != b->n || !str_eq(a->plain, b->plain))
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (a->parts[i].attribute != b->parts[i].attribute || !str_eq(a->parts[i].text, b->parts[i].text))
            return false;
    return true;
}

bool check_same(const struct check *a, const struct check *b)
{
    if (a->kind != b->kind || a->n != b->n || !str_eq(a->name, b->name) || !str_eq(a->other, b->other) ||
        !text_same(&a->text, &b->text))
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (!check_same(a->list[i], b->list[i]))
            return false;
    return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/model/regex.h"

#include <ctype.h>
#include <string.h>

#include "base/regex.h"
#include "base/strbuf.h"

#define PARTS_MAX 32

struct part {
    regex_t re;
    bool wanted; /* False: must not fit. */
};

/* All parts are asked from the beginning of the text, each for itself. */
struct pattern {
    size_t n;
    struct part parts[PARTS_MAX];
};

void pattern_free(struct pattern *p)
{
    for (size_t i = 0; p && i < p->n; i++)
        regfree(&p->parts[i].re);
    free(p);
}

/* --- from Python's words to POSIX's ------------------------------------------------------ */

struct translation {
    struct strbuf out;
    const char *at, *end;
    bool foreign; /* Something that has no counterpart. */
    bool uncounted, refers_back;
};

/* What "\d" and its like are inside brackets; null: no class. */
static const char *class_named(char c)
{
    switch (c) {
    case 'd':
        return "0-9";
    case 'w':
        return "[:alnum:]_";
    case 's':
        return "[:space:]";
    default:
        return NULL;
    }
}

/* The members of a set.  POSIX knows no backslash there: what would mean
 * something has a place where it does not. */
struct set {
    struct strbuf plain;
    bool inverted, closing, opening, caret, dash;
};

static void add_member(struct set *set, char c)
{
    switch (c) {
    case ']':
        set->closing = true;
        break;
    case '[':
        set->opening = true;
        break;
    case '^':
        set->caret = true;
        break;
    case '-':
        set->dash = true;
        break;
    default:
        strbuf_putc(&set->plain, c);
    }
}

static bool is_plain(char c)
{
    return isalnum((unsigned char) c) || strchr(" !\"#$%&'()*+,./:;<=>?@_`{|}~", c);
}

/* A member that begins at 't->at'. */
static void read_member(struct translation *t, struct set *set)
{
    const char *p = t->at, *class;

    if (*p == '\\') {
        class = class_named(p[1]);
        t->foreign |= !class && isalnum((unsigned char) p[1]);
        if (class)
            strbuf_puts(&set->plain, class);
        else
            add_member(set, p[1]);
        t->at += 2;
        t->foreign |= *t->at == '-' && t->at[1] != ']'; /* A range from there. */
    } else if (t->end - p > 2 && p[1] == '-' && p[2] != ']') {
        t->foreign |= !is_plain(p[0]) || !is_plain(p[2]);
        strbuf_add(&set->plain, p, 3);
        t->at += 3;
    } else {
        add_member(set, *p);
        t->at++;
    }
}

static void write_set(struct translation *t, struct set *set)
{
    bool caret_alone = set->caret && !set->inverted && !set->closing && !set->opening && !set->plain.len;

    if (caret_alone && !set->dash) {
        strbuf_puts(&t->out, "\\^");
        return;
    }
    strbuf_puts(&t->out, set->inverted ? "[^" : "[");
    strbuf_puts(&t->out, set->closing ? "]" : "");
    strbuf_puts(&t->out, strbuf_str(&set->plain));
    strbuf_puts(&t->out, set->opening ? "[" : "");
    strbuf_puts(&t->out, caret_alone ? "-^" : set->caret ? "^" : "");
    strbuf_puts(&t->out, set->dash && !caret_alone ? "-]" : "]");
}

/* "[...]" from its bracket on. */
static void read_set(struct translation *t, struct arena *a)
{
    struct set set = { .inverted = false };

    strbuf_init(&set.plain, a);
    t->at++;
    if (t->at < t->end && *t->at == '^') {
        set.inverted = true;
        t->at++;
    }
    if (t->at < t->end && *t->at == ']') { /* The first is a member. */
        set.closing = true;
        t->at++;
    }
    while (t->at < t->end && *t->at != ']')
        read_member(t, &set);
    t->foreign |= t->at >= t->end;
    t->at++;
    write_set(t, &set);
}

/* A backslash outside of sets: classes, and letters that would mean something. */
static void read_escape(struct translation *t)
{
    char c = t->at[1];

    if (c == 'd' || c == 'D')
        strbuf_puts(&t->out, c == 'd' ? "[0-9]" : "[^0-9]");
    else if (c >= '1' && c <= '8') /* We put a group of our own around all. */
        strbuf_printf(&t->out, "\\%c", c + 1);
    else if (t->end - t->at < 2 || (isalpha((unsigned char) c) && !strchr("wWsSbB", c)) || c == '0' ||
             c == '9')
        t->foreign = true; /* "\n", "\Z" and others. */
    else
        strbuf_add(&t->out, t->at, 2);
    t->refers_back |= isdigit((unsigned char) c);
    t->at += 2;
}

/* "(?:" is a group that "\1" does not count. */
static void read_group(struct translation *t)
{
    bool uncounted = strncmp(t->at, "(?:", 3) == 0;

    t->uncounted |= uncounted;
    t->foreign |= t->at[1] == '?' && !uncounted;
    strbuf_putc(&t->out, '(');
    t->at += uncounted ? 3 : 1;
}

/* Whether "as few as possible" is meant does not matter to whether it fits. */
static void read_repetition(struct translation *t)
{
    const char *end = *t->at == '{' ? memchr(t->at, '}', (size_t) (t->end - t->at)) : t->at;

    if (!end) {
        t->foreign = true;
        end = t->at;
    }
    strbuf_add(&t->out, t->at, (size_t) (end - t->at) + 1);
    t->at = end + 1;
    if (t->at < t->end && *t->at == '?')
        t->at++;
    t->foreign |= t->at < t->end && strchr("*+?{", *t->at);
}

/* Anchored at the beginning; null for what POSIX cannot say. */
static const char *to_posix(struct arena *a, const char *s, size_t n)
{
    struct translation t = { .at = s, .end = s + n };

    strbuf_init(&t.out, a);
    strbuf_puts(&t.out, "^(");
    while (t.at < t.end && !t.foreign) {
        if (*t.at == '[')
            read_set(&t, a);
        else if (*t.at == '\\')
            read_escape(&t);
        else if (*t.at == '(')
            read_group(&t);
        else if (strchr("*+?{", *t.at))
            read_repetition(&t);
        else
            strbuf_putc(&t.out, *t.at++);
    }
    strbuf_putc(&t.out, ')');
    return t.foreign || (t.uncounted && t.refers_back) ? NULL : strbuf_str(&t.out);
}

static int add_part(struct pattern *p, struct arena *a, const char *s, size_t n, bool wanted, struct err *err)
{
    const char *posix = to_posix(a, s, n);

    if (!posix || p->n == PARTS_MAX || regex_compile(&p->parts[p->n].re, posix, REGEX_MAX_OF_OPERATORS) < 0)
        return err_set(err, -EINVAL, "the part '%.*s' of the regular expression is not understood", (int) n,
                       s);
    p->parts[p->n++].wanted = wanted;
    return 0;
}

/* The closing parenthesis of the group that begins at 's'. */
static const char *group_end(const char *s)
{
    bool bracket = false;
    int depth = 0;

    for (; *s; s++) {
        if (*s == '\\' && s[1]) {
            s++;
        } else if (bracket) {
            bracket = *s != ']';
        } else if (*s == '[') {
            bracket = true;
        } else if (*s == '(') {
            depth++;
        } else if (*s == ')' && --depth == 0) {
            return s;
        }
    }
    return NULL;
}

static int add_parts(struct pattern *p, struct arena *a, const char *s, struct err *err)
{
    int r = 0;

    if (*s == '^')
        s++;
    while (r >= 0 && s[0] == '(' && s[1] == '?' && (s[2] == '=' || s[2] == '!')) {
        const char *end = group_end(s);

        if (!end)
            return err_set(err, -EINVAL, "a parenthesis of the regular expression is not closed");
        r = add_part(p, a, s + 3, (size_t) (end - s - 3), s[2] == '=', err);
        s = end + 1;
    }
    return r < 0 ? r : add_part(p, a, s, strlen(s), true, err);
}

int pattern_new(const char *text, struct pattern **ret, struct err *err)
{
    struct pattern *p = calloc(1, sizeof(*p));
    struct arena a;
    int r;

    if (!p)
        return err_set(err, -ENOMEM, "out of memory");
    arena_init(&a);
    r = add_parts(p, &a, text, err);
    arena_done(&a);
    if (r < 0) {
        pattern_free(p);
        return r;
    }
    *ret = p;
    return 0;
}

bool pattern_fits(const struct pattern *p, const char *text)
{
    for (size_t i = 0; i < p->n; i++)
        if ((regexec(&p->parts[i].re, text, 0, NULL, 0) == 0) != p->parts[i].wanted)
            return false;
    return true;
}

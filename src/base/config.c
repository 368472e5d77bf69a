/* SPDX-License-Identifier: Apache-2.0 */
#include "base/config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/secret.h"
#include "base/str.h"

#define FILE_MAX ((size_t) 1 << 20)

/* One key, or with a null 'key' the mention of a section. */
struct entry {
    struct entry *next;
    const char *section, *key, *value;
    int line;     /* 0: from config_set(). */
    bool is_read; /* Some table knows it. */
};

struct config {
    struct arena *arena;
    const char *path;
    struct entry *first, **last; /* In the order of the file. */
};

/* --- Reading the file ----------------------------------------------------- */

static struct entry *find_entry(struct config *c, const char *section, const char *key)
{
    for (struct entry *e = c->first; e; e = e->next)
        if (str_eq(e->section, section) && str_eq(e->key, key))
            return e;
    return NULL;
}

static void add_entry(struct config *c, struct entry e)
{
    *c->last = arena_memdup(c->arena, &e, sizeof(e));
    c->last = &(*c->last)->next;
}

static int read_text(struct config *c, char **ret, struct err *err)
{
    auto_close int fd = open(c->path, O_RDONLY | O_CLOEXEC);
    struct strbuf b;
    ssize_t n;

    if (fd < 0)
        return err_set(err, -errno, "cannot open %s: %s", c->path, strerror(errno));
    strbuf_init(&b, c->arena);
    while ((n = read(fd, strbuf_reserve(&b, 4096), 4096)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_set(err, -errno, "cannot read %s: %s", c->path, strerror(errno));
        strbuf_commit(&b, (size_t) n);
        if (b.len > FILE_MAX)
            return err_set(err, -EINVAL, "%s is larger than 1 MiB", c->path);
    }
    strbuf_putc(&b, '\0');
    if (memchr(b.data, '\0', b.len - 1) || !str_is_utf8(b.data, b.len))
        return err_set(err, -EINVAL, "%s is not UTF-8 text", c->path);
    *ret = b.data;
    return 0;
}

/* As oslo.config does: a value may stand in quotes, which are not part of it. */
static char *unquote(char *s)
{
    size_t n = strlen(s);

    if (n < 2 || (s[0] != '"' && s[0] != '\'') || strchr(s + 1, s[0]) != s + n - 1)
        return s;
    s[n - 1] = '\0';
    return s + 1;
}

static int parse_section(struct config *c, char *text, int line, const char **ret, struct err *err)
{
    size_t n = strlen(text);

    if (n < 3 || text[n - 1] != ']')
        return err_set(err, -EINVAL, "%s:%d: a section is written [name]", c->path, line);
    *ret = arena_strndup(c->arena, text + 1, n - 2);
    if (!find_entry(c, *ret, NULL))
        add_entry(c, (struct entry){ .section = *ret, .line = line });
    return 0;
}

static int parse_key(struct config *c, const char *section, char *text, int line, struct err *err)
{
    char *eq = strchr(text, '=');
    const struct entry *before;
    const char *key;

    if (!eq || eq == text)
        return err_set(err, -EINVAL, "%s:%d: expected \"key = value\"", c->path, line);
    if (!section)
        return err_set(err, -EINVAL, "%s:%d: a key stands before the first [section]", c->path, line);
    *eq = '\0';
    key = str_trim(c->arena, text);
    before = find_entry(c, section, key);
    if (before)
        return err_set(err, -EINVAL, "%s:%d: [%s] %s: is already set in line %d", c->path, line, section, key,
                       before->line);
    add_entry(
        c, (struct entry){
               .section = section, .key = key, .value = unquote(str_trim(c->arena, eq + 1)), .line = line });
    return 0;
}

static int parse_text(struct config *c, char *text, struct err *err)
{
    const char *section = NULL;
    int line = 0, r;

    for (char *next = text, *s; (s = strsep(&next, "\n"));) {
        line++;
        s = str_trim(c->arena, s);
        if (!*s || *s == '#' || *s == ';')
            continue;
        if (*s == '[')
            r = parse_section(c, s, line, &section, err);
        else
            r = parse_key(c, section, s, line, err);
        if (r < 0)
            return r;
    }
    return 0;
}

int config_load(struct arena *a, const char *path, struct config **ret, struct err *err)
{
    struct config *c = arena_new(a, struct config);
    char *text = NULL;
    int r = 0;

    c->arena = a;
    c->path = arena_strdup(a, path);
    c->last = &c->first;
    if (path)
        r = read_text(c, &text, err);
    if (r >= 0 && text)
        r = parse_text(c, text, err);
    if (r < 0)
        return r;
    *ret = c;
    return 0;
}

void config_set(struct config *c, const char *section, const char *key, const char *value)
{
    struct entry *e = find_entry(c, section, key);

    if (e) {
        e->value = arena_strdup(c->arena, value);
        e->line = 0;
        return;
    }
    add_entry(c, (struct entry){ .section = arena_strdup(c->arena, section),
                                 .key = arena_strdup(c->arena, key),
                                 .value = arena_strdup(c->arena, value) });
}

/* --- Values --------------------------------------------------------------- */

/* Each reader fills its member of the structure at 'ret'; a null 'text' gives
 * the type's "none".  On failure 'why' says what is wrong with the text. */
typedef int (*value_reader)(struct arena *a, const struct option *o, const char *text, void *ret,
                            struct err *why);

static int read_string(struct arena *a, const struct option *o, const char *text, void *ret, struct err *why)
{
    if (text && o->choices && !strv_contains(str_split(a, o->choices, '|'), text))
        return err_set(why, -EINVAL, "'%s' is not one of %s", text, o->choices);
    *(const char **) ret = arena_strdup(a, text);
    return 0;
}

static int read_bool(struct arena *a, const struct option *o, const char *text, void *ret, struct err *why)
{
    *(bool *) ret = false;
    if (text && str_to_bool(text, ret) < 0)
        return err_set(why, -EINVAL, "'%s' is not true or false", text);
    return 0;
}

static int read_int(struct arena *a, const struct option *o, const char *text, void *ret, struct err *why)
{
    int64_t v = FIELD_NULL_INT;
    int r = text ? str_to_i64(text, &v) : 0;

    if (r == -EINVAL)
        return err_set(why, -EINVAL, "'%s' is not a number", text);
    if (r < 0 || (text && v == FIELD_NULL_INT))
        return err_set(why, -EINVAL, "'%s' is too large", text);
    if (text && o->max > o->min && (v < o->min || v > o->max))
        return err_set(why, -EINVAL, "'%s' is not from %" PRId64 " to %" PRId64, text, o->min, o->max);
    *(int64_t *) ret = v;
    return 0;
}

static int read_double(struct arena *a, const struct option *o, const char *text, void *ret, struct err *why)
{
    *(double *) ret = NAN;
    if (text && str_to_double(text, ret) < 0)
        return err_set(why, -EINVAL, "'%s' is not a number", text);
    return 0;
}

static int read_strv(struct arena *a, const struct option *o, const char *text, void *ret, struct err *why)
{
    const char **list = NULL;

    if (text)
        strv_foreach (part, str_split(a, text, ',')) {
            const char *s = str_trim(a, *part);

            if (*s)
                list = strv_add(a, list, s);
        }
    *(const char ***) ret = list;
    return 0;
}

static int read_secret(struct arena *a, const struct option *o, const char *text, void *ret, struct err *why)
{
    *(struct secret *) ret = secret_of(arena_strdup(a, text));
    return 0;
}

/* What a file can hold; sample: how the sample tells the type. */
static const struct {
    value_reader read;
    const char *sample;
} types[] = {
    [FIELD_STRING] = { read_string, NULL },
    [FIELD_BOOL] = { read_bool, "true or false" },
    [FIELD_INT] = { read_int, "a number" },
    [FIELD_DOUBLE] = { read_double, "a number with or without a fraction" },
    [FIELD_STRV] = { read_strv, "a list with commas" },
    [FIELD_SECRET] = { read_secret, "a secret" },
};

static bool has_type(const struct option *o)
{
    return (size_t) o->type < ARRAY_SIZE(types) && types[o->type].read;
}

/* Where a value comes from, for the words of an error. */
static const char *origin(struct config *c, const struct entry *e)
{
    if (!e)
        return "default";
    if (!e->line)
        return "--set";
    return arena_printf(c->arena, "%s:%d", c->path, e->line);
}

static int read_option(struct config *c, const char *section, const struct option *o, void *ret,
                       struct err *err)
{
    struct entry *e = find_entry(c, section, o->name);
    struct err why = { 0 };
    int r;

    if (!has_type(o))
        return err_set(err, -EINVAL, "[%s] %s: has a type that no file can hold", section, o->name);
    if (e)
        e->is_read = true;
    r = types[o->type].read(c->arena, o, e ? e->value : o->value, ret, &why);
    if (r < 0)
        return err_set(err, r, "%s: [%s] %s: %s", origin(c, e), section, o->name, why.msg);
    return 0;
}

/* A null 'ret' only tries the values. */
static int read_all(struct config *c, const char *section, const struct option *options, char *ret,
                    struct err *err)
{
    union {
        int64_t i;
        double d;
        bool b;
        const void *p;
        struct secret s;
    } nowhere;

    for (const struct option *o = options; o->name; o++) {
        int r = read_option(c, section, o, ret ? ret + o->offset : (void *) &nowhere, err);

        if (r < 0)
            return r;
    }
    return 0;
}

int config_read(struct config *c, const char *section, const struct option *options, void *ret,
                struct err *err)
{
    struct entry *mention = find_entry(c, section, NULL);
    int r;

    if (mention)
        mention->is_read = true;
    /* Tried first: 'ret' stays as it is when one value is wrong. */
    r = read_all(c, section, options, NULL, err);
    return r < 0 ? r : read_all(c, section, options, ret, err);
}

int config_check_unknown(struct config *c, struct err *err)
{
    for (const struct entry *e = c->first; e; e = e->next) {
        if (e->is_read)
            continue;
        if (!e->key)
            return err_set(err, -EINVAL, "%s: there is no section [%s]", origin(c, e), e->section);
        return err_set(err, -EINVAL, "%s: [%s] %s: there is no such option", origin(c, e), e->section,
                       e->key);
    }
    return 0;
}

/* --- The sample ----------------------------------------------------------- */

#define SAMPLE_WIDTH 78

/* Words as comment lines of at most SAMPLE_WIDTH columns. */
static void put_comment(struct strbuf *b, const char *words)
{
    size_t column = 0;

    while (*words) {
        size_t n = strcspn(words, " \n");

        if (column && column + 1 + n > SAMPLE_WIDTH) {
            strbuf_putc(b, '\n');
            column = 0;
        }
        if (n) {
            strbuf_puts(b, column ? " " : "# ");
            strbuf_add(b, words, n);
            column += n + (column ? 1 : 2);
        }
        words += n + (words[n] != '\0');
    }
    if (column)
        strbuf_putc(b, '\n');
}

/* What may be written: the choices, the range or the type. */
static void put_kind(struct strbuf *b, const struct option *o)
{
    if (o->choices)
        strbuf_printf(b, "# Value: one of %s\n", o->choices);
    else if (o->type == FIELD_INT && o->max > o->min)
        strbuf_printf(b, "# Value: a number from %" PRId64 " to %" PRId64 "\n", o->min, o->max);
    else if (types[o->type].sample)
        strbuf_printf(b, "# Value: %s\n", types[o->type].sample);
}

int config_write_sample(struct strbuf *b, const char *section, const struct option *options)
{
    for (const struct option *o = options; o->name; o++)
        if (!has_type(o))
            return -EINVAL;
    strbuf_printf(b, "[%s]\n", section);
    for (const struct option *o = options; o->name; o++) {
        strbuf_putc(b, '\n');
        if (o->help)
            put_comment(b, o->help);
        put_kind(b, o);
        strbuf_printf(b, "#%s =%s%s\n", o->name, str_empty(o->value) ? "" : " ", o->value ? o->value : "");
    }
    return 0;
}

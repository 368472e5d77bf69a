/* SPDX-License-Identifier: Apache-2.0 */
/* The operator's files: policy.yaml or policy.json, then policy.d in the
 * order of names.  A rule in a later file takes the place of an earlier one. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/str.h"
#include "base/strbuf.h"
#include "rest/policy_check.h"
#include "wire/json.h"
#include "wire/yaml.h"

enum { FILE_MAX = 1024 * 1024 };

typedef int (*visit_fn)(void *ctx, const char *path, struct err *err);

static int is_visible(const struct dirent *d)
{
    return d->d_name[0] != '.';
}

static int visit_dir(const char *dir, visit_fn fn, void *ctx, struct err *err)
{
    struct arena auto_arena a;
    struct dirent **names;
    int n, r = 0;

    arena_init(&a);
    n = scandir(dir, &names, is_visible, alphasort);
    if (n < 0)
        return errno == ENOENT
                   ? 0
                   : err_set(err, -errno, "cannot read the directory %s: %s", dir, strerror(errno));
    for (int i = 0; i < n; i++) {
        if (r == 0)
            r = fn(ctx, arena_printf(&a, "%s/%s", dir, names[i]->d_name), err);
        free(names[i]);
    }
    free(names);
    return r;
}

static int visit_files(const struct policy_config *c, visit_fn fn, void *ctx, struct err *err)
{
    int r = c->file ? fn(ctx, c->file, err) : 0;

    for (const char **dir = c->dirs; r >= 0 && dir && *dir; dir++)
        r = visit_dir(*dir, fn, ctx, err);
    return r;
}

static int add_stamp(void *ctx, const char *path, struct err *err)
{
    uint64_t *stamp = ctx;
    struct stat st;
    uint64_t facts[5] = { *stamp };

    if (stat(path, &st) == 0) {
        facts[1] = (uint64_t) st.st_ino;
        facts[2] = (uint64_t) st.st_size;
        /* Also when only the mode changed: what could not be read may be readable now. */
        facts[3] = (uint64_t) st.st_ctim.tv_sec;
        facts[4] = (uint64_t) st.st_ctim.tv_nsec;
    } else {
        facts[2] = (uint64_t) errno;
    }
    *stamp = siphash13(facts[1], 0, facts, sizeof(facts));
    return 0;
}

uint64_t overrides_stamp(const struct policy_config *c)
{
    uint64_t stamp = 0;
    int r = visit_files(c, add_stamp, &stamp, NULL);

    return r < 0 ? stamp ^ (uint64_t) -r
                 : stamp; /* A folder that cannot be read is not one that is missing. */
}

/* The whole of a regular file; -ENOENT when there is none. */
static int read_text(const char *path, struct strbuf *out, struct err *err)
{
    auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;
    ssize_t n;

    if (fd < 0 && errno == ENOENT)
        return -ENOENT;
    if (fd < 0 || fstat(fd, &st) < 0)
        return err_set(err, -errno, "cannot read %s: %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return S_ISDIR(st.st_mode) ? -ENOENT : err_set(err, -EINVAL, "%s is not a file", path);
    do {
        n = read(fd, strbuf_reserve(out, 16 * 1024), 16 * 1024);
        if (n < 0)
            return err_set(err, -errno, "cannot read %s: %s", path, strerror(errno));
        strbuf_commit(out, (size_t) n);
        if (out->len > FILE_MAX)
            return err_set(err, -EFBIG, "%s is longer than 1 MiB", path);
    } while (n > 0);
    return 0;
}

/* Nothing but comments and white space: a sample file that nobody changed. */
static bool is_blank(const char *s)
{
    while (*s) {
        s += strspn(s, " \t\r\n");
        if (strncmp(s, "---", 3) == 0 && strchr(" \t\r\n", s[3]))
            s += 3;
        else if (*s == '#')
            s += strcspn(s, "\n");
        else
            return !*s;
    }
    return true;
}

struct lines {
    const char *text, *at; /* The file, and where the last name was found. */
    unsigned line;         /* The number of the line at 'at'. */
};

static bool line_names(const char *s, const char *name)
{
    char quote;
    size_t n = strlen(name);

    s += strspn(s, " \t{,");
    quote = *s == '"' || *s == '\'' ? *s++ : 0;
    if (strncmp(s, name, n) != 0)
        return false;
    s += n;
    if (quote && *s++ != quote)
        return false;
    s += strspn(s, " \t");
    return *s == ':';
}

static bool seek_line(struct lines *l, const char *name)
{
    for (const char *s = l->at, *end; s; s = end ? end + 1 : NULL) {
        if (line_names(s, name)) {
            l->at = s;
            return true;
        }
        end = strchr(s, '\n');
        l->line++;
    }
    return false;
}

/* The number of the line that begins with 'name', or 0.  Names come in the
 * file's order, so the search goes on from the last one. */
static unsigned line_of(struct lines *l, const char *name)
{
    for (int tries = 0; tries < 2; tries++) {
        if (l->at && seek_line(l, name))
            return l->line;
        l->at = l->text;
        l->line = 1;
    }
    return 0;
}

struct reading {
    struct rule_tree *tree;
    struct hash *into;
};

static int read_rule(struct reading *rd, const char *path, unsigned line, const char *name, const json_t *v,
                     struct err *err)
{
    struct arena *a = &rd->tree->arena;
    struct override *o = arena_new(a, struct override);
    const char *base = strrchr(path, '/');
    int r;

    o->name = arena_strdup(a, name);
    o->origin = arena_printf(a, "%s:%u", base ? base + 1 : path, line);
    r = check_parse_json(rd->tree, v, &o->check, err);
    if (r < 0)
        return err_prefix(err, r, "%s:%u: rule \"%s\"", path, line, name);
    hash_put(rd->into, o->name, o);
    return 0;
}

static int parse_document(const char *path, const struct strbuf *text, json_t **ret, struct err *err)
{
    int r;

    if (str_has_suffix(path, ".json"))
        r = json_read(strbuf_str(text), text->len, ret, err);
    else
        r = yaml_read(strbuf_str(text), text->len, ret, err);
    return r < 0 ? err_prefix(err, r, "%s", path) : 0;
}

static int read_rules(void *ctx, const char *path, struct err *err)
{
    struct strbuf auto_strbuf text;
    json_t *auto_json doc = NULL;
    struct lines lines;
    const char *name;
    json_t *v;
    int r;

    strbuf_init(&text, NULL);
    r = read_text(path, &text, err);
    if (r < 0)
        return r == -ENOENT ? 0 : r;
    if (is_blank(strbuf_str(&text)))
        return 0;
    r = parse_document(path, &text, &doc, err);
    if (r < 0)
        return r;
    if (!json_is_object(doc))
        return err_set(err, -EINVAL, "%s does not map names to rules", path);
    lines = (struct lines){ .text = strbuf_str(&text), .at = strbuf_str(&text), .line = 1 };
    json_object_foreach (doc, name, v) {
        r = read_rule(ctx, path, line_of(&lines, name), name, v, err);
        if (r < 0)
            return r;
    }
    return 0;
}

int overrides_read(struct rule_tree *t, const struct policy_config *c, struct hash *ret, struct err *err)
{
    struct reading rd = { t, ret };

    return visit_files(c, read_rules, &rd, err);
}

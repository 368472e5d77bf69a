/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/yaml.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/str.h"

#define TEXT_MAX  (1u << 20)
#define DEPTH_MAX 64
#define NODES_MAX 100000
#define CORE      "tag:yaml.org,2002:"

struct anchor {
    json_t *value; /* Null while its node is being read: it must not hold itself. */
    size_t nodes;
    unsigned depth; /* Levels below it. */
};

struct reader {
    yaml_parser_t parser;
    struct arena arena;
    struct hash anchors;
    size_t nodes;   /* So far, with what aliases stand for. */
    unsigned depth; /* Containers around the present node. */
    struct err *err;
};

/* --- errors --- */

static int fail_at(struct reader *r, yaml_mark_t mark, const char *words)
{
    return err_set(r->err, -EINVAL, "Malformed YAML: %s, at line %zu column %zu", words, mark.line + 1,
                   mark.column + 1);
}

static int next_event(struct reader *r, yaml_event_t *ret)
{
    const yaml_parser_t *p = &r->parser;

    if (yaml_parser_parse(&r->parser, ret))
        return 0;
    if (p->error == YAML_MEMORY_ERROR)
        return err_set(r->err, -ENOMEM, "out of memory");
    return fail_at(r, p->problem_mark, p->problem ? p->problem : "it cannot be read");
}

/* --- scalars --- */

static bool one_of(const char *s, const char *a, const char *b, const char *c)
{
    return strcmp(s, a) == 0 || strcmp(s, b) == 0 || strcmp(s, c) == 0;
}

static size_t skip_digits(const char **s)
{
    size_t n = strspn(*s, "0123456789");

    *s += n;
    return n;
}

static bool is_int(const char *s)
{
    s += *s == '+' || *s == '-';
    return skip_digits(&s) && !*s;
}

/* [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )? */
static bool is_float(const char *s)
{
    size_t digits;

    s += *s == '+' || *s == '-';
    digits = skip_digits(&s);
    if (*s == '.') {
        s++;
        digits += skip_digits(&s);
    }
    if (!digits)
        return false;
    if (*s == 'e' || *s == 'E') {
        s++;
        s += *s == '+' || *s == '-';
        if (!skip_digits(&s))
            return false;
    }
    return !*s;
}

/* .inf and .nan, which JSON has no word for. */
static bool is_not_finite(const char *s)
{
    if (one_of(s, ".nan", ".NaN", ".NAN"))
        return true;
    s += *s == '+' || *s == '-';
    return one_of(s, ".inf", ".Inf", ".INF");
}

/* "0o17" and "0x1f": the base, else 0. */
static int int_base(const char *s)
{
    if (strncmp(s, "0o", 2) == 0 && s[2] && !s[2 + strspn(s + 2, "01234567")])
        return 8;
    if (strncmp(s, "0x", 2) == 0 && s[2] && !s[2 + strspn(s + 2, "0123456789abcdefABCDEF")])
        return 16;
    return 0;
}

static int make_int(struct reader *r, yaml_mark_t mark, const char *s, int base, json_t **ret)
{
    long long v;

    errno = 0;
    v = strtoll(s, NULL, base);
    if (errno == ERANGE)
        return fail_at(r, mark, "the integer is too big");
    *ret = json_integer(v);
    return 0;
}

static int make_float(struct reader *r, yaml_mark_t mark, const char *s, json_t **ret)
{
    double v = strtod(s, NULL); /* All of it, as is_float() has said. */

    if (!isfinite(v))
        return fail_at(r, mark, "the number is too big");
    *ret = json_real(v);
    return 0;
}

/* What a plain scalar means in the core schema. */
static int make_plain(struct reader *r, yaml_mark_t mark, const char *s, json_t **ret)
{
    int base = int_base(s);

    if (!*s || strcmp(s, "~") == 0 || one_of(s, "null", "Null", "NULL"))
        *ret = json_null();
    else if (one_of(s, "true", "True", "TRUE"))
        *ret = json_true();
    else if (one_of(s, "false", "False", "FALSE"))
        *ret = json_false();
    else if (base || is_int(s))
        return make_int(r, mark, base ? s + 2 : s, base ? base : 10, ret);
    else if (is_float(s))
        return make_float(r, mark, s, ret);
    else if (is_not_finite(s))
        return fail_at(r, mark, "a number must be finite");
    else
        *ret = json_string(s);
    return 0;
}

/* True when the value made from a scalar is what its tag promised. */
static bool is_of_tag(const char *kind, const json_t *v)
{
    return (strcmp(kind, "null") == 0 && json_is_null(v)) ||
           (strcmp(kind, "bool") == 0 && json_is_boolean(v)) ||
           (strcmp(kind, "int") == 0 && json_is_integer(v)) ||
           (strcmp(kind, "float") == 0 && json_is_number(v));
}

static int make_tagged(struct reader *r, yaml_mark_t mark, const char *tag, const char *s, json_t **ret)
{
    json_t *v = NULL;
    int k;

    if (strcmp(tag, "!") == 0 || strcmp(tag, CORE "str") == 0) {
        *ret = json_string(s);
        return 0;
    }
    if (!str_has_prefix(tag, CORE))
        return fail_at(r, mark, "there is an unknown tag");
    k = make_plain(r, mark, s, &v);
    if (k < 0)
        return k;
    if (!v || !is_of_tag(tag + strlen(CORE), v)) {
        json_decref(v);
        return fail_at(r, mark, "the value does not fit its tag");
    }
    *ret = v;
    return 0;
}

static int make_scalar(struct reader *r, const yaml_event_t *e, json_t **ret)
{
    const char *s = (const char *) e->data.scalar.value, *tag = (const char *) e->data.scalar.tag;
    json_t *v = NULL;
    int k = 0;

    if (strlen(s) != e->data.scalar.length)
        return fail_at(r, e->start_mark, "there is a null character");
    if (tag)
        k = make_tagged(r, e->start_mark, tag, s, &v);
    else if (e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
        k = make_plain(r, e->start_mark, s, &v);
    else
        v = json_string(s);
    if (k < 0)
        return k;
    if (!v)
        return fail_at(r, e->start_mark, "a text is no UTF-8");
    *ret = v;
    return 0;
}

/* --- nodes --- */

static int read_node(struct reader *r, const yaml_event_t *e, json_t **ret);

static int count_nodes(struct reader *r, yaml_mark_t mark, size_t n)
{
    r->nodes += n;
    return r->nodes > NODES_MAX ? fail_at(r, mark, "there are too many values") : 0;
}

/* Reads the elements of a list until its end. */
static int read_sequence(struct reader *r, json_t *list)
{
    for (;;) {
        json_t *v = NULL;
        yaml_event_t e;
        bool end;
        int k;

        k = next_event(r, &e);
        if (k < 0)
            return k;
        end = e.type == YAML_SEQUENCE_END_EVENT;
        if (!end)
            k = read_node(r, &e, &v);
        yaml_event_delete(&e);
        if (k < 0 || end)
            return k;
        json_array_append_new(list, v);
    }
}

static int check_key(struct reader *r, const yaml_event_t *e, const json_t *map)
{
    const char *key = (const char *) e->data.scalar.value;

    if (e->type != YAML_SCALAR_EVENT)
        return fail_at(r, e->start_mark, "a name must be a text");
    if (e->data.scalar.tag && strcmp((const char *) e->data.scalar.tag, CORE "str") != 0 &&
        strcmp((const char *) e->data.scalar.tag, "!") != 0)
        return fail_at(r, e->start_mark, "a name must be a text");
    if (strlen(key) != e->data.scalar.length)
        return fail_at(r, e->start_mark, "there is a null character");
    if (e->data.scalar.anchor)
        return fail_at(r, e->start_mark, "a name cannot have an anchor");
    /* Not in the core schema; taken as a name it would silently do nothing. */
    if (strcmp(key, "<<") == 0 && e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
        return fail_at(r, e->start_mark, "merging with << is not supported");
    if (json_object_get(map, key))
        return fail_at(r, e->start_mark, "a name is there twice");
    return count_nodes(r, e->start_mark, 1);
}

/* The value of the member whose name is in 'key'. */
static int read_member(struct reader *r, const yaml_event_t *key, json_t *map)
{
    json_t *v = NULL;
    yaml_event_t e;
    int k;

    k = check_key(r, key, map);
    if (k < 0)
        return k;
    k = next_event(r, &e);
    if (k < 0)
        return k;
    k = read_node(r, &e, &v);
    yaml_event_delete(&e);
    if (k < 0)
        return k;
    if (json_object_set_new(map, (const char *) key->data.scalar.value, v) < 0)
        return fail_at(r, key->start_mark, "a name is no UTF-8");
    return 0;
}

static int read_mapping(struct reader *r, json_t *map)
{
    for (;;) {
        yaml_event_t e;
        bool end;
        int k;

        k = next_event(r, &e);
        if (k < 0)
            return k;
        end = e.type == YAML_MAPPING_END_EVENT;
        if (!end)
            k = read_member(r, &e, map);
        yaml_event_delete(&e);
        if (k < 0 || end)
            return k;
    }
}

static int read_container(struct reader *r, const yaml_event_t *e, json_t **ret)
{
    bool is_map = e->type == YAML_MAPPING_START_EVENT;
    const char *tag = (const char *) (is_map ? e->data.mapping_start.tag : e->data.sequence_start.tag);
    json_t *v;
    int k;

    if (tag && strcmp(tag, "!") != 0 && strcmp(tag, is_map ? CORE "map" : CORE "seq") != 0)
        return fail_at(r, e->start_mark, "there is an unknown tag");
    if (r->depth == DEPTH_MAX)
        return fail_at(r, e->start_mark, "it has too many levels");

    r->depth++;
    v = is_map ? json_object() : json_array();
    k = is_map ? read_mapping(r, v) : read_sequence(r, v);
    r->depth--;
    if (k < 0) {
        json_decref(v);
        return k;
    }
    *ret = v;
    return 0;
}

/* Levels of containers in 'v'.  No deeper than DEPTH_MAX, as it was read. */
static unsigned depth_of(const json_t *v)
{
    unsigned most = 0, d;
    const char *key;
    json_t *child;
    size_t i;

    if (json_is_object(v)) {
        json_object_foreach ((json_t *) v, key, child)
            most = (d = depth_of(child)) > most ? d : most;
        return most + 1;
    }
    if (json_is_array(v)) {
        json_array_foreach (v, i, child)
            most = (d = depth_of(child)) > most ? d : most;
        return most + 1;
    }
    return 0;
}

/* A copy of what the alias stands for: trees never share nodes, so that
 * whoever changes one place changes no other. */
static int read_alias(struct reader *r, const yaml_event_t *e, json_t **ret)
{
    const struct anchor *a = hash_get(&r->anchors, (const char *) e->data.alias.anchor);
    int k;

    if (!a || !a->value)
        return fail_at(r, e->start_mark, a ? "a value holds itself" : "there is no anchor of that name");
    if (r->depth + a->depth > DEPTH_MAX)
        return fail_at(r, e->start_mark, "it has too many levels");
    k = count_nodes(r, e->start_mark, a->nodes);
    if (k < 0)
        return k;
    *ret = json_deep_copy(a->value);
    return 0;
}

static const char *anchor_of(const yaml_event_t *e)
{
    if (e->type == YAML_SCALAR_EVENT)
        return (const char *) e->data.scalar.anchor;
    if (e->type == YAML_MAPPING_START_EVENT)
        return (const char *) e->data.mapping_start.anchor;
    return (const char *) e->data.sequence_start.anchor;
}

/* A scalar or container that may have an anchor. */
static int read_content(struct reader *r, const yaml_event_t *e, json_t **ret)
{
    const char *name = anchor_of(e);
    size_t before = r->nodes;
    struct anchor *a = NULL;
    int k;

    k = count_nodes(r, e->start_mark, 1);
    if (k < 0)
        return k;
    if (name) {
        a = arena_new(&r->arena, struct anchor);
        hash_put(&r->anchors, arena_strdup(&r->arena, name), a);
    }
    k = e->type == YAML_SCALAR_EVENT ? make_scalar(r, e, ret) : read_container(r, e, ret);
    if (k >= 0 && a) {
        a->value = *ret;
        a->nodes = r->nodes - before;
        a->depth = depth_of(*ret);
    }
    return k;
}

static int read_node(struct reader *r, const yaml_event_t *e, json_t **ret)
{
    return e->type == YAML_ALIAS_EVENT ? read_alias(r, e, ret) : read_content(r, e, ret);
}

/* --- the document --- */

/* The next event, of which only the type matters. */
static int next_type(struct reader *r, yaml_event_type_t *ret, yaml_mark_t *ret_mark)
{
    yaml_event_t e;
    int k;

    k = next_event(r, &e);
    if (k < 0)
        return k;
    *ret = e.type;
    *ret_mark = e.start_mark;
    yaml_event_delete(&e);
    return 0;
}

static int read_document(struct reader *r, json_t **ret)
{
    yaml_event_type_t type;
    yaml_mark_t mark;
    yaml_event_t e;
    int k;

    k = next_type(r, &type, &mark); /* The stream. */
    if (k >= 0)
        k = next_type(r, &type, &mark); /* The document, or there is none. */
    if (k < 0)
        return k;
    if (type == YAML_STREAM_END_EVENT) {
        *ret = json_null();
        return 0;
    }
    k = next_event(r, &e);
    if (k < 0)
        return k;
    k = read_node(r, &e, ret);
    yaml_event_delete(&e);
    if (k >= 0)
        k = next_type(r, &type, &mark); /* The document's end. */
    if (k >= 0)
        k = next_type(r, &type, &mark);
    if (k >= 0 && type != YAML_STREAM_END_EVENT)
        k = fail_at(r, mark, "there is more than one document");
    return k;
}

int yaml_read(const char *text, size_t n, json_t **ret, struct err *err)
{
    struct reader r = { .err = err };
    json_t *v = NULL;
    int k;

    if (n > TEXT_MAX)
        return err_set(err, -EINVAL, "The YAML text is longer than %u bytes.", TEXT_MAX);
    if (!yaml_parser_initialize(&r.parser))
        return err_set(err, -ENOMEM, "out of memory");
    arena_init(&r.arena);
    hash_init(&r.anchors);
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.parser, (const unsigned char *) text, n);

    k = read_document(&r, &v);

    yaml_parser_delete(&r.parser);
    hash_done(&r.anchors);
    arena_done(&r.arena);
    if (k < 0) {
        json_decref(v);
        return k;
    }
    *ret = v;
    return 0;
}

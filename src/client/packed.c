/* SPDX-License-Identifier: Apache-2.0 */
#include "client/packed.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/secret.h"
#include "base/str.h"

/* Every text of a token. */
static const size_t texts[] = {
    offsetof(struct token, text),
    offsetof(struct token, user_id),
    offsetof(struct token, user_name),
    offsetof(struct token, user_domain_id),
    offsetof(struct token, user_domain_name),
    offsetof(struct token, project_id),
    offsetof(struct token, project_name),
    offsetof(struct token, project_domain_id),
    offsetof(struct token, project_domain_name),
    offsetof(struct token, domain_id),
    offsetof(struct token, domain_name),
    offsetof(struct token, trust_id),
    offsetof(struct token, app_cred_id),
};

#define TEXT(t, i) (*(const char **) ((char *) (t) + texts[i]))

static size_t text_size(const char *s)
{
    return s ? strlen(s) + 1 : 0;
}

static size_t list_size(const char **v)
{
    size_t n = v ? (strv_len(v) + 1) * sizeof(char *) : 0;

    strv_foreach (s, v)
        n += text_size(*s);
    return n;
}

static size_t size_of(const struct token *t)
{
    size_t n = sizeof(*t) + t->n_roles * sizeof(*t->roles) + list_size(t->methods) + list_size(t->audit_ids) +
               list_size(t->access_rules);

    for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
        n += text_size(TEXT(t, i));
    for (size_t i = 0; i < t->n_roles; i++)
        n += text_size(t->roles[i].id) + text_size(t->roles[i].name);
    return n;
}

static const char *put_text(char **at, const char *s)
{
    size_t n = text_size(s);
    char *to = *at;

    if (!s)
        return NULL;
    memcpy(to, s, n);
    *at += n;
    return to;
}

static void put_texts(const char **to, const char **from, char **at)
{
    for (size_t i = 0; from && from[i]; i++)
        to[i] = put_text(at, from[i]);
}

/* Arrays come before all text, so that they are aligned. */
static const char **take_list(char **at, const char **v)
{
    char *to = *at;

    if (!v)
        return NULL;
    *at += (strv_len(v) + 1) * sizeof(char *);
    return (const char **) to;
}

struct packed_token packed_new(const struct token *from)
{
    struct packed_token p = { .size = size_of(from), .token = calloc(1, size_of(from)) };
    struct token *t = p.token;
    char *at = (char *) (t + 1);

    if (!t)
        die("out of memory");
    *t = *from;
    t->extra = NULL;
    t->service = NULL;
    t->roles = (struct role_ref *) at;
    at += t->n_roles * sizeof(*t->roles);
    t->methods = take_list(&at, from->methods);
    t->audit_ids = take_list(&at, from->audit_ids);
    t->access_rules = take_list(&at, from->access_rules);
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
        TEXT(t, i) = put_text(&at, TEXT(from, i));
    for (size_t i = 0; i < t->n_roles; i++) {
        t->roles[i].id = put_text(&at, from->roles[i].id);
        t->roles[i].name = put_text(&at, from->roles[i].name);
    }
    put_texts(t->methods, from->methods, &at);
    put_texts(t->audit_ids, from->audit_ids, &at);
    put_texts(t->access_rules, from->access_rules, &at);
    return p;
}

void packed_free(struct packed_token *p)
{
    if (p->token)
        secret_wipe(p->token, p->size); /* The token's text gives rights. */
    free(p->token);
    *p = (struct packed_token){ 0 };
}

/* Makes the pointer at 'pointer', of whatever type, lead into the copy at 'to'
 * instead of the block at 'from'. */
static void move_pointer(void *pointer, const void *from, void *to)
{
    char *p;

    memcpy(&p, pointer, sizeof(p));
    if (!p)
        return;
    p = (char *) to + (p - (const char *) from);
    memcpy(pointer, &p, sizeof(p));
}

static void move_list(const char **v, const void *from, void *to)
{
    for (; v && *v; v++)
        move_pointer(v, from, to);
}

void packed_copy(const struct packed_token *p, struct arena *a, struct token *ret)
{
    struct token *t = arena_memdup(a, p->token, p->size);
    const void *from = p->token;

    for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
        move_pointer(&TEXT(t, i), from, t);
    move_pointer(&t->roles, from, t);
    move_pointer(&t->methods, from, t);
    move_pointer(&t->audit_ids, from, t);
    move_pointer(&t->access_rules, from, t);
    for (size_t i = 0; i < t->n_roles; i++) {
        move_pointer(&t->roles[i].id, from, t);
        move_pointer(&t->roles[i].name, from, t);
    }
    move_list(t->methods, from, t);
    move_list(t->audit_ids, from, t);
    move_list(t->access_rules, from, t);
    *ret = *t;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of policy.c: rules as trees of checks, and how they are read,
 * joined and asked.  A tree never changes once it is built; policy.c swaps
 * whole trees and counts who still reads one. */
#pragma once

#include <jansson.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/hash.h"
#include "rest/policy.h"
#include "wire/pattern.h"

/* Text with %(attribute)s in it. */
struct text_part {
    const char *text; /* Words as they are, or an attribute's name. */
    bool attribute;
};
struct check_text {
    const struct text_part *parts;
    size_t n;
    const char *plain; /* The whole text when it has no attribute. */
};

enum check_kind {
    CHECK_TRUE,
    CHECK_FALSE,
    CHECK_NOT,        /* list[0] */
    CHECK_AND,        /* all of list */
    CHECK_OR,         /* any of list */
    CHECK_RULE,       /* what 'rule' says */
    CHECK_ROLE,       /* the token has the role 'text' */
    CHECK_CONSTANT,   /* 'name' is 'text' */
    CHECK_CREDENTIAL, /* the token's 'credential' is 'text' */
    CHECK_FIELD,      /* the target's attribute 'name' is 'text' */
    CHECK_PATTERN,    /* the target's attribute 'name' begins with 'pattern' */
    CHECK_HTTP,       /* the server at 'text' says so */
};

struct credential;
struct rule;

struct check {
    enum check_kind kind;
    struct check **list;
    size_t n;
    const char *name;  /* Of the rule, the constant, the attribute or the credential. */
    const char *other; /* The attribute with the resource's name before it: "networks:shared". */
    const struct rule *rule;
    const struct credential *credential; /* Null: no token has it. */
    struct check_text text;
    struct pattern *pattern;
};

enum rule_color { RULE_WHITE, RULE_GREY, RULE_BLACK };

struct rule {
    const char *name;
    struct check *check;
    unsigned scopes;       /* SCOPE_… bits; 0: any. */
    const char *origin;    /* "policy.yaml:12", or null for a default. */
    bool redundant;        /* A file says what the default says. */
    enum rule_color color; /* While cycles are looked for. */
};

enum { SCOPE_SYSTEM = 1, SCOPE_DOMAIN = 2, SCOPE_PROJECT = 4 };

/* What one version of the files and the defaults make together. */
struct rule_tree {
    struct arena arena;
    struct hash rules;             /* name -> struct rule */
    const struct rule *otherwise;  /* The rule "default", or null. */
    const struct rule *admin;      /* The rule "context_is_admin", or null. */
    struct pattern_list *patterns; /* To be freed; they own memory outside the arena. */
    bool has_http;
    atomic_uint refs;
};

struct pattern_list {
    struct pattern *pattern;
    struct pattern_list *next;
};

/* Reads one rule's text into a tree of checks.  -EINVAL says what is wrong
 * and at which character.  References between rules stay unresolved. */
int check_parse(struct rule_tree *t, const char *text, struct check **ret, struct err *err);

/* The same for the old form, a list of lists: any of (all of (…)). */
int check_parse_json(struct rule_tree *t, const json_t *v, struct check **ret, struct err *err);

/* Either of two. */
struct check *check_or(struct rule_tree *t, struct check *a, struct check *b);

/* Whether two checks say the same in the same order. */
bool check_same(const struct check *a, const struct check *b);

/* The credential of that name, or null. */
const struct credential *credential_find(const char *name);

/* One file of overrides, or many. */
struct override {
    const char *name, *origin;
    struct check *check;
    bool used; /* A default took it. */
};

/* Reads the policy file and the files of the directory, later ones winning,
 * into 'ret' (name -> struct override, initialised by the caller).  Missing
 * files are fine. */
int overrides_read(struct rule_tree *t, const struct policy_config *c, struct hash *ret, struct err *err);

/* A number that changes when one of the files does. */
uint64_t overrides_stamp(const struct policy_config *c);

/* Builds a tree; the caller owns '*ret' (rule_tree_unref). */
int rule_tree_new(const struct policy_rule *const *tables, const struct policy_config *c,
                  struct rule_tree **ret, struct err *err);
void rule_tree_unref(struct rule_tree *t);

/* One question. */
struct question {
    const struct rule_tree *tree;
    struct arena *arena;
    const char *rule; /* The name asked for. */
    const struct token *token;
    const struct policy_target *target;
    const struct policy_config *config;
    struct policy_remote *remote;
    bool asking_admin; /* "context_is_admin" is being answered: nobody is one meanwhile. */
};

bool check_holds(struct question *q, const struct check *c);

/* The text with the target's attributes put in; null when one is missing. */
const char *check_text_fill(struct question *q, const struct check_text *t);

/* Who asks the servers of http: checks, so many questions at once. */
struct policy_remote;
int policy_remote_new(const struct policy_config *c, struct policy_remote **ret, struct err *err);
void policy_remote_free(struct policy_remote *r);

/* Asks the server of an http: check. */
bool check_http(struct question *q, const struct check *c);

/* The check as a rule's text, in parentheses where it has parts. */
void check_write(struct strbuf *out, const struct check *c);

/* BEFORE"name": "check", quoted as YAML and JSON both want it. */
void policy_write_entry(struct strbuf *out, const char *before, const char *name, const char *check);

/* SPDX-License-Identifier: Apache-2.0 */
/* Who may do what: the language of oslo.policy, compiled once.
 *
 * Checks: "@", "!", "rule:NAME", "role:NAME", "KEY:VALUE" where KEY is a
 * credential (user_id, project_id, domain_id, system_scope, user.*, token.*…)
 * or a quoted constant and VALUE may be %(target attribute)s, "http:URL",
 * and/or/not, parentheses, the old list form; "field:RESOURCE:ATTRIBUTE=VALUE"
 * asks about the target alone: ATTRIBUTE, or where it has none
 * "RESOURCE:ATTRIBUTE"; "…=~PATTERN" by a regular expression.
 *
 * One answer differs from oslo.policy's on purpose: a credential that is null
 * equals no attribute of the target, not even a null one. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "base/time.h"
#include "rest/token.h"

struct policy_rule {
    const char *name; /* "identity:get_user" */
    const char *check;
    const char *scopes;               /* "system|domain|project"; null: any */
    const char *help;                 /* For the sample file. */
    const char *old_name, *old_check; /* Deprecated form, which holds too unless enforce_new_defaults. */
};

struct policy_config {
    const char *file;                  /* policy.yaml (or .json); null or missing: the defaults. */
    const char **dirs;                 /* policy.d and others, ended by null; or null. */
    bool enforce_scope;                /* Wrong scope type: refused. */
    bool enforce_new_defaults;         /* Deprecated forms no longer hold. */
    const struct policy_rule *instead; /* Take the place of defaults of the same name; null: none. */
    const struct log *log;
    const struct clock *clock;       /* Null: the system's. */
    const char *remote_content_type; /* Of http: checks; null: a form, else "application/json". */
    const char *remote_ca_file;      /* For https:; null: the system's. */
    const char *remote_cert_file, *remote_key_file; /* Shown to https: servers; null: none. */
    bool remote_insecure;
    unsigned remote_timeout_ms; /* Of one question with its wait for a place; 0: one minute. */
    unsigned remote_parallel;   /* Questions under way at once; 0: 8. */
};

struct policy;

/* Compiles tables of defaults (each ended by a null name; the array by null)
 * and overrides.  -EINVAL names the rule and the place. */
int policy_new(const struct policy_rule *const *tables, const struct policy_config *c, struct policy **ret,
               struct err *err);
void policy_free(struct policy *p);

/* Reads the override files again if they changed (checked at most once a
 * second); safe while others enforce. */
void policy_refresh(struct policy *p);

/* Reads them at once (SIGHUP).  -EINVAL with what is wrong: the rules stay as
 * they were. */
int policy_reload(struct policy *p, struct err *err);

/* Whether a rule asks another server now: who enforces must be allowed to wait. */
bool policy_waits(struct policy *p);

/* Attributes of what is asked about: the text of 'name' ("project_id",
 * "target.user.domain_id"), "True" or "False" for a boolean, POLICY_NONE for
 * an attribute that it has with the value null, or null when it has none:
 * a check that needs that one does not hold. */
struct policy_target {
    const char *(*get)(const void *ctx, struct arena *a, const char *name);
    const void *ctx;
    const char *(*json)(const void *ctx, struct arena *a); /* All of it, for http: checks; may be null. */
};

#define POLICY_NONE "None"

/* True when 't' may do 'rule' to 'target' (null: no attributes).  An unknown
 * rule is answered by the rule "default" if there is one, else refused. */
bool policy_allows(struct policy *p, struct arena *a, const char *rule, const struct token *t,
                   const struct policy_target *target);

/* Why not: "scope" problems differ from the rest in some services' words. */
bool policy_scope_fits(struct policy *p, const char *rule, const struct token *t);

/* Whether any rule of that name exists; for the check at start. */
bool policy_has(struct policy *p, const char *rule);

/* The names of all rules, sorted, ended by null; in the arena. */
const char **policy_names(struct policy *p, struct arena *a);

enum policy_format { POLICY_YAML, POLICY_JSON };

/* The rules that hold now, as a file that says them all. */
void policy_write_effective(struct policy *p, enum policy_format format, struct strbuf *out);

/* The rules of the files that say what the defaults say anyway. */
void policy_write_redundant(struct policy *p, struct strbuf *out);

/* All default rules: documented and in comments as YAML, bare as JSON. */
void policy_write_sample(const struct policy_rule *const *tables, enum policy_format format,
                         struct strbuf *out);

/* SPDX-License-Identifier: Apache-2.0 */
/* What several resources of identity do alike. */
#pragma once

#include "identity/identity.h"

/* Takes the space around a name away, as Keystone does; 400 when nothing is left. */
int settle_name(struct request *rq, const char **name, struct err *err);

/* 400 when a name that is new has characters that mean something in a URL and
 * 'rule' ([identity] project_name_url_safe and its like) forbids it. */
int check_url_safe(const char *rule, const char *what, const char *name, struct err *err);

/* The domain of a new object: as given, else the token's, else "default". */
int own_domain(struct request *rq, const char **domain_id, struct err *err);

/* A field's check of what refers to something by its id: letters, digits and dashes. */
const char *check_id(const char *v);

/* 404 unless the domain exists. */
int require_domain(struct request *rq, const char *domain_id, struct err *err);

/* Members of the body that no row names, over those of 'old' (a JSON object or
 * null): Keystone keeps whatever it is given. */
int extra_of(struct request *rq, const struct field *fields, const char *old, const char **ret,
             struct err *err);

/* What of 'names', which have rows, is given as null is kept in '*extra'; what is given otherwise is not. */
int extra_keep_nulls(struct request *rq, const char *const *names, const char **extra, struct err *err);

/* 400 for 'where' of the body ("options/immutable"), in the words of JSON schema. */
int bad_value(struct request *rq, const char *where, const json_t *v, const char *why, struct err *err);

/* 400 for a member of 'obj' that is not 'known', or of which 'wrong' says what is. */
int check_members(struct request *rq, const char *where, const json_t *obj, const char *const *known,
                  const char *(*wrong)(const char *name, const json_t *v), struct err *err);

/* 400 because 'what' is not to be found in 'where'. */
int expecting(struct err *err, const char *what, const char *where);

/* Whether two items of the list are equal. */
bool has_repetition(const json_t *list);

/* 400 unless the body's options are among 'flags' and true, false or null; 'other', or null, is known too and
 * not looked at. */
int options_check(struct request *rq, const char *const *flags, const char *other, struct err *err);

/* New options over old ones; one that is null is taken away. */
int merge_options(struct request *rq, const char *old, const char **options, struct err *err);

/* Options of something new: those that are null are not there. */
int drop_nulls(struct request *rq, const char **options, struct err *err);

/* Of a project, domain or role: the body's "options" may mark it immutable and say
 * nothing else (400).  '*options' are those of something new, without nulls. */
int check_mark(struct request *rq, struct err *err);
int settle_mark(struct request *rq, const char **options, struct err *err);

/* 403 for what is marked immutable: to delete it, or to change more of it than
 * that mark alone ('new_options' are those it would then have). */
int refuse_immutable(const char *kind, const char *id, const char *options, struct err *err);
int refuse_immutable_update(struct request *rq, const char *kind, const char *id, const char *options,
                            const char *new_options, struct err *err);

/* Writes the members of a JSON object's text into the open object. */
void write_extra(struct jw *w, const char *extra);

/* "links": {"self": …/v3/PLURAL/ID} */
void write_self(struct request *rq, struct jw *w, const char *plural, const char *id);

/* before_list: a domain-scoped token sees its own domain, whatever else it asks for. */
int limit_to_own_domain(struct request *rq, struct query *q, struct err *err);

/* route.load for lists: policy's target is the domain of the token. */
int load_token_domain(struct request *rq, struct err *err);
#define LISTED .load = load_token_domain, .target = domain_target, .target_prefix = "target"

/* rq->object for policy by 'domain_target'. */
void set_domain_target(struct request *rq, const char *domain_id);

/* route.load for creation: policy's target is the domain that the new object will be in. */
int load_new_target(struct request *rq, struct err *err);
extern const struct field domain_target[];

/* Policy's target when it is not what the path names: members of 'obj' under
 * "PREFIX.". */
struct policy_fields {
    const struct field *fields;
    const void *obj;
    const char *prefix;
};
int authorize_fields(struct request *rq, const char *rule, const struct policy_fields *target,
                     struct err *err);

/* True for tokens that carry a part of somebody's rights: by a trust or an
 * application credential. */
static inline bool token_is_delegated(const struct token *t)
{
    return t->trust_id || t->app_cred_id;
}

/* 403 when the user has as many credentials as one may have. */
int check_credential_limit(struct request *rq, const char *user_id, struct err *err);

/* 403 for those.  Credentials are the user's whole self: who was given a part
 * must neither read one nor plant one. */
int refuse_delegated_on_credentials(struct request *rq, struct err *err);

/* A time in the future out of a body, with or without its 'Z'; 400. */
int read_future(struct request *rq, const json_t *v, int64_t *ret_us, struct err *err);

/* 400 unless the body's roles, if any, are a list of {"id": …} or {"name": …}. */
int check_role_refs(struct request *rq, struct err *err);

/* Those as ids; a name must be that of a role, 404. */
int read_role_refs(struct request *rq, const json_t *list, const char ***ret_ids, struct err *err);

/* Loads a row that a path names: 404 in the dialect's words. */
int need_user(struct request *rq, const char *id, struct user *ret, struct err *err);
int need_group(struct request *rq, const char *id, struct group *ret, struct err *err);
int need_project(struct request *rq, const char *id, struct project *ret, struct err *err); /* No domains. */
int need_domain(struct request *rq, const char *id, struct project *ret, struct err *err);
int need_endpoint(struct request *rq, const char *id, struct endpoint *ret, struct err *err);
int need_service(struct request *rq, const char *id, struct catalog_service *ret, struct err *err);
int need_region(struct request *rq, const char *id, struct region *ret, struct err *err);
int need_role(struct request *rq, const char *id, struct role *ret, struct err *err);

/* The list of resource 'res' with exactly the rows whose ids are in 'ids', which
 * are not many. */
int reply_ids(struct request *rq, const struct resource *res, const char *const *ids, struct err *err);

/* With those that fit 'which'.  'more' adds conditions, or is null.  Listed: a
 * domain-scoped token sees those of its own domain only. */
typedef int list_hook(struct request *rq, struct query *q, struct err *err);
int reply_those(struct request *rq, const struct resource *res, struct cond which, list_hook *more,
                struct err *err);
int reply_those_listed(struct request *rq, const struct resource *res, struct cond which, list_hook *more,
                       struct err *err);

/* What the query asks of users besides their members: password_expires_at, and where they come from. */
int user_conditions(struct request *rq, struct query *q, struct err *err);

/* {"PLURAL": [rows]} with 201, without links to pages. */
int reply_created(struct request *rq, const struct resource *res, const struct list *rows);

/* The plain resources, for lists that others give. */
extern const struct resource policy_resource, endpoint_resource, user_resource, project_resource,
    domain_resource, group_resource, role_resource;

/* For routes of a resource whose body is not the resource. */
extern const struct field no_fields[];

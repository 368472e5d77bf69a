/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/api/targets.h"

#include "base/str.h"
#include "identity/api/common.h"

int limit_to_own_domain(struct request *rq, struct query *q, struct err *err)
{
    const struct token *t = rq->token;

    if (t->domain_id)
        rq_cond(rq, q,
                (struct cond){ .column = "domain_id", .op = COND_EQ, .value = val_text(t->domain_id) });
    return 0;
}

static const char *fields_attr(const void *ctx, struct arena *a, const char *name)
{
    const struct policy_fields *t = ctx;
    size_t n = strlen(t->prefix);
    const struct field *f;
    const char *v;

    if (strncmp(name, t->prefix, n) == 0 && name[n] == '.')
        name += n + 1;
    f = field_named(t->fields, name);
    if (!f)
        return NULL;
    v = field_text(a, f, t->obj);
    return !v && f->type == FIELD_STRING ? POLICY_NONE : v;
}

int authorize_fields(struct request *rq, const char *rule, const struct policy_fields *target,
                     struct err *err)
{
    return rq_authorize_target(rq, rule, &(struct policy_target){ fields_attr, target, NULL }, err);
}

struct new_target {
    const char *domain_id;
};

const struct field domain_target[] = { FIELD(FIELD_STRING, new_target, domain_id), { 0 } };

int load_new_target(struct request *rq, struct err *err)
{
    struct new_target *n = arena_new(rq->arena, struct new_target);
    const char *key = rq->route->resource->singular;

    n->domain_id = json_str(json_obj(rq->json, key), "domain_id");
    rq->object = n;
    return own_domain(rq, &n->domain_id, err);
}

void set_domain_target(struct request *rq, const char *domain_id)
{
    struct new_target *n = arena_new(rq->arena, struct new_target);

    n->domain_id = domain_id;
    rq->object = n;
}

int load_token_domain(struct request *rq, struct err *err)
{
    set_domain_target(rq, rq->token->domain_id);
    return 0;
}

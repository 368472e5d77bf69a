/* SPDX-License-Identifier: Apache-2.0 */
/* How a service speaks: error bodies, words for bad fields, paging.  Each
 * OpenStack service has its own; a service names one of these. */
#pragma once

#include "rest/request.h"

struct dialect {
    const char *name;
    enum time_format time;
    bool hex_ids;         /* New ids are 32 hex digits, without dashes. */
    bool ignore_unknown;  /* Unknown members of bodies are ignored by default. */
    bool project_in_path; /* "/v2.1/{project}/servers" is served too; the project must be the token's. */
    bool exact_paths;     /* A slash at the end makes another path, which is not there. */
    bool select_fields;   /* "fields=" picks the members of the answer. */
    const char *own_request_id; /* A second header with the request's id, or null. */
    const char *vary;           /* The request header that every answer depends on, or null. */
    bool empty_envelope;        /* A body without the resource's name is one without members. */
    bool policy_first;          /* Whoever may not ask is told so (403), whether or not the thing exists. */

    /* Writes the body of an error answer; returns its content type. */
    const char *(*error)(struct request *rq, int status, const struct err *e, struct strbuf *out);

    /* 400 for member 'name' (null: the body as a whole); 'value' may be null. */
    int (*bad_field)(struct request *rq, struct err *err, const char *name, const json_t *value,
                     const char *why);
    int (*unknown_field)(struct request *rq, struct err *err, const char *name);
    int (*missing_field)(struct request *rq, struct err *err, const char *name);

    /* 400 for a body that is no JSON object, or not said to be one ('is_type'); null: the common words. */
    int (*bad_body)(struct request *rq, struct err *err, bool is_type);

    /* What policy's refusal and an unknown id are called. */
    int (*forbidden)(struct request *rq, struct err *err, const char *rule);
    int (*not_found)(struct request *rq, struct err *err, const struct resource *res, const char *id);
    int (*duplicate)(struct request *rq, struct err *err, const struct resource *res, const void *obj);
    int (*unauthorized)(struct request *rq, struct err *err);

    /* 406 for a microversion that is not served, 400 for what is none.  Null:
     * the common words. */
    int (*bad_version)(struct request *rq, struct err *err, const char *version, bool malformed);

    /* Looks at the body of a plain update of the row with that id; null: nothing more. */
    int (*check_update)(struct request *rq, const char *id, struct err *err);

    /* A query parameter becomes conditions, sort keys or page limits; true
     * when it was taken. Null: the common ones only. */
    int (*query_param)(struct request *rq, const struct resource *res, struct query *q,
                       const struct query_param *p, struct err *err);
    unsigned default_limit, max_limit; /* 0: none. */
    bool limit_over_max_is_capped;     /* Else 400. */

    /* Members beside the list: links to the next page. */
    void (*list_links)(struct request *rq, struct jw *w, const struct resource *res, const struct list *objs);
    const char *default_sort; /* Direction and key when the resource names none. */
};

extern const struct dialect keystone_dialect, glance_dialect, placement_dialect, nova_dialect,
    neutron_dialect;

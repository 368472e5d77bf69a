/* SPDX-License-Identifier: Apache-2.0 */
/* An operation as a row.  When its handler runs, the token, the scope, the
 * version, the object that the path names, the policy, the body and its types
 * are settled. */
#pragma once

#include "rest/field.h"
#include "rest/policy.h"
#include "wire/http.h"

struct request;
struct resource;

enum route_flag {
    ROUTE_WORKER = 1,         /* Blocks (other services, hashing): never on a server thread. */
    ROUTE_INLINE = 2,         /* Does not block although it is no GET. */
    ROUTE_STREAM = 4,         /* The handler reads the body itself (http_body_read). */
    ROUTE_IGNORE_UNKNOWN = 8, /* Unknown members of the body are ignored. */
    ROUTE_BODY_OPTIONAL = 16,
    ROUTE_RAW_BODY = 32,     /* The body is no JSON object: rq->http->body as it came. */
    ROUTE_ANY_PROJECT = 64,  /* {project_id} in the path need not be the token's. */
    ROUTE_FOUND_FIRST = 128, /* Unknown is 404 to everybody, also where the dialect asks policy first. */
    ROUTE_ENVELOPE = 512, /* A body without the resource's name is none, whatever the dialect makes of it. */
    ROUTE_SECRET_PATH = 256, /* The path holds a secret: the log shows the route's own path. */
};

/* Instead of a rule's name. */
#define POLICY_OPEN  "-open-"  /* Nobody needs a token. */
#define POLICY_TOKEN "-token-" /* Any valid token. */
#define POLICY_OWN   "-own-"   /* The handler asks policy itself (rq_authorize). */

struct route {
    enum http_method method;
    const char *path; /* "/v3/users/{id}"; {name} is one segment, {name*} the rest. HEAD follows GET. */
    const char *policy;
    int (*handler)(struct request *rq, struct err *err);
    const struct resource *resource; /* For the plain handlers, and for 'in' when that is null. */
    const char *key;                 /* Member of the body that holds the object; null: the body itself. */
    const struct field *in;          /* Rows to read the body by; null: the resource's, if any. */
    unsigned use;       /* ON_CREATE or ON_UPDATE; 0: by the method (POST creates, PUT and PATCH change). */
    size_t in_size;     /* Of the structure to read into; 0: the resource's. */
    int status;         /* Of the plain answer; 0: 200, POST 201, DELETE 204. */
    const char *action; /* The body's only member, where one path serves many actions. */
    uint16_t since, until; /* Minor microversions; 0: no bound.  Outside: 404. */
    unsigned flags;
    /* Loads what the path names into rq->object before policy is asked. */
    int (*load)(struct request *rq, struct err *err);
    const struct field *target; /* Rows of rq->object for policy; null: the resource's fields. */
    /* Whether this request will not block, now that its body is there (rq->json);
     * on the server's thread, so it must not block either.  Null: by the flags. */
    bool (*is_quick)(struct request *rq);
    /* The rule for this request, once its object is loaded, where it is not always 'policy'. */
    const char *(*rule)(struct request *rq);
    const char *target_prefix; /* Attributes are called "PREFIX.name" ("target.user"); null: "name". */
};

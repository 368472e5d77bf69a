/* SPDX-License-Identifier: Apache-2.0 */
/* What the files about servers share. */
#pragma once

#include "compute/api/common.h"
#include "compute/store/instances.h"
#include "work/work.h"

/* For route.load with {server_id} in the path: rq->object becomes the server; 404
 * when there is none in the caller's project.  Who administers the cloud finds all. */
int load_instance(struct request *rq, struct err *err);
extern const struct field instance_target[]; /* For policy. */

/* Adds deleted ones, for instance actions. */
int load_instance_or_deleted(struct request *rq, struct err *err);

/* The server of the request again, locked in the writing transaction. */
int instance_again(struct request *rq, struct instance **ret, struct txn **ret_txn, struct err *err);

static inline struct instance *instance_in(const struct request *rq)
{
    return rq->object;
}

/* "ACTIVE" … as the API shows the states. */
const char *server_status(const struct instance *i);

/* A host as its users see it: always the same, but not which. */
const char *host_id(struct request *rq, const char *project_id, const char *host);

/* How much of a server an answer shows. */
enum server_parts {
    SERVER_BRIEF,   /* id, name, links */
    SERVER_DETAIL,  /* an entry of /servers/detail */
    SERVER_SHOWN,   /* GET of one: server groups too */
    SERVER_CHANGED, /* PUT: fewer members before 2.75 */
    SERVER_REBUILT, /* The same, and user data in a member of its own */
};
void write_server(struct request *rq, struct jw *w, const struct instance *i, enum server_parts parts);
int reply_server(struct request *rq, const struct instance *i, enum server_parts parts, int status);
void write_addresses(struct request *rq, struct jw *w, const struct instance *i, const char *only);

/* An IPv6 address as upstream keeps it; what is none stays as it is. */
const char *short_ipv6(struct arena *a, const char *v);

/* An image that the caller may use, as the image service shows it; 400 when there is none, when it is not
 * active, or does not fit the server's flavor. */
int usable_image(struct request *rq, const char *id, struct instance *i, struct err *err);

/* What the caller asks for in "networks" and "security_groups", checked, into i->networks. */
int read_networks(struct request *rq, const char *networks, const char *groups, struct instance *i,
                  struct err *err);

/* "personality", JSON text or null: 400, or 403 when it is too much. */
int check_personality(struct request *rq, const char *files, struct err *err);

/* One entry of "networks" or an interface to attach, checked; the caller's. */
int read_network_request(struct request *rq, const char *net, const char *port, const char *fixed_ip,
                         const char *tag, json_t **ret, struct err *err);

/* Records an action that was asked for and refused, with its event. */
int record_failure(struct request *rq, struct txn *t, const struct instance *i, const char *action,
                   const char *event, const struct err *why, struct err *err);

/* Records the action and starts the operation in the request's transaction;
 * after the commit the worker is kicked. 'args' is taken over, may be null. */
int start_operation(struct request *rq, struct txn *t, const struct instance *i, const char *kind,
                    const char *action, json_t *args, struct err *err);

/* A password for a new guest. */
const char *new_password(struct arena *a);

/* A name as a host name. */
const char *host_name_of(struct arena *a, const char *name, const char *id);

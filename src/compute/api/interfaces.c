/* SPDX-License-Identifier: Apache-2.0 */
/* A server's interfaces and security groups, and what the network service tells about ports. */
#include "base/str.h"
#include "base/uuid.h"
#include "client/network.h"
#include "compute/api/actions.h"
#include "compute/api/proxy.h"
#include "compute/api/routes.h"
#include "compute/model/nets.h"
#include "rest/dialect.h"

static const char *const ports_only[] = { "ports", NULL };

static json_t *ports_of(const struct instance *i)
{
    json_t *ports = NULL;

    if (!i->ports || json_read(i->ports, strlen(i->ports), &ports, NULL) < 0)
        return json_array();
    return ports;
}

static void write_interface(struct request *rq, struct jw *w, const char *name, const json_t *p)
{
    json_t *ip;
    size_t k;

    jw_object(w, name);
    jw_str(w, "port_state", json_truth(p, "active", false) ? "ACTIVE" : "DOWN");
    jw_array(w, "fixed_ips");
    json_array_foreach (json_arr(p, "fixed_ips"), k, ip) {
        jw_object(w, NULL);
        jw_str(w, "subnet_id", json_str(ip, "subnet_id"));
        jw_str(w, "ip_address", json_str(ip, "address"));
        jw_end_object(w);
    }
    jw_end_array(w);
    jw_str(w, "port_id", json_str(p, "id"));
    jw_str(w, "net_id", json_str(p, "network_id"));
    jw_str(w, "mac_addr", json_str(p, "mac"));
    if (rq->version >= 70)
        jw_str(w, "tag", json_str(p, "tag"));
    jw_end_object(w);
}

static int list_interfaces(struct request *rq, struct err *err)
{
    auto_json json_t *ports = ports_of(instance_in(rq));
    struct jw *w = reply_begin(rq);
    json_t *p;
    size_t k;

    jw_object(w, NULL);
    jw_array(w, "interfaceAttachments");
    json_array_foreach (ports, k, p)
        write_interface(rq, w, NULL, p);
    jw_end_array(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int reply_interface(struct request *rq, const struct instance *i, const char *port_id, struct err *err)
{
    auto_json json_t *ports = ports_of(i);
    const json_t *p = nets_port(ports, port_id);
    struct jw *w;

    if (!p)
        return err_http(err, 404, NULL, "Instance %s does not have a port with id %.255s", i->id, port_id);
    w = reply_begin(rq);
    jw_object(w, NULL);
    write_interface(rq, w, "interfaceAttachment", p);
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int show_interface(struct request *rq, struct err *err)
{
    return reply_interface(rq, instance_in(rq), rq_param(rq, "port_id"), err);
}

/* --- attach and detach --------------------------------------------------------------------------- */

struct attachment {
    const char *net_id, *port_id, *fixed_ips, *tag;
};

static const struct field attachment_fields[] = {
    FIELD(FIELD_STRING, attachment, net_id, .use = ON_CREATE, .check = check_uuid),
    FIELD(FIELD_STRING, attachment, port_id, .use = ON_CREATE, .check = check_uuid),
    FIELD(FIELD_JSON, attachment, fixed_ips, .use = ON_CREATE, .json = "array"),
    FIELD(FIELD_STRING, attachment, tag, .use = ON_CREATE, .min = 1, .max = 60, .since = 49),
    { 0 },
};

static const struct task attach_task = {
    "attach_interface", "server.attach", "attach_interface", "active paused stopped", NULL, NULL
};
static const struct task detach_task = {
    "detach_interface", "server.detach", "detach_interface", "active paused stopped", NULL, NULL
};

/* Networks that the server is not on yet; the only one. */
static int choose_net(struct request *rq, const char **ret, struct err *err)
{
    const struct client_as as = { rq->server->client, rq->arena, NULL, rq->request_id };
    auto_json json_t *nets = NULL;
    int r = network_list(&as, arena_printf(rq->arena, "tenant_id=%s&shared=false", rq->token->project_id),
                         &nets, err);

    if (r < 0)
        return r;
    if (json_array_size(nets) > 1)
        return err_http(err, 409, NULL,
                        "Multiple possible networks found, use a Network ID to be more specific.");
    if (!json_array_size(nets))
        return err_http(err, 400, NULL, "No network is available to attach an interface to.");
    *ret = arena_strdup(rq->arena, json_str(json_array_get(nets, 0), "id"));
    return 0;
}

static int read_attachment(struct request *rq, const struct attachment *in, json_t **ret, struct err *err)
{
    const char *net = in->net_id, *ip = NULL;
    auto_json json_t *ips = NULL;
    int r = 0;

    if (net && in->port_id)
        return err_http(err, 400, NULL, "Must not input both network_id and port_id");
    if (in->fixed_ips) {
        r = json_read(in->fixed_ips, strlen(in->fixed_ips), &ips, err);
        ip = arena_strdup(rq->arena, json_str(json_array_get(ips, 0), "ip_address"));
        if (r >= 0 && (json_array_size(ips) != 1 || !ip))
            return err_http(
                err, 400, NULL,
                "Invalid input for field/attribute fixed_ips. Value: %s. needs one item with 'ip_address'",
                in->fixed_ips);
    }
    if (ip && !net)
        return err_http(err, 400, NULL, "Must input network_id when request IP address");
    if (r >= 0 && !net && !in->port_id)
        r = choose_net(rq, &net, err);
    return r < 0 ? r : read_network_request(rq, net, in->port_id, ip, in->tag, ret, err);
}

/* The port is made or bound here, because the answer shows it; the operation brings
 * it to the guest. */
static int attach_now(struct request *rq, const json_t *wanted, const char **ret_port, struct instance *i,
                      struct err *err)
{
    const struct nets n = { rq->server, rq->arena, rq->request_id };
    struct err why = { 0 };
    int r = nets_attach(&n, i, wanted, ret_port, &why);

    if (r < 0 && why.status)
        return err_http(err, why.status == 404 ? 400 : why.status, NULL, "%s", why.msg);
    if (r < 0)
        return err_http(err, r == -EINVAL ? 400 : 500, NULL, "Failed to attach the interface: %s", why.msg);
    return 0;
}

static int record_attach(struct request *rq, const char *ports, const char *port_id, struct instance **ret,
                         struct err *err)
{
    struct txn *t;
    json_t *args = json_pack("{s{ss}}", "request", "port", port_id);
    int r = begin_task(rq, &attach_task, args, ret, err);

    if (r >= 0)
        r = rq_txn_write(rq, &t, err);
    if (r < 0)
        return r;
    (*ret)->ports = ports;
    return instance_update(t, rq->arena, *ret, server_now_us(rq->server), ports_only, err);
}

static int create_interface(struct request *rq, struct err *err)
{
    struct instance i = *instance_in(rq), *saved;
    const struct nets n = { rq->server, rq->arena, rq->request_id };
    auto_json json_t *wanted = NULL;
    const char *port_id;
    int r = require_unlocked(rq, &i, err);

    if (r >= 0)
        r = require_state(&i, attach_task.what, attach_task.vm_states, NULL, err);
    if (r >= 0)
        r = rq_commit(rq, err);
    if (r >= 0)
        r = read_attachment(rq, rq->body, &wanted, err);
    if (r >= 0)
        r = attach_now(rq, wanted, &port_id, &i, err);
    if (r < 0)
        return r;
    r = record_attach(rq, i.ports, port_id, &saved, err);
    if (r < 0) {
        nets_detach(&n, &i, port_id, NULL);
        return r;
    }
    return reply_interface(rq, saved, port_id, err);
}

static int delete_interface(struct request *rq, struct err *err)
{
    auto_json json_t *ports = ports_of(instance_in(rq));
    const char *port_id = rq_param(rq, "port_id");
    int r;

    if (!nets_port(ports, port_id))
        return err_http(err, 404, NULL, "Port %.255s could not be found.", port_id);
    r = begin_task(rq, &detach_task, json_pack("{ss}", "port_id", port_id), NULL, err);
    return r < 0 ? r : reply_empty(rq, 202);
}

/* --- security groups -------------------------------------------------------------------------------- */

struct group_change {
    const char *name;
};

static const struct field group_fields[] = {
    FIELD(FIELD_STRING, group_change, name, .use = ON_CREATE, .required = true, .min = 1, .max = 255),
    { 0 },
};

static int find_group(const struct client_as *as, const char *project_id, const char *name,
                      const char **ret_id, const char **ret_name, struct err *err)
{
    auto_json json_t *all = NULL;
    json_t *g;
    size_t k;
    int r = network_group_list(as, arena_printf(as->arena, "tenant_id=%s", project_id), &all, err);

    json_array_foreach (all, k, g)
        if (str_eq(json_str(g, "id"), name) || str_eq(json_str(g, "name"), name)) {
            *ret_id = arena_strdup(as->arena, json_str(g, "id"));
            *ret_name = arena_strdup(as->arena, json_str(g, "name"));
            return 0;
        }
    return r < 0 ? r
                 : err_http(err, 404, NULL, "Security group %.255s not found for project %s.", name,
                            project_id);
}

/* Changes the groups of one port; '*ret_changed' when there was something to do. */
static int change_port(const struct client_as *as, const char *port_id, const char *group_id, bool add,
                       bool *ret_changed, struct err *err)
{
    auto_json json_t *port = NULL, *change = NULL, *answer = NULL;
    json_t *groups, *g;
    size_t k;
    int r = network_port_get(as, port_id, &port, err);

    if (r < 0)
        return r;
    groups = json_arr(port, "security_groups");
    json_array_foreach (groups, k, g)
        if (str_eq(json_string_value(g), group_id))
            break;
    if (groups && (k < json_array_size(groups)) == add)
        return 0;
    if (!groups)
        groups = json_array();
    else
        json_incref(groups);
    if (add)
        json_array_append_new(groups, json_string(group_id));
    else
        json_array_remove(groups, k);
    change = json_pack("{so}", "security_groups", groups);
    *ret_changed = true;
    return network_port_update(as, port_id, change, &answer, err);
}

static int record_group(struct request *rq, const char *name, bool add, struct err *err)
{
    static const char *const only[] = { "security_groups", NULL };
    const char **left = NULL;
    struct instance *i;
    struct txn *t;
    int r = instance_again(rq, &i, &t, err);

    if (r < 0)
        return r;
    strv_foreach (g, i->security_groups)
        if (!str_eq(*g, name))
            left = strv_add(rq->arena, left, *g);
    i->security_groups = add ? strv_add(rq->arena, left, name) : left;
    return instance_update(t, rq->arena, i, server_now_us(rq->server), only, err);
}

static int change_group(struct request *rq, bool add, struct err *err)
{
    const struct client_as as = { rq->server->client, rq->arena, NULL, rq->request_id };
    const struct instance *i = instance_in(rq);
    const char *asked = ((const struct group_change *) rq->body)->name, *id = NULL, *name = NULL;
    auto_json json_t *ports = ports_of(i);
    bool changed = false;
    json_t *p;
    size_t k;
    int r = rq_commit(rq, err);

    if (r >= 0)
        r = find_group(&as, i->project_id, asked, &id, &name, err);
    json_array_foreach (ports, k, p)
        if (r >= 0)
            r = change_port(&as, json_str(p, "id"), id, add, &changed, err);
    if (r < 0)
        return r;
    if (!changed && !add)
        return err_http(err, 404, NULL, "Security group %s not associated with the instance %s", name, i->id);
    r = record_group(rq, name, add, err);
    return r < 0 ? r : reply_empty(rq, 202);
}

static int add_group(struct request *rq, struct err *err)
{
    return change_group(rq, true, err);
}

static int remove_group(struct request *rq, struct err *err)
{
    return change_group(rq, false, err);
}

static int list_groups(struct request *rq, struct err *err)
{
    const struct client_as as = { rq->server->client, rq->arena, NULL, rq->request_id };
    const struct instance *i = instance_in(rq);
    auto_json json_t *all = NULL;
    struct jw *w;
    json_t *g;
    size_t k;
    int r = rq_commit(rq, err);

    if (r >= 0)
        r = network_group_list(&as, arena_printf(rq->arena, "tenant_id=%s", i->project_id), &all, err);
    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_array(w, "security_groups");
    json_array_foreach (all, k, g)
        if (strv_contains(i->security_groups, json_str(g, "name")))
            write_security_group(w, NULL, g, all);
    jw_end_array(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

/* --- os-server-external-events ------------------------------------------------------------------------ */

#define EVENT_TRIES 3

static const char *const event_names[] = { "network-changed",           "network-vif-plugged",
                                           "network-vif-unplugged",     "network-vif-deleted",
                                           "volume-extended",           "power-update",
                                           "accelerator-request-bound", NULL };

static int find_instance(struct request *rq, const char *id, struct instance *ret, struct err *err)
{
    auto_rollback struct txn *t = NULL;
    int r = txn_begin(rq->server->db, false, &t, err);

    return r < 0 ? r : instance_get(t, rq->arena, id, ret, err);
}

/* -EAGAIN when an operation has written other ports than 'known' meanwhile: ours are older. */
static int save_ports(struct request *rq, const struct instance *i, const char *known, struct err *err)
{
    auto_rollback struct txn *t = NULL;
    struct instance now;
    int r = txn_begin(rq->server->db, true, &t, err);

    if (r >= 0)
        r = instance_get(t, rq->arena, i->id, &now, err);
    if (r < 0)
        return r;
    if (!str_eq(now.ports, known))
        return err_set(err, -EAGAIN, "the server's ports were changed meanwhile");
    now.ports = i->ports;
    r = instance_update(t, rq->arena, &now, now.updated_at, ports_only, err);
    return r < 0 ? r : txn_commit(&t, err);
}

int refresh_ports(struct request *rq, struct instance *i, struct err *err)
{
    const struct nets n = { rq->server, rq->arena, rq->request_id };
    int r;

    if (rq->server->worker)
        op_wake(rq->server->worker, i->id);
    if (str_eq(i->vm_state, "building"))
        return 0;
    for (int tries = 0; tries < EVENT_TRIES; tries++) {
        const char *known = i->ports;

        r = nets_refresh(&n, i, err);
        if (r >= 0)
            r = save_ports(rq, i, known, err);
        if (r != -EAGAIN)
            break;
        err_clear(err);
        r = find_instance(rq, i->id, i, err);
        if (r < 0)
            break;
        r = -EAGAIN;
    }
    return r;
}

static int one_event(struct request *rq, json_t *e)
{
    struct err err = { 0 };
    struct instance i;
    int r = find_instance(rq, json_str(e, "server_uuid"), &i, &err);

    if (r == -ENOENT)
        return 404;
    if (r >= 0 && !i.host)
        return 422;
    if (r >= 0 && str_has_prefix(json_str(e, "name"), "network-"))
        r = refresh_ports(rq, &i, &err);
    if (r == -ENOENT) /* Deleted meanwhile. */
        return 404;
    if (r < 0)
        log_warning(&rq->server->log, "an event could not be used", "server", i.id, "why", err.msg);
    return r < 0 ? 400 : 200;
}

static int check_events(struct request *rq, const json_t *events, struct err *err)
{
    json_t *e;
    size_t k;

    if (!json_array_size(events))
        return rq->server->service->dialect->missing_field(rq, err, "events");
    json_array_foreach ((json_t *) events, k, e) {
        const char *name = json_str(e, "name"), *id = json_str(e, "server_uuid"),
                   *status = json_str(e, "status");

        if (!name || !strv_contains(event_names, name))
            return rq->server->service->dialect->bad_field(rq, err, "name", json_object_get(e, "name"),
                                                           "is not a known event");
        if (!id || !uuid_is_valid(id))
            return rq->server->service->dialect->bad_field(
                rq, err, "server_uuid", json_object_get(e, "server_uuid"), "is not a 'uuid'");
        if (status && !str_eq(status, "completed") && !str_eq(status, "failed") &&
            !str_eq(status, "in-progress"))
            return rq->server->service->dialect->bad_field(
                rq, err, "status", json_object_get(e, "status"),
                "is not one of ['failed', 'completed', 'in-progress']");
    }
    return 0;
}

static int take_events(struct request *rq, struct err *err)
{
    json_t *events = json_arr(rq->json, "events"), *e;
    size_t good = 0, k;
    struct jw *w;
    int r = check_events(rq, events, err);

    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_array(w, "events");
    json_array_foreach (events, k, e) {
        int code = one_event(rq, e);

        good += code == 200;
        jw_object(w, NULL);
        jw_str(w, "name", json_str(e, "name"));
        jw_str(w, "server_uuid", json_str(e, "server_uuid"));
        jw_str(w, "status",
               code != 200             ? "failed"
               : json_str(e, "status") ? json_str(e, "status")
                                       : "completed");
        if (json_str(e, "tag"))
            jw_str(w, "tag", json_str(e, "tag"));
        jw_int(w, "code", code);
        jw_end_object(w);
    }
    jw_end_array(w);
    jw_end_object(w);
    if (!good)
        return err_http(err, 404, NULL, "No instances found for any event");
    return reply_end(rq, good == json_array_size(events) ? 200 : 207);
}

#define ONE "/v2.1/servers/{server_id}"
#define OF  .load = load_instance, .target = instance_target

/* clang-format off */
const struct route compute_interface_routes[] = {
    { HTTP_GET,    ONE "/os-interface",           "os_compute_api:os-attach-interfaces:list", list_interfaces, OF },
    { HTTP_POST,   ONE "/os-interface",           "os_compute_api:os-attach-interfaces:create", create_interface,
      .key = "interfaceAttachment", .in = attachment_fields, .in_size = sizeof(struct attachment), OF,
      .flags = ROUTE_WORKER | ROUTE_BODY_OPTIONAL },
    { HTTP_GET,    ONE "/os-interface/{port_id}", "os_compute_api:os-attach-interfaces:show", show_interface, OF },
    { HTTP_DELETE, ONE "/os-interface/{port_id}", "os_compute_api:os-attach-interfaces:delete", delete_interface, OF },
    { HTTP_GET,    ONE "/os-security-groups",     "os_compute_api:os-security-groups:list", list_groups, OF, .flags = ROUTE_WORKER },
    { HTTP_POST,   ONE "/action", "os_compute_api:os-security-groups:add", add_group, OF, .action = "addSecurityGroup",
      .in = group_fields, .in_size = sizeof(struct group_change), .flags = ROUTE_WORKER },
    { HTTP_POST,   ONE "/action", "os_compute_api:os-security-groups:remove", remove_group, OF, .action = "removeSecurityGroup",
      .in = group_fields, .in_size = sizeof(struct group_change), .flags = ROUTE_WORKER },
    { HTTP_POST,   "/v2.1/os-server-external-events", "os_compute_api:os-server-external-events:create", take_events,
      .flags = ROUTE_WORKER },
    { 0 },
};
/* clang-format on */

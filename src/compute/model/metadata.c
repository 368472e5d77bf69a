/* SPDX-License-Identifier: Apache-2.0 */
#include "compute/model/metadata.h"

#include "base/str.h"
#include "base/uuid.h"
#include "compute/model/agent.h"
#include "compute/model/hosts.h"
#include "wire/json.h"

static const char *const openstack_versions[] = { "2012-08-10", "2013-04-04", "2013-10-17", "2015-10-15",
                                                  "2016-06-30", "2016-10-06", "2017-02-22", "2018-08-27",
                                                  "2020-10-14", "latest",     NULL };
static const char *const ec2_versions[] = { "1.0",        "2007-01-19", "2007-03-01", "2007-08-29",
                                            "2007-10-10", "2007-12-15", "2008-02-01", "2008-09-01",
                                            "2009-04-04", "latest",     NULL };

struct guest {
    struct server *s;
    struct arena *a;
    const struct instance *i;
    const char *version;
};

static json_t *read_or(const char *text, json_t *otherwise)
{
    json_t *j = NULL;

    if (!text || json_read(text, strlen(text), &j, NULL) < 0)
        return otherwise;
    json_decref(otherwise);
    return j;
}

static bool since(const struct guest *g, const char *version)
{
    return str_eq(g->version, "latest") || strcmp(g->version, version) >= 0;
}

static const char *full_name(const struct guest *g)
{
    const struct compute *c = g->s->state;

    if (str_empty(c->opt->dhcp_domain) || !g->i->hostname || strchr(g->i->hostname, '.'))
        return g->i->hostname ? g->i->hostname : "";
    return arena_printf(g->a, "%s.%s", g->i->hostname, c->opt->dhcp_domain);
}

static const char *zone(const struct guest *g)
{
    return hosts_zone(g->s->state, g->a, g->i->host);
}

/* --- OpenStack ------------------------------------------------------------------------- */

static json_t *devices_of(const struct guest *g)
{
    json_t *all = json_array(), *ports = read_or(g->i->ports, json_array()), *p;
    size_t k;

    json_array_foreach (ports, k, p)
        if (json_str(p, "tag"))
            json_array_append_new(all,
                                  json_pack("{ssss?s[s]ssss}", "type", "nic", "mac", json_str(p, "mac"),
                                            "tags", json_str(p, "tag"), "bus", "none", "address", "none"));
    json_decref(ports);
    return all;
}

static void add_key(const struct guest *g, json_t *m)
{
    const struct instance *i = g->i;

    if (!i->key_name || !i->key_data)
        return;
    json_object_set_new(m, "public_keys", json_pack("{ss}", i->key_name, i->key_data));
    if (since(g, "2013-10-17"))
        json_object_set_new(m, "keys",
                            json_pack("[{ssssss}]", "name", i->key_name, "type",
                                      i->key_type ? i->key_type : "ssh", "data", i->key_data));
}

/* Files of the personality: what is to go where. */
static void list_files(const struct guest *g, json_t *m)
{
    auto_json json_t *all = read_or(g->i->files, json_array());
    json_t *files = json_array(), *f;
    size_t k;

    json_array_foreach (all, k, f)
        json_array_append_new(files,
                              json_pack("{ssss?}", "content_path", arena_printf(g->a, "/content/%04zu", k),
                                        "path", json_str(f, "path")));
    if (json_array_size(files))
        json_object_set(m, "files", files);
    json_decref(files);
}

static const char *meta_data(const struct guest *g)
{
    const struct instance *i = g->i;
    auto_json json_t *m = json_object();
    auto_json json_t *meta = read_or(i->metadata, json_object());
    uint8_t seed[512];

    json_object_set_new(m, "uuid", json_string(i->id));
    if (json_object_size(meta))
        json_object_set(m, "meta", meta);
    add_key(g, m);
    list_files(g, m);
    json_object_set_new(m, "hostname", json_string(full_name(g)));
    json_object_set_new(m, "name", json_string(i->name));
    json_object_set_new(m, "launch_index", json_integer(i->launch_index));
    json_object_set_new(m, "availability_zone", json_string(zone(g)));
    if (i->admin_password && i->config_drive)
        json_object_set_new(m, "admin_pass", json_string(i->admin_password));
    if (since(g, "2013-04-04")) {
        random_bytes(seed, sizeof(seed));
        json_object_set_new(m, "random_seed", json_string(base64_encode(g->a, seed, sizeof(seed))));
    }
    if (since(g, "2015-10-15"))
        json_object_set_new(m, "project_id", json_string(i->project_id));
    if (since(g, "2016-06-30"))
        json_object_set_new(m, "devices", devices_of(g));
    if (since(g, "2020-10-14"))
        json_object_set_new(m, "dedicated_cpus", json_array());
    return json_text(g->a, m);
}

/* May hold any bytes (gzip), so the length counts. */
static const char *user_data_of(const struct guest *g, size_t *ret_n)
{
    uint8_t *data;
    char *copy;

    if (str_empty(g->i->user_data) ||
        base64_decode(g->a, g->i->user_data, strlen(g->i->user_data), &data, ret_n) < 0)
        return NULL;
    copy = arena_alloc(g->a, *ret_n + 1);
    memcpy(copy, data, *ret_n);
    return copy;
}

static const char *user_data(const struct guest *g)
{
    size_t n;

    return user_data_of(g, &n);
}

/* Addresses come by DHCP; a config drive says which, for guests that ask. */
static const char *network_data(const struct guest *g)
{
    auto_json json_t *links = json_array(), *nets = json_array(), *all = NULL;
    json_t *ports = read_or(g->i->ports, json_array()), *p, *ip;
    size_t k, m;

    json_array_foreach (ports, k, p) {
        const char *link = arena_printf(g->a, "tap%.11s", json_str(p, "id"));

        json_array_append_new(links, json_pack("{ssssss?sIss?}", "id", link, "vif_id", json_str(p, "id"),
                                               "ethernet_mac_address", json_str(p, "mac"), "mtu",
                                               (json_int_t) json_int(p, "mtu", 1500), "type",
                                               str_eq(json_str(p, "vif_type"), "ovs") ? "ovs" : "bridge"));
        json_array_foreach (json_arr(p, "fixed_ips"), m, ip)
            json_array_append_new(
                nets, json_pack("{sossssss?}", "id",
                                json_string(arena_printf(g->a, "network%zu", json_array_size(nets))), "type",
                                json_int(ip, "version", 4) == 6 ? "ipv6_dhcp" : "ipv4_dhcp", "link", link,
                                "network_id", json_str(p, "network_id")));
    }
    json_decref(ports);
    all = json_pack("{sOsOs[]}", "links", links, "networks", nets, "services");
    return json_text(g->a, all);
}

static const char *vendor_data(const struct guest *g)
{
    return "{}";
}

struct file {
    const char *name, *since;
    const char *(*make)(const struct guest *g);
    const char *type;
};

static const struct file openstack_files[] = {
    { "meta_data.json", "2012-08-10", meta_data, "application/json" },
    { "user_data", "2012-08-10", user_data, "application/octet-stream" },
    { "vendor_data.json", "2013-10-17", vendor_data, "application/json" },
    { "network_data.json", "2015-10-15", network_data, "application/json" },
    { "vendor_data2.json", "2016-10-06", vendor_data, "application/json" },
    { 0 },
};

/* --- EC2 ------------------------------------------------------------------------------- */

static const char *first_ip(const struct guest *g, const char *list, const char *version4)
{
    auto_json json_t *ports = read_or(g->i->ports, json_array());
    json_t *p, *ip;
    size_t k, m;

    json_array_foreach (ports, k, p)
        json_array_foreach (json_arr(p, list), m, ip)
            if (!strchr(json_str(ip, "address") ? json_str(ip, "address") : ":", ':'))
                return arena_strdup(g->a, json_str(ip, "address"));
    return version4;
}

static const char *ami_id(const struct guest *g)
{
    return arena_printf(g->a, "ami-%.8s", g->i->image_id ? g->i->image_id : "00000000");
}

static const char *launch_index(const struct guest *g)
{
    return arena_printf(g->a, "%lld", (long long) g->i->launch_index);
}

static const char *ec2_id(const struct guest *g)
{
    return arena_printf(g->a, "i-%08llx", (unsigned long long) g->i->number);
}

static const char *ec2_type(const struct guest *g)
{
    return g->i->flavor_name;
}

static const char *ec2_action(const struct guest *g)
{
    return "none";
}

static const char *local_ip(const struct guest *g)
{
    return first_ip(g, "fixed_ips", "");
}

static const char *public_ip(const struct guest *g)
{
    return first_ip(g, "floating_ips", "");
}

static const char *reservation(const struct guest *g)
{
    return g->i->reservation_id;
}

static const char *groups(const struct guest *g)
{
    return g->i->security_groups ? strv_join(g->a, g->i->security_groups, "\n") : "";
}

static const char *root_device(const struct guest *g)
{
    return g->i->root_device ? g->i->root_device : "/dev/vda";
}

static const char *ami_device(const struct guest *g)
{
    const char *d = root_device(g);

    return str_has_prefix(d, "/dev/") ? d + 5 : d;
}

static const char *key_text(const struct guest *g)
{
    return g->i->key_name ? g->i->key_data : NULL;
}

/* What ends in '/' is a folder; its list comes from the rows below it. */
static const struct file ec2_files[] = {
    { "ami-id", NULL, ami_id, NULL },
    { "ami-launch-index", NULL, launch_index, NULL },
    { "block-device-mapping/ami", NULL, ami_device, NULL },
    { "block-device-mapping/root", NULL, root_device, NULL },
    { "hostname", NULL, full_name, NULL },
    { "instance-action", NULL, ec2_action, NULL },
    { "instance-id", NULL, ec2_id, NULL },
    { "instance-type", NULL, ec2_type, NULL },
    { "local-hostname", NULL, full_name, NULL },
    { "local-ipv4", NULL, local_ip, NULL },
    { "placement/availability-zone", NULL, zone, NULL },
    { "public-hostname", NULL, full_name, NULL },
    { "public-ipv4", NULL, public_ip, NULL },
    { "public-keys/0/openssh-key", NULL, key_text, NULL },
    { "reservation-id", NULL, reservation, NULL },
    { "security-groups", NULL, groups, NULL },
    { 0 },
};

/* --- the tree -------------------------------------------------------------------------- */

/* Adds a line to a list, once. */
static void add_line(struct strbuf *b, const char *name, size_t n, const char *end)
{
    char *line = arena_printf(b->arena, "%.*s%s", (int) n, name, end);
    const char *had = b->len ? strstr(strbuf_str(b), line) : NULL;

    if (had && (had == b->data || had[-1] == '\n'))
        return;
    if (b->len)
        strbuf_putc(b, '\n');
    strbuf_puts(b, line);
}

/* A file below meta-data/, or the list of a folder. */
static const char *ec2_meta(const struct guest *g, const char *path)
{
    struct strbuf list;
    size_t n = strlen(path);

    strbuf_init(&list, g->a);
    for (const struct file *f = ec2_files; f->name; f++) {
        const char *text, *slash;

        if (str_has_prefix(f->name, "public-keys") && !g->i->key_name)
            continue;
        if (strcmp(f->name, path) == 0) {
            text = f->make(g);
            return text ? text : "";
        }
        if (strncmp(f->name, path, n) != 0 || (n && f->name[n] != '/'))
            continue;
        text = f->name + n + (n != 0);
        slash = strchr(text, '/');
        if (strcmp(path, "public-keys") == 0)
            add_line(&list, arena_printf(g->a, "0=%s", g->i->key_name), strlen(g->i->key_name) + 2, "");
        else
            add_line(&list, text, slash ? (size_t) (slash - text) : strlen(text), slash ? "/" : "");
    }
    return list.len ? strbuf_str(&list) : NULL;
}

static const char *ec2_get(const struct guest *g, const char *rest)
{
    if (!*rest)
        return user_data(g) ? "meta-data/\nuser-data" : "meta-data/";
    if (strcmp(rest, "user-data") == 0)
        return user_data(g);
    if (strcmp(rest, "meta-data") == 0)
        return ec2_meta(g, "");
    return str_has_prefix(rest, "meta-data/") ? ec2_meta(g, rest + 10) : NULL;
}

const char *metadata_password(struct arena *a, const struct instance *i)
{
    auto_json json_t *m = read_or(i->system_metadata, json_object());

    return arena_strdup(a, json_str(m, "password") ? json_str(m, "password") : "");
}

void metadata_set_password(struct arena *a, struct instance *i, const char *password)
{
    auto_json json_t *m = read_or(i->system_metadata, json_object());

    if (password)
        json_object_set_new(m, "password", json_string(password));
    else
        json_object_del(m, "password");
    i->system_metadata = json_text(a, m);
}

static const char *openstack_get(const struct guest *g, const char *rest, const char **ret_type)
{
    struct strbuf list;

    strbuf_init(&list, g->a);
    for (const struct file *f = openstack_files; f->name; f++) {
        if (!since(g, f->since))
            continue;
        if (strcmp(rest, f->name) == 0) {
            *ret_type = f->type;
            return f->make(g);
        }
        if (f->make != user_data || user_data(g))
            add_line(&list, f->name, strlen(f->name), "");
    }
    if (since(g, "2013-04-04")) {
        if (strcmp(rest, "password") == 0)
            return metadata_password(g->a, g->i);
        add_line(&list, "password", strlen("password"), "");
    }
    return *rest ? NULL : strbuf_str(&list);
}

bool metadata_is_password(struct arena *a, const char *path)
{
    const char **parts = str_split(a, path, '/');

    return strv_len((const char *const *) parts) == 4 && !*parts[0] && str_eq(parts[1], "openstack") &&
           strv_contains(openstack_versions, parts[2]) && strcmp(parts[2], "2013-04-04") >= 0 &&
           str_eq(parts[3], "password");
}

int metadata_get(struct server *s, struct arena *a, const struct instance *i, const char *path,
                 const char **ret, size_t *ret_n, const char **ret_type)
{
    struct guest g = { s, a, i, NULL };
    const char **parts = NULL, *rest, *text = NULL;
    bool openstack;

    strv_foreach (p, str_split(a, path, '/'))
        if (**p)
            parts = strv_add(a, parts, *p);
    *ret_type = "text/plain";
    openstack = parts && str_eq(parts[0], "openstack");
    if (!parts)
        text = arena_printf(a, "%s\nopenstack", strv_join(a, ec2_versions, "\n"));
    else if (openstack && !parts[1])
        text = strv_join(a, openstack_versions, "\n");
    else if (strv_contains(openstack ? openstack_versions : ec2_versions, parts[openstack])) {
        g.version = parts[openstack];
        rest = parts[openstack + 1] ? strv_join(a, parts + openstack + 1, "/") : "";
        text = openstack ? openstack_get(&g, rest, ret_type) : ec2_get(&g, rest);
    }
    if (!text)
        return -ENOENT;
    *ret_n = strlen(text);
    if (g.version && (str_has_suffix(path, "/user_data") || str_has_suffix(path, "/user-data")))
        text = user_data_of(&g, ret_n);
    *ret = text;
    return 0;
}

/* --- the config drive ---------------------------------------------------------------------- */

static void add_file(struct arena *a, json_t *files, const char *path, const char *text)
{
    if (text)
        json_array_append_new(
            files, json_pack("{ssss}", "path", path, "data", base64_encode(a, text, strlen(text))));
}

/* As it came: it is base64 already. */
static void add_user_data(const struct guest *g, json_t *files, const char *path)
{
    if (user_data(g))
        json_array_append_new(files, json_pack("{ssss}", "path", path, "data", g->i->user_data));
}

static void add_personality(struct arena *a, const struct instance *i, json_t *files)
{
    auto_json json_t *all = read_or(i->files, json_array());
    json_t *f;
    size_t k;

    json_array_foreach (all, k, f)
        json_array_append_new(files,
                              json_pack("{ssss?}", "path", arena_printf(a, "openstack/content/%04zu", k),
                                        "data", json_str(f, "contents")));
}

json_t *metadata_config_drive(struct server *s, struct arena *a, const struct instance *i)
{
    json_t *files = json_array();
    struct guest g = { s, a, i, NULL };

    strv_foreach (v, openstack_versions) {
        g.version = *v;
        for (const struct file *f = openstack_files; f->name; f++)
            if (since(&g, f->since) && f->make == user_data)
                add_user_data(&g, files, arena_printf(a, "openstack/%s/%s", *v, f->name));
            else if (since(&g, f->since))
                add_file(a, files, arena_printf(a, "openstack/%s/%s", *v, f->name), f->make(&g));
    }
    g.version = "latest";
    add_user_data(&g, files, "ec2/latest/user-data");
    add_personality(a, i, files);
    return json_pack("{ssso}", "label", "config-2", "files", files);
}

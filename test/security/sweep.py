# SPDX-License-Identifier: Apache-2.0
"""Every route that takes a body gets bodies that it must refuse: whatever comes,
the answer is no 5xx, the process lives, the error is worded as the service words
errors, and no log has what was secret in the request."""
import json
import os
import random
import re

from kit import Hole, Wire, case, expect, is_json, unknown, unique

# Of each route a sample, another one each time; SWEEP=all sends everything.
ALL = os.environ.get("SWEEP") == "all"
SAMPLE = 12
SECRET = "s3cr3t-marker-"
BIG = 1 << 20

# Values put in the place of each member; the last two as text, since no
# reader of Python's writes them.
WRONG = [None, True, 0, -1, 1.5, 1 << 63, -(1 << 63) - 1, 10 ** 400, "", " ", "x" * 300, "x" * 70000, "a\u0000b",
         "a\nb\r\nX-Evil: 1", "../../etc/passwd", "'\" OR 1=1 --", "%s%n", "\U0001f600" * 80, "-v", [], {},
         [[]], [None], [""], ["x", "x"], {"": ""}, {"x": {"x": {"x": []}}}]
WRONG_TEXT = [b'"\\ud800"', b"1e400", b'"\xff\xfe"', b'"\xc0\x80"', b'{"a":1,"a":2}']

EXAMPLES = {
    ("POST", "/v3/auth/tokens"): {"auth": {
        "identity": {"methods": ["password", "token"], "token": {"id": "x"}, "password": {
            "user": {"name": "admin", "id": "x", "domain": {"id": "default", "name": "Default"}, "password": "x"}}},
        "scope": {"project": {"name": "admin", "id": "x", "domain": {"id": "default", "name": "x"}},
                  "domain": {"id": "x"}, "system": {"all": True}}}},
    ("POST", "/v3/users/{user_id}/password"): {"user": {"password": "x", "original_password": "x"}},
    ("PUT", "/v3/projects/{project_id}/tags"): {"tags": ["x"]},
    ("POST", "/resource_providers"): {"name": "x", "uuid": "x", "parent_provider_uuid": "x"},
    ("PUT", "/resource_providers/{uuid}"): {"name": "x", "parent_provider_uuid": "x"},
    ("POST", "/resource_providers/{uuid}/inventories"): {
        "resource_class": "VCPU", "total": 1, "reserved": 0, "min_unit": 1, "max_unit": 1, "step_size": 1,
        "allocation_ratio": 1.0},
    ("PUT", "/resource_providers/{uuid}/inventories"): {"resource_provider_generation": 0, "inventories": {
        "VCPU": {"total": 1, "reserved": 0, "min_unit": 1, "max_unit": 1, "step_size": 1, "allocation_ratio": 1.0}}},
    ("PUT", "/resource_providers/{uuid}/inventories/{resource_class}"): {
        "resource_provider_generation": 0, "total": 1, "reserved": 0, "min_unit": 1, "max_unit": 1, "step_size": 1,
        "allocation_ratio": 1.0},
    ("PUT", "/resource_providers/{uuid}/aggregates"): {"aggregates": ["x"], "resource_provider_generation": 0},
    ("PUT", "/resource_providers/{uuid}/traits"): {"traits": ["HW_CPU_X86_AVX"], "resource_provider_generation": 0},
    ("POST", "/resource_classes"): {"name": "CUSTOM_X"},
    ("PUT", "/allocations/{consumer_uuid}"): {
        "allocations": {"11111111-1111-1111-1111-111111111111": {"generation": 1, "resources": {"VCPU": 1}}},
        "mappings": {"": ["11111111-1111-1111-1111-111111111111"]}, "project_id": "p", "user_id": "u",
        "consumer_generation": None, "consumer_type": "INSTANCE"},
    ("POST", "/allocations"): {"11111111-1111-1111-1111-111111111112": {
        "allocations": {"11111111-1111-1111-1111-111111111111": {"resources": {"VCPU": 1}}},
        "project_id": "p", "user_id": "u", "consumer_generation": None, "consumer_type": "INSTANCE"}},
    ("POST", "/reshaper"): {"inventories": {"11111111-1111-1111-1111-111111111111": {
        "resource_provider_generation": 0, "inventories": {"VCPU": {"total": 1}}}}, "allocations": {
            "11111111-1111-1111-1111-111111111112": {
                "allocations": {"11111111-1111-1111-1111-111111111111": {"resources": {"VCPU": 1}}},
                "project_id": "p", "user_id": "u", "consumer_generation": None, "consumer_type": "INSTANCE"}}},
    ("PATCH", "/v2/images/{image_id}"): [{"op": "replace", "path": "/name", "value": "x"}],
    ("PUT", "/v2/images/{image_id}/members/{member_id}"): {"status": "accepted"},
    ("POST", "/v2/images/{image_id}/members"): {"member": "x"},
    ("POST", "/v2.1/servers"): {"server": {
        "name": "x", "flavorRef": "x", "imageRef": "x", "networks": [{"uuid": "x", "port": "x", "fixed_ip": "x", "tag": "x"}],
        "security_groups": [{"name": "x"}], "key_name": "x", "user_data": "eA==", "metadata": {"a": "b"},
        "availability_zone": "x", "config_drive": True, "adminPass": "x", "min_count": 1, "max_count": 1, "tags": ["x"],
        "block_device_mapping_v2": [{"boot_index": 0, "uuid": "x", "source_type": "image", "destination_type": "local",
                                     "volume_size": 1}], "description": "x", "hostname": "x", "host": "x"},
                                 "os:scheduler_hints": {"group": "x", "same_host": ["x"], "query": "x"}},
    ("POST", "/v2.1/os-keypairs"): {"keypair": {"name": "x", "type": "ssh", "public_key": "x", "user_id": "x"}},
    ("POST", "/v2.1/flavors"): {"flavor": {"name": "x", "ram": 1, "vcpus": 1, "disk": 1, "id": "x", "swap": 0,
                                           "OS-FLV-EXT-DATA:ephemeral": 0, "rxtx_factor": 1.0,
                                           "os-flavor-access:is_public": True, "description": "x"}},
    ("POST", "/v2.1/flavors/{flavor_id}/os-extra_specs"): {"extra_specs": {"a": "b"}},
    ("POST", "/v2.1/os-server-groups"): {"server_group": {"name": "x", "policy": "affinity", "policies": ["affinity"],
                                                          "rules": {"max_server_per_host": 1}}},
}
# Members of a first request, by the last word of the path, where nothing is to be shown yet.
MEMBERS = {
    "users": ["name", "password", "email", "enabled", "domain_id", "default_project_id", "options", "description"],
    "projects": ["name", "enabled", "domain_id", "parent_id", "is_domain", "tags", "options", "description"],
    "images": ["name", "id", "disk_format", "container_format", "visibility", "protected", "min_disk", "min_ram", "tags",
               "owner", "os_hidden", "locations", "anything"],
}
ERROR_FORMS = {
    "identity": lambda j: {"code", "message", "title"} <= set(j["error"]),
    "compute": lambda j: any({"code", "message"} <= set(v) for v in j.values()),
    "network": lambda j: {"type", "message", "detail"} <= set(j["NeutronError"]),
    "placement": lambda j: {"status", "title", "detail", "request_id"} <= set(j["errors"][0]),
}
NOT_OURS = re.compile(r"/v3/auth/tokens$")


def singular(word):
    word = word.replace("-", "_").removeprefix("os_")
    return word[:-3] + "y" if word.endswith("ies") else word[:-1] if word.endswith("s") else word


def mutations(value, path=()):
    """Copies of a JSON value with one place of it changed or left out."""
    for wrong in WRONG:
        yield wrong
    if isinstance(value, dict):
        for k, v in value.items():
            yield {a: b for a, b in value.items() if a != k}
            for changed in mutations(v):
                yield {**value, k: changed}
        yield {**value, "unknown_member": "x"}
        yield {**value, "id": unknown(), "project_id": unknown(), "tenant_id": unknown(), "created_at": "now"}
    elif isinstance(value, list):
        for i, v in enumerate(value[:1]):
            for changed in mutations(v):
                yield value[:i] + [changed] + value[i + 1:]
        yield value * 2000


def texts(example):
    """Bodies that are no JSON, or JSON that nobody wants."""
    yield from (b"", b" ", b"{", b"}", b"[]", b"null", b"1", b'"x"', b"{}", b"{]", b'{"a":}', b"\xef\xbb\xbf{}", b"\x00", b"<a/>")
    yield b"[" * 1000 + b"]" * 1000
    yield b'{"a":' * 1000 + b"1" + b"}" * 1000
    yield b"[" * 100000
    yield b'{"%s":1}' % (b"k" * 500000)
    yield b"1" * 100000
    outer = next(iter(example)) if isinstance(example, dict) and example else "x"
    yield json.dumps({outer: "y" * (BIG - 100)}).encode()
    yield json.dumps({outer: {f"k{i}": i for i in range(50000)}}).encode()
    yield b"[" + b"{}," * 200000 + b"{}]"
    yield b"x" * (BIG + 1)
    inner = example.get(outer) if isinstance(example, dict) else None
    for wrong in WRONG_TEXT:
        yield b'{"%s":%s}' % (outer.encode(), wrong)
        for k in inner if isinstance(inner, dict) else ():
            yield b'{"%s":{"%s":%s}}' % (outer.encode(), k.encode(), wrong)


def example_of(lab, route, ids):
    """A body like those that the route takes."""
    key = (route["method"], route["path"])
    if route["action"]:
        return {route["action"]: {"type": "x", "name": "x", "x": 1}}
    if key in EXAMPLES:
        return EXAMPLES[key]
    words = [w for w in route["path"].split("/") if not w.startswith("{")]
    one = singular(words[-1])
    if words[-1] in MEMBERS:
        members = {m: "x" for m in MEMBERS[words[-1]]}
        return members if route["service"] == "image" else {one: members}
    shown = lab.request("admin", "GET", route["service"] + "!", re.sub(r"/\{[^}]*\}$", "", fill(route["path"], ids, words[-1])),
                        headers=lab.version_headers(route["service"])).json
    if isinstance(shown, dict):
        for v in shown.values():
            v = v[0] if isinstance(v, list) and v else v
            if isinstance(v, dict):
                return {one: {k: x for k, x in v.items() if k != "links"}}
    return {one: {"name": "x", "description": "x", "enabled": True}}


def fill(path, ids, last=None):
    return re.sub(r"\{([^}]+)\}", lambda m: ids.get(m.group(1)) or unknown(), path)


def objects(lab):
    """One object of each kind, for the names in paths: no test needs them whole."""
    ids = {}

    def make(name, service, path, body, *keys, method="POST"):
        if not lab.has(service):
            return
        r = lab.request("admin", method, service + "!", path, body, lab.version_headers(service))
        expect(r.status < 300, f"cannot make {path}: {r.status} {r.text}")
        found = r.json
        for k in keys:
            found = found[k]
        ids[name] = str(found)

    make("domain_id", "identity", "/v3/domains", {"domain": {"name": unique()}}, "domain", "id")
    make("project_id", "identity", "/v3/projects", {"project": {"name": unique(), "domain_id": ids["domain_id"]}},
         "project", "id")
    make("user_id", "identity", "/v3/users", {"user": {"name": unique(), "password": "x" * 12}}, "user", "id")
    make("group_id", "identity", "/v3/groups", {"group": {"name": unique()}}, "group", "id")
    make("role_id", "identity", "/v3/roles", {"role": {"name": unique()}}, "role", "id")
    make("region_id", "identity", "/v3/regions", {"region": {"description": "x"}}, "region", "id")
    make("service_id", "identity", "/v3/services", {"service": {"name": unique(), "type": unique()}}, "service", "id")
    make("endpoint_id", "identity", "/v3/endpoints", {"endpoint": {
        "service_id": ids["service_id"], "interface": "public", "url": "http://x.example/"}}, "endpoint", "id")
    make("image_id", "image", "/v2/images", {"name": "x", "disk_format": "raw", "container_format": "bare"}, "id")
    make("uuid", "placement", "/resource_providers", {"name": unique()}, "uuid")
    make("flavor_id", "compute", "/v2.1/flavors", {"flavor": {"name": unique(), "ram": 64, "vcpus": 1, "disk": 1}},
         "flavor", "id")
    for name in ("network", "router", "security_group", "port", "subnet"):
        body = {"name": unique()}
        if name in ("port", "subnet") and "network_id" in ids:
            body["network_id"] = ids["network_id"]
        if name == "subnet":
            body.update(cidr="10.9.8.0/24", ip_version=4)
        if any(r["path"] == f"/v2.0/{name}s" or r["path"] == f"/v2.0/{name.replace('_', '-')}s" for r in lab.routes):
            make(name + "_id", "network", f"/v2.0/{name.replace('_', '-')}s", {name: body}, name, "id")
    if any(r["path"] == "/v2.1/servers/{server_id}" for r in lab.routes) and lab.has("network"):
        make("server_id", "compute", "/v2.1/servers", {"server": {
            "name": "x", "flavorRef": ids["flavor_id"], "imageRef": ids["image_id"], "networks": "none"}}, "server", "id") \
            if "image_id" in ids and lab.request("admin", "PUT", "image!", f"/v2/images/{ids['image_id']}/file", b"x" * 512, {
                "Content-Type": "application/octet-stream"}).status == 204 else None
    ids["resource_class"], ids["value"], ids["name"] = "VCPU", "x", "CUSTOM_X"
    ids["consumer_uuid"] = "11111111-1111-1111-1111-111111111112"
    return ids


def some(all_of):
    all_of = list(all_of)
    return all_of if ALL else random.sample(all_of, min(SAMPLE, len(all_of)))


def headers_of(lab, route, token):
    h = {"X-Auth-Token": token, "Content-Type": "application/json", **lab.version_headers(route["service"])}
    if route["service"] == "image" and route["method"] == "PATCH":
        h["Content-Type"] = "application/openstack-images-v2.1-json-patch"
    if route["path"].endswith("/file") or route["path"].endswith("/stage"):
        h["Content-Type"] = "application/octet-stream"
    return h


class Sweep:
    def __init__(self, lab, route, token):
        self.lab, self.route = lab, route
        self.wire = Wire(lab.host(route["service"]))
        self.headers = headers_of(lab, route, token)
        self.count = 0

    def send(self, target, body, headers=None, must_refuse=False):
        headers = headers or self.headers
        self.count += 1
        status, answered, data = self.wire.request(self.route["method"], target, body, headers)
        wrong = self.wrong_with(status, answered, data, must_refuse)
        if wrong:
            shown = body if len(body) < 300 else body[:150] + b" ... " + body[-100:]
            raise Hole(f"{self.route['service']} {self.route['method']} {self.route['path']} {self.route['action']}: "
                       f"{wrong}: {status} for {target[:200]} {shown!r}: {data[:300]!r}\n{self.lab.log_tail(2)}")

    def wrong_with(self, status, answered, data, must_refuse):
        form = ERROR_FORMS.get(self.route["service"])
        if status >= 500:
            return "the service's own fault"
        if must_refuse and status < 400:
            return "not refused"
        if not answered.get("X-Openstack-Request-Id"):
            return "an answer without request id"
        if "X-Evil" in answered:
            return "a header was injected"
        if status >= 400 and form and data and not (is_json(data) and form(json.loads(data))):
            return "not worded as its service words errors"
        return None


def sweep_routes(lab, service):
    if not lab.has(service):
        return
    ids = objects(lab)
    marker = SECRET + unique()
    # A token of its own: some bodies change what others hang on.
    lab.add_user(marker.replace("-", "_"), "sweep", ["admin"])
    token = lab.token(marker.replace("-", "_"))[0]
    for route in lab.routes:
        if route["service"] != service or route["method"] not in ("POST", "PUT", "PATCH"):
            continue
        s = Sweep(lab, route, token)
        target, example = fill(route["path"], ids), example_of(lab, route, ids)
        if not s.headers["Content-Type"].endswith("octet-stream"):
            for text in some(texts(example)):
                s.send(target, text)
            for body in some(mutations(example)):
                s.send(target, json.dumps(body).encode())
            s.send(target, json.dumps({"auth": {"password": marker}, "user": {"password": marker, "x": marker},
                                       "password": marker, "adminPass": marker}).encode())
        for kind in ("text/xml", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "\xff"):
            s.send(target, b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
                   {**s.headers, "Content-Type": kind})
        for bad in (unknown(), "x" * 300, "%00", "%ff", "a%2Fb", "..%2f..", "%E0%80%AF", "'", "%0d%0aX-Evil:1", "0" * 5000):
            other = re.sub(r"\{[^}]+\}", bad, route["path"])
            if other != route["path"]:
                s.send(other, b"{}")
        s.send(target + "?" + "&".join(f"a{i}=1" for i in range(600)), b"{}")
        s.send(target + "?%ff=%00", b"{}")
    log = lab.log_text()
    expect(marker not in log, f"a log has a password that was sent: {[x for x in log.splitlines() if marker in x][:2]}")
    expect(token not in log, "a log has a token")
    r = lab.request("admin", "GET", "identity", "/users?limit=1")
    expect(r.status == 200, f"identity is ill: {r.status}")


def add(service):
    @case("GENERIC-05", "GENERIC-07", "GENERIC-08", "OSSA-2013-004", "OSSA-2013-023")
    def sweep(lab):
        sweep_routes(lab, service)
    sweep.__name__ = "bad_bodies_" + service
    sweep.needs = (service,)


for each in ("identity", "image", "placement", "compute", "network"):
    add(each)


@case("GENERIC-18", "GENERIC-07")
def bad_queries(lab):
    """Lists under every odd query: no 5xx, and no SQL of the asker's."""
    odd = ("'", "\"", "%25", "_", "1 OR 1=1", "-1", "0", "99999999999999999999", "%00", "%ff", "a" * 3000, "id;DROP TABLE user",
           "name,(SELECT 1)", "", "%F0%9F%98%80", "asc", "in:", "like:%25", "gt:x", "\xe9", "x:y:z", "a,b,,c", "{}", "[")
    names = ("limit", "marker", "sort_key", "sort_dir", "sort", "fields", "name", "id", "name__contains", "status", "enabled",
             "page_reverse", "changes-since", "created_at", "size_min", "member_status", "visibility", "resources", "required",
             "member_of", "in_tree", "group_policy", "all_tenants", "ip", "tags", "tag", "protected", "parent_id", "tags-any",
             "user.id", "scope.project.id", "effective", "root_provider", "limit=1&limit", "not-tags")
    token = lab.token("admin")[0]
    for route in lab.routes:
        if route["method"] != "GET":
            continue
        s = Sweep(lab, route, token)
        target = fill(route["path"], {})
        asked = [(n, v) for n in (names if "{" not in route["path"] else names[:6]) for v in odd]
        for name, value in some(asked):
            value = "".join(c if c.isascii() and c not in ' "' else "%%%02X" % ord(c) for c in value)
            s.send(f"{target}?{name}={value}", b"", {k: v for k, v in s.headers.items() if k != "Content-Type"})


# --- What belongs to somebody else ------------------------------------------


def belongings(lab, who="ann"):
    """{name in paths: (service, path of one, id)} of a member's own objects, one of each kind."""
    own = {}

    def make(name, service, path, body, *keys, one=None):
        if not any(r["service"] == service and r["path"].rstrip("/") == path.rstrip("/") and r["method"] == "POST" for r in lab.routes):
            return None
        r = lab.request(who, "POST", service + "!", path, body, lab.version_headers(service))
        expect(r.status < 300, f"cannot make {path}: {r.status} {r.text[:300]}")
        found = r.json
        for k in keys:
            found = found[k]
        own[name] = (service, (one or path) + "/" + str(found), str(found))
        return str(found)

    net = make("network", "network", "/v2.0/networks", {"network": {"name": unique()}}, "network", "id")
    sub = make("subnet", "network", "/v2.0/subnets", {"subnet": {"network_id": net, "cidr": "10.66.0.0/24", "ip_version": 4}}, "subnet", "id")
    make("port", "network", "/v2.0/ports", {"port": {"network_id": net, "fixed_ips": [{"subnet_id": sub}]}}, "port", "id")
    make("router", "network", "/v2.0/routers", {"router": {"name": unique()}}, "router", "id")
    group = make("security-group", "network", "/v2.0/security-groups", {"security_group": {"name": unique()}}, "security_group", "id")
    make("security-group-rule", "network", "/v2.0/security-group-rules", {"security_group_rule": {
        "security_group_id": group, "direction": "ingress"}}, "security_group_rule", "id")
    make("subnetpool", "network", "/v2.0/subnetpools", {"subnetpool": {"name": unique(), "prefixes": ["10.99.0.0/16"]}}, "subnetpool", "id")
    image = make("image", "image", "/v2/images", {"name": "x", "disk_format": "raw", "container_format": "bare"}, "id")
    lab.request(who, "PUT", "image!", f"/v2/images/{image}/file", b"x" * 512, {"Content-Type": "application/octet-stream"})
    make("os-server-group", "compute", "/v2.1/os-server-groups", {"server_group": {"name": "x", "policy": "affinity"}}, "server_group", "id")
    flavor = lab.request("admin", "POST", "compute!", "/v2.1/flavors", {"flavor": {"name": unique(), "ram": 64, "vcpus": 1, "disk": 1}},
                         lab.version_headers("compute")).json["flavor"]["id"]
    make("server", "compute", "/v2.1/servers", {"server": {"name": "x", "flavorRef": flavor, "imageRef": image, "networks": "none"}},
         "server", "id")
    return own


def looks(lab, own, who="ann"):
    """All objects as their owner sees them."""
    seen = {}
    for name, (service, path, _) in own.items():
        r = lab.request(who, "GET", service + "!", path, headers=lab.version_headers(service))
        expect(r.status == 200, f"{path} is gone: {r.status}")
        seen[name] = r.json
    return seen


def settled(lab, own):
    lab.wait(lambda: lab.request("ann", "GET", "compute!", own["server"][1], headers=lab.version_headers("compute"))
             .json["server"]["OS-EXT-STS:task_state"] is None, 60, "the server")
    return looks(lab, own)


def bodies_for(route):
    """A body that would change something, were it allowed."""
    if route["action"]:
        return {route["action"]: {}}
    if route["method"] not in ("POST", "PUT", "PATCH"):
        return None
    words = [w for w in route["path"].split("/") if not w.startswith("{")]
    return {singular(words[-1]): {"name": "theirs"}, "tags": ["theirs"], "subnet_id": unknown(), "metadata": {"a": "theirs"}}


def aims(route, own):
    """Paths of this route with an object of somebody's in them, and the same with none."""
    words = route["path"].split("/")
    for name, (service, path, one) in own.items():
        if service != route["service"] or not any(w.startswith("{") for w in words):
            continue
        plural = path.split("/")[-2]
        at = [i for i, w in enumerate(words) if w.startswith("{") and words[i - 1] == plural]
        if at:
            yield name, *("/".join(x if i == at[0] else "x" if w.startswith("{") else w for i, w in enumerate(words)) for x in (one, unknown()))


@case("GENERIC-11", "GENERIC-12")
def foreign_ids(lab):
    """Each route of the whole table with an object of another project in its path: as if there were none, and nothing changes."""
    own = belongings(lab)
    before, asked = settled(lab, own), 0
    for route in lab.routes:
        for name, path, nowhere in aims(route, own):
            headers = {**lab.version_headers(route["service"])}
            if route["until"] and route["service"] in headers.get("OpenStack-API-Version", ""):
                headers["OpenStack-API-Version"] = f"{route['service']} {route['until']}"
            body = bodies_for(route)
            if route["service"] == "image" and route["method"] == "PATCH":
                body, headers["Content-Type"] = b'[{"op":"replace","path":"/name","value":"theirs"}]', "application/openstack-images-v2.1-json-patch"
            elif path.endswith(("/file", "/stage")) and route["method"] == "PUT":
                body, headers["Content-Type"] = b"theirs", "application/octet-stream"
            for who in ("bob", "bob@unscoped"):
                got = lab.request(who, route["method"], route["service"] + "!", path, body, headers)
                asked += 1
                none = lab.request(who, route["method"], route["service"] + "!", nowhere, body, headers)
                expect(got.status in (400, 401, 403, 404) and got.status == none.status,
                       f"{who}: {route['method']} {route['path']} {route['action']} of a foreign {name}: {got.status}, of none: {none.status}: {got.text[:200]}")
    expect(asked > 150, f"only {asked} requests")
    expect(looks(lab, own) == before, "a foreign object changed")


@case("GENERIC-05", "GENERIC-07")
def refused_bodies_change_nothing(lab):
    """Bodies that nobody can read, sent by the owner: each refused, and the objects are as they were."""
    own = belongings(lab)
    before, asked = settled(lab, own), 0
    token = lab.token("ann")[0]
    for route in lab.routes:
        if route["method"] not in ("POST", "PUT", "PATCH"):
            continue
        for name, path, _ in aims(route, own):
            if path.endswith(("/file", "/stage")) or "/tags/" in path or "/actions/" in path:
                continue  # Data is any bytes; the others have no body.
            s = Sweep(lab, route, token)
            for text in (b"{", b'{"a":}', b"[" * 5000, b'{"x":"\xff"}', b'{"x":"\\ud800"}', b'{"a":1,"a":2}', b"x" * (BIG + 1), b'{"x":1e999}', b"\x00"):
                s.send(path, text, must_refuse=True)
                asked += 1
    expect(asked > 150, f"only {asked} requests")
    expect(looks(lab, own) == before, "a refused request changed something")


for _fn in (foreign_ids, refused_bodies_change_nothing):
    _fn.needs = ("network", "image", "compute", "placement")

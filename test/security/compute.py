# SPDX-License-Identifier: Apache-2.0
"""Servers: whose they are, and what a request may ask of a host."""
import hashlib
import hmac
import pathlib
import threading
import time

from kit import CASES, Hole, call, case, expect, expect_status, unique, unknown, wait_for

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA x"
V = {"OpenStack-API-Version": "compute 2.93"}


def ask(lab, who, method, path, body=None, headers=None):
    return lab.request(who, method, "compute!", "/v2.1/" + path, body, headers or V)


def flavor(lab, **members):
    body = {"name": unique("flavor"), "ram": 64, "vcpus": 1, "disk": 1, **members}
    return expect_status(ask(lab, "admin", "POST", "flavors", {"flavor": body}), 200).json["flavor"]["id"]


def image(lab, who="ann", **members):
    r = lab.request(who, "POST", "image!", "/v2/images", {"name": "x", "disk_format": "raw", "container_format": "bare", **members})
    one = expect_status(r, 201).json["id"]
    lab.request(who, "PUT", "image!", f"/v2/images/{one}/file", b"x" * 512, {"Content-Type": "application/octet-stream"})
    return one


def boot(lab, who="ann", hints=None, headers=None, **members):
    body = {"server": {"name": unique("server"), "flavorRef": members.pop("flavorRef", None) or flavor(lab),
                       "imageRef": members.pop("imageRef", None) or image(lab, who), "networks": "none", **members}}
    if hints is not None:
        body["os:scheduler_hints"] = hints
    return ask(lab, who, "POST", "servers", body, headers)


@case("OSSA-2012-001")
def project_of_the_path(lab):
    for who, other in (("ann", "bob"), ("bob", "ann")):
        r = lab.request(who, "GET", "compute!", f"/v2.1/{lab.project(other)}/servers", headers=V)
        expect_status(r, 400, what="another project in the path")
        r = lab.request(who, "POST", "compute!", f"/v2.1/{lab.project(other)}/os-keypairs", {"keypair": {"name": unique()}}, V)
        expect_status(r, 400, what="another project in the path")
    expect_status(lab.request("ann", "GET", "compute!", f"/v2.1/{lab.project('ann')}/servers", headers=V), 200)


@case("OSSA-2012-003")
def long_names(lab):
    for n in (256, 5000, 900000):
        expect_status(boot(lab, name="x" * n), 400, what=f"a name of {n}")
    expect(max(map(len, lab.log_text().splitlines())) < 4096, "a log line grows with a name")


@case("OSSA-2013-019", "OSSA-2013-024", "GENERIC-66")
def private_flavors(lab):
    private = flavor(lab, **{"os-flavor-access:is_public": False})
    expect_status(ask(lab, "ann", "GET", "flavors/" + private), 404)
    expect_status(boot(lab, flavorRef=private), 400, what="booting with a private flavor")
    expect(private not in ask(lab, "ann", "GET", "flavors/detail?is_public=None").text, "a list shows a private flavor")
    expect_status(ask(lab, "ann", "GET", f"flavors/{private}/os-flavor-access"), 403, 404)


@case("OSSA-2012-009", "GENERIC-67")
def scheduler_hints(lab):
    ids = [unknown() for _ in range(5000)]
    began = time.monotonic()
    for hints in ({"different_host": ids}, {"same_host": ids}, {"group": "x" * 5000}, {"same_host": [{"a": "b"}]}):
        r = boot(lab, hints=hints)
        expect(r.status == 400, f"hints {str(hints)[:60]}: {r.status}")
    expect(time.monotonic() - began < 10, "hints cost a query each")
    r = boot(lab, hints={"_nova_check_type": ["rebuild"]})
    expect(r.status in (202, 400), f"an inner hint: {r.status}")


@case("OSSA-2012-008")
def injected_files(lab):
    old = {"X-OpenStack-Nova-API-Version": "2.1", "OpenStack-API-Version": "compute 2.1"}
    for path in ("../../etc/passwd", "/etc/../../x", "a" * 300):
        r = boot(lab, headers=old, personality=[{"path": path, "contents": "eA=="}], networks=[])
        expect(r.status in (400, 403), f"a file at {path[:30]}: {r.status} {r.text[:200]}")
    expect_status(boot(lab, personality=[{"path": "/etc/x", "contents": "eA=="}]), 400, what="personality after 2.57")
    made = expect_status(boot(lab), 202).json["server"]["id"]
    settled(lab, made)
    for files in ([{"path": "../../x", "contents": "eA=="}], [{"path": "/x", "contents": "~"}], [{"path": "/x"}], ["x"],
                  [{"path": "/" + "a" * 300, "contents": "eA=="}], [{"path": "/x", "contents": "eA=="}] * 50):
        r = ask(lab, "ann", "POST", f"servers/{made}/action", {"rebuild": {"imageRef": image(lab), "personality": files}}, old)
        expect(r.status in (400, 403), f"rebuild with {str(files)[:60]}: {r.status}")


@case("OSSA-2013-001")
def foreign_volumes(lab):
    r = boot(lab, block_device_mapping_v2=[{"boot_index": 0, "uuid": unknown(), "source_type": "volume", "destination_type": "volume"}])
    expect(r.status in (400, 404), f"a foreign volume: {r.status} {r.text[:200]}")


@case("GENERIC-11", "GENERIC-12")
def foreign_servers(lab):
    """Every route of a server, as somebody of another project."""
    made = expect_status(boot(lab), 202).json["server"]["id"]
    asked = 0
    for r in lab.routes:
        if r["service"] != "compute" or "{server_id}" not in r["path"]:
            continue
        body = {r["action"]: None} if r["action"] else {"x": {}} if r["method"] in ("POST", "PUT") else None
        path = r["path"].replace("{server_id}", made)
        path = "/".join("x" if w.startswith("{") else w for w in path.split("/"))
        got = lab.request("bob", r["method"], "compute!", path, body, V)
        asked += 1
        # An action that only administrators have tells nobody whether the server exists.
        expect(got.status == 404 or got.status in (400, 403) and got.status == lab.request(
            "bob", r["method"], "compute!", path.replace(made, unknown()), body, V).status,
            f"{r['method']} {r['path']} {r['action']} of a foreign server: {got.status} {got.text[:100]}")
    expect(asked > 20, f"only {asked} routes")
    expect_status(ask(lab, "ann", "GET", "servers/" + made), 200)
    for query in ("?all_tenants=1", f"?project_id={lab.project('ann')}", f"?all_tenants=1&project_id={lab.project('ann')}", f"?uuid={made}"):
        r = ask(lab, "bob", "GET", "servers/detail" + query)
        expect(r.status in (400, 403) or made not in r.text, f"a list with {query} shows a foreign server")
    key = unique("key")
    expect_status(ask(lab, "ann", "POST", "os-keypairs", {"keypair": {"name": key, "type": "ssh"}}), 200, 201, 400)
    expect_status(ask(lab, "bob", "GET", "os-keypairs/" + key), 404)
    expect_status(ask(lab, "bob", "GET", f"os-keypairs/{key}?user_id={lab.user_id('ann')}"), 403, 404)
    expect_status(boot(lab, "bob", key_name=key), 400, 404, what="a foreign key")
    group = expect_status(ask(lab, "ann", "POST", "os-server-groups", {"server_group": {"name": "x", "policy": "affinity"}}), 200).json["server_group"]["id"]
    expect_status(ask(lab, "bob", "GET", "os-server-groups/" + group), 404)
    expect_status(boot(lab, "bob", hints={"group": group}), 400, 404, what="a foreign group")


@case("OSSA-2019-003")
def faults_tell_no_details(lab):
    made = expect_status(boot(lab), 202).json["server"]["id"]
    end = time.monotonic() + 20
    while True:
        shown = expect_status(ask(lab, "ann", "GET", "servers/" + made), 200).json["server"]
        if shown["status"] in ("ERROR", "ACTIVE"):
            break
        expect(time.monotonic() < end, f"the server stays {shown['status']}")
        time.sleep(0.1)
    expect("details" not in shown.get("fault", {}), f"a member sees details: {shown.get('fault')}")
    expect(lab.state not in str(shown), "a path of the host is shown")


@case("GENERIC-10")
def members_of_administrators(lab):
    for members in ({"host": "x"}, {"hypervisor_hostname": "x"}, {"OS-EXT-SRV-ATTR:host": "x"}, {"id": unknown()}, {"status": "ACTIVE"},
                    {"tenant_id": lab.project("bob")}, {"user_id": lab.user_id("bob")}, {"availability_zone": "nova:host"}):
        r = boot(lab, **members)
        expect(r.status in (400, 403), f"{members}: {r.status}")
    expect_status(ask(lab, "ann", "POST", "flavors", {"flavor": {"name": "x", "ram": 1, "vcpus": 1, "disk": 1}}), 403)
    expect_status(ask(lab, "ann", "POST", "os-server-external-events", {"events": []}), 400, 403)
    expect_status(ask(lab, "ann", "PUT", "os-quota-sets/" + lab.project("ann"), {"quota_set": {"cores": -1}}), 403)


@case("GENERIC-38", "OSSA-2020-001")
def console_tokens(lab):
    """What a console's token opens is for services to ask, and no log has it."""
    expect_status(ask(lab, "ann", "GET", "os-console-auth-tokens/" + unknown()), 403)
    expect_status(ask(lab, "admin", "GET", "os-console-auth-tokens/" + unknown()), 404)


def settled(lab, server, who="ann"):
    """The server once nothing works on it any more."""
    def look():
        one = ask(lab, who, "GET", "servers/" + server).json["server"]
        return one if one["status"] in ("ACTIVE", "ERROR") and not one["OS-EXT-STS:task_state"] else None
    wait_for(look, 60, "a server to settle")
    return look()


def shape(lab, server):
    """What placement has written down for it: {class: amount} of all hosts together."""
    r = lab.request("admin", "GET", "placement!", "/allocations/" + server, headers=lab.version_headers("placement"))
    found = {}
    for one in expect_status(r, 200).json["allocations"].values():
        for k, v in one["resources"].items():
            found[k] = found.get(k, 0) + v
    return found


@case("OSSA-2017-005")
def rebuilding_asks_the_filters(lab):
    """An image that the host may not have: the server keeps its old one, and a fault says why."""
    first = image(lab)
    made = expect_status(boot(lab, imageRef=first), 202).json["server"]["id"]
    expect(settled(lab, made)["status"] == "ACTIVE", "no server")
    for members in ({"hw_architecture": "sparc64"}, {"img_hv_type": "xen"}, {"hw_vm_mode": "exe"}, {"trait:CUSTOM_NOBODY_HAS": "required"}):
        wrong = image(lab, **members)
        r = ask(lab, "ann", "POST", f"servers/{made}/action", {"rebuild": {"imageRef": wrong}})
        expect(r.status in (202, 400), f"rebuild with {members}: {r.status}")
        shown = settled(lab, made)
        expect(shown["image"]["id"] == first and shown["status"] == "ACTIVE", f"{members}: the server has image {shown['image']}")
        actions = ask(lab, "ann", "GET", f"servers/{made}/os-instance-actions").json["instanceActions"]
        mine = [a for a in actions if a["action"] == "rebuild"]
        expect(r.status == 400 or mine and mine[0]["message"], f"{members}: nothing says that it failed: {actions}")
        # A new server does not come there either.
        other = boot(lab, imageRef=wrong)
        expect(settled(lab, other.json["server"]["id"])["status"] == "ERROR", f"{members}: a new server came to the host")
    second = image(lab)
    expect_status(ask(lab, "ann", "POST", f"servers/{made}/action", {"rebuild": {"imageRef": second}}), 202)
    wait_for(lambda: settled(lab, made)["image"]["id"] == second, 30, "the good rebuild")
    for foreign in (image(lab, "bob"), unknown()):
        expect_status(ask(lab, "ann", "POST", f"servers/{made}/action", {"rebuild": {"imageRef": foreign}}), 400, what="a foreign image")


@case("OSSA-2017-005")
def hosts_out_of_service(lab):
    """A host that is disabled gets no server, also not one that was asked for there."""
    services = ask(lab, "admin", "GET", "os-services?binary=nova-compute").json["services"]
    for s in services:
        expect_status(ask(lab, "admin", "PUT", "os-services/" + s["id"], {"status": "disabled", "disabled_reason": "a test"}), 200)
    try:
        made = expect_status(boot(lab), 202).json["server"]["id"]
        shown = settled(lab, made)
        expect(shown["status"] == "ERROR" and "No valid host" in shown["fault"]["message"], f"a disabled host got a server: {shown['status']}")
    finally:
        for s in services:
            ask(lab, "admin", "PUT", "os-services/" + s["id"], {"status": "enabled"})


@case("OSSA-2017-006", "GENERIC-67")
def rebuilding_takes_nothing_more(lab):
    one = flavor(lab, ram=96, vcpus=2, disk=3)
    made = expect_status(boot(lab, flavorRef=one, hints={}), 202).json["server"]["id"]
    expect(settled(lab, made)["status"] == "ACTIVE", "no server")
    want = {"VCPU": 2, "MEMORY_MB": 96, "DISK_GB": 3}
    for _ in range(3):
        expect(shape(lab, made) == want, f"the server takes {shape(lab, made)}")
        new = image(lab)
        expect_status(ask(lab, "ann", "POST", f"servers/{made}/action", {"rebuild": {"imageRef": new}}), 202)
        wait_for(lambda: settled(lab, made)["image"]["id"] == new, 30, "the rebuild")
    expect(shape(lab, made) == want, f"after rebuilds the server takes {shape(lab, made)}")
    expect_status(ask(lab, "ann", "DELETE", "servers/" + made), 204)
    wait_for(lambda: not shape(lab, made), 30, "what it took to be free again")


@case("GENERIC-09")
def quotas_under_load(lab):
    """Twenty servers at once, and room for two."""
    name, _ = lab.fresh_user(project=unique("small"))
    project, one, img = lab.project(name), flavor(lab), image(lab, name)
    expect_status(ask(lab, "admin", "PUT", "os-quota-sets/" + project, {"quota_set": {"instances": 2, "key_pairs": 3}}), 200)
    got = []
    threads = [threading.Thread(target=lambda: got.append(boot(lab, name, flavorRef=one, imageRef=img))) for _ in range(20)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    codes = [r.status for r in got]
    expect(codes.count(202) == 2 and set(codes) == {202, 403}, f"servers under a quota of two: {sorted(codes)}")
    for r in got:
        if r.status == 202:
            settled(lab, r.json["server"]["id"], name)
            expect_status(ask(lab, name, "DELETE", "servers/" + r.json["server"]["id"]), 204)
    wait_for(lambda: not ask(lab, name, "GET", "servers").json["servers"], 30, "the servers to go")
    used = ask(lab, name, "GET", "limits").json["limits"]["absolute"]
    expect(used["totalInstancesUsed"] == 0 and used["totalRAMUsed"] == 0, f"after all are deleted: {used}")
    codes = [ask(lab, name, "POST", "os-keypairs", {"keypair": {"name": f"k{i}", "type": "ssh", "public_key": KEY}}).status for i in range(5)]
    expect(codes.count(201) == 3 and codes[3:] == [403, 403], f"key pairs under a quota of three: {codes}")


@case("OSSA-2014-038")
def lists_by_address(lab):
    """However many servers there are, a list by address asks the network service a bounded number of times."""
    for _ in range(8):
        settled(lab, expect_status(boot(lab), 202).json["server"]["id"])

    def asked():
        return sum(" GET " in line or '"GET"' in line or "method=GET" in line
                   for name, lines in lab.logs() if name == "network" for line in lines)
    for query in ("ip=10.", "ip6=fd00::", "ip=^10%5C.0%5C.0%5C.1$", "ip=(a*)*b", "ip=" + "(" * 500):
        before, began = asked(), time.monotonic()
        r = ask(lab, "ann", "GET", "servers/detail?" + query)
        expect_status(r, 200, 400, what=query)
        expect(asked() - before <= 3, f"{query}: {asked() - before} requests to the network service")
        expect(time.monotonic() - began < 5, f"{query} took {time.monotonic() - began:.1f} s")


# --- Metadata ---------------------------------------------------------------


def conf_of(lab, section, key):
    """A line of the cloud's configuration file."""
    inside = None
    for line in pathlib.Path(lab.state, "stackd.conf").read_text(encoding="utf-8").splitlines():
        inside = line.strip("[]") if line.startswith("[") else inside
        name, _, value = line.partition("=")
        if inside == section and name.strip() == key:
            return value.strip()
    raise Hole(f"no [{section}] {key}")


def metadata(lab, server, project, signature=None, path="/openstack/latest/meta_data.json", **headers):
    if signature is None:
        signature = hmac.new(conf_of(lab, "compute", "metadata_secret").encode(), server.encode(), hashlib.sha256).hexdigest()
    all_of = {"X-Instance-ID": server, "X-Tenant-ID": project, "X-Instance-ID-Signature": signature, "X-Forwarded-For": "10.0.0.9", **headers}
    return call("GET", f"http://{conf_of(lab, 'compute', 'metadata_host')}:8775{path}", headers={k: v for k, v in all_of.items() if v is not None})


@case("OSSA-2013-033", "OSSA-2014-024", "GENERIC-31")
def metadata_of_others(lab):
    """Who a guest is, a signature proves; and a port of another project proves nothing about a server."""
    server, project = expect_status(boot(lab), 202).json["server"]["id"], lab.project("ann")
    settled(lab, server)
    right = metadata(lab, server, project)
    expect(right.status == 200 and right.json["uuid"] == server, f"the server itself: {right.status}")
    # A port with a foreign server as its device: the proxy tells the port's project.
    expect_status(metadata(lab, server, lab.project("bob")), 404, what="a port of another project")
    expect_status(metadata(lab, server, ""), 404, what="a port of no project")
    expect_status(metadata(lab, server, project, **{"X-Tenant-ID": None}), 400, what="no project")
    expect_status(metadata(lab, server, project, **{"X-Instance-ID": None}), 400, what="no server")
    expect_status(metadata(lab, unknown(), project), 404)
    good = hmac.new(conf_of(lab, "compute", "metadata_secret").encode(), server.encode(), hashlib.sha256).hexdigest()
    wrong = {good[:i] + ("0" if c != "0" else "1") + good[i + 1:] for i, c in enumerate(good)}
    wrong |= {good[:-1], good + "0", "", good.upper() + "x", "0" * 64, good[1:] + good[0], hmac.new(b"", server.encode(), hashlib.sha256).hexdigest()}
    for s in wrong:
        r = metadata(lab, server, project, s)
        expect(r.status == 403 and good not in r.text, f"signature {s[:8]}…{s[-8:]}: {r.status} {r.text[:100]}")
    expect_status(metadata(lab, server, project, **{"X-Instance-ID-Signature": None}), 400, 403)
    other = expect_status(boot(lab, "bob"), 202).json["server"]["id"]
    expect_status(metadata(lab, other, lab.project("bob"), good), 403, what="another server's signature")
    for path in ("/../../etc/passwd", "/openstack/latest/../../x", "/openstack/%2e%2e/x", "/" + "a/" * 3000, "/latest/meta-data/%00"):
        expect_status(metadata(lab, server, project, path=path), 400, 404, 414, 431, what=path[:40])
    secret = conf_of(lab, "compute", "metadata_secret")
    expect(secret not in lab.log_text() and good not in lab.log_text(), "a log has what proves a guest")


for _, _fn in CASES:
    if _fn.__module__ == __name__:
        _fn.needs = ("compute", "image")

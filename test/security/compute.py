# SPDX-License-Identifier: Apache-2.0
"""Servers: whose they are, and what a request may ask of a host."""
import time

from kit import CASES, case, expect, expect_status, unique, unknown

V = {"OpenStack-API-Version": "compute 2.93"}


def ask(lab, who, method, path, body=None, headers=None):
    return lab.request(who, method, "compute!", "/v2.1/" + path, body, headers or V)


def flavor(lab, **members):
    body = {"name": unique("flavor"), "ram": 64, "vcpus": 1, "disk": 1, **members}
    return expect_status(ask(lab, "admin", "POST", "flavors", {"flavor": body}), 200).json["flavor"]["id"]


def image(lab):
    r = lab.request("ann", "POST", "image!", "/v2/images", {"name": "x", "disk_format": "raw", "container_format": "bare"})
    one = expect_status(r, 201).json["id"]
    lab.request("ann", "PUT", "image!", f"/v2/images/{one}/file", b"x" * 512, {"Content-Type": "application/octet-stream"})
    return one


def boot(lab, who="ann", hints=None, headers=None, **members):
    body = {"server": {"name": unique("server"), "flavorRef": members.pop("flavorRef", None) or flavor(lab),
                       "imageRef": members.pop("imageRef", None) or image(lab), "networks": "none", **members}}
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


for _, _fn in CASES:
    if _fn.__module__ == __name__:
        _fn.needs = ("compute", "image")

# SPDX-License-Identifier: Apache-2.0
"""Networks: whose they are, and rules that every agent can load."""
import threading
import time

from kit import CASES, case, expect, expect_status, unique, unknown


def ask(lab, who, method, path, body=None):
    return lab.request(who, method, "network!", "/v2.0/" + path, body)


def make(lab, who, kind, **members):
    r = expect_status(ask(lab, who, "POST", kind.replace("_", "-") + "s", {kind: members}), 201, what=f"{kind} {members}")
    return r.json[kind]


def rule(lab, who, group, **members):
    return ask(lab, who, "POST", "security-group-rules", {"security_group_rule": {
        "security_group_id": group, "direction": "ingress", **members}})


def own(lab, who="ann", cidr="10.77.0.0/24"):
    net = make(lab, who, "network", name=unique())["id"]
    sub = make(lab, who, "subnet", network_id=net, cidr=cidr, ip_version=4)["id"]
    return net, sub


@case("GENERIC-11", "GENERIC-12", "OSSA-2024-005", "GENERIC-64")
def foreign_networks(lab):
    """What is another project's is as if it were not there."""
    net, sub = own(lab)
    port = make(lab, "ann", "port", network_id=net)["id"]
    router = make(lab, "ann", "router", name=unique())["id"]
    group = make(lab, "ann", "security_group", name=unique())["id"]
    for kind, one in (("network", net), ("subnet", sub), ("port", port), ("router", router), ("security_group", group)):
        path = kind.replace("_", "-") + "s/"
        for method, body in (("GET", None), ("PUT", {kind: {"name": "theirs"}}), ("DELETE", None)):
            theirs, nobodys = ask(lab, "bob", method, path + one, body), ask(lab, "bob", method, path + unknown(), body)
            expect(theirs.status == 404 == nobodys.status, f"{method} of a foreign {kind}: {theirs.status}, of none: {nobodys.status}")
        for method, tail, body in (("PUT", "/tags", {"tags": ["x"]}), ("PUT", "/tags/x", None), ("DELETE", "/tags", None), ("GET", "/tags", None)):
            expect_status(ask(lab, "bob", method, path + one + tail, body), 404, what=f"{method} {tail} of a foreign {kind}")
        r = ask(lab, "bob", "GET", f"{path[:-1]}?id={one}&project_id={lab.project('ann')}")
        expect(one not in r.text, f"a list shows a foreign {kind}")
        r = ask(lab, "bob", "GET", f"{path[:-1]}?limit=5&marker={one}")
        expect(r.status in (400, 404) or one not in r.text, f"a foreign {kind} as marker")
    mine, mysub = own(lab, "bob", "10.78.0.0/24")
    for kind, members in (("port", {"network_id": net}), ("subnet", {"network_id": net, "cidr": "10.9.0.0/24", "ip_version": 4}),
                          ("port", {"network_id": mine, "security_groups": [group]}),
                          ("port", {"network_id": mine, "fixed_ips": [{"subnet_id": sub}]}),
                          ("security_group_rule", {"security_group_id": group, "direction": "ingress"})):
        r = ask(lab, "bob", "POST", kind.replace("_", "-") + "s", {kind: members})
        expect(r.status in (400, 403, 404), f"{kind} with {members}: {r.status} {r.text[:200]}")
    myrouter = make(lab, "bob", "router", name=unique())["id"]
    for members in ({"subnet_id": sub}, {"port_id": port}):
        expect_status(ask(lab, "bob", "PUT", f"routers/{myrouter}/add_router_interface", members), 400, 403, 404, what=str(members))
    expect_status(ask(lab, "bob", "PUT", f"routers/{router}/add_router_interface", {"subnet_id": mysub}), 404)


@case("OSSA-2014-008", "OSSA-2015-018")
def ports_of_the_networks_own(lab):
    router = make(lab, "bob", "router", name=unique())["id"]
    net, _ = own(lab, cidr="10.79.0.0/24")
    port = make(lab, "ann", "port", network_id=net)["id"]
    for owner in ("network:router_interface", "network:router_gateway", "network:router_interface_distributed"):
        r = ask(lab, "ann", "POST", "ports", {"port": {"network_id": net, "device_owner": owner, "device_id": router}})
        expect(r.status in (403, 409), f"a port as {owner} of a foreign router: {r.status}")
        r = ask(lab, "ann", "PUT", "ports/" + port, {"port": {"device_owner": owner, "device_id": router}})
        expect(r.status in (403, 409), f"a port becomes {owner} of a foreign router: {r.status}")
    shared = make(lab, "admin", "network", name=unique(), shared=True)["id"]
    for owner in ("network:router_interface", "network:dhcp", "network:floatingip", "network:x"):
        r = ask(lab, "ann", "POST", "ports", {"port": {"network_id": shared, "device_owner": owner}})
        expect(r.status == 403, f"a port as {owner} on a network of others: {r.status}")
    r = ask(lab, "bob", "GET", f"ports?device_id={router}")
    expect(not r.json["ports"], "a foreign port hangs on the router")


@case("OSSA-2012-007", "OSSA-2014-014", "OSSA-2019-001")
def rules_as_agents_can_load(lab):
    group = make(lab, "ann", "security_group", name=unique())["id"]
    first = rule(lab, "ann", group, protocol="TCP", port_range_min=22, port_range_max=22)
    expect(first.status == 400 or first.json["security_group_rule"]["protocol"] == "tcp", "a protocol in capitals was kept")
    if first.status == 201:
        expect_status(rule(lab, "ann", group, protocol="tcp", port_range_min=22, port_range_max=22), 409)
    for prefix in ("10.0.0.0/99", "10.0.0.0/-1", "10.0.0/8", "::/0", "0.0.0.0/0/0", "x", "10.0.0.1;drop", "10.0.0.0/8\n", ""):
        r = rule(lab, "ann", group, protocol="tcp", remote_ip_prefix=prefix)
        expect(r.status == 400 or prefix == "" and r.status == 201, f"prefix {prefix!r}: {r.status}")
    for protocol in ("vrrp", "112", "ah", "esp", "gre", "igmp", "ospf", None):
        expect_status(rule(lab, "ann", group, protocol=protocol, port_range_min=1, port_range_max=2), 400, what=f"ports with {protocol}")
    for protocol in ("256", "-1", "tcp;", "tcp udp", 300):
        expect_status(rule(lab, "ann", group, protocol=protocol), 400, what=f"protocol {protocol}")
    for low, high in ((0, 65536), (-1, 5), (5, 1), (1 << 31, 1 << 31), (1 << 63, 1 << 63)):
        expect_status(rule(lab, "ann", group, protocol="tcp", port_range_min=low, port_range_max=high), 400, what=f"ports {low}-{high}")


@case("OSSA-2014-025", "OSSA-2015-012", "GENERIC-33")
def address_pairs(lab):
    net, _ = own(lab, cidr="10.80.0.0/24")
    pairs = [{"ip_address": f"10.80.{i // 250}.{i % 250 + 1}"} for i in range(2000)]
    expect_status(ask(lab, "ann", "POST", "ports", {"port": {"network_id": net, "allowed_address_pairs": pairs}}), 400)
    for pair in ({"ip_address": "10.0.0.0/99"}, {"ip_address": "x"}, {"mac_address": "fa:16:3e:00:00:01"}, {"ip_address": ""},
                 {"ip_address": "10.0.0.1", "mac_address": "zz"}, {"ip_address": "10.0.0.1", "mac_address": "01:00:5e:00:00:01"},
                 {"ip_address": "10.0.0.1\n", "mac_address": "fa:16:3e:00:00:01"}, {"ip_address": "10.0.0.1", "x": "y"}):
        r = ask(lab, "ann", "POST", "ports", {"port": {"network_id": net, "allowed_address_pairs": [pair]}})
        expect_status(r, 400, what=str(pair))


@case("OSSA-2014-039", "OSSA-2021-005", "GENERIC-36")
def values_that_reach_files(lab):
    """Line breaks and words of other programs are refused where a value ends in a file of theirs."""
    net, sub = own(lab, cidr="10.81.0.0/24")
    began = time.monotonic()
    for server in ("1" * 100000, "1." * 5000, "8.8.8.8\nport=0", "x", "8.8.8.8 #", ":" * 5000, "-8.8.8.8"):
        expect_status(ask(lab, "ann", "PUT", "subnets/" + sub, {"subnet": {"dns_nameservers": [server]}}), 400, what=repr(server[:30]))
    expect(time.monotonic() - began < 3, "a name server is read slowly")
    for body in ({"host_routes": [{"destination": "10.0.0.0/8\n", "nexthop": "10.81.0.9"}]}, {"gateway_ip": "10.81.0.1\n"},
                 {"allocation_pools": [{"start": "10.81.0.2\n", "end": "10.81.0.9"}]}):
        expect_status(ask(lab, "ann", "PUT", "subnets/" + sub, {"subnet": body}), 400, what=str(body))
    for body in ({"extra_dhcp_opts": [{"opt_name": "domain-name", "opt_value": "x\ndhcp-script=/bin/sh"}]},
                 {"extra_dhcp_opts": [{"opt_name": "x\ny", "opt_value": "z"}]}, {"dns_name": "x\ny"}, {"dns_name": "-x;y"},
                 {"mac_address": "fa:16:3e:00:00:0g"}, {"fixed_ips": [{"ip_address": "10.81.0.7\n"}]}):
        r = ask(lab, "ann", "POST", "ports", {"port": {"network_id": net, **body}})
        # What is kept with a line break the agent cuts (test/unit/agent/wishes.c).
        expect(r.status == 400 or "extra_dhcp_opts" in body and "domain-name" in str(body), f"{body}: {r.status}")


@case("OSSA-2014-031", "GENERIC-35", "GENERIC-10")
def attributes_of_administrators(lab):
    """To give them at all needs the right, whatever the value."""
    for members in ({"shared": True}, {"router:external": True}, {"provider:network_type": "vxlan"}, {"provider:segmentation_id": 5},
                    {"provider:physical_network": "public"}, {"project_id": "PROJECT"}):
        members = {k: lab.project("bob") if v == "PROJECT" else v for k, v in members.items()}
        expect_status(ask(lab, "ann", "POST", "networks", {"network": {"name": "x", **members}}), 400, 403, what=str(members))
    net, _ = own(lab, cidr="10.82.0.0/24")
    for members in ({"shared": False}, {"router:external": False}, {"provider:segmentation_id": None}, {"status": "ACTIVE"}, {"id": net}):
        expect_status(ask(lab, "ann", "PUT", "networks/" + net, {"network": members}), 400, 403, what=str(members))
    for members in ({"binding:host_id": "x"}, {"binding:profile": {"a": "b"}}, {"binding:vnic_type": "nonsense"}, {"status": "ACTIVE"}):
        expect_status(ask(lab, "ann", "POST", "ports", {"port": {"network_id": net, **members}}), 400, 403, what=str(members))


@case("GENERIC-65")
def rights_on_a_shared_network(lab):
    """A network that is shared gives addresses, not the right to pretend."""
    net = make(lab, "admin", "network", name=unique(), shared=True)["id"]
    make(lab, "admin", "subnet", network_id=net, cidr="10.83.0.0/24", ip_version=4)
    port = make(lab, "ann", "port", network_id=net)["id"]
    for members in ({"mac_address": "fa:16:3e:11:22:33"}, {"fixed_ips": [{"ip_address": "10.83.0.99"}]}, {"port_security_enabled": False},
                    {"allowed_address_pairs": [{"ip_address": "10.83.0.1"}]}):
        expect_status(ask(lab, "ann", "POST", "ports", {"port": {"network_id": net, **members}}), 403, what=str(members))
        expect_status(ask(lab, "ann", "PUT", "ports/" + port, {"port": members}), 403, what=f"update {members}")
    expect_status(ask(lab, "ann", "POST", "subnets", {"subnet": {"network_id": net, "cidr": "10.84.0.0/24", "ip_version": 4}}), 403, 404)


@case("OSSA-2012-005", "OSSA-2013-008", "GENERIC-09")
def quotas_under_load(lab):
    """Fifty at once, and room for three."""
    name, _ = lab.fresh_user(project=unique("small"))
    lab.token(name)
    project = lab.project(name)
    expect_status(ask(lab, "admin", "PUT", "quotas/" + project, {"quota": {"network": 3, "security_group_rule": 8}}), 200)
    got = []
    threads = [threading.Thread(target=lambda: got.append(ask(lab, name, "POST", "networks", {"network": {"name": "x"}}).status)) for _ in range(50)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    expect(got.count(201) == 3 and set(got) == {201, 409}, f"{got.count(201)} networks where 3 are allowed: {sorted(set(got))}")
    expect(len(ask(lab, name, "GET", "networks").json["networks"]) >= 3, "networks are missing")
    group = ask(lab, name, "GET", "security-groups").json["security_groups"][0]["id"]
    codes = [rule(lab, name, group, protocol="tcp", port_range_min=i, port_range_max=i).status for i in range(1, 12)]
    expect(409 in codes and codes.count(201) <= 8, f"rules beyond the quota: {codes}")


for _, _fn in CASES:
    if _fn.__module__ == __name__:
        _fn.needs = ("network",)
